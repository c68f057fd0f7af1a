using System.Runtime.CompilerServices;

namespace Scanner.Model;

/// <summary>Everything that a scan has to say; the one thing that Publish gets.</summary>
public sealed record ScanReport
{
    // Each section of each format asks for them; a copy that says something else works them out anew.
    private static readonly ConditionalWeakTable<ScanReport, IReadOnlyList<EvidenceCell>> Cells = [];

    /// <summary>The run itself.</summary>
    public required ScanSummary Scan { get; init; }

    /// <summary>Rules that ran, by id; each finding's <see cref="Finding.Check"/> is in here.</summary>
    public required IReadOnlyDictionary<string, RuleInfo> Rules { get; init; }

    /// <summary>All findings, of every status, in a stable order: worst severity first, then check, account, region, resource.</summary>
    public required IReadOnlyList<Finding> Findings { get; init; }

    /// <summary>Which sources were seen to deliver, by source, account and region; empty where nothing looked.</summary>
    public IReadOnlyList<EvidenceCell> Evidence => Cells.GetValue(this, report => EvidenceCell.Of(report.Findings, report.Rules, report.History?.Evidence ?? []));

    /// <summary>What was collected, and what could not be.</summary>
    public required IReadOnlyList<CollectionStatus> Collection { get; init; }

    /// <summary>How much of it earlier scans read (<c>--since-last</c>); null where this one read everything.</summary>
    public EarlierReadings? Earlier => EarlierReadings.Of(Collection, Findings);

    /// <summary>The controls of the frameworks that the scan was asked for, each with its answer; empty where none was.</summary>
    public IReadOnlyList<FrameworkResult> Frameworks { get; init; } = [];

    /// <summary>Days until findings of a severity are to be fixed, where the users say it; what is not here has Scanner's own.</summary>
    public IReadOnlyDictionary<Severity, int> DueDays { get; init; } = new Dictionary<Severity, int>();

    /// <summary>What a reader must know before all else, one line each: the scan was stopped, shipped checks were replaced. Plain text, hostile.</summary>
    public IReadOnlyList<string> Notices { get; init; } = [];

    /// <summary>What changed since the scan that it was compared with (<c>--baseline</c>); null where there was none.</summary>
    public SinceBaseline? Since { get; init; }

    /// <summary>What it hands on to the next scan; null where no history is kept.</summary>
    public ScanHistory? History { get; init; }

    /// <summary>Addresses of the issues that were published for it, by check and account; empty before, and where none were.</summary>
    public IReadOnlyDictionary<(string Check, string Account), Uri> Issues { get; init; } = new Dictionary<(string Check, string Account), Uri>();

    /// <summary>What <c>scanner gate</c> looked at; null for a scan.</summary>
    public GateSummary? Gate { get; init; }
}
