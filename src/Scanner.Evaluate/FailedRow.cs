using Scanner.Catalog;
using Scanner.Model;

namespace Scanner.Evaluate;

/// <summary>A row of a table some of whose details could not be read.</summary>
/// <param name="Table">Its table.</param>
/// <param name="Account">Its account.</param>
/// <param name="Region">Its own region.</param>
/// <param name="Resource">Its id.</param>
/// <param name="Failures">What failed.</param>
internal sealed record FailedRow(string Table, string Account, string Region, string Resource, IReadOnlyList<ResourceFailure> Failures)
{
    /// <summary>What an unknown finding says of it, as far as a check uses it; empty when the check does not.</summary>
    public IReadOnlyList<CollectionStatus> CausesFor(CompiledCheck check, TableDefinition table)
    {
        var region = table.Scope == TableScope.Account ? CollectionStatus.Global : Region;
        return [.. Failures.Where(failure => failure.Outcome == CollectionOutcome.Planned ? check.UsesColumn(table, failure.Detail) : check.Uses(table, failure.Detail))
            .Select(failure => new CollectionStatus(Table, Account, region, failure.Outcome, failure.Operation, failure.Reason, [Resource]))];
    }
}
