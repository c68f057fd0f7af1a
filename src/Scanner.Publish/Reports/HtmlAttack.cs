using System.Globalization;
using System.Text;
using Scanner.Model;
using Scanner.Publish.Text;
using H = Scanner.Publish.Text.Html;

namespace Scanner.Publish.Reports;

/// <summary>The heat map of MITRE ATT&amp;CK in the HTML report: how many detections look for each technique, tactic by tactic, and which of them were seen.</summary>
internal static class HtmlAttack
{
    /// <summary>A card; empty where no detection that ran names a technique.</summary>
    /// <param name="report">Of a scan.</param>
    public static string Card(ScanReport report)
    {
        var matches = FindingList.Where(report.Findings, finding => finding is { Kind: FindingKind.Detection, Status: FindingStatus.Fail }).CountBy(finding => finding.Check, StringComparer.Ordinal).ToDictionary(StringComparer.Ordinal);
        var detections = report.Rules.Values.Where(rule => rule.Kind == FindingKind.Detection).ToList();
        // A sub-technique is told in its technique's cell.
        var cells = detections.SelectMany(rule => AttackMatrix.Cells(rule.Mitre).Select(cell => (cell.Tactic, cell.Technique.TechniqueId, Rule: rule)).Distinct())
            .GroupBy(one => (one.Tactic, one.TechniqueId), one => one.Rule).ToLookup(group => group.Key.Tactic);
        if (cells.Count == 0)
            return "";
        var techniques = cells.SelectMany(groups => groups).Select(group => group.Key.TechniqueId).Distinct(StringComparer.Ordinal).Count();
        var seen = cells.SelectMany(groups => groups).Where(group => group.Any(rule => matches.ContainsKey(rule.Id))).Select(group => group.Key.TechniqueId).Distinct(StringComparer.Ordinal).Count();
        var made = new StringBuilder("<section class=\"card\" id=\"attack\"><h2>MITRE ATT&amp;CK</h2>\n<details><summary>").Append(Wording.Count(techniques, "technique", "techniques")).Append(" that ")
            .Append(Wording.Count(detections.Count, "detection looks for", "detections look for")).Append(", ").Append(Wording.Number(seen)).Append(" seen</summary>\n<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"MITRE ATT&amp;CK\"><table class=\"attack\"><thead><tr>");
        var tactics = AttackMatrix.Tactics.Where(cells.Contains).ToList();
        foreach (var tactic in tactics)
            made.Append("<th scope=\"col\">").Append(H.Text(tactic.Name)).Append("</th>");
        made.Append("</tr></thead><tbody><tr>\n");
        foreach (var tactic in tactics)
        {
            made.Append("<td><ul>");
            foreach (var group in cells[tactic].OrderByDescending(group => group.Sum(rule => matches.GetValueOrDefault(rule.Id))).ThenByDescending(group => group.Count()).ThenBy(group => group.Key.TechniqueId, StringComparer.Ordinal))
                Cell(made, group.Key.TechniqueId, group.Select(rule => rule.Id).Distinct(StringComparer.Ordinal).ToList(), matches);
            made.Append("</ul></td>\n");
        }
        return made.Append("</tr></tbody></table></div>\n<p class=\"note\">The broader the bar, the more detections look for it; red was seen. <code>--report navigator=FILE</code> writes the same as a layer of the ATT&amp;CK Navigator.</p></details></section>\n").ToString();
    }

    private static void Cell(StringBuilder made, string id, List<string> rules, Dictionary<string, int> matches)
    {
        var seen = rules.Sum(rule => matches.GetValueOrDefault(rule));
        var heat = rules.Count switch { 1 => 1, < 5 => 2, _ => 3 };
        made.Append(CultureInfo.InvariantCulture, $"<li class=\"heat{heat}{(seen > 0 ? " seen" : "")}\">");
        if (AttackMatrix.Find(id) is { } technique)
            made.Append("<a href=\"").Append(technique.Url).Append("\" rel=\"noreferrer\">").Append(H.Text(technique.Name)).Append("</a>");
        else
            made.Append(H.Text(id));
        made.Append(" <span>").Append(Wording.Count(rules.Count, "detection", "detections")).Append(seen > 0 ? ", " + Wording.Count(seen, "match", "matches") : "").Append("</span></li>");
    }
}
