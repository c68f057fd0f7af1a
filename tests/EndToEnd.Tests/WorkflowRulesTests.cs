using Loopback;

namespace EndToEnd.Tests;

/// <summary>Our workflows keep zizmor's rules, and each rule finds what breaks it.</summary>
public sealed class WorkflowRulesTests
{
    private const string Good = """
        name: Good
        on:
          push:
            tags: ["v*"]
        permissions:
          contents: read
        concurrency:
          group: good
        jobs:
          one:
            name: One
            runs-on: ubuntu-24.04
            timeout-minutes: 5
            permissions:
              packages: write # pushes
            steps:
              - uses: actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1
                with:
                  persist-credentials: false
              - name: Say it
                run: echo "$NAME"
                env:
                  NAME: ${{ github.ref_name }}
        """;

    [Fact]
    public void Our_workflows_keep_the_rules()
    {
        var problems = Files().SelectMany(file => WorkflowRules.Workflow(File.ReadAllText(file)).Select(problem => $"{Path.GetFileName(file)}: {problem}")).ToList();

        Assert.True(problems.Count == 0, string.Join('\n', problems));
        Assert.True(Files().Count() >= 5);
    }

    [Fact]
    public void An_action_has_one_commit_and_one_version_in_all_workflows()
    {
        var uses = Files().SelectMany(file => WorkflowRules.Uses(File.ReadAllText(file))).Where(use => use.Commit.Length > 0).Distinct().ToList();

        Assert.Superset(new HashSet<string>(StringComparer.Ordinal) { "actions/checkout", "actions/setup-dotnet", "hashicorp/setup-terraform" }, uses.Select(use => use.Action).ToHashSet(StringComparer.Ordinal));
        Assert.All(uses.GroupBy(use => string.Join('/', use.Action.Split('/').Take(2)), StringComparer.Ordinal), action => Assert.Single(action.Select(use => (use.Commit, use.Version)).Distinct()));
    }

    [Fact]
    public void Dependabot_looks_after_everything_that_is_pinned() =>
        Assert.Empty(WorkflowRules.Dependabot(File.ReadAllText(Path.Combine(Tools.Repository, ".github/dependabot.yml")), "github-actions", "nuget", "npm", "pip", "terraform", "docker"));

    [Theory]
    [InlineData("unpinned-uses", "@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1", "@v7")]
    [InlineData("ref-version-mismatch", " # v7.0.1", "")]
    [InlineData("forbidden-uses", "actions/checkout@", "somebody/checkout@")]
    [InlineData("artipacked", "persist-credentials: false", "fetch-depth: 0")]
    [InlineData("template-injection", "echo \"$NAME\"", "echo ${{ github.ref_name }}")]
    [InlineData("adhoc-packages", "echo \"$NAME\"", "npm install left-pad")]
    [InlineData("github-env", "echo \"$NAME\"", "echo \"A=$NAME\" >> \"$GITHUB_ENV\"")]
    [InlineData("dangerous-triggers", "push:\n    tags: [\"v*\"]", "pull_request_target:")]
    [InlineData("excessive-permissions", "contents: read\nconcurrency", "contents: write\nconcurrency")]
    [InlineData("excessive-permissions", "permissions:\n  contents: read\nconcurrency", "concurrency")]
    [InlineData("undocumented-permissions", " # pushes", "")]
    [InlineData("concurrency-limits", "concurrency:\n  group: good\n", "")]
    [InlineData("anonymous-definition", "name: One\n", "\n")]
    [InlineData("anonymous-definition", "- name: Say it\n        run", "- run")]
    [InlineData("no time limit", "timeout-minutes: 5", "continue-on-error: true")]
    [InlineData("unpinned-images", "ubuntu-24.04", "ubuntu-latest")]
    [InlineData("unpinned-images", "timeout-minutes: 5", "timeout-minutes: 5\n    container: alpine:3")]
    [InlineData("self-hosted-runner", "ubuntu-24.04", "self-hosted")]
    [InlineData("secrets-outside-env", "${{ github.ref_name }}", "${{ secrets.KEY }}")]
    [InlineData("secrets-inherit", "concurrency:", "x:\n  secrets: inherit\nconcurrency:")]
    [InlineData("overprovisioned-secrets", "${{ github.ref_name }}", "${{ toJSON(secrets) }}")]
    [InlineData("bot-conditions", "- name: Say it", "- name: Say it\n        if: github.actor == 'dependabot[bot]'")]
    [InlineData("unsound-contains", "- name: Say it", "- name: Say it\n        if: contains('refs/heads/main', github.ref)")]
    [InlineData("unsound-condition", "- name: Say it", "- name: Say it\n        if: |\n          ${{ false }}")]
    [InlineData("cache-poisoning", "- name: Say it", "- uses: actions/setup-node@820762786026740c76f36085b0efc47a31fe5020 # v7.0.0\n      - name: Say it")]
    [InlineData("unpinned-tools", "- name: Say it", "- uses: hashicorp/setup-terraform@dfe3c3f87815947d99a8997f908cb6525fc44e9e # v4.0.1\n      - name: Say it")]
    public void What_breaks_a_rule_is_found(string rule, string old, string now)
    {
        Assert.Contains(old, Good, StringComparison.Ordinal);
        Assert.Empty(WorkflowRules.Workflow(Good));

        Assert.Contains(WorkflowRules.Workflow(Good.Replace(old, now, StringComparison.Ordinal)), problem => problem.StartsWith(rule + ": ", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("dependabot-cooldown", "default-days: 3")]
    [InlineData("dependabot-execution", "default-days: 7\n    insecure-external-code-execution: allow")]
    [InlineData("npm is not looked after", "default-days: 7")]
    public void What_Dependabot_should_not_do_is_found(string problem, string settings) =>
        Assert.Contains(
            WorkflowRules.Dependabot($"version: 2\nupdates:\n  - package-ecosystem: nuget\n    directory: /\n    cooldown:\n      {settings}\n", "nuget", "npm"),
            found => found.StartsWith(problem, StringComparison.Ordinal));

    private static IEnumerable<string> Files() => Directory.GetFiles(Path.Combine(Tools.Repository, ".github/workflows"), "*.yml").Order(StringComparer.Ordinal);
}
