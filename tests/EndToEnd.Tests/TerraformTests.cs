using System.Text.RegularExpressions;
using Loopback;

namespace EndToEnd.Tests;

/// <summary>
/// The Terraform modules, judged by Terraform itself. No registry serves the AWS provider here: tests/node/terraform-provider.mjs
/// stands in for it with the schema that other people's typings of the provider describe.
/// </summary>
public sealed partial class TerraformTests
{
    /// <summary>How many runs the module's own test files hold, at the least.</summary>
    public static TheoryData<string, int> Tested => new() { { "github-trust", 13 }, { "policy", 2 }, { "github-role", 6 }, { "member-role", 4 }, { "organization", 5 } };

    [Fact]
    public async Task Terraform_is_formatted()
    {
        var (code, output) = await Tools.RunAsync(NeededTools.Terraform(), ["fmt", "-check", "-diff", "-recursive", "terraform"], cancellation: TestContext.Current.CancellationToken);

        Assert.True(code == 0, output);
    }

    [Theory]
    [MemberData(nameof(Tested))]
    public async Task A_module_passes_its_own_tests(string module, int runs)
    {
        var output = await RunAsync("terraform/" + module, "test");

        var passed = Passed().Match(output);
        Assert.True(passed.Success && int.Parse(passed.Groups["count"].ValueSpan, System.Globalization.CultureInfo.InvariantCulture) >= runs, output);
    }

    [Theory]
    [InlineData("examples/single-account")]
    [InlineData("examples/organization")]
    public async Task An_example_is_valid(string example) =>
        Assert.Contains("The configuration is valid", await RunAsync("terraform/" + example, "validate"), StringComparison.Ordinal);

    [Theory]
    [InlineData("assume_rol_policy = \"x\"", "assume_rol_policy")]
    [InlineData("assume_role_policy = \"x\"\n  max_session_duration = [\"x\"]", "max_session_duration")]
    [InlineData("name = \"x\"", "assume_role_policy")]
    public async Task What_the_provider_does_not_take_is_found(string argument, string named)
    {
        var folder = Directory.CreateTempSubdirectory("terraform");
        try
        {
            await File.WriteAllTextAsync(Path.Combine(folder.FullName, "main.tf"), $$"""
                resource "aws_iam_role" "a" {
                  {{argument}}
                }
                """, TestContext.Current.CancellationToken);

            var output = await RunAsync(folder.FullName, "validate", expected: 1);

            Assert.Contains(named, output, StringComparison.Ordinal);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task The_readmes_of_the_modules_list_their_inputs_and_outputs()
    {
        var modules = Tested.Select(row => "terraform/" + row.Data.Item1).ToList();

        var (code, output) = await Tools.RunAsync(NeededTools.Node(), ["tests/node/terraform-docs.mjs", Tools.NodeModules!, .. modules], cancellation: TestContext.Current.CancellationToken);

        Assert.True(code == 0, output);
        Assert.Contains($"{modules.Count} modules, 0 stale", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_role_takes_the_same_repositories_as_the_trust_policy()
    {
        var trust = await TypeOfTrustedAsync("github-trust");

        Assert.Contains("repository_id", trust, StringComparison.Ordinal);
        Assert.Equal(trust, await TypeOfTrustedAsync("github-role"));
    }

    private static async Task<string> TypeOfTrustedAsync(string module)
    {
        var text = await File.ReadAllTextAsync(Path.Combine(Tools.Repository, "terraform", module, "variables.tf"), TestContext.Current.CancellationToken);
        var start = text.IndexOf("list(object({", StringComparison.Ordinal);
        return text[start..text.IndexOf("}))", start, StringComparison.Ordinal)];
    }

    /// <summary>Runs Terraform in a folder with the stand-in provider; what Terraform keeps goes elsewhere.</summary>
    private static async Task<string> RunAsync(string folder, string command, int expected = 0)
    {
        var kept = Directory.CreateTempSubdirectory("terraform-data");
        try
        {
            var environment = new Dictionary<string, string?>(StringComparer.Ordinal) { ["TF_DATA_DIR"] = kept.FullName, ["CHECKPOINT_DISABLE"] = "1" };
            var node = NeededTools.Node();
            string[] start = ["tests/node/terraform-provider.mjs", Tools.NodeModules!, NeededTools.Terraform(), folder];
            var (code, output) = await Tools.RunAsync(node, [.. start, "init", "-backend=false", "-no-color"], environment: environment, cancellation: TestContext.Current.CancellationToken);
            Assert.True(code == 0, output);
            (code, output) = await Tools.RunAsync(node, [.. start, command, "-no-color"], environment: environment, cancellation: TestContext.Current.CancellationToken);
            Assert.True(code == expected, output);
            return output;
        }
        finally
        {
            kept.Delete(recursive: true);
        }
    }

    [GeneratedRegex("^Success! (?<count>[0-9]+) passed, 0 failed\\.", RegexOptions.Multiline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Passed();
}
