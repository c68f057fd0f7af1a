using System.Globalization;
using System.Text;
using Scanner.Model;
using Scanner.Publish.Text;

namespace Scanner.Publish.Reports;

/// <summary>The story of an incident: a time line, what to do now with its undo, where to look next, and what speaks for its being harmless.</summary>
internal static class IncidentMarkdown
{
    private const int MostPast = 200;

    /// <summary>The head of the time line, a markdown table.</summary>
    public const string Head = "| When (UTC) | Who | Did | To | From | Result |\n|---|---|---|---|---|---|\n";

    /// <summary>Who did what, from where; hostile text.</summary>
    /// <param name="incident">An incident.</param>
    public static string Title(Incident incident)
    {
        var who = incident.Actors.Count > 0 ? Some(incident.Actors, 2) : "Somebody";
        var from = incident.Addresses.Count > 0 ? " from " + Some(incident.Addresses, 1) : "";
        var steps = Steps(incident);
        return $"{who}{from}: {(steps.Count > 0 ? Some(steps, 5) : "several detections match")}";
    }

    /// <summary>What was called, the worst of it, in the order of time.</summary>
    private static List<string> Steps(Incident incident) =>
    [
        .. incident.Findings.Select((finding, i) => (finding.Severity, Action: incident.Facts[i].Action ?? "", Number: i))
            .Where(step => step.Severity >= Severity.High && step.Action.Length > 0)
            .OrderByDescending(step => step.Severity).ThenBy(step => step.Number).DistinctBy(step => step.Action, StringComparer.Ordinal)
            .OrderBy(step => step.Number).Select(step => step.Action),
    ];

    /// <summary>Rows of the time line, the earliest first, each with the key of its finding.</summary>
    /// <param name="incident">An incident.</param>
    /// <param name="rules">Rules, by id.</param>
    public static IEnumerable<(string Key, string Row)> Rows(Incident incident, IReadOnlyDictionary<string, RuleInfo> rules)
    {
        for (var i = 0; i < incident.Findings.Count; i++)
        {
            var (finding, facts) = (incident.Findings[i], incident.Facts[i]);
            var who = facts.Actor is { } actor ? Code(actor) : Few(facts.Actors.Select(EventFacts.NameOf));
            if (facts.Mfa == false)
                who += ", no MFA";
            if (facts.AccessKeyId is { } key)
                who += $" ({Code(key)})";
            var did = facts.Action is { } action ? Code(action) : Few(facts.Actions);
            if (finding.Seen is { Count: > 1 } seen)
                did += $" × {Wording.Number(seen.Count)}";
            var from = facts.Source is { } source ? Code(source) : Few(facts.Sources);
            var result = facts.Error is { } error ? Code(error) : facts.Action is null ? "" : "**success**";
            yield return (finding.Key, string.Create(CultureInfo.InvariantCulture,
                $"| {When(finding, facts)} | {who} | {Wording.SeverityMark(finding.Severity)} {Markdown.Text(rules.GetValueOrDefault(finding.Check)?.Fault ?? finding.Check)}: {did} | {string.Join(", ", new[] { Few(facts.AllTouched.Select(StartHere.ShortName).Select(Short)), Code(finding.Region) }.Where(part => part.Length > 0))} | {from} | {result} |"));
        }
    }

    /// <summary>A shell script of steps or of their undo, with the account before each part; safe in a fence.</summary>
    /// <param name="steps">Steps.</param>
    /// <param name="scan">The scan, for names of accounts.</param>
    /// <param name="undo">Whether to write the undo.</param>
    public static IReadOnlyList<string> Script(IReadOnlyList<ContainmentStep> steps, ScanSummary scan, bool undo) =>
        [.. steps.GroupBy(step => step.Account, StringComparer.Ordinal).SelectMany(group => group.Select(step => undo ? step.Undo : step.Command).Prepend($"# in account {SafeText.Line(scan.Called(group.Key))}"))];

    /// <summary>The parts behind the time line and the commands, each whole in itself.</summary>
    /// <param name="incident">An incident.</param>
    /// <param name="report">The report that it is of.</param>
    public static IEnumerable<string> Parts(Incident incident, ScanReport report)
    {
        var rules = incident.Findings.Select(finding => finding.Check).Distinct(StringComparer.Ordinal).Select(report.Rules.GetValueOrDefault).OfType<RuleInfo>().ToList();
        if (incident.Actors.Contains("root", StringComparer.Ordinal))
            yield return "**Root** cannot be cut off by a command: reset its password and sign out its sessions in the console, delete its access keys, and look for a new MFA device.";
        if (Look(incident) is { Length: > 0 } look)
            yield return "**Then look** at what else the same key, user and address did\n\n" + Markdown.Fence(look, "sh");
        if (Chain(rules) is { Length: > 0 } chain)
            yield return "**MITRE ATT&amp;CK** " + chain;
        if (Quiet(incident, report) is { Length: > 0 } quiet)
            yield return "**Quiet sources**: " + quiet + ". That nothing is seen after that proves nothing.";
        var harmless = rules.SelectMany(rule => rule.FalsePositives).Distinct(StringComparer.Ordinal).Select(text => "- " + RichMarkdown.Line(text)).ToList();
        if (harmless.Count > 0)
            yield return RuleMarkdown.Details("When it is harmless", string.Join('\n', harmless));
        if (Around(incident) is { Length: > 0 } around)
            yield return around;
        var response = rules.Where(rule => rule.Response.Count > 0).Select(rule => $"**{Markdown.Text(rule.Fault)}**\n\n{string.Join('\n', rule.Response.Select((text, i) => FormattableString.Invariant($"{i + 1}. {RichMarkdown.Line(text)}")))}").ToList();
        if (response.Count > 0)
            yield return RuleMarkdown.Details(Wording.Count(rules.Count, "rule, and what it asks for", "rules, and what they ask for"), string.Join("\n\n", response));
    }

    /// <summary>The story as a section of a report.</summary>
    /// <param name="incident">An incident.</param>
    /// <param name="report">The report that it is of.</param>
    /// <param name="rows">Most rows of the time line.</param>
    /// <param name="whole">Where everything is kept; safe markdown.</param>
    public static string Section(Incident incident, ScanReport report, int rows, string whole)
    {
        var made = new StringBuilder("### 🚨 ").Append(Markdown.Text(SafeText.Cut(Title(incident), 300))).Append("\n\n")
            .Append(Summary(incident, report.Scan)).Append("\n\n").Append(Head);
        foreach (var (_, row) in Rows(incident, report.Rules).Take(rows))
            made.Append(row).Append('\n');
        if (incident.Findings.Count > rows)
            made.Append("\n… and ").Append(Wording.Number(incident.Findings.Count - rows)).Append(" more: in ").Append(whole).Append(".\n");
        made.Append('\n');
        var steps = Containment.Of(incident);
        if (steps.Count > 0)
            made.Append(Commands(Script(steps, report.Scan, undo: false), Script(steps, report.Scan, undo: true)));
        foreach (var part in Parts(incident, report))
            made.Append(part).Append("\n\n");
        return made.ToString();
    }

    /// <summary>How bad it is and how far it reaches, as a sentence.</summary>
    /// <param name="incident">An incident.</param>
    /// <param name="scan">The scan, for names of accounts.</param>
    public static string Summary(Incident incident, ScanSummary scan)
    {
        var counts = string.Join(", ", ReportCounts.WorstFirst.Select(severity => (severity, Count: incident.Findings.Count(finding => finding.Severity == severity))).Where(pair => pair.Count > 0).Select(pair => $"{pair.Count} {Names.Of(pair.severity)}"));
        return $"{Wording.Count(incident.Findings.Count, "match", "matches")} that belong together ({counts}), because they share a principal, session, key or outside address within a day, in {string.Join(", ", incident.Accounts.Take(10).Select(account => Markdown.Code(scan.Called(account))))}.";
    }

    /// <summary>Commands and their undo, as blocks.</summary>
    /// <param name="commands">Lines of the script.</param>
    /// <param name="undo">Lines of the script that takes them back.</param>
    public static string Commands(IReadOnlyList<string> commands, IReadOnlyList<string> undo) =>
        $"**Do now** (look at each line first: it stops whoever uses that key or name)\n\n{Markdown.Fence(string.Join('\n', commands) + "\n", "sh")}\n\n{RuleMarkdown.Details("Undo, where it was harmless", Markdown.Fence(string.Join('\n', undo) + "\n", "sh"))}\n\n";

    // What no browser breaks would push the result out of sight; the script and the events have it whole.
    private static string Short(string name) => name.Length > 24 && name.All(char.IsAsciiLetterOrDigit) ? SafeText.Cut(name, 16) : name;

    private static string When(Finding finding, EventFacts facts)
    {
        var (first, last) = (finding.Seen?.First ?? facts.Time, finding.Seen?.Last ?? facts.Time);
        if (first is not { } from || last is not { } until)
            return "";
        var text = from.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);
        return from == until ? text : $"{text} to {until.UtcDateTime.ToString(from.UtcDateTime.Date == until.UtcDateTime.Date ? "HH:mm:ss" : "yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture)}";
    }

    private static string Look(Incident incident)
    {
        var lines = new List<string>();
        var since = incident.First is { } first ? first.AddDays(-7).UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture) : null;
        foreach (var key in incident.Facts.Select(facts => facts.AccessKeyId).OfType<string>().Where(IsWord).Distinct(StringComparer.Ordinal).Take(3))
            lines.Add($"aws cloudtrail lookup-events --lookup-attributes AttributeKey=AccessKeyId,AttributeValue={key}{(since is null ? "" : $" --start-time {since}")}");
        foreach (var user in incident.Facts.Where(facts => facts.ActorType is "IAMUser" or "Root").Select(facts => facts.Actor).OfType<string>().Where(IsWord).Distinct(StringComparer.Ordinal).Take(3))
            lines.Add($"aws cloudtrail lookup-events --lookup-attributes AttributeKey=Username,AttributeValue={user}{(since is null ? "" : $" --start-time {since}")}");
        foreach (var address in incident.Addresses.Where(address => System.Net.IPAddress.TryParse(address, out _)).Take(3))
        {
            var day = incident.First is { } begin ? begin.AddDays(-7).UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) : "2000-01-01";
            lines.Add($"# Athena, in the table of CloudTrail's logs: SELECT eventtime, eventname, useridentity.arn, errorcode FROM cloudtrail_logs WHERE sourceipaddress = '{address}' AND eventtime >= '{day}' ORDER BY eventtime");
        }
        return lines.Count == 0 ? "" : string.Join('\n', lines) + "\n";
    }

    private static bool IsWord(string text) => text.Length is > 0 and <= 128 && char.IsAsciiLetterOrDigit(text[0]) && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '@' or '-' or '+' or '=');

    private static string Chain(IEnumerable<RuleInfo> rules) => string.Join(" → ",
        rules.SelectMany(rule => rule.Mitre).Where(id => AttackMatrix.Find(id) is not null).Distinct(StringComparer.OrdinalIgnoreCase).Take(12).Select(RuleMarkdown.Mitre));

    // Where the record itself is off, what follows is not in it.
    private static string Quiet(Incident incident, ScanReport report) => string.Join("; ",
        report.Findings.Where(finding => finding is { Kind: FindingKind.Posture, Status: FindingStatus.Fail } && incident.Accounts.Contains(finding.Account, StringComparer.Ordinal)
                && report.Rules.GetValueOrDefault(finding.Check) is { Urgency: Urgency.Logging, Service: "cloudtrail", Severity: >= Severity.High })
            .Select(finding => $"{Markdown.Text(report.Rules[finding.Check].Fault)} ({Markdown.Code(StartHere.ShortName(finding.Resource))}, {Markdown.Code(finding.Region)})").Distinct(StringComparer.Ordinal).Take(5));

    /// <summary>What those who take part did, each call once, the earliest first; hostile text.</summary>
    /// <param name="incident">An incident.</param>
    public static IReadOnlyList<(string Who, TimelineEntry Entry)> Past(Incident incident) =>
    [
        .. incident.Findings.SelectMany((finding, i) => (finding.Seen?.Timeline ?? []).Select(entry => (Who: incident.Facts[i].Actor ?? "", Entry: entry)))
            .GroupBy(one => (one.Who, one.Entry.Time, one.Entry.Action, one.Entry.Touched)).Select(group => group.OrderByDescending(one => one.Entry.IsMatch).First())
            .OrderBy(one => one.Entry.Time).ThenBy(one => one.Entry.Action, StringComparer.Ordinal).Select(one => (one.Who, one.Entry)),
    ];

    private static string Around(Incident incident)
    {
        var entries = Past(incident);
        if (entries.Count == 0)
            return "";
        var made = new StringBuilder("From the same logs; ➤ is what a detection found.\n\n| Time (UTC) | Who | Call | On | From | Refused |\n|---|---|---|---|---|---|\n");
        foreach (var (who, entry) in entries.Take(MostPast))
        {
            made.Append(CultureInfo.InvariantCulture,
                $"| {(entry.IsMatch ? "➤ " : "")}{entry.Time.UtcDateTime:MM-dd HH:mm:ss} | {Code(who)} | {Code(entry.Action)}{(entry.Count > 1 ? $" × {entry.Count:N0}" : "")} | {(entry.Touched is { } touched ? Code(StartHere.ShortName(touched)) : "")} | {(entry.Source is { } source ? Code(source) : "")} | {(entry.Error is { } error ? Code(error) : "")} |\n");
        }
        if (entries.Count > MostPast)
            made.Append(CultureInfo.InvariantCulture, $"\nand {entries.Count - MostPast} more\n");
        return RuleMarkdown.Details("All that those who take part did around it", made.ToString().TrimEnd('\n'));
    }

    private static string Code(string text) => text.Length == 0 ? "" : Markdown.Code(SafeText.Cut(text, 200));

    private static string Few(IEnumerable<string> values)
    {
        var all = values.Distinct(StringComparer.Ordinal).ToList();
        return string.Join(", ", all.Take(3).Select(Code)) + (all.Count > 3 ? string.Create(CultureInfo.InvariantCulture, $" and {all.Count - 3} more") : "");
    }

    private static string Some(IReadOnlyList<string> values, int most) => values.Count <= most
        ? string.Join(", ", values)
        : string.Create(CultureInfo.InvariantCulture, $"{string.Join(", ", values.Take(most))} and {values.Count - most} more");
}
