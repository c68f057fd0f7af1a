namespace Scanner.Model;

/// <summary>One item that AWS returned, as it goes into the store.</summary>
/// <param name="Table">Table name, such as <c>aws_s3_bucket</c>.</param>
/// <param name="Account">Twelve-digit account id.</param>
/// <param name="Region">Region code, or <c>global</c>.</param>
/// <param name="Id">What identifies the item within table, account and region; an ARN where AWS gives one.</param>
/// <param name="Item">The item as a JSON object in the shape that the AWS CLI prints, with the replies of detail
/// calls under the names that the table file gives them.</param>
/// <param name="Failures">Detail calls that failed for this item; empty when the item is complete.</param>
public sealed record Resource(
    string Table,
    string Account,
    string Region,
    string Id,
    string Item,
    IReadOnlyList<ResourceFailure> Failures);

/// <summary>A detail call that failed for one resource: the columns that come from it are not known.</summary>
/// <param name="Detail">The name under which the reply would have been stored in the item (<c>as:</c> in the table file). With <see cref="CollectionOutcome.Planned"/>, which a Terraform plan gives, it is the name of the one column
/// that is not known.</param>
/// <param name="Outcome">Why it failed; never <see cref="CollectionOutcome.Ok"/>.</param>
/// <param name="Operation"><c>service:Operation</c>.</param>
/// <param name="Reason">Error code and message as AWS gave them (hostile text), or our own words.</param>
public sealed record ResourceFailure(string Detail, CollectionOutcome Outcome, string Operation, string Reason);
