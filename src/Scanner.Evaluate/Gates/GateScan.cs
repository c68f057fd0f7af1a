using Scanner.Model;

namespace Scanner.Evaluate.Gates;

/// <summary>What an earlier scan knows of the rest of the account.</summary>
/// <param name="Resources">Its rows.</param>
/// <param name="Collection">How they were collected.</param>
public sealed record GateScan(IReadOnlyList<Resource> Resources, IReadOnlyList<CollectionStatus> Collection);
