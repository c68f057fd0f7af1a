using System.IO.Compression;
using System.Text.Json;
using Scanner.Model;
using Scanner.Publish.Reports;

namespace Publish.Tests.Reports;

/// <summary>Reports in several files: by account behind an index, in parts, and packed.</summary>
public sealed class ReportFilesTests : IDisposable
{
    private const string Other = "222222222222";

    private readonly string _folder = Directory.CreateTempSubdirectory("scanner-report-files-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_file_an_account_behind_an_index_says_together_what_one_says()
    {
        var report = TwoAccounts();

        await WriteAsync(report, "csv", "all.csv");
        await WriteAsync(report, "csv", "by/{account}.csv");

        Assert.Equal(["111111111111.csv", "222222222222.csv", "index.json"], Names("by"));
        Assert.Equal(Lines("all.csv").Order(StringComparer.Ordinal), [.. Lines("by/111111111111.csv").Concat(Lines("by/222222222222.csv").Skip(1)).Order(StringComparer.Ordinal)]);
        using var index = JsonDocument.Parse(await File.ReadAllTextAsync(PathOf("by/index.json"), TestContext.Current.CancellationToken));
        var accounts = index.RootElement.GetProperty("accounts").EnumerateArray().ToList();
        Assert.Equal(report.Findings.Count(finding => finding.Status == FindingStatus.Fail), accounts.Sum(account => account.GetProperty("counts").GetProperty("fail").GetInt32()));
        Assert.All(accounts, account => Assert.Equal($"{account.GetProperty("account").GetString()}.csv", account.GetProperty("files")[0].GetString()));
    }

    [Fact]
    public async Task The_index_of_pages_stands_above_the_folders_and_leads_to_them()
    {
        await WriteAsync(TwoAccounts(), "html", "pages/{account}/report.html");

        Assert.Equal(["111111111111", "222222222222", "index.html"], Names("pages"));
        var index = await File.ReadAllTextAsync(PathOf("pages/index.html"), TestContext.Current.CancellationToken);
        Assert.Contains("<a href=\"222222222222/report.html\">222222222222</a>", index, StringComparison.Ordinal);
        Assert.Contains("<title>Scanner: 2 accounts</title>", index, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Parts_hold_every_finding_once_and_those_of_a_longer_report_are_gone()
    {
        var many = SampleReport.Report([.. Enumerable.Range(0, (ReportFiles.FindingsInPart * 2) + 1).Select(i => SampleReport.TrailFails() with { Resource = $"trail-{i}" })]);

        await WriteAsync(many, "ocsf", "o-{n}.jsonl.gz");

        Assert.Equal(["o-001.jsonl.gz", "o-002.jsonl.gz", "o-003.jsonl.gz"], Names(""));
        Assert.Equal([ReportFiles.FindingsInPart, ReportFiles.FindingsInPart, 1], Names("").Select(name => Unpacked(name).Split('\n', StringSplitOptions.RemoveEmptyEntries).Length));
        Assert.Contains("trail-0", Unpacked("o-001.jsonl.gz"), StringComparison.Ordinal);

        await WriteAsync(TwoAccounts(), "ocsf", "o-{n}.jsonl.gz");

        Assert.Equal(["o-001.jsonl.gz"], Names(""));
    }

    [Theory]
    [InlineData("json")]
    [InlineData("asff")]
    [InlineData("sarif")]
    public async Task What_is_packed_is_the_report(string format)
    {
        await WriteAsync(TwoAccounts(), format, "plain");
        await WriteAsync(TwoAccounts(), format, "packed.gz");

        Assert.Equal(await File.ReadAllTextAsync(PathOf("plain"), TestContext.Current.CancellationToken), Unpacked("packed.gz"));
    }

    [Theory]
    [InlineData("sarif", "{account}.sarif", "sarif is not written by account; ocsf, asff, csv, markdown, json, html, junit are")]
    [InlineData("html", "r-{n}.html", "html is not written in parts; ocsf, asff, csv are")]
    [InlineData("csv", "{acount}.csv", "in braces only {account} and {n} mean something")]
    [InlineData("html", "{account}/../index.html", "this name is the index's")]
    public void Paths_that_mean_nothing_are_refused_before_the_scan(string format, string path, string expected)
    {
        var error = Assert.Throws<InputException>(() => ReportWriter.Validate(format, path));

        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.StartsWith($"--report {format}={path}: ", error.Message, StringComparison.Ordinal);
    }

    private static ScanReport TwoAccounts()
    {
        var one = SampleReport.Whole();
        return one with
        {
            Scan = one.Scan with { Accounts = [SampleReport.Account, Other] },
            Findings = FindingOrder.Sorted([.. one.Findings, .. one.Findings.Where(finding => finding.Kind == FindingKind.Posture).Select(finding => finding with { Account = Other })]),
        };
    }

    private Task WriteAsync(ScanReport report, string format, string path)
    {
        ReportWriter.Validate(format, PathOf(path));
        return ReportWriter.WriteAsync(report, format, PathOf(path), TestContext.Current.CancellationToken);
    }

    private string PathOf(string name) => Path.Combine(_folder, name);

    private List<string> Names(string below) => [.. Directory.EnumerateFileSystemEntries(PathOf(below)).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];

    private string[] Lines(string name) => File.ReadAllText(PathOf(name)).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);

    private string Unpacked(string name)
    {
        using var reader = new StreamReader(new GZipStream(File.OpenRead(PathOf(name)), CompressionMode.Decompress));
        return reader.ReadToEnd();
    }
}
