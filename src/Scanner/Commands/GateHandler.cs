using Scanner.Model;
using Scanner.Scan;
using Scanner.Terminal;

namespace Scanner.Commands;

/// <summary><c>scanner gate</c> from options to exit code: read the plan, judge it, report, publish.</summary>
internal static class GateHandler
{
    public static async Task<int> RunAsync(GateOptions options, CancellationToken cancellation)
    {
        var console = Consoles.Create(Console.Out);
        using var run = new GateRun(options);
        var publication = await Publication.PrepareAsync(new ScanOptions
        {
            Reports = options.Reports,
            Publish = options.Publish,
            DryRun = options.DryRun,
            FailOn = options.FailOn,
            FailOnUnknown = options.FailOnUnknown,
        });
        var report = await Consoles.WithProgressAsync(console, progress => Task.FromResult(run.Run(progress, cancellation)));
        report = await publication.MarkAsync(report, JudgedBy.Of(options, Environment.GetEnvironmentVariable));
        var exitCode = Verdict(options, report);
        TerminalSummary.Write(console, report);
        return await publication.PublishAsync(report, exitCode, console, cancellation);
    }

    /// <summary>Introduced faults come first; an errored plan is never clean.</summary>
    internal static int Verdict(GateOptions options, ScanReport report)
    {
        if (report.Findings.Any(finding => finding is { Change: FindingChange.Introduced, Status: FindingStatus.Fail } && finding.Severity >= options.FailOn))
            return ExitCode.Findings;
        if (report.Gate!.Plans.Any(plan => plan.Errored))
            return ExitCode.Incomplete;
        return options.FailOnUnknown && report.Findings.Any(finding => finding.Change == FindingChange.Unknown) ? ExitCode.Incomplete : ExitCode.Clean;
    }
}
