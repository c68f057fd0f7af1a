using System.Buffers;
using System.Text.Json;
using Scanner.Model;

namespace Scanner.Publish.Reports;

/// <summary>
/// Open Cybersecurity Schema Framework 1.6.0, which AWS Security Hub takes, with the cloud profile, JSON lines: Compliance Finding (class 2003) for
/// posture, Detection Finding (class 2004) for detections.
/// </summary>
internal sealed class OcsfReport : IReportFormat
{
    /// <inheritdoc />
    public string Name => "ocsf";

    /// <inheritdoc />
    public async Task WriteAsync(ScanReport report, Stream output, CancellationToken cancellation)
    {
        // Many lines to one piece: each that is handed over is a call of the system.
        var lines = new ArrayBufferWriter<byte>(2 * JsonText.FlushAt);
        await using var json = new Utf8JsonWriter(lines, JsonText.Compact);
        foreach (var finding in report.Findings)
        {
            WriteFinding(json, report.Scan, finding, report.Rules.GetValueOrDefault(finding.Check));
            await json.FlushAsync(cancellation);
            json.Reset();
            lines.Write("\n"u8);
            if (lines.WrittenCount < JsonText.FlushAt)
                continue;
            await output.WriteAsync(lines.WrittenMemory, cancellation);
            lines.ResetWrittenCount();
        }
        await output.WriteAsync(lines.WrittenMemory, cancellation);
    }

    private static void WriteFinding(Utf8JsonWriter json, ScanSummary scan, Finding finding, RuleInfo? rule)
    {
        var detection = finding.Kind == FindingKind.Detection;
        var classUid = detection ? 2004 : 2003;
        var facts = EventFacts.Of(finding);
        var scanned = scan.Time.ToUnixTimeMilliseconds();
        var first = (finding.Seen?.First ?? facts?.Time)?.ToUnixTimeMilliseconds();
        var last = (finding.Seen?.Last ?? facts?.Time)?.ToUnixTimeMilliseconds();
        json.WriteStartObject();
        // Finding classes: 1 Create, 2 Update, 3 Close.
        var (activity, did) = finding.Change switch
        {
            FindingChange.Fixed or FindingChange.Removed => (3, "Close"),
            FindingChange.Existing or FindingChange.Still => (2, "Update"),
            _ => (1, "Create"),
        };
        json.WriteNumber("activity_id", activity);
        json.WriteString("activity_name", did);
        json.WriteNumber("category_uid", 2);
        json.WriteString("category_name", "Findings");
        json.WriteNumber("class_uid", classUid);
        json.WriteString("class_name", detection ? "Detection Finding" : "Compliance Finding");
        json.WriteNumber("type_uid", classUid * 100 + activity);
        json.WriteString("type_name", $"{(detection ? "Detection Finding" : "Compliance Finding")}: {did}");
        // An event stands in its own time, a setting in that of the scan.
        json.WriteNumber("time", last ?? scanned);
        if (first is { } start)
            json.WriteNumber("start_time", start);
        if (last is { } end)
            json.WriteNumber("end_time", end);
        // Informational 1, Low 2, Medium 3, High 4, Critical 5: the order of our own enumeration.
        json.WriteNumber("severity_id", (int)finding.Severity + 1);
        json.WriteString("severity", finding.Severity.ToString());
        var (statusId, status) = finding.Status switch
        {
            FindingStatus.Muted => (3, "Suppressed"),
            FindingStatus.Pass or FindingStatus.NotApplicable => (4, "Resolved"),
            _ => (1, "New"),
        };
        json.WriteNumber("status_id", statusId);
        json.WriteString("status", status);
        json.Text("message", finding.Message);
        if (finding.MutedReason is not null)
            json.Text("status_detail", finding.MutedReason);
        WriteMetadata(json, scan);
        WriteCloud(json, scan, finding);
        WriteInfo(json, finding, rule, scanned, first, last);
        if (detection)
            WriteEvidence(json, finding, facts);
        else
            WriteCompliance(json, finding, rule);
        WriteResource(json, scan, finding, rule, facts);
        WriteRemediation(json, rule, finding);
        WriteUnmapped(json, scan, finding);
        json.WriteEndObject();
    }

    private static void WriteInfo(Utf8JsonWriter json, Finding finding, RuleInfo? rule, long scanned, long? first, long? last)
    {
        json.WriteStartObject("finding_info");
        json.WriteString("uid", finding.Key);
        json.Text("title", rule?.TitleOf(finding.Status) ?? finding.Check);
        json.Text("desc", rule is { Why.Length: > 0 } ? rule.Why : finding.Message);
        json.WriteNumber("created_time", scanned);
        if (first is { } firstSeen)
            json.WriteNumber("first_seen_time", firstSeen);
        json.WriteNumber("last_seen_time", last ?? scanned);
        WriteEvents(json, finding);
        json.WriteStartObject("analytic");
        json.Text("uid", finding.Check);
        json.Text("name", rule?.Title ?? finding.Check);
        json.WriteNumber("type_id", 1);
        json.WriteString("type", "Rule");
        json.WriteEndObject();
        json.Texts("types", [finding.Kind == FindingKind.Detection ? "Threat Detection" : "Posture Management"]);
        WriteAttacks(json, finding);
        json.WriteEndObject();
    }

    // Of an event what it was done to, or who did it: the event itself is no resource.
    private static void WriteResource(Utf8JsonWriter json, ScanSummary scan, Finding finding, RuleInfo? rule, EventFacts? facts)
    {
        json.WriteStartArray("resources");
        IReadOnlyList<string> all = facts is null ? [finding.Resource] : facts.AllTouched is [_, ..] touched ? touched : [facts.Thing ?? finding.Account];
        foreach (var resource in all)
            WriteResource(json, scan, finding, rule, resource);
        json.WriteEndArray();
    }

    private static void WriteResource(Utf8JsonWriter json, ScanSummary scan, Finding finding, RuleInfo? rule, string resource)
    {
        json.WriteStartObject();
        var (type, _) = AsffType.Of(resource, finding.Account, AwsPlace.Region(finding, scan), AwsPlace.Partition(finding, scan));
        json.Text("uid", resource);
        if (StartHere.ShortName(resource) is { Length: > 0 } name)
            json.Text("name", name);
        json.Text("region", AwsPlace.Region(finding, scan));
        json.WriteString("cloud_partition", AwsPlace.Partition(finding, scan));
        json.Text("type", type == "Other" ? rule?.Service ?? "aws" : type);
        json.WriteEndObject();
    }

    private static void WriteUnmapped(Utf8JsonWriter json, ScanSummary scan, Finding finding)
    {
        if (finding is { Causes.Count: 0, Change: null, ReadAt: null } && scan is { Caller.Length: 0, Parameters.Length: 0 })
            return;
        json.WriteStartObject("unmapped");
        // Every finding stands alone there: what a report says in its head is said of each.
        if (scan.Caller.Length > 0)
            json.Text("caller", scan.Caller);
        if (scan.Parameters.Length > 0)
            json.Text("parameters", scan.Parameters);
        if (finding.Causes.Count > 0)
            json.Texts("causes", finding.Causes.Select(c => $"{Names.Of(c.Outcome)}: {c.Operation}: {c.Reason}"));
        if (finding.ReadAt is { } read)
            json.WriteString("read_at", read.ToUniversalTime());
        if (finding.Change is { } change)
            json.WriteString("change", Names.Of(change));
        if (finding.Address is not null)
            json.Text("address", finding.Address);
        if (finding.CausedBy.Count > 0)
            json.Texts("caused_by", finding.CausedBy);
        if (finding.Location is { } at)
            json.Text("location", FormattableString.Invariant($"{at.File}:{at.Line}"));
        json.WriteEndObject();
    }

    private static void WriteMetadata(Utf8JsonWriter json, ScanSummary scan)
    {
        json.WriteStartObject("metadata");
        json.WriteString("version", "1.6.0");
        // A scanner is no security control: it stops nothing.
        json.Texts("profiles", ["cloud"]);
        json.WriteNumber("logged_time", scan.Time.ToUnixTimeMilliseconds());
        json.WriteStartObject("product");
        json.WriteString("name", "Scanner");
        json.WriteString("vendor_name", "Scanner");
        json.Text("version", scan.Version);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteCloud(Utf8JsonWriter json, ScanSummary scan, Finding finding)
    {
        json.WriteStartObject("cloud");
        json.WriteString("provider", "AWS");
        json.Text("region", AwsPlace.Region(finding, scan));
        json.WriteString("cloud_partition", AwsPlace.Partition(finding, scan));
        json.WriteStartObject("account");
        json.Text("uid", finding.Account);
        if (scan.AccountNames.GetValueOrDefault(finding.Account) is { Length: > 0 } name)
            json.Text("name", name);
        json.WriteString("type", "AWS Account");
        json.WriteNumber("type_id", 10);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    // One object for each tactic that a technique serves in this finding: those that the rule names, or all of its own where it names none.
    private static void WriteAttacks(Utf8JsonWriter json, Finding finding)
    {
        var attacks = AttackMatrix.Cells(finding.Mitre).ToList();
        if (attacks.Count == 0)
            return;
        json.WriteStartArray("attacks");
        foreach (var (technique, tactic) in attacks)
        {
            json.WriteStartObject();
            json.WriteString("version", AttackMatrix.Version);
            Named("tactic", tactic.Id, tactic.Name);
            Named("technique", technique.TechniqueId, AttackMatrix.Find(technique.TechniqueId)!.Name);
            if (technique.IsSubTechnique)
                Named("sub_technique", technique.Id, technique.Name);
            json.WriteEndObject();
        }
        json.WriteEndArray();

        void Named(string part, string uid, string name)
        {
            json.WriteStartObject(part);
            json.WriteString("uid", uid);
            json.WriteString("name", name);
            json.WriteEndObject();
        }
    }

    private static void WriteCompliance(Utf8JsonWriter json, Finding finding, RuleInfo? rule)
    {
        var (id, word) = finding.Status switch
        {
            FindingStatus.Pass => (1, "Pass"),
            FindingStatus.Fail or FindingStatus.Muted => (3, "Fail"),
            FindingStatus.Unknown => (0, "Unknown"),
            _ => (99, "Not Applicable"),
        };
        json.WriteStartObject("compliance");
        json.Text("control", finding.Check);
        var standards = rule is { Controls.Count: > 0 }
            ? rule.Controls.Select(c => c.Framework)
            : finding.Controls.Select(c => c.Split('/')[0]);
        // Required by the class, also where no framework knows the check.
        json.Texts("standards", standards.Distinct(StringComparer.Ordinal).DefaultIfEmpty("Scanner"));
        json.Texts("requirements", finding.Controls);
        json.WriteNumber("status_id", id);
        json.WriteString("status", word);
        if (finding.Message.Length > 0)
            json.Texts("status_details", [finding.Message]);
        json.WriteEndObject();
    }

    private static void WriteEvents(Utf8JsonWriter json, Finding finding)
    {
        if (finding.Seen is not { EventIds.Count: > 0 } seen)
            return;
        json.WriteStartArray("related_events");
        foreach (var id in seen.EventIds.Where(id => id.Length > 0))
        {
            json.WriteStartObject();
            json.Text("uid", id);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteNumber("related_events_count", seen.Count);
    }

    private static void WriteEvidence(Utf8JsonWriter json, Finding finding, EventFacts? facts)
    {
        json.WriteBoolean("is_alert", finding.Status == FindingStatus.Fail);
        json.WriteStartArray("evidences");
        json.WriteStartObject();
        json.Raw("data", finding.Event ?? "{}");
        if (facts is not null)
            WriteFacts(json, facts);
        json.WriteEndObject();
        if (facts is not null)
            WriteOthers(json, facts);
        json.WriteEndArray();
    }

    // Of several events: who else acted, from where else, what else was called; each alone, since nothing says which belong together.
    private static void WriteOthers(Utf8JsonWriter json, EventFacts facts)
    {
        var others = facts.Actors.Where(actor => actor != (facts.ActorArn ?? facts.Actor)).Select(actor => new EventFacts { Actor = actor })
            .Concat(facts.Actions.Where(action => action != facts.Action).Select(action => new EventFacts { Action = action }))
            .Concat(facts.Sources.Where(source => source != facts.Source).Select(source => new EventFacts { Source = source }));
        foreach (var other in others)
        {
            json.WriteStartObject();
            WriteFacts(json, other);
            json.WriteEndObject();
        }
    }

    private static void WriteFacts(Utf8JsonWriter json, EventFacts facts)
    {
        if ((facts.ActorArn ?? facts.Actor) is { Length: > 0 } actor)
        {
            json.WriteStartObject("actor");
            json.WriteStartObject("user");
            json.Text("uid", actor);
            json.Text("name", facts.Actor is { Length: > 0 } name ? name : actor);
            var (id, word) = facts.ActorType switch
            {
                "Root" => (2, "Admin"),
                "IAMUser" => (1, "User"),
                "AWSService" => (3, "System"),
                { Length: > 0 } other => (99, other),
                _ => (0, "Unknown"),
            };
            json.WriteNumber("type_id", id);
            json.Text("type", word);
            if (facts.AccessKeyId is { Length: > 0 } key)
            {
                json.WriteStartArray("programmatic_credentials");
                json.WriteStartObject();
                json.Text("uid", key);
                json.WriteEndObject();
                json.WriteEndArray();
            }
            if (facts.Mfa is { } mfa)
                json.WriteBoolean("has_mfa", mfa);
            json.WriteEndObject();
            json.WriteEndObject();
        }
        if (facts.Action is { Length: > 0 } action)
        {
            json.WriteStartObject("api");
            json.Text("operation", action);
            if (facts.Service is { Length: > 0 } service)
            {
                json.WriteStartObject("service");
                json.Text("name", service);
                json.WriteEndObject();
            }
            if (facts.Error is { Length: > 0 } error)
            {
                json.WriteStartObject("response");
                json.Text("error", error);
                json.WriteEndObject();
            }
            json.WriteEndObject();
        }
        if (facts.Source is { Length: > 0 } source)
        {
            json.WriteStartObject("src_endpoint");
            json.Text(System.Net.IPAddress.TryParse(source, out _) ? "ip" : "svc_name", source);
            if (facts.Network is { } network)
                json.Text("zone", network);
            json.WriteEndObject();
        }
    }

    private static void WriteRemediation(Utf8JsonWriter json, RuleInfo? rule, Finding finding)
    {
        if (rule is null)
            return;
        var text = string.Join("\n\n", NextSteps.Of(rule.Response, finding).Concat(new[] { rule.Fix.Console, rule.Fix.Cli, rule.Fix.Terraform }.OfType<string>()));
        if (text.Length == 0)
            return;
        json.WriteStartObject("remediation");
        json.Text("desc", text);
        if (rule.References.Count > 0)
            json.Texts("references", rule.References);
        json.WriteEndObject();
    }
}
