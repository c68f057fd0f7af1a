using System.Globalization;
using System.Text;
using Scanner.Model;
using Scanner.Publish.Reports;

namespace Scanner.Publish.GitHub;

// One issue an incident. A match that several rules tell belongs to it, and not to the issues of those rules.
internal sealed partial class IssuePublisher
{
    // Keys of findings that an incident's issue tells, and its number; null in a dry run.
    private readonly Dictionary<string, int?> _told = new(StringComparer.Ordinal);

    /// <summary>Opens and follows the issues of incidents, before those of single rules.</summary>
    private async Task FollowIncidentsAsync(ScanReport report, Dictionary<string, TrackedIssue> tracked)
    {
        var stories = tracked.Values.Where(issue => issue.State.Check == IssueGroup.IncidentCheck).OrderBy(issue => issue.Issue.Number).ToList();
        foreach (var incident in Incident.Of(report.Findings))
        {
            var related = stories.Where(issue => IsPartOf(incident, issue.State)).ToList();
            // What one rule says is told in its own issue, unless it goes on with a story that has one.
            if (related.Count == 0 && incident.Findings.Select(finding => finding.Check).Distinct(StringComparer.Ordinal).Take(2).Count() < 2)
                continue;
            var open = related.Find(issue => !issue.IsClosed) ?? related.Find(issue => issue.IsClosedByOthers && !issue.IsClosedByPerson);
            var story = IssueGroup.Of(incident, open?.State.Account, report.Scan);
            if (open is null && !tracked.ContainsKey(IssueState.KeyOf(story.Check, story.Account)))
            {
                await TellAsync(report, story, related.FindLast(issue => issue.IsClosedByPerson)?.Issue.Number);
                continue;
            }
            if ((open ?? tracked[IssueState.KeyOf(story.Check, story.Account)]) is var issue)
            {
                Told(incident, issue.Issue.Number);
                await OneAsync(issue, () => GoOnAsync(report, story, issue));
            }
        }
    }

    // It holds one of the matches, or goes on within a day with the same principal, session, key or address.
    private static bool IsPartOf(Incident incident, IssueState state)
    {
        if (state.Phase == IssuePhase.Duplicate)
            return false;
        if (incident.Findings.Any(finding => state.Keys.Contains(finding.Key)))
            return true;
        return incident.Joins.Any(join => state.Joins.Contains(IssueState.HashOf("join", join)))
            && (state.Last is not { } last || incident.First is not { } first || first - last <= Incident.Span);
    }

    private async Task TellAsync(ScanReport report, IssueGroup story, int? before)
    {
        if (_created >= options.MaxNewIssues)
        {
            _overCap++;
            return;
        }
        var (state, body) = IncidentText.Compose(story, report, StateOfStory(story, null), before, Whole);
        var labels = IssueText.Labels(story);
        await api.EnsureLabelsAsync(labels);
        var fields = await api.FieldsAsync();
        var number = await api.CreateIssueAsync(IssueText.Title(story), body, [.. labels.Select(label => label.Name)],
            issue => IssueState.Parse(issue.Body)?.Key == state.Key, fields.Values(story.Rule.Severity, null, []), await AssignableAsync(story));
        _created++;
        Told(story.Story!, number);
        Did("open", number, story);
    }

    private async Task GoOnAsync(ScanReport report, IssueGroup story, TrackedIssue issue)
    {
        var incident = story.Story!;
        var fresh = incident.Findings.Where(finding => !issue.State.Keys.Contains(finding.Key)).Select(finding => finding.Key).ToHashSet(StringComparer.Ordinal);
        var reopen = issue.IsClosed;
        if (fresh.Count == 0 && !reopen)
            return;
        var (_, body) = IncidentText.Compose(story, report, StateOfStory(story, issue.State), null, Whole, issue.Issue.Body ?? "");
        var said = new StringBuilder(reopen ? "Closed by a bot, which cannot deal with it.\n\n" : "");
        if (fresh.Count > 0)
        {
            said.Append("New matches belong to this incident:\n\n").Append(IncidentMarkdown.Head);
            foreach (var (_, row) in IncidentMarkdown.Rows(incident, report.Rules).Where(row => fresh.Contains(row.Key)).Take(30))
                said.Append(row).Append('\n');
            if (fresh.Count > 30)
                said.Append(CultureInfo.InvariantCulture, $"\nand {fresh.Count - 30:N0} more\n");
        }
        await CommentAsync(issue, "incident", said.ToString());
        await PatchAsync(issue, story, body, open: reopen);
        if (reopen)
            _reopened++;
        else
            _updated++;
        Did(reopen ? "reopen" : "update", issue.Issue.Number, story);
    }

    private static IssueState StateOfStory(IssueGroup story, IssueState? before)
    {
        var incident = story.Story!;
        var keys = incident.Findings.Select(finding => finding.Key).ToList();
        return new IssueState
        {
            Check = story.Check,
            Account = story.Account,
            IsDetection = true,
            Revision = (before?.Revision ?? 0) + 1,
            Keys = KeySet.Of(keys).Union(before?.Keys ?? KeySet.Empty).Limit(IssueState.MaxKeys, keys),
            Joins = KeySet.Of(incident.Joins.Select(join => IssueState.HashOf("join", join))).Union(before?.Joins ?? KeySet.Empty).Limit(100, incident.Joins.Select(join => IssueState.HashOf("join", join))),
            Last = new[] { incident.Last, before?.Last }.Max(),
            Accepted = before?.Accepted ?? KeySet.Empty,
            AcceptedBy = before?.AcceptedBy,
            Regions = [.. incident.Findings.Select(finding => finding.Region).Concat(before?.Regions ?? []).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)],
        };
    }

    private void Told(Incident incident, int? number)
    {
        foreach (var finding in incident.Findings)
        {
            _told[finding.Key] = number;
            if (number is { } known && options.RepositoryUrl is { } page)
                _issues[(finding.Check, finding.Account)] = new Uri(page, FormattableString.Invariant($"issues/{known}"));
        }
    }

    /// <summary>A rule's group without what an incident's issue tells; where that was all that its own open issue is about, the issue is closed and says where to read on.</summary>
    private async Task<IssueGroup> WithoutToldAsync(IssueGroup group, Dictionary<string, TrackedIssue> tracked)
    {
        if (!group.IsDetection || !group.All.Any(finding => _told.ContainsKey(finding.Key)))
            return group;
        var left = group.Of([.. group.All.Where(finding => !_told.ContainsKey(finding.Key))]);
        var told = group.Fails.Where(finding => _told.ContainsKey(finding.Key)).ToList();
        if (left.Fails.Count > 0 || told.Count == 0 || tracked.GetValueOrDefault(IssueState.KeyOf(group.Check, group.Account)) is not { IsClosed: false } issue
            || issue.State.Keys.Count == 0 || issue.State.Keys.Except(told.Select(finding => finding.Key)).Without(issue.State.Accepted).Count > 0)
            return left;
        await OneAsync(issue, async () =>
        {
            var number = _told[told[0].Key];
            await CommentAsync(issue, "incident", $"This is part of an incident, which has an issue of its own now: {(number is { } known ? string.Create(CultureInfo.InvariantCulture, $"#{known}") : "see the newest")}. What was accepted here stays accepted.");
            await PatchStateAsync(issue, issue.State with { Phase = IssuePhase.Duplicate, Revision = issue.State.Revision + 1 }, members =>
            {
                members["state"] = "closed";
                members["state_reason"] = "not_planned";
            });
            _closed++;
            Did("close", issue.Issue.Number, group);
        });
        return left;
    }
}
