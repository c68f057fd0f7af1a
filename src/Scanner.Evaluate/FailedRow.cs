using Scanner.Catalog;
using Scanner.Evaluate.Gaps;
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
    public IReadOnlyList<CollectionStatus> CausesFor(CompiledCheck check, TableDefinition table) =>
        [.. Failures.Where(failure => check.Uses(table, DetailColumns.Lost(failure))).Select(failure => CauseOf(failure, table))];

    /// <summary>What an unknown finding says of one failure.</summary>
    public CollectionStatus CauseOf(ResourceFailure failure, TableDefinition table) =>
        new(Table, Account, table.Scope == TableScope.Account ? CollectionStatus.Global : Region, failure.Outcome, failure.Operation, failure.Reason, [Resource]);
}
