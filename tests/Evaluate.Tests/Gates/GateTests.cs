using System.Text.Json;
using Scanner.Catalog;
using Scanner.Evaluate;
using Scanner.Evaluate.Gates;
using Scanner.Model;

namespace Evaluate.Tests.Gates;

/// <summary>What a plan changes, on a small catalogue: things with logs, a setting of the account that excuses, and a setting that must be there.</summary>
public sealed class GateTests : IDisposable
{
    private const string Account = "111122223333";

    private static readonly DirectoryInfo Folder = Write();
    private static readonly CheckCatalog Catalog = CatalogLoader.Load([Folder.FullName], BuiltInTables.All);

    private readonly CheckEvaluator _evaluator = new(Catalog);
    private readonly List<GateRow> _before = [];
    private readonly List<GateRow> _after = [];
    private readonly Dictionary<string, GateInstance> _instances = new(StringComparer.Ordinal);

    public void Dispose() => _evaluator.Dispose();

    [Fact]
    public void A_destroyed_log_is_the_cause_behind_an_unchanged_thing()
    {
        Both(Thing("a", "t-1"));
        _before.Add(Log("l", "t-1"));
        _instances["aws_log.l"] = new GateInstance("aws_log.l", true);
        var finding = Assert.Single(Judge("thing-logged"));
        Assert.Equal((FindingChange.Introduced, "aws_thing.a", FindingStatus.Fail), (finding.Change, finding.Address, finding.Status));
        Assert.Equal(["aws_log.l"], finding.CausedBy);
    }

    [Fact]
    public void A_destroyed_log_is_the_cause_behind_a_thing_with_a_key_that_is_known_by_its_address()
    {
        // The text that stands for an id until apply holds quotes, which JSON escapes.
        Both(Thing("a[\"x\"]", "aws_thing.a[\"x\"]#id"));
        _before.Add(Log("l[\"x\"]", "aws_thing.a[\"x\"]#id"));
        _before.Add(Log("other", "t-9"));
        _instances["aws_log.l[\"x\"]"] = new GateInstance("aws_log.l[\"x\"]", true);
        _instances["aws_log.other"] = new GateInstance("aws_log.other", true);
        var finding = Assert.Single(Judge("thing-logged"));
        Assert.Equal((FindingChange.Introduced, "aws_thing.a[\"x\"]"), (finding.Change, finding.Address));
        Assert.Equal(["aws_log.l[\"x\"]"], finding.CausedBy);
    }

    [Theory]
    [InlineData("thing", "thing-secure", "id, secure")]
    // The id stays, whoever reads it, since findings name rows by it.
    [InlineData("thing", "thing-logged", "id")]
    [InlineData("thing_log", "thing-secure", "id")]
    [InlineData("thing", "thing-item", "id, secure")]
    public void Only_columns_that_a_check_reads_are_made_of_a_plan(string table, string check, string columns) =>
        Assert.Equal(columns, string.Join(", ", GateColumns.Needed(Catalog.Tables[table], _evaluator, [Catalog.Checks[check]]).Columns.Select(column => column.Name)));

    [Theory]
    [InlineData(false, false, FindingChange.Existing)]
    [InlineData(false, true, FindingChange.Fixed)]
    [InlineData(true, false, FindingChange.Introduced)]
    [InlineData(true, true, null)]
    [InlineData(false, null, FindingChange.Removed)]
    [InlineData(true, null, null)]
    [InlineData(null, false, FindingChange.Introduced)]
    [InlineData(null, true, null)]
    public void The_two_sides_make_the_change(bool? before, bool? after, FindingChange? change)
    {
        if (before is { } was)
            _before.Add(Thing("a", "t-1", was));
        if (after is { } becomes)
            _after.Add(Thing("a", "t-1", becomes));
        _instances["aws_thing.a"] = new GateInstance("aws_thing.a", before != after) { IsCreated = before is null, PreviousAddress = "aws_thing.old" };
        Both(Setting());
        var findings = Judge("thing-secure");
        Assert.Equal(change, findings.Count == 0 ? null : Assert.Single(findings).Change);
        Assert.All(findings, finding => Assert.Equal("aws_thing.old", finding.PreviousAddress));
    }

    [Fact]
    public void What_is_not_known_yet_is_unknown_for_that_row_and_says_what_hides_it()
    {
        Both(Thing("b", "t-2", true));
        _after.Add(Unknown(Thing("a", "t-1"), "secure", "aws_thing.a"));
        Both(Setting());
        var finding = Assert.Single(Judge("thing-secure"));
        Assert.Equal((FindingChange.Unknown, "aws_thing.a"), (finding.Change, finding.Address));
        Assert.Equal(["aws_thing.a"], finding.CausedBy);
        Assert.Contains("secure is known after apply", finding.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_row_that_may_help_anybody_leaves_passes_and_makes_fails_unknown()
    {
        Both(Thing("logged", "t-1"));
        Both(Thing("bare", "t-2"));
        Both(Log("sure", "t-1"));
        _after.Add(Unknown(Log("lost", null), "thing_id", "aws_log.lost"));
        var finding = Assert.Single(Judge("thing-logged"));
        Assert.Equal((FindingChange.Unknown, "aws_thing.bare"), (finding.Change, finding.Address));
        Assert.Contains("(it fails now)", finding.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_aws_creates_is_judged_with_the_word_for_it_and_speaks_for_nothing_else()
    {
        _after.Add(Thing("a", "t-1", false) with { Implied = "aws_thing" });
        _after.Add(Log("l", "t-2") with { Implied = "aws_log" });
        _after.Add(Thing("b", "t-2"));
        Both(Setting());
        var finding = Assert.Single(Judge("thing-secure"), one => one.Address == "aws_thing.a");
        Assert.Equal(FindingChange.Introduced, finding.Change);
        Assert.EndsWith(" (AWS creates it with the resource; manage it with aws_thing)", finding.Message, StringComparison.Ordinal);
        Assert.Contains(Judge("thing-logged"), one => one.Address == "aws_thing.b" && one.Change == FindingChange.Introduced);
    }

    [Theory]
    [InlineData(false, FindingChange.Fixed)]
    [InlineData(true, FindingChange.Removed)]
    public void Taken_over_by_the_plan_it_is_fixed_and_gone_with_its_resource_it_is_removed(bool deleted, FindingChange change)
    {
        _before.Add(Thing("a", "t-1", false) with { Implied = "aws_thing" });
        _instances["aws_thing.a"] = new GateInstance("aws_thing.a", deleted) { IsDeleted = deleted };
        Both(Setting());
        Assert.Equal(change, Assert.Single(Judge("thing-secure")).Change);
    }

    [Fact]
    public void A_setting_that_another_stack_may_have_makes_a_fail_unknown_and_no_pass()
    {
        _after.Add(Thing("open", "t-1", false));
        _after.Add(Thing("shut", "t-2", true));
        var finding = Assert.Single(Judge("thing-secure"));
        Assert.Equal((FindingChange.Unknown, "aws_thing.open"), (finding.Change, finding.Address));
        Assert.Contains("--scan would tell", finding.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_only_the_rest_of_the_account_tells_before_as_afterwards_is_counted_and_no_open_end_of_the_plan()
    {
        Both(Thing("open", "t-1", false));
        Both(Thing("shut", "t-2", true));
        var result = Result("thing-secure");
        Assert.Empty(result.Findings);
        Assert.Equal(1, result.LeftToAccount);
        Assert.Contains(result.State, finding => finding.Address == "aws_thing.open" && finding.Status == FindingStatus.Unknown);

        // What hides something in the plan besides is said.
        _after.Add(Unknown(Thing("other", "t-3", false), "secure", "aws_thing.other"));
        Assert.Equal("aws_thing.other", Assert.Single(Judge("thing-secure")).Address);
    }

    [Fact]
    public void Presence_is_judged_only_where_the_plan_has_a_row_on_either_side()
    {
        Both(Thing("a", "t-1"));
        Assert.Empty(Judge("setting-on"));
        _before.Add(Setting(on: true));
        _instances["aws_setting.s"] = new GateInstance("aws_setting.s", true);
        var finding = Assert.Single(Judge("setting-on"));
        Assert.Equal((FindingChange.Introduced, "aws_setting.s"), (finding.Change, finding.Address));
        Assert.Equal(["aws_setting.s"], finding.CausedBy);
    }

    [Fact]
    public void With_a_scan_the_rest_of_the_account_counts_and_is_not_reported()
    {
        Both(Thing("open", "t-1", false));
        var scan = new GateScan(
            [Setting(on: true).Resource, Thing("elsewhere", "t-9", false).Resource, Thing("open", "t-1", true).Resource, new Resource(BuiltInTables.Region, Account, "eu-west-1", "eu-west-1", "{}", [])],
            [.. Catalog.Tables.Values.Select(table => new CollectionStatus(table.Name, Account, table.Scope == TableScope.Account ? CollectionStatus.Global : "eu-west-1", CollectionOutcome.Ok))]);
        Assert.Empty(Judge("thing-secure", scan));
        Assert.Empty(Judge("setting-on", scan));
        _before.Add(Setting(on: true));
        _instances["aws_setting.s"] = new GateInstance("aws_setting.s", true);
        // The plan takes away the account's setting: everything that it excused is open, the plan's own and what others manage.
        var findings = Judge("thing-secure", scan);
        Assert.Equal([(FindingChange.Introduced, "aws_thing.open", "t-1"), (FindingChange.Introduced, null, "t-9")],
            findings.Select(finding => (finding.Change!.Value, finding.Address, finding.Resource)).OrderBy(one => one.Resource, StringComparer.Ordinal));
        Assert.All(findings, finding => Assert.Equal(["aws_setting.s"], finding.CausedBy));
    }

    [Fact]
    public void Several_rows_of_one_address_make_one_change_and_the_worst_stands()
    {
        _after.Add(Thing("many", "t-1", true));
        _after.Add(Thing("many", "t-2", false));
        _after.Add(Thing("many", "t-3", false));
        Both(Setting());
        var result = Result("thing-secure");
        var finding = Assert.Single(result.Findings);
        Assert.Equal((FindingChange.Introduced, "thing t-2 is open; thing t-3 is open"), (finding.Change, finding.Message));
        Assert.Equal(1, result.Judgements);
    }

    [Fact]
    public void A_pass_that_only_the_running_account_proves_is_counted_as_assumed()
    {
        _after.Add(Thing("a", "t-1", true) with { Assumed = ["secure"] });
        Both(Setting());
        var result = Result("thing-secure");
        Assert.Equal((1, 1, 1), (result.Judgements, result.Passed, result.Assumed));
    }

    [Theory]
    [InlineData(true, true, null)]
    [InlineData(false, false, FindingChange.Introduced)]
    [InlineData(true, false, FindingChange.Unknown)]
    public void What_is_the_same_in_all_cases_is_certain(bool one, bool other, FindingChange? change)
    {
        Both(Setting());
        _after.Add(Unknown(Thing("a", "t-1"), "secure", "aws_thing.a") with { Alternatives = [Thing("a", "t-1", one).Resource, Thing("a", "t-1", other).Resource] });
        _after.Add(Unknown(Thing("b", "t-2"), "secure", "aws_thing.b") with { Alternatives = [Thing("b", "t-2", true).Resource] });
        var findings = Judge("thing-secure");
        Assert.Equal(change, findings.Count == 0 ? null : Assert.Single(findings).Change);
    }

    [Theory]
    [InlineData(0, null)]
    // The check reads both: what they are together is not among the cases.
    [InlineData(1, FindingChange.Unknown)]
    public void Cases_that_were_not_put_together_tell_of_one_of_them_alone(int second, FindingChange? change)
    {
        Both(Setting());
        _after.Add(Unknown(Thing("a", "t-1"), "secure", "aws_thing.a") with
        {
            Alternatives = [Thing("a", "t-1", true).Resource, Thing("a", "t-1", true).Resource],
            Apart = new Dictionary<string, IReadOnlyList<int>> { ["secure"] = [0, second] },
        });
        var findings = Judge("thing-secure");
        Assert.Equal(change, findings.Count == 0 ? null : Assert.Single(findings).Change);
    }

    [Theory]
    [InlineData(true, null)]
    [InlineData(false, FindingChange.Unknown)]
    public void A_row_that_may_not_be_there_is_said_only_where_it_would_be_a_fault(bool secure, FindingChange? change)
    {
        Both(Setting());
        var row = Thing("a", "t-1", secure);
        _after.Add(Unknown(row, "", "aws_thing.a") with { Alternatives = [row.Resource, null] });
        var findings = Judge("thing-secure");
        Assert.Equal(change, findings.Count == 0 ? null : Assert.Single(findings).Change);
        Assert.All(findings, finding => Assert.Equal("aws_thing.a", finding.Address));
    }

    [Fact]
    public void What_AWS_decides_by_itself_is_counted_and_no_open_end_of_the_plan()
    {
        Both(Setting());
        var row = Thing("a", "t-1");
        _after.Add(row with { Resource = row.Resource with { Failures = [new ResourceFailure("secure", CollectionOutcome.Planned, "aws:aws_thing.a", "AWS decides it")] } });
        var result = Result("thing-secure");
        Assert.Empty(result.Findings);
        Assert.Equal(1, result.LeftToAws);
        Assert.Equal(FindingStatus.Unknown, Assert.Single(result.State).Status);
    }

    [Fact]
    public void What_only_rows_of_another_stack_could_accuse_is_nobody_s_finding()
    {
        Both(Thing("a", "t-1", false));
        Assert.Empty(Judge("thing-set"));
        Both(Setting(on: true));
        Assert.Equal(FindingChange.Existing, Assert.Single(Judge("thing-set")).Change);
    }

    [Fact]
    public void What_is_known_only_by_what_names_it_is_unknown_at_the_address_of_that()
    {
        Both(Setting());
        _instances["aws_log.l"] = new GateInstance("aws_log.l", true);
        _after.Add(Log("l", "aws_log.l#thing_id"));
        var finding = Assert.Single(Judge("log-of-thing"));
        Assert.Equal((FindingChange.Unknown, "aws_log.l", FindingStatus.Unknown), (finding.Change, finding.Address, finding.Status));
        Assert.Contains("is known after apply", finding.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_setting_that_the_scan_saw_and_the_plan_makes_is_there_once()
    {
        Both(Thing("open", "t-1", false));
        _after.Add(Setting(on: true));
        _instances["aws_setting.s"] = new GateInstance("aws_setting.s", true) { IsCreated = true };
        var scan = new GateScan([Setting().Resource],
            [.. Catalog.Tables.Values.Select(table => new CollectionStatus(table.Name, Account, table.Scope == TableScope.Account ? CollectionStatus.Global : "eu-west-1", CollectionOutcome.Ok))]);
        Assert.Equal((FindingChange.Fixed, "aws_thing.open"), Assert.Single(Judge("thing-secure", scan).Select(finding => (finding.Change!.Value, finding.Address))));
        var setting = Assert.Single(Judge("setting-on", scan));
        Assert.Equal((FindingChange.Fixed, FindingStatus.Pass, "aws_setting.s"), (setting.Change, setting.Status, setting.Address));
    }

    [Fact]
    public void With_a_scan_a_setting_of_the_plan_mends_what_the_plan_does_not_manage()
    {
        _after.Add(Setting(on: true));
        _instances["aws_setting.s"] = new GateInstance("aws_setting.s", true) { IsCreated = true };
        var scan = new GateScan([Setting().Resource, Thing("elsewhere", "t-9", false).Resource],
            [.. Catalog.Tables.Values.Select(table => new CollectionStatus(table.Name, Account, table.Scope == TableScope.Account ? CollectionStatus.Global : "eu-west-1", CollectionOutcome.Ok))]);
        Assert.Equal((FindingChange.Fixed, null, "t-9"), Assert.Single(Judge("thing-secure", scan).Select(finding => (finding.Change!.Value, finding.Address, finding.Resource))));
    }

    [Fact]
    public void A_check_that_no_plan_answers_is_named_and_not_asked()
    {
        Both(Thing("a", "t-1"));
        var result = Result("thing-report");
        Assert.Empty(result.Findings);
        Assert.Equal(["thing-report"], result.NotJudged);
        Assert.Equal(0, result.Judgements);
    }

    [Fact]
    public void What_a_check_is_about_comes_before_names_and_ids()
    {
        var gate = new Gate(Catalog, _evaluator);
        Assert.Equal(["secured", "id"], gate.ArgumentsOf(Catalog.Checks["thing-secure"], "aws_thing"));
    }

    [Fact]
    public void A_query_that_gives_no_answer_leaves_what_the_plan_changes_unknown_and_never_unsaid()
    {
        Both(Thing("a", "t-1"));
        Both(Thing("b", "t-2"));
        _instances["aws_thing.a"] = new GateInstance("aws_thing.a", true);
        var finding = Assert.Single(Judge("thing-broken"));
        Assert.Equal((FindingChange.Unknown, "aws_thing.a", FindingStatus.Unknown), (finding.Change, finding.Address, finding.Status));
        Assert.StartsWith("The query failed: ", finding.Message, StringComparison.Ordinal);
    }

    private List<Finding> Judge(string check, GateScan? scan = null) => [.. Result(check, scan).Findings];

    private GateResult Result(string check, GateScan? scan = null) => new Gate(Catalog, _evaluator).Judge(new GateRequest
    {
        Before = _before,
        After = _after,
        Instances = _instances,
        Checks = [Catalog.Checks[check]],
        Time = new DateTimeOffset(2026, 11, 27, 12, 0, 0, TimeSpan.Zero),
        Scan = scan,
        WantsState = true,
    }, cancellation: TestContext.Current.CancellationToken);

    private void Both(GateRow row)
    {
        _before.Add(row);
        _after.Add(row);
    }

    private static GateRow Thing(string name, string id, bool? secure = null) =>
        Row("thing", "eu-west-1", id, $"aws_thing.{name}", new { Id = id, Secure = secure });

    private static GateRow Log(string name, string? thing) => Row("thing_log", "eu-west-1", "log-" + name, $"aws_log.{name}", new { Id = "log-" + name, Thing = thing });

    private static GateRow Setting(bool on = false) => Row("thing_setting", CollectionStatus.Global, "setting", "aws_setting.s", new { Id = "setting", On = on });

    private static GateRow Row(string table, string region, string id, string address, object item) =>
        new(new Resource(table, Account, region, id, JsonSerializer.Serialize(item), []), address);

    private static GateRow Unknown(GateRow row, string column, string address) => row with
    {
        Resource = row.Resource with { Failures = [new ResourceFailure(column, CollectionOutcome.Planned, "terraform:" + address, $"{address}.{column} is known after apply")] },
    };

    private static DirectoryInfo Write()
    {
        var folder = Directory.CreateTempSubdirectory("gate");
        File.WriteAllText(Path.Combine(folder.FullName, "thing.yml"), """
            table: thing
            title: Things
            service: ec2
            scope: region
            list: {operation: DescribeVpcs}
            id: Id
            columns: {id: Id, secure: {path: Secure, type: bool}}
            terraform: [{resources: [aws_thing], names: [id], columns: {id: id, secure: secured}}]
            """);
        File.WriteAllText(Path.Combine(folder.FullName, "log.yml"), """
            table: thing_log
            title: Logs of things
            service: ec2
            scope: region
            list: {operation: DescribeFlowLogs}
            id: Id
            columns: {id: Id, thing_id: Thing}
            terraform: [{resources: [aws_log], names: [id], columns: {id: id, thing_id: thing_id}}]
            """);
        File.WriteAllText(Path.Combine(folder.FullName, "setting.yml"), """
            table: thing_setting
            title: Setting of things
            service: ec2
            scope: account
            list: {operation: DescribeRegions}
            id: Id
            columns: {"on": {path: On, type: bool}}
            account_fact: true
            terraform: [{resources: [aws_setting], columns: {"on": enabled}}]
            """);
        File.WriteAllText(Path.Combine(folder.FullName, "report.yml"), """
            table: thing_report
            title: Reports of things
            service: ec2
            scope: account
            list: {operation: DescribeRegions}
            id: Id
            columns: {id: Id}
            terraform: never
            """);
        Check(folder, "thing-logged", "tables: [thing, thing_log]\nhelps: [thing_log]", """
            select t.account_id, t.region, t.resource_id, case when count(l.id) > 0 then 'pass' else 'fail' end as status, 'thing ' || t.id || ' and its log' as message
            from thing t left join thing_log l on l.thing_id = t.id group by all
            """);
        Check(folder, "thing-broken", "tables: [thing]", """
            select t.account_id, t.region, t.resource_id, case when cast(t.id as int) > 0 then 'pass' else 'fail' end as status, 'x' as message from thing t
            """);
        Check(folder, "thing-secure", "tables: [thing, thing_setting]\nhelps: [thing_setting]", """
            select t.account_id, t.region, t.resource_id, case when coalesce(t.secure, false) or coalesce(s."on", false) then 'pass' else 'fail' end as status,
                   'thing ' || t.id || ' is open' as message
            from thing t left join thing_setting s on s.account_id = t.account_id
            """);
        Check(folder, "setting-on", "scope: account\ntables: [aws_account, thing_setting]", """
            select a.account_id, a.region, a.account_id as resource_id, case when bool_or(s."on") then 'pass' else 'fail' end as status, 'the setting' as message
            from aws_account a left join thing_setting s on s.account_id = a.account_id group by all
            """);
        Check(folder, "thing-set", "tables: [thing, thing_setting]", """
            select t.account_id, t.region, t.resource_id, case when t.secure then 'pass' else 'fail' end as status, 'thing ' || t.id || ' is open' as message
            from thing t where exists (select 1 from thing_setting s where s.account_id = t.account_id)
            """);
        Check(folder, "log-of-thing", "tables: [thing_log]", """
            select account_id, region, thing_id as resource_id, 'fail' as status, 'thing ' || thing_id || ' is logged' as message from thing_log
            """);
        Check(folder, "thing-report", "tables: [thing_report]", "select account_id, region, resource_id, 'pass' as status, '' as message from thing_report");
        Check(folder, "thing-item", "tables: [thing]", "select account_id, region, resource_id, case when item is null then 'fail' else 'pass' end as status, '' as message from thing");
        return folder;
    }

    private static void Check(DirectoryInfo folder, string id, string tables, string query) =>
        File.WriteAllText(Path.Combine(folder.FullName, id + ".yml"),
            $"id: {id}\ntitle: Title of {id}\nseverity: medium\nservice: ec2\n{tables}\nquery: |\n{string.Join('\n', query.Split('\n').Select(line => "  " + line))}\ntests: []\n");
}
