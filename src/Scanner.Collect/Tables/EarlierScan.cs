using Scanner.Model;

namespace Scanner.Collect.Tables;

/// <summary>What an earlier scan read, as far as it is young enough to stand for a reading of this one.</summary>
/// <param name="Read">When it read a table of an account and region (as a <see cref="CollectionStatus"/> names them); only what it read whole, of tables that are
/// asked as they were then.</param>
/// <param name="Rows">The rows of a table, of all accounts and regions.</param>
public sealed record EarlierScan(
    IReadOnlyDictionary<(string Table, string Account, string Region), DateTimeOffset> Read,
    Func<string, IEnumerable<Resource>> Rows);
