using System.Globalization;
using System.Text.Json;
using Scanner.Model;

namespace Scanner.Publish.Reports;

/// <summary>What the JSON report of a gate has besides that of a scan: members of a finding, and the object <c>gate</c>.</summary>
internal static class GateJson
{
    /// <summary>
    /// The members from <c>change</c> on. <c>causes</c> are the addresses that the finding comes from; what could not be told, which a scan calls
    /// causes, is in <c>reasons</c> here.
    /// </summary>
    public static void WriteFinding(Utf8JsonWriter json, Finding finding)
    {
        if (finding.Plan is not null)
            json.Text("plan", finding.Plan);
        json.Text("address", finding.Address);
        if (finding.PreviousAddress is not null)
            json.Text("previous_address", finding.PreviousAddress);
        json.Texts("causes", finding.CausedBy);
        if (finding.Location is { } at)
            WriteLocation(json, at);
        if (finding.Assumed)
            json.WriteBoolean("assumed", true);
    }

    /// <summary>The member <c>gate</c>.</summary>
    public static void WriteGate(Utf8JsonWriter json, ScanReport report)
    {
        var gate = report.Gate!;
        json.WriteStartObject("gate");
        json.Text("name", gate.Name);
        json.WriteStartArray("plans");
        foreach (var plan in gate.Plans)
            WritePlan(json, plan);
        json.WriteEndArray();
        var counts = GateCounts.Of(report.Findings);
        json.WriteStartObject("counts");
        json.WriteNumber("introduced", counts.Introduced);
        json.WriteNumber("existing", counts.Existing);
        json.WriteNumber("fixed", counts.Fixed);
        json.WriteNumber("removed", counts.Removed);
        json.WriteNumber("unknown", counts.Unknown);
        json.WriteEndObject();
        json.WriteNumber("resources", gate.Resources);
        json.WriteNumber("judgments", gate.Judgements);
        json.WriteNumber("passed", gate.Passed);
        json.WriteStartObject("types_not_judged");
        foreach (var (type, count) in gate.TypesNotJudged.OrderBy(type => type.Key, StringComparer.Ordinal))
            json.WriteNumber(JsonText.WellFormed(type), count);
        json.WriteEndObject();
        // The number only: checks that are not this change's business are not named to anybody.
        json.WriteNumber("checks_not_judged", gate.ChecksNotJudged.Count);
        if (gate.ScanTime is { } time)
            json.WriteString("scan_time", time.ToUniversalTime());
        json.WriteStartArray("scores");
        foreach (var score in gate.Scores)
        {
            json.WriteStartObject();
            json.Text("framework", score.Framework);
            json.WriteNumber("before", score.Before);
            json.WriteNumber("after", score.After);
            json.WriteNumber("judged", score.Judged);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteStartArray("ignored");
        foreach (var ignored in gate.Ignored)
            WriteIgnored(json, ignored);
        json.WriteEndArray();
        json.Texts("changes_own_rules", gate.ChangesOwnRules);
        json.Texts("notes", gate.Notes);
        json.WriteEndObject();
    }

    private static void WritePlan(Utf8JsonWriter json, GatePlan plan)
    {
        json.WriteStartObject();
        json.Text("name", plan.Name);
        json.Text("file", plan.File);
        if (plan.Complete is { } complete)
            json.WriteBoolean("complete", complete);
        else
            json.WriteNull("complete");
        json.WriteBoolean("errored", plan.Errored);
        json.Text("account", plan.Account);
        json.Text("terraform_version", plan.TerraformVersion);
        json.WriteNumber("resources", plan.Resources);
        json.WriteNumber("created", plan.Created);
        json.WriteNumber("changed", plan.Changed);
        json.WriteNumber("replaced", plan.Replaced);
        json.WriteNumber("destroyed", plan.Destroyed);
        json.Texts("incomplete", plan.Incomplete);
        json.WriteEndObject();
    }

    private static void WriteIgnored(Utf8JsonWriter json, GateIgnore ignored)
    {
        json.WriteStartObject();
        json.Text("check", ignored.Check);
        json.Text("address", ignored.Address);
        json.Text("by", ignored.By);
        json.Text("reason", ignored.Reason);
        json.Text("until", ignored.Until?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
        json.Text("change", ignored.Change is { } change ? Names.Of(change) : null);
        if (ignored.Location is { } at)
            WriteLocation(json, at);
        json.WriteEndObject();
    }

    /// <summary>The member <c>location</c>.</summary>
    public static void WriteLocation(Utf8JsonWriter json, SourceLocation at)
    {
        json.WriteStartObject("location");
        json.Text("file", at.File);
        json.WriteNumber("line", at.Line);
        json.WriteNumber("endLine", at.EndLine);
        if (at.Module is not null)
            json.Text("module", at.Module);
        if (at.IsInDiff)
            json.WriteBoolean("in_diff", true);
        if (at.Suggestion is not null)
            json.Text("suggestion", at.Suggestion);
        json.WriteEndObject();
    }
}
