using System.Globalization;
using System.Net;
using System.Text;
using Octokit;
using Scanner.Model;
using Scanner.Publish.Reports;
using Scanner.Publish.Text;

namespace Scanner.Publish.GitHub;

/// <summary>
/// Brings the issues of a repository in line with a scan: one issue for each incident, one for each failing check and account, and one for
/// each detection and account that is no part of an incident. Every change is one request that carries the new hidden state with it, and a comment that
/// goes before it is marked, so a run that was killed anywhere can be made again and ends the same.
/// </summary>
internal sealed partial class IssuePublisher(GitHubApi api, GitHubOptions options)
{
    // Who closed an issue, asked once.
    private readonly Dictionary<int, User?> _closedBy = [];
    private readonly Dictionary<(string Check, string Account), Uri> _issues = [];
    private readonly Dictionary<string, bool> _assignable = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<string> _actions = [];
    private readonly List<string> _notes = [];
    private readonly List<string> _errors = [];
    private List<IssueReply> _damaged = [];
    private List<IssueReply>? _searched;
    private bool _lookedAgain;
    private int _created;
    private int _updated;
    private int _reopened;
    private int _closed;
    private int _overCap;
    private int? _opened;

    private string Whole => Wording.WholeReport(options.Reports);

    private DateOnly Today => DateOnly.FromDateTime(options.Clock.GetUtcNow().UtcDateTime);

    /// <summary>What people accepted, and what still holds of it today.</summary>
    public async Task<IReadOnlyList<AcceptedRisk>> LoadAcceptedRisksAsync()
    {
        var risks = new List<AcceptedRisk>();
        foreach (var tracked in (await LoadAsync()).Values)
        {
            var accepted = tracked.Accepted();
            if (accepted.Count == 0 || !tracked.Holds(Today))
                continue;
            var reason = string.Create(CultureInfo.InvariantCulture, $"accepted in #{tracked.Issue.Number} by {tracked.By}");
            if (tracked.Until is { } until)
                reason += string.Create(CultureInfo.InvariantCulture, $" until {until:yyyy-MM-dd}");
            risks.AddRange(accepted.Digits.Select(key => new AcceptedRisk(key, reason, tracked.Until)));
        }
        return risks;
    }

    /// <summary>Makes, changes, closes and reopens issues.</summary>
    public async Task<PublishResult> PublishAsync(ScanReport report)
    {
        var groups = IssueGroup.Of(report);
        var done = 0;
        try
        {
            var tracked = await LoadAsync();
            foreach (var issue in tracked.Values)
                await OneAsync(issue, () => CloseDuplicatesAsync(issue));
            await FollowIncidentsAsync(report, tracked);
            foreach (var (work, together) in InOrder(report, groups, tracked))
            {
                if (together)
                    await FollowManyAsync(report, work, tracked);
                else
                    await FollowAsync(report, await WithoutToldAsync(work[0], tracked), tracked);
                done += work.Count;
            }
            foreach (var issue in tracked.Values)
                await OneAsync(issue, () => FollowDueAsync(issue.Issue));
            // Another run may have opened the same at the same time: both see it now, and keep the older.
            if (_created > 0 && !options.DryRun)
            {
                foreach (var issue in (await LoadAsync(await api.ListNewestIssuesAsync())).Values)
                    await OneAsync(issue, () => CloseDuplicatesAsync(issue));
            }
        }
        catch (InputException e)
        {
            // What was done is done, and is told with what was not.
            _errors.Add(Left(e.Message, groups.Count - done));
        }
        catch (OperationCanceledException) when (options.Stop.IsCancellationRequested)
        {
            _errors.Add(Left("the run was stopped while it published issues", groups.Count - done));
        }
        if (_overCap > 0)
        {
            _notes.Add(string.Create(CultureInfo.InvariantCulture,
                $"{_overCap} failing checks have no issue yet: a run opens at most {options.MaxNewIssues} (--max-issues), the worst first. The next run opens more."));
        }
        return new PublishResult
        {
            DryRun = options.DryRun,
            Created = _created,
            Updated = _updated,
            Reopened = _reopened,
            Closed = _closed,
            OverCap = _overCap,
            Issues = _issues,
            Actions = _actions,
            Notes = _notes,
            Errors = _errors,
        };
    }

    private static string Left(string reason, int groups) =>
        groups == 0 ? reason : string.Create(CultureInfo.InvariantCulture, $"{reason} ({groups} {(groups == 1 ? "check was" : "checks were")} not looked at)");

    /// <returns>Whether there is an issue that tells what fails, in a dry run one that would be there.</returns>
    private async Task<bool> FollowAsync(ScanReport report, IssueGroup group, Dictionary<string, TrackedIssue> tracked)
    {
        var key = IssueState.KeyOf(group.Check, group.Account);
        var issue = tracked.GetValueOrDefault(key) ?? await DamagedAsync(group, key);
        if (issue is null && group.Fails.Count > 0 && !_lookedAgain && !options.DryRun && _created < options.MaxNewIssues)
        {
            // Before the first is opened: those that lists do not show yet, or no longer.
            _lookedAgain = true;
            foreach (var (other, one) in await LoadAsync(await api.ListNewestIssuesAsync()))
                tracked.TryAdd(other, one);
            issue = tracked.GetValueOrDefault(key) ?? await DamagedAsync(group, key);
        }
        var before = _created;
        if (issue is null)
            await CreateAsync(report, group);
        // The incident's issue is where to read on.
        else if (!group.IsDetection || !_issues.ContainsKey((group.Check, group.Account)))
            Known(group, issue.Issue.Number);
        if (issue is not null)
            await OneAsync(issue, () => group.IsDetection ? FollowDetectionAsync(report, group, issue) : FollowPostureAsync(report, group, issue));
        return issue is not null || _created > before;
    }

    /// <summary>Does something with one issue; where it is only this one that cannot be changed, the others are gone on with.</summary>
    private async Task OneAsync(TrackedIssue issue, Func<Task> work)
    {
        try
        {
            await work();
        }
        catch (InputException e) when (e.InnerException is ApiValidationException or ApiException { StatusCode: HttpStatusCode.NotFound or HttpStatusCode.Gone or HttpStatusCode.MovedPermanently })
        {
            _errors.Add(string.Create(CultureInfo.InvariantCulture, $"issue #{issue.Issue.Number} could not be changed: {e.Message}"));
        }
        catch (InputException e) when (e.InnerException is ForbiddenException)
        {
            if (!await IsLockedAsync(issue.Issue, e))
                throw;
            _errors.Add(string.Create(CultureInfo.InvariantCulture, $"issue #{issue.Issue.Number} is locked, and the token may not change it: unlock it, or close it by hand"));
        }
    }

    private async Task<bool> IsLockedAsync(IssueReply issue, InputException refusal)
    {
        if (issue.Locked || refusal.Message.Contains("lock", StringComparison.OrdinalIgnoreCase))
            return true;
        try
        {
            return (await api.GetIssueAsync(issue.Number)).Locked;
        }
        catch (InputException)
        {
            return false;
        }
    }

    /// <summary>An issue whose hidden line somebody took away, known by the line at its end or by its title.</summary>
    private async Task<TrackedIssue?> DamagedAsync(IssueGroup group, string key)
    {
        string[] titles = [WithoutSeverity(IssueText.Title(group)), WithoutSeverity(IssueText.EarlierTitle(group))];
        if (_damaged.Find(issue => IssueState.KeyAtEnd(issue.Body) is { } end ? end == key : titles.Contains(WithoutSeverity(issue.Title), StringComparer.Ordinal)) is not { } found)
            return null;
        _damaged.Remove(found);
        var state = new IssueState { Check = group.Check, Account = group.Account, IsDetection = group.IsDetection, Revision = 0, TitleHash = IssueState.HashOfTitle(found.Title) };
        var issue = new TrackedIssue(found, state, []);
        return issue.IsClosed ? issue with { ClosedBy = await ClosedByAsync(found.Number) } : issue;
    }

    private static string WithoutSeverity(string title) =>
        title.StartsWith('[') && title.IndexOf("] ", StringComparison.Ordinal) is > 0 and var end ? title[(end + 2)..] : title;

    private async Task<Dictionary<string, TrackedIssue>> LoadAsync(IReadOnlyList<IssueReply>? newest = null)
    {
        var own = await api.LoginAsync();
        var found = new Dictionary<string, List<(IssueReply Issue, IssueState State)>>(StringComparer.Ordinal);
        var listed = await api.ListIssuesAsync(LabelSpec.Scanner.Name);
        _searched ??= await api.SearchIssuesAsync();
        var all = listed.Concat(newest ?? []).Concat(_searched).DistinctBy(issue => issue.Number).OrderBy(issue => issue.Number).ToList();
        _damaged = [.. all.Where(issue => IssueState.Parse(issue.Body) is null && GitHubApi.IsTrusted(issue.User, issue.AuthorAssociation, own)
            && (IssueState.KeyAtEnd(issue.Body) is not null || issue.Labels.Any(label => label.Name == LabelSpec.Scanner.Name)))];
        foreach (var issue in all)
        {
            if (IssueState.Parse(issue.Body) is not { } state || !GitHubApi.IsTrusted(issue.User, issue.AuthorAssociation, own))
                continue;
            if (!found.TryGetValue(state.Key, out var same))
                found[state.Key] = same = [];
            same.Add((issue, state));
        }
        var tracked = new Dictionary<string, TrackedIssue>(StringComparer.Ordinal);
        foreach (var (key, same) in found)
        {
            var oldest = new TrackedIssue(same[0].Issue, same[0].State, same[1..]);
            if (oldest.IsClosedByOthers)
                oldest = oldest with { ClosedBy = await ClosedByAsync(oldest.Issue.Number) };
            tracked[key] = oldest;
        }
        return tracked;
    }

    private async Task<User?> ClosedByAsync(int number)
    {
        if (!_closedBy.TryGetValue(number, out var user))
            _closedBy[number] = user = (await api.GetIssueAsync(number)).ClosedBy;
        return user;
    }

    private async Task CreateAsync(ScanReport report, IssueGroup group)
    {
        if (group.Fails.Count == 0)
            return;
        if (_created >= options.MaxNewIssues)
        {
            _overCap++;
            return;
        }
        var (state, body) = IssueText.Compose(group, group.IsMany ? ByAccount(report, group, StateOf(group, KeySet.Empty, [], 1), null, KeySet.Empty) : StateOf(group, KeySet.Empty, [], 1), 0, null, report.Scan, Whole);
        var fields = await api.FieldsAsync();
        // A detection's issue is about what happened: that is looked at now.
        var due = group.IsDetection ? null : (report.DueDays.TryGetValue(group.Rule.Severity, out var own) ? own : IssueFields.DaysUntilDue(group.Rule.Severity)) is { } days ? Today.AddDays(days) : (DateOnly?)null;
        var labels = IssueText.Labels(group).Concat(due is { } day && !fields.HasDue ? [LabelSpec.OfDue(day)] : []).ToList();
        await api.EnsureLabelsAsync(labels);
        var number = await api.CreateIssueAsync(IssueText.Title(group), body, [.. labels.Select(l => l.Name)],
            issue => IssueState.Parse(issue.Body)?.Key == state.Key, fields.Values(group.Rule.Severity, due, []), await AssignableAsync(group));
        _created++;
        _opened = number;
        if (number is { } made)
            Known(group, made);
        Did("open", number, group);
    }

    private void Known(IssueGroup group, int number)
    {
        if (options.RepositoryUrl is not { } page)
            return;
        foreach (var account in group.IsMany ? group.FailingAccounts.Select(one => one.Key) : [group.Account])
            _issues[(group.Check, account)] = new Uri(page, FormattableString.Invariant($"issues/{number}"));
    }

    private async Task FollowPostureAsync(ScanReport report, IssueGroup group, TrackedIssue issue)
    {
        var accepted = issue.Accepted();
        var holds = issue.Holds(Today);
        if (!holds)
            accepted = KeySet.Empty;
        group = group.Without(accepted);
        var (carriedKeys, carriedRegions) = Carried(report, group, issue.State, accepted);
        if (group.IsMany)
            group = group.With([.. CarriedByAccount(report, group, issue.State, accepted).Keys]);
        if (issue.IsClosed)
        {
            if (group.Fails.Count > 0)
                await ReopenAsync(report, group, issue, accepted, carriedKeys, carriedRegions, WhyReopened(group, issue, holds));
            else if (issue.IsClosedByPerson && issue.IsNotPlanned && holds)
                await NoteAcceptanceAsync(group, issue, accepted);
            return;
        }
        if (group.Fails.Count > 0)
        {
            await UpdateAsync(report, group, issue, accepted, carriedKeys, carriedRegions);
            return;
        }
        // A person reopened what we had closed: theirs to decide.
        if (issue.State.Phase is IssuePhase.Fixed or IssuePhase.Muted or IssuePhase.Duplicate)
            return;
        if (group.Unknowns.Count > 0)
            await SayUnassessedAsync(group, issue);
        else if (carriedKeys.Count > 0)
            return;
        else if (issue.State.Phase != IssuePhase.Accepted)
            await CloseAsync(group, issue, accepted);
        else if (group.Muted.Count == 0)
            await CloseAsync(group, issue, KeySet.Empty);
    }

    private async Task FollowDetectionAsync(ScanReport report, IssueGroup group, TrackedIssue issue)
    {
        var known = issue.State.Keys.Union(issue.Accepted());
        var fresh = group.Fails.Where(f => !known.Contains(f.Key)).ToList();
        if (fresh.Count == 0)
        {
            // A team that owners.yml no longer names goes, though nothing new happened.
            if (!issue.IsClosed && group.Fails.Count > 0 && issue.State.Teams.Except(IssueText.Labels(group).Select(label => label.Name), StringComparer.Ordinal).Any())
            {
                await PatchWithLabelsAsync(issue, group, new Dictionary<string, object>(StringComparer.Ordinal)
                {
                    ["body"] = (issue.State with { Teams = [.. issue.State.Teams.Intersect(IssueText.Labels(group).Select(label => label.Name), StringComparer.Ordinal)] }).Replace(issue.Issue.Body ?? ""),
                });
                _updated++;
                Did("update", issue.Issue.Number, group);
            }
            return;
        }
        // Newest events first when not all can be remembered.
        var events = group.Of(group.Fails);
        var keys = known.Union(KeySet.Of(fresh.Select(f => f.Key))).Limit(IssueState.MaxKeys, group.Fails.Select(f => f.Key));
        var regions = group.Fails.Select(f => f.Region).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();
        var (_, body) = IssueText.Compose(events,
            new IssueState { Check = group.Check, Account = group.Account, IsDetection = true, Keys = keys, Regions = regions, Revision = issue.State.Revision + 1 },
            0, null, report.Scan, Whole, issue.Issue.Body ?? "");
        if (issue.IsClosed)
        {
            await CommentAsync(issue, "again", $"It happened again after this issue was closed: {Listed(fresh)}");
            await PatchAsync(issue, group, body, open: true);
            _reopened++;
            Did("reopen", issue.Issue.Number, group);
        }
        else
        {
            await PatchAsync(issue, group, body, open: false);
            _updated++;
            Did("update", issue.Issue.Number, group);
        }
    }

    private async Task UpdateAsync(ScanReport report, IssueGroup group, TrackedIssue issue, KeySet accepted, KeySet carried, IReadOnlyList<string> regions)
    {
        var (state, body) = Compose(report, group, issue, accepted, carried, regions);
        if (state.Hash == issue.State.Hash && issue.State.Phase == IssuePhase.Open)
            return;
        await PatchAsync(issue, group, body, open: false);
        _updated++;
        Did("update", issue.Issue.Number, group);
    }

    private async Task ReopenAsync(
        ScanReport report, IssueGroup group, TrackedIssue issue, KeySet accepted, KeySet carried, IReadOnlyList<string> regions, string why)
    {
        var (_, body) = Compose(report, group, issue, accepted, carried, regions);
        await CommentAsync(issue, "reopen", why);
        await PatchAsync(issue, group, body, open: true);
        _reopened++;
        Did("reopen", issue.Issue.Number, group);
    }

    private (IssueState State, string Body) Compose(
        ScanReport report, IssueGroup group, TrackedIssue issue, KeySet accepted, KeySet carried, IReadOnlyList<string> regions)
    {
        var state = StateOf(group, carried, regions, issue.State.Revision + 1) with
        {
            Accepted = accepted,
            AcceptedBy = accepted.Count > 0 ? issue.By : null,
        };
        state = group.IsMany ? ByAccount(report, group, state, issue.State, accepted) : state with { Keys = state.Keys.Limit(Math.Max(0, IssueState.MaxKeys - accepted.Count), group.Fails.Select(f => f.Key)) };
        return IssueText.Compose(group, state, carried.Count, issue.Until, report.Scan, Whole, issue.Issue.Body ?? "");
    }

    private static IssueState StateOf(IssueGroup group, KeySet carried, IReadOnlyList<string> regions, int revision) => new()
    {
        Check = group.Check,
        Account = group.Account,
        IsDetection = group.IsDetection,
        Revision = revision,
        Keys = KeySet.Of(group.Fails.Select(f => f.Key)).Union(carried).Limit(IssueState.MaxKeys, group.Fails.Select(f => f.Key)),
        Regions = [.. group.Fails.Select(f => f.Region).Concat(regions).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)],
    };

    private string WhyReopened(IssueGroup group, TrackedIssue issue, bool holds)
    {
        if (issue.IsUntilUnreadable)
            return $"The label that should end the accepted risk holds no date: write it as `accepted-until:YYYY-MM-DD`. Until then the risk counts as not accepted: {Listed(group.Fails)}";
        var wasAccepted = issue.State.Phase == IssuePhase.Accepted || issue.IsClosedByPerson && issue.IsNotPlanned;
        if (wasAccepted && !holds)
            return string.Create(CultureInfo.InvariantCulture, $"The risk was accepted until {issue.Until:yyyy-MM-dd}, and is still there: {Listed(group.Fails)}");
        if (wasAccepted)
            return $"New since the risk was accepted: {Listed(group.Fails)}";
        if (issue.State.Phase == IssuePhase.Muted)
            return $"No longer muted: {Listed(group.Fails)}";
        if (issue.State.Phase == IssuePhase.Duplicate)
            return $"So few accounts fail this check now that each has its own issue again: {Listed(group.Fails)}";
        if (!issue.IsClosedByOthers)
            return $"It fails again: {Listed(group.Fails)}";
        return issue.IsClosedByPerson
            ? $"Closed as completed, but the last scan found that it is not: {Listed(group.Fails)}To accept the risk instead, close this issue as **not planned**."
            : $"Closed by a bot, which can neither fix nor accept it: {Listed(group.Fails)}";
    }

    private async Task NoteAcceptanceAsync(IssueGroup group, TrackedIssue issue, KeySet accepted)
    {
        var state = issue.State with
        {
            Phase = IssuePhase.Accepted,
            Revision = issue.State.Revision + 1,
            Keys = KeySet.Empty,
            Accepted = accepted,
            AcceptedBy = issue.By,
        };
        await PatchStateAsync(issue, state);
        _updated++;
        Did("note the accepted risk in", issue.Issue.Number, group);
    }

    private async Task SayUnassessedAsync(IssueGroup group, TrackedIssue issue)
    {
        if (issue.State.Phase == IssuePhase.Unassessed)
            return;
        var causes = group.Unknowns.SelectMany(f => f.Causes)
            .Select(c => $"{Markdown.Code(c.Operation ?? c.Table)} in {Markdown.Code(c.Region)}: {Names.Of(c.Outcome)}, {Markdown.Text(SafeText.Cut(c.Reason ?? "", 300))}")
            .Distinct(StringComparer.Ordinal).ToList();
        var text = new StringBuilder("The last scan could not assess this again, so the issue stays open. This is said once; the next scan that can look decides.\n");
        foreach (var cause in causes.Take(20))
            text.Append("\n- ").Append(cause);
        if (causes.Count > 20)
            text.Append(CultureInfo.InvariantCulture, $"\n- and {causes.Count - 20} more");
        await CommentAsync(issue, "unassessed", text.ToString());
        await PatchStateAsync(issue, issue.State with { Phase = IssuePhase.Unassessed, Revision = issue.State.Revision + 1 });
        _updated++;
        Did("say that it could not be re-assessed in", issue.Issue.Number, group);
    }

    private async Task CloseAsync(IssueGroup group, TrackedIssue issue, KeySet accepted)
    {
        var muted = group.Muted.Count > 0;
        string text;
        if (muted)
        {
            var reasons = group.Muted.Select(f => f.MutedReason ?? "accepted earlier in this issue").Distinct(StringComparer.Ordinal).Take(20);
            text = "Nothing is left here whose risk is not accepted:\n\n" + string.Join('\n', reasons.Select(r => "- " + Markdown.Text(r)));
        }
        else
        {
            var passes = group.All.Count(f => f.Status == FindingStatus.Pass);
            text = passes > 0
                ? $"Fixed: the last scan looked at {Wording.Count(passes, "resource", "resources")} and all of them pass."
                : "Fixed: the last scan looked, and there is nothing left that fails.";
        }
        var state = issue.State with
        {
            Phase = !muted ? IssuePhase.Fixed : accepted.Count > 0 ? IssuePhase.Accepted : IssuePhase.Muted,
            Revision = issue.State.Revision + 1,
            Keys = KeySet.Empty,
            Accepted = muted ? accepted : KeySet.Empty,
            AcceptedBy = muted && accepted.Count > 0 ? issue.By : null,
        };
        await CommentAsync(issue, "close", text);
        await PatchStateAsync(issue, state, members =>
        {
            members["state"] = "closed";
            members["state_reason"] = muted ? "not_planned" : "completed";
        });
        _closed++;
        Did("close", issue.Issue.Number, group);
    }

    private async Task CloseDuplicatesAsync(TrackedIssue issue)
    {
        foreach (var (duplicate, state) in issue.Duplicates)
        {
            if (duplicate.State == "closed")
                continue;
            var one = new TrackedIssue(duplicate, state, []);
            await CommentAsync(one, "duplicate", string.Create(CultureInfo.InvariantCulture, $"Duplicate of #{issue.Issue.Number}, which is older."));
            var closed = state with { Phase = IssuePhase.Duplicate, Revision = state.Revision + 1 };
            try
            {
                await PatchStateAsync(one, closed, members =>
                {
                    members["state"] = "closed";
                    members["state_reason"] = "duplicate";
                    if (issue.Issue.Id > 0)
                        members["duplicate_issue_id"] = issue.Issue.Id;
                });
            }
            catch (InputException e) when (e.InnerException is ApiValidationException)
            {
                // An older GitHub Enterprise Server does not know the reason. The phase tells it from an accepted risk.
                await PatchStateAsync(one, closed, members =>
                {
                    members["state"] = "closed";
                    members["state_reason"] = "not_planned";
                });
            }

            _closed++;
            _actions.Add(string.Create(CultureInfo.InvariantCulture, $"close #{duplicate.Number}: duplicate of #{issue.Issue.Number}"));
        }
    }

    /// <summary>
    /// Findings that the issue listed and this scan did not look at: in a check that could not be assessed everywhere, or
    /// in regions that were not scanned. They can be neither closed nor forgotten.
    /// </summary>
    private static (KeySet Keys, IReadOnlyList<string> Regions) Carried(ScanReport report, IssueGroup group, IssueState state, KeySet accepted)
    {
        if (group.IsMany)
            return CarriedOfMany(report, group, state, accepted);
        var unscanned = state.Regions.Where(r => r != CollectionStatus.Global && !report.Scan.Regions.Contains(r, StringComparer.Ordinal)).ToList();
        if (group.Unknowns.Count == 0 && unscanned.Count == 0)
            return (KeySet.Empty, []);
        var looked = group.All.Where(f => f.Status != FindingStatus.Unknown).Select(f => f.Key);
        var keys = state.Keys.Except(looked).Without(accepted);
        return keys.Count == 0 ? (keys, []) : (keys, group.Unknowns.Count > 0 ? state.Regions : unscanned);
    }

    private Task PatchAsync(TrackedIssue issue, IssueGroup group, string body, bool open)
    {
        var members = new Dictionary<string, object>(StringComparer.Ordinal) { ["body"] = body };
        // A title that is not as we wrote it is a person's.
        if (issue.State.TitleHash.Length == 0 || issue.State.TitleHash == IssueState.HashOfTitle(issue.Issue.Title))
            members["title"] = IssueText.Title(group);
        if (open)
            members["state"] = "open";
        return PatchWithLabelsAsync(issue, group, members);
    }

    private async Task PatchWithLabelsAsync(TrackedIssue issue, IssueGroup group, Dictionary<string, object> members)
    {
        // Labels of people stay; of ours, severity and service follow the check.
        var ours = IssueText.Labels(group);
        var there = issue.Issue.Labels.Select(l => l.Name).ToList();
        var wanted = there
            .Where(n => !n.StartsWith("severity:", StringComparison.Ordinal) && !n.StartsWith("service:", StringComparison.Ordinal) && !issue.State.Teams.Contains(n, StringComparer.Ordinal))
            .Union(ours.Select(l => l.Name), StringComparer.Ordinal).ToArray();
        if (!wanted.ToHashSet(StringComparer.Ordinal).SetEquals(there))
        {
            await api.EnsureLabelsAsync(ours);
            members["labels"] = wanted;
        }
        // Whom people assigned it to stays; where it is nobody's, it is the owner's.
        if (issue.Issue.Assignees.Count == 0 && await AssignableAsync(group) is { Count: > 0 } assignees)
            members["assignees"] = assignees.ToArray();
        // What people wrote as the day stays; the severity follows the check.
        if ((await api.FieldsAsync()).Values(group.Rule.Severity, null, issue.Issue.IssueFieldValues ?? []) is { Length: > 0 } values)
            members["issue_field_values"] = values;
        await SendAsync(issue.Issue, members);
    }

    // GitHub refuses the whole issue where it may not be assigned to one of them.
    private async Task<IReadOnlyList<string>> AssignableAsync(IssueGroup group)
    {
        var can = new List<string>();
        foreach (var login in group.Assignees)
        {
            if (!_assignable.TryGetValue(login, out var may))
            {
                _assignable[login] = may = await api.IsAssignableAsync(login);
                if (!may)
                    _notes.Add($"issues cannot be assigned to {SafeText.Line(login)}: whoever owners.yml names needs access to {options.Owner}/{options.Name}");
            }
            if (may)
                can.Add(login);
        }
        return can;
    }

    private Task PatchStateAsync(TrackedIssue issue, IssueState state, Action<Dictionary<string, object>>? more = null)
    {
        // The rest of the body stays. What becomes accepted was listed before, so the line does not outgrow its place.
        var members = new Dictionary<string, object>(StringComparer.Ordinal) { ["body"] = state.Replace(issue.Issue.Body ?? "") };
        more?.Invoke(members);
        return SendAsync(issue.Issue, members);
    }

    private async Task CommentAsync(TrackedIssue issue, string what, string text)
    {
        // The revision makes every occasion a new one; a run that was killed after the comment meets the same revision.
        var occasion = IssueState.HashOf("event", issue.State.Key, issue.Issue.Number.ToString(CultureInfo.InvariantCulture), what, issue.State.Revision.ToString(CultureInfo.InvariantCulture));
        try
        {
            await api.CommentOnceAsync(issue.Issue.Number, $"<!-- scanner:event={occasion} -->", text);
        }
        catch (InputException e) when (e.InnerException is ForbiddenException)
        {
            if (!await IsLockedAsync(issue.Issue, e))
                throw;
            // The conversation is locked, the issue itself need not be: what changes is in its text.
            _notes.Add(string.Create(CultureInfo.InvariantCulture, $"#{issue.Issue.Number} is locked, so there is no comment on the change."));
        }
    }

    private static string Listed(IReadOnlyList<Finding> findings)
    {
        var made = new StringBuilder("\n\n");
        var accounts = findings.Select(finding => finding.Account).Distinct(StringComparer.Ordinal).Take(2).Count() > 1;
        foreach (var finding in findings.Take(30))
            made.Append("- ").Append(Markdown.Code(SafeText.Cut(EventText.Of(finding), 300))).Append(" in ").Append(accounts ? Markdown.Code(finding.Account) + ", " : "").Append(Markdown.Code(finding.Region)).Append('\n');
        if (findings.Count > 30)
            made.Append(CultureInfo.InvariantCulture, $"- and {findings.Count - 30:N0} more\n");
        return made.Append('\n').ToString();
    }

    private void Did(string what, int? number, IssueGroup group) =>
        _actions.Add(string.Create(CultureInfo.InvariantCulture, $"{what} {(number is { } n ? $"#{n}" : "an issue")}: {IssueText.Title(group)}"));
}
