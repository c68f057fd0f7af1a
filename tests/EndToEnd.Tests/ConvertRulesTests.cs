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
    public async Task A_rule_is_one_query_of_Logs_Insights()
    {
        var (code, output) = await ScannerProgram.RunAsync(Tools.Repository, ["rules", "convert", Rule, "--to", "logs-insights"]);

        Assert.True(code == 0, output);
        Assert.StartsWith("# ", output, StringComparison.Ordinal);
        Assert.Contains("eventName like /(?is)^(?:", output, StringComparison.Ordinal);
        Assert.Contains("StopLogging", output, StringComparison.Ordinal);
        Assert.Contains("| limit 10000", output, StringComparison.Ordinal);
        Assert.DoesNotContain(';', output);
    }

    [Theory]
    [InlineData("access-denied-burst.yml", "it is a correlation")]
    [InlineData("security-group-opens-ssh-or-rdp.yml", "goes through a list")]
    [InlineData("access-key-created-for-another-user.yml", "it compares two fields")]
    [InlineData("flow-port-scan.yml", "asked for CloudTrail events only")]
    public async Task What_Logs_Insights_cannot_say_is_refused_in_one_line(string file, string reason)
    {
        var (code, output) = await ScannerProgram.RunAsync(Tools.Repository, ["rules", "convert", Path.Combine(Tools.Repository, "checks/detections", file), "--to", "logs-insights"]);

        Assert.Equal(2, code);
        Assert.Contains(reason, Assert.Single(output.Split('\n', StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_policy_for_a_log_group_names_it()
    {
        var (code, output) = await ScannerProgram.RunAsync(Tools.Repository, ["policy", "--only", "cloudtrail-logging-now", "--events", "logs:aws/cloudtrail/managementevents"]);

        Assert.True(code == 0, output);
        Assert.Contains("\"logs:FilterLogEvents\"", output, StringComparison.Ordinal);
        Assert.Contains("\"logs:StopQuery\"", output, StringComparison.Ordinal);
        Assert.Contains("\"arn:*:logs:*:*:log-group:aws/cloudtrail/managementevents:*\"", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("logs:", "names no log group")]
    [InlineData("logs:a b", "names no log group")]
    [InlineData("logs:group?read=all", "it is fetch or insights")]
    [InlineData("logs:arn:aws:logs:eu-west-1:111111111111:log-group:g?region=us-east-1", "leave the option out")]
    public async Task A_log_group_that_is_none_is_one_line(string place, string reason)
    {
        var (code, output) = await ScannerProgram.RunAsync(Tools.Repository, ["policy", "--events", place]);

        Assert.Equal(2, code);
        Assert.Contains(reason, Assert.Single(output.Split('\n', StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unknown_engine_is_one_line()
    {
        var (code, output) = await ScannerProgram.RunAsync(Tools.Repository, ["rules", "convert", Rule, "--to", "splunk"]);

        Assert.Equal(2, code);
        Assert.Contains("it is duckdb, athena, logs-insights or cloudtrail-lake", output, StringComparison.Ordinal);
    }
}
