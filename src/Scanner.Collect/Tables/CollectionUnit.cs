using Scanner.Catalog;
using Scanner.Model;

namespace Scanner.Collect.Tables;

/// <summary>The smallest piece of work with a status of its own: one table in one account and region.</summary>
/// <param name="Table">The table.</param>
/// <param name="Account">The account.</param>
/// <param name="Region">Region that is asked; the partition's home region for a table of scope account.</param>
internal sealed record CollectionUnit(CompiledTable Table, CollectionAccount Account, string Region)
{
    /// <summary>Region under which the status stands.</summary>
    public string StatusRegion => Table.Table.Scope == TableScope.Account ? CollectionStatus.Global : Region;
}
