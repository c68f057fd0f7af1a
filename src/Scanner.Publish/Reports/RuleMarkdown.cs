using System.Globalization;
using System.Text;
using Scanner.Model;
using Scanner.Publish.Text;

namespace Scanner.Publish.Reports;

/// <summary>
/// What a reader is told of a rule, as markdown: why it matters, its remediation, what the logging source costs, which
/// controls and techniques it is about. The same words in reports, issues and SARIF.
/// </summary>
internal static class RuleMarkdown
{
    /// <summary>All parts, separated by empty lines, ending with a line break. Made of blocks only.</summary>
    public static string Explain(RuleInfo rule)
    {
        var made = new StringBuilder();
        foreach (var part in Parts(rule))
            made.Append(part).Append("\n\n");
        return made.ToString().TrimEnd('\n') + "\n";
    }

    /// <summary>The parts, the most useful first; each is whole in itself and can be left out.</summary>
    /// <param name="rule">A check or detection.</param>
    /// <param name="commands">The part that stands in the place of the check's own commands; null for these.</param>
    public static IEnumerable<string> Parts(RuleInfo rule, string? commands = null)
    {
        if (rule.Why.Length > 0)
            yield return RichMarkdown.After("**Why it matters.**", rule.Why);
        if (rule.Response.Count > 0)
            yield return "**What to do, in order**\n\n" + string.Join('\n', rule.Response.Select((r, i) => FormattableString.Invariant($"{i + 1}. {RichMarkdown.Line(r)}")));
        if (rule.FalsePositives.Count > 0)
            yield return "**When it is harmless**\n\n" + string.Join('\n', rule.FalsePositives.Select(r => "- " + RichMarkdown.Line(r)));
        if (rule.Fix.Console is { Length: > 0 } console)
            yield return Details("Remediation in the console", RichMarkdown.Blocks(console));
        if (commands is not null)
            yield return commands;
        else if (rule.Fix.Cli is { Length: > 0 } cli)
            yield return Details("Remediation with the AWS CLI", CodeOrText(cli, "sh"));
        if (rule.Fix.Terraform is { Length: > 0 } terraform)
            yield return Details("Remediation in Terraform", CodeOrText(terraform, "hcl"));
        if (rule.Source is { } source)
        {
            yield return "**The logging source**\n\n| | |\n|---|---|\n"
                + $"| In a new account | {RichMarkdown.Line(source.Default)} |\n"
                + $"| Cost | {RichMarkdown.Line(source.Cost)} |\n"
                + $"| Use in an investigation | {RichMarkdown.Line(source.Use)} |";
        }
        if (rule.Controls.Count > 0)
            yield return "**Controls**\n\n" + string.Join('\n', rule.Controls.Select(c => $"- {Markdown.Code(c.ToString())} {Markdown.Text(c.Title)}".TrimEnd()));
        if (rule.Mitre.Count > 0)
            yield return "**MITRE ATT&amp;CK** " + string.Join(", ", rule.Mitre.Select(Mitre));
        if (rule.References.Count > 0)
            yield return "**Further reading**\n\n" + string.Join('\n', rule.References.Select(r => "- " + Markdown.Link(r, r)));
    }

    /// <summary>What the principal of a detection did ten minutes before and after, behind a click; empty where it is not known.</summary>
    public static string Timeline(Finding finding)
    {
        if (finding.Seen is not { Timeline: { Count: > 0 } timeline })
            return "";
        var who = EventFacts.Of(finding) is { } facts ? facts.PrincipalArn ?? facts.ActorArn : null;
        var rows = timeline.Select(entry => string.Create(CultureInfo.InvariantCulture,
            $"| {(entry.IsMatch ? "➤ " : "")}{entry.Time.UtcDateTime:HH:mm:ss} | {Markdown.Code(SafeText.Cut(entry.Action, 200))}{(entry.Count > 1 ? $" × {entry.Count:N0}" : "")} | {(entry.Touched is { } touched ? Markdown.Code(SafeText.Cut(touched, 200)) : "")} | {(entry.Source is { } source ? Markdown.Code(SafeText.Cut(source, 100)) : "")} | {(entry.Error is { } error ? Markdown.Code(SafeText.Cut(error, 100)) : "")} |"));
        return Details($"Timeline of {(who is null ? "the principal" : $"<code>{Html.Text(SafeText.Cut(who, 200))}</code>")}, {timeline[0].Time.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)} (UTC)",
            "Ten minutes before and after, from the same logs; ➤ is what the detection found.\n\n| Time | Call | On | From | Refused |\n|---|---|---|---|---|\n" + string.Join('\n', rows));
    }

    /// <summary>A technique as a link to attack.mitre.org, with its name; a tactic by its name; anything else as text.</summary>
    public static string Mitre(string id) =>
        AttackMatrix.Find(id) is { } technique ? Markdown.Link(AttackMatrix.Label(id), technique.Url) : Markdown.Text(AttackMatrix.Label(id));

    /// <summary>A part that opens on a click. Blank lines let markdown work inside.</summary>
    public static string Details(string summary, string blocks) =>
        $"<details><summary>{summary}</summary>\n\n{blocks}\n\n</details>";

    /// <summary>Code of a check's author, or blocks where it is markdown with fences of its own.</summary>
    public static string CodeOrText(string text, string language) =>
        text.Contains("```", StringComparison.Ordinal) || text.Contains("~~~", StringComparison.Ordinal)
            ? RichMarkdown.Blocks(text)
            : Markdown.Fence(text, language);
}
