using System.Text.RegularExpressions;
using Scanner.Model;

namespace Scanner.Publish.Reports;

/// <summary>
/// What could not be read, a line a cause: refusals of one identity for one reason are one, however many operations they were of.
/// </summary>
/// <param name="Outcome">How it ended.</param>
/// <param name="Operations">Operations, the first few by name; empty where the cause is none's own.</param>
/// <param name="Reason">The whole reason, without what differs between the operations; hostile.</param>
/// <param name="Places">In how many accounts and regions.</param>
public sealed partial record CauseLine(CollectionOutcome Outcome, string Operations, string Reason, int Places)
{
    private const int Named = 3;

    /// <summary>The lines, those of most places first.</summary>
    /// <param name="report">Of a scan.</param>
    public static IReadOnlyList<CauseLine> Of(ScanReport report) =>
    [
        .. report.Collection.Where(status => status.IsIncomplete)
            .GroupBy(status => (status.Outcome, Reason: Common(status.Reason ?? "")) is var cause && cause.Reason != (status.Reason ?? "") || !status.IsOfOneOperation
                ? (cause.Outcome, cause.Reason, Operation: "")
                : (cause.Outcome, cause.Reason, Operation: status.Operation ?? ""))
            .Select(group => new CauseLine(group.Key.Outcome,
                group.First().IsOfOneOperation ? Several([.. group.Select(status => status.Operation).OfType<string>().Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)]) : "",
                group.Key.Reason, group.Select(status => (status.Account, status.Region)).Distinct().Count()))
            .OrderByDescending(line => line.Places).ThenBy(line => line.Operations, StringComparer.Ordinal).ThenBy(line => line.Reason, StringComparer.Ordinal),
    ];

    /// <summary>IAM's sentence without the operation and resource that it names: who may not, and by which statement.</summary>
    private static string Common(string reason)
    {
        var said = Refusal().Match(reason);
        return said.Success ? $"{said.Groups["who"].Value} is not authorized{said.Groups["why"].Value}" : reason;
    }

    /// <summary>Whether a reason is IAM's sentence about an operation.</summary>
    /// <param name="reason">As AWS said it.</param>
    internal static bool IsRefusal(string reason) => Refusal().IsMatch(reason);

    /// <summary>A reason without what differs between operations and accounts.</summary>
    /// <param name="reason">As AWS said it.</param>
    internal static string Kind(string reason) => AccountId().Replace(Common(reason), "ACCOUNT");

    internal static string Several(IReadOnlyList<string> operations) => operations.Count <= Named
        ? string.Join(", ", operations)
        : FormattableString.Invariant($"{string.Join(", ", operations.Take(Named))} and {operations.Count - Named} more");

    [GeneratedRegex(@"\b[0-9]{12}\b", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex AccountId();

    [GeneratedRegex(@"^(?<who>[A-Za-z.]+: User: \S+) is not authorized to perform: \S+( on resource: \S+)?(?<why>.*)$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture | RegexOptions.Singleline | RegexOptions.NonBacktracking)]
    private static partial Regex Refusal();
}
