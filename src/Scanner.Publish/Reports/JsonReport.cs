using System.Globalization;
using System.Text.Json;
using Scanner.Model;

namespace Scanner.Publish.Reports;

/// <summary>
/// The report that is always complete: <c>{"$schema":"..","scan":{..},"findings":[..],"collection":[..],"evidence":[..],"incidents":[..],"frameworks":[..],"history":{..},"gate":{..},"rules":{..}}</c>, <c>gate</c>
/// only for <c>scanner gate</c>, <c>frameworks</c> only with <c>--framework</c>, <c>evidence</c> only where
/// it was looked for proof that logs arrive. Texts from AWS are kept exactly as they came.
/// </summary>
internal sealed class JsonReport : IReportFormat
{
    /// <inheritdoc />
    public string Name => "json";

    /// <inheritdoc />
    public async Task WriteAsync(ScanReport report, Stream output, CancellationToken cancellation)
    {
        await using var json = new Utf8JsonWriter(output, JsonText.Indented);
        json.WriteStartObject();
        json.WriteString("$schema", SchemaAddress.Of("report"));
        WriteScan(json, report);
        json.WriteStartArray("findings");
        foreach (var finding in report.Findings)
        {
            WriteFinding(json, finding, report.Rules.GetValueOrDefault(finding.Check), isGate: report.Gate is not null);
            if (json.BytesPending > JsonText.FlushAt)
                await json.FlushAsync(cancellation);
        }
        json.WriteEndArray();
        json.WriteStartArray("collection");
        foreach (var status in report.Collection)
        {
            WriteCollection(json, status);
            if (json.BytesPending > JsonText.FlushAt)
                await json.FlushAsync(cancellation);
        }
        json.WriteEndArray();
        WriteEvidence(json, report.Evidence);
        if (report.Gate is null)
            WriteIncidents(json, report);
        if (report.Frameworks.Count > 0)
        {
            json.WriteStartArray("frameworks");
            foreach (var framework in report.Frameworks)
                WriteFramework(json, framework);
            json.WriteEndArray();
        }
        if (report.History is { } history)
            WriteHistory(json, history);
        if (report.Gate is not null)
            GateJson.WriteGate(json, report);
        json.WriteStartObject("rules");
        foreach (var rule in report.Rules.Values.OrderBy(r => r.Id, StringComparer.Ordinal))
            WriteRule(json, rule);
        json.WriteEndObject();
        json.WriteEndObject();
        await json.FlushAsync(cancellation);
    }

    private static void WriteScan(Utf8JsonWriter json, ScanReport report)
    {
        var scan = report.Scan;
        json.WriteStartObject("scan");
        json.WriteString("time", scan.Time.ToUniversalTime());
        json.Text("source", scan.Source);
        json.Texts("accounts", scan.Accounts);
        if (scan.AccountNames.Count > 0)
        {
            json.WriteStartObject("account_names");
            foreach (var (account, name) in scan.AccountNames.OrderBy(one => one.Key, StringComparer.Ordinal))
                json.Text(account, name);
            json.WriteEndObject();
        }
        json.Texts("regions", scan.Regions);
        json.WriteNumber("resources", scan.Resources);
        json.WriteNumber("api_calls", scan.ApiCalls);
        json.WriteNumber("events", scan.Events);
        json.WriteNumber("duration_seconds", Math.Round(scan.Duration.TotalSeconds, 3));
        json.Text("version", scan.Version);
        json.Text("caller", scan.Caller.Length > 0 ? scan.Caller : null);
        json.Text("parameters", scan.Parameters);
        if (scan.Started is { } started)
        {
            json.WriteString("started", started.ToUniversalTime());
            json.WriteString("ended", scan.Ended!.Value.ToUniversalTime());
        }
        json.Texts("services", scan.Services);
        if (report.Notices.Count > 0)
            json.Texts("notices", report.Notices);
        if (report.Earlier is { } earlier)
            WriteEarlier(json, earlier, scan.Time);
        if (report.Since is { } since)
        {
            json.WriteStartObject("since");
            json.WriteString("time", since.Time.ToUniversalTime());
            json.WriteNumber("new", since.New);
            json.WriteNumber("fixed", since.Fixed);
            json.WriteNumber("still", since.Still);
            json.WriteNumber("unknown", since.Unknown);
            json.WriteNumber("accepted", since.Accepted);
            json.WriteNumber("flapping", since.Flapping);
            if (since.Oldest is { } oldest)
                json.WriteString("oldest", oldest.ToUniversalTime());
            if (report.History?.MeanTimeToFix is { } mean)
                json.WriteNumber("mean_days_to_fix", Math.Round(mean.Days, 2));
            json.WriteEndObject();
        }
        var counts = new ReportCounts(report.Findings);
        json.WriteString("status", ReportCounts.StatusOf(report));
        json.WriteStartObject("counts");
        foreach (var status in ReportCounts.Statuses)
            json.WriteNumber(Names.Of(status), counts[status]);
        json.WriteStartObject("fail_by_severity");
        foreach (var severity in ReportCounts.WorstFirst)
            json.WriteNumber(Names.Of(severity), counts[severity, FindingStatus.Fail]);
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteEarlier(Utf8JsonWriter json, EarlierReadings earlier, DateTimeOffset now)
    {
        json.WriteStartObject("earlier");
        json.WriteNumber("tables", earlier.Tables);
        json.WriteNumber("of_tables", earlier.AllTables);
        json.WriteNumber("findings", earlier.Findings);
        json.WriteString("oldest", earlier.Oldest.ToUniversalTime());
        json.WriteNumber("oldest_hours", Math.Round((now - earlier.Oldest).TotalHours, 2));
        json.WriteEndObject();
    }

    private static void WriteIncidents(Utf8JsonWriter json, ScanReport report)
    {
        var incidents = Incident.Of(report.Findings);
        if (incidents.Count == 0)
            return;
        json.WriteStartArray("incidents");
        foreach (var incident in incidents)
        {
            json.WriteStartObject();
            json.Text("title", IncidentMarkdown.Title(incident));
            json.WriteString("severity", Names.Of(incident.Severity));
            if (incident.First is { } first)
                json.WriteString("first", first.ToUniversalTime());
            if (incident.Last is { } last)
                json.WriteString("last", last.ToUniversalTime());
            json.Texts("accounts", incident.Accounts);
            json.Texts("actors", incident.Actors);
            json.Texts("addresses", incident.Addresses);
            json.Texts("joined_by", incident.Joins);
            json.Texts("findings", [.. incident.Findings.Select(finding => finding.Key)]);
            json.WriteStartArray("steps");
            foreach (var step in Containment.Of(incident))
            {
                json.WriteStartObject();
                json.Text("account", step.Account);
                json.Text("command", step.Command);
                json.Text("undo", step.Undo);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private static void WriteHistory(Utf8JsonWriter json, ScanHistory history)
    {
        json.WriteStartObject("history");
        json.WriteStartArray("scans");
        foreach (var scan in history.Scans)
        {
            json.WriteStartObject();
            json.WriteString("time", scan.Time.ToUniversalTime());
            json.Text("scope", scan.Scope);
            foreach (var (name, number) in (ReadOnlySpan<(string, int?)>)[
                ("accounts", scan.Accounts), ("regions", scan.Regions), ("pass", scan.Pass), ("fail", scan.Fail), ("unknown", scan.Unknown), ("muted", scan.Muted),
                ("critical", scan.Critical), ("high", scan.High), ("medium", scan.Medium), ("low", scan.Low), ("informational", scan.Informational),
                ("matches", scan.Matches), ("new", scan.New), ("fixed", scan.Fixed), ("still", scan.Still)])
            {
                if (number is { } known)
                    json.WriteNumber(name, known);
            }
            if (scan.Fixed is not null)
                json.WriteNumber("fixed_days", Math.Round(scan.FixedDays, 3));
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteStartArray("findings");
        foreach (var past in history.Past)
        {
            json.WriteStartObject();
            json.Text("key", past.Key);
            json.Text("check", past.Check);
            json.Text("account", past.Account);
            json.Text("region", past.Region);
            json.Text("resource", past.Resource);
            WriteTimes(json, "began", past.Began);
            json.WriteString("last_seen", past.At.ToUniversalTime());
            json.WriteBoolean("fixed", past.IsFixed);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        WriteEvidenceHistory(json, history.Evidence);
        json.WriteEndObject();
    }

    private static void WriteEvidenceHistory(Utf8JsonWriter json, IReadOnlyList<EvidenceDays> evidence)
    {
        if (evidence.Count == 0)
            return;
        json.WriteStartArray("evidence");
        foreach (var days in evidence)
        {
            json.WriteStartObject();
            json.Text("check", days.Check);
            json.Text("account", days.Account);
            json.Text("region", days.Region);
            json.Text("resource", days.Resource);
            json.WriteString("last_day", Day(days.Last));
            json.WriteString("days", days.Days);
            json.WriteNumber("days_alive", days.Alive);
            json.WriteNumber("days_counted", days.Of);
            if (days.Share is { } share)
                json.WriteNumber("share", Math.Round(share, 1));
            json.WriteStartArray("gaps");
            foreach (var gap in days.Gaps)
            {
                json.WriteStartObject();
                json.WriteString("from", Day(gap.From));
                json.WriteString("to", Day(gap.To));
                json.WriteString("state", gap.State is { } state ? Names.Of(state) : "not looked at");
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteEndObject();
        }
        json.WriteEndArray();

        static string Day(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
    }

    private static void WriteTimes(Utf8JsonWriter json, string name, IReadOnlyList<DateTimeOffset> times)
    {
        json.WriteStartArray(name);
        foreach (var time in times)
            json.WriteStringValue(time.ToUniversalTime());
        json.WriteEndArray();
    }

    private static void WriteEvidence(Utf8JsonWriter json, IReadOnlyList<EvidenceCell> cells)
    {
        if (cells.Count == 0)
            return;
        json.WriteStartArray("evidence");
        foreach (var cell in cells)
        {
            json.WriteStartObject();
            json.Text("source", cell.Source);
            json.Text("check", cell.Check);
            json.Text("account", cell.Account);
            json.Text("region", cell.Region);
            json.WriteString("state", Names.Of(cell.State));
            json.WriteNumber("delivering", cell.Delivering);
            json.WriteNumber("silent", cell.Silent);
            json.WriteNumber("unknown", cell.Unknown);
            if (cell.LastSeen is { } seen)
                json.WriteString("last_seen", EventText.Utc(seen));
            if (cell.Days.Of > 0)
            {
                json.WriteNumber("days_alive", cell.Days.Alive);
                json.WriteNumber("days_counted", cell.Days.Of);
            }
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private static void WriteFinding(Utf8JsonWriter json, Finding finding, RuleInfo? rule, bool isGate)
    {
        json.WriteStartObject();
        json.Text("check", finding.Check);
        json.WriteString("status", Names.Of(finding.Status));
        json.WriteString("severity", Names.Of(finding.Severity));
        json.Text("account", finding.Account);
        json.Text("region", finding.Region);
        json.Text("resource", EventFacts.ThingOf(finding));
        json.Text("message", finding.Message);
        json.Texts("controls", finding.Controls);
        json.Texts("mitre", finding.Mitre);
        json.WriteString("key", finding.Key);
        json.Text("title", rule?.Title);
        json.WriteString("kind", Names.Of(finding.Kind));
        json.Text("service", rule?.Service);
        if (finding.Change is { } change)
            json.WriteString("change", Names.Of(change));
        if (finding.Began.Count > 0)
        {
            json.WriteString("failing_since", finding.Began[^1].ToUniversalTime());
            if (finding.Began.Count > 1)
                WriteTimes(json, "began", finding.Began);
        }
        if (finding.ReadAt is { } read)
            json.WriteString("read_at", read.ToUniversalTime());
        if (isGate)
            GateJson.WriteFinding(json, finding);
        else if (finding.Location is { } at)
            GateJson.WriteLocation(json, at);
        if (finding.Causes.Count > 0)
        {
            json.WriteStartArray(isGate ? "reasons" : "causes");
            foreach (var cause in finding.Causes)
                WriteCollection(json, cause);
            json.WriteEndArray();
        }
        if (finding.MutedReason is not null)
            json.Text("muted_reason", finding.MutedReason);
        if (finding.Owner is { } owner)
        {
            json.WriteStartObject("owner");
            if (owner.Assignee is not null)
                json.Text("assignee", owner.Assignee);
            if (owner.Team is not null)
                json.Text("team", owner.Team);
            json.WriteEndObject();
        }
        WriteEvent(json, finding);
        json.WriteEndObject();
    }

    // When, who and what: of a detection only.
    private static void WriteEvent(Utf8JsonWriter json, Finding finding)
    {
        if (finding.Seen is { } seen)
        {
            json.WriteStartObject("seen");
            if (seen.First is { } first)
                json.WriteString("first", first.ToUniversalTime());
            if (seen.Last is { } last)
                json.WriteString("last", last.ToUniversalTime());
            json.WriteNumber("count", seen.Count);
            json.WriteNumber("refused", seen.Refused);
            json.Texts("events", seen.EventIds);
            // Of several events, all that take part; what they agree in stands beside "seen".
            json.Texts("actors", seen.Actors);
            json.Texts("sources", seen.Sources);
            json.Texts("actions", seen.Actions);
            json.Texts("touched", seen.Touched);
            if (seen.Group.Count > 0)
            {
                json.WriteStartObject("group");
                foreach (var (field, value) in seen.Group)
                    json.Text(JsonText.WellFormed(field), value);
                json.WriteEndObject();
            }
            WriteTimeline(json, seen.Timeline);
            json.WriteEndObject();
        }
        if (EventFacts.Of(finding) is { } facts)
        {
            json.Text("actor", facts.ActorArn ?? facts.Actor);
            json.Text("source", facts.Source);
            json.Text("network", facts.Network);
            json.Text("action", facts.Action);
            json.Text("touched", facts.Touched);
        }
        if (finding.Event is not null)
            json.Raw("event", finding.Event);
    }

    private static void WriteTimeline(Utf8JsonWriter json, IReadOnlyList<TimelineEntry> timeline)
    {
        if (timeline.Count == 0)
            return;
        json.WriteStartArray("timeline");
        foreach (var entry in timeline)
        {
            json.WriteStartObject();
            json.WriteString("time", entry.Time.ToUniversalTime());
            json.Text("action", entry.Action);
            json.Text("touched", entry.Touched);
            json.Text("source", entry.Source);
            json.Text("error", entry.Error);
            json.WriteNumber("count", entry.Count);
            json.WriteBoolean("match", entry.IsMatch);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private static void WriteCollection(Utf8JsonWriter json, CollectionStatus status)
    {
        json.WriteStartObject();
        json.Text("table", status.Table);
        json.Text("account", status.Account);
        json.Text("region", status.Region);
        json.WriteString("status", Names.Of(status.Outcome));
        json.Text("operation", status.Operation);
        json.Text("reason", status.Reason);
        if (status.Resources is not null)
            json.Texts("resources", status.Resources);
        if (status.ReadAt is { } read)
            json.WriteString("read_at", read.ToUniversalTime());
        json.WriteEndObject();
    }

    private static void WriteFramework(Utf8JsonWriter json, FrameworkResult framework)
    {
        json.WriteStartObject();
        json.Text("id", framework.Id);
        json.Text("title", framework.Title);
        json.WriteStartObject("counts");
        foreach (var status in Enum.GetValues<ControlStatus>())
            json.WriteNumber(Names.Of(status), framework[status]);
        json.WriteEndObject();
        json.WriteStartArray("controls");
        foreach (var control in framework.Controls)
        {
            json.WriteStartObject();
            json.Text("id", control.Id);
            json.Text("title", control.Title);
            if (control.Level is { } level)
                json.WriteNumber("level", level);
            json.WriteString("status", Names.Of(control.Status));
            json.Texts("checks", control.Checks);
            json.WriteStartObject("findings");
            foreach (var status in ReportCounts.Statuses)
                json.WriteNumber(Names.Of(status), control[status]);
            json.WriteEndObject();
            if (control.Reason.Length > 0)
                json.Text("reason", control.Reason);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteRule(Utf8JsonWriter json, RuleInfo rule)
    {
        json.WriteStartObject(JsonText.WellFormed(rule.Id));
        json.Text("title", rule.Title);
        if (rule.Fails.Length > 0)
            json.Text("fails", rule.Fails);
        json.WriteString("kind", Names.Of(rule.Kind));
        json.WriteString("severity", Names.Of(rule.Severity));
        json.Text("service", rule.Service);
        json.Text("why", rule.Why);
        json.WriteStartObject("fix");
        json.Text("console", rule.Fix.Console);
        json.Text("cli", rule.Fix.Cli);
        json.Text("terraform", rule.Fix.Terraform);
        json.WriteEndObject();
        if (rule.Source is { } source)
        {
            json.WriteStartObject("source");
            json.Text("default", source.Default);
            json.Text("cost", source.Cost);
            json.Text("use", source.Use);
            json.WriteEndObject();
        }
        json.WriteStartArray("controls");
        foreach (var control in rule.Controls)
        {
            json.WriteStartObject();
            json.Text("framework", control.Framework);
            json.Text("id", control.Id);
            json.Text("title", control.Title);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.Texts("mitre", rule.Mitre);
        json.Texts("false_positives", rule.FalsePositives);
        json.Texts("response", rule.Response);
        json.Texts("references", rule.References);
        json.Text("file", rule.File);
        json.WriteEndObject();
    }
}
