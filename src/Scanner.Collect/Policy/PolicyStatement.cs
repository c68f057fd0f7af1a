namespace Scanner.Collect.Policy;

/// <summary>One statement of an IAM policy that allows.</summary>
/// <param name="Sid">Statement id, letters and digits only.</param>
/// <param name="Actions">IAM actions, sorted, none with a wildcard.</param>
/// <param name="Resources">ARNs or <c>*</c>, sorted.</param>
public sealed record PolicyStatement(string Sid, IReadOnlyList<string> Actions, IReadOnlyList<string> Resources);
