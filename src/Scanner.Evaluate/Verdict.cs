using System.Globalization;
using System.Text.RegularExpressions;

using Scanner.Catalog;
using Scanner.Model;

namespace Scanner.Evaluate;

/// <summary>
/// Turns the rows of one check into findings. This is where "never a false pass" is kept; the reasoning:
/// <list type="number">
/// <item>A row only proves what it says if everything that it could have been computed from was read. What a query reads is
/// known: the tables that it declares (reading others is refused) and the columns that its text names.</item>
/// <item>Scopes are judged from what was scanned, not from the rows: a scope that yields no row must still say something:
/// unknown if a table is missing there, not applicable only if all were read.</item>
/// <item>A table of which nothing is known (no collection row) counts as not read.</item>
/// <item>Where something was not read, a pass could rest on absence and is withheld. A fail is kept only where it is about
/// a row that was read, of the first table, and only the first table is incomplete; otherwise "none found" would be reported
/// where nothing was looked at. In scopes region and account one row speaks for the whole scope, so nothing is kept unless
/// the check says that one pass is enough, and there is one.</item>
/// <item>A failed detail touches its row only, and only if the query may use a column that comes from it. A row of another
/// table than the first cannot be told apart in a joined result, so it spoils its scope. Rows of the result that
/// are no rows of the first table (aggregates, "none here") may rest on the failed row too and are withheld.</item>
/// <item>Where the check says that rows of a table can only help, and some are missing, passes stand and fails are withheld.</item>
/// <item>Rows that do not say what they are about (null or unscanned account or region, null id, no such status) are
/// unknown, where they can be placed; they never vanish.</item>
/// <item>Several rows for one resource: the worst stands (fail, unknown, pass, not applicable).</item>
/// </list>
/// </summary>
internal sealed partial class Verdict(CompiledCheck check, EvaluationInput input)
{
    private readonly Dictionary<(string Account, string Region, string Resource), Draft> _drafts = [];
    private readonly CheckScope _scope = check.Definition.Scope;

    // Whether the check is judged region by region.
    private bool Regional => _scope switch
    {
        CheckScope.Account => false,
        CheckScope.Region => check.Tables.Any(table => table.Scope == TableScope.Region || table.Name == BuiltInTables.Region),
        _ => check.Tables.Any(table => table.Scope == TableScope.Region && table.Name != BuiltInTables.Region)
            || check.FirstTable == BuiltInTables.Region,
    };

    private TableDefinition First => check.Tables[0];

    /// <summary>Findings for rows that the query returned.</summary>
    public IEnumerable<Finding> Of(IReadOnlyList<CheckRow> rows)
    {
        var byAccount = rows.Select(Placed).Where(row => row is not null).Select(row => row!)
            .ToLookup(row => row.Account, StringComparer.Ordinal);
        foreach (var account in input.Scope.Accounts)
        {
            var own = byAccount[account].ToList();
            switch (_scope)
            {
                case CheckScope.Account:
                    JudgeAsOne(account, CollectionStatus.Global, own, whole: true);
                    break;
                case CheckScope.Region when !Regional:
                    JudgeAsOne(account, CollectionStatus.Global, own, whole: true);
                    break;
                case CheckScope.Region:
                    foreach (var (region, inRegion) in Units(account, own))
                        JudgeAsOne(account, region, inRegion, whole: region == CollectionStatus.Global);
                    break;
                default:
                    JudgeResources(account, own);
                    break;
            }
        }
        return Finish();
    }

    /// <summary>Findings when the query gave no answer: unknown everywhere.</summary>
    public IEnumerable<Finding> OfFailure(string reason)
    {
        foreach (var account in input.Scope.Accounts)
        {
            var regions = Regional ? input.Scope.RegionsOf(account) : [];
            foreach (var region in regions.Count > 0 ? regions : [CollectionStatus.Global])
                Add(new Row(account, region, account, FindingStatus.Unknown, $"The query failed: {reason}"));
        }
        return Finish();
    }

    // Scope account, or region: one finding speaks for all that was looked at.
    private void JudgeAsOne(string account, string region, List<Row> rows, bool whole)
    {
        var causes = Problems(account, region, whole).SelectMany(problem => problem.Causes)
            .Concat(FailedFirst(account, whole ? null : region).SelectMany(failed => failed.Causes))
            .ToList();
        if (causes.Count > 0)
        {
            if (rows.Exists(row => row.Status == FindingStatus.Pass) && causes.TrueForAll(OnlyHelps))
            {
                foreach (var row in rows.Where(row => row.Status == FindingStatus.Pass))
                    Add(row);
                if (rows.Exists(row => row.Status == FindingStatus.Fail))
                    AddUnknown(account, region, account, causes);
                return;
            }
            var broken = FailedFirst(account, whole ? null : region).Select(failed => failed.Row.Resource).ToHashSet(StringComparer.Ordinal);
            var proof = check.Definition.OnePassIsEnough
                && rows.Any(row => row.Status == FindingStatus.Pass && !broken.Contains(row.Resource));
            if (!proof)
            {
                AddUnknown(account, region, account, causes);
                return;
            }
            rows = [.. rows.Where(row => row.Status == FindingStatus.Pass ? !broken.Contains(row.Resource) : row.Status != FindingStatus.NotApplicable)];
        }
        if (rows.Count == 0)
            AddNotApplicable(account, region);
        foreach (var row in rows)
            Add(row);
    }

    private void JudgeResources(string account, List<Row> rows)
    {
        var failed = FailedFirst(account, null).ToList();
        var broken = failed.Select(one => one.Row.Resource).ToHashSet(StringComparer.Ordinal);
        foreach (var (row, causes) in failed)
            AddUnknown(account, Plausible(row.Region) ? row.Region : CollectionStatus.Global, row.Resource, causes);

        // A table that is collected once an account and has not been: said once, not in every region.
        var once = First.Scope == TableScope.Account && First.Name != BuiltInTables.Region && Problems(First, account, CollectionStatus.Global).Any();
        if (!Regional || once)
        {
            JudgeUnit(account, CollectionStatus.Global, rows, broken, whole: !Regional);
            return;
        }
        var quiet = First.Scope == TableScope.Account && First.Name != BuiltInTables.Region;
        foreach (var (region, inRegion) in Units(account, rows))
            JudgeUnit(account, region, inRegion, broken, whole: region == CollectionStatus.Global, mayBeEmpty: quiet);
        if (quiet && rows.Count == 0 && !_drafts.Keys.Any(key => key.Account == account))
            AddNotApplicable(account, CollectionStatus.Global);
    }

    private void JudgeUnit(string account, string region, List<Row> rows, HashSet<string> broken, bool whole, bool mayBeEmpty = false)
    {
        var problems = Problems(account, region, whole).ToList();
        var onlyFirst = problems.All(problem => problem.Table == check.FirstTable);
        var anyFailed = FailedFirst(account, whole ? null : region).Any();
        var causes = problems.SelectMany(problem => problem.Causes).ToList();
        var onlyHelps = problems.Count > 0 && !anyFailed && causes.TrueForAll(OnlyHelps);
        foreach (var row in rows)
        {
            if (broken.Contains(row.Resource))
                continue;
            var kept = row.Status switch
            {
                FindingStatus.Unknown => true,
                FindingStatus.Pass or FindingStatus.NotApplicable when onlyHelps => true,
                FindingStatus.Fail when problems.Count > 0 => onlyFirst && IsOfFirst(row),
                _ when problems.Count > 0 => false,
                _ => !anyFailed || IsOfFirst(row),
            };
            if (kept)
                Add(row);
        }
        // Where the first table is whole, only fails can change.
        var nothingToChange = onlyHelps && problems.TrueForAll(problem => problem.Table != check.FirstTable)
            && !rows.Exists(row => row.Status == FindingStatus.Fail);
        if (problems.Count > 0 && !nothingToChange)
            AddUnknown(account, region, account, causes);
        else if (rows.Count == 0 && !anyFailed && !mayBeEmpty)
            AddNotApplicable(account, region);
    }

    // Rows that are missing altogether, of a table whose rows can only turn a fail into a pass.
    private bool OnlyHelps(CollectionStatus cause) =>
        cause.Resources is null && check.Definition.Helps.Contains(cause.Table, StringComparer.Ordinal);

    private bool IsOfFirst(Row row) => input.RowsOf(check.FirstTable).Contains((row.Account, row.Region, row.Resource));

    // The scanned regions, and "global" where a row is about the account as a whole.
    private IEnumerable<(string Region, List<Row> Rows)> Units(string account, List<Row> rows)
    {
        var regions = input.Scope.RegionsOf(account);
        var byRegion = rows.ToLookup(row => row.Region, StringComparer.Ordinal);
        foreach (var region in regions)
            yield return (region, [.. byRegion[region]]);
        // An account of which no region is known is judged as a whole, so that it is heard of.
        if (byRegion.Contains(CollectionStatus.Global) || regions.Count == 0)
            yield return (CollectionStatus.Global, [.. byRegion[CollectionStatus.Global]]);
    }

    private IEnumerable<(string Table, IReadOnlyList<CollectionStatus> Causes)> Problems(string account, string region, bool whole)
    {
        foreach (var table in check.Tables)
        {
            var causes = (whole ? ProblemsEverywhere(table, account) : Problems(table, account, region)).ToList();
            if (table != First)
            {
                causes.AddRange(input.FailedRows(table.Name)
                    .Where(row => row.Account == account && (whole || table.Scope == TableScope.Account || row.Region == region))
                    .SelectMany(row => row.CausesFor(check, table)));
            }
            if (causes.Count > 0)
                yield return (table.Name, causes);
        }
    }

    private IEnumerable<CollectionStatus> Problems(TableDefinition table, string account, string region) => input.Problems(table, account, region);

    private IEnumerable<CollectionStatus> ProblemsEverywhere(TableDefinition table, string account)
    {
        if (table.Scope == TableScope.Account)
            return Problems(table, account, CollectionStatus.Global);
        var regions = input.Scope.RegionsOf(account);
        return regions.Count == 0
            ? [new CollectionStatus(table.Name, account, CollectionStatus.Global, CollectionOutcome.Error, null, "no region of the account was scanned")]
            : regions.SelectMany(region => Problems(table, account, region)).Distinct();
    }

    private IEnumerable<(FailedRow Row, IReadOnlyList<CollectionStatus> Causes)> FailedFirst(string account, string? region)
    {
        foreach (var row in input.FailedRows(check.FirstTable))
        {
            if (row.Account != account || (region is not null && row.Region != region))
                continue;
            var causes = row.CausesFor(check, First);
            if (causes.Count > 0)
                yield return (row, causes);
        }
    }

    // Gives a row its place, or says why it has none.
    private Row? Placed(CheckRow raw)
    {
        if (raw.Account is null || !input.Scope.Has(raw.Account))
        {
            foreach (var account in input.Scope.Accounts)
            {
                Add(new Row(account, CollectionStatus.Global, account, FindingStatus.Unknown, raw.Account is null
                    ? "The query returned a row without an account_id"
                    : $"The query returned a row of account {raw.Account}, which was not scanned"));
            }
            return null;
        }
        var resource = raw.Resource ?? raw.Account;
        if (raw.Region is null)
        {
            Add(new Row(raw.Account, CollectionStatus.Global, resource, FindingStatus.Unknown, "The query returned a row without a region"));
            return null;
        }
        if (!Plausible(raw.Region))
        {
            Add(new Row(raw.Account, CollectionStatus.Global, resource, FindingStatus.Unknown, $"The query returned a row of region {raw.Region}, which is no region"));
            return null;
        }
        // Where every table is read once an account, the regions of the rows are the resources' own (S3 buckets).
        var scanned = !Regional || raw.Region == CollectionStatus.Global || input.Scope.RegionsOf(raw.Account).Contains(raw.Region, StringComparer.Ordinal);
        if (!scanned && _scope != CheckScope.Account)
        {
            Add(new Row(raw.Account, raw.Region, resource, FindingStatus.Unknown, $"Region {raw.Region} was not scanned"));
            return null;
        }
        if (raw.Resource is null)
        {
            Add(new Row(raw.Account, raw.Region, raw.Account, FindingStatus.Unknown, "The query returned a row without a resource_id"));
            return null;
        }
        if (raw.Status is null)
            return new Row(raw.Account, raw.Region, resource, FindingStatus.Unknown, "The check could not tell: its query gave no status");
        if (!Names.TryParse(raw.Status, out FindingStatus status) || status == FindingStatus.Muted)
        {
            return new Row(raw.Account, raw.Region, resource, FindingStatus.Unknown,
                $"The query gave the status '{raw.Status}', which is none of pass, fail, unknown and not applicable");
        }
        return new Row(raw.Account, raw.Region, resource, status, raw.Message is null or "" ? check.Definition.Info.Title : raw.Message);
    }

    private static bool Plausible(string region) => RegionCode().IsMatch(region);

    private void AddNotApplicable(string account, string region)
    {
        var here = region == CollectionStatus.Global ? "account" : "region";
        var count = input.RowsOf(check.FirstTable)
            .Count(row => row.Account == account && (region == CollectionStatus.Global || row.Region == region));
        var noun = check.FirstTable.StartsWith("aws_", StringComparison.Ordinal) ? check.FirstTable[4..].Replace('_', ' ') : check.FirstTable;
        Add(new Row(account, region, account, FindingStatus.NotApplicable, count == 0
            ? $"No {noun} in this {here}"
            : string.Create(CultureInfo.InvariantCulture, $"None of the {count} rows of {check.FirstTable} in this {here} is what the check is about")));
    }

    private void AddUnknown(string account, string region, string resource, IReadOnlyList<CollectionStatus> causes)
    {
        var distinct = causes.DistinctBy(cause => (cause.Table, cause.Account, cause.Region, cause.Outcome, cause.Operation, cause.Reason,
            Resources: cause.Resources is null ? null : string.Join('\n', cause.Resources))).ToList();
        Add(new Row(account, region, resource, FindingStatus.Unknown, CauseText.Of(distinct)), distinct);
    }

    private void Add(Row row, IReadOnlyList<CollectionStatus>? causes = null)
    {
        var key = (row.Account, row.Region, row.Resource);
        if (!_drafts.TryGetValue(key, out var draft))
            _drafts[key] = draft = new Draft();
        draft.Add(row.Status, row.Message, causes ?? []);
    }

    private IEnumerable<Finding> Finish()
    {
        var info = check.Definition.Info;
        var controls = info.Controls.Select(control => control.ToString()).ToList();
        return _drafts.Select(pair => new Finding
        {
            Check = info.Id,
            Kind = info.Kind,
            Status = pair.Value.Status,
            Severity = info.Severity,
            Account = pair.Key.Account,
            Region = pair.Key.Region,
            Resource = pair.Key.Resource,
            Message = pair.Value.Message,
            Controls = controls,
            Mitre = info.Mitre,
            Causes = pair.Value.Status == FindingStatus.Unknown ? pair.Value.Causes : [],
        });
    }

    private sealed record Row(string Account, string Region, string Resource, FindingStatus Status, string Message);

    private sealed class Draft
    {
        private const int MostMessages = 5;
        private readonly List<string> _messages = [];
        private int _more;

        public FindingStatus Status { get; private set; }

        public List<CollectionStatus> Causes { get; } = [];

        public string Message => _more == 0
            ? string.Join("; ", _messages)
            : string.Create(CultureInfo.InvariantCulture, $"{string.Join("; ", _messages)}; and {_more} more");

        public void Add(FindingStatus status, string message, IReadOnlyList<CollectionStatus> causes)
        {
            Causes.AddRange(causes);
            if (_messages.Count > 0 && Rank(status) < Rank(Status))
                return;
            // The messages of a better status would contradict the worse one.
            if (_messages.Count == 0 || Rank(status) > Rank(Status))
            {
                _messages.Clear();
                _more = 0;
                Status = status;
            }
            if (_messages.Contains(message, StringComparer.Ordinal))
                return;
            if (_messages.Count == MostMessages)
                _more++;
            else
                _messages.Add(message);
        }

        private static int Rank(FindingStatus status) => status switch
        {
            FindingStatus.Fail => 3,
            FindingStatus.Unknown => 2,
            FindingStatus.Pass => 1,
            _ => 0,
        };
    }

    [GeneratedRegex("^[a-z0-9-]{1,40}$", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex RegionCode();
}
