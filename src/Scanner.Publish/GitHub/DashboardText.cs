using System.Globalization;
using System.Text;
using Scanner.Model;
using Scanner.Publish.Reports;
using Scanner.Publish.Text;

namespace Scanner.Publish.GitHub;

/// <summary>
/// Text of the dashboard: what to do first, what is due, how it goes, the coverage matrix, whose what is, benchmarks, and what could not be read. What matters
/// most is whole; of the rest as much as an issue holds, and what is left out is said.
/// </summary>
internal static class DashboardText
{
    private const int MostDue = 25;
    private const int MostNumbers = 10;
    private const int MostOwners = 20;
    private const int MostCauses = 10;
    private const int MostAccounts = 40;
    private const int MostApart = 3;

    /// <summary>The text, of at most so many characters.</summary>
    /// <param name="report">A scan.</param>
    /// <param name="issues">Addresses of the issues there are, by check and account.</param>
    /// <param name="open">Our open issues on GitHub.</param>
    /// <param name="options">Where it is published.</param>
    /// <param name="room">Characters.</param>
    public static string Of(ScanReport report, IReadOnlyDictionary<(string Check, string Account), Uri>? issues, IReadOnlyList<IssueReply> open, GitHubOptions options, int room)
    {
        var whole = Wording.WholeReport(options.Reports);
        var foot = Links(report, options) + "\n\n---\n\n<sub>Kept up to date by Scanner: each run writes this text anew, and leaves what stands above and below it. Close the issue to have it left alone.</sub>\n";
        var sections = new List<MarkdownSection?>
        {
            new("Overview", MarkdownReport.FirstScreenOf(report, issues)) { IsVital = true },
            Due(open, DateOnly.FromDateTime(options.Clock.GetUtcNow().UtcDateTime)),
            TrendPicture(report),
            Coverage(report, options, whole),
            Owners(report),
            MarkdownReport.Unassessed(report, MostCauses, whole),
            Benchmarks(report),
        };
        return MarkdownFit.Join([.. sections.OfType<MarkdownSection>()], room - foot.Length, text => text.Length, "GitHub takes no more than 65,536 characters", whole) + foot;
    }

    private static string Links(ScanReport report, GitHubOptions options)
    {
        var links = new List<string>();
        if (options.RepositoryUrl is { } page)
        {
            var query = $"{page.AbsoluteUri}issues?q=is%3Aissue+is%3Aopen+label%3A{LabelSpec.Scanner.Name}";
            links.Add($"[Open issues]({query})");
            links.Add($"[incidents]({query}+label%3A{LabelSpec.Incident.Name})");
            links.Add($"[critical]({query}+label%3Aseverity%3Acritical)");
            links.Add($"[overdue]({query}+label%3A{LabelSpec.Overdue.Name})");
            links.Add($"[accepted risks]({page.AbsoluteUri}issues?q=is%3Aissue+is%3Aclosed+reason%3A%22not+planned%22+label%3A{LabelSpec.Scanner.Name})");
        }
        if (options.RunUrl is { } run)
            links.Add($"[the run, with its reports]({run.AbsoluteUri})");
        var took = report.Scan.Duration > TimeSpan.Zero ? string.Create(CultureInfo.InvariantCulture, $" and took {(report.Scan.Duration.TotalMinutes < 2 ? $"{report.Scan.Duration.TotalSeconds:0} s" : $"{report.Scan.Duration.TotalMinutes:0} min")}") : "";
        return string.Create(CultureInfo.InvariantCulture, $"\n{string.Join(" · ", links)}{(links.Count > 0 ? "\n\n" : "")}The last scan looked at {report.Scan.Time.UtcDateTime:yyyy-MM-dd HH:mm} UTC{took}.");
    }

    // What is overdue first, then what is due next.
    private static MarkdownSection? Due(IReadOnlyList<IssueReply> open, DateOnly today)
    {
        var due = open.Select(issue => (Issue: issue, Day: IssueFields.DueOf(issue))).Where(one => one.Day is not null).OrderBy(one => one.Day).ThenBy(one => one.Issue.Number).ToList();
        if (due.Count == 0)
            return null;
        var (over, soon) = (due.Count(one => one.Day < today), due.Count(one => one.Day >= today && one.Day <= today.AddDays(7)));
        var made = new StringBuilder().Append(CultureInfo.InvariantCulture, $"**{over} overdue**, {soon} due within 7 days, {due.Count} with a day.\n\n| Due | Issue | Whose |\n|---|---|---|\n");
        foreach (var (issue, day) in due.Take(MostDue))
        {
            var whose = issue.Assignees.Select(person => Markdown.Code(person.Login)).Concat(issue.Labels.Where(label => label.Name.StartsWith(LabelSpec.Owner, StringComparison.Ordinal)).Select(label => Markdown.Code(label.Name[LabelSpec.Owner.Length..])));
            made.Append(CultureInfo.InvariantCulture, $"| {day:yyyy-MM-dd}{(day < today ? $" **{today.DayNumber - day!.Value.DayNumber} days over**" : "")} | #{issue.Number} {Markdown.Text(SafeText.Cut(issue.Title, 160))} | {string.Join(", ", whose.Take(3))} |\n");
        }
        if (due.Count > MostDue)
            made.Append(CultureInfo.InvariantCulture, $"\nand {due.Count - MostDue} more, due later\n");
        return new MarkdownSection("Due", made.ToString(), "Due") { IsVital = true };
    }

    // GitHub draws it; what cannot be drawn reads the line of the first screen, which says the same.
    private static MarkdownSection? TrendPicture(ScanReport report)
    {
        var scans = Trend.Of(report);
        if (scans.Count < 2)
            return null;
        var shares = scans.Select(scan => Math.Round(scan.Share!.Value, 1)).ToList();
        var (low, high) = (Math.Max(0, Math.Floor(shares.Min()) - 2), Math.Min(100, Math.Ceiling(shares.Max()) + 2));
        // Mermaid's own line is nearly white, and between few numbers it puts fractions.
        var axis = scans.Count > MostNumbers ? string.Create(CultureInfo.InvariantCulture, $"1 --> {scans.Count}") : $"[{string.Join(", ", Enumerable.Range(1, scans.Count).Select(number => $"\"{number}\""))}]";
        const string Colors = """%%{init: {"themeVariables": {"xyChart": {"plotColorPalette": "#2f81f7"}}}}%%""";
        var chart = string.Create(CultureInfo.InvariantCulture, $"""
            {Colors}
            xychart-beta
                title "Settings that pass, in %, {scans[0].Time.UtcDateTime:yyyy-MM-dd} to {scans[^1].Time.UtcDateTime:yyyy-MM-dd}"
                x-axis "scans" {axis}
                y-axis "%" {low} --> {high}
                line [{string.Join(", ", shares)}]
            """);
        return new MarkdownSection("Trend", Markdown.Fence(chart, "mermaid") + "\n", "Trend");
    }

    private static MarkdownSection? Coverage(ScanReport report, GitHubOptions options, string whole)
    {
        if (CoverageMarkdown.Section(report, MostAccounts, MostApart, whole) is not { } section)
            return null;
        return options.DashboardImage is { } image && Markdown.Target(image.AbsoluteUri) is { } target
            ? section with { Text = $"[![Logging sources of the accounts, the worst first; the tables below say the same]({target})]({target})\n\n{section.Text}" }
            : section;
    }

    // Whose what fails is, those with the most urgent first; nothing where no owners.yml says it.
    private static MarkdownSection? Owners(ScanReport report)
    {
        var groups = report.Findings.Where(finding => finding is { Status: FindingStatus.Fail, Kind: FindingKind.Posture }).GroupBy(finding => OwnerText.Of(finding.Owner), StringComparer.Ordinal)
            .OrderByDescending(group => group.Count(finding => finding.Severity == Severity.Critical)).ThenByDescending(group => group.Count(finding => finding.Severity == Severity.High))
            .ThenByDescending(group => group.Count()).ThenBy(group => group.Key, StringComparer.Ordinal).ToList();
        if (groups.TrueForAll(group => group.Key.Length == 0))
            return null;
        var made = new StringBuilder("| Owner | critical | high | all that fails |\n|---|--:|--:|--:|\n");
        foreach (var group in groups.Take(MostOwners))
        {
            made.Append("| ").Append(group.Key.Length > 0 ? Markdown.Code(group.Key) : "nobody").Append(CultureInfo.InvariantCulture,
                $" | {group.Count(finding => finding.Severity == Severity.Critical)} | {group.Count(finding => finding.Severity == Severity.High)} | {group.Count()} |\n");
        }
        if (groups.Count > MostOwners)
            made.Append(CultureInfo.InvariantCulture, $"\nand {groups.Count - MostOwners} more\n");
        return new MarkdownSection("Whose it is", made.ToString(), "Whose it is");
    }

    private static MarkdownSection? Benchmarks(ScanReport report) => report.Frameworks.Count == 0 ? null
        : new MarkdownSection("Benchmarks", string.Concat(report.Frameworks.Select(framework => $"- {Markdown.Text(framework.Title)}: {ControlMarkdown.Counts(framework)}\n")), "Benchmarks");
}
