namespace Scanner.Catalog;

/// <summary>A list of pairs in a reply that is turned into an object, such as load balancer attributes.</summary>
/// <param name="Items">Where the list is.</param>
/// <param name="Key">Member that holds the name.</param>
/// <param name="Value">Member that holds the value.</param>
public sealed record TablePairs(ItemPath Items, string Key, string Value);
