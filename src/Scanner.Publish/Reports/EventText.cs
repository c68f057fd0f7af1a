using System.Globalization;
using Scanner.Model;
using Scanner.Publish.Text;

namespace Scanner.Publish.Reports;

/// <summary>
/// What a detection saw, in words for people: when, who, from where, on what, and the event's id as that. Of several events all that take
/// part, a few of each.
/// </summary>
internal static class EventText
{
    private const int Most = 3;

    /// <summary>What a finding is about: the resource; of a detection what was touched or who acted, and the event's id as such.</summary>
    public static string Of(Finding finding) =>
        finding.Kind != FindingKind.Detection ? finding.Resource : $"{EventFacts.ThingOf(finding)}, event {finding.Resource}";

    /// <summary>The head of a markdown table of detections, without the first and last bar.</summary>
    public const string Head = " When (UTC) | Who | From | On | What happened | Event ";

    /// <summary>A row of a markdown table of detections, as <see cref="Head"/>.</summary>
    /// <param name="finding">A detection's finding.</param>
    /// <param name="longest">Most characters of its message and of its id; a longer one would push all others out of the table.</param>
    public static string Row(Finding finding, int longest = int.MaxValue)
    {
        var facts = EventFacts.Of(finding);
        return $" {When(finding, facts)} | {Few(facts?.Actors.Select(EventFacts.NameOf))} | {Few(facts?.Sources)} | {Few(facts?.AllTouched.Select(StartHere.ShortName))} | {Markdown.Text(SafeText.Cut(finding.Message, longest))} | {Markdown.Code(SafeText.Cut(finding.Resource, longest))} ";
    }

    /// <summary>A time in seconds; empty for none.</summary>
    public static string Utc(DateTimeOffset? time) => time?.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture) ?? "";

    private static string When(Finding finding, EventFacts? facts)
    {
        var (first, last) = (finding.Seen?.First, finding.Seen?.Last ?? facts?.Time);
        if (last is null)
            return "";
        var until = last.Value.UtcDateTime;
        return first is not { } from || from == last ? Text(until, "yyyy-MM-dd HH:mm:ss")
            : $"{Text(from.UtcDateTime, "yyyy-MM-dd HH:mm:ss")} to {Text(until, from.UtcDateTime.Date == until.Date ? "HH:mm:ss" : "yyyy-MM-dd HH:mm:ss")}";

        static string Text(DateTime time, string form) => time.ToString(form, CultureInfo.InvariantCulture);
    }

    private static string Few(IEnumerable<string>? values)
    {
        var all = (values ?? []).Distinct(StringComparer.Ordinal).ToList();
        var more = all.Count > Most ? string.Create(CultureInfo.InvariantCulture, $" and {all.Count - Most} more") : "";
        return string.Join(", ", all.Take(Most).Select(value => Markdown.Code(SafeText.Cut(value, 200)))) + more;
    }
}
