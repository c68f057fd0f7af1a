using System.Text.Json;
using Loopback.Aws;

namespace EndToEnd.Tests;

/// <summary>A scan that cannot come to its end says so once, reports what it knows, and ends with 3 without being asked.</summary>
public sealed class EndedEarlyTests : LoopbackTests
{
    private static readonly string[] Checks = ["scan", "--only", "vpc-flow-logs-*,kms-*,sns-*", "--regions", "eu-west-1,us-east-1", "--report", "json=r.json"];

    [Fact]
    public async Task Credentials_that_expire_in_the_midst_are_one_line_and_nothing_is_asked_after_that()
    {
        Aws.Fault("kms", "*", AwsFault.ExpiredToken);
        Aws.Fault("sns", "*", AwsFault.ExpiredToken);

        var (code, output) = await ScanAsync();

        Assert.Equal(3, code);
        Assert.Single(output.Split('\n'), line => line.StartsWith("! The credentials expired ", StringComparison.Ordinal) && line.Contains("missing", StringComparison.Ordinal));
        Assert.DoesNotContain("denied", output, StringComparison.Ordinal);
        using var report = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(Folder.FullName, "r.json"), TestContext.Current.CancellationToken));
        Assert.All(report.RootElement.GetProperty("findings").EnumerateArray().Where(finding => finding.GetProperty("check").GetString()!.StartsWith("kms-", StringComparison.Ordinal)),
            finding => Assert.Equal("unknown", finding.GetProperty("status").GetString()));
    }

    [Fact]
    public async Task A_timeout_ends_the_asking_and_not_the_report()
    {
        Aws.Fault("kms", "*", AwsFault.Silence);

        var (code, output) = await ScanAsync("--timeout", "12s");

        Assert.Equal(3, code);
        Assert.Contains("! The scan reached its --timeout of 12 s", output, StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(Folder.FullName, "r.json")));
    }

    // What the second one judges is made of what could be read of many services: of none, nothing can be said not to be there.
    [Theory]
    [InlineData("kms-*")]
    [InlineData("s3-log-bucket-retention,kms-*")]
    public async Task A_scan_that_could_read_nothing_ends_with_3_and_never_says_that_no_check_fails(string only)
    {
        Aws.Fault("*", "*", AwsFault.AccessDenied, when: request => request.Service != "sts");

        var (code, output) = await ScannerProgram.RunAsync(Folder.FullName, ["scan", "--only", only, "--regions", "us-east-1"], Environment());

        Assert.Equal(3, code);
        Assert.Contains("Nothing could be assessed", output, StringComparison.Ordinal);
        Assert.DoesNotContain("No check fails", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_timeout_that_is_no_time_is_one_line()
    {
        var (code, _, error) = await ScannerProgram.RunSplitAsync(Folder.FullName, ["scan", "--timeout", "0"], Environment());

        Assert.Equal(2, code);
        Assert.Contains("--timeout", Assert.Single(error.Split('\n', StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
    }

    private Task<(int ExitCode, string Output)> ScanAsync(params string[] more) => ScannerProgram.RunAsync(Folder.FullName, [.. Checks, .. more], Environment());

    private (string, string)[] Environment() => [.. Aws.EnvironmentVariables.Select(pair => (pair.Key, pair.Value))];
}
