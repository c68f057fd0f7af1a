using Scanner.Model;
using Scanner.Scan;
using Scanner.Terminal;
using Spectre.Console;

namespace Scanner.Commands;

/// <summary><c>scanner scan --from plan.json</c>: the state that a plan leads to, with findings of every status.</summary>
internal static class PlanScanHandler
{
    public static async Task<int> RunAsync(ScanOptions options, CancellationToken cancellation)
    {
        // What a plan does not manage is not gone: its absence must close nobody's issue.
        if ((options.Publish & (PublishTargets.Issues | PublishTargets.Dashboard)) != PublishTargets.None)
            throw new InputException($"--publish {(options.Publish.HasFlag(PublishTargets.Issues) ? "issues" : "dashboard")} needs a scan of the account: of what a plan does not manage nothing is known; use 'scanner gate' on pull requests");
        if (options.Events.Count > 0)
            throw new InputException("--events needs a running account: a plan has no events");
        if (options.Record is not null)
            throw new InputException("--record needs a running account: a plan is recorded already");
        if (options.TerraformStates.Count > 0)
            throw new InputException("--terraform-state needs a running account: a plan tells by itself where it is written; use 'scanner gate plan.json --source DIR'");
        options = ScanHandler.WithDefaultReports(options);
        var console = Consoles.Create(Console.Out);
        using var run = new GateRun(new GateOptions
        {
            Plan = options.From!,
            Account = options.Accounts.Count == 1 ? options.Accounts[0] : null,
            Checks = options.Checks,
            LockChecks = options.LockChecks,
            Only = options.Only,
            Framework = options.Framework,
            Severity = options.Severity,
        });
        var publication = await Publication.PrepareAsync(options);
        var report = await Consoles.WithProgressAsync(console, progress => Task.FromResult(run.RunState(options.Store, progress, cancellation)));
        var exitCode = ScanHandler.Verdict(options, report);
        if (exitCode == ExitCode.Clean && run.Errored)
            exitCode = ExitCode.Incomplete;
        TerminalSummary.Write(console, report);
        exitCode = await publication.PublishAsync(report, exitCode, console, cancellation);
        if (options.Store is { } store)
            console.WriteLine($"store: {SafeText.Line(store)}");
        return exitCode;
    }
}
