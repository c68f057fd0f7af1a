using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Scanner.Catalog;
using Scanner.Detect;
using Scanner.Detect.Rules;
using Scanner.Evaluate;
using Scanner.Model;
using Scanner.Scan;
using Scanner.Store.Sql;
using Scanner.Terminal;

namespace Scanner.Commands;

/// <summary><c>scanner checks</c>: list, explain, test and document the catalog.</summary>
internal static class ChecksCommand
{
    // A query has ten seconds, and a check has several tests.
    private static readonly TimeSpan MostForOneCheck = TimeSpan.FromMinutes(2);

    public static Command Create()
    {
        var command = new Command("checks", "List, explain, unit-test, write and document checks and detections.")
        {
            List(), Show(), Test(), NewCommand.Create(), Docs(),
        };
        return command;
    }

    private static Option<string[]> Overlay() =>
        ScanCommand.Many("--checks", "DIR", "Folders laid over the shipped checks.");

    private static Command List()
    {
        var overlay = Overlay();
        var framework = new Option<string>("--framework") { HelpName = "ID", Description = "Only those that a framework names." };
        var format = ScanCommand.Format();
        var command = new Command("list", "One row for each check, detection and framework.") { overlay, framework, format };
        command.SetAction(parsed =>
        {
            var listing = Listing.Open(ScanCommand.Text(parsed, format), parsed.InvocationConfiguration.Output, Listing.Words);
            var folders = new CatalogFolders(ScanCommand.Items(parsed, overlay));
            var selection = new RuleSelection(folders.Catalog, ScanCommand.Text(parsed, framework));
            listing.Columns(["id", "severity", "kind", "service", "title", "controls", "mitre", "file"], ["id", "severity", "kind", "title", "controls"]);
            foreach (var rule in folders.Rules().Where(selection.Includes))
                listing.Row([rule.Id, Names.Of(rule.Severity), Names.Of(rule.Kind), rule.Service, rule.Title, Texts(rule.Controls.Select(control => control.ToString())), Texts(rule.Mitre), rule.File]);
            foreach (var one in folders.Catalog.Frameworks.Values)
            {
                listing.Row([one.Id, null, "framework", null,
                    string.Create(CultureInfo.InvariantCulture, $"{one.Title} ({one.Controls.Count(control => control.Checks.Count > 0)} of {one.Controls.Count} controls)"), new JsonArray(), new JsonArray(), one.File]);
            }
            listing.End();
            return ExitCode.Clean;
        });
        return command;
    }

    private static JsonArray Texts(IEnumerable<string> texts) => [.. texts.Select(text => (JsonNode)text)];

    private static Command Show()
    {
        var overlay = Overlay();
        var id = new Argument<string>("ID") { Description = "Id of a check or detection, or name of a table." };
        var format = ScanCommand.Format("table, json, jsonl or csv: a row a field; of a table, a row a column. Default: to read");
        var command = new Command("show", "Everything about one check or detection (why, remediation, tables, query), or the columns of a table.") { id, overlay, format };
        command.SetAction(parsed =>
        {
            var form = ScanCommand.Text(parsed, format);
            var listing = Listing.Open(form, parsed.InvocationConfiguration.Output, Listing.Words);
            var folders = new CatalogFolders(ScanCommand.Items(parsed, overlay));
            var wanted = parsed.GetValue(id)!;
            var rules = folders.Rules();
            // The terminal shows of a Sigma rule's id no more than its beginning.
            var rule = rules.FirstOrDefault(rule => string.Equals(rule.Id, wanted, StringComparison.Ordinal))
                ?? (wanted.Length >= 6 && rules.Where(rule => rule.Id.StartsWith(wanted, StringComparison.Ordinal)).Take(2).ToList() is [var only] ? only : null);
            if (rule is null && folders.Catalog.Tables.TryGetValue(wanted, out var table))
            {
                if (form is null)
                    parsed.InvocationConfiguration.Output.Write(CatalogDocs.Of(table).TrimStart());
                else
                    Columns(listing, table);
                return ExitCode.Clean;
            }
            if (rule is null)
                throw NotThere(wanted, folders);
            var facts = RuleFacts.Of(rule, folders);
            if (form is null)
            {
                Read(parsed.InvocationConfiguration.Output, rule, facts);
                return ExitCode.Clean;
            }
            if (form is "json" or "jsonl")
            {
                listing.WriteJson(new JsonObject(facts.Select(fact => KeyValuePair.Create(fact.Name, fact.Value))));
                return ExitCode.Clean;
            }
            listing.Columns(["field", "value"]);
            foreach (var fact in facts)
                listing.Row([fact.Name, fact.Value]);
            listing.End();
            return ExitCode.Clean;
        });
        return command;
    }

    private static void Columns(Listing listing, TableDefinition table)
    {
        listing.Columns(["column", "type", "about"]);
        foreach (var column in table.Columns)
            listing.Row([column.Name, CatalogDocs.TypeName(column.Type), column.About]);
        listing.End();
    }

    private static void Read(TextWriter writer, RuleInfo rule, IReadOnlyList<RuleFact> facts)
    {
        writer.WriteLine($"{rule.Title}\n{rule.Id} · {Names.Of(rule.Severity)} · {Names.Of(rule.Kind)} · {rule.File}\n");
        foreach (var fact in facts)
        {
            if (fact.Heading.Length > 0 && !string.IsNullOrWhiteSpace(fact.Read))
                writer.WriteLine($"{fact.Heading}\n  {fact.Read.TrimEnd().ReplaceLineEndings("\n  ")}\n");
        }
    }

    private static InputException NotThere(string wanted, CatalogFolders folders)
    {
        const int Most = 10;
        bool Tells(string text) => text.Contains(wanted, StringComparison.OrdinalIgnoreCase);
        List<string> near = wanted.Length < 3 ? []
            : [.. folders.Rules().Where(rule => Tells(rule.Id) || Tells(rule.Title)).Select(rule => rule.Id), .. folders.Catalog.Tables.Keys.Where(Tells)];
        var suggestion = Spelling.Suggest(wanted, folders.Catalog.RuleIds.Concat(folders.Catalog.Tables.Keys));
        return new InputException($"there is no check, detection or table '{SafeText.Line(wanted)}'; " + (near.Count == 0 || suggestion.StartsWith("did", StringComparison.Ordinal) ? suggestion
            : $"it is in the name of {string.Join(", ", near.Take(Most))}{(near.Count > Most ? string.Create(CultureInfo.InvariantCulture, $" and {near.Count - Most} more") : "")}"));
    }

    private static Command Test()
    {
        var paths = new Argument<string[]>("PATH") { Arity = ArgumentArity.ZeroOrMore, Description = "Folders or files of checks and detections that are laid over the shipped ones; only theirs are tested. Default: all shipped ones." };
        var command = new Command("test", "Run the unit tests in the files of checks and detections.") { paths, QueryCommand.Here };
        command.SetAction((parsed, cancellation) => RunTestsAsync(parsed.GetValue(paths) ?? [], parsed.GetValue(QueryCommand.Here), cancellation));
        return command;
    }

    // What is not ours may bring down its process.
    private static Task<int> RunTestsAsync(IReadOnlyList<string> paths, bool here, CancellationToken cancellation) => here || paths.Count == 0
        ? Task.FromResult(RunTests(paths, here, cancellation))
        : OwnProgram.RunAsync(["checks", "test", QueryCommand.Here.Name, "--", .. paths], "the test of the checks", MostForOneCheck, isTold: true, cancellation);

    private static (int Passed, int Failed) RunTests(IReadOnlyList<CheckDefinition> checks, CheckTester tester, bool here, CancellationToken cancellation)
    {
        var passed = 0;
        var failed = 0;
        var at = 0;
        using var ticker = new Ticker(() => string.Create(CultureInfo.InvariantCulture, $"Testing {Math.Min(at, checks.Count):N0} of {checks.Count:N0} checks"));
        foreach (var check in checks)
        {
            cancellation.ThrowIfCancellationRequested();
            at++;
            if (here)
                OwnProgram.Begin(string.Create(CultureInfo.InvariantCulture, $"{check.Info.File}:{check.QueryLine}: the query of {check.Id}"));
            foreach (var result in tester.Run(check))
            {
                if (result.Passed)
                {
                    passed++;
                    continue;
                }
                failed++;
                ticker.GiveWay();
                Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"FAIL {result.File}:{result.Line}: {result.Check}: {SafeText.Line(result.Name)}"));
                foreach (var line in result.Difference!)
                    Console.Out.WriteLine("     " + SafeText.Line(line));
            }
            foreach (var lack in tester.Lint(check))
            {
                ticker.GiveWay();
                Console.Out.WriteLine($"note {SafeText.Line(lack)}");
            }
        }
        return (passed, failed);
    }

    private static int RunTests(IReadOnlyList<string> paths, bool here, CancellationToken cancellation)
    {
        if (here)
            EngineFaults.EndTheProcess();
        var folders = new CatalogFolders(paths, provesShipped: paths.Count == 0, withTests: true);
        var full = paths.Select(Path.GetFullPath).ToList();
        using var tester = new CheckTester(folders.Catalog);
        var checks = folders.Catalog.Checks.Values.Where(check => IsMine(check.Info.Path)).ToList();
        foreach (var table in folders.Catalog.Tables.Values.Where(table => table.From is not null && IsMine(table.Path)))
        {
            if (here)
                OwnProgram.Begin(string.Create(CultureInfo.InvariantCulture, $"{table.File}:{table.From!.Line}: 'from' of {table.Name}"));
            tester.ValidateTables([table]);
        }
        var (passed, failed) = RunTests(checks, tester, here, cancellation);
        var rules = folders.LoadDetections();
        foreach (var note in rules.Notes)
            Console.Out.WriteLine($"note {SafeText.Line(note)}");
        var mine = folders.Catalog.Detections.Where(file => IsMine(file.Path)).Select(file => file.File).ToHashSet(StringComparer.Ordinal);
        var tested = rules.Rules.Count(rule => mine.Contains(rule.File));
        var (good, bad) = TestRules(rules, mine);
        passed += good;
        failed += bad;
        Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{checks.Count} checks and {tested} detections: {passed} passed, {failed} failed"));
        var tables = folders.Catalog.Tables.Values.Count(table => table.Path.Length > 0 && IsMine(table.Path));
        if (checks.Count + tested + tables == 0)
            throw new InputException("there is no check, detection or table there to test");
        if (checks.Count + tested == 0)
            Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{tables} {(tables == 1 ? "table" : "tables")}: every service, operation, parameter and member in it is AWS's"));
        return failed == 0 ? ExitCode.Clean : ExitCode.Findings;

        bool IsMine(string path) =>
            full.Count == 0 || full.Exists(root => CatalogFolders.IsBelow(root, path));
    }

    private static (int Passed, int Failed) TestRules(RuleSet rules, HashSet<string> mine)
    {
        var results = RuleTester.Run(rules).Where(result => mine.Contains(result.Rule.File)).ToList();
        foreach (var result in results.Where(result => !result.Passed))
            Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"FAIL {result.Rule.File}:{result.Test.Line}: {SafeText.Line(result.Rule.Title)}: {SafeText.Line(result.Test.Name)}\n     {SafeText.Line(result.Failure)}"));
        return (results.Count(result => result.Passed), results.Count(result => !result.Passed));
    }

    private static Command Docs()
    {
        var overlay = Overlay();
        var command = new Command("docs", "Print the documentation of all checks, detections and tables as markdown.") { overlay };
        command.SetAction(parsed =>
        {
            Console.Out.Write(CatalogDocs.Write(new CatalogFolders(ScanCommand.Items(parsed, overlay))));
            return ExitCode.Clean;
        });
        return command;
    }
}
