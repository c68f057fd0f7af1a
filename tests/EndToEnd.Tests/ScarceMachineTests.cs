using System.Text.Json;
using Loopback;

namespace EndToEnd.Tests;

/// <summary>A machine that is short of something, and input that no reader takes: one line, the documented exit code, and what could be kept is kept.</summary>
public sealed class ScarceMachineTests : IDisposable
{
    private static readonly string Acme = Path.Combine(Tools.Repository, "samples/acme");

    /// <summary>A sign-in of root whose texts, and one member's name, hold halves of surrogate pairs.</summary>
    private const string HalfPairs = """
        {"Records":[{"eventVersion":"1.08","userIdentity":{"type":"Root","arn":"arn:aws:iam::111122223333:root\ud800","accountId":"111122223333"},
        "eventTime":"2026-01-01T00:00:00Z","eventSource":"signin.amazonaws.com","eventName":"ConsoleLogin","awsRegion":"us-east-1","sourceIPAddress":"192.0.2.4\udbff",
        "userAgent":"a\ud800","eventID":"e\udc00","responseElements":{"ConsoleLogin":"Success"},"additionalEventData":{"MFAUsed":"No","k\ud801":"x\\ud800"},
        "eventType":"AwsConsoleSignIn","recipientAccountId":"111122223333"}]}
        """;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("scarce");

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData("scan --from $ACME --only iam-root-mfa --report json=r.json", "> /dev/full", "No space left")]
    [InlineData("scan --from $ACME --only iam-root-mfa --report json=r.json", ">&-", "")]
    [InlineData("--version", "> /dev/full", "No space left")]
    [InlineData("detect e.json", "> /dev/full", "No space left")]
    public async Task Standard_output_that_takes_nothing_is_said_and_the_work_is_done(string command, string output, string reason)
    {
        await WriteAsync("e.json", HalfPairs);

        var (code, error) = await ShellAsync($"{command} {output}");

        Assert.Equal(2, code);
        // What was read is said besides.
        var line = Assert.Single(error.Split('\n', StringSplitOptions.RemoveEmptyEntries), text => !text.StartsWith("Read 1 CloudTrail event in 1 file.", StringComparison.Ordinal));
        Assert.StartsWith("scanner: standard output could not be written: ", line, StringComparison.Ordinal);
        Assert.Contains(reason, line, StringComparison.Ordinal);
        if (command.Contains("r.json", StringComparison.Ordinal))
        {
            using var report = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(_folder.FullName, "r.json"), TestContext.Current.CancellationToken));
            Assert.NotEqual(0, report.RootElement.GetProperty("findings").GetArrayLength());
        }
    }

    [Theory]
    [InlineData("ulimit -n 64")]
    [InlineData("ulimit -v 2000000")]
    public async Task Too_few_open_files_or_too_little_memory_is_one_line_where_it_cannot_be_worked_with(string limit)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "other systems have other limits");

        var (code, error) = await ShellAsync("scan --from $ACME --only iam-root-mfa --report json=r.json > out", limit + "; ");

        Assert.True(code is 0 or 2, error);
        Assert.Equal(code == 0 ? 0 : 1, error.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
        Assert.Equal(code == 0, File.Exists(Path.Combine(_folder.FullName, "r.json")));
    }

    [Fact]
    public async Task Half_surrogate_pairs_in_an_event_stop_neither_the_scan_nor_a_report()
    {
        await WriteAsync("e.json", HalfPairs);
        string[] formats = ["json", "markdown", "html", "sarif", "asff", "ocsf", "csv", "junit", "navigator"];

        var (code, error) = await ShellAsync($"scan --from $ACME --events e.json --only 76e75135-4b28-4f19-8c07-4186557aa659 --store s.duckdb {string.Join(' ', formats.Select(format => $"--report {format}=r.{format}"))} > out");

        Assert.True(code == 0, error);
        Assert.All(formats, format => Assert.True(File.Exists(Path.Combine(_folder.FullName, "r." + format)), format));
        using var report = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(_folder.FullName, "r.json"), TestContext.Current.CancellationToken));
        var finding = Assert.Single(report.RootElement.GetProperty("findings").EnumerateArray(), one => one.GetProperty("status").GetString() == "fail");
        Assert.Contains("root\ufffd called ConsoleLogin", finding.GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("scan --from $ACME --checks mine --report json=r.json")]
    [InlineData("checks test mine")]
    [InlineData("detect e.json --rules mine")]
    [InlineData("rules convert mine --to athena")]
    public async Task A_pipe_among_the_rules_is_refused_and_not_waited_for(string command)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "made with mkfifo");
        await WriteAsync("e.json", HalfPairs);

        var (code, error) = await ShellAsync(command + " > out", "mkdir mine; mkfifo mine/rule.yml; ");

        Assert.Equal(2, code);
        Assert.Contains("mine/rule.yml: is a pipe or device", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_pipe_in_a_folder_of_logs_is_not_read_and_said_and_one_that_is_named_is_read()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "made with mkfifo");
        await WriteAsync("e.json", HalfPairs);

        var (code, error) = await ShellAsync("detect logs > out", "mkdir logs; mkfifo logs/a.json; ");
        var (named, _) = await ShellAsync("detect <(cat e.json) > out");

        Assert.Equal(3, code);
        Assert.Contains("logs/a.json: cannot be read: it is a pipe or device", error, StringComparison.Ordinal);
        Assert.Equal(0, named);
        Assert.Contains("\"rule\"", await File.ReadAllTextAsync(Path.Combine(_folder.FullName, "out"), TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    private Task WriteAsync(string name, string text) =>
        File.WriteAllTextAsync(Path.Combine(_folder.FullName, name), text, TestContext.Current.CancellationToken);

    private async Task<(int Code, string Error)> ShellAsync(string command, string before = "")
    {
        var environment = new Dictionary<string, string?>(StringComparer.Ordinal) { ["ACME"] = Acme, ["GITHUB_ACTIONS"] = null, ["AWS_EC2_METADATA_DISABLED"] = "true" };
        var (code, _, error) = await Tools.RunSplitAsync("bash", ["-c", $"{before}dotnet '{ScannerProgram.Program}' {command}"], _folder.FullName, environment, TestContext.Current.CancellationToken);
        return (code, error);
    }
}
