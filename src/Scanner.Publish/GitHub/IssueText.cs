using System.Globalization;
using System.Text;
using Scanner.Model;
using Scanner.Publish.Reports;
using Scanner.Publish.Text;

namespace Scanner.Publish.GitHub;

/// <summary>
/// Title and body of an issue. GitHub takes 65,536 characters; the hidden line and the parts that explain are put in
/// first, the table of resources gets the rest, and what does not fit is counted in words.
/// </summary>
internal static class IssueText
{
    /// <summary>GitHub's limit is 65,536; counted in UTF-16 units, which are never fewer than characters.</summary>
    public const int MaxBody = 65_000;

    private const int MaxExplanation = 14_000;
    private const int MaxSection = 6_000;
    private const int MostTimelines = 5;

    /// <summary>The title: at most 256 characters, one line.</summary>
    public static string Title(IssueGroup group) =>
        SafeText.Cut(SafeText.Words(group.Story is { } story
            ? $"[{Names.Of(group.Rule.Severity)}] Incident: {SafeText.Cut(group.Rule.Title, 150)} {Where(group, story.Accounts.Count == 1 ? "account" : "accounts")}"
            : group.IsMany
            ? string.Create(CultureInfo.InvariantCulture, $"[{Names.Of(group.Rule.Severity)}] {SafeText.Cut(group.Rule.Fault, 190)} ({Wording.Count(group.AccountCount, "account", "accounts")})")
            : string.Create(CultureInfo.InvariantCulture,
            $"[{Names.Of(group.Rule.Severity)}] {(group.IsDetection ? "Detected: " : "")}{SafeText.Cut(group.Rule.Fault, 150)} {Where(group, "account")}")), 256);

    // A name has its id behind it; an id alone is said to be an account.
    private static string Where(IssueGroup group, string word) => group.Called.EndsWith(')') ? $"· {group.Called}" : $"({word} {group.Called})";

    /// <summary>The title that earlier versions wrote: what must hold, behind a word.</summary>
    public static string EarlierTitle(IssueGroup group) =>
        SafeText.Cut(SafeText.Words(string.Create(CultureInfo.InvariantCulture,
            $"[{Names.Of(group.Rule.Severity)}] {(group.IsDetection ? "Detected" : "Failing")}: {SafeText.Cut(group.Rule.Title, 190)} (account {group.Account})")), 256);

    /// <summary>Labels, ours first.</summary>
    public static IReadOnlyList<LabelSpec> Labels(IssueGroup group) =>
        [LabelSpec.Scanner, LabelSpec.Of(group.Rule.Severity), group.Story is null ? LabelSpec.OfService(group.Rule.Service) : LabelSpec.Incident,
            .. Teams(group)];

    private static IEnumerable<LabelSpec> Teams(IssueGroup group) =>
        group.Owners.Select(one => one.Owner.Team).OfType<string>().Distinct(StringComparer.OrdinalIgnoreCase).Take(10).Select(LabelSpec.OfTeam);

    /// <summary>
    /// The state with its hash set, and the whole body. The hash is over everything but the time, so a run that finds
    /// the same says the same.
    /// </summary>
    /// <param name="group">What the scan says; what is accepted is among the muted.</param>
    /// <param name="state">State to write, but for the hash.</param>
    /// <param name="carried">Findings listed before that this scan could not look at again.</param>
    /// <param name="until">Last day of the acceptance; null for no end.</param>
    /// <param name="scan">The scan.</param>
    /// <param name="whole">Where everything is kept; safe markdown.</param>
    /// <param name="there">The body that is there, with what people wrote around ours; empty for a new issue.</param>
    public static (IssueState State, string Body) Compose(
        IssueGroup group, IssueState state, int carried, DateOnly? until, ScanSummary scan, string whole, string there = "")
    {
        state = state with { TitleHash = IssueState.HashOfTitle(Title(group)), Teams = [.. Teams(group).Select(label => label.Name)] };
        var (above, below) = IssueState.Theirs(there);
        var hashLine = state with { Hash = new string('0', 32), Revision = int.MaxValue };
        // What people wrote stays whole, but for a text that leaves ours no place at all.
        if (above.Length + below.Length > MaxBody / 2)
            (above, below) = (SafeText.Cut(above, MaxBody / 4), SafeText.Cut(below, MaxBody / 4));
        var room = MaxBody - hashLine.Line().Length - 1 - state.LastLine().Length - 1 - above.Length - below.Length;
        var head = Head(group);
        var tail = Tail(group, scan, state, carried, until, whole);
        var footer = string.Create(CultureInfo.InvariantCulture, $"\n---\n\n<sub>Kept up to date by Scanner. Last changed {scan.Time.UtcDateTime:yyyy-MM-dd HH:mm} UTC.</sub>\n");
        room -= head.Length + tail.Length + footer.Length;
        var table = group.IsMany ? AccountsTable.Of(group, scan, room, whole) : Table(group, room, whole);
        // Keys and regions too: a change of a resource that is not in the table any more is a change.
        var hash = IssueState.HashOf(
            Title(group), head, table, tail, state.Keys.ToString(), state.Accepted.ToString(),
            string.Join(',', state.Regions), string.Join(',', Labels(group).Select(l => l.Name)));
        var hashed = state with { Hash = hash };
        return (hashed, $"{above}{hashed.Line()}\n{head}{table}{tail}{footer}{hashed.LastLine()}\n{below}");
    }

    private static string Head(IssueGroup group)
    {
        var count = group.Fails.Count;
        var made = new StringBuilder("\n").Append(Wording.SeverityMark(group.Rule.Severity)).Append(" **");
        if (group.IsDetection)
            made.Append(Wording.Count(count, "event", "events")).Append(" matched “").Append(Markdown.Text(group.Rule.Title)).Append("”**");
        else
            made.Append(Markdown.Text(group.Rule.Fault)).Append("**: ").Append(Wording.Count(count, "resource", "resources"));
        if (group.IsMany)
            made.Append(" in ").Append(Wording.Count(group.AccountCount, "account", "accounts"));
        else
            made.Append(" in account ").Append(Markdown.Code(group.Called));
        made.Append(". Severity ").Append(Names.Of(group.Rule.Severity)).Append(", ").Append(group.IsDetection ? "rule " : "check ").Append(Markdown.Code(group.Check)).Append(".\n\n");
        if (group.Owners is { Count: > 0 } owners)
        {
            // As code: an issue that is renewed every night must not call everybody every night.
            made.Append("**Owner**: ").AppendJoin(", ", owners.Take(10).Select(one => Name(one.Owner) + (owners.Count > 1 || one.Count < count ? string.Create(CultureInfo.InvariantCulture, $" ({one.Count})") : "")));
            if (owners.Count > 10)
                made.Append(CultureInfo.InvariantCulture, $" and {owners.Count - 10} more");
            made.Append("\n\n");
        }
        return made.ToString();
    }

    /// <summary>Whose it is, as code.</summary>
    internal static string Name(Owner owner) =>
        string.Join(", ", new[] { owner.Assignee is { } person ? Markdown.Code(person) : null, owner.Team is { } team ? "team " + Markdown.Code(team) : null }.OfType<string>());

    private static string Table(IssueGroup group, int room, string whole)
    {
        // Room for the words about the rest.
        room -= 300 + whole.Length;
        // Where one owns them all, the line above says it.
        var owned = group.Owners.Count > 1 || group.Owners.Sum(one => one.Count) is var sum && sum > 0 && sum < group.Fails.Count;
        var made = new StringBuilder(group.IsDetection ? $"| Region |{EventText.Head}|" : "| Region | Resource | What is wrong |")
            .Append(owned ? " Owner |\n|---|" : "\n|").Append(group.IsDetection ? "---|---|---|---|---|---|---|\n" : "---|---|---|\n");
        var shown = 0;
        foreach (var finding in group.Fails)
        {
            var row = $"| {Markdown.Code(finding.Region)} |{(group.IsDetection ? EventText.Row(finding, 1_000) : $" {Resource(finding.Resource)} | {Markdown.Text(SafeText.Cut(finding.Message, 1_000))} ")}|{(owned ? $" {(finding.Owner is { } owner ? Name(owner) : "")} |" : "")}\n";
            if (made.Length + row.Length > room)
                break;
            made.Append(row);
            shown++;
        }
        if (shown < group.Fails.Count)
        {
            made.Append('\n').Append(Wording.Count(group.Fails.Count - shown, group.IsDetection ? "more event" : "more resource", group.IsDetection ? "more events" : "more resources"))
                .Append(": an issue holds no more; all of them are in ").Append(whole).Append(".\n");
        }
        return made.Append('\n').ToString();
    }

    // AWS ids are far shorter; a longer one would push all others out of the table.
    private static string Resource(string resource) => Markdown.Code(SafeText.Cut(resource, 1_000));

    private static string Tail(IssueGroup group, ScanSummary scan, IssueState state, int carried, DateOnly? until, string whole)
    {
        var made = new StringBuilder();
        if (carried > 0)
        {
            made.Append("❔ ").Append(Wording.Count(carried, "resource that was listed here before", "resources that were listed here before"))
                .Append(" could not be looked at in the last scan; they count as not fixed. Earlier versions of this text name them.\n\n");
        }
        if (group.Unknowns.Count > 0)
            made.Append(Unread(group, scan, whole));
        if (state.Accepted.Count > 0)
        {
            made.Append("🔕 The risk of ").Append(Wording.Count(state.Accepted.Count, "other finding", "other findings")).Append(" is accepted");
            if (state.AcceptedBy is { } by)
                made.Append(" by ").Append(Markdown.Code(by));
            if (until is { } last)
                made.Append(CultureInfo.InvariantCulture, $" until {last:yyyy-MM-dd}");
            made.Append(".\n\n");
        }
        made.Append(Timelines(group, whole));
        var left = new List<string>();
        var used = 0;
        foreach (var part in RuleMarkdown.Parts(group.Rule, RemediationScript.Of(group.Rule, group.Fails, scan)))
        {
            if (used + part.Length > MaxExplanation)
            {
                left.Add(part);
                continue;
            }
            used += part.Length;
            made.Append(part).Append("\n\n");
        }
        if (left.Count > 0)
        {
            made.Append(Wording.Count(left.Count, "more part of the explanation is", "more parts of the explanation are"))
                .Append(" too long for an issue: in ").Append(whole).Append(".\n\n");
        }
        made.Append(Accept(group, state));
        return made.ToString();
    }

    /// <summary>What those who set the detection off did around it, folded; for some of them where there are many.</summary>
    private static string Timelines(IssueGroup group, string whole)
    {
        var made = new StringBuilder();
        var told = 0;
        foreach (var finding in group.Fails.Where(finding => finding.Seen is { Timeline.Count: > 1 }).Take(MostTimelines))
        {
            var text = RuleMarkdown.Timeline(finding);
            if (text.Length > MaxSection || made.Length + text.Length > 2 * MaxSection)
                continue;
            made.Append(text).Append("\n\n");
            told++;
        }
        var more = group.Fails.Count(finding => finding.Seen is { Timeline.Count: > 1 }) - told;
        if (more > 0)
            made.Append(Wording.Count(more, "more timeline", "more timelines")).Append(" in ").Append(whole).Append(".\n\n");
        return made.ToString();
    }

    private static string Unread(IssueGroup group, ScanSummary scan, string whole)
    {
        var made = new StringBuilder("**What could not be read** (it does not count as fixed)\n\n").Append(group.IsMany ? "| Account, region" : "| Region").Append(" | Operation | How it ended |\n|---|---|---|\n");
        var causes = group.Unknowns
            .SelectMany(f => f.Causes.Count > 0
                ? f.Causes.Select(c => (Region: Place(c.Account, c.Region), Operation: c.Operation ?? "", Reason: $"{Names.Of(c.Outcome)}: {c.Reason}"))
                : [(Region: Place(f.Account, f.Region), Operation: "", Reason: f.Message)])
            .Distinct().ToList();
        var shown = 0;
        foreach (var (region, operation, reason) in causes)
        {
            var row = $"| {Markdown.Code(region)} | {(operation.Length > 0 ? Markdown.Code(operation) : "")} | {Markdown.Text(SafeText.Cut(reason, 600))} |\n";
            if (made.Length + row.Length > MaxSection)
                break;
            made.Append(row);
            shown++;
        }
        if (shown < causes.Count)
            made.Append('\n').Append(Wording.Count(causes.Count - shown, "more", "more")).Append(" in ").Append(whole).Append(".\n");
        return made.Append('\n').ToString();

        string Place(string account, string region) => group.IsMany ? $"{scan.Called(account)}, {region}" : region;
    }

    private static string Accept(IssueGroup group, IssueState state)
    {
        if (group.IsDetection)
            return RuleMarkdown.Details("What this issue does", "It stays open until you close it; closing it means that the events above are dealt with. New events reopen it.") + "\n";
        var text = (group.IsMany ? "This issue is about all accounts in which the check fails, because they are many (`--group-issues`). Close it as **not planned**: that accepts the risk of all of that, and of nothing else; for some of the accounts write a file in `mutes/`. A new resource or account reopens it. "
            : "Close this issue as **not planned**: that accepts the risk of the resources listed above, and of no others. A new resource reopens it. ")
            + "To end it on a day, add the label `accepted-until:YYYY-MM-DD`. To take it back, reopen the issue.\n\n"
            + "When everything is fixed the next scan closes this issue; closing it as completed while something fails reopens it.";
        if (state.Keys.Count + state.Accepted.Count + (int)(state.Accounts.Count * IssueState.KeysAnAccount) >= IssueState.MaxKeys)
        {
            text += string.Create(CultureInfo.InvariantCulture,
                $"\n\n**An issue can remember {IssueState.MaxKeys - (int)(state.Accounts.Count * IssueState.KeysAnAccount):N0} resources, and there are more here.** Closing it accepts those, and the others reopen it: accept them in a file of `mutes/`.");
        }
        return RuleMarkdown.Details("How to accept the risk", text) + "\n";
    }
}
