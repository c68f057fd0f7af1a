using System.Text.Json.Nodes;
using Loopback;

namespace EndToEnd.Tests;

/// <summary><c>command: gate</c> as the Action runs it on a pull request: inputs and the runner's variables in; comment, annotations, outputs and exit code out.</summary>
public sealed class GateActionTests : IAsyncLifetime
{
    private const string Head = "0123456789abcdef0123456789abcdef01234567";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("gate-action");
    private GitHubServer _github = null!;

    public async ValueTask InitializeAsync()
    {
        _github = await GitHubServer.StartAsync();
        _github.Issues.Add(new GitHubIssue { Number = 1, Title = "A change", Body = "", IsPullRequest = true, User = ("alice", "User") });
        // The checkout: the sample's stack as the repository's infra/shop.
        _folder.CreateSubdirectory("infra/shop");
        foreach (var file in new[] { "main.tf", "plan.json" })
            File.Copy(Path.Combine(Tools.Repository, "samples/plans/shop", file), Path.Combine(_folder.FullName, "infra/shop", file));
        Event("acme/security");
    }

    public async ValueTask DisposeAsync()
    {
        _folder.Delete(recursive: true);
        await _github.DisposeAsync();
    }

    [Fact]
    public async Task The_verdict_is_a_comment_annotations_on_the_terraform_outputs_and_the_exit_code()
    {
        _github.Files.Add(("infra/shop/main.tf", null, "@@ -48,2 +48,2 @@\n enabled\n-  publicly_accessible             = false\n+  publicly_accessible             = true"));
        var (code, output) = await RunAsync();

        Assert.True(code == 1, output);
        var comment = Assert.Single(_github.Issues[0].Comments).Body;
        Assert.Contains("this change introduces 2 problems and fixes 1; 1 cannot be told before apply", comment, StringComparison.Ordinal);
        Assert.Contains($"(https://github.com/acme/security/blob/{Head}/infra/shop/main.tf#L49)", comment, StringComparison.Ordinal);
        Assert.Contains("```suggestion\n  publicly_accessible             = false\n```", comment, StringComparison.Ordinal);
        Assert.Contains("::error title=high%3A RDS instances are publicly accessible (rds-public-access),file=infra/shop/main.tf,line=49,", output, StringComparison.Ordinal);
        Assert.Contains("::warning title=medium%3A VPCs have no active flow log (vpc-flow-logs-active),file=infra/shop/main.tf,line=18,", output, StringComparison.Ordinal);
        var outputs = await OutputsAsync();
        Assert.Equal(("1", "2", "1"), (outputs["exit-code"], outputs["introduced-count"], outputs["fixed-count"]));
        Assert.Equal(("5", "1", "0"), (outputs["existing-count"], outputs["unknown-count"], outputs["removed-count"]));
        Assert.Contains("introduces 2 problems", await File.ReadAllTextAsync(Path.Combine(_folder.FullName, "summary.md"), TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_the_plan_calls_sensitive_is_in_no_comment_annotation_summary_or_output()
    {
        const string Secret = "correct-horse-battery";
        var plan = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(_folder.FullName, "infra/shop/plan.json"), TestContext.Current.CancellationToken))!;
        var change = plan["resource_changes"]!.AsArray().Single(one => one!["address"]!.GetValue<string>() == "aws_db_instance.orders")!["change"]!;
        foreach (var side in new[] { "before", "after" })
        {
            change[side]!["identifier"] = Secret;
            change[side + "_sensitive"] = new JsonObject { ["identifier"] = true };
        }
        await WriteAsync("infra/shop/plan.json", plan.ToJsonString());
        var (code, output) = await RunAsync();

        Assert.True(code == 1, output);
        var comment = Assert.Single(_github.Issues[0].Comments).Body;
        Assert.Contains("(sensitive)", comment, StringComparison.Ordinal);
        foreach (var text in new[] { comment, output, await TextAsync("summary.md"), await TextAsync("output") })
            Assert.DoesNotContain(Secret, text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_pull_request_that_changes_what_it_is_judged_by_is_told_so_first()
    {
        // As the workflow to copy has it: checks and baseline of the base branch, in a checkout of their own.
        _folder.CreateSubdirectory(".git");
        _folder.CreateSubdirectory(".base/.git");
        _folder.CreateSubdirectory(".base/security/checks");
        await WriteAsync(".base/security/checks/mutes.yml", "mutes:\n  - check: rds-public-access\n    resource: aws_db_instance.orders\n    reason: a migration\n    expires: 2999-12-31\n");
        var source = await File.ReadAllTextAsync(Path.Combine(_folder.FullName, "infra/shop/main.tf"), TestContext.Current.CancellationToken);
        await WriteAsync("infra/shop/main.tf", source.Replace("resource \"aws_vpc\" \"shop\" {\n", "resource \"aws_vpc\" \"shop\" {\n  # scanner:ignore vpc-flow-logs-active until 2999-12-31: the budget\n", StringComparison.Ordinal));
        _github.Files.AddRange([
            ("security/checks/mutes.yml", null, "@@ -1 +1 @@\n-a\n+b"),
            (".github/workflows/gate.yml", null, "@@ -1 +1 @@\n-a\n+b"),
            ("infra/shop/main.tf", null, "@@ -18 +18,2 @@\n resource\n+  # scanner:ignore"),
            ("README.md", null, "@@ -1 +1 @@\n-a\n+b"),
        ]);
        var (code, output) = await RunAsync(("INPUT_CHECKS", ".base/security/checks"));

        Assert.True(code == 0, output);
        var comment = Assert.Single(_github.Issues[0].Comments).Body;
        Assert.Contains("🔕 Scanner: this change introduces no problems (but 2 that are ignored) and fixes 1", comment, StringComparison.Ordinal);
        Assert.Contains("> ⚠️ **This pull request changes what it is judged by.** Read these changes first: `.github/workflows/gate.yml`, `security/checks/mutes.yml`, `infra/shop/main.tf:19 (scanner:ignore vpc-flow-logs-active)`\n", comment, StringComparison.Ordinal);
        Assert.Contains("the budget", comment, StringComparison.Ordinal);
        Assert.Contains("a migration", comment, StringComparison.Ordinal);
        Assert.Contains("::warning title=This pull request changes what it is judged by::", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("acme/security", "pull-requests: write")]
    [InlineData("mallory/infra", "comes from a fork (mallory/infra)")]
    public async Task A_verdict_that_cannot_be_shown_is_one_line_and_never_green(string head, string remedy)
    {
        Event(head);
        _github.MayWrite = false;
        // A plan that introduces nothing, so that the exit code can only come from the refusal.
        var (code, output) = await RunAsync(("INPUT_FAIL-ON", "critical"));

        OneLine(code, output, remedy);
        Assert.Equal("2", (await OutputsAsync())["exit-code"]);
    }

    [Theory]
    // What an expression of a workflow makes of an output that was never set.
    [InlineData("", "name the plan")]
    [InlineData("infra/shop/tfplan.json", "there is no such file")]
    [InlineData("infra/empty", "infra/empty")]
    public async Task A_plan_that_is_not_there_is_one_line_and_never_green(string plan, string remedy)
    {
        _folder.CreateSubdirectory("infra/empty");
        var (code, output) = await RunAsync(("INPUT_PLAN", plan));

        OneLine(code, output, remedy);
        Assert.Empty(_github.Issues[0].Comments);
    }

    private static void OneLine(int code, string output, string remedy)
    {
        Assert.True(code == 2, output);
        Assert.Contains(remedy, Assert.Single(output.Split('\n'), line => line.StartsWith("::error title=Scanner stopped::", StringComparison.Ordinal)), StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", output, StringComparison.Ordinal);
    }

    private Task<(int Code, string Output)> RunAsync(params (string Name, string Value)[] inputs) => ScannerProgram.RunAsync(
        _folder.FullName,
        ["gate"],
        [
            ("GITHUB_ACTIONS", "true"),
            ("GITHUB_WORKSPACE", _folder.FullName),
            ("GITHUB_REPOSITORY", $"{GitHubServer.Owner}/{GitHubServer.Name}"),
            ("GITHUB_SERVER_URL", "https://github.com"),
            ("GITHUB_API_URL", _github.ApiUrl.ToString().TrimEnd('/')),
            ("GITHUB_TOKEN", GitHubServer.Token),
            ("GITHUB_WORKFLOW", "Terraform gate"),
            ("GITHUB_WORKFLOW_REF", $"{GitHubServer.Owner}/{GitHubServer.Name}/.github/workflows/gate.yml@refs/pull/1/merge"),
            ("GITHUB_EVENT_PATH", Path.Combine(_folder.FullName, "event.json")),
            ("GITHUB_REF", "refs/pull/1/merge"),
            ("GITHUB_OUTPUT", Path.Combine(_folder.FullName, "output")),
            ("GITHUB_STEP_SUMMARY", Path.Combine(_folder.FullName, "summary.md")),
            ("INPUT_COMMAND", "gate"),
            ("INPUT_PLAN", "infra/shop/plan.json"),
            ("INPUT_NAME", "infra/shop"),
            ("INPUT_SOURCE", "infra/shop"),
            ("INPUT_PUBLISH", "pr-comment,annotations,summary"),
            .. inputs,
        ]);

    // NAME<<DELIMITER, the value, DELIMITER.
    private async Task<Dictionary<string, string>> OutputsAsync()
    {
        var lines = await File.ReadAllLinesAsync(Path.Combine(_folder.FullName, "output"), TestContext.Current.CancellationToken);
        return Enumerable.Range(0, lines.Length - 2).Where(i => lines[i].EndsWith("<<" + lines[i + 2], StringComparison.Ordinal))
            .ToDictionary(i => lines[i].Split("<<")[0], i => lines[i + 1], StringComparer.Ordinal);
    }

    private void Event(string head) => File.WriteAllText(
        Path.Combine(_folder.FullName, "event.json"),
        """{"pull_request":{"number":1,"head":{"sha":"SHA","repo":{"full_name":"HEAD"}},"base":{"repo":{"full_name":"acme/security"}}}}"""
            .Replace("SHA", Head, StringComparison.Ordinal).Replace("HEAD", head, StringComparison.Ordinal));

    private Task<string> TextAsync(string name) => File.ReadAllTextAsync(Path.Combine(_folder.FullName, name), TestContext.Current.CancellationToken);

    private Task WriteAsync(string name, string text) => File.WriteAllTextAsync(Path.Combine(_folder.FullName, name), text, TestContext.Current.CancellationToken);
}
