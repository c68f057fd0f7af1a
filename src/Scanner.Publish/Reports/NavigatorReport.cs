using System.Globalization;
using System.Text.Json;
using Scanner.Model;

namespace Scanner.Publish.Reports;

/// <summary>
/// A layer of the MITRE ATT&amp;CK Navigator (layer format 4.5, github.com/mitre-attack/attack-navigator, layers/LAYERFORMATv4_5.md):
/// the techniques that the detections which ran look for, and those that fired. A technique's score is the number of its detections
/// that matched something that nobody has accepted. Checks of posture are no part of it: a setting is no act of an adversary.
/// </summary>
internal sealed class NavigatorReport : IReportFormat
{
    // Blue and red of GitHub's palette, apart for those who do not see red from green.
    private const string Covered = "#54aeff";
    private const string Fired = "#cf222e";

    /// <inheritdoc />
    public string Name => "navigator";

    /// <inheritdoc />
    public async Task WriteAsync(ScanReport report, Stream output, CancellationToken cancellation)
    {
        var fired = FindingList.Where(report.Findings, finding => finding is { Kind: FindingKind.Detection, Status: FindingStatus.Fail })
            .Select(finding => finding.Check).ToHashSet(StringComparer.Ordinal);
        var detections = report.Rules.Values.Where(rule => rule.Kind == FindingKind.Detection).OrderBy(rule => rule.Id, StringComparer.Ordinal).ToList();
        var cells = detections.SelectMany(rule => AttackMatrix.Cells(rule.Mitre).Select(cell => (cell, rule)))
            .GroupBy(pair => pair.cell, pair => pair.rule)
            .OrderBy(group => group.Key.Technique.Id, StringComparer.Ordinal).ThenBy(group => group.Key.Tactic.Id, StringComparer.Ordinal);
        await using var json = new Utf8JsonWriter(output, JsonText.Indented);
        json.WriteStartObject();
        json.Text("name", $"Scanner {report.Scan.Time.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)}");
        json.WriteStartObject("versions");
        json.WriteString("attack", AttackMatrix.Version.Split('.')[0]);
        json.WriteString("navigator", "5.1.0");
        json.WriteString("layer", "4.5");
        json.WriteEndObject();
        json.WriteString("domain", "enterprise-attack");
        json.Text("description", string.Create(CultureInfo.InvariantCulture, $"What {detections.Count} detections look for, and the {fired.Count} that fired."));
        json.WriteStartArray("techniques");
        foreach (var cell in cells)
            WriteTechnique(json, cell.Key, [.. cell], fired);
        json.WriteEndArray();
        json.WriteStartArray("legendItems");
        Legend("looked for, nothing seen", Covered);
        Legend("seen", Fired);
        json.WriteEndArray();
        json.WriteBoolean("showTacticRowBackground", true);
        json.WriteEndObject();
        await json.FlushAsync(cancellation);

        void Legend(string label, string color)
        {
            json.WriteStartObject();
            json.WriteString("label", label);
            json.WriteString("color", color);
            json.WriteEndObject();
        }
    }

    private static void WriteTechnique(Utf8JsonWriter json, (AttackTechnique Technique, AttackTactic Tactic) cell, List<RuleInfo> rules, HashSet<string> fired)
    {
        var seen = rules.Where(rule => fired.Contains(rule.Id)).ToList();
        json.WriteStartObject();
        json.WriteString("techniqueID", cell.Technique.Id);
        json.WriteString("tactic", cell.Tactic.ShortName);
        json.WriteNumber("score", seen.Count);
        json.WriteString("color", seen.Count > 0 ? Fired : Covered);
        json.Text("comment", string.Join('\n', seen.Select(rule => "Seen: " + rule.Title).Concat(rules.Except(seen).Select(rule => rule.Title))));
        json.WriteBoolean("showSubtechniques", cell.Technique.IsSubTechnique);
        json.WriteEndObject();
    }
}
