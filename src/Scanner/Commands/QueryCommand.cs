using System.CommandLine;
using Scanner.Store;
using Scanner.Terminal;

namespace Scanner.Commands;

/// <summary><c>scanner query</c>: SQL on a store that a scan kept.</summary>
internal static class QueryCommand
{
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
            sql, store, format,
        };
        command.SetAction((parsed, cancellation) => Task.FromResult(Run(
            parsed.GetValue(sql) ?? "", ScanCommand.Text(parsed, store)!, Listing.Open(ScanCommand.Text(parsed, format), parsed.InvocationConfiguration.Output), cancellation)));
        return command;
    }

    private static int Run(string sql, string path, Listing listing, CancellationToken cancellation)
    {
        using var store = ScanStore.Open(path);
        store.Query(sql, found => listing.Columns([.. found.Select(column => column.Name)]), listing.Row, null, cancellation);
        listing.End();
        return ExitCode.Clean;
    }
}
