namespace Scanner.Model;

/// <summary>How to fix a failing check, in the three places where people work. Each is markdown text or null.</summary>
/// <param name="Console">Steps in the AWS console.</param>
/// <param name="Cli">AWS CLI commands.</param>
/// <param name="Terraform">Terraform configuration.</param>
public sealed record Remediation(string? Console, string? Cli, string? Terraform);
