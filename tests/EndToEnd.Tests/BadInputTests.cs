using Loopback;

namespace EndToEnd.Tests;

/// <summary>One clear line, exit code 2, no stack trace, nothing written.</summary>
public sealed class BadInputTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("bad");

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData("'--regoins' is not known; did you mean '--regions'?", "scan", "--regoins", "x")]
    [InlineData("'scna' is not known; did you mean 'scan'?", "scna")]
    [InlineData("no such folder", "scan", "--from", "missing")]
    [InlineData("is not a severity", "scan", "--fail-on", "awful")]
    [InlineData("must be FORMAT=PATH", "scan", "--report", "report.json")]
    [InlineData("is not an account id", "scan", "--accounts", "12")]
    [InlineData("is not a span of time", "scan", "--since", "yesterday")]
    [InlineData("--organization needs --role-name", "scan", "--organization")]
    [InlineData("No AWS credentials found", "scan", "--regions", "us-east-1")]
    [InlineData("there is no such file or folder of event logs", "detect", "missing.json")]
    [InlineData("no such folder of checks", "checks", "test", "missing")]
    [InlineData("there is no check, detection or table", "checks", "show", "iam-root-mfaa")]
    [InlineData("--timeout '0' is not a span of time", "scan", "--timeout", "0")]
    [InlineData("there is no framework", "scan", "--framework", "cis-aws-99")]
    public async Task Is_one_line_and_exit_code_2(string message, params string[] arguments)
    {
        var (code, output) = await ScannerProgram.RunAsync(_folder.FullName, arguments);

        Assert.True(code == 2, output);
        var line = Assert.Single(output.Split('\n'), text => text.StartsWith("scanner: ", StringComparison.Ordinal));
        Assert.Contains(message, line, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", output, StringComparison.Ordinal);
        Assert.Empty(_folder.EnumerateFileSystemInfos());
    }

    [Fact]
    public async Task A_broken_check_file_is_named_with_its_line()
    {
        var checks = _folder.CreateSubdirectory("mine").FullName;
        await File.WriteAllTextAsync(Path.Combine(checks, "a.yml"), "id: a\ntitle: A\nseverity: high\ntables: [aws_vpc]\nquery: select nothing from aws_vpc\n", TestContext.Current.CancellationToken);

        var (code, output) = await ScannerProgram.RunAsync(_folder.FullName, ["scan", "--from", Path.Combine(Tools.Repository, "samples/acme"), "--checks", checks]);

        Assert.Equal(2, code);
        Assert.Contains("mine/a.yml:5: ", output, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(_folder.FullName, "scanner-report")));
    }

    [Theory]
    [InlineData("checks", "test", "mine")]
    [InlineData("policy", "--checks", "mine")]
    [InlineData("scan", "--checks", "mine", "--regions", "us-east-1")]
    public async Task A_table_that_names_an_operation_which_does_not_exist_is_refused_before_anything_is_asked(params string[] arguments)
    {
        var checks = _folder.CreateSubdirectory("mine").FullName;
        await File.WriteAllTextAsync(Path.Combine(checks, "t.yml"), """
            table: my_imports
            title: Imports
            service: cloudtrail
            scope: region
            list: {operation: ListImportz, items: Imports}
            id: ImportId
            columns: {id: ImportId}
            """, TestContext.Current.CancellationToken);

        var (code, output) = await ScannerProgram.RunAsync(_folder.FullName, arguments);

        Assert.Equal(2, code);
        Assert.Contains("scanner: mine/t.yml:5: cloudtrail has no operation 'ListImportz' that reads; did you mean 'ListImports'?", output, StringComparison.Ordinal);
        Assert.DoesNotContain("\"Action\"", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refused_token_is_found_before_the_scan()
    {
        var (code, output) = await ScannerProgram.RunAsync(_folder.FullName, ["scan", "--only", "iam-root-mfa", "--from", Path.Combine(Tools.Repository, "samples/acme"), "--publish", "issues"]);

        Assert.Equal(2, code);
        Assert.Contains("GITHUB_TOKEN is not set", output, StringComparison.Ordinal);
        Assert.DoesNotContain("Collecting", output, StringComparison.Ordinal);
    }
}
