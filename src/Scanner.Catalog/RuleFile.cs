namespace Scanner.Catalog;

/// <summary>A Sigma file of the catalog, unparsed: Evaluate knows Sigma, the catalog only finds the files.</summary>
/// <param name="File">Path relative to the catalog's root, with forward slashes, for messages.</param>
/// <param name="Path">Full path.</param>
public sealed record RuleFile(string File, string Path)
{
    /// <summary>Values of the <c>id</c> keys at the start of a line, in order: the rules that the file declares.</summary>
    public IReadOnlyList<string> Ids { get; init; } = [];

    /// <summary>
    /// Whether the <c>tests</c> of its rules are left aside unparsed: the most of each shipped file, which only <c>checks test</c> reads.
    /// Not for files of others, whose broken tests are to be told at once.
    /// </summary>
    public bool LeavesTests { get; init; }
}
