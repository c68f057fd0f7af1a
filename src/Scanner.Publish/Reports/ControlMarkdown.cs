using System.Globalization;
using System.Text;
using Scanner.Model;
using Scanner.Publish.Text;

namespace Scanner.Publish.Reports;

/// <summary>The table of a framework's controls: every one of them, with its answer and what it rests on.</summary>
internal static class ControlMarkdown
{
    private static readonly (ControlStatus Status, string Words)[] Order =
    [
        (ControlStatus.Pass, "pass"), (ControlStatus.Fail, "fail"), (ControlStatus.Unknown, "unknown"), (ControlStatus.Muted, "accepted"),
        (ControlStatus.Manual, "to be checked by hand"), (ControlStatus.NotApplicable, "not applicable"),
    ];

    /// <summary>One section a framework.</summary>
    public static IEnumerable<MarkdownSection> Sections(ScanReport report)
    {
        // Of many, a line each; --framework tells one of them whole.
        if (report.Frameworks.Count > 1)
        {
            yield return new MarkdownSection("Benchmarks", Lines(report.Frameworks), "Benchmarks");
            yield break;
        }
        foreach (var framework in report.Frameworks)
        {
            var made = new StringBuilder("### ").Append(Markdown.Text(framework.Title)).Append("\n\n").Append(Counts(framework)).Append("\n\n")
                .Append("<details><summary>").Append(Wording.Count(framework.Controls.Count, "control", "controls"))
                .Append("</summary>\n\n| Control | | What must hold | ❌ | ❔ | ✅ | Checks |\n|---|---|---|--:|--:|--:|---|\n");
            foreach (var control in framework.Controls)
                Row(made, control);
            made.Append("\n</details>\n");
            yield return new MarkdownSection($"Controls of {Markdown.Text(framework.Title)}", made.ToString(), "Controls");
        }
    }

    private static string Lines(IReadOnlyList<FrameworkResult> frameworks)
    {
        var made = new StringBuilder("Controls of each framework; `--framework ID` has the table of one, HTML and JSON have all, and `--report controls=FILE.csv` gives them to an auditor.\n\n| | ✅ pass | ❌ fail | ❔ unknown | 🔕 accepted | 👁️ by hand | ➖ not applicable |\n|---|--:|--:|--:|--:|--:|--:|\n");
        foreach (var framework in frameworks)
        {
            made.Append("| ").Append(Markdown.Text(framework.Title)).Append(" (").Append(Markdown.Code(framework.Id)).Append(')');
            foreach (var status in (ReadOnlySpan<ControlStatus>)[ControlStatus.Pass, ControlStatus.Fail, ControlStatus.Unknown, ControlStatus.Muted, ControlStatus.Manual, ControlStatus.NotApplicable])
                made.Append(CultureInfo.InvariantCulture, $" | {framework[status]}");
            made.Append(" |\n");
        }
        return made.ToString();
    }

    /// <summary><c>31 of 63 controls pass · 21 fail · 5 to be checked by hand</c>.</summary>
    public static string Counts(FrameworkResult framework) =>
        string.Join(" · ", Order
            .Where(part => part.Status == ControlStatus.Pass || framework[part.Status] > 0)
            .Select(part => part.Status == ControlStatus.Pass
                ? string.Create(CultureInfo.InvariantCulture, $"**{framework[ControlStatus.Pass]} of {framework.Controls.Count} controls pass**")
                : string.Create(CultureInfo.InvariantCulture, $"{framework[part.Status]} {part.Words}")));

    private static void Row(StringBuilder made, ControlResult control)
    {
        made.Append("| ").Append(Markdown.Code(control.Id)).Append(" | ").Append(Mark(control.Status)).Append(' ').Append(Names.Of(control.Status))
            .Append(" | ").Append(Markdown.Text(control.Title));
        if (control.Level is { } level)
            made.Append(CultureInfo.InvariantCulture, $" (level {level})");
        foreach (var status in (ReadOnlySpan<FindingStatus>)[FindingStatus.Fail, FindingStatus.Unknown, FindingStatus.Pass])
            made.Append(" | ").Append(control[status] == 0 ? "" : control[status].ToString("N0", CultureInfo.InvariantCulture));
        made.Append(" | ").AppendJoin(", ", control.Checks.Select(Markdown.Code));
        if (control.Reason.Length > 0)
            made.Append(control.Checks.Count > 0 ? ". " : "").Append(Markdown.Text(control.Reason));
        made.Append(" |\n");
    }

    private static string Mark(ControlStatus status) => status switch
    {
        ControlStatus.Fail => "❌",
        ControlStatus.Unknown => "❔",
        ControlStatus.Manual => "👁️",
        ControlStatus.Muted => "🔕",
        ControlStatus.Pass => "✅",
        _ => "➖",
    };
}
