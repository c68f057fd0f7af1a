using System.Text.Json.Nodes;
using Loopback;
using Scanner.Aws;
using Scanner.Catalog;
using Scanner.Collect.Recording;
using Scanner.Collect.Tables;
using Scanner.Model;

namespace Collect.Tests.Recording;

public sealed class RecordedScanTests : IDisposable
{
    private const string Scan = """{"recorded_at": "2026-11-01T12:00:00Z", "accounts": [{"id": "111111111111", "name": "one"}], "regions": ["us-east-1"]}""";

    private const string Vpcs = """
        table: t
        title: t
        service: ec2
        scope: region
        list: {operation: DescribeVpcs, parameters: {Filters: [{Name: a, Values: [b]}], MaxResults: 5}, items: Vpcs}
        id: VpcId
        columns: {id: VpcId}
        """;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private RecordedScan Open() => RecordedScan.Open(_folder.Path);

    private async Task<AwsApiException> FailureAsync(AwsCall call)
    {
        _folder.Write("scan.json", Scan);
        return await Assert.ThrowsAsync<AwsApiException>(() => Open().Accounts[0].Api.CallAsync(call, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_recorded_reply_is_found_whatever_the_order_of_its_parameters()
    {
        _folder.Write("scan.json", Scan);
        _folder.Write("111111111111/us-east-1/ec2.DescribeVpcs.json", """[{"parameters": {"MaxResults": 5.0, "Filters": [{"Values": ["b"], "Name": "\u0061"}]}, "reply": {"Vpcs": [{"VpcId": "vpc-1"}]}}]""");

        var collected = await Collected.FromAsync(Open().Accounts, Collected.Tables(Vpcs));

        Assert.Equal("vpc-1", Assert.Single(collected.Of("t")).Id);
        Assert.Equal("one", (string?)collected.Item("aws_account")["Name"]);
        Assert.DoesNotContain(collected.Statuses, status => status.Outcome != CollectionOutcome.Ok);
        Assert.Equal(new(2026, 11, 1, 12, 0, 0, TimeSpan.Zero), Open().RecordedAt);
    }

    [Fact]
    public async Task What_is_not_recorded_is_an_error_and_never_an_empty_reply()
    {
        var e = await FailureAsync(new AwsCall("us-east-1", "ec2", "DescribeVpcs", []));

        Assert.Equal((CollectionOutcome.Error, "NotRecorded"), (e.Outcome, e.Code));
    }

    [Theory]
    [InlineData("AccessDenied", 403, null, CollectionOutcome.Denied)]
    [InlineData("ThrottlingException", 400, null, CollectionOutcome.Throttled)]
    [InlineData("OptInRequired", 403, null, CollectionOutcome.Disabled)]
    [InlineData("InternalFailure", 500, null, CollectionOutcome.Error)]
    [InlineData("Odd", 0, "denied", CollectionOutcome.Denied)]
    public async Task A_recorded_error_is_that_error_again(string code, int status, string? outcome, CollectionOutcome expected)
    {
        var error = new JsonObject { ["code"] = code, ["message"] = "because", ["status"] = status };
        if (outcome is not null)
            error["outcome"] = outcome;
        _folder.Write("111111111111/us-east-1/ec2.DescribeVpcs.json", new JsonArray(new JsonObject { ["error"] = error, ["reply"] = new JsonObject { ["Vpcs"] = new JsonArray() } }).ToJsonString());

        var e = await FailureAsync(new AwsCall("us-east-1", "ec2", "DescribeVpcs", []));

        Assert.Equal((expected, code, $"{code}: because"), (e.Outcome, e.Code, e.Message));
        Assert.NotNull(e.Partial);
    }

    [Theory]
    [InlineData("[")]
    [InlineData("{}")]
    [InlineData("[1]")]
    [InlineData("""[{"parameters": {}}]""")]
    [InlineData("""[{"parameters": [], "reply": {}}]""")]
    [InlineData("""[{"parameters": {}, "reply": []}]""")]
    [InlineData("""[{"parameters": {}, "reply": {}, "extra": 1}]""")]
    [InlineData("""[{"parameters": {}, "error": {"message": "x"}}]""")]
    [InlineData("""[{"parameters": {}, "error": {"code": "x", "status": "y"}}]""")]
    [InlineData("""[{"parameters": {}, "error": {"code": "x", "outcome": "ok"}}]""")]
    [InlineData("""[{"reply": {}}, {"parameters": {}, "reply": {}}]""")]
    public async Task A_broken_file_is_a_malformed_reply_that_names_it(string content)
    {
        _folder.Write("111111111111/us-east-1/ec2.DescribeVpcs.json", content);

        var e = await FailureAsync(new AwsCall("us-east-1", "ec2", "DescribeVpcs", []));

        Assert.Equal((CollectionOutcome.Error, "MalformedReply"), (e.Outcome, e.Code));
        Assert.Contains("111111111111/us-east-1/ec2.DescribeVpcs.json", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("..", "ec2", "DescribeVpcs")]
    [InlineData("us-east-1/..", "ec2", "DescribeVpcs")]
    [InlineData("us-east-1", "../ec2", "DescribeVpcs")]
    [InlineData("us-east-1", "ec2", "../../scan")]
    [InlineData("us-east-1", "ec2", "a\0b")]
    public async Task No_name_leads_out_of_the_folder(string region, string service, string operation) =>
        Assert.Equal("NotRecorded", (await FailureAsync(new AwsCall(region, service, operation, []))).Code);

    [Fact]
    public async Task A_link_in_a_recording_is_not_followed()
    {
        using var other = new TemporaryFolder();
        var secret = other.Write("secret.json", """[{"parameters": {}, "reply": {"secret": true}}]""");
        _folder.Write("111111111111/us-east-1/x.json", "[]");
        File.CreateSymbolicLink(Path.Combine(_folder.Path, "111111111111/us-east-1/ec2.DescribeVpcs.json"), secret);
        Directory.CreateSymbolicLink(Path.Combine(_folder.Path, "111111111111/eu-west-1"), other.Path);

        Assert.Equal("MalformedReply", (await FailureAsync(new AwsCall("us-east-1", "ec2", "DescribeVpcs", []))).Code);
        Assert.Equal("MalformedReply", (await FailureAsync(new AwsCall("eu-west-1", "ec2", "DescribeVpcs", []))).Code);
    }

    [Theory]
    [InlineData(null, "scan.json")]
    [InlineData("{", ":1: not valid JSON")]
    [InlineData("[]", "not a JSON object")]
    [InlineData("""{"accounts": [{"id": "111111111111"}], "regions": []}""", "recorded_at")]
    [InlineData("""{"recorded_at": "soon", "accounts": [{"id": "111111111111"}], "regions": []}""", "recorded_at")]
    [InlineData("""{"recorded_at": "2026-11-01T12:00:00Z", "accounts": [], "regions": []}""", "accounts")]
    [InlineData("""{"recorded_at": "2026-11-01T12:00:00Z", "accounts": [{"id": 111111111111}], "regions": []}""", "id")]
    [InlineData("""{"recorded_at": "2026-11-01T12:00:00Z", "accounts": [{"id": "../../../etc"}], "regions": []}""", "twelve digits")]
    [InlineData("""{"recorded_at": "2026-11-01T12:00:00Z", "accounts": [{"id": "111111111111"}], "regions": ["../x"]}""", "regions")]
    [InlineData("""{"recorded_at": "2026-11-01T12:00:00Z", "acounts": [{"id": "111111111111"}], "regions": []}""", "did you mean 'accounts'")]
    public void A_folder_that_is_no_recording_is_the_users_mistake_in_one_line(string? scan, string says)
    {
        if (scan is not null)
            _folder.Write("scan.json", scan);

        var e = Assert.Throws<InputException>(Open);

        Assert.Contains(says, e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', e.Message);
    }

    [Fact]
    public void A_missing_folder_is_the_users_mistake() => Assert.Throws<InputException>(() => RecordedScan.Open(Path.Combine(_folder.Path, "none")));

    [Fact]
    public async Task A_recording_replays_as_the_scan_went_errors_pages_and_disabled_regions_included()
    {
        var aws = new ScriptedAws().Regions("us-east-1", "eu-west-1", "af-south-1-")
            .On("ec2:DescribeVpcs", call => call.Region == "us-east-1"
                ? new JsonObject { ["Vpcs"] = new JsonArray(new JsonObject { ["VpcId"] = "vpc-<1>", ["Tags"] = new JsonArray("ü") }) }
                : throw new AwsApiException(call, CollectionOutcome.Throttled, "SlowDown", "later", new JsonObject { ["Vpcs"] = new JsonArray(new JsonObject { ["VpcId"] = "vpc-2" }) }))
            .On("iam:GenerateCredentialReport", """{"State": "COMPLETE"}""")
            .Fails("iam:GetCredentialReport", "AccessDenied");
        const string tables = Vpcs + "\n---\n" + """
            table: u
            title: u
            service: iam
            scope: account
            list: {prepare: {operation: GenerateCredentialReport, until: {State: COMPLETE}}, operation: GetCredentialReport, items: Content, decode: csv}
            id: arn
            columns: {a: a}
            """;
        var folder = Path.Combine(_folder.Path, "recording");
        var recorder = new ScanRecorder(folder);
        var account = new CollectionAccount(aws) { Name = "one", IsManagement = true };

        var live = await Collected.FromAsync([recorder.Record(account)], Collected.Tables(tables), new() { Regions = ["us-east-1", "eu-west-1", "af-south-1"] });
        recorder.Save(new(2026, 11, 1, 12, 0, 0, TimeSpan.Zero), [account], live.Result);
        var replay = await Collected.FromAsync(RecordedScan.Open(folder).Accounts, Collected.Tables(tables));

        Assert.Equal(Sorted(live), Sorted(replay));
        Assert.Contains(replay.Statuses, status => status is { Outcome: CollectionOutcome.Disabled, Region: "af-south-1" });
        Assert.Contains(replay.Statuses, status => status is { Outcome: CollectionOutcome.Throttled, Region: "eu-west-1" });
        Assert.Equal(["scan.json"], Directory.EnumerateFiles(folder).Select(Path.GetFileName));
        if (!OperatingSystem.IsWindows())
        {
            foreach (var written in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories))
                Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(written));
            foreach (var made in Directory.EnumerateDirectories(folder, "*", SearchOption.AllDirectories).Append(folder))
                Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(made));
        }
        var file = Path.Combine(folder, "111111111111/us-east-1/ec2.DescribeVpcs.json");
        Assert.Contains("\"vpc-<1>\"", File.ReadAllText(file), StringComparison.Ordinal);

        // Again into the same folder: the same bytes, and nothing of before is left over.
        var before = File.ReadAllText(file);
        File.WriteAllText(Path.Combine(folder, "111111111111/us-east-1/ec2.Old.json"), "[]");
        var second = new ScanRecorder(folder);
        second.Save(new(2026, 11, 1, 12, 0, 0, TimeSpan.Zero), [account],
            (await Collected.FromAsync([second.Record(account)], Collected.Tables(tables), new() { Regions = ["us-east-1", "eu-west-1", "af-south-1"] })).Result);
        Assert.Equal(before, File.ReadAllText(file));
        Assert.False(File.Exists(Path.Combine(folder, "111111111111/us-east-1/ec2.Old.json")));
    }

    [Fact]
    public async Task A_recording_that_was_cut_off_says_so_and_the_next_one_takes_its_place()
    {
        var aws = new ScriptedAws().Regions("us-east-1").On("ec2:DescribeVpcs", """{"Vpcs": []}""");
        var folder = Path.Combine(_folder.Path, "recording");
        _folder.Write("recording/scan.json.unfinished", "{}");
        _folder.Write("recording/111111111111/us-east-1/ec2.Old.json", "[]");
        _folder.Write($"recording/111111111111/us-east-1/.ec2.DescribeVpcs.json.{new string('0', 32)}.partial", "[");
        _folder.Write("recording/111111111111/us-east-1/notes.txt", "mine");
        Directory.CreateSymbolicLink(Path.Combine(folder, "222222222222"), _folder.Path);
        _folder.Write("us-east-1/ec2.Other.json", "theirs");
        Assert.Contains("cut off before its end", Assert.Throws<InputException>(() => RecordedScan.Open(folder)).Message, StringComparison.Ordinal);

        var recorder = new ScanRecorder(folder);
        var account = new CollectionAccount(aws);
        var live = await Collected.FromAsync([recorder.Record(account)], Collected.Tables(Vpcs), new() { Regions = ["us-east-1"] });
        recorder.Save(DateTimeOffset.UnixEpoch, [account], live.Result);

        Assert.Single(RecordedScan.Open(folder).Accounts);
        Assert.Equal(["ec2.DescribeRegions.json", "ec2.DescribeVpcs.json", "notes.txt"], Directory.EnumerateFiles(Path.Combine(folder, "111111111111/us-east-1")).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.True(File.Exists(Path.Combine(_folder.Path, "us-east-1/ec2.Other.json")));
    }

    [Fact]
    public void Other_files_are_not_written_over()
    {
        _folder.Write("thesis.txt", "years of work");

        Assert.Throws<InputException>(() => new ScanRecorder(_folder.Path));
        Assert.Throws<InputException>(() => new ScanRecorder(Path.Combine(_folder.Path, "thesis.txt")));
    }

    [Fact]
    public async Task The_sample_account_has_an_answer_to_every_call_of_the_shipped_tables()
    {
        var tables = CatalogLoader.Load([Path.Combine(Tools.Repository, "checks")], BuiltInTables.All).Tables.Values;

        var collected = await Collected.FromAsync(RecordedScan.Open(Path.Combine(Tools.Repository, "samples", "acme")).Accounts, tables);

        Assert.Equal(tables.Select(table => table.Name).Where(name => name != BuiltInTables.Detection).Order(StringComparer.Ordinal), collected.Statuses.Select(status => status.Table).Distinct().Order(StringComparer.Ordinal));
        Assert.NotEmpty(collected.Of("aws_cloudtrail_trail"));
        Assert.DoesNotContain(collected.Statuses, status => status.Reason?.Contains("NotRecorded", StringComparison.Ordinal) == true);
        Assert.DoesNotContain(collected.Statuses, status => status.Reason?.Contains("MalformedReply", StringComparison.Ordinal) == true);
    }

    private static List<string> Sorted(Collected collected) =>
    [
        .. collected.Rows.Select(row => $"{row.Table} {row.Account} {row.Region} {row.Id} {JsonText(row.Item)}")
            .Concat(collected.Statuses.Select(s => $"{s.Table} {s.Account} {s.Region} {s.Outcome} {s.Operation} {s.Reason} {string.Join(',', s.Resources ?? [])}"))
            .Order(StringComparer.Ordinal),
    ];

    private static string JsonText(string json) => ParameterText.Of(JsonNode.Parse(json));
}
