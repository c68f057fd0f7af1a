using System.Text.Json.Nodes;
using Scanner.Catalog;
using Scanner.Evaluate;
using Scanner.Model;
using static Evaluate.Tests.Samples;

namespace Evaluate.Tests;

public sealed class CheckTesterTests
{
    private static CheckTest Test(string given, string expect, string collection = "{}", DateTimeOffset? now = null) => new()
    {
        Name = "a test",
        Line = 20,
        Now = now ?? new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero),
        Given = JsonNode.Parse(given)!.AsObject().ToDictionary(
            pair => pair.Key, pair => (IReadOnlyList<JsonObject>)[.. pair.Value!.AsArray().Select(row => row!.DeepClone().AsObject())]),
        Collection = JsonNode.Parse(collection)!.AsObject().ToDictionary(
            pair => pair.Key, pair => Enum.Parse<CollectionOutcome>(pair.Value!.GetValue<string>(), ignoreCase: true)),
        Expect = [.. JsonNode.Parse(expect)!.AsArray().Select(fields =>
            (IReadOnlyDictionary<string, string?>)fields!.AsObject().ToDictionary(pair => pair.Key, pair => pair.Value?.GetValue<string>()))],
    };

    private static CheckTestResult Run(CheckDefinition check, CheckTest test)
    {
        using var tester = new CheckTester(CatalogOf(check));
        return Assert.Single(tester.Run(check with { Tests = [test] }));
    }

    [Fact]
    public void Given_rows_take_the_defaults_of_the_format()
    {
        var result = Run(TrailCheck, Test("""{"aws_trail":[{"arn":"a","name":"t","is_logging":false},{"arn":"b","region":"eu-west-1","account_id":"222222222222","is_logging":true}]}""",
            """
            [{"status":"pass","region":"eu-west-1","account_id":"222222222222","resource_id":"b"},
             {"status":"fail","region":"us-east-1","account_id":"111111111111","resource_id":"a","message":"Trail t"}]
            """));

        Assert.True(result.Passed, string.Join('\n', result.Difference ?? []));
    }

    [Fact]
    public void A_difference_shows_what_is_missing_and_what_is_too_much()
    {
        var result = Run(TrailCheck, Test("""{"aws_trail":[{"arn":"a","name":"t","is_logging":true}]}""", """[{"resource_id":"a","status":"fail"}]"""));

        Assert.False(result.Passed);
        Assert.Equal(
            ["- {resource_id: a, status: fail}", "+ {account_id: 111111111111, region: us-east-1, resource_id: a, status: pass, message: Trail t}"],
            result.Difference);
        Assert.Equal(("sample", "a test", "checks/sample.yml", 20), (result.Check, result.Name, result.File, result.Line));
    }

    [Theory]
    [InlineData("""[]""")]
    [InlineData("""[{"resource_id":"a"}]""")]
    [InlineData("""[{"resource_id":"a"},{"resource_id":"a"}]""")]
    [InlineData("""[{"resource_id":"a"},{"resource_id":"b"},{"status":"pass"}]""")]
    [InlineData("""[{"resource_id":"a","message":null},{"resource_id":"b"}]""")]
    public void Expect_lists_all_findings(string expect) =>
        Assert.False(Run(TrailCheck, Test("""{"aws_trail":[{"arn":"a","name":"t","is_logging":true},{"arn":"b","name":"t","is_logging":true}]}""", expect)).Passed);

    [Fact]
    public void A_loose_expectation_does_not_take_the_finding_of_a_strict_one() =>
        Assert.True(Run(TrailCheck, Test(
            """{"aws_trail":[{"arn":"a","name":"t","is_logging":true},{"arn":"b","name":"t","is_logging":true}]}""",
            """[{"status":"pass"},{"resource_id":"a"}]""")).Passed);

    [Theory]
    [InlineData("denied", "was denied")]
    [InlineData("throttled", "was throttled")]
    [InlineData("disabled", "is not available")]
    [InlineData("error", "failed")]
    public void A_table_that_could_not_be_collected_is_unknown(string outcome, string words)
    {
        var result = Run(TrailCheck, Test("{}", """[{"status":"unknown","resource_id":"111111111111","region":"us-east-1"}]""", $$"""{"aws_trail":"{{outcome}}"}"""));

        Assert.True(result.Passed, string.Join('\n', result.Difference ?? []));
        Assert.Contains("svc:List " + words, Assert.Single(result.Findings).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Scope_tables_are_filled_when_they_are_read_and_not_given()
    {
        var check = Check(
            """
            select r.account_id, r.region, r.account_id as resource_id, case when count(t.arn) > 0 then 'pass' else 'fail' end as status, r.name as message
            from aws_region r join aws_account a on a.id = r.account_id left join aws_trail t on t.account_id = r.account_id and t.region = r.region
            group by all
            """, ["aws_trail", "aws_region", "aws_account"], CheckScope.Region);

        Assert.True(Run(check, Test("{}", """[{"status":"fail","region":"us-east-1","message":"us-east-1"}]""")).Passed);
        Assert.True(Run(check, Test("""{"aws_trail":[{"arn":"x","region":"eu-west-1"}]}""", """[{"status":"pass","region":"eu-west-1"}]""")).Passed);
        Assert.True(Run(check, Test("""{"aws_region":[{"region":"a"},{"region":"b"}],"aws_trail":[{"arn":"x","region":"a"}]}""",
            """[{"status":"pass","region":"a"},{"status":"fail","region":"b"}]""")).Passed);
    }

    [Fact]
    public void Time_stands_still_at_now()
    {
        var check = Check("select account_id, region, arn as resource_id, case when last > scan_time() - interval 24 hour then 'pass' else 'fail' end as status, '' as message from aws_trail", ["aws_trail"]);
        var given = """{"aws_trail":[{"arn":"a","last":"2026-01-30T13:00:00Z"}]}""";

        Assert.True(Run(check, Test(given, """[{"status":"pass"}]""", now: Now)).Passed);
        Assert.True(Run(check, Test(given, """[{"status":"fail"}]""", now: Now.AddHours(2))).Passed);
    }

    [Fact]
    public void Values_become_what_their_columns_are()
    {
        var check = Check(
            """
            select account_id, region, arn as resource_id,
                   case when is_logging and last = timestamptz '2026-01-02 00:00:00+00' and list_contains(tag_list, 'it''s') and (selectors->>'$[0].a') = 'b' and (item->>'x') = '1'
                   then 'pass' else 'fail' end as status, '' as message
            from aws_trail
            """, ["aws_trail"]);

        var result = Run(check, Test("""{"aws_trail":[{"arn":"a","name":5,"is_logging":"true","last":"2026-01-02","tag_list":["it's",2],"selectors":[{"a":"b"}],"item":{"x":1}}]}""",
            """[{"status":"pass"}]"""));

        Assert.True(result.Passed, string.Join('\n', result.Difference ?? []));
    }

    [Theory]
    [InlineData("""{"aws_trail":[{"nothere":1}]}""", "{}", "aws_trail has no column nothere; it has account_id, arn,")]
    [InlineData("""{"aws_vpc":[{"vpc_id":"v"}]}""", "{}", "'given' has aws_vpc, which 'tables' does not name")]
    [InlineData("{}", """{"aws_vpc":"denied"}""", "'collection' has aws_vpc, which 'tables' does not name")]
    [InlineData("""{"aws_trail":[{"is_logging":"maybe"}]}""", "{}", "aws_trail.is_logging is true or false, not \"maybe\"")]
    [InlineData("""{"aws_trail":[{"last":"yesterday"}]}""", "{}", "aws_trail.last is a time")]
    [InlineData("""{"aws_trail":[{"tag_list":"x"}]}""", "{}", "aws_trail.tag_list is a list of texts")]
    public void Rows_that_do_not_fit_are_errors_with_file_and_line(string given, string collection, string message)
    {
        var error = Assert.Throws<InputException>(() => Run(TrailCheck, Test(given, "[]", collection)));

        Assert.StartsWith("checks/sample.yml:20: check sample, test 'a test': ", error.Message, StringComparison.Ordinal);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_test_leaves_nothing_behind_for_the_next_one()
    {
        var first = Test("""{"aws_trail":[{"arn":"a","name":"t","is_logging":true}]}""", """[{"resource_id":"a","status":"pass"}]""");
        var second = Test("{}", """[{"status":"not applicable"}]""");
        using var tester = new CheckTester(CatalogOf(TrailCheck));

        Assert.All(tester.Run(TrailCheck with { Tests = [first, second, first] }), result => Assert.True(result.Passed));
    }

    [Fact]
    public void A_query_that_fails_shows_in_the_result()
    {
        var check = Check("select account_id, region, arn as resource_id, 'pass' as status, (name::int)::varchar as message from aws_trail", ["aws_trail"]);

        var result = Run(check, Test("""{"aws_trail":[{"arn":"a","name":"x"}]}""", """[{"status":"pass"}]"""));

        Assert.Contains("The query failed: Conversion Error", result.Difference![1], StringComparison.Ordinal);
    }

    [Fact]
    public void A_check_that_shows_no_fail_or_no_pass_is_reported()
    {
        var pass = Test("{}", """[{"status":"pass"}]""");
        var fail = Test("{}", """[{"status":"unknown"},{"status":"fail"}]""");

        Assert.Empty(Lint(TrailCheck with { Tests = [pass, fail] }));
        Assert.Equal(["checks/sample.yml:5: check sample has no test that expects 'fail'; add one"], Lint(TrailCheck with { Tests = [pass] }));
        Assert.Equal(2, Lint(TrailCheck).Count);
    }

    [Theory]
    [InlineData("any_value(name)", "any_value")]
    [InlineData("arg_max(name, arn)", "arg_max")]
    [InlineData("string_agg(name, ', ')", "string_agg")]
    [InlineData("string_agg(name, ', ' order by name)", null)]
    [InlineData("first(name order by arn desc)", null)]
    [InlineData("min(name)", null)]
    public void An_answer_that_hangs_on_the_order_of_rows_is_reported(string message, string? name)
    {
        var check = Check($"select account_id, region, 'all' as resource_id, 'pass' as status,\n  {message} as message\nfrom aws_trail group by account_id, region", ["aws_trail"]) with
        {
            Tests = [Test("{}", """[{"status":"pass"}]"""), Test("{}", """[{"status":"fail"}]""")],
        };

        var doubts = Lint(check);

        Assert.Equal(name is null ? 0 : 1, doubts.Count);
        Assert.All(doubts, doubt => Assert.StartsWith($"checks/sample.yml:7: check sample: the answer of {name} depends on the order of rows", doubt, StringComparison.Ordinal));
    }

    private static IReadOnlyList<string> Lint(CheckDefinition check)
    {
        using var tester = new CheckTester(CatalogOf(check));
        return tester.Lint(check);
    }
}
