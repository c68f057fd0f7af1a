using System.Globalization;
using System.Text;
using Scanner.Model;
using Scanner.Publish.Text;
using H = Scanner.Publish.Text.Html;

namespace Scanner.Publish.Reports;

/// <summary>What the principals of matches did around them, in the HTML report, a click away.</summary>
internal static class HtmlTimeline
{
    private const int MostName = 200;
    private const int MostRows = 60;

    /// <summary>Whose timeline it is, and its lines: when, what, on what, from where (where that changes) and how it was refused; null where a match has none.</summary>
    /// <param name="finding">A finding.</param>
    public static (string Summary, HtmlCell Lines)? Of(Finding finding)
    {
        if (finding.Seen is not { Timeline: { Count: > 0 } timeline })
            return null;
        var made = new HtmlCell().Aside("Ten minutes before and after, from the same logs; ➤ is what the detection found.");
        string? source = null;
        foreach (var entry in timeline)
        {
            made.Break().Text(string.Create(CultureInfo.InvariantCulture, $"{(entry.IsMatch ? "➤ " : "")}{entry.Time.UtcDateTime:HH:mm:ss} ")).Code(SafeText.Cut(entry.Action, MostName));
            if (entry.Count > 1)
                made.Text($" × {Wording.Number(entry.Count)}");
            if (entry.Touched is { } touched)
                made.Text(" on ").Code(SafeText.Cut(StartHere.ShortName(touched), MostName));
            if (entry.Source is { } from && from != source)
                made.Text(" from ").Code(SafeText.Cut(source = from, MostName));
            if (entry.Error is { } error)
                made.Text(", refused: ").Code(SafeText.Cut(error, MostName));
        }
        return ($"Timeline of {SafeText.Line(SafeText.Cut(Who(finding), MostName))}, {timeline[0].Time.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)} (UTC)", made);
    }

    /// <summary>All that those who take part in an incident did around it, as a table; empty where that is not known.</summary>
    /// <param name="incident">An incident.</param>
    /// <param name="number">Its number on the page.</param>
    public static string Around(Incident incident, int number)
    {
        var past = IncidentMarkdown.Past(incident);
        if (past.Count == 0)
            return "";
        var made = new StringBuilder("<details><summary>All that those who take part did around it</summary>\n<p class=\"note\">From the same logs; ➤ is what a detection found.</p>\n");
        made.Append(CultureInfo.InvariantCulture, $"<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"What was done around incident {number}\"><table class=\"line\"><thead><tr><th scope=\"col\">When (UTC)</th><th scope=\"col\">Who</th><th scope=\"col\">Call</th><th scope=\"col\">On</th><th scope=\"col\">From</th><th scope=\"col\">Refused</th></tr></thead><tbody>\n");
        foreach (var (who, entry) in past.Take(MostRows))
        {
            made.Append("<tr><td>").Append(entry.IsMatch ? "➤ " : "").Append(entry.Time.UtcDateTime.ToString("MM-dd HH:mm:ss", CultureInfo.InvariantCulture))
                .Append("</td><td>").Append(Short(who)).Append("</td><td><code>").Append(Short(entry.Action)).Append("</code>").Append(entry.Count > 1 ? $" × {Wording.Number(entry.Count)}" : "")
                .Append("</td><td>").Append(entry.Touched is { } touched ? Short(StartHere.ShortName(touched)) : "").Append("</td><td>").Append(Short(entry.Source ?? "")).Append("</td><td>").Append(Short(entry.Error ?? "")).Append("</td></tr>\n");
        }
        made.Append("</tbody></table></div>\n");
        if (past.Count > MostRows)
            made.Append(CultureInfo.InvariantCulture, $"<p class=\"note\">and {past.Count - MostRows} more; each match among the findings has its own timeline</p>\n");
        return made.Append("</details>\n").ToString();
    }

    private static string Who(Finding finding) => EventFacts.Of(finding) is { } facts && (facts.PrincipalArn ?? facts.ActorArn) is { } arn ? arn : "the principal";

    private static string Short(string text) => H.Text(SafeText.Cut(text, MostName));
}
