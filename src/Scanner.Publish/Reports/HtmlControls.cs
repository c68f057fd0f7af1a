using System.Globalization;
using System.Text;
using Scanner.Model;
using H = Scanner.Publish.Text.Html;

namespace Scanner.Publish.Reports;

/// <summary>The benchmark page of the HTML report: each framework with its controls, their answers, and what they rest on.</summary>
internal static class HtmlControls
{
    private static readonly (ControlStatus Status, string Words, string Class)[] Order =
    [
        (ControlStatus.Pass, "pass", "pass"), (ControlStatus.Fail, "fail", "fail"), (ControlStatus.Unknown, "unknown", "unknown"),
        (ControlStatus.Muted, "accepted", "muted"), (ControlStatus.Manual, "by hand", "na"), (ControlStatus.NotApplicable, "not applicable", "na"),
    ];

    /// <summary>A card with all frameworks; empty where none was asked.</summary>
    /// <param name="report">Of a scan.</param>
    /// <param name="anchor">Anchor of a rule.</param>
    public static string Card(ScanReport report, Func<string, string> anchor)
    {
        if (report.Frameworks.Count == 0)
            return "";
        var made = new StringBuilder("<section class=\"card benchmarks\" id=\"benchmarks\"><h2>Benchmarks</h2>\n");
        foreach (var framework in report.Frameworks)
        {
            var all = Math.Max(1, framework.Controls.Count);
            made.Append(CultureInfo.InvariantCulture, $"<details id=\"b-{anchor(framework.Id)}\"{(report.Frameworks.Count == 1 ? " open" : "")}><summary><strong>{H.Text(framework.Title)}</strong> <span class=\"note\">{framework[ControlStatus.Pass]} of {framework.Controls.Count} controls pass");
            foreach (var (status, words, _) in Order.Where(part => part.Status != ControlStatus.Pass && framework[part.Status] > 0))
                made.Append(CultureInfo.InvariantCulture, $" · {framework[status]} {words}");
            made.Append("</span><svg class=\"bar\" viewBox=\"0 0 100 6\" preserveAspectRatio=\"none\" aria-hidden=\"true\"><rect class=\"track\" width=\"100\" height=\"6\"/>");
            var at = 0.0;
            foreach (var (status, _, name) in Order.Where(part => part.Status is ControlStatus.Pass or ControlStatus.Fail or ControlStatus.Unknown or ControlStatus.Muted))
            {
                var width = 100.0 * framework[status] / all;
                if (width > 0)
                    made.Append(CultureInfo.InvariantCulture, $"<rect class=\"s-{name}\" x=\"{at:0.##}\" width=\"{width:0.##}\" height=\"6\"/>");
                at += width;
            }
            made.Append("</svg></summary>\n<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Controls of ").Append(H.Text(framework.Title)).Append("\"><table class=\"controls\"><thead><tr><th scope=\"col\">Control</th><th scope=\"col\">Level</th><th scope=\"col\">Answer</th><th scope=\"col\">What must hold</th><th scope=\"col\" class=\"n\">fail</th><th scope=\"col\" class=\"n\">unknown</th><th scope=\"col\" class=\"n\">pass</th><th scope=\"col\">Evidence</th></tr></thead><tbody>\n");
            foreach (var control in framework.Controls)
                Row(made, control, report, anchor);
            made.Append("</tbody></table></div></details>\n");
        }
        return made.Append("</section>\n").ToString();
    }

    private static void Row(StringBuilder made, ControlResult control, ScanReport report, Func<string, string> anchor)
    {
        var (_, words, name) = Array.Find(Order, part => part.Status == control.Status);
        made.Append(CultureInfo.InvariantCulture, $"<tr><th scope=\"row\">{H.Text(control.Id)}</th><td>{control.Level}</td><td><span class=\"pill s-{name}\">{words}</span></td><td>{H.Text(control.Title)}</td>");
        foreach (var status in (ReadOnlySpan<FindingStatus>)[FindingStatus.Fail, FindingStatus.Unknown, FindingStatus.Pass])
            made.Append(CultureInfo.InvariantCulture, $"<td class=\"n{(control[status] == 0 ? " zero" : "")}\">{control[status]:N0}</td>");
        made.Append("<td>").AppendJoin(", ", control.Checks.Select(check => report.Rules.ContainsKey(check) ? $"<a href=\"#r-{anchor(check)}\">{H.Text(check)}</a>" : H.Text(check)));
        if (control.Reason.Length > 0)
            made.Append(control.Checks.Count > 0 ? "<br>" : "").Append("<em>").Append(H.Text(control.Reason)).Append("</em>");
        made.Append("</td></tr>\n");
    }
}
