using System.CommandLine;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Scanner.Model;
using Scanner.Publish.Text;
using Scanner.Store;
using Scanner.Terminal;
using Spectre.Console;

namespace Scanner.Commands;

/// <summary><c>scanner query</c>: SQL on a store that a scan kept.</summary>
internal static class QueryCommand
{
    private static readonly JsonSerializerOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static Command Create()
    {
        var sql = new Argument<string>("SQL") { Description = "One SELECT in DuckDB's SQL; also: SHOW TABLES, DESCRIBE aws_vpc." };
        var store = new Option<string>("--store") { HelpName = "FILE", Description = "Store that scan --store kept.", Required = true };
        var format = new Option<string>("--format") { HelpName = "FORMAT", Description = "table (default), json, jsonl or csv." };
        var command = new Command("query", """
            Ask a store with SQL. Every table of checks/tables is a view; findings, collection and scan are tables.

            scanner query "select account_id, region, name from aws_cloudtrail_trail where not is_logging" --store scan.duckdb
            """)
        {
            sql, store, format,
        };
        command.SetAction((parsed, cancellation) => Task.FromResult(Run(
            parsed.GetValue(sql) ?? "", ScanCommand.Text(parsed, store)!, ScanCommand.Text(parsed, format) ?? "table", cancellation)));
        return command;
    }

    private static int Run(string sql, string path, string format, CancellationToken cancellation)
    {
        using var store = ScanStore.Open(path);
        IReadOnlyList<QueryColumn> columns = [];
        switch (format)
        {
            case "table":
                var table = new Table().Border(TableBorder.Rounded);
                store.Query(sql, found =>
                {
                    foreach (var column in found)
                        table.AddColumn(new TableColumn(new Text(SafeText.Line(column.Name))));
                }, row => table.AddRow(row.Select(value => new Text(SafeText.Line(ScanStore.TextOf(value))))), null, cancellation);
                Consoles.Create(Console.Out).Write(table);
                break;
            case "json":
                var all = new JsonArray();
                store.Query(sql, found => columns = found, row => all.Add(Object(columns, row)), null, cancellation);
                Console.Out.WriteLine(all.ToJsonString(new JsonSerializerOptions(Readable) { WriteIndented = true }));
                break;
            case "jsonl":
                store.Query(sql, found => columns = found, row => Console.Out.WriteLine(Object(columns, row).ToJsonString(Readable)), null, cancellation);
                break;
            case "csv":
                store.Query(sql, found => Line(found.Select(column => column.Name)), row => Line(row.Select(ScanStore.TextOf), i => row[i]?.GetValueKind() == JsonValueKind.Number), null, cancellation);
                break;
            default:
                throw new InputException($"--format '{SafeText.Line(format)}' is not known; it is table, json, jsonl or csv");
        }
        return ExitCode.Clean;
    }

    private static JsonObject Object(IReadOnlyList<QueryColumn> columns, IReadOnlyList<JsonNode?> row)
    {
        var o = new JsonObject();
        for (var i = 0; i < columns.Count; i++)
            o[columns[i].Name] = row[i]?.DeepClone();
        return o;
    }

    private static void Line(IEnumerable<string> cells, Func<int, bool>? isNumber = null) =>
        Console.Out.Write(CsvLine.Of(cells, isNumber) + "\r\n");
}
