namespace Loopback.Aws;

/// <summary>An error for a reply function to throw; the server writes it in the protocol's own shape.</summary>
/// <param name="code">AWS error code.</param>
/// <param name="status">HTTP status.</param>
/// <param name="message">Message.</param>
public sealed class AwsError(string code, int status = 400, string message = "No.") : Exception(message)
{
    /// <summary>AWS error code.</summary>
    public string Code => code;

    /// <summary>HTTP status.</summary>
    public int Status => status;
}
