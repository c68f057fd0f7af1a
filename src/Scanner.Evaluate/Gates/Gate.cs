using Scanner.Catalog;
using Scanner.Catalog.Terraform;
using Scanner.Model;
using Scanner.Store;

namespace Scanner.Evaluate.Gates;

/// <summary>
/// The pull-request gate: asks the same checks of the account as it is and as a plan will leave it, and says what is different
/// (gate.md 3.3 to 3.5). Which checks a plan can answer follows from the tables:
/// <list type="bullet">
/// <item>A check is judged for the rows that the plan has of its first table. Of a table of which one row or a few speak for the whole account
/// (<c>account_fact</c>) a plan without any tells nothing: another stack may have them. A fail that such a row could excuse is unknown then.</item>
/// <item>A check whose first table is the list of accounts or regions ("there is a detector") is judged where the plan has a row of the
/// account's facts that it reads, on either side.</item>
/// <item>A check that reads a column which no plan can tell (<c>never</c>), or whose first table has no twin in Terraform, is not judged.</item>
/// </list>
/// With an earlier scan the rest of the account is known, and all of them are judged, the columns that no plan can tell excepted.
/// </summary>
/// <param name="catalog">The catalog, with the built-in tables.</param>
/// <param name="evaluator">Evaluator of the same catalog.</param>
public sealed class Gate(CheckCatalog catalog, CheckEvaluator evaluator)
{
    private const int MostCases = 16;

    // Rows to judge in all cases together: beyond, an argument that may name any of many objects stays unknown.
    private const int MostRows = 20_000;

    /// <summary>Judges one plan.</summary>
    /// <param name="request">Both sides.</param>
    /// <param name="progress">Hears how many checks are done.</param>
    /// <param name="cancellation">Stops the evaluation.</param>
    /// <exception cref="InputException">A check file is broken.</exception>
    public GateResult Judge(GateRequest request, IProgressSink? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        var compiled = request.Checks.Select(evaluator.CompileForPlan).ToList();
        var beyond = compiled.Where(IsBeyondPlans).ToHashSet();
        var coverage = new GateCoverage(catalog, request);
        List<CompiledCheck> judged = [.. compiled.Where(check => !beyond.Contains(check) && coverage.Touches(check))];
        var before = Evaluate(request, request.Before, coverage, judged, progress, cancellation);
        var after = Settle(request, coverage, judged, Evaluate(request, request.After, coverage, judged, progress, cancellation), cancellation);
        var comparison = new GateComparison(request, coverage);
        var byBefore = before.ToLookup(finding => finding.Check, StringComparer.Ordinal);
        var byAfter = after.ToLookup(finding => finding.Check, StringComparer.Ordinal);
        foreach (var check in judged)
        {
            comparison.Compare(check, byBefore[check.Definition.Id], byAfter[check.Definition.Id]);
            LargeHeap.LetGrown();
        }
        return new GateResult
        {
            Findings = FindingOrder.Sorted(comparison.Findings),
            Judgements = comparison.Judgements,
            Passed = comparison.Passed,
            Assumed = comparison.Assumed,
            LeftToAws = comparison.LeftToAws,
            LeftToAccount = comparison.LeftToAccount,
            NotJudged = [.. beyond.Select(check => check.Definition.Id).Order(StringComparer.Ordinal)],
            State = FindingOrder.Sorted(comparison.State),
            Before = request.Scan is null ? [] : before,
            After = request.Scan is null ? [] : after,
        };
    }

    /// <summary>Whether no plan can answer a check, whatever it holds.</summary>
    /// <param name="check">The check.</param>
    /// <exception cref="InputException">The check file is broken.</exception>
    public bool IsBeyondPlans(CheckDefinition check) => IsBeyondPlans(evaluator.CompileForPlan(check));

    /// <summary>
    /// Names of arguments and blocks of a resource type that a check reads, the ones that it is about before names and ids: where in the source a
    /// finding is at home.
    /// </summary>
    /// <param name="check">The check.</param>
    /// <param name="type">Resource type, such as <c>aws_db_instance</c>.</param>
    public IReadOnlyList<string> ArgumentsOf(CheckDefinition check, string type)
    {
        var compiled = evaluator.CompileForPlan(check);
        var names = new List<string>();
        var identities = new List<string>();
        foreach (var table in compiled.Tables)
        {
            foreach (var mapping in table.Terraform.Where(mapping => mapping.Resources.Contains(type, StringComparer.Ordinal)))
            {
                identities.AddRange(mapping.Names.Select(name => name.Attribute));
                names.AddRange(mapping.Columns.Where(column => column.Value is not null && compiled.UsesColumn(table, column.Name))
                    .SelectMany(column => column.Value!.AllPaths)
                    .Where(path => path.Root is TerraformPathRoot.Current or TerraformPathRoot.Instance)
                    .Select(path => path.Head));
            }
        }
        return [.. names.Where(name => name.Length > 0).Distinct(StringComparer.Ordinal).OrderBy(name => identities.Contains(name, StringComparer.Ordinal) || name is "name" or "tags" or "tags_all" or "type")];
    }

    private static bool IsBeyondPlans(CompiledCheck check) =>
        !PlanClasses.TryClassify(check, out var found, out _) || found == PlanClass.Never;

    /// <summary>
    /// Asks again what could not be told, of each case between which the answer lies (a policy at its narrowest and at its widest, a part that may be
    /// another's): what is the same in all of them is certain. Rows change their cases together, and a second time against each other, since
    /// a finding may hang on two of them.
    /// </summary>
    private IReadOnlyList<Finding> Settle(
        GateRequest request, GateCoverage coverage, List<CompiledCheck> checks, IReadOnlyList<Finding> findings, CancellationToken cancellation)
    {
        var open = findings.Where(finding => finding.Status == FindingStatus.Unknown).Select(finding => finding.Check).ToHashSet(StringComparer.Ordinal);
        if (open.Count == 0)
            return findings;
        // What an earlier scan knows of the account may be meant as well as what is in the plan.
        var most = request.After.Where(row => row.HasManyCases).Select(row => row.Alternatives.Count).DefaultIfEmpty(0).Max();
        var few = request.Scan is not null || (long)request.After.Count * 2 * Math.Min(MostCases, most) > MostRows;
        var doubtful = request.After.Where(row => row.Alternatives.Count > 0 && !(few && row.HasManyCases)).ToList();
        // Of a row whose doubts were not put together there is no answer for a check that reads several of them.
        var several = checks.Where(check => open.Contains(check.Definition.Id)).ToLookup(check => doubtful.Exists(row => ReadsSeveral(check, row)));
        foreach (var apart in new[] { false, true })
            findings = Settle(request, coverage, [.. several[apart]], apart ? [.. doubtful.Where(row => row.Apart.Count == 0)] : doubtful, findings, cancellation);
        return findings;
    }

    private static bool ReadsSeveral(CompiledCheck check, GateRow row) =>
        row.Apart.Count > 0 && check.Tables.FirstOrDefault(table => table.Name == row.Resource.Table) is { } table
        && row.Apart.Where(column => check.UsesColumn(table, column.Key)).SelectMany(column => column.Value).Distinct().Skip(1).Any();

    private List<Finding> Settle(
        GateRequest request, GateCoverage coverage, List<CompiledCheck> asked, List<GateRow> doubtful, IReadOnlyList<Finding> findings, CancellationToken cancellation)
    {
        if (asked.Count == 0 || doubtful.Count == 0)
            return [.. findings];
        var ids = asked.Select(check => check.Definition.Id).ToHashSet(StringComparer.Ordinal);
        var cases = Math.Min(MostCases, doubtful.Max(row => row.Alternatives.Count));
        var numbers = new Dictionary<object, int>(ReferenceEqualityComparer.Instance);
        foreach (var row in doubtful)
            numbers[row] = numbers.Count;
        var said = new List<Dictionary<(string, string, string, string), Finding>>();
        for (var turn = 0; turn < (doubtful.Count > 1 ? 2 : 1) * cases; turn++)
        {
            var (number, against) = (turn % cases, turn >= cases);
            var rows = request.After.Select(row => numbers.TryGetValue(row, out var i)
                ? row.Alternatives[(against && i % 2 == 1 ? cases - 1 - number : number) % row.Alternatives.Count] is { } chosen ? row with { Resource = chosen } : null
                : row).OfType<GateRow>().ToList();
            said.Add(Evaluate(request, rows, coverage, asked, null, cancellation).ToDictionary(finding => finding.Identity));
        }
        var known = findings.Select(finding => finding.Identity).ToHashSet();
        // Said in some case of what is not in the question: then what is said of the whole stays open.
        var besides = said.SelectMany(one => one).Where(pair => pair.Value.Status is FindingStatus.Fail or FindingStatus.Unknown && !known.Contains(pair.Key))
            .Select(pair => pair.Value.Check).ToHashSet(StringComparer.Ordinal);
        var settled = new List<Finding>();
        foreach (var finding in findings)
        {
            if (finding.Status != FindingStatus.Unknown || !ids.Contains(finding.Check))
                settled.Add(finding);
            else if (Agreed(finding, [.. said.Select(one => one.GetValueOrDefault(finding.Identity))], besides.Contains(finding.Check)) is { } certain)
                settled.Add(certain);
        }
        return settled;
    }

    // What all cases agree on; null when there is nothing to say of it in any, the finding itself when they do not.
    private static Finding? Agreed(Finding finding, List<Finding?> cases, bool besides)
    {
        var statuses = cases.Select(one => one?.Status).Distinct().ToList();
        if (statuses is [{ } only] && only != FindingStatus.Unknown)
            return cases[0];
        // Of a resource of which nothing is said in any case nothing is open, whatever is said of others.
        if (statuses is [null] && finding.Resource != finding.Account)
            return null;
        // Good where it is, and nothing where it is not: nobody's fault.
        if (statuses.TrueForAll(status => status is null or FindingStatus.Pass or FindingStatus.NotApplicable))
            return statuses.Contains(null) ? besides ? finding : null : cases.Find(one => one!.Status == FindingStatus.Pass) ?? cases[0];
        return finding;
    }

    private IReadOnlyList<Finding> Evaluate(
        GateRequest request, IReadOnlyList<GateRow> rows, GateCoverage coverage, List<CompiledCheck> checks, IProgressSink? progress, CancellationToken cancellation)
    {
        // What AWS makes along with a resource is judged itself, and speaks for nothing else: a log group that is not there yet is no function's log.
        var implied = rows.Where(row => row.Implied is not null).Select(row => row.Resource.Table).ToHashSet(StringComparer.Ordinal);
        var findings = new List<Finding>();
        foreach (var group in checks.GroupBy(check => implied.Contains(check.FirstTable) ? check.FirstTable : ""))
        {
            var seen = implied.Count == 0 ? rows : [.. rows.Where(row => row.Implied is null || row.Resource.Table == group.Key)];
            findings.AddRange(EvaluateTogether(request, seen, coverage, [.. group], group.Key.Length == 0 ? progress : null, cancellation));
        }
        return findings;
    }

    private IReadOnlyList<Finding> EvaluateTogether(
        GateRequest request, IReadOnlyList<GateRow> rows, GateCoverage coverage, List<CompiledCheck> checks, IProgressSink? progress, CancellationToken cancellation)
    {
        var needed = checks.SelectMany(check => check.Tables).Select(table => table.Name).ToHashSet(StringComparer.Ordinal);
        using var store = ScanStore.InMemory([]);
        foreach (var resource in coverage.Rows(rows).Where(resource => needed.Contains(resource.Table)))
            store.Add(resource);
        store.Add(coverage.Statuses(needed));
        LargeHeap.LetGo();
        var findings = evaluator.Evaluate(store, [.. checks.Select(check => check.Definition)], request.Time, coverage.Scope, progress, cancellation, planned: true);
        LargeHeap.LetGo();
        return findings;
    }
}
