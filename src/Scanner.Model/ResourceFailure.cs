namespace Scanner.Model;

/// <summary>A detail call that failed for one resource: the columns that come from it are not known.</summary>
/// <param name="Detail">The name under which the reply would have been stored in the item (<c>as:</c> in the table file). With <see cref="CollectionOutcome.Planned"/>, which a Terraform plan gives, it is the name of the one column
/// that is not known.</param>
/// <param name="Outcome">Why it failed; never <see cref="CollectionOutcome.Ok"/>.</param>
/// <param name="Operation"><c>service:Operation</c>.</param>
/// <param name="Reason">Error code and message as AWS gave them (hostile text), or our own words.</param>
public sealed record ResourceFailure(string Detail, CollectionOutcome Outcome, string Operation, string Reason);
