using Scanner.Model;
using Scanner.Publish.Text;

namespace Scanner.Publish.Reports;

/// <summary>How many findings there are of each severity and status.</summary>
internal sealed class ReportCounts
{
    private readonly int[,] _counts = new int[5, 5];

    /// <summary>Counts findings of a report.</summary>
    /// <param name="findings">Its findings.</param>
    /// <param name="isCounted">Whether one counts, as <see cref="FindingList.OrderBy"/> asks; null for all.</param>
    public ReportCounts(IEnumerable<Finding> findings, Func<Finding, bool>? isCounted = null)
    {
        foreach (var (shared, count) in FindingList.Tally(findings))
        {
            if (isCounted?.Invoke(shared) ?? true)
                _counts[(int)shared.Severity, (int)shared.Status] += count;
        }
    }

    /// <summary>Severities, worst first.</summary>
    public static IReadOnlyList<Severity> WorstFirst { get; } =
        [Severity.Critical, Severity.High, Severity.Medium, Severity.Low, Severity.Informational];

    /// <summary>Statuses in the order in which reports show them.</summary>
    public static IReadOnlyList<FindingStatus> Statuses { get; } =
        [FindingStatus.Fail, FindingStatus.Unknown, FindingStatus.Muted, FindingStatus.Pass, FindingStatus.NotApplicable];

    /// <summary>Findings of a severity and status.</summary>
    public int this[Severity severity, FindingStatus status] => _counts[(int)severity, (int)status];

    /// <summary>Findings of a status.</summary>
    public int this[FindingStatus status] => WorstFirst.Sum(s => this[s, status]);

    /// <summary>The word that sums the scan up: <c>fail</c> before <c>unknown</c> before <c>pass</c>.</summary>
    public string Status =>
        this[FindingStatus.Fail] > 0 ? "fail" : this[FindingStatus.Unknown] > 0 ? "unknown" : "pass";

    /// <summary>
    /// The word that sums a report up. For a gate only what the change introduces is a <c>fail</c>, and what is not whole, or saw nothing, is
    /// never a <c>pass</c>.
    /// </summary>
    /// <param name="report">Of a scan or of a gate.</param>
    public static string StatusOf(ScanReport report)
    {
        if (report.Gate is null)
            return new ReportCounts(report.Findings).Status;
        var counts = GateCounts.Of(report.Findings);
        if (counts.Introduced > 0)
            return "fail";
        return counts.Unknown > 0 || GateWording.SawNothing(report) || GateWording.IsPartial(report.Gate) ? "unknown" : "pass";
    }
}
