using System.CommandLine;
using Scanner.Model;
using Scanner.Scan;
using Scanner.Terminal;
using Spectre.Console;

namespace Scanner.Commands;

/// <summary><c>scanner merge</c>: the stores of a matrix's jobs become one store, one report, one publication.</summary>
internal static class MergeCommand
{
    public static Command Create()
    {
        var stores = new Argument<string[]>("STORE") { Description = "Stores that the jobs kept (scan --store), or folders of them.", Arity = ArgumentArity.ZeroOrMore };
        var shards = new Option<string>("--shards") { HelpName = "FILE|JSON", Description = "The matrix that 'scanner shard' printed: an account of it that no store has is unknown." };
        var store = new Option<string>("--store") { HelpName = "FILE", Description = "Keep the whole in this DuckDB file, which must not be there." };
        var outputs = ScanCommand.Outputs;
        var command = new Command("merge", """
            Join the stores of the jobs that scanned parts of an organization, judge them as one scan, report and publish once. Asks nothing of AWS;
            the stores are not changed. A job that failed leaves its accounts unknown.

            scanner merge shards/ --shards shards.json --store scan.duckdb --report html=report.html --publish issues,summary
            """)
        { stores, shards, store };
        foreach (var option in outputs)
            command.Add(option);
        command.SetAction(async (parsed, cancellation) =>
        {
            var options = ScanCommand.ReadOutputs(parsed) with { Store = ScanCommand.Text(parsed, store) };
            var plan = ScanCommand.Text(parsed, shards) is { } text ? ShardPlan.Read(text) : null;
            return await RunAsync(options, new ShardStores(parsed.GetValue(stores) ?? [], plan), cancellation);
        });
        return command;
    }

    private static async Task<int> RunAsync(ScanOptions options, ShardStores stores, CancellationToken cancellation)
    {
        var console = Consoles.Create(Console.Out);
        using var run = new MergeRun(options, stores);
        var (publication, report) = await Consoles.WithProgressAsync(console, async progress =>
        {
            var prepared = await Publication.PrepareAsync(options);
            return (prepared, await run.RunAsync(prepared.Accepted, progress, cancellation));
        });
        foreach (var unread in stores.Unread)
            Consoles.Complain(unread);
        TerminalSummary.Write(console, report);
        var exitCode = await publication.PublishAsync(report, ScanHandler.Verdict(options, report), console, cancellation);
        if (options.Store is { } path)
            console.WriteLine($"store: {SafeText.Line(path)}");
        return exitCode;
    }
}
