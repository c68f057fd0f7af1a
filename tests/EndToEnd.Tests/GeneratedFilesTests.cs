using System.Text.Json;
using System.Text.RegularExpressions;
using Loopback;

namespace EndToEnd.Tests;

/// <summary>Files that are printed by the program: they fail here when they drift from it.</summary>
public sealed class GeneratedFilesTests
{
    [Fact]
    public async Task Terraform_grants_exactly_what_scanner_policy_prints()
    {
        var (code, output) = await ScannerProgram.RunAsync(Tools.Repository, ["policy"]);

        Assert.Equal(0, code);
        Assert.True(
            string.Equals(await Committed("terraform/policy/scanner-policy.json"), output, StringComparison.Ordinal),
            "terraform/policy/scanner-policy.json is not what the tables need: dotnet run --project src/Scanner -- policy > terraform/policy/scanner-policy.json");
    }

    [Fact]
    public async Task The_policy_names_every_action_and_changes_nothing()
    {
        using var policy = JsonDocument.Parse(await Committed("terraform/policy/scanner-policy.json"));
        var actions = policy.RootElement.GetProperty("Statement").EnumerateArray()
            .SelectMany(statement => statement.GetProperty("Action").EnumerateArray())
            .Select(action => action.GetString()!)
            .ToList();

        // One of each kind: a log source, a check of CIS, what is asked for events, a name that IAM spells another way than the operation.
        Assert.Superset(
            new HashSet<string>(StringComparer.Ordinal) { "cloudtrail:GetTrailStatus", "cloudtrail:LookupEvents", "ec2:DescribeFlowLogs", "iam:GenerateCredentialReport", "s3:GetBucketPublicAccessBlock" },
            actions.ToHashSet(StringComparer.Ordinal));
        Assert.All(actions, action => Assert.Matches("^[a-z0-9-]+:(GET|(Get|List|Describe|Lookup|BatchGet)[A-Za-z0-9]+|GenerateCredentialReport)$", action));
    }

    [Fact]
    public async Task The_documentation_of_the_checks_is_what_the_program_prints()
    {
        var (code, output) = await ScannerProgram.RunAsync(Tools.Repository, ["checks", "docs"]);

        Assert.Equal(0, code);
        Assert.True(
            string.Equals(await Committed("docs/checks.md"), output, StringComparison.Ordinal),
            "docs/checks.md is old: dotnet run --project src/Scanner -- checks docs > docs/checks.md");
    }

    /// <summary>The tests of some files here, of all at night: those of each check and detection are run one by one in their own projects' tests.</summary>
    [Fact]
    public async Task Every_unit_test_of_the_shipped_checks_and_detections_passes()
    {
        var (code, output) = await ScannerProgram.RunAsync(Tools.Repository, ["checks", "test", .. SomeChecks.Files()]);

        Assert.True(code == 0, output);
        Assert.Matches("^[1-9][0-9]* checks and [1-9][0-9]* detections: [1-9][0-9]+ passed, 0 failed", output);
    }

    [Fact]
    public async Task The_README_shows_every_input_and_output_of_the_action()
    {
        var readme = await Committed("README.md");
        var action = (await Committed("action.yml")).Split("\nruns:")[0];
        var names = Regex.Matches(action, "^  (?<name>[a-z][a-z-]+):$", RegexOptions.Multiline | RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(1)).Select(match => match.Groups["name"].Value).ToList();

        Assert.Superset(new HashSet<string>(StringComparer.Ordinal) { "role-arn", "fail-on", "report-paths", "exit-code" }, names.ToHashSet(StringComparer.Ordinal));
        Assert.All(names, name => Assert.Contains($"`{name}`", readme, StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_lists_in_the_descriptions_of_inputs_are_those_of_the_program()
    {
        var action = await Committed("action.yml");
        var scan = Scanner.Commands.ScanCommand.Create((_, _) => Task.FromResult(0));
        var severities = string.Join(", ", Enum.GetValues<Scanner.Model.Severity>().Select(Scanner.Model.Names.Of));

        Assert.Contains(severities, Input("severity"), StringComparison.Ordinal);
        Assert.Contains(severities, Input("fail-on"), StringComparison.Ordinal);
        Assert.Contains(ListOf("--publish"), Input("publish"), StringComparison.Ordinal);
        Assert.Contains(ListOf("--report"), Input("report"), StringComparison.Ordinal);

        string Input(string name) => Regex.Match(action, $"^  {name}:\n    description: (?<text>.*)$", RegexOptions.Multiline | RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(1)).Groups["text"].Value;

        // "Publish to GitHub: issues, summary, ... . With commas between."
        string ListOf(string option) => scan.Options.Single(one => one.Name == option).Description!.Split(": ", 2)[1].Split('.')[0];
    }

    private static Task<string> Committed(string path) =>
        File.ReadAllTextAsync(Path.Combine(Tools.Repository, path), TestContext.Current.CancellationToken);
}
