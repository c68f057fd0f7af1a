using Loopback;
using Scanner.Catalog;
using Scanner.Collect.Recording;
using Scanner.Collect.Tables;
using Scanner.Evaluate;
using Scanner.Model;
using Scanner.Scan;
using Scanner.Store;
using Scanner.Store.Sql;

namespace EndToEnd.Tests;

/// <summary>SQL of users runs in a process of its own: it says the same there, and what brings it down brings down nothing else.</summary>
public sealed class IsolationTests : IDisposable
{
    private static readonly SandboxLimits Small = new(TimeSpan.FromSeconds(4), 512L << 20, 1000);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("isolation");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Checks_say_the_same_in_a_process_of_their_own()
    {
        var catalog = new CatalogFolders([]).Catalog;
        using var here = new CheckEvaluator(catalog, proven: _ => true);
        using var apart = new CheckEvaluator(catalog, engine: OwnProgram.Engine);
        // A sixth of them, with all kinds: targets, evidence, tables that could not be read.
        List<CheckDefinition> checks = [.. catalog.Checks.Values.Where((_, i) => i % 6 == 0), .. catalog.Checks.Values.Where(check => check.Target is not null).Take(3)];
        using var store = ScanStore.InMemory(catalog.Tables.Values);
        var recording = RecordedScan.Open(Path.Combine(Tools.Repository, "samples/acme"));
        await new Collector(here.TablesOf(checks), new CollectorOptions { Rows = table => here.RowsOf(store, table, recording.RecordedAt) }, null)
            .CollectAsync(recording.Accounts, store, TestContext.Current.CancellationToken);

        var expected = here.Evaluate(store, checks, recording.RecordedAt, cancellation: TestContext.Current.CancellationToken);
        var found = apart.Evaluate(store, checks, recording.RecordedAt, cancellation: TestContext.Current.CancellationToken);

        Assert.Contains(expected, finding => finding.Status == FindingStatus.Unknown);
        Assert.Equal(expected.Select(Text), found.Select(Text));
        Assert.Equal(here.TablesOf(checks).Select(Names), apart.TablesOf(checks).Select(Names));

        static string Text(Finding finding) => $"{finding.Identity} {finding.Status} {finding.Severity} {finding.Message} {string.Join(' ', finding.Controls)} {string.Join(' ', finding.Causes.Select(cause => cause.Operation))}";
        static string Names(TableDefinition table) => $"{table.Name}: {string.Join(' ', table.Each.Select(call => call.As))}";
    }

    [Fact]
    public void What_ends_the_engine_or_cannot_be_stopped_is_unknown_and_the_others_go_on()
    {
        Write("a-good", "'fine'");
        // A stack that overflows in the engine's own code.
        Write("b-crash", "json_structure(repeat('{\"a\":', 100000) || '1' || repeat('}', 100000) || substr(account_id, 1, 0))::varchar");
        // One call of one function, which the engine does not look up from.
        Write("c-endless", "contains(repeat('a', 4000000), repeat('a', 2000000) || 'b' || account_id)::varchar");
        Write("d-large", "length(list_reverse(range(200000000))::varchar || account_id)::varchar");
        Write("e-folded", "contains(repeat('a', 4000000), repeat('a', 2000000) || 'b')::varchar");
        Write("f-good", "'fine too'");
        var folders = new CatalogFolders([_folder.FullName]);
        List<CheckDefinition> checks = [.. folders.Catalog.Checks.Values.Where(check => !folders.IsShipped(check))];
        using var evaluator = new CheckEvaluator(folders.Catalog, Small, folders.IsShipped, OwnProgram.Engine);
        using var store = ScanStore.InMemory([]);
        store.Add(new Resource(BuiltInTables.Account, "111122223333", CollectionStatus.Global, "111122223333", """{"Account":"111122223333"}""", []));
        store.Add(new CollectionStatus(BuiltInTables.Account, "111122223333", CollectionStatus.Global, CollectionOutcome.Ok));

        evaluator.Validate(checks);
        var findings = evaluator.Evaluate(store, checks, DateTimeOffset.UnixEpoch, cancellation: TestContext.Current.CancellationToken).ToDictionary(finding => finding.Check, StringComparer.Ordinal);

        Assert.Equal(6, findings.Count);
        Assert.Equal((FindingStatus.Pass, "fine"), (findings["a-good"].Status, findings["a-good"].Message));
        Assert.Equal((FindingStatus.Pass, "fine too"), (findings["f-good"].Status, findings["f-good"].Message));
        Assert.All(findings.Values.Where(finding => !finding.Check.EndsWith("good", StringComparison.Ordinal)), finding => Assert.Equal(FindingStatus.Unknown, finding.Status));
        Assert.StartsWith("The query failed: it brought down the process that it ran in (signal ", findings["b-crash"].Message, StringComparison.Ordinal);
        Assert.Equal("The query failed: it took longer than 4 s, and was ended with the process that it ran in", findings["c-endless"].Message);
        Assert.Matches("needs more memory than the 512 MiB|brought down the process", findings["d-large"].Message);
        Assert.Contains("it took longer than 4 s", findings["e-folded"].Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_query_or_a_test_that_ends_the_engine_is_one_line()
    {
        Write("b-crash", "json_structure(repeat('{\"a\":', 100000) || '1' || repeat('}', 100000) || substr(account_id, 1, 0))::varchar",
            "tests: [{name: t, given: {aws_account: [{id: '1'}]}, expect: [{status: pass}]}]");
        var path = Path.Combine(_folder.FullName, "s.duckdb");
        using (var store = ScanStore.Create(path, []))
            store.Commit();

        var (query, queried) = await ScannerProgram.StartAsync(_folder.FullName, ["query", "select json_structure(repeat('{\"a\":', 100000) || '1' || repeat('}', 100000))", "--store", path]);
        var (test, tested) = await ScannerProgram.StartAsync(_folder.FullName, ["checks", "test", "b-crash.yml"]);

        Assert.Equal("scanner: the query brought down the database engine, through a fault of it or a want of memory; ask for less at once\n", queried);
        Assert.EndsWith("b-crash.yml:5: the query of b-crash brought down the database engine, through a fault of it or a want of memory; ask for less at once\n", tested, StringComparison.Ordinal);
        Assert.Equal(1, tested.Count(c => c == '\n'));
        Assert.Equal((2, 2), (query, test));
    }

    private void Write(string id, string message, string tests = "") =>
        File.WriteAllText(Path.Combine(_folder.FullName, id + ".yml"),
            $"id: {id}\ntitle: T {id}\nseverity: low\ntables: [aws_account]\nquery: |\n  select account_id, region, resource_id, 'pass' as status, {message} as message from aws_account\n{tests}\n");
}
