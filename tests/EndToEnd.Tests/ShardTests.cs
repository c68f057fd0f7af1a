using System.Text.Json;
using System.Text.Json.Nodes;
using Loopback;
using Loopback.Aws;
using Scanner.Collect.Policy;
using Scanner.Scan;

namespace EndToEnd.Tests;

/// <summary>Accounts dealt out to the jobs of a matrix, and the scan of one job's.</summary>
public sealed class ShardTests : LoopbackTests
{
    private static string Id(int number) => FormattableString.Invariant($"{number:000000000000}");

    [Fact]
    public void Jobs_are_even_by_what_the_last_scan_found_and_every_account_is_in_one()
    {
        var accounts = Enumerable.Range(1, 500).Select(Id).ToList();
        // A few large ones among many small ones, as organizations are; ten are new.
        var sizes = accounts.Take(490).Index().ToDictionary(one => one.Item, one => one.Index % 50 == 0 ? 20_000L : one.Index % 7 * 100L);

        var shards = Shard.Deal(accounts, sizes, 20);

        Assert.Equal(20, shards.Count);
        Assert.Equal(accounts, shards.SelectMany(shard => shard.Accounts).Order(StringComparer.Ordinal));
        // Ten accounts of 20,000 in twenty jobs: none has two of them while others have none.
        Assert.Equal(10, shards.Count(shard => shard.Accounts.Any(id => sizes.GetValueOrDefault(id) == 20_000)));
        var without = shards.Where(shard => shard.Accounts.All(id => sizes.GetValueOrDefault(id) < 20_000)).Select(shard => shard.Resources).ToList();
        Assert.True(without.Max() - without.Min() <= 900, $"{without.Min()} to {without.Max()}");
    }

    [Fact]
    public async Task A_list_and_a_file_are_dealt_out_without_AWS_the_same_in_every_format()
    {
        await File.WriteAllTextAsync(Path.Combine(Folder.FullName, "accounts.txt"), $"# ours\n{Id(1)}, production\n\n{Id(2)} # data\n", TestContext.Current.CancellationToken);
        string[] arguments = ["--accounts-file", "accounts.txt", "--accounts", $"{Id(3)},{Id(4)}", "--exclude-accounts", Id(4), "--jobs", "2"];

        var (code, json) = await RunAsync(arguments);
        var (_, csv) = await RunAsync([.. arguments, "--format", "csv"]);
        var (_, table) = await RunAsync([.. arguments, "--format", "table"]);

        Assert.True(code == 0, json);
        // One line, which an output of a step takes, and fromJSON a matrix.
        var line = Assert.Single(json.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        var jobs = JsonNode.Parse(line)!["include"]!.AsArray().Select(job => ((string)job!["shard"]!, (string)job["accounts"]!, (int)job["number"]!)).ToList();
        Assert.Equal([("000", $"{Id(1)},{Id(3)}", 2), ("001", Id(2), 1)], jobs);
        Assert.Equal($"shard,accounts,number,resources\r\n000,\"{Id(1)},{Id(3)}\",2,0\r\n001,{Id(2)},1,0\r\n", csv.Replace("\n", "\r\n", StringComparison.Ordinal).Replace("\r\r", "\r", StringComparison.Ordinal));
        Assert.Equal(3, table.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.Empty(Aws.Requests);
    }

    [Fact]
    public async Task Units_and_tags_of_an_organization_choose_the_accounts_with_no_right_that_the_policy_does_not_give()
    {
        Organization();

        var (code, output) = await RunAsync(["--organization", "--include-ou", "Workloads", "--exclude-ou", "ou-a-3", "--exclude-tag", "scan=no"], ("GITHUB_OUTPUT", Path.Combine(Folder.FullName, "output")));

        Assert.True(code == 0, output);
        Assert.Equal([Id(2), Id(5)], Accounts(output));
        Assert.Contains("Account 000000000004 (gone) is suspended: not scanned", output, StringComparison.Ordinal);
        Assert.Contains("""{"include":[{"shard":"000",""", await File.ReadAllTextAsync(Path.Combine(Folder.FullName, "output"), TestContext.Current.CancellationToken), StringComparison.Ordinal);
        var actions = PolicyGenerator.Generate([], PolicyInputs.Organization).Statements.SelectMany(statement => statement.Actions).ToHashSet(StringComparer.Ordinal);
        Assert.All(Aws.Requests.Where(request => request.Service == "organizations"), request => Assert.Contains($"organizations:{request.Operation}", actions));
    }

    [Theory]
    [InlineData("which accounts? Give --organization, --accounts or --accounts-file")]
    [InlineData("is not an account id", "--accounts", "12")]
    [InlineData("--jobs is a number from 1 to 256", "--accounts", "111111111111", "--jobs", "257")]
    [InlineData("--jobs is a number from 1 to 256", "--accounts", "111111111111", "--jobs", "0")]
    [InlineData("leave out --accounts", "--accounts", "111111111111", "--organization")]
    [InlineData("give them with --organization", "--accounts", "111111111111", "--include-ou", "x")]
    [InlineData("no account is left", "--accounts", "111111111111", "--exclude-accounts", "111111111111")]
    [InlineData("there is no such file", "--accounts-file", "none.txt")]
    [InlineData("there is no such file", "--accounts", "111111111111", "--baseline", "none.duckdb")]
    [InlineData("is not a tag; write KEY=VALUE", "--organization", "--include-tag", "scan")]
    [InlineData("'yaml' is not known; it is json, table, jsonl or csv", "--accounts", "111111111111", "--format", "yaml")]
    [InlineData("no such unit; did you mean 'Workloads'?", "--organization", "--include-ou", "Workload")]
    [InlineData("is the name of 2 units; give the id: ou-a-2, ou-a-3", "--organization", "--include-ou", "Prod")]
    public async Task A_mistake_is_one_line_and_ends_with_2(string expected, params string[] arguments)
    {
        Organization();

        var (code, output) = await RunAsync(arguments);

        Assert.True(code == 2, output);
        Assert.Contains(expected, output, StringComparison.Ordinal);
        Assert.Single(output.Split('\n', StringSplitOptions.RemoveEmptyEntries), line => !line.Contains("suspended", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_job_scans_its_accounts_of_the_organization_and_no_others_and_its_store_balances_the_next_run()
    {
        Organization();
        Aws.Reply("iam", "GetAccountSummary", """{"SummaryMap": {"AccountMFAEnabled": 1}}""");
        Aws.Reply("iam", "GenerateCredentialReport", """{"State": "COMPLETE"}""");
        Aws.Reply("iam", "GetCredentialReport", """{"Content": "dXNlcixhcm4K"}""");
        Aws.Fault("sts", "AssumeRole", AwsFault.AccessDenied, when: request => request["RoleArn"]!.Contains(Id(3), StringComparison.Ordinal));

        var (code, output) = await ScannerProgram.RunAsync(Folder.FullName,
            ["scan", "--only", "iam-root-mfa", "--organization", "--accounts", $"{Id(2)},{Id(3)}", "--role-name", "audit", "--regions", "us-east-1", "--report", "json=r.json", "--store", "s.duckdb"],
            [.. Aws.EnvironmentVariables.Select(pair => (pair.Key, pair.Value))]);

        Assert.True(code == 0, output);
        using var report = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(Folder.FullName, "r.json"), TestContext.Current.CancellationToken));
        Assert.Equal([Id(2), Id(3)], report.RootElement.GetProperty("scan").GetProperty("accounts").EnumerateArray().Select(account => account.GetString()));
        Assert.Equal("unknown", report.RootElement.GetProperty("findings").EnumerateArray().Single(finding => finding.GetProperty("account").GetString() == Id(3)).GetProperty("status").GetString());

        var (_, stranger) = await ScannerProgram.RunAsync(Folder.FullName, ["scan", "--organization", "--accounts", Id(9), "--role-name", "audit"], [.. Aws.EnvironmentVariables.Select(pair => (pair.Key, pair.Value))]);
        Assert.Contains("--accounts 000000000009: the organization has no such account", stranger, StringComparison.Ordinal);

        var (_, next) = await RunAsync(["--accounts", $"{Id(2)},{Id(3)}", "--baseline", "s.duckdb"]);
        var found = JsonNode.Parse(next)!["include"]!.AsArray().ToDictionary(job => (string)job!["accounts"]!, job => (long)job!["resources"]!);
        Assert.True(found[Id(2)] > 0, next);
        Assert.Equal(0, found[Id(3)]);
    }

    [Fact]
    public async Task The_workflow_to_copy_is_one_that_GitHub_takes()
    {
        var text = await File.ReadAllTextAsync(Path.Combine(Tools.Repository, "docs/organization.md"), TestContext.Current.CancellationToken);
        var file = Path.Combine(Folder.FullName, ".github/workflows/organization.yml");
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        await File.WriteAllTextAsync(file, text.Split("```yaml\n")[1].Split("```")[0], TestContext.Current.CancellationToken);

        var (code, output) = await Tools.RunAsync(NeededTools.Node(), ["tests/node/lint-workflows.mjs", Tools.NodeModules!, file], cancellation: TestContext.Current.CancellationToken);

        Assert.True(code == 0, output);
        var action = await File.ReadAllTextAsync(Path.Combine(Tools.Repository, "action.yml"), TestContext.Current.CancellationToken);
        foreach (var input in new[] { "role-arn", "role-name", "organization", "accounts", "store", "publish", "arguments", "matrix" })
            Assert.Contains($"\n  {input}:\n", action, StringComparison.Ordinal);
    }

    private static IEnumerable<string> Accounts(string output) =>
        JsonNode.Parse(output.Split('\n').Single(line => line.StartsWith('{')))!["include"]!.AsArray().SelectMany(job => ((string)job!["accounts"]!).Split(',')).Order(StringComparer.Ordinal);

    // The root holds 1; Workloads holds 2, and Prod with 3 below it; another Prod holds 4, which is suspended; 5 and 6 are in Workloads, 6 with a tag.
    private void Organization()
    {
        Aws.Reply("organizations", "ListAccounts", new JsonObject { ["Accounts"] = new JsonArray([.. Enumerable.Range(1, 6).Select(n => new JsonObject { ["Id"] = Id(n), ["Name"] = n == 4 ? "gone" : "member", ["Status"] = n == 4 ? "SUSPENDED" : "ACTIVE" })]) });
        Aws.Reply("organizations", "ListRoots", """{"Roots": [{"Id": "r-a", "Name": "Root"}]}""");
        Aws.Reply("organizations", "ListOrganizationalUnitsForParent", request => new JsonObject
        {
            ["OrganizationalUnits"] = request["ParentId"] switch
            {
                "r-a" => new JsonArray(Unit("ou-a-1", "Workloads"), Unit("ou-a-2", "Prod")),
                "ou-a-1" => new JsonArray(Unit("ou-a-3", "Prod")),
                _ => [],
            },
        });
        Aws.Reply("organizations", "ListAccountsForParent", request => new JsonObject
        {
            ["Accounts"] = new JsonArray([.. (request["ParentId"] switch { "r-a" => [1], "ou-a-1" => [2, 5, 6], "ou-a-2" => [4], _ => new[] { 3 } }).Select(n => new JsonObject { ["Id"] = Id(n) })]),
        });
        Aws.Reply("organizations", "ListTagsForResource", request => new JsonObject
        {
            ["Tags"] = request["ResourceId"] == Id(6) ? new JsonArray(new JsonObject { ["Key"] = "scan", ["Value"] = "no" }) : new JsonArray(),
        });

        static JsonObject Unit(string id, string name) => new() { ["Id"] = id, ["Name"] = name };
    }

    private Task<(int ExitCode, string Output)> RunAsync(string[] arguments, params (string Name, string Value)[] environment) =>
        ScannerProgram.RunAsync(Folder.FullName, ["shard", .. arguments], [.. Aws.EnvironmentVariables.Select(pair => (pair.Key, pair.Value)), .. environment]);
}
