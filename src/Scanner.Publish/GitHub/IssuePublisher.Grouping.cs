using System.Globalization;
using Scanner.Model;

namespace Scanner.Publish.GitHub;

// One issue a check where it fails in many accounts, and in which order issues are opened.
internal sealed partial class IssuePublisher
{
    /// <summary>
    /// What to look at, in order: what has an issue, then what needs one. Of those the first of each check, the worst check first, then the second of
    /// each: a run that may open few opens the worst of every kind, and not one check again and again.
    /// </summary>
    private IEnumerable<(IReadOnlyList<IssueGroup> Groups, bool Together)> InOrder(ScanReport report, IReadOnlyList<IssueGroup> groups, Dictionary<string, TrackedIssue> tracked)
    {
        var works = new List<(IReadOnlyList<IssueGroup> Groups, bool Together, int Round)>();
        foreach (var check in groups.GroupBy(group => group.Check, StringComparer.Ordinal))
        {
            var all = check.ToList();
            if (!all[0].IsDetection && (tracked.ContainsKey(IssueState.KeyOf(check.Key, IssueGroup.ManyAccounts)) || IsMany(report, all, tracked)))
            {
                works.Add((all, true, 0));
                continue;
            }
            var round = 0;
            foreach (var group in all.OrderByDescending(group => group.Fails.Count).ThenBy(group => group.Account, StringComparer.Ordinal))
                works.Add(([group], false, tracked.ContainsKey(IssueState.KeyOf(group.Check, group.Account)) || group.Fails.Count == 0 ? -1 : round++));
        }
        // Stable: groups come worst severity first.
        return works.OrderBy(work => work.Round).Select(work => (work.Groups, work.Together));
    }

    // One that is open stays until half as many accounts fail, so that it does not come and go; and until it is looked at everywhere.
    private bool IsMany(ScanReport report, IReadOnlyList<IssueGroup> groups, Dictionary<string, TrackedIssue> tracked)
    {
        var failing = groups.Count(group => group.Fails.Count > 0);
        if (options.GroupIssues > 0 && failing > options.GroupIssues)
            return true;
        return tracked.GetValueOrDefault(IssueState.KeyOf(groups[0].Check, IssueGroup.ManyAccounts)) is { IsClosed: false } many
            && (options.GroupIssues > 0 && failing > options.GroupIssues / 2 || CarriedOfMany(report, IssueGroup.Of(groups), many.State, many.Accepted()).Keys.Count > 0);
    }

    private async Task FollowManyAsync(ScanReport report, IReadOnlyList<IssueGroup> groups, Dictionary<string, TrackedIssue> tracked)
    {
        var key = IssueState.KeyOf(groups[0].Check, IssueGroup.ManyAccounts);
        var all = IssueGroup.Of(groups);
        if (IsMany(report, groups, tracked))
        {
            _opened = null;
            if (await FollowAsync(report, all, tracked))
                await FoldAsync(report, groups, tracked, tracked.GetValueOrDefault(key)?.Issue.Number ?? _opened);
            else
                await EachAsync(groups.Where(group => tracked.ContainsKey(IssueState.KeyOf(group.Check, group.Account))), report, tracked);
            return;
        }
        var told = await EachAsync(groups, report, tracked);
        if (tracked.GetValueOrDefault(key) is not { } many)
            return;
        if (many.IsClosed || all.Fails.Count == 0)
            await OneAsync(many, () => FollowPostureAsync(report, all.WithoutFails(), many));
        // Not before each account has its own.
        else if (told)
            await OneAsync(many, () => PartAsync(all, many));
    }

    private async Task<bool> EachAsync(IEnumerable<IssueGroup> groups, ScanReport report, Dictionary<string, TrackedIssue> tracked)
    {
        var told = true;
        foreach (var group in groups)
            told &= await FollowAsync(report, group, tracked) || group.Fails.Count == 0;
        return told;
    }

    /// <summary>Closes the issues of accounts whose failing findings the issue about many tells from now on; what nobody could look at stays where it is told.</summary>
    private async Task FoldAsync(ScanReport report, IReadOnlyList<IssueGroup> groups, Dictionary<string, TrackedIssue> tracked, int? many)
    {
        foreach (var group in groups)
        {
            if (tracked.GetValueOrDefault(IssueState.KeyOf(group.Check, group.Account)) is not { } issue)
                continue;
            // Reopened by a person, who wants it apart.
            if (!issue.IsClosed && issue.State.Phase == IssuePhase.Duplicate)
                continue;
            if (issue.IsClosed || group.Fails.Count == 0)
            {
                await OneAsync(issue, () => FollowPostureAsync(report, group.WithoutFails(), issue));
                continue;
            }
            await OneAsync(issue, async () =>
            {
                await CommentAsync(issue, "many", $"This fails in so many accounts that one issue tells all of them: {(many is { } number ? string.Create(CultureInfo.InvariantCulture, $"#{number}") : "see the newest")}. What was accepted here stays accepted.");
                await CloseAsToldAsync(issue, group, issue.Accepted());
            });
        }
    }

    private async Task PartAsync(IssueGroup all, TrackedIssue many)
    {
        var links = all.FailingAccounts.Select(one => _issues.GetValueOrDefault((all.Check, one.Key))).OfType<Uri>().Select(page => "#" + page.Segments[^1]).Distinct(StringComparer.Ordinal).Take(30).ToList();
        await CommentAsync(many, "few", $"So few accounts fail this check now that each has its own issue{(links.Count > 0 ? ": " + string.Join(", ", links) : "")}. What was accepted here stays accepted.");
        await CloseAsToldAsync(many, all, many.Accepted());
    }

    private async Task CloseAsToldAsync(TrackedIssue issue, IssueGroup group, KeySet accepted)
    {
        var state = issue.State with
        {
            Phase = IssuePhase.Duplicate,
            Revision = issue.State.Revision + 1,
            Keys = KeySet.Empty,
            Accepted = accepted,
            AcceptedBy = accepted.Count > 0 ? issue.By : null,
        };
        await PatchStateAsync(issue, state, members =>
        {
            members["state"] = "closed";
            members["state_reason"] = "not_planned";
        });
        _closed++;
        Did("close", issue.Issue.Number, group);
    }

    // As for one account, but an account that this scan did not look at, or not whole, keeps its own keys and no others.
    private static (KeySet Keys, IReadOnlyList<string> Regions) CarriedOfMany(ScanReport report, IssueGroup group, IssueState state, KeySet accepted)
    {
        var carried = CarriedByAccount(report, group, state, accepted);
        return carried.Count == 0 ? (KeySet.Empty, []) : (carried.Values.Aggregate((all, one) => all.Union(one)), state.Regions);
    }

    private static Dictionary<string, KeySet> CarriedByAccount(ScanReport report, IssueGroup group, IssueState state, KeySet accepted)
    {
        var scanned = report.Scan.Accounts.ToHashSet(StringComparer.Ordinal);
        var unread = group.Unknowns.Select(finding => finding.Account).ToHashSet(StringComparer.Ordinal);
        var everywhere = state.Regions.All(region => region == CollectionStatus.Global || report.Scan.Regions.Contains(region, StringComparer.Ordinal));
        var looked = group.All.Where(finding => finding.Status != FindingStatus.Unknown).ToLookup(finding => finding.Account, finding => finding.Key, StringComparer.Ordinal);
        return state.Accounts.Where(one => !everywhere || !scanned.Contains(one.Key) || unread.Contains(one.Key))
            .Select(one => (one.Key, Keys: one.Value.Except(looked[one.Key]).Without(accepted))).Where(one => one.Keys.Count > 0)
            .ToDictionary(one => one.Key, one => one.Keys, StringComparer.Ordinal);
    }

    private static IssueState ByAccount(ScanReport report, IssueGroup group, IssueState state, IssueState? before, KeySet accepted)
    {
        var all = before is null ? [] : CarriedByAccount(report, group, before, accepted);
        foreach (var account in group.FailingAccounts)
            all[account.Key] = KeySet.Of(account.Select(finding => finding.Key)).Union(all.GetValueOrDefault(account.Key) ?? KeySet.Empty);
        // Each account has its share, and what one does not need is the others'.
        var room = (double)(IssueState.MaxKeys - accepted.Count);
        var kept = new Dictionary<string, KeySet>(StringComparer.Ordinal);
        foreach (var (account, keys) in all.OrderBy(one => one.Value.Count).ThenBy(one => one.Key, StringComparer.Ordinal))
        {
            var left = (int)(room - ((all.Count - kept.Count) * IssueState.KeysAnAccount));
            if (left <= 0)
                break;
            var own = keys.Limit(Math.Max(1, left / (all.Count - kept.Count)), []);
            kept[account] = own;
            room -= own.Count + IssueState.KeysAnAccount;
        }
        return state with { Accounts = kept, Keys = kept.Values.Aggregate(KeySet.Empty, (sum, one) => sum.Union(one)) };
    }
}
