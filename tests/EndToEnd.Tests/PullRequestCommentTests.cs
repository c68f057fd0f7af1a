using System.Text.Json.Nodes;
using Loopback;
using Scanner.Model;
using Scanner.Publish.GitHub;
using Scanner.Scan;

namespace EndToEnd.Tests;

/// <summary>
/// What a pull request reads, plan by plan: twelve variations of the sample plan go all the way from file to comment, and the texts are kept in
/// <c>Snapshots</c> (<c>SCANNER_UPDATE=1</c> takes what comes out).
/// </summary>
public sealed class PullRequestCommentTests : IAsyncLifetime
{
    private const string Head = "0123456789abcdef0123456789abcdef01234567";

    private static readonly string Stack = Path.Combine(Tools.Repository, "samples/plans/shop");

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("comment");
    private readonly JsonNode _plan = JsonNode.Parse(File.ReadAllText(Path.Combine(Stack, "plan.json")))!;
    private string _source = File.ReadAllText(Path.Combine(Stack, "main.tf"));
    private GitHubServer _github = null!;

    public async ValueTask InitializeAsync()
    {
        _github = await GitHubServer.StartAsync();
        _github.Issues.Add(new GitHubIssue { Number = 1, Title = "A change", Body = "", IsPullRequest = true, User = ("alice", "User") });
    }

    public async ValueTask DisposeAsync()
    {
        _folder.Delete(recursive: true);
        await _github.DisposeAsync();
    }

    [Fact]
    public Task The_sample() => ReadsAsync("sample");

    [Fact]
    public async Task Nothing_but_better_is_one_line_of_praise()
    {
        Only("aws_kms_key.orders", "aws_vpc.shop");
        await ReadsAsync("better");
        Assert.Single(_github.Issues[0].Comments[0].Body.Trim().Split('\n'), line => !line.StartsWith("<!--", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_change_that_is_nothing_to_us_gets_no_comment_and_shrinks_one_that_is_there()
    {
        var worse = _plan.ToJsonString();
        Only("aws_vpc.shop", "aws_kms_key.orders");
        Change("aws_kms_key.orders")["change"]!["before"] = Change("aws_kms_key.orders")["change"]!["after"]!.DeepClone();
        Change("aws_kms_key.orders")["change"]!["actions"] = new JsonArray("no-op");
        await PublishAsync(await JudgeAsync());
        Assert.Empty(_github.Issues[0].Comments);

        await PublishAsync(await JudgeAsync(worse));
        Assert.Contains("introduces 2 problems", Assert.Single(_github.Issues[0].Comments).Body, StringComparison.Ordinal);
        await ReadsAsync("nothing");
    }

    [Fact]
    public Task An_errored_plan()
    {
        // What fails is missing from the changes though the state has it.
        Only("aws_kms_key.orders", "aws_vpc.shop");
        (_plan["errored"], _plan["complete"], _plan["applyable"]) = (true, false, false);
        return ReadsAsync("errored");
    }

    [Fact]
    public Task A_plan_of_a_target_takes_the_rest_as_the_state_has_it()
    {
        var changes = _plan["resource_changes"]!.AsArray();
        foreach (var other in changes.Where(one => one!["address"]!.GetValue<string>() != "aws_kms_key.orders").ToList())
            changes.Remove(other);
        _plan["complete"] = false;
        return ReadsAsync("target");
    }

    [Fact]
    public Task What_a_downloaded_module_makes_stands_at_its_call()
    {
        Only("aws_db_instance.orders");
        Change("aws_db_instance.orders")["address"] = "module.db.aws_db_instance.this[0]";
        Change("module.db.aws_db_instance.this[0]")["module_address"] = "module.db";
        Change("module.db.aws_db_instance.this[0]")["name"] = "this";
        Change("module.db.aws_db_instance.this[0]")["index"] = 0;
        _plan["prior_state"]!["values"]!["root_module"]!["resources"] = new JsonArray();
        var root = _plan["configuration"]!["root_module"]!;
        var database = root["resources"]!.AsArray().First(one => one!["address"]!.GetValue<string>() == "aws_db_instance.orders")!.DeepClone();
        (database["address"], database["name"], database["count_expression"]) = ("aws_db_instance.this", "this", JsonNode.Parse("""{"references":["var.create"]}"""));
        root["resources"] = new JsonArray();
        root["module_calls"] = new JsonObject
        {
            ["db"] = new JsonObject
            {
                ["source"] = "terraform-aws-modules/rds/aws",
                ["version_constraint"] = "~> 7.0",
                ["module"] = new JsonObject { ["resources"] = new JsonArray(database), ["variables"] = JsonNode.Parse("""{"create":{"default":true}}""") },
            },
        };
        _source = "# the shop's database\nmodule \"db\" {\n  source              = \"terraform-aws-modules/rds/aws\"\n  version             = \"~> 7.0\"\n  publicly_accessible = true\n}\n";
        return ReadsAsync("module");
    }

    [Fact]
    public Task Instances_of_one_block_are_one_row()
    {
        Only("aws_kms_key.orders");
        var one = Change("aws_kms_key.orders");
        var changes = _plan["resource_changes"]!.AsArray();
        changes.Clear();
        _plan["prior_state"]!["values"]!["root_module"]!["resources"] = new JsonArray();
        for (var i = 0; i < 30; i++)
        {
            var key = one.DeepClone();
            (key["address"], key["index"]) = ($"aws_kms_key.orders[\"shop.{i:00}\"]", $"shop.{i:00}");
            (key["change"]!["actions"], key["change"]!["before"]) = (new JsonArray("create"), null);
            key["change"]!["after"]!["enable_key_rotation"] = false;
            foreach (var known in new[] { "id", "key_id", "arn" })
            {
                key["change"]!["after"]!.AsObject().Remove(known);
                key["change"]!["after_unknown"]![known] = true;
            }
            changes.Add(key);
        }
        return ReadsAsync("instances");
    }

    [Fact]
    public Task What_the_source_ignores_is_counted_and_shown()
    {
        _source = _source.Replace("resource \"aws_db_instance\" \"orders\" {\n", "resource \"aws_db_instance\" \"orders\" {\n  # scanner:ignore rds-public-access until 2999-12-31: the migration needs it\n", StringComparison.Ordinal)
            .Replace("resource \"aws_vpc\" \"shop\" {\n", "resource \"aws_vpc\" \"shop\" {\n  # scanner:ignore vpc-flow-logs-active: no day\n", StringComparison.Ordinal);
        return ReadsAsync("ignored");
    }

    [Fact]
    public Task A_plan_of_OpenTofu_does_not_say_whether_it_is_whole()
    {
        Only("aws_kms_key.orders");
        _plan.AsObject().Remove("complete");
        _plan.AsObject().Remove("applyable");
        _plan["terraform_version"] = "1.12.6";
        return ReadsAsync("opentofu");
    }

    [Fact]
    public Task A_plan_of_which_nothing_is_judged_says_so()
    {
        var changes = _plan["resource_changes"]!.AsArray();
        changes.Clear();
        changes.Add(JsonNode.Parse("""{"address":"aws_ssm_parameter.a","mode":"managed","type":"aws_ssm_parameter","name":"a","change":{"actions":["create"],"before":null,"after":{"name":"a"},"after_unknown":{},"before_sensitive":false,"after_sensitive":{}}}"""));
        _plan["prior_state"]!["values"]!["root_module"]!["resources"] = new JsonArray();
        return ReadsAsync("not-judged");
    }

    [Fact]
    public Task Hostile_names_stay_text()
    {
        Only("aws_db_instance.orders");
        foreach (var side in new[] { "before", "after" })
            Change("aws_db_instance.orders")["change"]![side]!["identifier"] = "x | y\n</td></details><img src=x onerror=alert(1)> @everyone <!-- scanner:gate --> [a](https://evil.example) ::error::";
        return ReadsAsync("hostile");
    }

    [Fact]
    public async Task Two_stacks_in_one_folder_share_a_comment()
    {
        var worse = _plan.ToJsonString();
        Only("aws_kms_key.orders");
        await WriteAsync("plans/network.json", worse);
        await WriteAsync("plans/shop.json", _plan.ToJsonString());
        await PublishAsync(await JudgeAsync(plan: "plans"));
        Kept("folder");
    }

    private JsonNode Change(string address) => _plan["resource_changes"]!.AsArray().First(one => one!["address"]!.GetValue<string>() == address)!;

    // The other changes do not happen: what is there stays, and what is new does not come.
    private void Only(params string[] addresses)
    {
        foreach (var change in _plan["resource_changes"]!.AsArray().Where(one => !addresses.Contains(one!["address"]!.GetValue<string>(), StringComparer.Ordinal)).ToList())
        {
            if (change!["change"]!["before"] is not { } before)
            {
                _plan["resource_changes"]!.AsArray().Remove(change);
                continue;
            }
            change["change"]!["actions"] = new JsonArray("no-op");
            change["change"]!["after"] = before.DeepClone();
        }
    }

    private async Task ReadsAsync(string name)
    {
        await PublishAsync(await JudgeAsync());
        Kept(name);
    }

    private async Task<ScanReport> JudgeAsync(string? json = null, string plan = "infra/shop/plan.json")
    {
        await WriteAsync("infra/shop/plan.json", json ?? _plan.ToJsonString());
        await WriteAsync("infra/shop/main.tf", _source);
        using var run = new GateRun(new GateOptions
        {
            Plan = Path.Combine(_folder.FullName, plan),
            Source = Path.Combine(_folder.FullName, "infra/shop"),
            Repository = _folder.FullName,
            Name = "infra/shop",
            // Enough to show every part of the text, and quicker than all.
            Only = ["rds-*", "vpc-flow-logs-active", "kms-key-rotation", "ec2-imdsv2"],
        });
        return run.Run(new Silent(), TestContext.Current.CancellationToken);
    }

    private Task PublishAsync(ScanReport report) => new GitHubPublisher(new GitHubOptions
    {
        Token = GitHubServer.Token,
        Owner = GitHubServer.Owner,
        Name = GitHubServer.Name,
        ApiUrl = _github.ApiUrl,
        Ref = "refs/pull/1/merge",
        Sha = Head,
        Workflow = "Terraform gate",
        RunNumber = 7,
        RepositoryUrl = new Uri("https://github.com/acme/security/"),
        RunUrl = new Uri("https://github.com/acme/security/actions/runs/42"),
        WriteInterval = TimeSpan.Zero,
    }).PublishPullRequestCommentAsync(report);

    private void Kept(string name)
    {
        // The first line is the hidden key.
        var text = Assert.Single(_github.Issues[0].Comments).Body.Split('\n', 2)[1];
        var kept = Path.Combine(Tools.Repository, "tests/EndToEnd.Tests/Snapshots", $"comment-{name}.md");
        if (Environment.GetEnvironmentVariable("SCANNER_UPDATE") == "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(kept)!);
            File.WriteAllText(kept, text);
        }
        Assert.Equal(File.Exists(kept) ? File.ReadAllText(kept) : "", text);
    }

    private async Task WriteAsync(string name, string text)
    {
        var path = Path.Combine(_folder.FullName, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        await File.WriteAllTextAsync(path, text, TestContext.Current.CancellationToken);
    }

    private sealed class Silent : IProgressSink
    {
        public void Report(string task, long done, long total)
        {
        }

        public void Note(string message)
        {
        }
    }
}
