using System.Globalization;
using System.Text.RegularExpressions;
using Scanner.Catalog;
using Scanner.Model;

namespace Scanner.Evaluate.Gates;

/// <summary>
/// Ignores that people wrote at a resource in the source: ours, <c># scanner:ignore CHECK until 2027-03-31: reason</c>, with a reason and a last
/// day as mutes in files have them; and the skips of other tools where a check of ours covers theirs
/// (<c># checkov:skip=ID:reason</c>, <c>#trivy:ignore:ID</c>). One that cannot be applied is told, never silently dropped.
/// </summary>
/// <param name="catalog">The catalog.</param>
/// <param name="today">The day that last days are counted from.</param>
/// <param name="foreign">Whether the skips of other tools count.</param>
public sealed partial class InlineIgnores(CheckCatalog catalog, DateOnly today, bool foreign)
{
    private readonly List<string> _notes = [];
    private readonly List<GateIgnore> _applied = [];

    /// <summary>Ignores that could not be applied and why, one sentence each.</summary>
    public IReadOnlyList<string> Notes => _notes;

    /// <summary>What was silenced, and by whose words.</summary>
    public IReadOnlyList<GateIgnore> Applied => _applied;

    /// <summary>The finding, muted where a comment at its resource says so. Only a fail is.</summary>
    /// <param name="finding">A finding of a plan.</param>
    /// <param name="comments">The comments at its resource.</param>
    public Finding Apply(Finding finding, IEnumerable<(string Text, SourceLocation At)> comments)
    {
        ArgumentNullException.ThrowIfNull(finding);
        ArgumentNullException.ThrowIfNull(comments);
        if (finding.Status != FindingStatus.Fail || finding.Address is null)
            return finding;
        foreach (var (text, at) in comments)
        {
            var found = Own(text, at, finding) ?? (foreign ? Checkov(text, at, finding) ?? Trivy(text, at, finding) : null);
            if (found is null)
                continue;
            _applied.Add(found with { Change = finding.Change });
            var until = found.Until is { } day ? string.Create(CultureInfo.InvariantCulture, $" until {day:yyyy-MM-dd}") : "";
            return finding with
            {
                Status = FindingStatus.Muted,
                Change = null,
                MutedReason = string.Create(CultureInfo.InvariantCulture, $"{found.Reason} ({found.By}{until}, {at.File}:{at.Line})"),
            };
        }
        return finding;
    }

    private GateIgnore? Own(string text, SourceLocation at, Finding finding)
    {
        if (!text.StartsWith("scanner:ignore", StringComparison.OrdinalIgnoreCase))
            return null;
        var match = OwnSyntax().Match(text);
        if (!match.Success)
        {
            Note(at, "write '# scanner:ignore CHECK until 2027-03-31: reason': the check, the last day and the reason are required");
            return null;
        }
        var checks = match.Groups["checks"].Value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        foreach (var check in checks.Where(check => !catalog.Checks.Keys.Any(id => Glob.Matches(check, id))))
            Note(at, $"there is no check '{check}'; {Spelling.Suggest(check, catalog.Checks.Keys)}");
        if (!DateOnly.TryParseExact(match.Groups["day"].Value, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day))
        {
            Note(at, $"'{match.Groups["day"].Value}' is no day such as 2027-03-31");
            return null;
        }
        if (!Array.Exists(checks, check => Glob.Matches(check, finding.Check) || (Wider(finding.Check) is { } wider && Glob.Matches(check, wider))))
            return null;
        if (day < today)
        {
            Note(at, string.Create(CultureInfo.InvariantCulture, $"the ignore of {finding.Check} expired on {day:yyyy-MM-dd}"));
            return null;
        }
        return new GateIgnore(finding.Check, finding.Address!, "scanner:ignore", match.Groups["reason"].Value.Trim(), day, at);
    }

    private GateIgnore? Checkov(string text, SourceLocation at, Finding finding)
    {
        var match = CheckovSyntax().Match(text);
        if (!match.Success)
            return null;
        var ids = match.Groups["ids"].Value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        var id = Array.Find(ids, id => Covers("checkov", id, finding.Check));
        var reason = match.Groups["reason"].Value.Trim();
        return id is null ? null : new GateIgnore(finding.Check, finding.Address!, "checkov:skip " + id, reason.Length > 0 ? reason : "no reason given", null, at);
    }

    private GateIgnore? Trivy(string text, SourceLocation at, Finding finding)
    {
        foreach (Match match in TrivySyntax().Matches(text))
        {
            var id = match.Groups["id"].Value;
            if (!Covers("trivy", id, finding.Check))
                continue;
            DateOnly? until = DateOnly.TryParseExact(match.Groups["day"].Value, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) ? day : null;
            if (until < today)
            {
                Note(at, string.Create(CultureInfo.InvariantCulture, $"the ignore of {id} expired on {until:yyyy-MM-dd}"));
                continue;
            }
            var reason = text[(match.Index + match.Length)..].Trim();
            return new GateIgnore(finding.Check, finding.Address!, "trivy:ignore " + id, reason.Length > 0 ? reason : "no reason given", until, at);
        }
        return null;
    }

    // Who accepts what a check finds accepts what a part of it finds.
    private string? Wider(string check) => catalog.Checks.TryGetValue(check, out var known) ? known.Within : null;

    private bool Covers(string tool, string id, string check) =>
        catalog.Equivalents.Any(one => one.Tool == tool && (one.Check == check || one.Check == Wider(check)) && (one.Id.Equals(id, StringComparison.OrdinalIgnoreCase)
            // Trivy writes AWS-0089 since 0.69 and AVD-AWS-0089 before.
            || one.Id.Equals("AVD-" + id, StringComparison.OrdinalIgnoreCase)));

    private void Note(SourceLocation at, string what)
    {
        var note = string.Create(CultureInfo.InvariantCulture, $"{at.File}:{at.Line}: {what}");
        if (!_notes.Contains(note, StringComparer.Ordinal))
            _notes.Add(note);
    }

    [GeneratedRegex(@"^scanner:ignore\s+(?<checks>\S+(\s*,\s*\S+)*)\s+until\s+(?<day>\S+?)\s*:\s*(?<reason>\S.*)$",
        RegexOptions.ExplicitCapture | RegexOptions.IgnoreCase | RegexOptions.Singleline | RegexOptions.NonBacktracking)]
    private static partial Regex OwnSyntax();

    [GeneratedRegex(@"^(checkov|bridgecrew):skip\s*=\s*(?<ids>[\w,\s-]+?)\s*(:(?<reason>.*))?$",
        RegexOptions.ExplicitCapture | RegexOptions.IgnoreCase | RegexOptions.Singleline | RegexOptions.NonBacktracking)]
    private static partial Regex CheckovSyntax();

    [GeneratedRegex(@"(trivy|tfsec):ignore:(?<id>[A-Za-z0-9_*-]+)(:exp:(?<day>[0-9-]+))?(:ws:\S+)?", RegexOptions.ExplicitCapture | RegexOptions.IgnoreCase | RegexOptions.NonBacktracking)]
    private static partial Regex TrivySyntax();
}
