using Scanner.Model;

namespace Scanner.Publish.GitHub;

/// <summary>What a scan says of one rule in one account, or of a check in many: what one issue is about.</summary>
internal sealed record IssueGroup
{
    /// <summary>Sorts findings of one rule and account.</summary>
    public IssueGroup(string check, string account, RuleInfo rule, IReadOnlyList<Finding> findings)
    {
        Check = check;
        Account = account;
        Called = account;
        Rule = rule;
        All = findings;
        Fails = [.. findings.Where(f => f.Status == FindingStatus.Fail)];
        Unknowns = [.. findings.Where(f => f.Status == FindingStatus.Unknown)];
        Muted = [.. findings.Where(f => f.Status == FindingStatus.Muted)];
    }

    /// <summary>Id of the rule.</summary>
    public string Check { get; }

    /// <summary>Account.</summary>
    public string Account { get; }

    /// <summary>The rule.</summary>
    public RuleInfo Rule { get; }

    /// <summary>What the account is called, with its id; the id where no name is known. Hostile text.</summary>
    public string Called { get; private init; }

    /// <summary>What an issue about many accounts has in place of an account, which none is called.</summary>
    public const string ManyAccounts = "many accounts";

    /// <summary>Whether this is about all accounts in which a check fails.</summary>
    public bool IsMany => Account == ManyAccounts;

    /// <summary>Accounts in which it fails, those of most failing findings first.</summary>
    public IReadOnlyList<IGrouping<string, Finding>> FailingAccounts =>
        [.. Fails.GroupBy(f => f.Account, StringComparer.Ordinal).OrderByDescending(g => g.Count()).ThenBy(g => g.Key, StringComparer.Ordinal)];

    /// <summary>Of many accounts: those whose findings the issue tells, and that this scan did not look at, or not whole.</summary>
    public IReadOnlyList<string> Unseen { get; private init; } = [];

    /// <summary>Number of accounts that an issue about many tells of.</summary>
    public int AccountCount => Fails.Select(f => f.Account).Concat(Unseen).Distinct(StringComparer.Ordinal).Count();

    /// <summary>All findings.</summary>
    public IReadOnlyList<Finding> All { get; }

    /// <summary>Those that fail.</summary>
    public IReadOnlyList<Finding> Fails { get; private init; }

    /// <summary>Those that could not be assessed.</summary>
    public IReadOnlyList<Finding> Unknowns { get; }

    /// <summary>Those whose risk was accepted.</summary>
    public IReadOnlyList<Finding> Muted { get; private init; }

    /// <summary>Whose the failing findings are, those of most findings first; empty where no <c>owners.yml</c> says it.</summary>
    public IReadOnlyList<(Owner Owner, int Count)> Owners =>
        [.. Fails.Where(f => f.Owner is not null).GroupBy(f => f.Owner!).Select(g => (g.Key, g.Count())).OrderByDescending(one => one.Item2).ThenBy(one => one.Key.Assignee ?? one.Key.Team, StringComparer.Ordinal)];

    /// <summary>Logins to assign the issue to: GitHub takes ten (REST, "Create an issue").</summary>
    public IReadOnlyList<string> Assignees =>
        [.. Owners.Select(one => one.Owner.Assignee).OfType<string>().Distinct(StringComparer.OrdinalIgnoreCase).Take(10)];

    /// <summary>What an incident's issue has for the id of a rule, which none has.</summary>
    public const string IncidentCheck = "scanner incident";

    /// <summary>The incident that this is about; null for a rule.</summary>
    public Incident? Story { get; private init; }

    /// <summary>An incident, as what one issue is about.</summary>
    /// <param name="incident">The incident.</param>
    /// <param name="id">Its id in the issue that it has; null for a new one.</param>
    /// <param name="scan">The scan, for the names of accounts.</param>
    public static IssueGroup Of(Incident incident, string? id, ScanSummary scan)
    {
        // The id is its first match: two runs at the same time make the same issue, of which one stays.
        var title = Reports.IncidentMarkdown.Title(incident);
        return new IssueGroup(IncidentCheck, id ?? incident.Findings[0].Key, new RuleInfo { Id = IncidentCheck, Title = title, Kind = FindingKind.Detection, Severity = incident.Severity, Service = "" }, incident.Findings)
        {
            Story = incident,
            Called = string.Join(", ", incident.Accounts.Take(2).Select(scan.Called)) + (incident.Accounts.Count > 2 ? FormattableString.Invariant($" and {incident.Accounts.Count - 2} more") : ""),
        };
    }

    /// <summary>A check in all accounts, as what one issue is about.</summary>
    /// <param name="groups">What the scan says of it in each account.</param>
    public static IssueGroup Of(IReadOnlyList<IssueGroup> groups) =>
        new(groups[0].Check, ManyAccounts, groups[0].Rule, [.. groups.SelectMany(group => group.All)])
        {
            Called = ManyAccounts,
            Fails = [.. groups.SelectMany(group => group.Fails)],
            Muted = [.. groups.SelectMany(group => group.Muted)],
        };

    /// <summary>Whether this is about events.</summary>
    public bool IsDetection => Rule.Kind == FindingKind.Detection;

    /// <summary>The same, with failing findings that an issue says are accepted counted as muted.</summary>
    public IssueGroup Without(KeySet accepted)
    {
        if (accepted.Count == 0 || !Fails.Any(f => accepted.Contains(f.Key)))
            return this;
        return this with
        {
            Fails = [.. Fails.Where(f => !accepted.Contains(f.Key))],
            Muted = [.. Muted, .. Fails.Where(f => accepted.Contains(f.Key)).Select(f => f with { Status = FindingStatus.Muted })],
        };
    }

    /// <summary>The same, without what fails: another issue tells it.</summary>
    public IssueGroup WithoutFails() => this with { Fails = [] };

    /// <summary>The same, with accounts that the issue tells of and this scan does not.</summary>
    /// <param name="unseen">Their ids.</param>
    public IssueGroup With(IReadOnlyList<string> unseen) => this with { Unseen = unseen };

    /// <summary>The same, of these findings only.</summary>
    /// <param name="findings">Some of <see cref="All"/>.</param>
    public IssueGroup Of(IReadOnlyList<Finding> findings) => new(Check, Account, Rule, findings) { Called = Called };

    /// <summary>All groups of a report, worst first.</summary>
    public static IReadOnlyList<IssueGroup> Of(ScanReport report) =>
    [
        .. report.Findings
            .Where(f => report.Rules.ContainsKey(f.Check))
            .GroupBy(f => (f.Check, f.Account))
            .Select(g => new IssueGroup(g.Key.Check, g.Key.Account, report.Rules[g.Key.Check], [.. g]) { Called = report.Scan.Called(g.Key.Account) })
            .OrderByDescending(g => g.Rule.Severity)
            .ThenBy(g => g.Check, StringComparer.Ordinal)
            .ThenBy(g => g.Account, StringComparer.Ordinal),
    ];
}
