using System.Text.RegularExpressions;
using Scanner.Catalog;
using Scanner.Model;

namespace Scanner.Evaluate.Gates;

/// <summary>
/// Compares the findings of both sides, check by check: one answer for each check and address. What a check says of the account or a
/// region as a whole gets the address of the row of the plan that speaks for it.
/// </summary>
internal sealed partial class GateComparison(GateRequest request, GateCoverage coverage)
{
    public List<Finding> Findings { get; } = [];

    /// <summary>What is said of the side afterwards, of every status, with addresses; empty unless asked for.</summary>
    public List<Finding> State { get; } = [];

    public int Judgements { get; private set; }

    public int Passed { get; private set; }

    public int Assumed { get; private set; }

    public int LeftToAws { get; private set; }

    public int LeftToAccount { get; private set; }

    public void Compare(CompiledCheck check, IEnumerable<Finding> before, IEnumerable<Finding> after)
    {
        var causes = new GateCauses(request, coverage, check);
        var sides = new SortedDictionary<string, (Subject? Before, Subject? After)>(StringComparer.Ordinal);
        foreach (var (key, subject) in Subjects(check, before, coverage.Before))
            sides[key] = (subject, null);
        foreach (var (key, subject) in Subjects(check, after, coverage.After))
            sides[key] = (sides.GetValueOrDefault(key).Before, subject);
        foreach (var (was, becomes) in sides.Values)
        {
            if (becomes is not null && request.WantsState)
                State.Add(becomes.Finding with { Message = becomes.Message, Address = becomes.Address, Causes = becomes.Reasons, Assumed = becomes.Status == FindingStatus.Pass && IsAssumed(check, becomes) });
            if (becomes is not null && becomes.Status != FindingStatus.NotApplicable)
                Count(check, becomes);
            if (Change(check, was, becomes, causes) is { } finding)
                Findings.Add(finding);
        }
    }

    private void Count(CompiledCheck check, Subject subject)
    {
        Judgements++;
        if (subject.Status != FindingStatus.Pass)
            return;
        Passed++;
        if (IsAssumed(check, subject))
            Assumed++;
    }

    private Finding? Change(CompiledCheck check, Subject? was, Subject? becomes, GateCauses causes)
    {
        var address = (becomes ?? was)!.Address;
        var gone = becomes is null && address is not null && !coverage.After.At(check, address).Any() && !IsTakenOver(was!, address);
        var change = (was?.Status, becomes?.Status) switch
        {
            (_, FindingStatus.Unknown) => FindingChange.Unknown,
            (FindingStatus.Fail, FindingStatus.Fail) => FindingChange.Existing,
            (FindingStatus.Unknown, FindingStatus.Fail) => causes.IsTouched(was, becomes) ? FindingChange.Introduced : FindingChange.Existing,
            (_, FindingStatus.Fail) => FindingChange.Introduced,
            (FindingStatus.Fail, _) => gone ? FindingChange.Removed : FindingChange.Fixed,
            _ => (FindingChange?)null,
        };
        // Of what the plan does not manage only differences are worth a word.
        if (change is null || (address is null && change is FindingChange.Existing or FindingChange.Unknown && was?.Status == becomes?.Status))
            return null;
        // What AWS decides by itself is no open end of this plan.
        if (change == FindingChange.Unknown && becomes!.Reasons.Count > 0 && becomes.Reasons.All(reason => reason.Operation?.StartsWith("aws:", StringComparison.Ordinal) == true))
        {
            LeftToAws++;
            return null;
        }
        // Nor is what apply will not tell either, since only the rest of the account does: another stack's business, which the plan leaves as it was.
        if (change == FindingChange.Unknown && HangsOnAccount(becomes!) && (check.Definition.Scope != CheckScope.Resource || (was?.Status == FindingStatus.Unknown && HangsOnAccount(was))))
        {
            LeftToAccount++;
            return null;
        }
        var finding = (becomes ?? was)!.Finding;
        var instance = address is null ? null : request.Instances.GetValueOrDefault(address);
        return finding with
        {
            Status = change == FindingChange.Removed ? FindingStatus.NotApplicable : becomes?.Status ?? FindingStatus.NotApplicable,
            Message = Message(change.Value, was, becomes, instance),
            Change = change,
            Address = address,
            PreviousAddress = instance?.PreviousAddress,
            CausedBy = causes.Of(change.Value, was, becomes),
            Assumed = change == FindingChange.Fixed && becomes is not null && IsAssumed(check, becomes),
        };
    }

    private static bool HangsOnAccount(Subject subject) =>
        subject.Reasons.Count > 0 && subject.Reasons.All(reason => reason.Operation == GateCoverage.RestOfAccount);

    // What AWS made along with an object is managed from now on, while the object itself stays.
    private bool IsTakenOver(Subject was, string address) =>
        was.Implied is not null && request.Instances.GetValueOrDefault(address) is { IsDeleted: false };

    private static string Message(FindingChange change, Subject? was, Subject? becomes, GateInstance? instance)
    {
        var text = (change is FindingChange.Removed || becomes is null ? was : becomes)!.Message;
        if (change == FindingChange.Unknown && was?.Status == FindingStatus.Fail)
            text += " (it fails now)";
        return instance is { IsDrifted: true } ? text + " (was changed outside Terraform)" : text;
    }

    private bool IsAssumed(CompiledCheck check, Subject subject) =>
        subject.Rows.Any(row => check.Tables.FirstOrDefault(table => table.Name == row.Resource.Table) is { } table
            && row.Assumed.Any(column => check.UsesColumn(table, column)))
        // A pass may rest on rows of other tables just as well.
        || check.Tables.Skip(1).Any(table => coverage.After.OfTable(table.Name).FirstOrDefault() is { } other && other.Assumed.Any(column => check.UsesColumn(table, column)));

    // Findings by what they are about. The worst stands for several rows of one address.
    private Dictionary<string, Subject> Subjects(CompiledCheck check, IEnumerable<Finding> findings, GateSide side)
    {
        var subjects = new Dictionary<string, Subject>(StringComparer.Ordinal);
        foreach (var finding in findings)
        {
            var row = side.Of(check, finding);
            var isWhole = row is null && finding.Resource == finding.Account;
            // Of resources that the plan does not have nothing is said; of one that may be there, at its own address.
            if (isWhole && finding.Status == FindingStatus.Unknown && check.Definition.Scope == CheckScope.Resource && !BuiltInTables.IsBuiltIn(check.FirstTable))
            {
                foreach (var doubtful in Named(check, finding, side))
                    Put("a " + doubtful.Address, doubtful.Address, finding, [doubtful]);
                continue;
            }
            if (isWhole && !coverage.IsJudged(check, finding.Account, finding.Region))
                continue;
            // "There is none here" is no judgement.
            if (isWhole && finding.Status == FindingStatus.NotApplicable && !BuiltInTables.IsBuiltIn(check.FirstTable))
                continue;
            // Of an object that is known only by what names it (the group of a rule) nothing can be said for sure but that it exists.
            if (row is null && !isWhole && StandIn(finding.Resource) is { } namer)
            {
                if (finding.Status is FindingStatus.Fail or FindingStatus.Unknown)
                    Put("a " + namer, namer, finding.Status == FindingStatus.Unknown ? finding : Open(finding, namer), [.. side.At(check, namer)]);
                continue;
            }
            var address = row?.Address ?? (isWhole ? Speaker(check, finding) : null);
            // An account or region is the same on both sides, whether a row of the plan speaks for it there or not.
            var isPlace = finding.Resource == finding.Account && check.Definition.Scope != CheckScope.Resource;
            var key = row is not null && !isPlace ? "a " + address : $"r {finding.Account} {finding.Region} {finding.Resource}";
            var rows = row is not null ? [row] : isWhole ? side.In(GateCoverage.Subjects(check), finding.Account, finding.Region).ToList() : (List<GateRow>)[];
            Put(key, address, finding, rows);
        }
        return subjects;

        void Put(string key, string? address, Finding finding, IReadOnlyList<GateRow> rows)
        {
            if (subjects.TryGetValue(key, out var known))
                known.Add(finding, rows);
            else
                subjects[key] = new Subject(address, finding, rows);
        }
    }

    // The address before the '#' of a text such as aws_security_group_rule.ssh#security_group_id, where the plan has it.
    private string? StandIn(string resource)
    {
        var at = resource.LastIndexOf('#');
        return at > 0 && request.Instances.ContainsKey(resource[..at]) ? resource[..at] : null;
    }

    private static Finding Open(Finding finding, string namer) => finding with
    {
        Status = FindingStatus.Unknown,
        Message = finding.Message + " (which resource that is, is known after apply)",
        Causes = [new CollectionStatus(finding.Check, finding.Account, finding.Region, CollectionOutcome.Planned, "terraform:" + namer, $"what {namer} belongs to is known after apply")],
    };

    // Rows of the first table that a finding's causes name; where the query itself gave no answer, which has none, those that the plan changes.
    private IEnumerable<GateRow> Named(CompiledCheck check, Finding finding, GateSide side)
    {
        if (finding.Causes.Count == 0)
        {
            return side.OfTable(check.FirstTable)
                .Where(row => row.Resource.Account == finding.Account && (finding.Region == CollectionStatus.Global || row.Resource.Region == finding.Region)
                    && request.Instances.TryGetValue(row.Address, out var instance) && instance.IsChanged)
                .DistinctBy(row => row.Address);
        }
        var named = finding.Causes.Select(cause => cause.Operation).OfType<string>().Where(operation => operation.StartsWith("terraform:", StringComparison.Ordinal))
            .Select(operation => operation["terraform:".Length..]).ToHashSet(StringComparer.Ordinal);
        return side.OfTable(check.FirstTable).Where(row => named.Contains(row.Address) && row.Resource.Account == finding.Account).DistinctBy(row => row.Address);
    }

    // The row that speaks for the account or region: one that the plan changes, if there is one.
    private string? Speaker(CompiledCheck check, Finding finding)
    {
        var subjects = GateCoverage.Subjects(check);
        var rows = coverage.After.In(subjects, finding.Account, finding.Region).Concat(coverage.Before.In(subjects, finding.Account, finding.Region));
        return rows.OrderByDescending(row => request.Instances.TryGetValue(row.Address, out var instance) && instance.IsChanged)
            .ThenBy(row => row.Address, StringComparer.Ordinal).FirstOrDefault()?.Address;
    }

    /// <summary>What one side says of one address.</summary>
    internal sealed partial class Subject(string? address, Finding finding, IReadOnlyList<GateRow> rows)
    {
        private const int MostMessages = 5;
        // Most are about one row and have one message: of a large plan there is one of these for each address and side.
        private string[] _messages = [finding.Message];
        private List<GateRow>? _rows;
        private List<CollectionStatus>? _reasons;
        private readonly IReadOnlyList<CollectionStatus> _first = finding.Causes;

        public string? Address { get; } = address;

        public Finding Finding { get; private set; } = finding;

        public FindingStatus Status => Finding.Status;

        public string Message => Symbol().Replace(Made().Replace(_messages is [var only] ? only : string.Join("; ", _messages), "(default)"), "")
            + (Implied is { } by && Status is FindingStatus.Fail ? $" (AWS creates it with the resource; manage it with {by})" : "");

        /// <summary>Where it is about nothing but what AWS makes along with a resource, the type by which Terraform would manage that; else null.</summary>
        public string? Implied => Rows.Count > 0 && Rows.All(row => row.Implied is not null) ? Rows[0].Implied : null;

        /// <summary>The rows that it is about.</summary>
        public IReadOnlyList<GateRow> Rows => _rows ?? rows;

        /// <summary>What could not be told.</summary>
        public IReadOnlyList<CollectionStatus> Reasons => _reasons ?? _first;

        public void Add(Finding other, IReadOnlyList<GateRow> more)
        {
            if (more.Count > 0)
                (_rows ??= [.. rows]).AddRange(more);
            if (other.Causes.Count > 0)
                (_reasons ??= [.. _first]).AddRange(other.Causes);
            if (Rank(other.Status) < Rank(Status))
                return;
            if (Rank(other.Status) > Rank(Status))
            {
                Finding = other;
                _messages = [];
            }
            if (_messages.Length < MostMessages && !_messages.Contains(other.Message, StringComparer.Ordinal))
                _messages = [.. _messages, other.Message];
        }

        // What stands for an id until apply is shown as the address alone.
        [GeneratedRegex(@"(?<=[A-Za-z0-9_\]-])#(id|arn|security_group_id)\b", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: -1)]
        private static partial Regex Symbol();

        // AWS creates it along with what stands before the '#', which the message names besides: "Network ACL (default) of aws_vpc.main".
        [GeneratedRegex(@"[A-Za-z0-9_.-]+(\[[^\]]*\](\.[A-Za-z0-9_.-]+)?)*#default_[a-z_]+_id\b", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
        private static partial Regex Made();

        private static int Rank(FindingStatus status) => status switch
        {
            FindingStatus.Fail => 3,
            FindingStatus.Unknown => 2,
            FindingStatus.Pass => 1,
            _ => 0,
        };
    }
}
