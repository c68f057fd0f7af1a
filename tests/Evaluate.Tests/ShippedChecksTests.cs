using System.Text.Json.Nodes;
using Loopback;
using Scanner.Catalog;
using Scanner.Evaluate;
using Scanner.Model;

namespace Evaluate.Tests;

/// <summary>The checks of the <c>checks/</c> folder, as <c>scanner checks test</c> runs them.</summary>
public sealed class ShippedChecksTests
{
    private static readonly Lazy<CheckCatalog> Shipped = new(() => CatalogLoader.Load([Path.Combine(Tools.Repository, "checks")], BuiltInTables.All));

    // Tests of one class take turns, and a tester is made to be used again.
    private static readonly Lazy<CheckTester> Tester = new(() => new CheckTester(Shipped.Value));

    // SCANNER_GAPS=all, as at night.
    private static readonly int MostPairs = Environment.GetEnvironmentVariable("SCANNER_GAPS") == "all" ? 50 : 15;

    public static TheoryData<string> Ids => [.. Shipped.Value.Checks.Keys];

    // Half of them a run.
    public static TheoryData<string> SomeWithHelp => [.. Turn.Of(Shipped.Value.Checks.Values.Where(check => check.Helps.Count > 0).Select(check => check.Id), 2)];

    [Theory]
    [MemberData(nameof(Ids))]
    public void Its_tests_pass_and_show_a_fail_and_a_pass(string id)
    {
        var check = Shipped.Value.Checks[id];

        Assert.Empty(Tester.Value.Lint(check));
        Assert.All(Tester.Value.Run(check), result => Assert.True(result.Passed, $"{result.File}:{result.Line}: {result.Name}\n{string.Join('\n', result.Difference ?? [])}"));
    }

    [Theory]
    [MemberData(nameof(Ids))]
    public void It_says_what_is_wrong_where_it_fails(string id)
    {
        var rule = Shipped.Value.Checks[id].Info;

        Assert.InRange(rule.Fails.Length, 10, 90);
        Assert.NotEqual(rule.Title, rule.Fails);
        Assert.True(char.IsUpper(rule.Fails[0]) && rule.Fails[^1] is not '.', $"{rule.File}: '{rule.Fails}' is not a heading");
        Assert.Single(Shipped.Value.Checks.Values, check => check.Info.Fails == rule.Fails);
    }

    [Theory]
    [MemberData(nameof(SomeWithHelp))]
    public void One_more_row_of_a_table_that_helps_makes_nothing_worse(string id)
    {
        var check = Shipped.Value.Checks[id];
        // Compiled once: the rows are others, the query is the same.
        var compiled = Tester.Value.Compile(check);
        foreach (var table in check.Helps)
        {
            var rows = OneMore(check, table, new Random(7)).DistinctBy(row => row.ToJsonString(), StringComparer.Ordinal).ToList();
            Assert.NotEmpty(rows);
            var tests = check.Tests.Where(test => test.Collection.Count == 0).ToList();
            // Every test and every row has its turn; not each with each where they are many.
            var step = Math.Max(1, (tests.Count * rows.Count) / MostPairs);
            foreach (var (test, t) in tests.Select((test, t) => (test, t)))
            {
                var before = Ranks(compiled, test);
                foreach (var row in rows.Where((row, r) => (r + t) % step == 0 && MayBeAdded(table, row, test)))
                {
                    var given = new Dictionary<string, IReadOnlyList<JsonObject>>(test.Given)
                    {
                        [table] = [.. test.Given.GetValueOrDefault(table, []), row],
                    };
                    var after = Ranks(compiled, test with { Given = given });
                    // What is unknown already is said to be; a pass, "not applicable" and nothing at all must stay what they are.
                    var worse = after.Where(pair => pair.Value > 0 && before.GetValueOrDefault(pair.Key, 0) == 0).Select(pair => pair.Key).ToList();
                    Assert.True(worse.Count == 0,
                        $"{check.Info.File}:{test.Line}: {test.Name}: '{table}' does not only help: with one more row, {row.ToJsonString()}, worse is {string.Join(", ", worse)}");
                }
            }
        }
    }

    [Fact]
    public void A_catalog_without_its_tests_says_all_else_as_before()
    {
        var folder = Path.Combine(Tools.Repository, "checks");
        var (whole, left) = (Shipped.Value, CatalogLoader.Load([folder], BuiltInTables.All, leavesTestsOf: folder));

        Assert.NotEmpty(whole.Checks);
        Assert.Equal(whole.Checks.Keys, left.Checks.Keys);
        foreach (var (check, other) in whole.Checks.Values.Zip(left.Checks.Values))
        {
            Assert.NotEmpty(check.Tests);
            Assert.Empty(other.Tests);
            Assert.Equal(Said(check with { Tests = [] }), Said(other));
        }

        // Records print no more of their lists than the type.
        static string Said(CheckDefinition check) => System.Text.Json.JsonSerializer.Serialize(check);
    }

    [Fact]
    public void Each_that_looks_for_arriving_logs_says_how_long_they_may_take_with_a_page_of_AWS_that_it_refers_to()
    {
        var evidence = Shipped.Value.Checks.Values.Where(check => check.Evidence is not null).ToList();
        Assert.True(evidence.Count >= 28);
        Assert.All(evidence, check =>
        {
            Assert.InRange(check.Evidence!.DelayHours, 1, 48);
            Assert.Contains($"  - {check.Evidence.DelayDocumentation}\n", File.ReadAllText(check.Info.Path), StringComparison.Ordinal);
        });
    }

    [Fact]
    public void What_fails_a_check_within_another_fails_that_one_too()
    {
        var parts = Shipped.Value.Checks.Values.Where(check => check.Within is not null).ToList();
        Assert.NotEmpty(parts);
        foreach (var part in parts)
        {
            var whole = Shipped.Value.Checks[part.Within!];
            var (one, other) = (Tester.Value.Compile(part), Tester.Value.Compile(whole));
            Assert.True(part.Info.Severity <= whole.Info.Severity, part.Id);
            foreach (var test in part.Tests.Concat(whole.Tests).Where(test => test.Collection.Count == 0))
            {
                var more = Fails(other, test);

                Assert.All(Fails(one, test), resource => Assert.True(more.Contains(resource), $"{part.Id}, {test.Name}: {resource} passes {whole.Id}"));
            }
        }

        static HashSet<string> Fails(CompiledCheck check, CheckTest test) =>
            [.. Tester.Value.Judge(check, test, [], []).Where(finding => finding.Status == FindingStatus.Fail).Select(finding => $"{finding.Account} {finding.Region} {finding.Resource}")];
    }

    [Fact]
    public void Rules_that_a_group_has_already_change_nothing_where_the_table_of_rules_is_for_plans_alone()
    {
        var checks = Shipped.Value.Checks.Values.Where(check => check.ForPlans.Count > 0).ToList();
        // Another table for plans alone needs a proof of its own.
        Assert.All(checks, check => Assert.Equal(["aws_vpc_security_group_rule"], check.ForPlans));
        Assert.NotEmpty(checks);
        foreach (var check in checks)
        {
            var compiled = Tester.Value.Compile(check);
            foreach (var test in check.Tests.Where(test => test.Given.ContainsKey("aws_vpc_security_group") && !test.Given.ContainsKey("aws_vpc_security_group_rule")))
            {
                var rules = test.Given["aws_vpc_security_group"].SelectMany(RulesOf).Select((rule, i) =>
                {
                    rule["security_group_rule_id"] = $"sgr-{i}";
                    return rule;
                }).ToList();
                var twice = test with { Given = new Dictionary<string, IReadOnlyList<JsonObject>>(test.Given) { ["aws_vpc_security_group_rule"] = rules } };

                Assert.Equal(Said(test), Said(twice));
            }

            List<string> Said(CheckTest test) => [.. Tester.Value.Judge(compiled, test, [], []).Select(finding => $"{finding.Resource} {finding.Status} {finding.Message}")];
        }
    }

    // As DescribeSecurityGroupRules tells what DescribeSecurityGroups does: one rule for each source of each permission.
    private static IEnumerable<JsonObject> RulesOf(JsonObject group)
    {
        foreach (var permission in (group["ip_permissions"] as JsonArray ?? []).OfType<JsonObject>())
        {
            foreach (var (list, source, column) in new[] { ("IpRanges", "CidrIp", "cidr_ipv4"), ("Ipv6Ranges", "CidrIpv6", "cidr_ipv6"), ("PrefixListIds", "PrefixListId", "prefix_list_id") })
            {
                foreach (var one in permission[list] as JsonArray ?? [])
                {
                    yield return new JsonObject
                    {
                        ["group_id"] = group["group_id"]?.DeepClone(),
                        ["is_egress"] = false,
                        ["ip_protocol"] = permission["IpProtocol"]?.DeepClone(),
                        ["from_port"] = permission["FromPort"]?.DeepClone() ?? -1,
                        ["to_port"] = permission["ToPort"]?.DeepClone() ?? -1,
                        [column] = one![source]?.DeepClone(),
                    };
                }
            }
        }
    }

    // Every row that a test of the check has of the table, each without one of its columns, and mixtures of them.
    private static IEnumerable<JsonObject> OneMore(CheckDefinition check, string table, Random random)
    {
        var seen = check.Tests.SelectMany(test => test.Given.GetValueOrDefault(table, [])).ToList();
        foreach (var row in seen.Take(5))
        {
            yield return row;
            var without = (JsonObject)row.DeepClone();
            without[row.Select(pair => pair.Key).ElementAt(random.Next(row.Count))] = null;
            yield return without;
        }
        var values = seen.SelectMany(row => row).ToLookup(pair => pair.Key, pair => pair.Value?.ToJsonString(), StringComparer.Ordinal);
        for (var i = 0; i < 5; i++)
        {
            var mixed = new JsonObject();
            foreach (var column in values)
                mixed[column.Key] = column.ElementAt(random.Next(column.Count())) is { } json ? JsonNode.Parse(json) : null;
            yield return mixed;
        }
    }

    // Rows of places that the test does not scan would enlarge the scan; and a table of settings has one row a place.
    private static bool MayBeAdded(string table, JsonObject row, CheckTest test)
    {
        var definition = Shipped.Value.Tables[table];
        var scanned = test.Given.Values.SelectMany(rows => rows).ToList();
        foreach (var column in new[] { "account_id", "region" })
        {
            if (row[column] is { } place && !scanned.Exists(other => JsonNode.DeepEquals(other[column], place)))
                return false;
        }
        var many = new[] { "{account}", "{region}", "{partition}" }.Aggregate(definition.Id, (id, place) => id.Replace(place, "", StringComparison.Ordinal));
        return many.Contains('{', StringComparison.Ordinal) || !definition.Id.Contains('{', StringComparison.Ordinal)
            || !test.Given.GetValueOrDefault(table, []).Any(other => $"{other["account_id"]} {other["region"]}" == $"{row["account_id"]} {row["region"]}");
    }

    private static Dictionary<(string, string, string), int> Ranks(CompiledCheck check, CheckTest test) =>
        Tester.Value.Judge(check, test, [], []).ToDictionary(
            finding => (finding.Account, finding.Region, finding.Resource),
            finding => finding.Status switch { FindingStatus.Fail => 2, FindingStatus.Unknown => 1, _ => 0 });
}
