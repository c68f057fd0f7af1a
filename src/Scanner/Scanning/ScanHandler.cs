using Scanner.CommandLine;
using Scanner.Model;

using Spectre.Console;

namespace Scanner.Scanning;

/// <summary><c>scanner scan</c> from options to exit code: check the input, scan, report, publish.</summary>
internal static class ScanHandler
{
    /// <summary>Where the reports of a recorded account go when none was asked for: the first thing a newcomer sees.</summary>
    private const string DefaultFolder = "scanner-report";

    public static async Task<int> RunAsync(ScanOptions options, CancellationToken cancellation)
    {
        var console = Consoles.Create(Console.Out);
        console.WriteLine($"Scanner {ScanRun.Version}: reading checks");
        options = WithDefaultReports(options);
        foreach (var (format, path) in options.Reports)
            Scanner.Publish.Reports.ReportWriter.Validate(format, path);

        using var run = new ScanRun(options);
        console.WriteLine($"{run.Checks.Count} checks. {(options.From is { } folder ? "Reading the recorded account in " + Safe.Line(folder) : "Connecting to AWS")}");
        var report = await Consoles.WithProgressAsync(console, async progress =>
        {
            using var source = await AccountSource.OpenAsync(options, progress, cancellation);
            return await run.RunAsync(source, [], progress, cancellation);
        });

        foreach (var (format, path) in options.Reports)
            await Scanner.Publish.Reports.ReportWriter.WriteAsync(report, format, path, cancellation);
        TerminalSummary.Write(console, report);
        foreach (var (format, path) in options.Reports)
            console.WriteLine($"{format}: {Safe.Line(path)}");
        if (options.Store is { } store)
            console.WriteLine($"store: {Safe.Line(store)}");
        return Verdict(options, report);
    }

    internal static int Verdict(ScanOptions options, ScanReport report)
    {
        if (options.FailOn is { } level && report.Findings.Any(finding => finding.Status == FindingStatus.Fail && finding.Severity >= level))
            return ExitCode.Findings;
        return options.FailOnUnknown && report.Findings.Any(finding => finding.Status == FindingStatus.Unknown)
            ? ExitCode.Incomplete
            : ExitCode.Clean;
    }

    private static ScanOptions WithDefaultReports(ScanOptions options)
    {
        if (options.From is null || options.Reports.Count > 0)
            return options;
        Directory.CreateDirectory(DefaultFolder);
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
