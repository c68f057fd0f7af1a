using System.Globalization;
using System.Text.Json;
using Scanner.Model;
using Scanner.Publish.Text;

namespace Scanner.Publish.Reports;

/// <summary>
/// SARIF 2.1.0 (OASIS standard) within the limits of GitHub code scanning ("SARIF support for code scanning": 25,000
/// results and 25,000 rules a run, 20 tags a rule). Failing findings are results; unknown ones are results of kind
/// <c>open</c> and level <c>none</c>; muted ones carry a suppression. Passes are left out. What does not fit is
/// counted in a notification of the run. Findings of a gate are where the Terraform is written, with <c>baselineState</c> new for what the change
/// introduces, unchanged for what was there and absent for what it fixes or removes; the address is the logical location. So do those of a scan whose
/// resource a Terraform state names. All others stand in the workflow that ran Scanner: a file that the repository has.
/// </summary>
internal sealed class SarifReport : IReportFormat
{
    /// <summary>GitHub takes no more results in one run.</summary>
    public const int MaxResults = 25_000;

    /// <summary>GitHub takes no more tags on a rule.</summary>
    public const int MaxTags = 20;

    /// <summary>GitHub shows no more tags of a rule.</summary>
    public const int ShownTags = 10;

    private const int MaxNotifications = 1_000;

    /// <summary>What a result of kind <c>open</c> begins with.</summary>
    internal const string Unassessed = "Could not be assessed: ";

    private const int MaxRuns = 20;

    // The file that most repositories have.
    private const string OutsideOfActions = "README.md";

    // GitHub shows about so much of a message; the rest is in the report.
    private const int MaxMessage = 1_000;

    /// <inheritdoc />
    public string Name => "sarif";

    /// <inheritdoc />
    public async Task WriteAsync(ScanReport report, Stream output, CancellationToken cancellation)
    {
        await using var json = new Utf8JsonWriter(output, JsonText.Indented);
        json.WriteStartObject();
        json.WriteString("$schema", "https://json.schemastore.org/sarif-2.1.0.json");
        json.WriteString("version", "2.1.0");
        json.WriteStartArray("runs");
        foreach (var (category, part) in Runs(report))
            await WriteRunAsync(json, part, category, cancellation);
        json.WriteEndArray();
        json.WriteEndObject();
        await json.FlushAsync(cancellation);
    }

    /// <summary>
    /// The runs of a report, each with its category. Code scanning takes what is missing from an upload of a category for fixed, so a category says
    /// what was asked and nothing of what was found; accounts that were named are a category each, so that one more or one fewer closes nothing.
    /// </summary>
    internal static IEnumerable<(string Category, ScanReport Part)> Runs(ScanReport report)
    {
        if (report.Gate is { } gate)
            return [(Category(gate), report)];
        var scope = "scanner/" + (report.Scan.Scope.Length > 0 ? report.Scan.Scope + "/" : "");
        if (!report.Scan.AccountsNamed)
            return [(scope, report)];
        // GitHub takes twenty runs in a file; more accounts share runs, always the same ones.
        return report.Scan.Accounts
            .GroupBy(account => report.Scan.Accounts.Count <= MaxRuns ? account : Bucket(account), StringComparer.Ordinal)
            .Select(group => ($"{scope}account-{group.Key}/", report with
            {
                Findings = [.. report.Findings.Where(finding => group.Contains(finding.Account))],
                Collection = [.. report.Collection.Where(status => group.Contains(status.Account))],
            }));
    }

    private static string Bucket(string account) =>
        string.Create(CultureInfo.InvariantCulture, $"bucket-{account.Aggregate(0, (sum, digit) => (sum * 31 + digit) % MaxRuns):00}");

    private static async Task WriteRunAsync(Utf8JsonWriter json, ScanReport report, string category, CancellationToken cancellation)
    {
        // Stable: within a status the report's own order (worst first) stands, so what is cut is the least bad.
        var all = FindingList.OrderBy(
            report.Findings.Where(f => f.Status is FindingStatus.Fail or FindingStatus.Unknown or FindingStatus.Muted || IsGone(f)),
            f => f.Status switch { FindingStatus.Fail => f.Change == FindingChange.Existing ? 2 : 0, FindingStatus.Unknown => 1, FindingStatus.Muted => 3, _ => 4 });
        var results = all.Take(MaxResults).ToList();
        var rules = report.Rules.Values.OrderBy(r => r.Id, StringComparer.Ordinal).ToList();
        var ruleIndex = rules.Select((r, i) => (r.Id, i)).ToDictionary(p => p.Id, p => p.i, StringComparer.Ordinal);

        json.WriteStartObject();
        json.WriteStartObject("tool");
        json.WriteStartObject("driver");
        json.WriteString("name", "Scanner");
        json.WriteString("informationUri", "https://github.com/aws-scanner/scanner");
        if (report.Scan.Version.Length > 0)
        {
            json.Text("version", report.Scan.Version);
            json.Text("semanticVersion", report.Scan.Version);
        }
        json.WriteStartArray("rules");
        foreach (var rule in rules)
            WriteRule(json, rule);
        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteStartObject("automationDetails");
        json.Text("id", category);
        json.WriteEndObject();
        WriteInvocation(json, report, all.Count);
        json.WriteStartArray("results");
        foreach (var finding in results)
        {
            WriteResult(json, report, finding, ruleIndex);
            if (json.BytesPending > JsonText.FlushAt)
                await json.FlushAsync(cancellation);
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteRule(Utf8JsonWriter json, RuleInfo rule)
    {
        json.WriteStartObject();
        json.Text("id", rule.Id);
        json.Text("name", rule.Title);
        json.WriteStartObject("shortDescription");
        json.Text("text", SafeText.Cut(SafeText.Words(rule.Fault), 1024));
        json.WriteEndObject();
        var why = RichMarkdown.Plain(rule.Why);
        json.WriteStartObject("fullDescription");
        json.Text("text", SafeText.Cut(why.Length > 0 ? SafeText.Words(why) : SafeText.Words(rule.Title), 1024));
        json.WriteEndObject();
        if (rule.References.Select(r => Markdown.Target(r) is null ? null : new Uri(r).AbsoluteUri).FirstOrDefault(r => r is not null) is { } help)
            json.Text("helpUri", help);
        json.WriteStartObject("help");
        json.Text("text", why.Length > 0 ? why : rule.Title);
        json.Text("markdown", RuleMarkdown.Explain(rule));
        json.WriteEndObject();
        json.WriteStartObject("defaultConfiguration");
        json.WriteString("level", Level(rule.Severity));
        json.WriteEndObject();
        json.WriteStartObject("properties");
        json.WriteString("precision", "high");
        json.WriteString("problem.severity", Level(rule.Severity) is "note" ? "recommendation" : Level(rule.Severity));
        json.WriteString("security-severity", Score(rule.Severity));
        json.Texts("tags", Tags(rule));
        json.Texts("controls", rule.Controls.Select(c => c.ToString()));
        json.WriteEndObject();
        json.WriteEndObject();
    }

    // What people filter by comes first, and of several versions of a benchmark the newest alone: the others are among the properties.
    private static IEnumerable<string> Tags(RuleInfo rule) =>
        new[] { "security", "aws", rule.Service }
            .Concat(rule.Mitre.Where(id => AttackMatrix.IsTechniqueId(id)))
            .Concat(rule.Controls.GroupBy(c => Benchmark(c.Framework).Name, StringComparer.Ordinal)
                .OrderByDescending(group => group.Key.StartsWith("cis-", StringComparison.Ordinal)).ThenBy(group => group.Key, StringComparer.Ordinal)
                .Select(group => group.OrderByDescending(c => Benchmark(c.Framework).Version).First().ToString()))
            .Where(tag => tag.Length > 0).Distinct(StringComparer.Ordinal).Take(ShownTags);

    private static (string Name, Version Version) Benchmark(string framework)
    {
        var at = framework.LastIndexOf('-');
        return at > 0 && Version.TryParse(framework[(at + 1)..], out var version) ? (framework[..at], version) : (framework, new Version(0, 0));
    }

    private static void WriteInvocation(Utf8JsonWriter json, ScanReport report, int wanted)
    {
        json.WriteStartArray("invocations");
        json.WriteStartObject();
        json.WriteBoolean("executionSuccessful", true);
        if (report.Scan.Parameters.Length > 0)
            json.Text("commandLine", "scanner scan " + report.Scan.Parameters);
        if (report.Scan.Started is { } started)
            json.WriteString("startTimeUtc", Utc(started));
        json.WriteString("endTimeUtc", Utc(report.Scan.Ended ?? report.Scan.Time));
        json.WriteStartObject("properties");
        json.WriteString("stateOf", Utc(report.Scan.Time));
        if (report.Scan.Caller.Length > 0)
            json.Text("caller", report.Scan.Caller);
        json.Texts("accounts", report.Scan.Accounts.Take(500));
        json.Texts("regions", report.Scan.Regions);
        json.Texts("services", report.Scan.Services);
        json.WriteEndObject();
        json.WriteStartArray("toolExecutionNotifications");
        if (wanted > MaxResults)
        {
            WriteNotification(json, "warning", string.Create(CultureInfo.InvariantCulture,
                $"{wanted - MaxResults} more results are left out: GitHub code scanning takes {MaxResults} a run. The JSON report holds all of them."));
        }
        foreach (var warning in report.Gate is { } gate ? Warnings(report, gate).Take(MaxNotifications) : [])
            WriteNotification(json, "warning", warning);
        var incomplete = report.Collection.Where(c => c.IsIncomplete).ToList();
        foreach (var status in incomplete.Take(MaxNotifications))
        {
            WriteNotification(json, "warning",
                $"{status.Table} in account {status.Account}, region {status.Region} was not collected: {Names.Of(status.Outcome)}: {status.Operation}: {status.Reason}");
        }
        if (incomplete.Count > MaxNotifications)
        {
            WriteNotification(json, "warning", string.Create(CultureInfo.InvariantCulture,
                $"{incomplete.Count - MaxNotifications} more tables were not collected; the JSON report names them."));
        }
        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteEndArray();
    }

    private static string Utc(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    private static IEnumerable<string> Warnings(ScanReport report, GateSummary gate)
    {
        if (GateWording.SawNothing(report))
            yield return GateWording.Verdict(report);
        foreach (var plan in gate.Plans)
        {
            foreach (var reason in GateWording.Wholeness(plan))
                yield return $"{plan.Name}: {reason}";
        }
        foreach (var rule in gate.ChangesOwnRules)
            yield return $"The pull request changes what it is judged by: {rule}";
        foreach (var note in gate.Notes)
            yield return note;
    }

    private static void WriteNotification(Utf8JsonWriter json, string level, string text)
    {
        json.WriteStartObject();
        json.WriteString("level", level);
        json.WriteStartObject("message");
        json.Text("text", Message(text));
        json.WriteEndObject();
        json.WriteEndObject();
    }

    // One analysis for each stack: GitHub keeps the last of each category, and refuses two of one in a run.
    private static string Category(GateSummary gate) =>
        "scanner-gate/" + Uri.EscapeDataString(JsonText.WellFormed(gate.Name.Length > 0 ? gate.Name : string.Join('+', gate.Plans.Take(20).Select(plan => plan.File)))) + "/";

    private static bool IsGone(Finding finding) => finding.Change is FindingChange.Fixed or FindingChange.Removed;

    // Code scanning refuses a whole file for one result without a path (github/codeql-action issue 2459: "expected at least one location"; "expected a
    // physical location"). A setting of an account is in no file of the repository: it stands in the workflow that looked, which is there.
    private static void WriteLocations(Utf8JsonWriter json, Finding finding, ScanSummary scan)
    {
        json.WriteStartArray("locations");
        json.WriteStartObject();
        json.WriteStartObject("physicalLocation");
        json.WriteStartObject("artifactLocation");
        json.WriteString("uri", finding.Location is { } at ? Relative(at.File) : scan.Workflow.Length > 0 ? Relative(scan.Workflow) : OutsideOfActions);
        json.WriteEndObject();
        json.WriteStartObject("region");
        json.WriteNumber("startLine", Math.Max(1, finding.Location?.Line ?? 1));
        if (finding.Location is { } to && to.EndLine > to.Line)
            json.WriteNumber("endLine", to.EndLine);
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteStartArray("logicalLocations");
        json.WriteStartObject();
        // Of an event, what it was done to or who did it: an id of an event is no resource.
        json.Text("fullyQualifiedName", finding.Address ?? EventFacts.ThingOf(finding));
        json.WriteString("kind", "resource");
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteEndArray();
    }

    private static string? BaselineState(Finding finding) => finding.Change switch
    {
        FindingChange.Introduced or FindingChange.New => "new",
        FindingChange.Existing or FindingChange.Still => "unchanged",
        FindingChange.Fixed or FindingChange.Removed => "absent",
        _ => null,
    };

    private static void WriteResult(Utf8JsonWriter json, ScanReport report, Finding finding, Dictionary<string, int> ruleIndex)
    {
        var (rule, isGate) = (report.Rules.GetValueOrDefault(finding.Check), report.Gate is not null);
        json.WriteStartObject();
        json.Text("ruleId", finding.Check);
        if (ruleIndex.TryGetValue(finding.Check, out var index))
            json.WriteNumber("ruleIndex", index);
        json.WriteString("kind", finding.Status == FindingStatus.Unknown ? "open" : "fail");
        json.WriteString("level", finding.Status == FindingStatus.Unknown ? "none" : Level(finding.Severity));
        json.WriteStartObject("message");
        var said = finding.Message.Length > 0 ? finding.Message : rule?.TitleOf(finding.Status) ?? finding.Check;
        var unknown = finding.Status != FindingStatus.Unknown ? "" : isGate ? "Cannot be told before apply: " : Unassessed;
        var module = finding.Location?.Module is { } call ? $", {call}" : "";
        var causes = finding.CausedBy.Where(cause => cause != finding.Address).Take(3).ToList();
        var by = causes.Count > 0 && finding.Change != FindingChange.Unknown ? $", by the change of {string.Join(", ", causes)}" : "";
        var where = $" ({finding.Address ?? EventText.Of(finding)}{module}{by}, account {finding.Account}, region {finding.Region})";
        json.Text("text", Message(SafeText.Cut(unknown + said, Math.Max(200, MaxMessage - where.Length)) + where));
        json.WriteEndObject();
        if (BaselineState(finding) is { } state)
            json.WriteString("baselineState", state);
        WriteLocations(json, finding, report.Scan);
        // The name that GitHub tells alerts apart by; without it all resources of a check were one alert.
        json.WriteStartObject("partialFingerprints");
        json.WriteString("primaryLocationLineHash", finding.PlanKey + ":1");
        json.WriteString("scannerKey/v1", finding.Key);
        json.WriteEndObject();
        if (finding.Status == FindingStatus.Muted)
        {
            json.WriteStartArray("suppressions");
            json.WriteStartObject();
            json.WriteString("kind", "external");
            json.WriteString("status", "accepted");
            json.Text("justification", finding.MutedReason ?? "");
            json.WriteEndObject();
            json.WriteEndArray();
        }
        WriteProperties(json, finding);
        json.WriteEndObject();
    }

    private static void WriteProperties(Utf8JsonWriter json, Finding finding)
    {
        json.WriteStartObject("properties");
        json.WriteString("status", Names.Of(finding.Status));
        json.WriteString("severity", Names.Of(finding.Severity));
        json.Text("account", finding.Account);
        json.Text("region", finding.Region);
        json.Text("resource", EventFacts.ThingOf(finding));
        if (finding.ReadAt is { } read)
            json.WriteString("readAt", Utc(read));
        if (EventFacts.Of(finding) is { } facts)
        {
            if (finding.Seen?.First is { } first)
                json.WriteString("firstSeen", Utc(first));
            if ((finding.Seen?.Last ?? facts.Time) is { } last)
                json.WriteString("lastSeen", Utc(last));
            json.Text("actor", facts.ActorArn ?? facts.Actor);
            json.Text("source", facts.Source);
            json.Text("action", facts.Action);
            json.Text("touched", facts.Touched);
            if (finding.Seen is { } seen)
                json.Texts("events", seen.EventIds);
            Several("actors", facts.Actors);
            Several("sources", facts.Sources);
            Several("actions", facts.Actions);
            Several("touchedResources", facts.AllTouched);
        }
        if (finding.Change is { } change)
            json.WriteString("change", Names.Of(change));
        if (finding.Plan is not null)
            json.Text("plan", finding.Plan);
        if (finding.CausedBy.Count > 0)
            json.Texts("causes", finding.CausedBy);
        json.WriteEndObject();

        // What all events agree in has been said.
        void Several(string name, IReadOnlyList<string> all)
        {
            if (all.Count > 1)
                json.Texts(name, all);
        }
    }

    // A message with square brackets would be read as a link (SARIF 3.11.6, embedded links).
    private static string Message(string text) =>
        SafeText.Words(text).Replace("\\", "\\\\", StringComparison.Ordinal)
            .Replace("[", "\\[", StringComparison.Ordinal).Replace("]", "\\]", StringComparison.Ordinal);

    private static string Relative(string file)
    {
        return string.Join('/', file.Replace('\\', '/').Split('/').Where(s => s is not ("" or "." or ".."))
            .Select(s => Uri.EscapeDataString(JsonText.WellFormed(s))));
    }

    private static string Level(Severity severity) => severity switch
    {
        Severity.Critical or Severity.High => "error",
        Severity.Medium => "warning",
        _ => "note",
    };

    // GitHub: over 9.0 critical, 7.0 to 8.9 high, 4.0 to 6.9 medium, 0.1 to 3.9 low.
    private static string Score(Severity severity) => severity switch
    {
        Severity.Critical => "9.5",
        Severity.High => "8.0",
        Severity.Medium => "5.5",
        Severity.Low => "3.0",
        _ => "0.1",
    };
}
