using System.CommandLine;
using Scanner.Detect.Sql;
using Scanner.Model;
using Scanner.Terminal;

namespace Scanner.Commands;

/// <summary><c>scanner rules</c>: Sigma rules as queries, for logs that outgrow one machine.</summary>
internal static class RulesCommand
{
    public static Command Create()
    {
        var command = new Command("rules", "Turn Sigma rules into queries for DuckDB, Athena, CloudWatch Logs Insights or CloudTrail Lake.") { Convert() };
        return command;
    }

    private static Command Convert()
    {
        var paths = new Argument<string[]>("PATH") { Arity = ArgumentArity.OneOrMore, Description = "Rule files or folders." };
        var to = new Option<string>("--to") { HelpName = "ENGINE", Description = "duckdb, athena, logs-insights, or cloudtrail-lake (closed to new customers since 31 May 2026).", Required = true };
        var table = new Option<string>("--table") { HelpName = "NAME", Description = "Table to ask, or id of the event data store. Default: events, cloudtrail_logs, event_data_store_id." };
        var command = new Command("convert", """
            Print each rule as one SELECT that ends with a semicolon, or as one query of Logs Insights. What the engine cannot do with the same meaning is one line on
            standard error; the other rules are printed, and the exit code is 2.

            scanner rules convert checks/detections --to athena --table security.cloudtrail_logs
            """)
        {
            paths, to, table,
        };
        command.SetAction(parsed => Run(parsed.GetValue(paths) ?? [], ScanCommand.Text(parsed, to) ?? "", ScanCommand.Text(parsed, table)));
        return command;
    }

    private static int Run(string[] paths, string engine, string? table)
    {
        var dialect = engine switch
        {
            "duckdb" => SqlDialect.DuckDb,
            "athena" => SqlDialect.Athena,
            "cloudtrail-lake" => SqlDialect.CloudTrailLake,
            "logs-insights" => SqlDialect.LogsInsights,
            _ => throw new InputException($"--to '{SafeText.Line(engine)}' is not known; it is duckdb, athena, logs-insights or cloudtrail-lake"),
        };
        // Logs Insights has its own mark of a comment, and a query to itself.
        var (remark, end) = dialect == SqlDialect.LogsInsights ? ("#", "") : ("--", ";");
        if (dialect == SqlDialect.LogsInsights && table is not null)
            throw new InputException("--table is not for logs-insights: the log group is chosen where the query runs");
        var rules = DetectCommand.Load(paths);
        var refused = rules.Errors.Count;
        foreach (var error in rules.Errors)
            Consoles.Complain(error.Message);
        foreach (var rule in rules.Rules.Where(rule => rule.Reports))
        {
            try
            {
                var converted = RuleConverter.Convert(rule, dialect, table);
                if (RuleConverter.WhyTooLong(dialect, converted.Sql) is { } why)
                    throw new InputException(rule.File, rule.Line, $"'{rule.Title}' cannot be converted to {dialect}: {why}");
                Console.Out.WriteLine($"{remark} {SafeText.Line(rule.Title)} ({SafeText.Line(rule.Id)})");
                foreach (var note in converted.Notes)
                    Console.Out.WriteLine($"{remark} {(note.MayMiss ? "may miss matches: " : "")}{SafeText.Line(note.Text)}");
                if (RuleConverter.Reads(dialect) is { } reads)
                    Console.Out.WriteLine($"{remark} {reads}");
                Console.Out.WriteLine(converted.Sql.TrimEnd().TrimEnd(';') + end + "\n");
            }
            catch (InputException e)
            {
                refused++;
                Consoles.Complain(e.Message);
            }
        }
        return refused == 0 ? ExitCode.Clean : ExitCode.BadInput;
    }
}
