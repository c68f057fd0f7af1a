namespace Scanner.Catalog;

/// <summary>An accepted risk: findings that match it are muted until it expires.</summary>
/// <param name="Check">Check or rule id; <c>*</c> stands for any run of characters.</param>
/// <param name="Account">Account id pattern; <c>*</c> for all.</param>
/// <param name="Region">Region pattern; <c>*</c> for all.</param>
/// <param name="Resource">Resource id pattern, or in a plan address pattern (<c>aws_vpc.sandbox*</c>); <c>*</c> stands for any run of characters.</param>
/// <param name="Reason">Why the risk is accepted; required.</param>
/// <param name="Expires">Last day on which it holds (UTC); required.</param>
/// <param name="File">File that declares it.</param>
/// <param name="Line">Line in that file.</param>
public sealed record Mute(string Check, string Account, string Region, string Resource, string Reason, DateOnly Expires, string File, int Line);
