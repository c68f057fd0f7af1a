using DuckDB.NET.Data;
using Scanner.Model;
using Scanner.Store;
using static Evaluate.Tests.Samples;

namespace Evaluate.Tests.Store;

/// <summary>Copying what other stores collected into one.</summary>
public sealed class StoreJoinTests : IDisposable
{
    private const string One = "111111111111";
    private const string Two = "222222222222";

    // What a reply may hold: quotes, markup, lines, marks that turn the text around, a character of two units.
    private const string Hostile = "'; DROP TABLE resources; -- \"<b>\"\r\n\t\u202E\U0001F600% {{x}}";

    private readonly string _folder = Directory.CreateTempSubdirectory("scanner-join").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string PathOf(string name) => Path.Combine(_folder, name);

    [Fact]
    public void Every_row_of_every_store_is_there_as_it_was()
    {
        var failure = new ResourceFailure("Status", CollectionOutcome.Denied, "cloudtrail:GetTrailStatus", Hostile);
        var first = new[] { Of(One, "us-east-1", "a", "{\"Name\":\"one\"}"), Of(One, "eu-west-1", "b", "{}") with { Failures = [failure] } };
        // Names that the other has too: the same id, in the same region, of another account; and twice in one account, as two jobs may see a shared thing.
        var second = new[] { Of(Two, "us-east-1", "a", "{\"Name\":\"two\"}"), Of(One, "us-east-1", "a", "{\"Name\":\"one\"}") };
        CollectionStatus[] statuses = [new(Trail.Name, One, "us-east-1", CollectionOutcome.Ok, null, null) { ReadAt = DateTimeOffset.UnixEpoch.AddDays(20_000) }, new(Trail.Name, One, "eu-west-1", CollectionOutcome.Denied, "cloudtrail:GetTrailStatus", Hostile, ["b", Hostile])];
        CollectionStatus[] others = [new(Trail.Name, Two, "us-east-1", CollectionOutcome.Throttled, "cloudtrail:DescribeTrails", "Rate exceeded", [])];
        Kept("one.duckdb", first, statuses);
        Kept("two.duckdb", second, others);

        using var joined = Joined(["one.duckdb", "two.duckdb"]);

        Assert.Equal([.. first.Concat(second).Select(Said).Order(StringComparer.Ordinal)], [.. joined.ReadResources().Select(Said).Order(StringComparer.Ordinal)]);
        Assert.Equal([.. statuses.Concat(others).Select(Said).Order(StringComparer.Ordinal)], [.. joined.ReadCollection().Select(Said).Order(StringComparer.Ordinal)]);
        Assert.Equal(4, joined.CountResources());
    }

    [Theory]
    [InlineData("{\"Name\":\"it's \\\"x\\\" \\\\ \\u0000 \\ud83d\\ude00\"}")]
    [InlineData("{ \"b\" : 1.10, \"a\" : 1e400, \"Name\":\"<script>\" ,\"n\":12345678901234567890123 }")]
    public void The_text_of_an_item_is_kept_to_the_letter(string item)
    {
        Kept("one.duckdb", [Of(One, "us-east-1", Hostile, item)], []);

        using var joined = Joined(["one.duckdb"]);

        var resource = Assert.Single(joined.ReadResources());
        Assert.Equal(item, resource.Item);
        Assert.Equal(Hostile, resource.Id);
    }

    [Theory]
    [InlineData("it's a store.duckdb")]
    [InlineData("x' AS other; DROP TABLE resources; --.duckdb")]
    [InlineData("\"quoted\" 100% [a]{b}*.duckdb")]
    [InlineData("two\nlines \u202E \U0001F600.duckdb")]
    [InlineData("-rf.db")]
    public void A_file_may_be_called_anything(string name)
    {
        Kept("kept.duckdb", [Of(One, "us-east-1", "a", "{}")], []);
        File.Move(PathOf("kept.duckdb"), PathOf(name));
        var before = File.ReadAllBytes(PathOf(name));

        using var joined = Joined([name]);

        Assert.Equal("a", Assert.Single(joined.ReadResources()).Id);
        Assert.Equal(before, File.ReadAllBytes(PathOf(name)));
    }

    [Fact]
    public void Of_a_store_that_ends_in_the_middle_nothing_is_taken_and_the_others_are_whole()
    {
        Kept("one.duckdb", [Of(One, "us-east-1", "a", "{}")], []);
        Kept("two.duckdb", [.. Enumerable.Range(0, 5_000).Select(i => Of(Two, "us-east-1", $"r{i}", $$"""{"Name":"{{Guid.NewGuid()}}"}"""))], [new(Trail.Name, Two, "us-east-1", CollectionOutcome.Ok, null, null)]);
        Kept("three.duckdb", [Of(Two, "eu-west-1", "c", "{}")], []);
        var whole = File.ReadAllBytes(PathOf("two.duckdb"));
        File.WriteAllBytes(PathOf("two.duckdb"), whole[..(whole.Length / 2)]);

        using var store = ScanStore.Create(PathOf("joined.duckdb"), Tables);
        using (var join = store.BeginJoin([PathOf("one.duckdb"), PathOf("two.duckdb"), PathOf("three.duckdb")]))
        {
            join.Add(PathOf("one.duckdb"));
            var error = Assert.Throws<InputException>(() => join.Add(PathOf("two.duckdb")));
            Assert.StartsWith(PathOf("two.duckdb") + ": cannot be read to its end, it may be damaged: ", error.Message, StringComparison.Ordinal);
            Assert.DoesNotContain('\n', error.Message);
            join.Add(PathOf("three.duckdb"));
        }

        Assert.Equal(["a", "c"], store.ReadResources().Select(resource => resource.Id).Order(StringComparer.Ordinal));
        Assert.Empty(store.ReadCollection());
    }

    [Theory]
    [InlineData("ALTER TABLE collection RENAME COLUMN reason TO why")]
    [InlineData("DROP TABLE collection")]
    [InlineData("ALTER TABLE collection ADD COLUMN later VARCHAR")]
    public void Of_a_store_whose_tables_are_of_another_version_nothing_is_taken(string change)
    {
        Kept("one.duckdb", [Of(One, "us-east-1", "a", "{}")], []);
        Kept("two.duckdb", [Of(Two, "us-east-1", "b", "{}")], []);
        Execute("two.duckdb", change);

        using var store = ScanStore.Create(PathOf("joined.duckdb"), Tables);
        using (var join = store.BeginJoin([PathOf("one.duckdb"), PathOf("two.duckdb")]))
        {
            Assert.StartsWith(PathOf("two.duckdb") + ": ", Assert.Throws<InputException>(() => join.Add(PathOf("two.duckdb"))).Message, StringComparison.Ordinal);
            join.Add(PathOf("one.duckdb"));
        }

        Assert.Equal("a", Assert.Single(store.ReadResources()).Id);
    }

    [Fact]
    public void Columns_are_taken_by_name_and_one_that_an_earlier_version_did_not_have_is_empty()
    {
        Kept("one.duckdb", [Of(One, "us-east-1", "a", "{\"Name\":\"x\"}")], []);
        Execute("one.duckdb", "CREATE TABLE other AS SELECT item, resource_id, region, account_id, table_name FROM resources");
        Execute("one.duckdb", "DROP TABLE resources CASCADE");
        Execute("one.duckdb", "ALTER TABLE other RENAME TO resources");

        using var joined = Joined(["one.duckdb"]);

        Assert.Equal(Said(Of(One, "us-east-1", "a", "{\"Name\":\"x\"}")), Said(Assert.Single(joined.ReadResources())));
    }

    [Fact]
    public void What_is_still_in_the_log_of_a_store_that_was_not_closed_is_taken_too()
    {
        Kept("live.duckdb", [Of(One, "us-east-1", "a", "{}")], []);
        using (var live = new DuckDBConnection($"DataSource={PathOf("live.duckdb")}"))
        {
            live.Open();
            using var command = live.CreateCommand();
            command.CommandText = $"INSERT INTO resources VALUES ('{Trail.Name}', '{One}', 'us-east-1', 'b', '{{}}', NULL)";
            command.ExecuteNonQuery();
            File.Copy(PathOf("live.duckdb"), PathOf("one.duckdb"));
            File.Copy(PathOf("live.duckdb.wal"), PathOf("one.duckdb.wal"));
        }

        using var joined = Joined(["one.duckdb"]);

        Assert.Equal(["a", "b"], joined.ReadResources().Select(resource => resource.Id).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void What_a_store_found_is_judged_anew_and_not_taken()
    {
        using (var store = ScanStore.Create(PathOf("one.duckdb"), Tables))
        {
            store.Add(Of(One, "us-east-1", "a", "{}"));
            store.Save(new ScanReport
            {
                Scan = new ScanSummary { Time = DateTimeOffset.UnixEpoch, Source = "aws" },
                Findings = [new Finding { Check = "c", Status = FindingStatus.Fail, Severity = Severity.High, Account = One, Region = "us-east-1", Resource = "a" }],
                Rules = new Dictionary<string, RuleInfo>(StringComparer.Ordinal),
                Collection = [],
            });
            store.Commit();
        }

        using var joined = Joined(["one.duckdb"]);

        Assert.Single(joined.ReadResources());
        Assert.Empty(joined.ReadFindings(["c"]));
        Assert.Throws<InputException>(() => joined.ReadScan());
    }

    [Fact]
    public void A_file_that_was_not_named_is_not_opened()
    {
        Kept("one.duckdb", [Of(One, "us-east-1", "a", "{}")], []);
        Kept("two.duckdb", [Of(Two, "us-east-1", "b", "{}")], []);

        using var store = ScanStore.Create(PathOf("joined.duckdb"), Tables);
        using (var join = store.BeginJoin([PathOf("one.duckdb")]))
            Assert.Throws<InputException>(() => join.Add(PathOf("two.duckdb")));

        Assert.Empty(store.ReadResources());
    }

    [Fact]
    public void Only_a_new_file_takes_in_others()
    {
        Kept("one.duckdb", [], []);

        using var memory = ScanStore.InMemory(Tables);
        using var read = ScanStore.Open(PathOf("one.duckdb"));

        Assert.Throws<InvalidOperationException>(() => memory.BeginJoin([PathOf("one.duckdb")]));
        Assert.Throws<InvalidOperationException>(() => read.BeginJoin([PathOf("one.duckdb")]));
    }

    private static Resource Of(string account, string region, string id, string item) => new(Trail.Name, account, region, id, item, []);

    // Lists are compared by what is in them.
    private static string Said(Resource resource) =>
        string.Join('|', resource.Table, resource.Account, resource.Region, resource.Id, resource.Item, string.Join(';', resource.Failures));

    private static string Said(CollectionStatus status) =>
        string.Join('|', status.Table, status.Account, status.Region, status.Outcome, status.Operation, status.Reason, $"{status.ReadAt:u}", status.Resources is null ? "all" : string.Join(';', status.Resources));

    private void Kept(string name, IEnumerable<Resource> resources, IEnumerable<CollectionStatus> statuses)
    {
        using var store = ScanStore.Create(PathOf(name), Tables);
        store.Add(resources);
        store.Add(statuses);
        store.Commit();
    }

    private ScanStore Joined(string[] names)
    {
        var store = ScanStore.Create(PathOf("joined.duckdb"), Tables);
        using (var join = store.BeginJoin([.. names.Select(PathOf)]))
        {
            foreach (var name in names)
                join.Add(PathOf(name));
        }
        return store;
    }

    private void Execute(string name, string sql)
    {
        using var connection = new DuckDBConnection($"DataSource={PathOf(name)}");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
