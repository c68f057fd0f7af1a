using System.CommandLine;
using Scanner.Scan;
using Scanner.Store;
using Scanner.Store.Sql;
using Scanner.Terminal;

namespace Scanner.Commands;

/// <summary><c>scanner query</c>: SQL on a store that a scan kept.</summary>
internal static class QueryCommand
{
    /// <summary>Whether SQL runs in this process: it is the one that was started for it.</summary>
    internal static Option<bool> Here { get; } = new("--here") { Hidden = true };

    public static Command Create()
    {
        var sql = new Argument<string>("SQL") { Description = "One SELECT in DuckDB's SQL; also: SHOW TABLES, DESCRIBE aws_vpc." };
        var store = new Option<string>("--store") { HelpName = "FILE", Description = "Store that scan --store kept.", Required = true };
        var format = ScanCommand.Format();
        var command = new Command("query", """
            Ask a store with SQL. Every table of checks/tables is a view; findings, collection and scan are tables.

            scanner query "select account_id, region, name from aws_cloudtrail_trail where not is_logging" --store scan.duckdb
            """)
        {
            sql, store, format, Here,
        };
        command.SetAction((parsed, cancellation) => RunAsync(
            parsed.GetValue(sql) ?? "", ScanCommand.Text(parsed, store)!, ScanCommand.Text(parsed, format), parsed.InvocationConfiguration.Output, parsed.GetValue(Here), cancellation));
        return command;
    }

    // A query that ends its process is told of by this one. What is not written to the process's own output cannot be another's.
    private static Task<int> RunAsync(string sql, string path, string? format, TextWriter output, bool here, CancellationToken cancellation)
    {
        if (!here && ReferenceEquals(output, Console.Out))
        {
            return OwnProgram.RunAsync(
                ["query", "--store", path, "--format", format ?? "table", Here.Name, "--", sql], "the query", SandboxLimits.Query.Time + TimeSpan.FromSeconds(2), isTold: false, cancellation);
        }
        if (here)
            EngineFaults.EndTheProcess();
        return Task.FromResult(Run(sql, path, Listing.Open(format, output), cancellation));
    }

    private static int Run(string sql, string path, Listing listing, CancellationToken cancellation)
    {
        using var store = ScanStore.Open(path);
        store.Query(sql, found => listing.Columns([.. found.Select(column => column.Name)]), listing.Row, null, cancellation);
        listing.End();
        return ExitCode.Clean;
    }
}
