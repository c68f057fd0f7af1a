using Scanner.Model;
using Scanner.Publish.Reports;
using Scanner.Scan;
using Scanner.Terminal;
using Spectre.Console;

namespace Scanner.Commands;

/// <summary><c>scanner scan</c> from options to exit code: check the input, scan, report, publish.</summary>
internal static class ScanHandler
{
    /// <summary>Where the reports of a recorded account go when none was asked for: the first thing a newcomer sees.</summary>
    private const string DefaultFolder = "scanner-report";

    public static async Task<int> RunAsync(ScanOptions options, CancellationToken cancellation)
    {
        if (options.From is { } plan && File.Exists(plan))
            return await PlanScanHandler.RunAsync(options, cancellation);
        var console = Consoles.Create(Console.Out);
        console.WriteLine($"Scanner {ScanRun.Version}: reading checks");
        using var run = new ScanRun(options);
        // Only the asking ends by it: what is known then is judged, written and published.
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        if (options.Timeout is { } timeout)
            limit.CancelAfter(timeout);
        try
        {
            return await RunAsync(options, run, console, limit.Token, cancellation);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !cancellation.IsCancellationRequested)
        {
            Consoles.Complain("--timeout was reached before it was known what there is to scan: nothing was assessed, nothing was published");
            return ExitCode.Incomplete;
        }
    }

    private static async Task<int> RunAsync(ScanOptions options, ScanRun run, Spectre.Console.IAnsiConsole console, CancellationToken asking, CancellationToken cancellation)
    {
        if (options.SinceIsIdle)
            Consoles.Complain("--since has no effect here: event files are read whole, whatever their times");
        console.WriteLine($"{run.Checks.Count} checks. {(options.From is { } folder ? "Reading the recorded account in " + SafeText.Line(folder) : "Connecting to AWS")}");
        var report = await Consoles.WithProgressAsync(console, async progress =>
        {
            // Whatever is wrong with paths, credentials, roles or tokens is found here, before the long work.
            using var source = await AccountSource.OpenAsync(options, progress, asking);
            options = WithDefaultReports(options);
            var publication = await Publication.PrepareAsync(options);
            return (Publication: publication, Report: await run.RunAsync(source, publication.Accepted, progress, asking));
        });

        foreach (var lost in run.NotKept)
            Consoles.Complain(lost.Message);
        var exitCode = run.NotKept.Count > 0 ? ExitCode.BadInput : Verdict(options, report.Report);
        TerminalSummary.Write(console, report.Report);
        exitCode = await report.Publication.PublishAsync(report.Report, exitCode, console, cancellation);
        if (options.Store is { } store && run.NotKept.Count == 0)
            console.WriteLine($"store: {SafeText.Line(store)}");
        return exitCode;
    }

    internal static int Verdict(ScanOptions options, ScanReport report)
    {
        if (options.FailOn is { } level && report.Findings.Any(finding => finding.Status == FindingStatus.Fail && finding.Severity >= level))
            return ExitCode.Findings;
        // A scan that read nothing at all, or that ended before its end, has no answer to be clean by.
        var isPart = FirstScreen.SawNothing(report.Findings) || report.Scan.EndedEarly;
        return isPart || (options.FailOnUnknown && report.Findings.Any(finding => finding.Status == FindingStatus.Unknown))
            ? ExitCode.Incomplete
            : ExitCode.Clean;
    }

    internal static ScanOptions WithDefaultReports(ScanOptions options)
    {
        if (options.From is null || options.Reports.Count > 0)
            return options;
        try
        {
            Directory.CreateDirectory(DefaultFolder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"the folder {DefaultFolder} for the reports cannot be made here ({e.Message}); name reports with --report", e);
        }
        return options with
        {
            Reports =
            [
                ("markdown", Path.Combine(DefaultFolder, "report.md")),
                ("json", Path.Combine(DefaultFolder, "report.json")),
                ("sarif", Path.Combine(DefaultFolder, "report.sarif")),
            ],
        };
    }
}
