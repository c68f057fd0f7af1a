using System.CommandLine;
using Scanner.Detect.Rules;
using Scanner.Detect.Sql;
using Scanner.Model;
using Scanner.Scan;
using Scanner.Terminal;

namespace Scanner.Commands;

/// <summary><c>scanner rules</c>: Sigma rules as queries, for logs that outgrow one machine.</summary>
internal static class RulesCommand
{
    public static Command Create()
    {
        var command = new Command("rules", "Turn Sigma rules into queries for DuckDB, Athena, CloudWatch Logs Insights or CloudTrail Lake.") { Convert(), Export() };
        return command;
    }

    private static Command Convert()
    {
        var paths = new Argument<string[]>("PATH") { Arity = ArgumentArity.OneOrMore, Description = "Rule files or folders." };
        var to = new Option<string>("--to") { HelpName = "ENGINE", Description = "duckdb, athena, logs-insights, or cloudtrail-lake (closed to new customers since 31 May 2026).", Required = true };
        var table = new Option<string>("--table") { HelpName = "NAME", Description = "Table to ask, or id of the event data store. Default: events; cloudtrail_logs (of rules about other logs vpc_flow_logs, s3_access_logs); event_data_store_id." };
        var columns = ScanCommand.Many("--columns", "NAME", "Columns of the Athena table, as DESCRIBE shows them (useridentity.onbehalfof and useridentity.inscopeof where that structure has them). Default: those that AWS documents today.");
        var command = new Command("convert", """
            Print each rule as one SELECT that ends with a semicolon, or as one query of Logs Insights. What the engine cannot do with the same meaning is one line on
            standard error; the other rules are printed, and the exit code is 2.

            scanner rules convert checks/detections --to athena --table security.cloudtrail_logs
            """)
        {
            paths, to, table, columns,
        };
        command.SetAction(parsed => Run(parsed.GetValue(paths) ?? [], ScanCommand.Text(parsed, to) ?? "", ScanCommand.Text(parsed, table), ScanCommand.Items(parsed, columns)));
        return command;
    }

    private static int Run(string[] paths, string engine, string? table, IReadOnlyList<string> columns)
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
        RuleConverter.RequireTable(table);
        var given = Columns(columns, dialect);
        var rules = DetectCommand.Load(paths);
        var refused = rules.Errors.Count;
        foreach (var error in rules.Errors)
            Consoles.Complain(error.Message);
        // A table holds one log: of rules about several, the name is that of CloudTrail's.
        var kinds = rules.Rules.Where(rule => rule.Reports).Select(rule => rule.LogSource.Kind).Distinct().Count();
        foreach (var rule in rules.Rules.Where(rule => rule.Reports))
        {
            try
            {
                var (converted, reads) = RuleConverter.ToPaste(rule, dialect, kinds == 1 || rule.LogSource.Kind is null or LogSource.CloudTrail ? table : null, given);
                if (RuleConverter.WhyTooLong(dialect, converted.Sql) is { } why)
                    throw new InputException(rule.File, rule.Line, $"'{rule.Title}' cannot be converted to {dialect}: {why}");
                Console.Out.WriteLine($"{remark} {SafeText.Line(rule.Title)} ({SafeText.Line(rule.Id)})");
                foreach (var note in converted.Notes)
                    Console.Out.WriteLine($"{remark} {(note.MayMiss ? "may miss matches: " : "")}{SafeText.Line(note.Text)}");
                if (reads is not null)
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

    private static Command Export()
    {
        var paths = new Argument<string[]>("PATH") { Arity = ArgumentArity.OneOrMore, Description = "Rule files or folders." };
        var output = new Option<string>("--output") { HelpName = "FOLDER", Description = "Where to; files that are there already are not overwritten.", Required = true };
        var lists = ScanCommand.Many("--checks", "DIR", "Folders with lists of yours (placeholders).");
        var command = new Command("export", """
            Write copies of rules for other Sigma engines: the values of lists (modifier expand) stand in their place, all else is as it was.

            scanner rules export checks/detections --output sigma-rules
            """)
        {
            paths, output, lists,
        };
        command.SetAction(parsed => Export(parsed.GetValue(paths) ?? [], ScanCommand.Text(parsed, output)!, ScanCommand.Items(parsed, lists)));
        return command;
    }

    private static int Export(string[] paths, string output, IReadOnlyList<string> overlays)
    {
        var (files, lists) = DetectCommand.FilesAndLists([.. paths, .. overlays]);
        var refused = 0;
        Directory.CreateDirectory(output);
        foreach (var file in files.Where(file => !overlays.Any(folder => CatalogFolders.IsBelow(folder, file.Path))))
        {
            var target = Path.Combine(output, Path.GetFileName(file.Path));
            try
            {
                if (File.Exists(target))
                    throw new InputException(target, 0, "is there already and is not overwritten; empty the folder or name another");
                File.WriteAllText(target, RuleExporter.Resolve(file.File, File.ReadAllText(file.Path), lists));
            }
            catch (InputException e)
            {
                refused++;
                Consoles.Complain(e.Message);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                refused++;
                Consoles.Complain(new InputException(target, 0, $"cannot be written: {e.Message}").Message);
            }
        }
        Console.Out.WriteLine(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{files.Count - refused} rule files in {SafeText.Line(output)}"));
        return refused == 0 ? ExitCode.Clean : ExitCode.BadInput;
    }

    private static HashSet<string>? Columns(IReadOnlyList<string> names, SqlDialect dialect)
    {
        if (names.Count == 0)
        {
            if (dialect == SqlDialect.Athena)
                Console.Out.WriteLine("-- For the columns that AWS's guide gives a table today (--columns names those of an older one).");
            return null;
        }
        if (dialect != SqlDialect.Athena)
            throw new InputException("--columns is about a table of Athena; leave it out for other engines");
        var columns = names.SelectMany(name => name.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)).Select(name => name.ToLowerInvariant()).ToHashSet(StringComparer.Ordinal);
        if (columns.FirstOrDefault(name => !name.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '.')) is { } wrong)
            throw new InputException($"--columns: '{SafeText.Line(wrong)}' is not the name of a column");
        if (new[] { "eventname", "eventsource", "eventtime" }.FirstOrDefault(name => !columns.Contains(name)) is { } missing)
            throw new InputException($"--columns has no '{missing}': that is no table of CloudTrail events");
        return columns;
    }
}
