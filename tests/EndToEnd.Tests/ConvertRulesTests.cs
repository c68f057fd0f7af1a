using Loopback;

namespace EndToEnd.Tests;

/// <summary><c>scanner rules convert</c> as a user runs it.</summary>
public sealed class ConvertRulesTests
{
    private static readonly string Rule = Path.Combine(Tools.Repository, "checks/detections/cloudtrail-stopped-or-deleted.yml");

    [Theory]
    [InlineData("duckdb", "events")]
    [InlineData("athena", "cloudtrail_logs")]
    [InlineData("cloudtrail-lake", "event_data_store_id")]
    public async Task A_rule_is_one_select_on_the_engines_table(string engine, string table)
    {
        var (code, output) = await ScannerProgram.RunAsync(Tools.Repository, ["rules", "convert", Rule, "--to", engine]);

        Assert.True(code == 0, output);
        Assert.StartsWith("-- ", output, StringComparison.Ordinal);
        Assert.Contains("StopLogging", output, StringComparison.OrdinalIgnoreCase);
        Assert.Contains(table, output, StringComparison.Ordinal);
        Assert.Equal(1, output.Count(c => c == ';'));
    }

    [Fact]
    public async Task An_unknown_engine_is_one_line()
    {
        var (code, output) = await ScannerProgram.RunAsync(Tools.Repository, ["rules", "convert", Rule, "--to", "splunk"]);

        Assert.Equal(2, code);
        Assert.Contains("it is duckdb, athena or cloudtrail-lake", output, StringComparison.Ordinal);
    }
}
