using System.Globalization;
using System.Text.RegularExpressions;
using Scanner.Catalog;
using Scanner.Evaluate.Gaps;
using Scanner.Model;

namespace Scanner.Evaluate;

/// <summary>
/// Turns the rows of one check into findings. This is where "never a false pass" is kept; the reasoning:
/// <list type="number">
/// <item>Where something is missing, the query was asked of all accounts that may stand behind what was read
/// (<see cref="Rewriter"/>). What hangs on nothing that is missing stands, pass or fail; all else is unknown and names what it hangs on.</item>
/// <item>A table of which nothing is known (no collection row) counts as not read.</item>
/// <item>What a row of the first table hangs on because of its own failed detail is said of that resource. Other doubts are said once
/// for account and region: which resources they concern may be unknown itself. A resource of which another row says something is unknown itself,
/// unless it fails anyway.</item>
/// <item>Where the check says that rows of a table can only help, what is certain without those that are missing stands, but fails.</item>
/// <item>Scopes are judged from what was scanned, not from the rows: a scope of which nothing is said is not applicable.</item>
/// <item>Where AWS does not have the service that a check is about, nothing of it can be required: not applicable, whatever the query says of the
/// account or region as such. What it says of resources that are there stands.</item>
/// <item>Rows that do not say what they are about (null or unscanned account or region, null id, no such status) are
/// unknown, where they can be placed; they never vanish.</item>
/// <item>Several rows for one resource: the worst stands (fail, unknown, pass, not applicable).</item>
/// </list>
/// </summary>
/// <param name="check">The check.</param>
/// <param name="input">What was scanned and what was read.</param>
/// <param name="gaps">What is missing; null where the query gave no answer.</param>
internal sealed partial class Verdict(CompiledCheck check, EvaluationInput input, GapTables? gaps)
{
    private readonly Dictionary<(string Account, string Region, string Resource), Draft> _drafts = [];
    // Of whom something is said, and in which regions; of what, where that is asked.
    private readonly Dictionary<string, HashSet<string>> _said = new(StringComparer.Ordinal);
    private Dictionary<(string Account, string Resource), List<string>>? _regions;
    private readonly HashSet<string> _lostRegions = new(StringComparer.Ordinal);
    private readonly List<Doubtful> _doubts = [];
    private readonly CheckScope _scope = check.Definition.Scope;

    private bool Regional => check.IsRegional;

    private TableDefinition First => check.Tables[0];

    /// <summary>Findings for rows that the query returned.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="without">The rows without what is missing of tables that only help; null where there is no such table.</param>
    public IEnumerable<Finding> Of(IReadOnlyList<CheckRow> rows, IReadOnlyList<CheckRow>? without)
    {
        foreach (var row in without is null ? rows : Helped(rows, without))
            Judge(row);
        // Only now is it known what other rows say of the same resources.
        foreach (var doubt in _doubts.Distinct())
            Settle(doubt);
        foreach (var account in input.Scope.Accounts)
            FillIn(account);
        return Finish();
    }

    /// <summary>Findings when the query gave no answer: unknown everywhere.</summary>
    public IEnumerable<Finding> OfFailure(string reason) => Everywhere(new Said(FindingStatus.Unknown, $"The query failed: {reason}"), []);

    /// <summary>Findings when the scan was stopped before the query ended: unknown everywhere.</summary>
    public IEnumerable<Finding> OfStop() => Everywhere(new Said(FindingStatus.Unknown, "The scan was stopped before this was assessed."), []);

    /// <summary>Findings when something is missing, and it is not known what hangs on it: unknown everywhere.</summary>
    public IEnumerable<Finding> OfGapsAlone()
    {
        var causes = check.Tables.SelectMany(table => (check.IsForPlans(table) ? [] : input.MissingPlaces(table)).Select(place => place.Cause)
            .Concat(input.FailedRows(table.Name).SelectMany(row => row.CausesFor(check, table)))).ToList();
        return Everywhere(new Said(FindingStatus.Unknown, CauseText.Of(causes)), causes);
    }

    private IEnumerable<Finding> Everywhere(Said said, IReadOnlyList<CollectionStatus> causes)
    {
        foreach (var account in input.Scope.Accounts)
        {
            var regions = Regional ? input.Scope.RegionsOf(account) : [];
            foreach (var region in regions.Count > 0 ? regions : [CollectionStatus.Global])
                Add(account, region, account, said, causes);
        }
        return Finish();
    }

    // What stands without the missing rows stands with them, but for fails: of those, the ones that stand in any case.
    private IEnumerable<CheckRow> Helped(IReadOnlyList<CheckRow> rows, IReadOnlyList<CheckRow> without)
    {
        static bool IsGood(CheckRow row) => Names.TryParse(row.Status, out FindingStatus status) && status is FindingStatus.Pass or FindingStatus.NotApplicable;
        var whole = rows.ToLookup(row => (row.Account, row.Region, row.Resource));
        var all = rows.Aggregate(0L, (mask, row) => mask | row.StatusMask | row.GoneMask | row.ResourceMask | row.RegionMask | row.AccountMask);
        // Where much is missing, a region as a whole, thousands of rows stand for the same thing: what is asked of them is asked once.
        foreach (var place in without.GroupBy(row => (row.Account, row.Region, row.Resource)))
        {
            var same = whole[place.Key].ToList();
            // A row that was not thought of with all that is missing cannot be told to stand.
            var doubt = same.Count > 0 ? same.Aggregate(0L, (mask, one) => mask | one.StatusMask | one.GoneMask | one.ResourceMask) : all;
            var stands = same.Count > 0 && doubt == 0 && !same.Exists(one => (one.RegionMask | one.AccountMask) != 0);
            var isTold = false;
            foreach (var row in place)
            {
                if (IsGood(row) || !stands)
                {
                    yield return IsGood(row) ? row : row with { StatusMask = row.StatusMask | doubt };
                    continue;
                }
                // With everything that may be missing it says the same in any case: rows that were read in part count there for what was read.
                if (isTold)
                    continue;
                isTold = true;
                foreach (var one in same)
                    yield return one;
            }
        }
        // Where only rows that are missing could say something, nobody has looked: that is no reason to say that nothing is there.
        var said = without.Select(Place).ToHashSet();
        foreach (var row in rows.Where(row => !said.Contains(Place(row))))
            yield return row;

        (string? Account, string? Region) Place(CheckRow row) => (row.Account, Regional && row.RegionMask == 0 ? row.Region : null);
    }

    private void Judge(CheckRow row)
    {
        if (row.Region == TableGaps.LostRegion)
            row = row with { RegionMask = row.RegionMask | row.GoneMask | row.StatusMask };
        if (row.AccountMask != 0)
        {
            foreach (var account in input.Scope.Accounts)
                _doubts.Add(new Doubtful(account, null, null, row.AccountMask, null));
            return;
        }
        if (!HasPlace(row))
            return;
        if (row.RegionMask == 0 && NotOffered(row.Account!, row.Region!) is { } why)
        {
            Add(row.Account!, row.Region!, row.ResourceMask == 0 ? row.Resource! : row.Account!, new Said(FindingStatus.NotApplicable, why), []);
            return;
        }
        var (known, region) = (row.Account!, row.RegionMask == 0 ? row.Region : null);
        var mask = row.RegionMask | row.ResourceMask | row.StatusMask | row.GoneMask;
        var status = StatusOf(row);
        if (mask != 0)
        {
            // It may not be there, and would say nothing if it were.
            if (status.Status == FindingStatus.NotApplicable && row.StatusMask == 0)
                return;
            // In a plan the rest of the account is not looked at: what would be said only if something were there (a trail that writes into
            // this bucket) is nobody's finding. What could excuse it is another matter.
            if (input.IsPlan && row.GoneMask != 0 && Accuses(row.GoneMask))
                return;
            // In a plan it is enough that it is no fault either way: nothing is claimed but what the plan changes.
            if (!(input.IsPlan && status.Status == FindingStatus.Pass && mask == row.GoneMask))
            {
                // A region that is missing from the list of regions is none of which another row speaks.
                var resource = row.ResourceMask == 0 && row.Region != TableGaps.LostRegion ? row.Resource : null;
                _doubts.Add(new Doubtful(known, region, resource, mask, row.StatusMask == 0 ? status.Status : null));
                return;
            }
        }
        if (row.MessageMask != 0)
            status = status with { Message = InAnyCase(status.Status) + CauseText.Of(Causes(row.MessageMask, known, region, row.Resource)) };
        Add(known, region!, row.Resource!, status, []);
    }

    // Whether a row is there only if rows are that nobody looked for, of tables that can do more than excuse.
    private bool Accuses(long mask)
    {
        var meaning = gaps!.Meaning(check, mask).ToList();
        return meaning.TrueForAll(gap => gap.Detail is null) && meaning.Exists(gap => !check.Definition.Helps.Contains(gap.Table.Name, StringComparer.Ordinal));
    }

    // The words of the query hang on what its status does not.
    private static string InAnyCase(FindingStatus status) => status switch
    {
        FindingStatus.Fail => "Fails in any case; why exactly is not known: ",
        FindingStatus.Pass => "Passes in any case; why exactly is not known: ",
        _ => "",
    };

    // What other rows say of the same resource stands if the doubtful row cannot make it worse.
    private void Settle(Doubtful doubt)
    {
        var stood = doubt.Resource is null ? []
            : RegionsOf(doubt.Account, doubt.Resource).Where(region => doubt.Region is null || region == doubt.Region).Select(region => (doubt.Account, Region: region, doubt.Resource)).ToList();
        foreach (var key in stood)
        {
            var draft = _drafts[key];
            if (draft.Status == FindingStatus.Fail || (draft.Status == FindingStatus.Pass && doubt.Sure is FindingStatus.Pass or FindingStatus.NotApplicable))
                continue;
            var causes = Causes(doubt.Mask, key.Account, key.Region, key.Resource);
            Add(key.Account, key.Region, key.Resource, new Said(FindingStatus.Unknown, CauseText.Of(causes)), causes);
        }
        if (stood.Count == 0 || doubt.Region is null)
            Doubt(doubt.Account, doubt.Region, doubt.Resource, doubt.Mask);
    }

    private List<string> RegionsOf(string account, string resource)
    {
        if (_regions is null)
        {
            _regions = [];
            foreach (var key in _drafts.Keys)
                AddRegion(key.Account, key.Region, key.Resource);
        }
        return _regions.GetValueOrDefault((account, resource)) ?? [];
    }

    private void AddRegion(string account, string region, string resource)
    {
        if (!_regions!.TryGetValue((account, resource), out var regions))
            _regions[(account, resource)] = regions = [];
        regions.Add(region);
    }

    // Says that something is not known, of the resource itself where it is about its own details.
    private void Doubt(string account, string? region, string? resource, long mask)
    {
        var causes = Causes(mask, account, region, resource);
        var own = resource is not null && region is not null && (input.IsPlan || input.FailedRows(check.FirstTable, account)
            .Any(row => row.Resource == resource && row.CausesFor(check, First).Count > 0));
        if (region is null)
            _lostRegions.Add(account);
        var place = own ? region! : Regional && region is not null ? region : CollectionStatus.Global;
        Add(account, place, own ? resource! : account, new Said(FindingStatus.Unknown, CauseText.Of(causes)), causes);
    }

    // Nothing is said of a place that was looked at: the check is not about anything there.
    private void FillIn(string account)
    {
        var said = _said.GetValueOrDefault(account);
        // Of which region something is missing is not known: it may be of any.
        if (said is not null && (!Regional || _lostRegions.Contains(account)))
            return;
        var perRegion = Regional && (_scope == CheckScope.Region || First.Scope == TableScope.Region || First.Name == BuiltInTables.Region);
        var regions = perRegion ? input.Scope.RegionsOf(account) : [];
        foreach (var region in regions.Count > 0 ? regions : [CollectionStatus.Global])
        {
            if (said is null || (region != CollectionStatus.Global && !said.Contains(region)))
                AddNotSaid(account, region);
        }
    }

    // Whether account, region and id of a row are of use; otherwise says why they are not.
    private bool HasPlace(CheckRow row)
    {
        if (row.Account is null || !input.Scope.Has(row.Account))
        {
            foreach (var account in input.Scope.Accounts)
            {
                Add(account, CollectionStatus.Global, account, new Said(FindingStatus.Unknown, row.Account is null
                    ? "The query returned a row without an account_id"
                    : $"The query returned a row of account {row.Account}, which was not scanned"), []);
            }
            return false;
        }
        if (row.RegionMask != 0)
            return true;
        var resource = row.ResourceMask != 0 ? row.Account : row.Resource ?? row.Account;
        // Where every table is read once an account, the regions of the rows are the resources' own (S3 buckets).
        var scanned = !Regional || row.Region == CollectionStatus.Global || input.Scope.RegionsOf(row.Account).Contains(row.Region, StringComparer.Ordinal);
        var (region, problem) = row.Region is null ? (CollectionStatus.Global, "The query returned a row without a region")
            : !RegionCode().IsMatch(row.Region) ? (CollectionStatus.Global, $"The query returned a row of region {row.Region}, which is no region")
            : !scanned && _scope != CheckScope.Account ? (row.Region, $"Region {row.Region} was not scanned")
            : row.Resource is null && row.ResourceMask == 0 ? (row.Region, "The query returned a row without a resource_id")
            : (row.Region, null);
        if (problem is not null)
            Add(row.Account, region, resource, new Said(FindingStatus.Unknown, problem), []);
        return problem is null;
    }

    private Said StatusOf(CheckRow row)
    {
        if (row.Status is null)
            return new Said(FindingStatus.Unknown, row.Message is null or "" ? "The check could not tell: its query gave no status" : row.Message);
        if (!Names.TryParse(row.Status, out FindingStatus status) || status == FindingStatus.Muted)
            return new Said(FindingStatus.Unknown, $"The query gave the status '{row.Status}', which is none of pass, fail, unknown and not applicable");
        return new Said(status, row.Message is null or "" ? check.Definition.Info.Title : row.Message);
    }

    // What a mask names, nearest first: of the resource, of its region, of its account, of the scan.
    private List<CollectionStatus> Causes(long mask, string account, string? region, string? resource)
    {
        var causes = new List<CollectionStatus>();
        foreach (var (table, detail) in gaps!.Meaning(check, mask))
        {
            var own = Places(table, detail, region, account);
            var near = own.FindAll(one => one.Resource.Length > 0 && one.Resource == resource);
            if (near.Count == 0)
                near = own.FindAll(one => region is null || !Regional || one.Region == region);
            if (near.Count == 0)
                near = own;
            causes.AddRange((near.Count == 0 ? Places(table, detail, region, null) : near).Select(one => one.Cause));
        }
        return causes;
    }

    // Where rows or a detail of a table are missing, in an account or in all.
    private List<(string? Region, string Resource, CollectionStatus Cause)> Places(TableDefinition table, string? detail, string? region, string? account) => detail is null
        ? [.. (account is null ? input.MissingPlaces(table) : input.MissingPlaces(table, account)).Select(place => (place.Region ?? region, "", place.Cause))]
        : [.. from row in account is null ? input.FailedRows(table.Name) : input.FailedRows(table.Name, account)
              from failure in row.Failures
              where DetailColumns.Lost(failure) == detail
              select ((string?)row.Region, row.Resource, row.CauseOf(failure, table))];

    // The check is about what its first table holds that is not only the list of accounts or regions: says that it cannot be there.
    private string? NotOffered(string account, string region)
    {
        if (check.Tables.FirstOrDefault(table => !BuiltInTables.IsBuiltIn(table.Name)) is not { } about || input.NotOffered(about, account, region) is not { } status)
            return null;
        return $"Not offered here: {status.Reason?.ReplaceLineEndings(" ") ?? $"AWS does not have {about.Service} in this place"}";
    }

    private void AddNotSaid(string account, string region)
    {
        if (NotOffered(account, region) is { } why)
        {
            Add(account, region, account, new Said(FindingStatus.NotApplicable, why), []);
            return;
        }
        // What is not there may be among what was left out.
        if (input.LeftOut(First, account) is { Count: > 0 } causes)
        {
            Add(account, region, account, new Said(FindingStatus.Unknown, CauseText.Of(causes)), causes);
            return;
        }
        var here = region == CollectionStatus.Global ? "account" : "region";
        var count = input.CountRows(check.FirstTable, account, region == CollectionStatus.Global ? null : region);
        var noun = check.FirstTable.StartsWith("aws_", StringComparison.Ordinal) ? check.FirstTable[4..].Replace('_', ' ') : check.FirstTable;
        // What could not be read of it would change nothing: then the others say so.
        var missing = input.MissingPlaces(First, account).Any(place => region == CollectionStatus.Global || place.Region is null || place.Region == region);
        Add(account, region, account, new Said(FindingStatus.NotApplicable, count == 0
            ? missing ? $"Nothing in this {here} is what the check is about, whatever {check.FirstTable} holds" : $"No {noun} in this {here}"
            : string.Create(CultureInfo.InvariantCulture, $"None of the {count} rows of {check.FirstTable} in this {here} is what the check is about")), []);
    }

    private void Add(string account, string region, string resource, Said said, IReadOnlyList<CollectionStatus> causes)
    {
        var key = (account, region, resource);
        if (!_drafts.TryGetValue(key, out var draft))
        {
            _drafts[key] = draft = new Draft();
            if (!_said.TryGetValue(account, out var regions))
                _said[account] = regions = new HashSet<string>(StringComparer.Ordinal);
            regions.Add(region);
            if (_regions is not null)
                AddRegion(account, region, resource);
        }
        draft.Add(said, causes);
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

    [GeneratedRegex("^[a-z0-9-]{1,40}$", RegexOptions.None, matchTimeoutMilliseconds: -1)]
    private static partial Regex RegionCode();

    // A row that may not be there, or may say something else. Sure is its status where that is certain.
    private sealed record Doubtful(string Account, string? Region, string? Resource, long Mask, FindingStatus? Sure);

    private sealed record Said(FindingStatus Status, string Message);

    private sealed class Draft
    {
        private const int MostMessages = 5;
        // Nearly all have one message and no cause, and there may be one for each of a hundred thousand resources.
        private string[] _messages = [];
        private List<CollectionStatus>? _causes;
        private int _more;
        private bool _byCauses;

        public FindingStatus Status { get; private set; }

        public IReadOnlyList<CollectionStatus> Causes => _causes ?? (IReadOnlyList<CollectionStatus>)[];

        public string Message => _byCauses ? CauseText.Of(Causes)
            : _messages.Length == 1 && _more == 0 ? _messages[0]
            : _more == 0 ? string.Join("; ", _messages)
            : string.Create(CultureInfo.InvariantCulture, $"{string.Join("; ", _messages)}; and {_more} more");

        public void Add(Said said, IReadOnlyList<CollectionStatus> causes)
        {
            foreach (var cause in causes)
            {
                if (!(_causes ??= []).Exists(one => Same(one, cause)))
                    _causes.Add(cause);
            }
            if (_messages.Length > 0 && Rank(said.Status) < Rank(Status))
                return;
            // The messages of a better status would contradict the worse one.
            if (_messages.Length == 0 || Rank(said.Status) > Rank(Status))
            {
                _messages = [];
                _more = 0;
                Status = said.Status;
                _byCauses = causes.Count > 0;
            }
            // Doubts of one place are one sentence over all that is missing; a query's own words are kept beside.
            _byCauses &= causes.Count > 0;
            if (_messages.Contains(said.Message, StringComparer.Ordinal))
                return;
            if (_messages.Length == MostMessages)
                _more++;
            else
                _messages = [.. _messages, said.Message];
        }

        private static bool Same(CollectionStatus one, CollectionStatus other) =>
            one with { Resources = null } == other with { Resources = null }
            && (one.Resources ?? []).SequenceEqual(other.Resources ?? [], StringComparer.Ordinal) && one.Resources is null == other.Resources is null;

        private static int Rank(FindingStatus status) => status switch
        {
            FindingStatus.Fail => 3,
            FindingStatus.Unknown => 2,
            FindingStatus.Pass => 1,
            _ => 0,
        };
    }
}
