using System.CommandLine;
using Scanner.Catalog;
using Scanner.Detect;
using Scanner.Detect.Matching;
using Scanner.Detect.Rules;
using Scanner.Model;
using Scanner.Scan;
using Scanner.Terminal;

namespace Scanner.Commands;

/// <summary><c>scanner detect</c>: Sigma rules over event logs, one JSON line a match.</summary>
internal static class DetectCommand
{
    private const int MostLines = 10;

    public static Command Create()
    {
        var paths = new Argument<string[]>("PATH") { Arity = ArgumentArity.OneOrMore, Description = "Log files or folders in any shape that people keep them in (docs/events.md); plain, gz, zst, zip, tar.gz or Parquet." };
        var rules = ScanCommand.Many("--rules", "DIR", "Sigma rules: files or folders. Default: the shipped detections.");
        var format = new Option<string>("--format") { HelpName = "FORMAT", Description = "jsonl (default): one JSON line a match. text: a line to read." };
        var threads = new Option<int?>("--threads") { HelpName = "N", Description = "Files read at the same time. Default: one a processor." };
        var failOn = new Option<string>("--fail-on") { HelpName = "LEVEL", Description = "Exit with 1 on matches of this level or worse. Default: never." };
        var logs = new Option<string>("--source") { HelpName = "SOURCE", Description = "What the files hold: cloudtrail (default), vpcflow, s3_access (as AWS delivers them, or JSON lines)." };
        var group = new Option<bool>("--group") { Description = "One line for each rule, principal and hour, with how many matches it stands for, instead of one an event." };
        var tune = new Option<string>("--tune") { HelpName = "FILE", Description = "Also write a file of Sigma filters that would leave out what the same principals set off again and again, with what each would save. Nothing is applied." };
        var command = new Command("detect", """
            Run Sigma rules over event logs. A match is one JSON line on standard output:
            {"rule":"<id>","title":"...","eventID":"...","eventTime":"...","file":"..."}

            Replay the shipped detections on a folder of logs:   scanner detect ./AWSLogs
            SigmaHQ's rules:                                     scanner detect ./AWSLogs --rules sigma/rules/cloud/aws

            A file that is broken is one line on standard error; what could be read of it is matched, the others go on, and the
            exit code is 3. A rule that is broken is one line too; the other rules run, and the exit code is 2.
            """)
        {
            paths, rules, format, threads, failOn, logs, group, tune,
        };
        command.SetAction((parsed, cancellation) => RunAsync(
            parsed.GetValue(paths) ?? [], ScanCommand.Items(parsed, rules), ScanCommand.Text(parsed, format) ?? "jsonl",
            parsed.GetValue(threads), ScanCommand.Level(parsed, failOn), ScanCommand.Text(parsed, logs) ?? "cloudtrail", parsed.GetValue(group), ScanCommand.Text(parsed, tune), cancellation));
        return command;
    }

    private static async Task<int> RunAsync(
        string[] paths, IReadOnlyList<string> folders, string format, int? threads, Severity? failOn, string source, bool isGrouped, string? tune, CancellationToken cancellation)
    {
        var kind = Checked(format, threads, source, tune);
        var logs = LogFiles.Find(paths, kind);
        var rules = await RulesAsync(folders);

        var worst = -1;
        using var output = new BufferedStream(StandardStreams.OpenOutput(), 1 << 16);
        var isText = string.Equals(format, "text", StringComparison.Ordinal);
        using var lines = new MatchLines(isText);
        // What was done to what stands in the event alone.
        var options = new DetectorOptions { IncludeEvents = true };
        if (threads is { } n)
            options = options with { Parallelism = n };
        var groups = new FindingGroups();
        var first = new Dictionary<string, DetectionMatch>(StringComparer.Ordinal);
        var proposals = new FilterProposals();
        var progress = new ReadingProgress(logs.Files);
        using var ticker = new Ticker(progress.Text);
        var result = await new Detector(rules, options).RunAsync(progress.Files, Tell, told =>
        {
            progress.Matched();
            worst = Math.Max(worst, (int)told.Match.Rule.Level);
            if (tune is not null)
                proposals.Add(told.Match.Rule, told.Finding!);
            if (!isGrouped)
            {
                output.Write(told.Line);
                return;
            }
            groups.Add(told.Finding!);
            first.TryAdd(told.Finding!.Key, told.Match with { Event = null });
        }, cancellation);
        if (isGrouped)
        {
            foreach (var finding in groups.Findings)
                output.Write(lines.Of(first[finding.Key], finding, EventFacts.Of(finding), NextSteps.Of(first[finding.Key].Rule.Response, finding), isGroup: true));
        }
        ticker.Dispose();
        await output.FlushAsync(cancellation);
        if (tune is not null)
            await WriteProposalsAsync(tune, proposals, cancellation);

        await SayAsync(logs, result);
        foreach (var error in logs.Missing.Concat(result.FileErrors.Select(error => error.ToString())).Concat(result.RuleErrors))
            Consoles.Complain(error);
        if (rules.Errors.Count > 0)
            return ExitCode.BadInput;
        if (failOn is { } level && worst >= (int)level)
            return ExitCode.Findings;
        return result.IsComplete && logs.Missing.Count == 0 && !result.HasOnlyOtherRecords ? ExitCode.Clean : ExitCode.Incomplete;

        // On the thread that found it: reading the event and writing the line are the most of the work where there are many.
        ToldMatch Tell(DetectionMatch match)
        {
            var (finding, facts, next) = RuleFindings.Told(match, withNext: !isGrouped && !isText);
            return new ToldMatch(match, isGrouped || tune is not null ? finding : null, isGrouped ? [] : lines.Of(match, finding, facts, next));
        }
    }

    /// <summary>A match, and what is written of it.</summary>
    /// <param name="Match">The match.</param>
    /// <param name="Finding">The match as a finding; null where nobody asks for it.</param>
    /// <param name="Line">The line; empty where matches are grouped.</param>
    private sealed record ToldMatch(DetectionMatch Match, Finding? Finding, byte[] Line);

    // A rule that is broken hides no other.
    private static async Task<RuleSet> RulesAsync(IReadOnlyList<string> folders)
    {
        var rules = folders.Count == 0 ? LoadShipped() : Load(folders);
        foreach (var error in rules.Errors)
            Consoles.Complain(error.Message);
        foreach (var note in rules.Notes)
            await Console.Error.WriteLineAsync(SafeText.LogLine(note));
        return rules.Rules.Count > 0 ? rules : throw new InputException("there is no rule to run; check --rules");
    }

    private static LogSource Checked(string format, int? threads, string source, string? tune)
    {
        if (format is not ("jsonl" or "text"))
            throw new InputException($"--format '{SafeText.Line(format)}' is not known; it is jsonl or text");
        if (threads is < 1 or > 256)
            throw new InputException("--threads must be from 1 to 256");
        if (tune is not null && File.Exists(tune))
            throw new InputException(tune, 0, "is there already and is not overwritten; name another file for the proposals");
        return new SigmaLogSource("aws", source, null).Kind
            ?? throw new InputException($"--source '{SafeText.Line(source)}' is not known; it is cloudtrail, vpcflow or s3_access");
    }

    /// <summary>Says on standard error what was read and what was passed over: silence would look like a quiet account.</summary>
    private static async Task SayAsync(LogFiles logs, DetectionRunResult result)
    {
        await Console.Error.WriteLineAsync(SafeText.LogLine($"Read {result.Read}."));
        foreach (var one in Few([.. result.Besides.Select(one => $"Passed over: {one}")]))
            await Console.Error.WriteLineAsync(SafeText.LogLine(one));
        if (logs.PassedOver.Count > 0)
            await Console.Error.WriteLineAsync(SafeText.LogLine($"Passed over, no logs by their names: {string.Join(", ", Few(logs.PassedOver))}"));
    }

    private static IEnumerable<string> Few(IReadOnlyList<string> lines) =>
        lines.Count <= MostLines ? lines : [.. lines.Take(MostLines), string.Create(System.Globalization.CultureInfo.InvariantCulture, $"and {lines.Count - MostLines} more")];

    // Without the rest of the catalog, which detections over files do not need.
    private static RuleSet LoadShipped()
    {
        var (files, lists) = FilesAndLists([Path.Combine(CatalogFolders.Shipped, "detections")]);
        var root = Path.GetDirectoryName(CatalogFolders.Shipped)!;
        return RuleSet.Load(files.Select(file => new RuleFile(Path.GetRelativePath(root, file.Path).Replace('\\', '/'), file.Path) { LeavesTests = true }), new RuleSetOptions { Placeholders = lists });
    }

    internal static RuleSet Load(IReadOnlyList<string> folders)
    {
        var (files, lists) = FilesAndLists(folders);
        return RuleSet.Load(files, new RuleSetOptions { Placeholders = lists });
    }

    /// <summary>The rule files of folders, and the lists that their rules may name.</summary>
    internal static (List<RuleFile> Files, Dictionary<string, IReadOnlyList<string>> Lists) FilesAndLists(IReadOnlyList<string> folders)
    {
        var lists = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);
        // The shipped lists stand under the user's own: a rule of SigmaHQ that needs another list says so.
        TakeLists([Path.Combine(CatalogFolders.Shipped, "lists")], lists);
        return (TakeLists(folders, lists), lists);
    }

    /// <summary>Adds the lists of the folders' placeholder files, and returns the other files: the rules.</summary>
    private static List<RuleFile> TakeLists(IEnumerable<string> folders, Dictionary<string, IReadOnlyList<string>> lists)
    {
        var rules = new List<RuleFile>();
        foreach (var file in RuleSet.FindFiles(folders))
        {
            if (CatalogLoader.TryReadPlaceholders(file.Path) is not { } own)
            {
                rules.Add(file);
                continue;
            }
            foreach (var (name, values) in own)
                lists[name] = values;
        }
        return rules;
    }

    private static async Task WriteProposalsAsync(string path, FilterProposals proposals, CancellationToken cancellation)
    {
        try
        {
            await File.WriteAllTextAsync(path, proposals.ToYaml(), cancellation);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException(path, 0, $"the proposals cannot be written: {e.Message}");
        }
    }
}
