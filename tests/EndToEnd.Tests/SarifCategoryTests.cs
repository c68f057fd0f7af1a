using System.CommandLine;
using System.Text.Json;
using System.Text.RegularExpressions;
using Loopback;
using Scanner.Commands;
using Scanner.Model;
using Scanner.Publish.Reports;
using Scanner.Scan;

namespace EndToEnd.Tests;

/// <summary>The categories that the documentation names are those that the program writes.</summary>
public sealed partial class SarifCategoryTests
{
    private const string Own = "111122223333";

    [Fact]
    public async Task Each_scan_of_the_table_has_the_categories_that_stand_beside_it()
    {
        var rows = Row().Matches(await File.ReadAllTextAsync(Path.Combine(Tools.Repository, "docs/reports.md"), TestContext.Current.CancellationToken));
        Assert.Equal(11, rows.Count);
        foreach (Match row in rows)
        {
            var command = row.Groups["scan"].Value;
            Assert.Equal((command, row.Groups["categories"].Value), (command, string.Join(", ", (await Categories(command.Split(' '))).Select(category => $"`{category}`"))));
        }
    }

    private static async Task<IReadOnlyList<string>> Categories(string[] arguments)
    {
        ScanOptions? options = null;
        var root = new RootCommand
        {
            ScanCommand.Create((read, _) =>
            {
                options = read;
                return Task.FromResult(0);
            }),
        };
        Assert.Equal(0, await root.Parse(arguments).InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false }, TestContext.Current.CancellationToken));
        var report = new ScanReport
        {
            Scan = new ScanSummary
            {
                Time = DateTimeOffset.UnixEpoch,
                Source = "aws",
                Accounts = options!.Accounts.Count > 0 ? options.Accounts : [Own],
                Regions = ["us-east-1"],
                Scope = options.ScopeOf(options.From is null && !options.Organization ? Own : null),
                AccountsNamed = options.Accounts.Count > 0,
            },
            Rules = new Dictionary<string, RuleInfo>(),
            Findings = [],
            Collection = [],
        };
        var file = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        try
        {
            await ReportWriter.WriteAsync(report, "sarif", file, TestContext.Current.CancellationToken);
            using var sarif = JsonDocument.Parse(await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken));
            return [.. sarif.RootElement.GetProperty("runs").EnumerateArray().Select(run => run.GetProperty("automationDetails").GetProperty("id").GetString()!)];
        }
        finally
        {
            File.Delete(file);
        }
    }

    [GeneratedRegex(@"^\| `(?<scan>scan[^`]*)` \| (?<categories>`.*`) \|$", RegexOptions.Multiline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Row();
}
