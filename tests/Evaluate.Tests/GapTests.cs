using System.Text.Json.Nodes;
using Loopback;
using Scanner.Catalog;
using Scanner.Evaluate;
using Scanner.Evaluate.Gaps;
using Scanner.Model;

namespace Evaluate.Tests;

/// <summary>
/// What is said in spite of a gap is what is said without it: over every shipped check and the rows of its own tests, which are
/// one of the accounts that may stand behind the gap. The judge of this is the whole account, never the rewriting.
/// </summary>
public sealed class GapTests
{
    private static readonly Lazy<CheckCatalog> Shipped = new(() => CatalogLoader.Load([Path.Combine(Tools.Repository, "checks")], BuiltInTables.All));
    private static readonly Lazy<CheckTester> Tester = new(() => new CheckTester(Shipped.Value));

    // What is right of a test as it stands, which each theory asks for anew.
    private static readonly Dictionary<CheckTest, IReadOnlyList<Finding>> Whole = new(ReferenceEqualityComparer.Instance);

    // Every sixteenth pair of a test and a table, from a place that the check's name tells and never none; SCANNER_GAPS=all, as at night, takes all.
    private const int Step = 16;
    private static readonly bool All = Environment.GetEnvironmentVariable("SCANNER_GAPS") == "all";

    public static TheoryData<string> Ids => [.. Shipped.Value.Checks.Keys];

    // A third of them a run.
    public static TheoryData<string> SomeIds => [.. Turn.Of(Shipped.Value.Checks.Keys, 3)];

    [Theory]
    [MemberData(nameof(Ids))]
    public void Columns_are_followed_through_its_query(string id)
    {
        var check = Tester.Value.Compile(Shipped.Value.Checks[id]);
        Assert.Null(check.Facts.NotFollowed);
        // Also where rows and cells of every table are missing at once.
        var open = check.Tables.ToDictionary(table => table.Name, table => new GapTable(
            table.Name, table.Name, [.. DetailColumns.Of(table).Select(column => (column, (IReadOnlyList<string>)(column == "account_id" ? [] : ["mask"])))], "mask"));
        Assert.NotNull(new Rewriter(open, check.Functions).Rewrite(check.Tree, out _));
    }

    [Theory]
    [MemberData(nameof(SomeIds))]
    public void Emptying_a_column_that_it_does_not_use_changes_no_finding(string id)
    {
        var check = Tester.Value.Compile(Shipped.Value.Checks[id]);
        foreach (var test in Sample(id, Tests(check)))
        {
            var emptied = test;
            foreach (var table in check.Tables)
            {
                emptied = With(emptied, table.Name, row =>
                {
                    row["resource_id"] ??= Tester.Value.Place(check.Definition, test, table.Name, row).Resource;
                    foreach (var column in table.Columns.Where(column => !check.UsesColumn(table, column.Name)))
                        row[column.Name] = null;
                });
            }
            Assert.Equal(Said(Judge(check, test), withMessage: true), Said(Judge(check, emptied), withMessage: true));
        }
    }

    [Theory]
    [MemberData(nameof(SomeIds))]
    public void What_stands_although_a_detail_could_not_be_read_stands_whatever_it_was(string id)
    {
        var check = Tester.Value.Compile(Shipped.Value.Checks[id]);
        var random = new Random(11);
        var turn = 0;
        var pairs = from test in Tests(check)
                    from table in check.Tables
                    where table.Each.Count > 0 && test.Given.GetValueOrDefault(table.Name, []).Count > 0
                    select (test, table);
        foreach (var (test, table) in Sample(id, pairs))
        {
            var rows = test.Given[table.Name];
            // One detail a test: over the tests of a check each has its turn.
            foreach (var detail in table.Each.Select(call => call.As!).Skip(turn++ % table.Each.Count).Take(1))
            {
                var at = random.Next(rows.Count);
                var place = Tester.Value.Place(check.Definition, test, table.Name, rows[at]);
                if (place.Resource is null || DetailColumns.Feeds(table, detail, "region") || DetailColumns.Feeds(table, detail, "resource_id"))
                    continue;
                var lost = table.Columns.Select(column => column.Name).Where(column => DetailColumns.Feeds(table, detail, column)).ToList();
                var failed = new FailedRow(table.Name, place.Account, place.Region, place.Resource, [new ResourceFailure(detail, CollectionOutcome.Denied, "test:Get", "no")]);
                var findings = Judge(check, Without(test, table.Name, at, lost, _ => null), [failed]);
                // The row as it is, and with what other rows have there.
                RequireStands(check, test, findings, test);
                if (findings.Any(finding => finding.Status is FindingStatus.Pass or FindingStatus.Fail))
                    RequireStands(check, test, findings, Without(test, table.Name, at, lost, column => Value(check, table.Name, column, random)));
                if (!check.Uses(table, detail))
                    Assert.Equal(Said(Judge(check, test)), Said(findings));
            }
        }
    }

    [Theory]
    [MemberData(nameof(SomeIds))]
    public void What_stands_although_a_table_could_not_be_read_stands_whatever_is_in_it(string id)
    {
        var check = Tester.Value.Compile(Shipped.Value.Checks[id]);
        var turn = 0;
        var pairs = from test in Tests(check)
                    from table in check.Tables
                    where table.Name is not (BuiltInTables.Account or BuiltInTables.Region)
                    select (test, table);
        foreach (var (test, table) in Sample(id, pairs))
        {
            var rows = test.Given.GetValueOrDefault(table.Name, []);
            // One place that could not be read, or all of them.
            var places = Places(check, test, table);
            foreach (var denied in new[] { turn++ % 2 == 0 ? [.. places] : new[] { places[turn % places.Count] } })
            {
                bool IsDenied(JsonObject row)
                {
                    var place = Tester.Value.Place(check.Definition, test, table.Name, row);
                    return denied.Contains((table.Name, place.Account, table.Scope == TableScope.Account ? CollectionStatus.Global : place.Region));
                }

                var read = new Dictionary<string, IReadOnlyList<JsonObject>>(test.Given) { [table.Name] = [.. rows.Where(row => !IsDenied(row))] };
                // A row that is taken away must not take its region out of the scan.
                if (!Scope(check, test with { Given = read }).SetEquals(Scope(check, test)))
                    continue;
                var findings = Judge(check, test with { Given = read }, denied: denied);
                RequireStands(check, test, findings, test);
                // An account in which the table is empty may stand behind it as well.
                if (rows.Count > 0)
                    RequireStands(check, test, findings, test with { Given = read });
            }
        }
    }

    private static void RequireStands(CompiledCheck check, CheckTest test, IReadOnlyList<Finding> withGap, CheckTest whole)
    {
        var right = Judge(check, whole).ToDictionary(finding => (finding.Account, finding.Region, finding.Resource), finding => finding.Status);
        foreach (var finding in withGap.Where(finding => finding.Status is FindingStatus.Pass or FindingStatus.Fail))
        {
            // A pass may rest on more than was read: then the whole account passes too.
            Assert.True(right.TryGetValue((finding.Account, finding.Region, finding.Resource), out var status) && status == finding.Status,
                $"{check.Definition.Info.File}:{test.Line}: {test.Name}: {finding.Region} {finding.Resource} is said to {Names.Of(finding.Status)} ({finding.Message}), and is "
                + $"{(right.ContainsKey((finding.Account, finding.Region, finding.Resource)) ? Names.Of(status) : "not there")} in an account that looks the same");
        }
        // What does not concern one resource in truth (an accelerator that is off) concerns it no more beside one that fails.
        foreach (var finding in withGap.Where(finding => finding.Status == FindingStatus.NotApplicable
            && right.GetValueOrDefault((finding.Account, finding.Region, finding.Resource), FindingStatus.Unknown) != FindingStatus.NotApplicable))
        {
            Assert.False(right.Any(pair => pair.Key.Account == finding.Account && pair.Key.Region == finding.Region && pair.Value == FindingStatus.Fail),
                $"{check.Definition.Info.File}:{test.Line}: {test.Name}: {finding.Region} is said to be not applicable, and something fails there in an account that looks the same");
        }
    }

    // Tests that say themselves what could not be read are about something else.
    private static IEnumerable<CheckTest> Tests(CompiledCheck check) => check.Definition.Tests.Where(test => test.Collection.Count == 0 && test.Given.Count > 0);

    private static List<T> Sample<T>(string id, IEnumerable<T> all)
    {
        var list = all.ToList();
        if (All || list.Count == 0)
            return list;
        // string.GetHashCode is another one in every process.
        var first = id.Aggregate(17, (hash, letter) => ((hash * 31) + letter) & 0xffffff) % Math.Min(Step, list.Count);
        return [.. list.Where((_, index) => index % Step == first)];
    }

    private static IReadOnlyList<Finding> Judge(
        CompiledCheck check, CheckTest test, IReadOnlyList<FailedRow>? failed = null, IReadOnlyCollection<(string, string, string)>? denied = null)
    {
        if (failed is null && denied is null && Whole.TryGetValue(test, out var known))
            return known;
        var findings = Tester.Value.Judge(check, test, failed ?? [], denied ?? []);
        Assert.DoesNotContain(findings, finding => finding.Message.StartsWith("The query failed", StringComparison.Ordinal));
        if (failed is null && denied is null)
            Whole[test] = findings;
        return findings;
    }

    private static List<string> Said(IReadOnlyList<Finding> findings, bool withMessage = false) =>
        [.. findings.Select(finding => $"{finding.Account} {finding.Region} {finding.Resource} {Names.Of(finding.Status)}{(withMessage ? " " + finding.Message : "")}").Order(StringComparer.Ordinal)];

    private static List<(string, string, string)> Places(CompiledCheck check, CheckTest test, TableDefinition table) =>
        [.. from place in Scope(check, test)
            let region = table.Scope == TableScope.Account ? CollectionStatus.Global : place.Region
            group place by (table.Name, place.Account, region) into places
            select places.Key];

    // What a test scans is what its rows tell of.
    private static HashSet<(string Account, string Region)> Scope(CompiledCheck check, CheckTest test)
    {
        var all = test.Given.SelectMany(pair => pair.Value.Select(row => Tester.Value.Place(check.Definition, test, pair.Key, row))).ToList();
        return [.. from account in all.Select(place => place.Account).DefaultIfEmpty(CheckTester.DefaultAccount).Distinct()
                   from region in all.Where(place => place.Account == account && place.Region != CollectionStatus.Global).Select(place => place.Region).DefaultIfEmpty(CheckTester.DefaultRegion)
                   select (account, region)];
    }

    private static CheckTest With(CheckTest test, string table, Action<JsonObject> change)
    {
        if (!test.Given.TryGetValue(table, out var rows))
            return test;
        var changed = rows.Select(row => (JsonObject)row.DeepClone()).ToList();
        changed.ForEach(change);
        return test with { Given = new Dictionary<string, IReadOnlyList<JsonObject>>(test.Given) { [table] = changed } };
    }

    private static CheckTest Without(CheckTest test, string table, int at, IEnumerable<string> columns, Func<string, JsonNode?> value)
    {
        var rows = test.Given[table].Select(row => (JsonObject)row.DeepClone()).ToList();
        foreach (var column in columns)
            rows[at][column] = value(column);
        return test with { Given = new Dictionary<string, IReadOnlyList<JsonObject>>(test.Given) { [table] = rows } };
    }

    private static JsonNode? Value(CompiledCheck check, string table, string column, Random random)
    {
        var seen = check.Definition.Tests.SelectMany(test => test.Given.GetValueOrDefault(table, [])).Select(row => row[column]).Append(null).ToList();
        return seen[random.Next(seen.Count)]?.DeepClone();
    }
}
