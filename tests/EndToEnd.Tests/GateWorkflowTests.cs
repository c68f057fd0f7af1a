using System.Text.RegularExpressions;
using Loopback;

namespace EndToEnd.Tests;

/// <summary>The workflow that docs/gate.md gives people to copy: read by GitHub's own tools, and held to the rules that ours are.</summary>
public sealed partial class GateWorkflowTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("gate-workflow");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task GitHub_s_own_service_and_actionlint_take_it()
    {
        var file = Path.Combine(_folder.FullName, ".github/workflows/gate.yml");
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        await File.WriteAllTextAsync(file, Workflow(), TestContext.Current.CancellationToken);

        var (code, output) = await Tools.RunAsync(NeededTools.Node(), ["tests/node/lint-workflows.mjs", Tools.NodeModules!, file], cancellation: TestContext.Current.CancellationToken);

        Assert.True(code == 0, output);
    }

    [Fact]
    public void It_breaks_no_rule_of_ours_but_for_the_action_that_has_no_release_and_the_role_that_plans() =>
        Assert.Equal(
            ["forbidden-uses: OWNER/REPOSITORY", "forbidden-uses: aws-actions/configure-aws-credentials", "unpinned-uses: OWNER/REPOSITORY@main"],
            WorkflowRules.Workflow(Workflow()).Order(StringComparer.Ordinal));

    [Fact]
    public async Task Its_inputs_are_those_of_the_action()
    {
        var action = await File.ReadAllTextAsync(Path.Combine(Tools.Repository, "action.yml"), TestContext.Current.CancellationToken);
        var with = Workflow().Split("uses: OWNER/REPOSITORY@main")[1];
        var inputs = Input().Matches(with).Select(match => match.Groups["name"].Value).ToList();

        Assert.Contains("plan", inputs);
        Assert.All(inputs, input => Assert.Contains($"\n  {input}:\n", action, StringComparison.Ordinal));
    }

    [Fact]
    public void The_step_that_judges_gets_no_credentials_and_a_fork_is_red()
    {
        var workflow = Workflow();
        Assert.DoesNotContain("pull_request_target", workflow, StringComparison.Ordinal);
        Assert.DoesNotContain("upload-artifact", workflow, StringComparison.Ordinal);
        Assert.DoesNotContain("AWS_", workflow.Split("- name: Gate\n")[1], StringComparison.Ordinal);
        // The first step ends the job; an `if` of the job would skip it, which GitHub counts as passed.
        Assert.Matches(@"steps:\n      - name: [^\n]+\n        if: github\.event\.pull_request\.head\.repo\.full_name != github\.repository\n        run: \|\n[^\n]+::error [^\n]+\n          exit 1\n", workflow);
        Assert.DoesNotMatch(@"(?m)^    if:", workflow);
    }

    private static string Workflow() =>
        Block().Matches(File.ReadAllText(Path.Combine(Tools.Repository, "docs/gate.md"))).Single().Groups["text"].Value;

    [GeneratedRegex("```yaml\n(?<text>name: .*?)```", RegexOptions.Singleline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Block();

    [GeneratedRegex("^          (?<name>[a-z-]+): ", RegexOptions.Multiline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Input();
}
