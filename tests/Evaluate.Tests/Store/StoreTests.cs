using System.Text.Json.Nodes;
using CsCheck;
using DuckDB.NET.Data;
using Scanner.Catalog;
using Scanner.Model;
using Scanner.Store;
using Scanner.Store.Sql;
using static Evaluate.Tests.Samples;

namespace Evaluate.Tests.Store;

public sealed class StoreTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("scanner-store").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string Path(string name) => System.IO.Path.Combine(_folder, name);

    private static List<List<string>> Ask(ScanStore store, string sql)
    {
        var rows = new List<List<string>>();
        store.Query(sql, _ => { }, row => rows.Add([.. row.Select(ScanStore.TextOf)]));
        return rows;
    }

    [Fact]
    public void A_view_reads_every_column_type()
    {
        using var store = Filled([], Item(Trail, "us-east-1", "a", """
            {"TrailARN":"a","Name":"it's \"x\"","Status":{"IsLogging":"true","Latest":"2026-01-02T03:04:05.5+02:00"},
             "Tags":[{"Key":"k1"},{"Key":"k2"},{"Value":"x"}],"Selectors":[{"ReadWriteType":"All"}]}
            """));

        Assert.Equal(
            ["111111111111", "us-east-1", "a", "a", "it's \"x\"", "true", "2026-01-02T01:04:05.5+00:00", """["k1","k2"]""", """[{"ReadWriteType":"All"}]"""],
            Assert.Single(Ask(store, "select * exclude (item) from aws_trail")));
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"TrailARN":null,"Name":null,"Status":null,"Tags":null,"Selectors":null}""")]
    [InlineData("""{"Status":"text","Tags":{"Key":1},"Name":null}""")]
    [InlineData("""{"Status":{"IsLogging":"maybe","Latest":"N/A"},"Tags":"x"}""")]
    [InlineData("""{"Status":[1,2]}""")]
    public void What_is_missing_or_odd_is_null_and_no_error(string item)
    {
        using var store = Filled([], Item(Trail, "us-east-1", "a", item));

        Assert.Equal(["", "", "", ""], Assert.Single(Ask(store, "select arn, is_logging, last, selectors from aws_trail")));
    }

    [Fact]
    public void A_flattened_list_that_is_missing_is_null_and_an_empty_one_is_empty()
    {
        using var store = Filled([], Item(Trail, "r", "a", "{}"), Item(Trail, "r", "b", """{"Tags":[]}"""));

        Assert.Equal([["a", "true", ""], ["b", "false", "0"]], Ask(store, "select resource_id, tag_list is null, len(tag_list) from aws_trail order by 1"));
    }

    [Theory]
    [InlineData("""{"Name":"\ud800 half"}""", "\uFFFD half")]
    [InlineData("""{"Name":"\udc00\ud83d\ude00\\ud800"}""", "\uFFFD\U0001F600\\ud800")]
    [InlineData("""{"Name":"\ud83d\u0041"}""", "\uFFFDA")]
    [InlineData("""{"Name":"'; drop table resources; --"}""", "'; drop table resources; --")]
    public void Hostile_texts_stay_texts(string item, string name)
    {
        using var store = Filled([], Item(Trail, "r", "a", item));

        Assert.Equal([[name]], Ask(store, "select name from aws_trail"));
    }

    [Fact]
    public void Any_text_comes_back_as_it_went_in() =>
        Gen.String.Sample(text =>
        {
            using var store = Filled([], Item(Trail, "r", "id", new JsonObject { ["Name"] = text }.ToJsonString()));
            var expected = string.Concat(text.EnumerateRunes().Select(rune => rune.ToString()));
            return Assert.Single(Ask(store, "select name from aws_trail"))[0] == expected;
        }, iter: 100);

    [Fact]
    public void Paths_with_dots_quotes_and_backslashes_are_found()
    {
        var table = Table("aws_lb", TableScope.Region, "Arn",
            [Column("logs", "Attributes.\"access_logs.s3.enabled\"", ColumnType.Bool), Column("odd", "a\\b'c.d"), Column("ids", "R[].I[].Id", ColumnType.TextList)], []);
        using var store = ScanStore.InMemory([table]);
        store.Add(Item(table, "r", "x", """{"Attributes":{"access_logs.s3.enabled":"TRUE"},"a\\b'c":{"d":"v"},"R":[{"I":[{"Id":1},{"Id":"2"}]},{"I":[]},{}]}"""));

        Assert.Equal([["true", "v", """["1","2"]"""]], Ask(store, "select logs, odd, ids from aws_lb"));
    }

    [Fact]
    public void An_item_that_is_no_JSON_object_is_refused_at_the_door()
    {
        using var store = ScanStore.InMemory(Tables);

        Assert.Throws<ArgumentException>(() => store.Add(Item(Trail, "r", "a", "{\"x\":")));
        Assert.Throws<ArgumentException>(() => store.Add(Item(Trail, "r", "a", "[]")));
        Assert.Equal(0, store.CountResources());
    }

    [Fact]
    public void A_path_that_DuckDB_cannot_keep_a_log_beside_is_refused_in_one_line()
    {
        var expected = $"{Path("a?b.duckdb")}: a store cannot have '?' in its path; name it otherwise";

        Assert.Equal(expected, Assert.Throws<InputException>(() => ScanStore.Create(Path("a?b.duckdb"), Tables)).Message);
        Assert.Empty(Directory.GetFileSystemEntries(_folder));
        File.WriteAllText(Path("a?b.duckdb"), "moved here");
        Assert.Equal(expected, Assert.Throws<InputException>(() => ScanStore.Open(Path("a?b.duckdb"))).Message);
    }

    [Fact]
    public void A_store_file_comes_into_being_only_when_committed()
    {
        using (var store = ScanStore.Create(Path("a.duckdb"), Tables))
        {
            store.Add(TrailItem("us-east-1", "a", true));
            Assert.False(File.Exists(Path("a.duckdb")));
        }
        Assert.Empty(Directory.GetFileSystemEntries(_folder));
        using (var store = ScanStore.Create(Path("a.duckdb"), Tables))
        {
            store.Add(TrailItem("us-east-1", "a", true));
            store.Commit();
        }
        Assert.Equal([Path("a.duckdb")], Directory.GetFileSystemEntries(_folder));
        using var read = ScanStore.Open(Path("a.duckdb"));
        Assert.Equal([["a"]], Ask(read, "select arn from aws_trail"));
    }

    [Fact]
    public void A_scan_that_is_killed_leaves_the_older_store()
    {
        using (var store = ScanStore.Create(Path("a.duckdb"), Tables))
        {
            store.Add(TrailItem("us-east-1", "old", true));
            store.Commit();
        }
        using (var killed = ScanStore.Create(Path("a.duckdb"), Tables))
            killed.Add(TrailItem("us-east-1", "new", true));

        using var read = ScanStore.Open(Path("a.duckdb"));
        Assert.Equal([["old"]], Ask(read, "select arn from aws_trail"));
    }

    [Fact]
    public void A_store_file_is_an_ordinary_database()
    {
        using (var store = ScanStore.Create(Path("a.duckdb"), Tables))
        {
            store.Add(TrailItem("us-east-1", "a", true));
            store.Save(Report([]));
            store.Commit();
        }
        using var plain = new DuckDBConnection($"DataSource={Path("a.duckdb")};ACCESS_MODE=READ_ONLY");
        plain.Open();

        Assert.Equal(["a True 2026"], Sandbox.Read(plain, "select arn, is_logging, year(scan_time()) from aws_trail",
            row => $"{row.GetString(0)} {row.GetBoolean(1)} {row.GetInt64(2)}"));
    }

    [Fact]
    public void What_is_no_store_is_said_in_one_line()
    {
        File.WriteAllText(Path("text"), "hello");
        using (var other = new DuckDBConnection($"DataSource={Path("other.duckdb")}"))
        {
            other.Open();
            Sandbox.Execute(other, "create table t (a int)");
        }

        Assert.Contains("no such store", Assert.Throws<InputException>(() => ScanStore.Open(Path("none"))).Message, StringComparison.Ordinal);
        Assert.Contains("is not a store of Scanner", Assert.Throws<InputException>(() => ScanStore.Open(Path("text"))).Message, StringComparison.Ordinal);
        Assert.Contains("not one that Scanner made", Assert.Throws<InputException>(() => ScanStore.Open(Path("other.duckdb"))).Message, StringComparison.Ordinal);
        Assert.Throws<InputException>(() => ScanStore.Create(Path("text/a"), Tables));
        Assert.Throws<InputException>(() => ScanStore.Create(_folder, Tables));
    }

    [Fact]
    public void What_is_no_store_is_never_replaced_by_one()
    {
        var mine = Path("a.duckdb");
        Database("other.duckdb", "create table t (a int)");
        Database("newer.duckdb", "create table store (version int)", "insert into store values (999)");
        using (var store = ScanStore.Create(mine, Tables))
            store.Commit();
        var bytes = File.ReadAllBytes(mine);
        File.WriteAllBytes(Path("cut.duckdb"), bytes[..(bytes.Length / 2)]);
        File.WriteAllBytes(Path("spoilt.duckdb"), [.. bytes[..8], .. "DUCK"u8, .. new byte[20_000]]);
        File.WriteAllText(Path("run.sh"), "#!/bin/bash\n" + new string('#', 9_000));
        File.WriteAllText(Path("short"), "x");
        File.WriteAllText(Path("gone.duckdb.wal"), "log of a database that lost its file");
        var before = Directory.GetFiles(_folder).Order(StringComparer.Ordinal).Select(path => (path, Convert.ToHexString(File.ReadAllBytes(path)))).ToList();

        foreach (var (name, what) in new[]
        {
            ("other.duckdb", "not one that Scanner made"), ("newer.duckdb", "another version of Scanner"), ("cut.duckdb", "it may be damaged"),
            ("spoilt.duckdb", ""), ("run.sh", "is not a store of Scanner"), ("short", "is not a store of Scanner"), ("gone.duckdb", "belongs to another database"),
        })
        {
            var refused = Assert.Throws<InputException>(() => ScanStore.Create(Path(name), Tables));
            Assert.Contains(what, refused.Message, StringComparison.Ordinal);
            Assert.Contains("name another file", refused.Message, StringComparison.Ordinal);
            Assert.Contains(name, refused.Message, StringComparison.Ordinal);
        }

        Assert.Equal(before, Directory.GetFiles(_folder).Order(StringComparer.Ordinal).Select(path => (path, Convert.ToHexString(File.ReadAllBytes(path)))));
    }

    [Fact]
    public void A_store_takes_the_place_of_an_older_one_of_an_empty_file_and_of_what_a_link_leads_to()
    {
        File.WriteAllText(Path("empty"), "");
        Directory.CreateDirectory(Path("data"));
        File.CreateSymbolicLink(Path("link"), Path("data/real.duckdb"));
        foreach (var name in new[] { "empty", "link", "link", "new/folder/a" })
        {
            using (var store = ScanStore.Create(Path(name), Tables))
            {
                store.Add(TrailItem("us-east-1", "a", true));
                store.Commit();
            }
            using var read = ScanStore.Open(Path(name));
            Assert.Equal(1, read.CountResources());
        }

        Assert.Equal(Path("data/real.duckdb"), new FileInfo(Path("link")).LinkTarget);
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path("data/real.duckdb")));
    }

    [Fact]
    public void Something_that_came_while_the_scan_ran_is_not_replaced_either()
    {
        using var store = ScanStore.Create(Path("a"), Tables);
        File.WriteAllText(Path("a"), "thesis");

        Assert.Throws<InputException>(store.Commit);

        Assert.Equal("thesis", File.ReadAllText(Path("a")));
    }

    private void Database(string name, params string[] statements)
    {
        using var other = new DuckDBConnection($"DataSource={Path(name)}");
        other.Open();
        foreach (var statement in statements)
            Sandbox.Execute(other, statement);
    }

    [Fact]
    public void A_report_comes_back_as_it_was_saved()
    {
        var finding = new Finding
        {
            Check = "c",
            Status = FindingStatus.Unknown,
            Severity = Severity.Critical,
            Account = A,
            Region = "us-east-1",
            Resource = "r",
            Message = "m",
            Controls = ["cis/1"],
            Mitre = ["T1"],
            Causes = [Denied(Trail, "us-east-1"), Denied(Trail, "eu-west-1") with { Resources = ["x"] }],
            MutedReason = "why",
            Event = """{"a":1}""",
            Began = [DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddTicks(1_234_567)],
        };
        var history = new ScanHistory(
            [new ScanPoint { Time = DateTimeOffset.UnixEpoch, Scope = "s", Pass = 1 }, new ScanPoint { Time = DateTimeOffset.UnixEpoch.AddDays(1), Accounts = 2, Regions = 3, Pass = 4, Fail = 5, Unknown = 6, Muted = 7, Critical = 8, High = 9, Medium = 10, Low = 11, Informational = 12, Matches = 13, New = 14, Fixed = 15, Still = 16, FixedDays = 1.5 }],
            [new FindingPast("k", "c", "a", "r", "x\ud800'", [DateTimeOffset.UnixEpoch], DateTimeOffset.UnixEpoch.AddDays(1), true)])
        {
            Evidence = [new EvidenceDays("c", "a", "r", "x'", new DateOnly(2026, 11, 28), "as-kqa")],
        };
        using var store = Filled([Ok(Trail, "us-east-1"), Denied(Vpc, "us-east-1") with { Resources = ["v"] }]);
        store.Save(Report([]));
        store.Save(Report([finding]) with { History = history });

        var report = store.ReadReport();

        history = history with { Past = [history.Past[0] with { Resource = "x\uFFFD'" }] };
        Assert.Equivalent(Report([finding]) with { History = history, Collection = store.ReadCollection() }, report, strict: true);
        Assert.Equivalent(new[] { Ok(Trail, "us-east-1"), Denied(Vpc, "us-east-1") with { Resources = ["v"] } }, report.Collection, strict: true);
        Assert.Equal([[finding.Key, "unknown", "critical"]], Ask(store, "select key, status, severity from findings"));
    }

    /// <summary>Who asks the store of detections asks of resources, people and times; the event's id has a column of its own.</summary>
    [Fact]
    public void A_detection_is_asked_by_what_was_touched_who_when_and_its_events()
    {
        var first = new DateTimeOffset(2026, 11, 20, 4, 28, 0, TimeSpan.Zero);
        var seen = new Sighting(first, first.AddMinutes(2), 2, ["e1", "e2"], new Dictionary<string, string>())
        {
            Actors = ["arn:aws:iam::111122223333:user/ben"],
            Sources = ["198.51.100.1", "198.51.100.2"],
            Actions = ["StopLogging"],
            Touched = ["arn:aws:cloudtrail:us-east-1:111122223333:trail/main"],
        };
        var finding = new Finding { Check = "d", Kind = FindingKind.Detection, Status = FindingStatus.Fail, Severity = Severity.High, Account = A, Region = "us-east-1", Resource = "e2", Message = "m", Seen = seen };
        var setting = finding with { Check = "c", Kind = FindingKind.Posture, Resource = "r", Seen = null };
        using (var store = ScanStore.Create(Path("a.duckdb"), Tables))
        {
            store.Save(Report([finding, setting]));
            store.Commit();
        }

        using (var store = ScanStore.Open(Path("a.duckdb")))
        {
            Assert.Equal(
                [
                    ["c", "r", "[]", "[]", "[]", "[]", "[]", "12:00", "12:00"],
                    ["d", seen.Touched[0], $"[\"{seen.Actors[0]}\"]", """["198.51.100.1","198.51.100.2"]""", """["StopLogging"]""", $"[\"{seen.Touched[0]}\"]", """["e1","e2"]""", "04:28", "04:30"],
                ],
                Ask(store, "select check_id, resource_id, actors, sources, actions, touched, event_ids, strftime(first_time, '%H:%M'), strftime(time, '%H:%M') from findings order by 1"));
            Assert.Equal([finding.Key, setting.Key], store.ReadReport().Findings.OrderBy(one => one.Check == "c").Select(one => one.Key));
        }
        // A store of version 1 called the identity a resource; its findings keep their keys.
        using (var plain = new DuckDBConnection($"DataSource={Path("a.duckdb")}"))
        {
            plain.Open();
            foreach (var statement in new[] { "update store set version = 1", "update findings set resource_id = identity", "alter table findings drop column identity" })
                Sandbox.Execute(plain, statement);
        }
        using var old = ScanStore.Open(Path("a.duckdb"));
        Assert.Equal(new HashSet<string> { finding.Key, setting.Key }, old.ReadReport().Findings.Select(one => one.Key).ToHashSet());
    }

    [Fact]
    public void Failures_of_resources_come_back()
    {
        var failure = new ResourceFailure("Status", CollectionOutcome.Throttled, "svc:Get", "slow \ud800");
        using var store = Filled([], Item(Trail, "r", "a", "{}", failure));

        Assert.Equal(failure with { Reason = "slow \uFFFD" }, Assert.Single(Assert.Single(store.ReadResources("aws_trail")).Failures));
    }

    /// <summary>Somebody else's file, or a later version's: what is not understood was not read.</summary>
    [Theory]
    [InlineData("fine")]
    [InlineData("OK")]
    [InlineData("")]
    public void An_outcome_that_is_not_known_is_an_error_and_not_ok(string word)
    {
        var failure = new ResourceFailure("Status", CollectionOutcome.Denied, "svc:Get", "no");
        using (var store = ScanStore.Create(Path("a.duckdb"), Tables))
        {
            store.Add(Ok(Trail, "us-east-1"));
            store.Add(Item(Trail, "us-east-1", "a", "{}", failure));
            store.Commit();
        }
        using (var plain = new DuckDBConnection($"DataSource={Path("a.duckdb")}"))
        {
            plain.Open();
            Sandbox.Execute(plain, $"update collection set status = '{word}'");
            Sandbox.Execute(plain, $"update resources set failures = replace(failures::varchar, '\"denied\"', '\"{word}\"')");
        }

        using var read = ScanStore.Open(Path("a.duckdb"));
        Assert.Equal(CollectionOutcome.Error, Assert.Single(read.ReadCollection()).Outcome);
        Assert.Equal(CollectionOutcome.Error, Assert.Single(Assert.Single(read.ReadResources("aws_trail")).Failures).Outcome);
    }

    [Fact]
    public void A_query_gives_columns_and_values()
    {
        using var store = Filled([], TrailItem("us-east-1", "a", true));
        IReadOnlyList<QueryColumn> columns = [];
        var rows = new List<IReadOnlyList<JsonNode?>>();

        store.Query(
            "select 1 as a, 2.5 as a, 'x' as t, null as n, true as b, [1, null] as l, {k: 'v'} as s, item->'Status' as j, timestamptz '2026-01-01 00:00:00+00' as ts, date '2026-01-01' as d, 'infinity'::timestamptz as inf, 'nan'::double as nan, 99999999999999999999::hugeint as h, map {'k': 1} as m from aws_trail;",
            found => columns = found, rows.Add, cancellation: TestContext.Current.CancellationToken);

        Assert.Equal(["a", "a", "t", "n", "b", "l", "s", "j", "ts", "d", "inf", "nan", "h", "m"], columns.Select(column => column.Name));
        Assert.Equal("JSON", columns[7].Type);
        Assert.Equal(
            """[1,2.5,"x",null,true,[1,null],{"k":"v"},{"IsLogging":true},"2026-01-01T00:00:00\u002B00:00","2026-01-01"]""",
            new JsonArray([.. rows[0].Take(10).Select(value => value?.DeepClone())]).ToJsonString());
        Assert.Equal("99999999999999999999", ScanStore.TextOf(rows[0][12]));
        Assert.Equal("""{"k":1}""", ScanStore.TextOf(rows[0][13]));
    }

    [Theory]
    [InlineData("delete from resources")]
    [InlineData("select * from read_text('/etc/passwd')")]
    [InlineData("attach ':memory:' as x")]
    [InlineData("select 1; select 2")]
    [InlineData("select nothere from aws_trail")]
    [InlineData("selct 1")]
    [InlineData("set threads=1")]
    public void A_query_that_is_refused_or_fails_is_one_line(string sql)
    {
        using var store = Filled([], TrailItem("us-east-1", "a", true));

        var error = Assert.Throws<InputException>(() => Ask(store, sql));

        Assert.DoesNotContain('\n', error.Message);
        Assert.Equal(1, store.CountResources());
    }

    [Fact]
    public void Describe_and_show_answer()
    {
        using var store = Filled([], TrailItem("us-east-1", "a", true));

        Assert.Contains(Ask(store, "describe aws_trail"), row => row[0] == "is_logging" && row[1] == "BOOLEAN");
        Assert.Contains(Ask(store, "show tables"), row => row[0] == "aws_trail");
    }

    [Fact]
    public async Task Many_threads_may_add_at_once()
    {
        using var store = ScanStore.InMemory(Tables);

        await Task.WhenAll(Enumerable.Range(0, 8).Select(thread => Task.Run(() =>
        {
            for (var i = 0; i < 200; i++)
            {
                store.Add(TrailItem("us-east-1", $"{thread}-{i}", true));
                store.Add(Ok(Trail, $"r{thread}-{i}"));
            }
        }, TestContext.Current.CancellationToken)));

        Assert.Equal(1600, store.CountResources());
        Assert.Equal(1600, store.ReadCollection().Count);
    }

    private static ScanReport Report(IReadOnlyList<Finding> findings) => new()
    {
        Scan = new ScanSummary { Time = Now, Source = "aws", Accounts = [A], Regions = ["us-east-1"], ApiCalls = 10, Resources = 1, Duration = TimeSpan.FromSeconds(1.5), Version = "1" },
        Rules = new Dictionary<string, RuleInfo> { ["sample"] = TrailCheck.Info },
        Findings = findings,
        Collection = [],
    };
}
