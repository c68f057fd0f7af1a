using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using DuckDB.NET.Data;
using Loopback.Aws;

namespace EndToEnd.Tests;

/// <summary>A scan that takes from the last one what CloudTrail tells has not changed: it says what a whole one says, and reads whatever is not known.</summary>
public sealed class SinceLastTests : LoopbackTests
{
    private const string Home = "us-east-1";
    private const string Other = "eu-west-1";

    private static readonly string[] Scan = ["scan", "--evidence", "off", "--only", "sqs-*,iam-password-*,iam-user-*,iam-role-*,s3-bucket-*,lambda-function-*,vpc-flow-logs-active,ssm-document-*"];

    private readonly ChangingAccount _account = new();

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        _account.Answer(Aws);
    }

    [Fact]
    public async Task What_has_not_changed_is_not_asked_again_and_the_findings_are_those_of_a_whole_scan()
    {
        var whole = await ScanAsync("whole", "--store", "s.duckdb");
        Age("s.duckdb", hours: 3);

        // The store of the last scan may be that of this one.
        var since = await ScanAsync("since", "--store", "s.duckdb", "--baseline", "s.duckdb", "--since-last");

        Assert.Equal(Findings(whole.Report), Findings(since.Report));
        Assert.DoesNotContain(since.Asked, call => call.StartsWith("s3 ", StringComparison.Ordinal) || call.StartsWith("sqs ", StringComparison.Ordinal) || call.StartsWith("lambda ", StringComparison.Ordinal));
        // Roles say when they were last used, and VPCs of others come and go without an event: they are read.
        Assert.Contains($"iam GetAccountAuthorizationDetails {Home}", since.Asked);
        Assert.Contains($"ec2 DescribeVpcs {Other}", since.Asked);
        Assert.Equal([$"cloudtrail LookupEvents {Other}", $"cloudtrail LookupEvents {Home}"], since.Asked.Where(call => call.StartsWith("cloudtrail LookupEvents ", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
        Assert.True(since.Asked.Count < whole.Asked.Count, $"{whole.Asked.Count} calls of a whole scan, {since.Asked.Count} since the last");

        // Who reads it knows how old it is.
        Assert.Contains("Not everything was read anew (--since-last): ", since.Output, StringComparison.Ordinal);
        var earlier = since.Report["scan"]!["earlier"]!;
        Assert.InRange((double)earlier["oldest_hours"]!, 2.9, 3.1);
        var buckets = Status(since.Report, "aws_s3_bucket", "global");
        Assert.Equal("ok", (string?)buckets["status"]);
        Assert.Equal((string?)earlier["oldest"], (string?)buckets["read_at"]);
        Assert.Null(Status(since.Report, "aws_vpc", Other)["read_at"]);
        Assert.NotNull(Finding(since.Report, "s3-bucket-deny-http")["read_at"]);
        Assert.Null(Finding(since.Report, "vpc-flow-logs-active")["read_at"]);
        Assert.Equal(since.Report["findings"]!.AsArray().Count(finding => finding!["read_at"] is not null), (int)earlier["findings"]!);
        Assert.Equal(since.Report["collection"]!.AsArray().Count(status => status!["read_at"] is not null), (int)earlier["tables"]!);
        Assert.Null(whole.Report["scan"]!["earlier"]);
    }

    [Fact]
    public async Task What_an_event_tells_of_is_read_in_its_region_alone()
    {
        await ScanAsync("whole", "--store", "s.duckdb");
        Age("s.duckdb", hours: 3);
        _account.Change("sqs.amazonaws.com", "SetQueueAttributes", Other, account => account.QueuePolicy[Other] = ChangingAccount.OpenPolicy);

        var since = await ScanAsync("since", "--baseline", "s.duckdb", "--since-last");

        Assert.Contains($"sqs GetQueueAttributes {Other}", since.Asked);
        Assert.DoesNotContain($"sqs GetQueueAttributes {Home}", since.Asked);
        Assert.DoesNotContain($"lambda ListFunctions {Other}", since.Asked);
        Assert.Equal(Findings((await ScanAsync("again")).Report), Findings(since.Report));
    }

    [Fact]
    public async Task An_event_has_read_what_it_may_have_changed_and_nothing_else()
    {
        await ScanAsync("whole", "--store", "s.duckdb");
        Age("s.duckdb", hours: 3);
        foreach (var (source, name, region, call, isRead) in new[]
        {
            // A bucket's event is where the bucket is, and the table is read once for all regions.
            ("s3.amazonaws.com", "PutBucketAcl", Other, "s3 GetBucketPolicy", true),
            // Of a global service it is in the home region.
            ("iam.amazonaws.com", "UpdateAccountPasswordPolicy", Home, "iam GetAccountPasswordPolicy", true),
            // Tags of anything, and a service without a name: who knows what they changed.
            ("tagging.amazonaws.com", "TagResources", Home, "sqs GetQueueAttributes", true),
            ("", "Unheard", Home, "lambda ListFunctions", true),
            ("lambda.example.com", "Unheard", Home, "lambda ListFunctions", true),
            // Each scan asks for a credential report, sessions and heartbeats go on all day, and a queue is not changed by what happens elsewhere.
            ("iam.amazonaws.com", "GenerateCredentialReport", Home, "iam GetAccountPasswordPolicy", false),
            ("ssm.amazonaws.com", "UpdateInstanceInformation", Home, "ssm ListDocuments", false),
            ("iam.amazonaws.com", "CreateUser", Home, "sqs GetQueueAttributes", false),
            ("signin.amazonaws.com", "ConsoleLogin", Home, "sqs GetQueueAttributes", false),
        })
        {
            _account.Forget();
            _account.Change(source, name, region, _ => { });

            var since = await ScanAsync("since", "--baseline", "s.duckdb", "--since-last");

            Assert.True(since.Asked.Any(asked => asked.StartsWith(call, StringComparison.Ordinal)) == isRead, $"{source} {name}: {string.Join(", ", since.Asked)}");
        }
    }

    [Fact]
    public async Task Where_CloudTrail_does_not_say_everything_is_read()
    {
        var whole = await ScanAsync("whole", "--store", "s.duckdb");
        Age("s.duckdb", hours: 3);
        var faults = new (Action Break, string Said)[]
        {
            (() => Aws.Fault("cloudtrail", "LookupEvents", AwsFault.AccessDenied), "AccessDeniedException"),
            (() => Aws.Fault("cloudtrail", "LookupEvents", AwsFault.Throttling), "ThrottlingException"),
            (() => Aws.Fault("cloudtrail", "LookupEvents", AwsFault.FailedSecondPage), "AccessDeniedException"),
            (() => Aws.Fault("cloudtrail", "LookupEvents", AwsFault.EmptyBody), "MalformedReply"),
            (() => Aws.Reply("cloudtrail", "LookupEvents", []), "MalformedReply"),
            (() => Aws.Pages("cloudtrail", "LookupEvents", [.. Enumerable.Range(0, 11).Select(_ => new JsonObject { ["Events"] = new JsonArray() })]), "There are more than 10 pages"),
        };
        foreach (var (cut, said) in faults)
        {
            cut();

            var since = await ScanAsync("since", "--baseline", "s.duckdb", "--since-last");

            Assert.Contains(said, since.Output, StringComparison.Ordinal);
            Assert.Contains("is not known, so that everything there is read: ", since.Output, StringComparison.Ordinal);
            Assert.Equal(whole.Asked.Order(StringComparer.Ordinal), since.Asked.Where(call => !call.StartsWith("cloudtrail LookupEvents", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
            Assert.Equal(Findings(whole.Report), Findings(since.Report));
            Assert.Null(since.Report["scan"]!["earlier"]);
            Aws.ClearFaults();
            _account.Answer(Aws);
        }
    }

    [Fact]
    public async Task In_a_region_that_refuses_everything_is_read_and_in_the_others_what_has_changed()
    {
        await ScanAsync("whole", "--store", "s.duckdb");
        Age("s.duckdb", hours: 3);
        Aws.Fault("cloudtrail", "LookupEvents", AwsFault.AccessDenied, when: request => request.Region == Other);

        var since = await ScanAsync("since", "--baseline", "s.duckdb", "--since-last");

        Assert.Contains($"sqs GetQueueAttributes {Other}", since.Asked);
        Assert.DoesNotContain($"sqs GetQueueAttributes {Home}", since.Asked);
        // A bucket may be there, and what is of the home region is not.
        Assert.Contains($"s3 ListBuckets {Home}", since.Asked);
        Assert.DoesNotContain($"iam GetAccountPasswordPolicy {Home}", since.Asked);
    }

    [Fact]
    public async Task What_is_too_old_or_was_not_read_whole_is_read()
    {
        Aws.Fault("lambda", "ListFunctions", AwsFault.AccessDenied, when: request => request.Region == Home);
        Aws.Fault("sqs", "GetQueueAttributes", AwsFault.AccessDenied, when: request => request.Region == Other);
        await ScanAsync("whole", "--store", "s.duckdb");
        Aws.ClearFaults();
        Age("s.duckdb", hours: 3);

        var since = await ScanAsync("since", "--baseline", "s.duckdb", "--since-last");

        Assert.Contains($"lambda ListFunctions {Home}", since.Asked);
        Assert.DoesNotContain($"lambda ListFunctions {Other}", since.Asked);
        // A queue whose policy could not be read was not read whole.
        Assert.Contains($"sqs GetQueueAttributes {Other}", since.Asked);
        var whole = await ScanAsync("again");
        Assert.Equal(Findings(whole.Report), Findings(since.Report));

        // Nobody asks what changed where nothing is young enough.
        var old = await ScanAsync("old", "--baseline", "s.duckdb", "--since-last", "--max-age", "2h");
        Assert.Equal(whole.Asked.Order(StringComparer.Ordinal), old.Asked.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task What_is_taken_twice_is_as_old_as_its_first_reading_until_it_is_too_old()
    {
        await ScanAsync("first", "--store", "s.duckdb");
        Age("s.duckdb", hours: 10);
        await ScanAsync("second", "--store", "s.duckdb", "--baseline", "s.duckdb", "--since-last");
        // The second scan was ten hours ago, and what it took is twenty hours old.
        Age("s.duckdb", hours: 10);
        // An event that came late: after the first reading, before the second scan, which did not see it.
        _account.Change("sqs.amazonaws.com", "SetQueueAttributes", Other, account => account.QueuePolicy[Other] = ChangingAccount.OpenPolicy, hoursAgo: 11);

        var third = await ScanAsync("third", "--store", "third.duckdb", "--baseline", "s.duckdb", "--since-last");
        Assert.InRange((double)third.Report["scan"]!["earlier"]!["oldest_hours"]!, 19.9, 20.1);
        Assert.Contains($"sqs GetQueueAttributes {Other}", third.Asked);
        Assert.DoesNotContain($"s3 ListBuckets {Home}", third.Asked);

        Age("third.duckdb", hours: 5);
        var fourth = await ScanAsync("fourth", "--baseline", "third.duckdb", "--since-last");
        // 25 hours; the queue was read again five hours ago.
        Assert.Contains($"s3 ListBuckets {Home}", fourth.Asked);
        Assert.DoesNotContain($"sqs GetQueueAttributes {Other}", fourth.Asked);
        Assert.InRange((double)fourth.Report["scan"]!["earlier"]!["oldest_hours"]!, 4.9, 5.1);
    }

    [Fact]
    public async Task Only_rows_of_the_same_questions_are_taken()
    {
        await ScanAsync("whole", "--store", "s.duckdb");
        Age("s.duckdb", hours: 3);
        // Not all of S3's details were asked for then, and of KMS nothing.
        var (code, output) = await RunAsync(["scan", "--evidence", "off", "--only", "s3-bucket-deny-http,kms-*,codebuild-*", "--baseline", "s.duckdb", "--since-last"]);
        Assert.True(code == 0, output);
        Assert.Contains($"codebuild ListProjects {Home}", Asked());
        Assert.Contains($"s3 GetBucketPolicy {Home}", Asked());

        // A bucket may be in a region that nobody asks about.
        var some = await ScanAsync("some", "--regions", Other, "--baseline", "s.duckdb", "--since-last");
        Assert.Contains($"s3 ListBuckets {Home}", some.Asked);
        Assert.DoesNotContain($"sqs GetQueueAttributes {Other}", some.Asked);
        Assert.DoesNotContain($"iam GetAccountPasswordPolicy {Home}", some.Asked);

        Sql("s.duckdb", "UPDATE scan SET version = '0.0.1'");
        var other = await ScanAsync("other", "--baseline", "s.duckdb", "--since-last");
        Assert.Contains("it was made by Scanner 0.0.1, and this is ", other.Output, StringComparison.Ordinal);
        Assert.Contains($"s3 ListBuckets {Home}", other.Asked);
        Assert.Contains($"sqs GetQueueAttributes {Other}", other.Asked);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Whatever_changes_a_scan_since_the_last_says_what_a_whole_one_says(int seed)
    {
        var random = new Random(seed);
        await ScanAsync("whole", "--store", "s.duckdb");
        for (var turn = 0; turn < 3; turn++)
        {
            Age("s.duckdb", hours: 2);
            for (var change = random.Next(3); change >= 0; change--)
                _account.ChangeSomething(random);
            var since = await ScanAsync("since", "--store", "s.duckdb", "--baseline", "s.duckdb", "--since-last");
            var whole = await ScanAsync("whole");
            var (full, part) = (Findings(whole.Report), Findings(since.Report));
            Assert.True(full.SequenceEqual(part), $"seed {seed}, turn {turn}:\n{string.Join('\n', _account.Told.Concat(full.Except(part)).Concat(part.Except(full)))}");
            Assert.True(since.Asked.Count < whole.Asked.Count);
        }
    }

    [Fact]
    public async Task A_job_of_a_matrix_takes_from_the_merged_store_and_a_merge_says_how_old_it_is()
    {
        string[] accounts = ["222222222222", "333333333333"];
        foreach (var account in accounts)
            await ScanAsync(account, "--accounts", account, "--role-name", "audit", "--store", $"{account}.duckdb");
        var (code, output) = await RunAsync(["merge", .. accounts.Select(account => $"{account}.duckdb"), "--store", "merged.duckdb"]);
        Assert.True(code is 0 or 2 && File.Exists(Path.Combine(Folder.FullName, "merged.duckdb")), output);
        Age("merged.duckdb", hours: 3);

        foreach (var account in accounts)
        {
            var since = await ScanAsync(account, "--accounts", account, "--role-name", "audit", "--store", $"{account}-2.duckdb", "--baseline", "merged.duckdb", "--since-last");
            Assert.DoesNotContain($"sqs GetQueueAttributes {Other}", since.Asked);
        }
        (code, output) = await RunAsync(["merge", .. accounts.Select(account => $"{account}-2.duckdb"), "--report", "json=merged.json"]);
        Assert.True(code == 0, output);
        var merged = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(Folder.FullName, "merged.json"), TestContext.Current.CancellationToken))!;
        Assert.InRange((double)merged["scan"]!["earlier"]!["oldest_hours"]!, 2.9, 3.1);
        Assert.Equal(2, merged["collection"]!.AsArray().Count(status => (string?)status!["table"] == "aws_s3_bucket" && status["read_at"] is not null));
        Assert.NotNull(Finding(merged, "s3-bucket-deny-http")["read_at"]);
    }

    [Fact]
    public async Task One_that_is_cut_off_is_gone_on_with_and_reads_what_changed_meanwhile()
    {
        await ScanAsync("whole", "--store", "s.duckdb");
        Age("s.duckdb", hours: 3);
        _account.Change("sqs.amazonaws.com", "SetQueueAttributes", Other, account => account.QueuePolicy[Other] = ChangingAccount.OpenPolicy);
        using var over = new ManualResetEventSlim();
        Aws.Reply("ec2", "DescribeFlowLogs", _ =>
        {
            over.Wait(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
            return new JsonObject { ["FlowLogs"] = new JsonArray() };
        });
        string[] since = ["--store", "since.duckdb", "--baseline", "s.duckdb", "--since-last"];
        var (stopped, said) = await RunAsync([.. Scan, .. since, "--timeout", "6s"]);
        over.Set();
        Assert.True(stopped == 3, said);
        // What was taken was taken when the scan began, and an event since then is not in what it asked.
        _account.Change("s3.amazonaws.com", "PutBucketPolicy", Other, _ => { });

        var resumed = await ScanAsync("resumed", [.. since, "--resume"]);

        Assert.Contains("Going on with the scan of ", resumed.Output, StringComparison.Ordinal);
        Assert.Contains(resumed.Asked, call => call.StartsWith("s3 GetBucketPolicy ", StringComparison.Ordinal));
        Assert.DoesNotContain($"lambda ListFunctions {Home}", resumed.Asked);
        Assert.NotNull(Status(resumed.Report, "aws_lambda_function", Home)["read_at"]);
        Assert.Equal(Findings((await ScanAsync("again")).Report), Findings(resumed.Report));
    }

    [Fact]
    public async Task A_mistake_is_one_line()
    {
        await ScanAsync("whole", "--store", "s.duckdb");
        foreach (var (expected, more) in new (string, string[])[]
        {
            ("--since-last takes rows from the store of the last scan: name it with --baseline FILE", ["--since-last"]),
            ("--since-last takes rows from a store, and --baseline whole.json is a report", ["--since-last", "--baseline", "whole.json"]),
            ("--max-age says how old what --since-last takes may be", ["--max-age", "3h"]),
            ("--max-age '90d' is not between 1h and 89d", ["--since-last", "--baseline", "s.duckdb", "--max-age", "90d"]),
            ("--max-age '2' is not a span of time", ["--since-last", "--baseline", "s.duckdb", "--max-age", "2"]),
            ("--from asks nothing of AWS", ["--since-last", "--baseline", "s.duckdb", "--from", "recording"]),
            ("--record would lack the rest", ["--since-last", "--baseline", "s.duckdb", "--record", "recording"]),
        })
        {
            var (code, output) = await RunAsync([.. Scan, .. more]);
            Assert.True(code == 2, output);
            Assert.Contains(expected, Assert.Single(output.Split('\n'), line => line.StartsWith("scanner: ", StringComparison.Ordinal)), StringComparison.Ordinal);
        }
        Sql("s.duckdb", "UPDATE scan SET source = 'samples/acme'");
        var (recorded, said) = await RunAsync([.. Scan, "--since-last", "--baseline", "s.duckdb"]);
        Assert.True(recorded == 2, said);
        Assert.Contains("s.duckdb is the store of samples/acme, not of a scan of AWS", said, StringComparison.Ordinal);
    }

    // Makes what a store knows as many hours older, as if that time had gone by since.
    private void Age(string store, int hours) => Sql(store,
        string.Create(CultureInfo.InvariantCulture, $"UPDATE scan SET time = time - INTERVAL {hours} HOURS; UPDATE collection SET read_at = read_at - INTERVAL {hours} HOURS"));

    private void Sql(string store, string sql)
    {
        using var connection = new DuckDBConnection($"Data Source={Path.Combine(Folder.FullName, store)}");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private async Task<(JsonNode Report, List<string> Asked, string Output)> ScanAsync(string name, params string[] more)
    {
        var (code, output) = await RunAsync([.. Scan, .. more, "--report", $"json={name}.json"]);
        Assert.True(code == 0, output);
        return (JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(Folder.FullName, $"{name}.json"), TestContext.Current.CancellationToken))!, Asked(), output);
    }

    private Task<(int ExitCode, string Output)> RunAsync(string[] arguments)
    {
        Aws.ClearRequests();
        return ScannerProgram.RunAsync(Folder.FullName, arguments, [.. Aws.EnvironmentVariables.Select(pair => (pair.Key, pair.Value)), ("AWS_MAX_ATTEMPTS", "2")]);
    }

    private List<string> Asked() => [.. Aws.Requests.Select(request => $"{request.Service} {request.Operation} {request.Region}")];

    private static JsonNode Status(JsonNode report, string table, string region) =>
        Assert.Single(report["collection"]!.AsArray(), status => (string?)status!["table"] == table && (string?)status["region"] == region)!;

    private static JsonNode Finding(JsonNode report, string check) => report["findings"]!.AsArray().First(finding => (string?)finding!["check"] == check)!;

    private static List<string> Findings(JsonNode report) =>
        [.. report["findings"]!.AsArray().Select(finding => $"{finding!["check"]} {finding["key"]} {finding["status"]} {finding["message"]} {finding["causes"]?.ToJsonString()}").Order(StringComparer.Ordinal)];
}
