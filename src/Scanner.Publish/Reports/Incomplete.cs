using Scanner.Model;

namespace Scanner.Publish.Reports;

/// <summary>Something that could not be read, and where: failures with the same operation and reason are one.</summary>
/// <param name="Outcome">How it ended.</param>
/// <param name="Operation"><c>service:Operation</c>; empty when there was none.</param>
/// <param name="Reason">As AWS said it: hostile.</param>
/// <param name="Tables">Tables concerned.</param>
/// <param name="Accounts">Accounts concerned.</param>
/// <param name="Regions">Regions concerned.</param>
/// <param name="Checks">Ids of checks that could not be assessed because of it.</param>
internal sealed record Incomplete(
    CollectionOutcome Outcome,
    string Operation,
    string Reason,
    IReadOnlyList<string> Tables,
    IReadOnlyList<string> Accounts,
    IReadOnlyList<string> Regions,
    IReadOnlyList<string> Checks)
{
    /// <summary>Everything that could not be read, what concerns most checks first.</summary>
    public static IReadOnlyList<Incomplete> Of(ScanReport report)
    {
        var checks = new Dictionary<(CollectionOutcome, string?, string?), SortedSet<string>>();
        var causes = new List<CollectionStatus>();
        foreach (var (finding, _) in FindingList.Tally(report.Findings))
        {
            foreach (var cause in finding.Causes)
            {
                var key = (cause.Outcome, cause.IsOfOneOperation ? cause.Operation : null, cause.Reason);
                if (!checks.TryGetValue(key, out var concerned))
                    checks[key] = concerned = new SortedSet<string>(StringComparer.Ordinal);
                concerned.Add(finding.Check);
                causes.Add(cause);
            }
        }
        return
        [
            .. report.Collection.Concat(causes).Where(c => c.IsIncomplete)
                .GroupBy(c => (c.Outcome, Operation: c.IsOfOneOperation ? c.Operation : null, c.Reason))
                .Select(g => new Incomplete(
                    g.Key.Outcome, g.Key.Operation ?? "", g.Key.Reason ?? "",
                    Distinct(g.Select(c => c.Table)), Distinct(g.Select(c => c.Account)), Distinct(g.Select(c => c.Region)),
                    checks.TryGetValue(g.Key, out var concerned) ? [.. concerned] : []))
                .OrderByDescending(i => i.Checks.Count).ThenBy(i => i.Operation, StringComparer.Ordinal)
                .ThenBy(i => i.Reason, StringComparer.Ordinal),
        ];
    }

    /// <summary>The same with refusals of one kind as one: what differs only in the operation, the account and the role that was refused.</summary>
    /// <param name="all">What <see cref="Of"/> gave.</param>
    public static IReadOnlyList<Incomplete> Together(IReadOnlyList<Incomplete> all) =>
    [
        .. all.GroupBy(one => (one.Outcome, Reason: CauseLine.Kind(one.Reason), Operation: CauseLine.IsRefusal(one.Reason) ? "" : one.Operation))
            .Select(group => group.Count() == 1 ? group.First() : new Incomplete(
                group.Key.Outcome, CauseLine.Several([.. group.Select(one => one.Operation).Where(operation => operation.Length > 0).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)]), group.Key.Reason,
                Distinct(group.SelectMany(one => one.Tables)), Distinct(group.SelectMany(one => one.Accounts)), Distinct(group.SelectMany(one => one.Regions)), Distinct(group.SelectMany(one => one.Checks))))
            .OrderByDescending(one => one.Checks.Count).ThenBy(one => one.Operation, StringComparer.Ordinal).ThenBy(one => one.Reason, StringComparer.Ordinal),
    ];

    private static List<string> Distinct(IEnumerable<string> values) =>
        [.. values.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
}
