namespace Scanner.Collect.Tables;

/// <summary>What a collection covered.</summary>
/// <param name="Regions">By account id: the regions that were asked, sorted.</param>
/// <param name="Disabled">By account id: regions that were named and could not be asked, because they are not enabled.</param>
/// <param name="Resources">Rows handed to the sink.</param>
public sealed record CollectionResult(
    IReadOnlyDictionary<string, IReadOnlyList<string>> Regions,
    IReadOnlyDictionary<string, IReadOnlyList<string>> Disabled,
    long Resources);
