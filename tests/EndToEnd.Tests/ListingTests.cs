using System.CommandLine;
using System.Text.Json;
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
    [InlineData("json, table, jsonl or csv", "shard", "--accounts", "111122223333")]
    [InlineData("table, json, jsonl or csv", "query", "select 1", "--store", "none.duckdb")]
    public void A_format_of_no_kind_is_named_with_those_that_there_are(string known, params string[] command)
    {
        var error = Assert.Throws<InputException>(() => Run([.. command, "--format", "xml"]));

        Assert.Equal($"--format 'xml' is not known; it is {known}", error.Message);
    }

    [Fact]
    public void The_jobs_of_a_matrix_are_the_same_rows_in_every_format()
    {
        string[] command = ["shard", "--accounts", "111122223333,444455556666,000011112222", "--jobs", "2"];
        using var matrix = JsonDocument.Parse(Run([.. command, "--format", "json"]));
        var jobs = matrix.RootElement.GetProperty("include").EnumerateArray().Select(job => job.GetRawText()).ToList();
        var table = Run([.. command, "--format", "table"]).Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries);

        Assert.Equal(matrix.RootElement.GetRawText(), Run(command).Trim());
        Assert.Equal(jobs, Run([.. command, "--format", "jsonl"]).Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
        Assert.Equal("shard,accounts,number,resources\r\n000,\"000011112222,444455556666\",2,0\r\n001,111122223333,1,0\r\n", Run([.. command, "--format", "csv"]));
        Assert.Equal(3, table.Length);
        Assert.Equal(["001", "111122223333", "1", "0"], table[2].Split(' ', StringSplitOptions.RemoveEmptyEntries));
    }

    [Theory]
    [InlineData("iam-root-mfa", "FIELD", "severity", "critical")]
    [InlineData("aws_cloudtrail_trail", "COLUMN", "is_logging", "bool")]
    public void What_is_shown_is_a_line_a_row_too_where_a_table_is_asked_for(string shown, string head, string name, string value)
    {
        var table = Run("checks", "show", shown, "--format", "table").Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries);

        Assert.StartsWith(head + " ", table[0], StringComparison.Ordinal);
        Assert.Single(table, line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries) is [var first, var second, ..] && first == name && second == value);
    }

    [Theory]
    [InlineData(80, true)]
    [InlineData(200, false)]
    public void Rows_with_more_columns_than_a_terminal_has_room_for_are_blocks_with_a_line_a_column(int width, bool isBlocks)
    {
        var names = Enumerable.Range(0, 10).Select(i => $"column_{i}").ToList();
        var output = new StringWriter();
        var console = Spectre.Console.AnsiConsole.Create(new() { Ansi = Spectre.Console.AnsiSupport.No, Out = new Spectre.Console.AnsiConsoleOutput(output) });
        console.Profile.Width = width;

        Scanner.Terminal.Listing.Draw(console, names, [[.. names.Select((_, i) => $"[red]text {i} of the first row[/]")], [.. names.Select(_ => "b")]]);

        var lines = output.ToString().Split('\n', StringSplitOptions.TrimEntries);
        Assert.Equal(isBlocks, lines.Contains("column_3  [red]text 3 of the first row[/]"));
        Assert.Equal(isBlocks ? 22 : 0, lines.Count(line => line.StartsWith("column_", StringComparison.Ordinal) || line.StartsWith("── ", StringComparison.Ordinal)));
        Assert.All(lines, line => Assert.True(line.Length <= width, line));
    }

    private static string Run(params string[] arguments)
    {
        var output = new StringWriter();
        var root = new RootCommand { ChecksCommand.Create(), PolicyCommand.Create(), QueryCommand.Create(), ShardCommand.Create() };
        var code = root.Parse(arguments).Invoke(new InvocationConfiguration { Output = output, EnableDefaultExceptionHandler = false });
        Assert.Equal(0, code);
        return output.ToString();
    }
}
