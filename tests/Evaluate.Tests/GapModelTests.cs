using System.Text.Json.Nodes;
using CsCheck;
using Scanner.Catalog;
using Scanner.Evaluate;
using Scanner.Evaluate.Gaps;
using Scanner.Model;
using static Evaluate.Tests.Samples;

namespace Evaluate.Tests;

/// <summary>
/// Queries that nobody wrote, over accounts that are small enough to count out every account that may stand behind a gap: what is said in spite of
/// the gap is said of each of them. The judge asks the plain query of whole accounts and shares nothing with the rewriting.
/// </summary>
public sealed class GapModelTests
{
    private static readonly TableDefinition T = Table("aws_t", TableScope.Region, "Id", [Column("id", "Id"), Column("k", "K", ColumnType.Int), Column("b", "D.B", ColumnType.Int)], ["D"]);
    private static readonly TableDefinition U = Table("aws_u", TableScope.Region, "Id", [Column("id", "Id"), Column("k", "K", ColumnType.Int), Column("b", "D.B", ColumnType.Int)], ["D"]);
    private static readonly int?[] Cells = [null, 0, 1];

    [Fact]
    public void What_is_said_in_spite_of_a_gap_is_said_of_every_account_that_may_stand_behind_it()
    {
        using var tester = new CheckTester(CatalogOf() with { Tables = new[] { T, U }.ToDictionary(table => table.Name) });
        var (certain, doubted, followed) = (0, 0, 0);
        Gen.Int.Sample(
            seed =>
            {
                var random = new Random(seed);
                var check = Check(Query(random), ["aws_t", "aws_u"]);
                var compiled = tester.Compile(check);
                followed += compiled.Facts.NotFollowed is null ? 1 : 0;
                Assert.False(compiled.Facts.NotFollowed?.StartsWith(Rewriter.NotUnderstood, StringComparison.Ordinal) ?? false, $"{compiled.Facts.NotFollowed}\n{check.Query}");
                var rows = new Rows(Some(random, "t", 2), Some(random, "u", 2));
                var (gap, worlds) = Gap(random, rows);
                var said = tester.Judge(compiled, rows.Test(gap), gap.Failed is { } failed ? [failed] : [], gap.Denied is { } denied ? [denied] : []);
                Assert.True(!said.Any(finding => finding.Message.StartsWith("The query failed", StringComparison.Ordinal)), $"{said[0].Message}\n{gap}\n{check.Query}");
                if (said.All(finding => finding.Status == FindingStatus.Unknown))
                {
                    doubted++;
                    return;
                }
                certain++;
                foreach (var world in worlds)
                    RequireStands(check, said, tester.Judge(compiled, world.Test(null), [], []), world);
            },
            iter: 40, threads: 1, writeLine: _ => { });
        // Were all unknown, nothing would be proven.
        Assert.True(certain > 5, $"{certain} certain, {doubted} doubted, {followed} followed");
    }

    /// <summary>NULL is in no empty set, and neither in nor out of any other: whether a row is there decides, and a row that surely is there settles it.</summary>
    [Theory]
    [InlineData("t.b not in (select u.k from aws_u u where u.b = 1)", false, FindingStatus.Unknown)]
    [InlineData("not (t.b in (select u.k from aws_u u where u.b = 1))", false, FindingStatus.Unknown)]
    [InlineData("t.b not in (select u.k from aws_u u where u.b = 1)", true, FindingStatus.Fail)]
    [InlineData("t.b in (select u.k from aws_u u where u.b = 1)", true, FindingStatus.Fail)]
    public void Whether_nothing_is_in_a_set_hangs_on_the_rows_that_may_be_in_it(string condition, bool another, FindingStatus expected)
    {
        using var tester = new CheckTester(CatalogOf() with { Tables = new[] { T, U }.ToDictionary(table => table.Name) });
        var check = tester.Compile(Check($"select account_id, region, resource_id, case when {condition} then 'pass' else 'fail' end as status, '' as message from aws_t t", ["aws_t", "aws_u"]));
        var rows = new Rows([new Row("t0", 0, null)], another ? [new Row("u0", 1, 1), new Row("u1", 0, 1)] : [new Row("u0", 1, 1)]);
        var lost = new FailedRow(U.Name, A, "us-east-1", "u0", [new ResourceFailure("D", CollectionOutcome.Denied, "svc:GetD", "no")]);

        var said = tester.Judge(check, rows.Test((lost, null, "u", 0)), [lost], []);

        Assert.Equal(expected, Assert.Single(said).Status);
    }

    private static void RequireStands(CheckDefinition check, IReadOnlyList<Finding> said, IReadOnlyList<Finding> right, Rows world)
    {
        var truth = right.ToDictionary(finding => finding.Resource, finding => finding.Status);
        foreach (var finding in said)
        {
            var stands = finding.Status switch
            {
                FindingStatus.Pass or FindingStatus.Fail => truth.GetValueOrDefault(finding.Resource, FindingStatus.Muted) == finding.Status,
                FindingStatus.NotApplicable => !right.Any(one => one.Status == FindingStatus.Fail && (finding.Resource == A || one.Resource == finding.Resource)),
                _ => true,
            };
            Assert.True(stands, $"{finding.Resource} is said to {Names.Of(finding.Status)}, and is {string.Join(", ", Short(right))} in {world}\n{check.Query}");
        }
    }

    // A detail of one row, or all rows of the second table.
    private static ((FailedRow? Failed, (string, string, string)? Denied, string Table, int At) Gap, List<Rows> Worlds) Gap(Random random, Rows rows)
    {
        if (random.Next(3) == 0)
        {
            var worlds = Sets().Select(set => rows with { U = set }).ToList();
            return ((null, (U.Name, A, "us-east-1"), "u", -1), worlds);
        }
        var first = random.Next(2) == 0 && rows.T.Count > 0;
        var (table, list) = first || rows.U.Count == 0 ? (T, rows.T) : (U, rows.U);
        var at = random.Next(list.Count);
        var failed = new FailedRow(table.Name, A, "us-east-1", list[at].Id, [new ResourceFailure("D", CollectionOutcome.Denied, "svc:GetD", "no")]);
        return ((failed, null, table == T ? "t" : "u", at), [.. Cells.Select(cell => rows.With(table == T ? "t" : "u", at, cell))]);
    }

    // No row, each row that may be, and each two of them.
    private static IEnumerable<List<Row>> Sets()
    {
        yield return [];
        var all = (from k in Cells from b in Cells select (k, b)).ToList();
        foreach (var (k, b) in all)
            yield return [new Row("u9", k, b)];
        for (var i = 0; i < all.Count; i += 2)
            yield return [new Row("u8", all[i].k, all[i].b), new Row("u9", all[(i * 5 + 3) % all.Count].k, all[(i * 5 + 3) % all.Count].b)];
    }

    private static List<Row> Some(Random random, string name, int most) =>
        [.. Enumerable.Range(0, 1 + random.Next(most)).Select(i => new Row($"{name}{i}", Cells[random.Next(3)], Cells[random.Next(3)]))];

    private static string Query(Random random)
    {
        string One(params string[] words) => words[random.Next(words.Length)];
        string P(string of) => One($"{of}.k = 0", $"{of}.b = 1", $"{of}.b is null", $"{of}.k is not null", $"coalesce({of}.b, {of}.k) = 1", $"{of}.k is distinct from {of}.b", "true");
        var common = One("select * from aws_u", $"select * from aws_u x where {P("x")}", "select * exclude (item) from aws_u", $"select account_id, region, resource_id, k, b from aws_u x where {P("x")}",
            "select distinct account_id, region, k, b from aws_u", "select account_id, region, k, b from aws_u union all select account_id, region, b, k from aws_u", "select account_id, region, k, b from aws_u union select account_id, region, k, b from aws_u where b = 1",
            "select account_id, region, k, max(b) as b from aws_u group by all", "select account_id, region, b as k, count(*) as b from aws_u group by all",
            "select account_id, region, k, b from aws_u qualify row_number() over (partition by region order by k, b) = 1");
        var grouped = One("select account_id, region, k, count(*) as n, max(b) as m, bool_or(b = 1) as o from c group by all",
            "select account_id, region, k, count(b) as n, min(b) as m, bool_and(b = 1) as o from c group by account_id, region, k",
            "select account_id, region, b as k, count(*) filter (k = 1) as n, sum(k) as m, bool_or(k = 0) as o from c group by all having count(*) > 0",
            "select account_id, region, k, count(distinct b) as n, any_value(b) as m, bool_or(b is null) as o from c group by all");
        var (from, joined) = random.Next(6) switch
        {
            0 => ("aws_t t left join c u on u.account_id = t.account_id and u.region = t.region and u.k = t.k", new[] { "u.b = 1", "u.k is null", "u.b is null" }),
            1 => ("aws_t t left join d u on u.account_id = t.account_id and u.region = t.region and u.k = t.k", ["u.n > 1", "u.o", "coalesce(u.o, false)", "u.m is distinct from t.b", "coalesce(u.n, 0) = 0"]),
            2 => ("aws_t t join c u on u.account_id = t.account_id and u.region = t.region and u.b = t.k", ["u.b = 1", "u.k = 0"]),
            3 => ("aws_t t join d u using (account_id, region)", ["u.n > 1", "u.o", "u.m = 1"]),
            4 => ("(select * from aws_t) t", []),
            _ => ("aws_t t", Array.Empty<string>()),
        };
        string Atom() => random.Next(joined.Length > 0 ? 3 : 2) switch
        {
            0 => P("t"),
            1 => One("exists (select 1 from c where c.region = t.region and c.k = t.k and c.b = 1)", "exists (select * from c where c.k = t.b)", "t.k in (select c.b from c)", "not exists (from c where c.k = t.k)",
                "(select count(*) from c where c.region = t.region) > 0", "(select count(*) from aws_u u2 where u2.b = t.b) = 1", "(select bool_or(o) from d where d.region = t.region)", "t.b not in (select c.k from c where c.k is not null)"),
            _ => joined[random.Next(joined.Length)],
        };
        string Condition(int depth) => depth == 0 ? Atom() : random.Next(4) switch
        {
            0 => $"({Condition(depth - 1)} and {Condition(depth - 1)})",
            1 => $"({Condition(depth - 1)} or {Condition(depth - 1)})",
            2 => $"not ({Condition(depth - 1)})",
            _ => Atom(),
        };
        var where = random.Next(3) == 0 ? $"where {Condition(1)}" : "";
        var status = One(
            $"case when {Condition(2)} then 'pass' else 'fail' end", $"case when {Condition(1)} then 'fail' when {Condition(1)} then 'pass' else 'not applicable' end",
            $"case when {Condition(1)} then 'pass' when {Condition(1)} then 'fail' end", $"if({Condition(1)}, 'fail', 'pass')");
        if (random.Next(4) == 0)
        {
            status = One($"case when bool_or({Atom()}) then 'pass' else 'fail' end", $"case when count(*) filter ({Atom()}) > 0 then 'fail' else 'pass' end",
                $"case when bool_and({Atom()}) then 'pass' when count(*) > 1 then 'fail' else 'not applicable' end");
            return $"with c as ({common}), d as ({grouped})\nselect t.account_id, t.region, t.resource_id, {status} as status, 'm' as message\nfrom {from} {where}\ngroup by all";
        }
        return $"with c as ({common}), d as ({grouped})\nselect t.account_id, t.region, t.resource_id, {status} as status, 'm' as message\nfrom {from}\n{where}";
    }

    private sealed record Row(string Id, int? K, int? B)
    {
        public JsonObject Json(bool lost) => new() { ["region"] = "us-east-1", ["id"] = Id, ["k"] = K, ["b"] = lost ? null : B };
    }

    private sealed record Rows(List<Row> T, List<Row> U)
    {
        public Rows With(string table, int at, int? cell)
        {
            List<Row> Changed(List<Row> rows) => [.. rows.Select((row, i) => i == at ? row with { B = cell } : row)];
            return table == "t" ? this with { T = Changed(T) } : this with { U = Changed(U) };
        }

        public CheckTest Test((FailedRow? Failed, (string, string, string)? Denied, string Table, int At)? gap) => new()
        {
            Name = "a small account",
            Now = Samples.Now,
            Given = new Dictionary<string, IReadOnlyList<JsonObject>>
            {
                ["aws_t"] = [.. T.Select((row, i) => row.Json(gap is { Failed: not null, Table: "t" } lost && lost.At == i))],
                ["aws_u"] = gap is { Denied: not null } ? [] : [.. U.Select((row, i) => row.Json(gap is { Failed: not null, Table: "u" } lost && lost.At == i))],
            },
            Collection = new Dictionary<string, CollectionOutcome>(),
            Expect = [],
        };

        public override string ToString() => $"t: {string.Join("; ", T)}, u: {string.Join("; ", U)}";
    }
}
