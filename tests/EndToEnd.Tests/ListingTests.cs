using System.CommandLine;
using System.Text.Json;
using Loopback;
using Scanner.Commands;
using Scanner.Model;

namespace EndToEnd.Tests;

/// <summary>What the commands print as rows, in the formats that programs read: the same rows in each.</summary>
public sealed class ListingTests
{
    [Fact]
    public void The_list_of_checks_is_the_same_rows_in_every_format()
    {
        using var json = JsonDocument.Parse(Run("checks", "list", "--format", "json"));
        var rows = json.RootElement.EnumerateArray().ToList();
        var lines = Run("checks", "list", "--format", "jsonl").Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var csv = Run("checks", "list", "--format", "csv").Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        var table = Run("checks", "list").Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries);

        Assert.True(rows.Count > 300, $"{rows.Count} rows");
        Assert.Equal((rows.Count, rows.Count + 1, rows.Count + 1), (lines.Length, csv.Length, table.Length));
        Assert.Equal(["posture", "detection", "framework"], rows.Select(row => row.GetProperty("kind").GetString()).Distinct());
        var mfa = rows.Single(row => row.GetProperty("id").GetString() == "iam-root-mfa");
        Assert.Equal(("critical", "iam", JsonValueKind.Array), (mfa.GetProperty("severity").GetString(), mfa.GetProperty("service").GetString(), mfa.GetProperty("controls").ValueKind));
        Assert.StartsWith("id,severity,kind,service,title,controls,mitre,file", csv[0], StringComparison.Ordinal);
        Assert.Contains(csv, line => line.StartsWith("iam-root-mfa,critical,posture,iam,", StringComparison.Ordinal));
        // A line a row, whatever its length: what follows the title are the controls.
        Assert.StartsWith("ID ", table[0], StringComparison.Ordinal);
        var line = Assert.Single(table, row => row.StartsWith("iam-root-mfa ", StringComparison.Ordinal));
        Assert.Contains("cis-aws-7.0/", line, StringComparison.Ordinal);
        Assert.True(table.Max(row => row.Length) > 140);
    }

    [Theory]
    [InlineData("iam-root-mfa", "query", "Query")]
    [InlineData("76e75135-4b28-4f19-8c07-4186557aa659", "rule", "Rule")]
    public void One_check_is_told_to_people_and_to_programs(string known, string source, string heading)
    {
        using var json = JsonDocument.Parse(Run("checks", "show", known, "--format", "json"));
        var csv = Run("checks", "show", known, "--format", "csv");
        var read = Run("checks", "show", known);

        Assert.Equal(known, json.RootElement.GetProperty("id").GetString());
        Assert.NotEmpty(json.RootElement.GetProperty(source).GetString()!);
        Assert.StartsWith($"field,value\r\nid,{known}\r\n", csv, StringComparison.Ordinal);
        Assert.StartsWith(json.RootElement.GetProperty("title").GetString()!, read, StringComparison.Ordinal);
        Assert.Contains($"\n{heading}\n  ", read, StringComparison.Ordinal);
    }

    [Fact]
    public void A_table_is_a_row_a_column()
    {
        var csv = Run("checks", "show", "aws_cloudtrail_trail", "--format", "csv").Split("\r\n", StringSplitOptions.RemoveEmptyEntries);

        Assert.Equal("column,type,about", csv[0]);
        Assert.Contains(csv, line => line.StartsWith("is_logging,bool,", StringComparison.Ordinal));
    }

    [Fact]
    public void The_policy_is_a_document_or_a_row_an_action()
    {
        string[] command = ["policy", "--only", "cloudtrail-logging-now", "--events", "none", "--format"];
        using var policy = JsonDocument.Parse(Run([.. command, "json"]));
        var actions = policy.RootElement.GetProperty("Statement").EnumerateArray().SelectMany(statement => statement.GetProperty("Action").EnumerateArray()).Select(action => action.GetString()!).ToList();
        var csv = Run([.. command, "csv"]).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        var lines = Run([.. command, "jsonl"]).Split('\n', StringSplitOptions.RemoveEmptyEntries);

        Assert.Contains("cloudtrail:GetTrailStatus", actions);
        Assert.Equal("service,action,resources,sid", csv[0]);
        Assert.Equal(actions, csv.Skip(1).Select(line => line.Split(',')[1]));
        Assert.Equal(actions, lines.Select(line => JsonDocument.Parse(line).RootElement.GetProperty("action").GetString()!));
        Assert.Equal(actions.Count + 1, Run([.. command, "table"]).Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.Contains("aws_iam_policy_document", Run([.. command, "terraform"]), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("table, json, jsonl or csv", "checks", "list")]
    [InlineData("table, json, jsonl or csv", "checks", "show", "iam-root-mfa")]
    [InlineData("json, terraform, table, jsonl or csv", "policy")]
    [InlineData("table, json, jsonl or csv", "query", "select 1", "--store", "none.duckdb")]
    public void A_format_of_no_kind_is_named_with_those_that_there_are(string known, params string[] command)
    {
        var error = Assert.Throws<InputException>(() => Run([.. command, "--format", "xml"]));

        Assert.Equal($"--format 'xml' is not known; it is {known}", error.Message);
    }

    private static string Run(params string[] arguments)
    {
        var output = new StringWriter();
        var root = new RootCommand { ChecksCommand.Create(), PolicyCommand.Create(), QueryCommand.Create() };
        var code = root.Parse(arguments).Invoke(new InvocationConfiguration { Output = output, EnableDefaultExceptionHandler = false });
        Assert.Equal(0, code);
        return output.ToString();
    }
}
