using System.Text.Json;
using System.Text.Json.Nodes;
using DuckDB.NET.Data;
using Loopback;

namespace EndToEnd.Tests;

/// <summary>The stores of several jobs joined: what one scan of all would say, and what becomes of a job that failed.</summary>
public sealed class MergeTests : IDisposable
{
    private const string One = "111122223333";
    private const string Two = "444455556666";
    private static readonly string Sample = Path.Combine(Tools.Repository, "samples/acme");

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("scanner-merge-tests-");

    [Fact]
    public async Task Two_jobs_that_share_the_sample_say_key_by_key_what_one_scan_says()
    {
        string[] some = [.. SomeChecks.Only("vpc-flow-logs-arriving", "cloudtrail-logs-arriving", "guardduty-enabled")];
        await ScanAsync(Sample, null, "all", some);
        await ScanAsync(Sample, One, "one", some);
        await ScanAsync(Sample, Two, "two", some);

        var (code, output) = await MergeAsync("one.duckdb", "two.duckdb", "--store", "merged.duckdb", "--report", "json=merged.json");

        Assert.True(code == 0, output);
        Assert.Equal(Findings("all.json"), Findings("merged.json"));
        Assert.Contains(Notices("merged.json"), notice => notice.Contains("may be blind", StringComparison.Ordinal));
        Assert.Equal(Notices("all.json"), Notices("merged.json"));
        // What it keeps is a store like any other, which can be asked.
        var (_, asked) = await RunAsync("query", "select count(*) as n from findings", "--store", "merged.duckdb", "--format", "csv");
        Assert.Equal(["n", Findings("all.json").Count.ToString(System.Globalization.CultureInfo.InvariantCulture)], asked.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public async Task Three_jobs_of_an_organization_say_what_one_scan_says_where_a_log_goes_to_the_bucket_of_another_job()
    {
        var organization = Organization(2);
        string[] only = ["--only", "cloudtrail-*,iam-root-*,securityhub-*,guardduty-*,organizations-*"];
        await ScanAsync(organization, null, "all", only);
        await ScanAsync(organization, One, "s1", only);
        await ScanAsync(organization, "111100000001", "s2", only);
        await ScanAsync(organization, $"{Two},444400000001", "s3", only);
        Directory.CreateDirectory(PathOf("shards/below"));
        foreach (var name in new[] { "s1", "s2", "s3" })
            File.Move(PathOf(name + ".duckdb"), PathOf($"shards/below/{name}.duckdb"));

        var (code, output) = await MergeAsync("shards", "--report", "json=merged.json");

        Assert.True(code == 0, output);
        Assert.Equal(Findings("all.json"), Findings("merged.json"));
        Assert.NotEqual(Findings("all.json"), [.. Findings("s1.json").Concat(Findings("s2.json")).Concat(Findings("s3.json")).Distinct().Order(StringComparer.Ordinal)]);
    }

    [Fact]
    public async Task Accounts_whose_job_failed_are_unknown_by_name_and_the_exit_code_says_so()
    {
        await QuickAsync(One, "one");
        await QuickAsync(Two, "two");
        // The second job was cut off while it uploaded.
        File.WriteAllBytes(PathOf("two.duckdb"), File.ReadAllBytes(PathOf("two.duckdb"))[..200_000]);
        var before = File.ReadAllBytes(PathOf("one.duckdb"));
        var plan = $$"""{"include":[{"shard":"000","accounts":"{{One}}"},{"shard":"001","accounts":"{{Two}}"},{"shard":"002","accounts":"777788889999"}]}""";

        var (code, output) = await MergeAsync("one.duckdb", "two.duckdb", "--shards", plan, "--report", "json=merged.json");

        Assert.True(code == 3, output);
        Assert.Single(output.Split('\n'), line => line.StartsWith("scanner: ", StringComparison.Ordinal) && line.Contains("two.duckdb", StringComparison.Ordinal) && line.EndsWith("; its accounts are unknown", StringComparison.Ordinal));
        Assert.Contains("2 accounts are unknown, because no store of their jobs could be read: 444455556666, 777788889999", output, StringComparison.Ordinal);
        using var report = JsonDocument.Parse(File.ReadAllText(PathOf("merged.json")));
        var findings = report.RootElement.GetProperty("findings").EnumerateArray().ToList();
        Assert.Contains(findings, finding => Text(finding, "account") == One && Text(finding, "status") == "pass");
        foreach (var (id, shard) in new[] { (Two, "001"), ("777788889999", "002") })
        {
            var own = findings.Where(finding => Text(finding, "account") == id).ToList();
            Assert.NotEmpty(own);
            Assert.All(own, finding => Assert.Equal("unknown", Text(finding, "status")));
            Assert.All(own, finding => Assert.Contains($"(shard {shard}) left no store", finding.GetProperty("causes").GetRawText(), StringComparison.Ordinal));
        }
        Assert.Equal(before, File.ReadAllBytes(PathOf("one.duckdb")));
    }

    [Fact]
    public async Task What_does_not_belong_together_is_one_line_and_ends_with_2_and_nothing_is_changed()
    {
        await QuickAsync(One, "one");
        await QuickAsync(Two, "two");
        File.Copy(PathOf("one.duckdb"), PathOf("again.duckdb"));
        Changed("version", "UPDATE scan SET version = '0.0.1'");
        Changed("schema", "UPDATE store SET version = 99");
        Changed("old", "UPDATE scan SET time = time - INTERVAL 1 DAY");
        Changed("unfinished", "DELETE FROM scan");
        Changed("run", """UPDATE scan SET info = json_merge_patch(info, '{"Run": "acme/infra/7"}')""");
        Changed("asked", """UPDATE scan SET info = json_merge_patch(info, '{"Scope": "regions-eu-west-1", "Parameters": "--regions eu-west-1"}')""");
        Changed("rules", "DELETE FROM rules WHERE id = 'iam-root-mfa'");
        Changed("foreign", "UPDATE rules SET id = 'ours', info = json_merge_patch(info, '{\"Id\": \"ours\"}') WHERE id = 'iam-root-mfa'");
        File.WriteAllBytes(PathOf("cut.duckdb"), File.ReadAllBytes(PathOf("two.duckdb"))[..200_000]);
        File.WriteAllText(PathOf("text.duckdb"), "not a store");
        Directory.CreateDirectory(PathOf("empty"));
        var before = Contents();

        foreach (var (expected, arguments) in new (string, string[])[]
        {
            ("which stores?", []),
            ("none.duckdb: there is no such store", ["one.duckdb", "none.duckdb"]),
            ("empty: there is no .duckdb file in it", ["empty"]),
            ("text.duckdb is not a store of Scanner", ["one.duckdb", "text.duckdb"]),
            ("cut.duckdb", ["one.duckdb", "cut.duckdb"]),
            ("unfinished.duckdb holds no finished scan", ["one.duckdb", "unfinished.duckdb"]),
            ("schema.duckdb was made by another version of Scanner", ["one.duckdb", "schema.duckdb"]),
            ("version.duckdb was made by Scanner 0.0.1", ["one.duckdb", "version.duckdb"]),
            ($"account {One} is in one.duckdb and in again.duckdb", ["one.duckdb", "again.duckdb"]),
            ($"account {One} is in one.duckdb and in one.duckdb", ["one.duckdb", "one.duckdb"]),
            ("old.duckdb is of another run than one.duckdb: it looked at", ["one.duckdb", "old.duckdb"]),
            ("run.duckdb is of another run than one.duckdb: workflow run acme/infra/7, not none", ["one.duckdb", "run.duckdb"]),
            ("asked.duckdb is of another run than one.duckdb: it was asked '--regions eu-west-1'", ["one.duckdb", "asked.duckdb"]),
            ("rules.duckdb is of another run than one.duckdb: other checks ran", ["one.duckdb", "rules.duckdb"]),
            ("foreign.duckdb: its check 'ours' is not among the checks here; give --checks", ["one.duckdb", "foreign.duckdb"]),
            ("two.duckdb is of another run: --shards names no account " + Two, ["one.duckdb", "two.duckdb", "--shards", $$"""{"include":[{"shard":"000","accounts":"{{One}}"}]}"""]),
            ("--shards none.json: there is no such file", ["one.duckdb", "--shards", "none.json"]),
            ("is not the JSON that 'scanner shard' prints", ["one.duckdb", "--shards", "{\"jobs\": []}"]),
            ("names account 111122223333 twice", ["one.duckdb", "--shards", $$"""{"include":[{"shard":"000","accounts":"{{One}},{{One}}"}]}"""]),
            ("--store two.duckdb is there, and a merge replaces nothing", ["one.duckdb", "two.duckdb", "--store", "two.duckdb"]),
            ("there is no format 'yaml'", ["one.duckdb", "two.duckdb", "--report", "yaml=r.yaml"]),
        })
        {
            var (code, output) = await MergeAsync(arguments);
            Assert.True(code == 2, output);
            var line = Assert.Single(output.Split('\n', StringSplitOptions.RemoveEmptyEntries), line => line.StartsWith("scanner: ", StringComparison.Ordinal));
            Assert.Contains(expected, line, StringComparison.Ordinal);
        }

        Assert.Equal(before, Contents());
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private string PathOf(string name) => Path.Combine(_folder.FullName, name);

    private Task<(int ExitCode, string Output)> RunAsync(params string[] arguments) => ScannerProgram.RunAsync(_folder.FullName, arguments);

    private Task<(int ExitCode, string Output)> MergeAsync(params string[] arguments) => RunAsync(["merge", .. arguments]);

    private Task QuickAsync(string account, string name) => ScanAsync(Sample, account, name, "--only", "iam-root-mfa,cloudtrail-management-events");

    private async Task ScanAsync(string from, string? accounts, string name, params string[] more)
    {
        var (code, output) = await RunAsync(["scan", "--from", from, .. accounts is null ? [] : new[] { "--accounts", accounts }, "--store", name + ".duckdb", "--report", $"json={name}.json", .. more]);
        Assert.True(code == 0, output);
    }

    private void Changed(string name, string sql)
    {
        var path = PathOf(name + ".duckdb");
        File.Copy(PathOf("two.duckdb"), path);
        using var connection = new DuckDBConnection($"DataSource={path}");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        Assert.True(command.ExecuteNonQuery() > 0, sql);
        command.CommandText = "CHECKPOINT";
        command.ExecuteNonQuery();
    }

    private List<(string, string)> Contents() =>
        [.. _folder.EnumerateFiles("*.duckdb*", SearchOption.AllDirectories).OrderBy(file => file.FullName, StringComparer.Ordinal)
            .Select(file => (file.Name, Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(file.FullName)))))];

    // All that is said of each finding, but not since when it is known.
    private List<string> Findings(string report)
    {
        using var document = JsonDocument.Parse(File.ReadAllText(PathOf(report)));
        return [.. document.RootElement.GetProperty("findings").EnumerateArray().Select(finding => finding.GetRawText()).Order(StringComparer.Ordinal)];
    }

    private List<string> Notices(string report)
    {
        using var document = JsonDocument.Parse(File.ReadAllText(PathOf(report)));
        return [.. document.RootElement.GetProperty("scan").GetProperty("notices").EnumerateArray().Select(notice => notice.GetString()!)];
    }

    private static string Text(JsonElement json, string name) => json.GetProperty(name).GetString()!;

    // Copies of the sample's two accounts, each pair with names and ids of its own.
    private string Organization(int pairs)
    {
        var folder = PathOf("organization");
        var scan = JsonNode.Parse(File.ReadAllText(Path.Combine(Sample, "scan.json")))!;
        var accounts = new JsonArray();
        for (var i = 0; i < pairs; i++)
        {
            string Renamed(string text) => i == 0 ? text : text.Replace(One, $"11110000{i:0000}", StringComparison.Ordinal).Replace(Two, $"44440000{i:0000}", StringComparison.Ordinal).Replace("acme", $"acme{i}", StringComparison.Ordinal);
            foreach (var file in Directory.EnumerateFiles(Sample, "*.json", SearchOption.AllDirectories).Where(file => Path.GetRelativePath(Sample, file)[0] is '1' or '4'))
            {
                var target = Path.Combine(folder, Renamed(Path.GetRelativePath(Sample, file)));
                Directory.CreateDirectory(Path.GetDirectoryName(target)!);
                File.WriteAllText(target, Renamed(File.ReadAllText(file)));
            }
            foreach (var account in scan["accounts"]!.AsArray())
                accounts.Add(JsonNode.Parse(Renamed(account!.ToJsonString())));
        }
        scan["accounts"] = accounts;
        File.WriteAllText(Path.Combine(folder, "scan.json"), scan.ToJsonString());
        return folder;
    }
}
