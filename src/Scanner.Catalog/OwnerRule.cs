using Scanner.Model;

namespace Scanner.Catalog;

/// <summary>Whose findings are: the first rule that matches a finding says it.</summary>
/// <param name="Account">Account id pattern; <c>*</c> for all.</param>
/// <param name="Resource">Resource id pattern, such as <c>arn:aws:s3:::acme-*</c>; <c>*</c> for all.</param>
/// <param name="Check">Check or rule id pattern; <c>*</c> for all.</param>
/// <param name="Tag">Key and value pattern of a tag that the resource has to carry; null where tags do not matter.</param>
/// <param name="Owner">Whose they are.</param>
public sealed record OwnerRule(string Account, string Resource, string Check, KeyValuePair<string, string>? Tag, Owner Owner);
