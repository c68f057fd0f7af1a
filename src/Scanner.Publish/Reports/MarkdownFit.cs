using System.Globalization;
using System.Text;
using Scanner.Publish.Text;

namespace Scanner.Publish.Reports;

/// <summary>Puts as many sections as fit into a limited place, and says in words which do not.</summary>
internal static class MarkdownFit
{
    // Room for the words about what is left out: one line a chapter, and there are at most seven.
    private const int Note = 1_500;

    /// <summary>The document; empty when there is not even room to say that there is none.</summary>
    /// <param name="sections">Sections, the most important first.</param>
    /// <param name="limit">What the place holds, in the unit of <paramref name="size"/>.</param>
    /// <param name="size">Size of a text.</param>
    /// <param name="because">Why there is a limit: our own words.</param>
    /// <param name="whole">Where everything is kept; safe markdown.</param>
    public static string Join(IReadOnlyList<MarkdownSection> sections, long limit, Func<string, int> size, string because, string whole)
    {
        if (limit < Note)
            return "";
        // What matters most has its place before all else; where not even that fits, the order decides.
        var vital = sections.Where(section => section.IsVital).Sum(section => (long)size(Whole(section)));
        if (vital > limit - Note)
            vital = 0;
        var kept = vital > 0;
        var made = new StringBuilder();
        var left = new List<MarkdownSection>();
        var used = 0L;
        string? chapter = null;
        foreach (var section in sections)
        {
            var heading = section.Chapter is not null && section.Chapter != chapter ? $"## {section.Chapter}\n\n" : "";
            var text = $"{heading}{section.Text}\n";
            var more = size(text);
            if (kept && section.IsVital)
                vital -= size(Whole(section));
            if (used + more + vital > limit - Note)
            {
                left.Add(section);
                continue;
            }
            made.Append(text);
            used += more;
            chapter = section.Chapter ?? chapter;
        }
        if (left.Count > 0)
        {
            made.Append(CultureInfo.InvariantCulture, $"\n**This is not everything**, because {because}. Left out:\n\n");
            foreach (var group in left.GroupBy(s => s.Chapter ?? s.Name, StringComparer.Ordinal))
                made.Append(CultureInfo.InvariantCulture, $"- {group.Key}: {Wording.Count(group.Count(), "section", "sections")}\n");
            var note = $"\nEverything is in {whole}.\n";
            made.Append(size(note) < Note / 2 ? note : "\nEverything is in the reports.\n");
        }
        return made.ToString();

        static string Whole(MarkdownSection section) => $"{(section.Chapter is null ? "" : $"## {section.Chapter}\n\n")}{section.Text}\n";
    }
}
