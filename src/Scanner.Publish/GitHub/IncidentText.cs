using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Scanner.Model;
using Scanner.Publish.Reports;
using Scanner.Publish.Text;

namespace Scanner.Publish.GitHub;

/// <summary>
/// Body of an incident's issue. What earlier scans told and this one no longer sees (they look a day back) is read back from our own text: rows of the
/// time line, each of which ends with the key of its finding, and lines of the scripts.
/// </summary>
internal static partial class IncidentText
{
    private const int MaxRows = 30_000;
    private const int MaxScript = 6_000;
    private const string Do = "**Do now**";
    private const string Undo = "Undo, where it was harmless";

    /// <summary>The state with its hash set, and the whole body.</summary>
    /// <param name="story">The incident, as a group.</param>
    /// <param name="report">The scan.</param>
    /// <param name="state">State to write, but for the hash.</param>
    /// <param name="before">Number of the closed issue that this one follows; null for none.</param>
    /// <param name="whole">Where everything is kept; safe markdown.</param>
    /// <param name="there">The body that is there; empty for a new issue.</param>
    public static (IssueState State, string Body) Compose(IssueGroup story, ScanReport report, IssueState state, int? before, string whole, string there = "")
    {
        var incident = story.Story!;
        state = state with { TitleHash = IssueState.HashOfTitle(IssueText.Title(story)), Teams = [.. IssueText.Labels(story).Select(label => label.Name).Where(name => name.StartsWith(LabelSpec.Owner, StringComparison.Ordinal))] };
        var (above, below) = IssueState.Theirs(there);
        if (above.Length + below.Length > IssueText.MaxBody / 2)
            (above, below) = (SafeText.Cut(above, IssueText.MaxBody / 4), SafeText.Cut(below, IssueText.MaxBody / 4));
        var ours = there.Length > above.Length + below.Length ? there[above.Length..^below.Length] : "";

        var made = new StringBuilder("\n").Append(Wording.SeverityMark(incident.Severity)).Append(" **Incident**: ").Append(IncidentMarkdown.Summary(incident, report.Scan));
        // Read back from our own text, too: it is said as long as the issue lives.
        var follows = before ?? (Follows().Match(ours) is { Success: true } found ? int.Parse(found.Groups["number"].Value, CultureInfo.InvariantCulture) : null);
        if (follows is { } number)
            made.Append(CultureInfo.InvariantCulture, $" It follows #{number}, which was closed.");
        made.Append("\n\n").Append(Rows(incident, report, ours, whole)).Append(Scripts(incident, report.Scan, ours));
        var line = state with { Hash = new string('0', 32), Revision = int.MaxValue };
        var footer = string.Create(CultureInfo.InvariantCulture, $"{Close()}\n\n---\n\n<sub>Kept up to date by Scanner. Last changed {report.Scan.Time.UtcDateTime:yyyy-MM-dd HH:mm} UTC.</sub>\n");
        var room = IssueText.MaxBody - above.Length - below.Length - line.Line().Length - state.LastLine().Length - 2 - made.Length - footer.Length - 200;
        foreach (var part in IncidentMarkdown.Parts(incident, report))
        {
            if (part.Length + 2 > room)
                continue;
            made.Append(part).Append("\n\n");
            room -= part.Length + 2;
        }
        var hashed = state with { Hash = IssueState.HashOf(IssueText.Title(story), made.ToString(), state.Keys.ToString()) };
        return (hashed, $"{above}{hashed.Line()}\n{made}{footer}{hashed.LastLine()}\n{below}");
    }

    private static string Close() =>
        RuleMarkdown.Details("What this issue does", "It stays open until you close it; closing it means that the matches above are dealt with. A match that belongs to it and comes later is added with a comment while it is open, and opens a new issue that names this one when it is closed.");

    private static string Rows(Incident incident, ScanReport report, string ours, string whole)
    {
        var rows = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var line in ours.Split('\n'))
        {
            if (Row().Match(line.TrimEnd('\r')) is { Success: true } row)
                rows[row.Groups["key"].Value] = line.TrimEnd('\r');
        }
        foreach (var (key, row) in IncidentMarkdown.Rows(incident, report.Rules))
        {
            var digits = key[..16];
            rows[digits] = $"{row[..^1]}<!-- scanner:k={digits} --> |";
        }
        var made = new StringBuilder("**Time line**\n\n").Append(IncidentMarkdown.Head);
        var shown = 0;
        // Of too many, the latest say what goes on. Rows begin with their time.
        var fit = new List<string>();
        var used = 0;
        foreach (var row in rows.Values.OrderDescending(StringComparer.Ordinal))
        {
            if ((used += row.Length + 1) > MaxRows)
                break;
            fit.Add(row);
            shown++;
        }
        fit.Reverse();
        foreach (var row in fit)
            made.Append(row).Append('\n');
        if (shown < rows.Count)
            made.Append('\n').Append(Wording.Count(rows.Count - shown, "earlier match", "earlier matches")).Append(": an issue holds no more; what this scan saw is in ").Append(whole).Append(".\n");
        return made.Append('\n').ToString();
    }

    private static string Scripts(Incident incident, ScanSummary scan, string ours)
    {
        var steps = Containment.Of(incident);
        var commands = Merged(Earlier(ours, Do), IncidentMarkdown.Script(steps, scan, undo: false));
        var undo = Merged(Earlier(ours, Undo), IncidentMarkdown.Script(steps, scan, undo: true));
        return commands.Count == 0 ? "" : IncidentMarkdown.Commands(commands, undo);
    }

    // Lines by account, each once, those of earlier scans first.
    private static List<string> Merged(IEnumerable<string> earlier, IEnumerable<string> now)
    {
        var accounts = new List<string>();
        var heads = new Dictionary<string, string>(StringComparer.Ordinal);
        var lines = new Dictionary<string, List<string>>(StringComparer.Ordinal);
        var used = 0;
        var account = "";
        foreach (var line in earlier.Concat(now))
        {
            if (line.StartsWith("# in account ", StringComparison.Ordinal))
            {
                // The id at its end: the name before it may change.
                account = line.TrimEnd(')')[^Math.Min(12, line.TrimEnd(')').Length)..];
                heads[account] = line;
                if (lines.TryAdd(account, []))
                    accounts.Add(account);
            }
            else if (account.Length > 0 && line.StartsWith("aws ", StringComparison.Ordinal) && !lines[account].Contains(line, StringComparer.Ordinal) && (used += line.Length) <= MaxScript)
            {
                lines[account].Add(line);
            }
        }
        return [.. accounts.Where(one => lines[one].Count > 0).SelectMany(one => lines[one].Prepend(heads[one]))];
    }

    private static IEnumerable<string> Earlier(string ours, string heading)
    {
        var at = ours.IndexOf(heading, StringComparison.Ordinal);
        if (at < 0)
            return [];
        var lines = ours[at..].Split('\n').Select(line => line.TrimEnd('\r')).SkipWhile(line => !line.StartsWith("```", StringComparison.Ordinal)).Skip(1);
        return lines.TakeWhile(line => !line.StartsWith("```", StringComparison.Ordinal));
    }

    [GeneratedRegex(@"^\| .*<!-- scanner:k=(?<key>[0-9a-f]{16}) --> \|$", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Row();

    [GeneratedRegex(@"It follows #(?<number>[0-9]{1,9}), which was closed\.", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Follows();
}
