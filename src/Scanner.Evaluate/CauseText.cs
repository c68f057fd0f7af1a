using System.Globalization;
using Scanner.Model;

namespace Scanner.Evaluate;

/// <summary>Says in words what could not be read.</summary>
internal static class CauseText
{
    private const int Most = 3;

    /// <summary>One sentence, with operation and reason as AWS gave them.</summary>
    public static string Of(IReadOnlyList<CollectionStatus> causes)
    {
        // The same failure in seventeen regions is said once.
        var groups = causes.GroupBy(cause => (cause.Table, cause.Outcome, cause.Operation, cause.Reason)).ToList();
        var parts = groups.Take(Most).Select(group => Part(group.Key.Table, group.Key.Outcome, group.Key.Operation, group.Key.Reason,
            [.. group.Select(cause => cause.Region).Distinct(StringComparer.Ordinal)]));
        var text = string.Join("; ", parts);
        return groups.Count > Most ? string.Create(CultureInfo.InvariantCulture, $"{text}; and {groups.Count - Most} more reasons") : text;
    }

    private static string Part(string table, CollectionOutcome outcome, string? operation, string? reason, List<string> regions)
    {
        var where = regions is ["global"] ? ""
            : regions.Count <= Most ? " in " + string.Join(", ", regions)
            : string.Create(CultureInfo.InvariantCulture, $" in {regions.Count} regions");
        // The reason names the address and what it depends on: the table's name would add nothing.
        if (outcome == CollectionOutcome.Planned && !string.IsNullOrEmpty(reason))
            return reason.ReplaceLineEndings(" ");
        if (operation is null)
            return $"{table} could not be judged{where}: {reason?.ReplaceLineEndings(" ") ?? "no reason given"}";
        var verb = outcome switch
        {
            CollectionOutcome.Denied => "was denied",
            CollectionOutcome.Throttled => "was throttled",
            CollectionOutcome.Disabled => "is not available",
            CollectionOutcome.Unanswered => "did not answer",
            CollectionOutcome.Expired or CollectionOutcome.Stopped => "was not done",
            _ => "failed",
        };
        return string.IsNullOrEmpty(reason)
            ? $"{table} could not be read{where}: {operation} {verb}"
            : $"{table} could not be read{where}: {operation} {verb} ({reason.ReplaceLineEndings(" ")})";
    }
}
