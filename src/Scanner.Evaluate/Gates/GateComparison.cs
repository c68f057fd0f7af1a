using Scanner.Catalog;
using Scanner.Model;

namespace Scanner.Evaluate.Gates;

/// <summary>
/// Compares the findings of both sides, check by check: one answer for each check and address. What a check says of the account or a
/// region as a whole gets the address of the row of the plan that speaks for it.
/// </summary>
internal sealed class GateComparison(GateRequest request, GateCoverage coverage)
{
    public List<Finding> Findings { get; } = [];

    /// <summary>What is said of the side afterwards, of every status, with addresses.</summary>
    public List<Finding> State { get; } = [];

    public int Judgements { get; private set; }

    public int Passed { get; private set; }

    public int Assumed { get; private set; }

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
            if (becomes is not null)
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
        var gone = becomes is null && address is not null && !coverage.After.At(check, address).Any();
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
        var all = findings.ToList();
        foreach (var finding in all)
        {
            var row = side.Of(check, finding);
            var isWhole = row is null && finding.Resource == finding.Account;
            // Of which resource something is not known is not known itself: those that it may be say so, each for itself.
            if (isWhole && finding.Status == FindingStatus.Unknown && check.Definition.Scope == CheckScope.Resource
                && all.Exists(other => other.Status == FindingStatus.Unknown && other.Resource != other.Account))
            {
                continue;
            }
            if (isWhole && !coverage.IsJudged(check, finding.Account, finding.Region))
                continue;
            // "There is none here" is no judgement.
            if (isWhole && finding.Status == FindingStatus.NotApplicable && !BuiltInTables.IsBuiltIn(check.FirstTable))
                continue;
            var address = row?.Address ?? (isWhole ? Speaker(check, finding) : null);
            var key = row is not null ? "a " + address : $"r {finding.Account} {finding.Region} {finding.Resource}";
            var rows = row is not null ? [row] : isWhole ? side.In(GateCoverage.Subjects(check), finding.Account, finding.Region).ToList() : (List<GateRow>)[];
            if (subjects.TryGetValue(key, out var known))
                known.Add(finding, rows);
            else
                subjects[key] = new Subject(address, finding, rows);
        }
        return subjects;
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
    internal sealed class Subject(string? address, Finding finding, IReadOnlyList<GateRow> rows)
    {
        private const int MostMessages = 5;
        private readonly List<GateRow> _rows = [.. rows];
        private readonly List<string> _messages = [finding.Message];
        private readonly List<CollectionStatus> _reasons = [.. finding.Causes];

        public string? Address { get; } = address;

        public Finding Finding { get; private set; } = finding;

        public FindingStatus Status => Finding.Status;

        public string Message => string.Join("; ", _messages);

        /// <summary>The rows that it is about.</summary>
        public IReadOnlyList<GateRow> Rows => _rows;

        /// <summary>What could not be told.</summary>
        public IReadOnlyList<CollectionStatus> Reasons => _reasons;

        public void Add(Finding other, IReadOnlyList<GateRow> rows)
        {
            _rows.AddRange(rows);
            _reasons.AddRange(other.Causes);
            if (Rank(other.Status) < Rank(Status))
                return;
            if (Rank(other.Status) > Rank(Status))
            {
                Finding = other;
                _messages.Clear();
            }
            if (_messages.Count < MostMessages && !_messages.Contains(other.Message, StringComparer.Ordinal))
                _messages.Add(other.Message);
        }

        private static int Rank(FindingStatus status) => status switch
        {
            FindingStatus.Fail => 3,
            FindingStatus.Unknown => 2,
            FindingStatus.Pass => 1,
            _ => 0,
        };
    }
}
