using System.Text.Json;
using System.Text.Json.Nodes;
using Loopback;

namespace EndToEnd.Tests;

/// <summary>Proof that logs arrive, and what is said without it.</summary>
public sealed class EvidenceTests : IDisposable
{
    private static readonly string Sample = Path.Combine(Tools.Repository, "samples/acme");

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("evidence");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task The_sample_account_names_the_database_the_API_and_the_load_balancer_whose_logs_go_nowhere()
    {
        var findings = await ScanAsync(Sample, "--only", "*-logs-arriving,*-access-logs");

        Assert.Contains(findings, finding => finding is ("elbv2-access-logs-arriving", "fail", "Load balancer shop-eu had 5120 requests, but put nothing into bucket acme-elb-logs since 2026-11-20 00:30 UTC"));
        Assert.Contains(findings, finding => finding is ("apigateway-rest-access-logs-arriving", "fail", _) && finding.Message.Contains("300 requests", StringComparison.Ordinal));
        Assert.Contains(findings, finding => finding is ("rds-instance-logs-arriving", "fail", _));
        Assert.Contains(findings, finding => finding is ("apigateway-rest-access-logs", "fail", _) && finding.Message.EndsWith("log group apigw-beta does not exist, and nothing arrives", StringComparison.Ordinal));
        Assert.Contains(findings, finding => finding is ("elbv2-access-logs", "fail", _) && finding.Message.Contains("is in us-east-1 and takes only what is logged there", StringComparison.Ordinal));
        Assert.Contains(findings, finding => finding is ("cloudfront-access-logs", "unknown", _));
        Assert.Contains(findings, finding => finding is ("vpc-flow-logs-arriving", "pass", _) && finding.Message.EndsWith("2026-11-20 06:21 UTC, 9 minutes before the scan", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("recording")]
    [InlineData("role")]
    public async Task A_recording_or_a_role_without_the_calls_of_evidence_gives_every_switch_its_verdict_and_unknown_to_the_evidence_alone(string without)
    {
        foreach (var file in Directory.EnumerateFiles(Sample, "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(_folder.FullName, "old", Path.GetRelativePath(Sample, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            if (!OnlyForEvidence.TryGetValue(Path.GetFileNameWithoutExtension(file), out var action))
                File.Copy(file, copy);
            else if (without == "role")
                await File.WriteAllTextAsync(copy, Refused(await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken), action), TestContext.Current.CancellationToken);
        }

        var with = await ScanAsync(Sample, "--only", "*");
        var after = await ScanAsync(Path.Combine(_folder.FullName, "old"), "--only", "*");

        // The retention of log buckets is asked with the rights of evidence too.
        static bool IsEvidence((string Check, string Status, string Message) finding) => finding.Check.EndsWith("-arriving", StringComparison.Ordinal) || finding.Check == "s3-log-bucket-retention";
        Assert.Equal(with.Where(finding => !IsEvidence(finding)).Order(), after.Where(finding => !IsEvidence(finding)).Order());
        Assert.DoesNotContain(after, finding => IsEvidence(finding) && finding.Status is "pass" or "fail" && IsEvidence(finding));
        Assert.Contains(after, finding => IsEvidence(finding) && finding.Status == "unknown");
        using var report = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(_folder.FullName, "r.json"), TestContext.Current.CancellationToken));
        // A report in which nothing is to be said ahead has no notices.
        var notices = report.RootElement.GetProperty("scan").TryGetProperty("notices", out var said) ? said.EnumerateArray().ToList() : [];
        var lines = notices.Select(notice => notice.GetString()!).Where(notice => notice.StartsWith("Whether logs arrive could not be seen everywhere", StringComparison.Ordinal)).ToList();
        if (without == "role")
            Assert.Contains("checks would show which sources are silent", Assert.Single(lines), StringComparison.Ordinal);
        var shown = with.Count(finding => finding.Check.EndsWith("-arriving", StringComparison.Ordinal) && finding.Status is "pass" or "fail");
        TestContext.Current.TestOutputHelper?.WriteLine($"{after.Count(finding => !IsEvidence(finding))} findings of switches alike; {shown} proofs, {after.Count(finding => IsEvidence(finding) && finding.Status == "unknown")} unknown without; {lines.FirstOrDefault()}");
    }

    [Fact]
    public async Task What_only_evidence_asks_is_what_the_policy_keeps_apart()
    {
        var (code, output) = await ScannerProgram.RunAsync(_folder.FullName, ["policy", "--evidence-buckets", "logs"]);

        Assert.True(code == 0, output);
        using var policy = JsonDocument.Parse(output[output.IndexOf('{', StringComparison.Ordinal)..]);
        var apart = policy.RootElement.GetProperty("Statement").EnumerateArray().Where(statement => statement.GetProperty("Sid").GetString()!.StartsWith("Evidence", StringComparison.Ordinal))
            .SelectMany(statement => statement.GetProperty("Action") is { ValueKind: JsonValueKind.Array } actions ? actions.EnumerateArray().Select(action => action.GetString()!) : [statement.GetProperty("Action").GetString()!]);
        Assert.Equal(OnlyForEvidence.Values.Order(StringComparer.Ordinal), apart.Order(StringComparer.Ordinal));
    }

    // Files of a recording, and the action that each needs.
    private static readonly Dictionary<string, string> OnlyForEvidence = new(StringComparer.Ordinal)
    {
        ["s3.ListObjectsV2"] = "s3:ListBucket",
        ["s3.GetBucketOwnershipControls"] = "s3:GetBucketOwnershipControls",
        ["s3.GetObjectLockConfiguration"] = "s3:GetBucketObjectLockConfiguration",
        ["s3.GetBucketRequestPayment"] = "s3:GetBucketRequestPayment",
        ["s3.GetBucketLifecycleConfiguration"] = "s3:GetLifecycleConfiguration",
        ["cloudwatch.GetMetricData"] = "cloudwatch:GetMetricData",
        ["cloudwatch.ListMetrics"] = "cloudwatch:ListMetrics",
    };

    private static string Refused(string calls, string action) =>
        new JsonArray([.. JsonNode.Parse(calls)!.AsArray().Select(call => new JsonObject
        {
            ["parameters"] = call!["parameters"]!.DeepClone(),
            ["error"] = new JsonObject { ["code"] = "AccessDenied", ["message"] = $"not authorized to perform: {action}", ["status"] = 403 },
        })]).ToJsonString();

    [Fact]
    public async Task A_report_says_when_a_source_was_last_seen_and_where_detections_are_deaf_because_it_is_silent()
    {
        await ScanAsync(Sample, "--only", "*-arriving");

        using var json = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(_folder.FullName, "r.json"), TestContext.Current.CancellationToken));
        var trail = json.RootElement.GetProperty("evidence").EnumerateArray().First(cell => cell.GetProperty("check").GetString() == "cloudtrail-logs-arriving" && cell.GetProperty("region").GetString() == "us-east-1");
        Assert.Equal("2026-11-20T06:20:00Z", trail.GetProperty("last_seen").GetString());
        var notice = Assert.Single(json.RootElement.GetProperty("scan").GetProperty("notices").EnumerateArray().Select(one => one.GetString()!), one => one.Contains("may be blind", StringComparison.Ordinal));
        Assert.StartsWith("Detections over VPC flow logs may be blind: a source is silent, such as in acme-prod (111122223333), eu-west-1: Flow log fl-08e638d22826614d9", notice, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("NoSuchBucket", 404, "fail", "fail")]
    [InlineData("AccessDenied", 403, "unknown", "unknown")]
    public async Task A_bucket_of_no_account_of_the_scan_is_gone_where_S3_says_so_and_somebody_elses_where_it_does_not(string code, int status, string onSwitch, string onEvidence)
    {
        var copy = Path.Combine(_folder.FullName, "copy");
        foreach (var file in Directory.EnumerateFiles(Sample, "*", SearchOption.AllDirectories))
        {
            var to = Path.Combine(copy, Path.GetRelativePath(Sample, file));
            Directory.CreateDirectory(Path.GetDirectoryName(to)!);
            File.Copy(file, to);
        }
        var answers = Path.Combine(copy, "111122223333/us-east-1/s3.GetBucketLogging.json");
        var calls = JsonNode.Parse(await File.ReadAllTextAsync(answers, TestContext.Current.CancellationToken))!.AsArray();
        calls.Add(JsonNode.Parse($$$"""{"parameters": {"Bucket": "acme-edge-logs"}, "error": {"code": "{{{code}}}", "message": "m", "status": {{{status}}} }}"""));
        await File.WriteAllTextAsync(answers, calls.ToJsonString(), TestContext.Current.CancellationToken);

        string[] asked = ["--only", "cloudfront-access-logs,cloudfront-access-logs-arriving"];
        var findings = await ScanAsync(copy, asked);

        Assert.Equal(onSwitch, Assert.Single(findings, finding => finding.Check == "cloudfront-access-logs" && finding.Message.Contains("acme-edge-logs", StringComparison.Ordinal)).Status);
        Assert.Equal(onEvidence, Assert.Single(findings, finding => finding.Check == "cloudfront-access-logs-arriving" && finding.Message.Contains("acme-edge-logs", StringComparison.Ordinal)).Status);
        // With evidence off nobody is asked, and the switch has the verdict that it always had.
        Assert.Equal("unknown", Assert.Single(await ScanAsync(copy, [.. asked, "--evidence", "off"]), finding => finding.Check == "cloudfront-access-logs" && finding.Message.Contains("acme-edge-logs", StringComparison.Ordinal)).Status);
    }

    [Theory]
    [InlineData("r.json")]
    [InlineData("r.duckdb")]
    public async Task A_baseline_hands_on_the_days_on_which_logs_were_seen_to_arrive(string kept)
    {
        string[] only = ["scan", "--from", Sample, "--only", "vpc-flow-logs-arriving", "--report", "json=r.json"];
        await ScannerProgram.RunAsync(_folder.FullName, [.. only, "--store", "first.duckdb"]);
        // That scan was of three days ago.
        var report = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(_folder.FullName, "r.json"), TestContext.Current.CancellationToken))!;
        report["scan"]!["time"] = "2026-11-17T06:30:00Z";
        foreach (var days in report["history"]!["evidence"]!.AsArray())
            days!["last_day"] = "2026-11-17";
        await File.WriteAllTextAsync(Path.Combine(_folder.FullName, "earlier.json"), report.ToJsonString(), TestContext.Current.CancellationToken);
        await ScannerProgram.RunAsync(_folder.FullName, [.. only, "--baseline", "earlier.json", "--store", "r.duckdb"]);

        var (code, output) = await ScannerProgram.RunAsync(_folder.FullName, [.. only, "--baseline", kept, "--report", "markdown=r.md"]);

        Assert.True(code is 0 or 1, output);
        using var json = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(_folder.FullName, "r.json"), TestContext.Current.CancellationToken));
        var sources = json.RootElement.GetProperty("history").GetProperty("evidence").EnumerateArray().ToDictionary(one => one.GetProperty("resource").GetString()!, one => one.GetProperty("days").GetString());
        Assert.Equal(("a--a", "s--s"), (sources["fl-0fd02b0b50401acc9"], sources["fl-08e638d22826614d9"]));
        Assert.Contains("50 % (2 of 4 days) | no scan looked 2026-11-18 to 2026-11-19 |", await File.ReadAllTextAsync(Path.Combine(_folder.FullName, "r.md"), TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Evidence_off_leaves_its_checks_out_and_another_word_is_refused()
    {
        var off = await ScanAsync(Sample, "--evidence", "off", "--only", "*-arriving,vpc-flow-logs-active");
        Assert.NotEmpty(off);
        var (code, error) = await ScannerProgram.RunAsync(_folder.FullName, ["scan", "--from", Sample, "--evidence", "maybe"]);

        Assert.DoesNotContain(off, finding => finding.Check.EndsWith("-arriving", StringComparison.Ordinal));
        Assert.Equal(2, code);
        Assert.Contains("it is on or off", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("query: delete from aws_s3_bucket", "SELECT")]
    [InlineData("query: select account_id, region from aws_kms_key", "which 'tables' does not name")]
    [InlineData("query: select account_id, name from aws_s3_bucket", "returns no region")]
    public async Task A_from_that_is_no_select_or_reads_what_it_does_not_declare_ends_with_file_line_and_2(string query, string message)
    {
        var checks = _folder.CreateSubdirectory("mine");
        await File.WriteAllTextAsync(Path.Combine(checks.FullName, "t.yml"), $$$"""
            table: my_thing
            title: t
            service: s3
            scope: account
            from:
              tables: [aws_s3_bucket]
              {{{query}}}
            each: [{as: X, operation: GetBucketAcl, parameters: {Bucket: "{name}"}}]
            id: name
            columns: {name: name}
            """, TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(Path.Combine(checks.FullName, "c.yml"), """
            id: my-check
            title: t
            fails: It is not so
            severity: low
            tables: [my_thing]
            query: select account_id, region, resource_id, 'pass' as status, 'x' as message from my_thing
            """, TestContext.Current.CancellationToken);

        foreach (var command in new[] { ["scan", "--from", Sample, "--checks", checks.FullName, "--only", "my-check"], new[] { "checks", "test", checks.FullName }, ["policy", "--checks", checks.FullName] })
        {
            var (code, output) = await ScannerProgram.RunAsync(_folder.FullName, command);

            Assert.True(code == 2, $"{command[0]}: {output}");
            var error = Assert.Single(output.Split('\n'), line => line.StartsWith("scanner: ", StringComparison.Ordinal));
            Assert.Contains("t.yml:7: ", error, StringComparison.Ordinal);
            Assert.Contains(message, error, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain("   at ", output, StringComparison.Ordinal);
        }
    }

    private async Task<IReadOnlyList<(string Check, string Status, string Message)>> ScanAsync(string account, params string[] more)
    {
        var (code, output) = await ScannerProgram.RunAsync(_folder.FullName, ["scan", "--from", account, "--report", "json=r.json", .. more.Contains("--only") ? more : ["--only", "*log*,*deliver*,s3-*", .. more]]);
        Assert.True(code == 0, output);
        using var json = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(_folder.FullName, "r.json"), TestContext.Current.CancellationToken));
        return [.. json.RootElement.GetProperty("findings").EnumerateArray().Select(finding => (finding.GetProperty("check").GetString()!, finding.GetProperty("status").GetString()!, finding.GetProperty("message").GetString()!))];
    }
}
