using System.Diagnostics;
using Scanner.Evaluate;
using Scanner.Model;
using Scanner.Store.Sql;
using static Evaluate.Tests.Samples;

namespace Evaluate.Tests.Store;

/// <summary>A check's SQL may come from the author of a pull request.</summary>
[Collection(nameof(MemoryLimited))]
public sealed class SandboxTests
{
    private const string Good = "select account_id, region, arn as resource_id, 'pass' as status, name as message from aws_trail";

    private static readonly SandboxLimits Small = new(TimeSpan.FromSeconds(2), 256L << 20, 100_000);

    [Theory]
    [InlineData("select * from read_text('/etc/passwd')", "table function read_text")]
    [InlineData("select * from read_csv('/etc/passwd')", "table function read_csv")]
    [InlineData("select * from read_blob('/etc/passwd')", "table function read_blob")]
    [InlineData("select * from read_parquet('https://example.com/x')", "table function read_parquet")]
    [InlineData("select * from glob('/etc/*')", "table function glob")]
    [InlineData("select * from '/etc/passwd'", "no table")]
    [InlineData("select * from 'https://example.com/x.csv'", "no table")]
    [InlineData("select * from query('select 1')", "table function query")]
    [InlineData("select * from query_table('resources')", "table function query_table")]
    [InlineData("select * from duckdb_settings()", "table function duckdb_settings")]
    [InlineData("select * from json_execute_serialized_sql('{}')", "table function json_execute_serialized_sql")]
    [InlineData("copy (select 1) to '/tmp/x'", "one SELECT")]
    [InlineData("attach '/tmp/x' as x", "one SELECT")]
    [InlineData("attach ':memory:' as x", "one SELECT")]
    [InlineData("install httpfs", "one SELECT")]
    [InlineData("load httpfs", "one SELECT")]
    [InlineData("set memory_limit='1TB'", "one SELECT")]
    [InlineData("pragma database_list", "one SELECT")]
    [InlineData("call pragma_version()", "one SELECT")]
    [InlineData("insert into resources values (1)", "one SELECT")]
    [InlineData("update aws_trail set name = 'x'", "one SELECT")]
    [InlineData("delete from findings", "one SELECT")]
    [InlineData("drop table resources", "one SELECT")]
    [InlineData("create macro scan_time() as (now())", "one SELECT")]
    [InlineData("begin", "one SELECT")]
    [InlineData("explain analyze select 1", "one SELECT")]
    [InlineData("prepare x as select 1", "one SELECT")]
    [InlineData("export database '/tmp/x'", "one SELECT")]
    [InlineData("with d as (delete from resources returning *) select * from d", "SELECT")]
    [InlineData("select 1; select 2", "several statements")]
    [InlineData("select 1; drop table resources", "one SELECT")]
    [InlineData("", "several statements, or none")]
    [InlineData("-- nothing", "several statements, or none")]
    [InlineData("show tables", "SHOW")]
    [InlineData("describe aws_trail", "SHOW")]
    [InlineData("select * from resources", "no table")]
    [InlineData("select * from findings", "no table")]
    [InlineData("select * from collection", "no table")]
    [InlineData("select * from main.resources", "with a schema")]
    [InlineData("select * from temp.aws_trail", "with a schema")]
    [InlineData("select * from information_schema.tables", "with a schema")]
    [InlineData("select * from duckdb_tables", "no table")]
    [InlineData("select * from aws_vpc", "'tables' does not name")]
    [InlineData("with aws_vpc as (select 1) select * from aws_vpc", "hides a table")]
    [InlineData("with resources as (select 1) select * from resources", "hides a table")]
    [InlineData("select now() from aws_trail", "scan_time()")]
    [InlineData("select pg_catalog.now() from aws_trail", "scan_time()")]
    [InlineData("select \"now\"() from aws_trail", "scan_time()")]
    [InlineData("select current_timestamp from aws_trail", "scan_time()")]
    [InlineData("select CURRENT_DATE from aws_trail", "scan_time()")]
    [InlineData("select today() from aws_trail", "scan_time()")]
    [InlineData("select localtime from aws_trail", "scan_time()")]
    [InlineData("select get_current_timestamp() from aws_trail", "scan_time()")]
    [InlineData("select age(last) from aws_trail", "scan_time()")]
    [InlineData("select random() from aws_trail", "random is not allowed")]
    [InlineData("select uuid() from aws_trail", "uuid is not allowed")]
    [InlineData("select gen_random_uuid() from aws_trail", "not allowed")]
    [InlineData("select getenv('HOME') from aws_trail", "getenv is not allowed")]
    [InlineData("select current_setting('memory_limit') from aws_trail", "not allowed")]
    [InlineData("select name from aws_trail using sample 1", "sample")]
    [InlineData("select name from aws_trail tablesample 10%", "sample")]
    [InlineData("select $1 from aws_trail", "no parameters")]
    [InlineData("select from where", "not SQL")]
    [InlineData("select nonsense from aws_trail", "does not fit its tables")]
    [InlineData("select name from aws_trail", "returns no account_id, region, resource_id, status, message")]
    public void Validate_refuses_with_file_and_reason(string query, string reason)
    {
        var check = Check(query, ["aws_trail"]);
        using var evaluator = new CheckEvaluator(CatalogOf(check));

        var error = Assert.Throws<InputException>(() => evaluator.Validate([check]));

        Assert.StartsWith("checks/sample.yml:5: check sample: ", error.Message, StringComparison.Ordinal);
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("select account_id,\n  region,\n  nothere from aws_trail\n", 8)]
    [InlineData("select account_id,\n  now() from aws_trail\n", 7)]
    [InlineData("select account_id\nfrom from\n", 7)]
    public void Errors_name_the_line_of_the_file(string query, int line)
    {
        var check = Check(query, ["aws_trail"]);
        using var evaluator = new CheckEvaluator(CatalogOf(check));

        Assert.StartsWith($"checks/sample.yml:{line}: ", Assert.Throws<InputException>(() => evaluator.Validate([check])).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Good)]
    [InlineData(Good + ";")]
    [InlineData(Good + " -- the end")]
    [InlineData(Good + "; -- the end")]
    [InlineData("/* c */ with t as (" + Good + ") from t where exists (select 1 from unnest([1, 2])) order by all")]
    [InlineData("select account_id, region, arn as resource_id, case when scan_time() - last < interval 1 day and age(last, last) is not null then 'pass' else 'fail' end as status, e.value->>'x' as message from aws_trail, json_each(selectors) e")]
    public void What_checks_need_is_allowed(string query)
    {
        var check = Check(query, ["aws_trail"]);
        using var evaluator = new CheckEvaluator(CatalogOf(check));

        evaluator.Validate([check]);
    }

    // Below the parser's judgment the engine itself is locked: even a statement that got past it reaches nothing.
    [Theory]
    [InlineData("select * from read_text('/etc/passwd')")]
    [InlineData("select * from read_csv('/etc/passwd')")]
    [InlineData("select * from '/etc/passwd'")]
    [InlineData("select * from read_text('/proc/self/environ')")]
    [InlineData("select * from glob('/etc/*')")]
    [InlineData("select * from read_csv('https://127.0.0.1:9/x.csv')")]
    [InlineData("select * from read_parquet('s3://bucket/x')")]
    [InlineData("copy (select 1) to '/tmp/scanner-sandbox-test.csv'")]
    [InlineData("export database '/tmp/scanner-sandbox-test'")]
    [InlineData("attach '/tmp/scanner-sandbox-test.db'")]
    [InlineData("install httpfs")]
    [InlineData("load httpfs")]
    [InlineData("load '/tmp/x.duckdb_extension'")]
    [InlineData("set enable_external_access=true")]
    [InlineData("set lock_configuration=false")]
    [InlineData("reset enable_external_access")]
    [InlineData("set memory_limit='1TB'")]
    [InlineData("pragma threads=64")]
    [InlineData("select getenv('HOME')")]
    [InlineData("create secret s (type s3)")]
    public void The_engine_is_locked_as_well(string statement)
    {
        using var connection = Sandbox.Open(null);

        Assert.Throws<QueryFailedException>(() => Sandbox.Run(connection, statement, SandboxLimits.Check, reader => reader.Read(), TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("delete from main.resources")]
    [InlineData("insert into main.findings (check_id) values ('x')")]
    [InlineData("create table main.x (a int)")]
    public void Checks_run_where_nothing_can_be_written(string statement)
    {
        using var store = Filled([Ok(Trail, "us-east-1")]);
        Sandbox.Execute(store.Connection, "BEGIN TRANSACTION READ ONLY");

        Assert.Throws<QueryFailedException>(() => Sandbox.Run(store.Connection, statement, SandboxLimits.Check, _ => { }, TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("with recursive x as (select 1 as i union all select i + 1 from x) select max(i) from x")]
    [InlineData("with recursive x as (select 'xxxxxxxx' as s union all select s || s from x) select max(length(s)) from x")]
    [InlineData("select count(*) from range(100000000) a, range(100000000) b")]
    public void What_never_ends_is_interrupted(string query) => AssertStopped(query);

    [Theory]
    [InlineData("select length(repeat('x', 3000000000::bigint))")]
    [InlineData("select len(list_resize([1], 4000000000))")]
    [InlineData("select len(list_transform(range(500000000), lambda x: x + 1))")]
    [InlineData("select count(*) from (select i, row_number() over (order by hash(i)) from range(500000000) t(i))")]
    public void What_wants_all_the_memory_fails_alone(string query)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "RLIMIT_DATA is Linux's");
        AssertStopped(query);
    }

    [Fact]
    public void A_greedy_check_is_unknown_and_the_next_one_runs()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "RLIMIT_DATA is Linux's");
        var greedy = Check(
            "select account_id, region, arn as resource_id, 'pass' as status, repeat(name, 3000000000::bigint) as message from aws_trail", ["aws_trail"], id: "greedy");
        using var store = Filled([Ok(Trail, "us-east-1")], TrailItem("us-east-1", "a", true));
        using var evaluator = new CheckEvaluator(CatalogOf(greedy, TrailCheck), Small);

        var findings = evaluator.Evaluate(store, [greedy, TrailCheck], Now, cancellation: TestContext.Current.CancellationToken);

        Assert.Equal([$"us-east-1 {A} unknown", "us-east-1 a pass"], Short(findings));
        Assert.Contains("it needs more memory than the 256 MiB", findings[0].Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_flood_of_rows_is_cut_off()
    {
        var flood = Check(
            $"select '{A}' as account_id, 'us-east-1' as region, i::varchar as resource_id, 'pass' as status, '' as message from range(1000000) t(i), (select count(*) from aws_trail)", ["aws_trail"]);
        using var store = Filled([Ok(Trail, "us-east-1")]);
        using var evaluator = new CheckEvaluator(CatalogOf(flood), Small);

        var finding = Assert.Single(evaluator.Evaluate(store, [flood], Now, cancellation: TestContext.Current.CancellationToken));

        Assert.Equal(FindingStatus.Unknown, finding.Status);
        Assert.Contains("more than 100000 rows", finding.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_message_without_end_is_cut()
    {
        var check = Check("select account_id, region, arn as resource_id, 'fail' as status, repeat('x', 100000) as message from aws_trail", ["aws_trail"]);

        Assert.Equal(2000, Assert.Single(Judge(check, [Ok(Trail, "us-east-1")], TrailItem("us-east-1", "a", true))).Message.Length);
    }

    [Fact]
    public void Cancelling_ends_a_running_query()
    {
        using var connection = Sandbox.Open(null);
        using var stop = new CancellationTokenSource(TimeSpan.FromMilliseconds(200));

        Assert.ThrowsAny<OperationCanceledException>(() => Sandbox.Run(connection,
            "select count(*) from range(100000000) a, range(100000000) b", SandboxLimits.Query, reader => reader.Read(), stop.Token));
    }

    private static void AssertStopped(string query)
    {
        using var connection = Sandbox.Open(null);
        var before = Process.GetCurrentProcess().PeakWorkingSet64;

        Assert.Throws<QueryFailedException>(() => Sandbox.Run(connection, query, Small, reader =>
        {
            while (reader.Read())
            {
            }
        }, TestContext.Current.CancellationToken));

        // The instance lives on, and the process did not swell.
        Assert.Equal([1], Sandbox.Read(connection, "SELECT 1", row => row.GetInt32(0)));
        Assert.InRange(Process.GetCurrentProcess().PeakWorkingSet64 - before, 0, 1L << 30);
    }
}
