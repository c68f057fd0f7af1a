using System.Globalization;
using System.Text.RegularExpressions;
using YamlDotNet.RepresentationModel;

namespace EndToEnd.Tests;

/// <summary>
/// The rules of zizmor (https://docs.zizmor.sh/audits/) that a workflow, an action's file or dependabot.yml can break without the network, at
/// its strictest persona, and two of our own: a time limit on every job, named runner images. CI runs zizmor itself as well; here it is not to be had.
/// </summary>
internal static partial class WorkflowRules
{
    /// <summary>Whose actions may be used: those of GitHub, and of the makers of the tools that they set up.</summary>
    private static readonly string[] Publishers = ["actions", "github", "docker", "hashicorp", "sigstore", "NuGet", "zizmorcore"];

    /// <summary>What breaks a rule, each as <c>rule: what</c>.</summary>
    /// <param name="text">A workflow's text.</param>
    public static IReadOnlyList<string> Workflow(string text)
    {
        var problems = new List<string>();
        var workflow = Parse(text);
        var release = Has(Map(workflow, "on"), "push") && text.Contains("tags:", StringComparison.Ordinal);
        Text(text, problems);
        Triggers(workflow, problems);
        if (!Has(workflow, "name"))
            problems.Add("anonymous-definition: the workflow has no name");
        if (!Has(workflow, "concurrency"))
            problems.Add("concurrency-limits: no concurrency");
        if (Get(workflow, "permissions") is not YamlMappingNode permissions)
            problems.Add("excessive-permissions: no permissions for the whole workflow");
        else if (permissions.Any(one => !(Scalar(one.Key) == "contents" && Scalar(one.Value) == "read")))
            problems.Add("excessive-permissions: the whole workflow has more than contents: read");
        foreach (var (name, job) in Map(workflow, "jobs").Select(one => (Scalar(one.Key), (YamlMappingNode)one.Value)))
            Job(name, job, release, problems);
        foreach (Match line in Permission().Matches(text))
        {
            if (!line.Groups["rest"].Value.TrimStart().StartsWith('#'))
                problems.Add($"undocumented-permissions: {line.Groups["name"].Value}: {line.Groups["what"].Value}");
        }
        return problems;
    }

    /// <summary>What breaks a rule in dependabot.yml, and what is not looked after.</summary>
    public static IReadOnlyList<string> Dependabot(string text, params string[] ecosystems)
    {
        var problems = new List<string>();
        var updates = ((YamlSequenceNode)Get(Parse(text), "updates")!).Cast<YamlMappingNode>().ToList();
        foreach (var update in updates)
        {
            var ecosystem = Scalar(Get(update, "package-ecosystem"));
            if (!int.TryParse(Scalar(Get(Map(update, "cooldown"), "default-days")), NumberStyles.None, CultureInfo.InvariantCulture, out var days) || days < 7)
                problems.Add($"dependabot-cooldown: {ecosystem} rests less than seven days");
            if (Scalar(Get(update, "insecure-external-code-execution")) == "allow")
                problems.Add($"dependabot-execution: {ecosystem}");
        }
        problems.AddRange(ecosystems.Where(ecosystem => !updates.Exists(update => Scalar(Get(update, "package-ecosystem")) == ecosystem)).Select(ecosystem => $"{ecosystem} is not looked after"));
        return problems;
    }

    /// <summary>Every action that is used, with the version beside it.</summary>
    public static IEnumerable<(string Action, string Commit, string Version)> Uses(string text) =>
        UsesLine().Matches(text).Select(match => (match.Groups["action"].Value, match.Groups["ref"].Value, match.Groups["version"].Value));

    private static void Text(string text, List<string> problems)
    {
        foreach (Match line in UsesLine().Matches(text))
        {
            var (action, reference, version) = (line.Groups["action"].Value, line.Groups["ref"].Value, line.Groups["version"].Value);
            if (action.StartsWith("./", StringComparison.Ordinal) && reference.Length == 0)
                continue;
            if (!Commit().IsMatch(reference))
                problems.Add($"unpinned-uses: {action}@{reference}");
            else if (!Version().IsMatch(version))
                problems.Add($"ref-version-mismatch: {action} has no whole version beside its commit");
            if (!Publishers.Contains(action.Split('/')[0], StringComparer.Ordinal))
                problems.Add($"forbidden-uses: {action}");
        }
        (string Rule, string Found)[] forbidden =
        [
            ("github-env", "GITHUB_ENV"), ("github-env", "GITHUB_PATH"), ("insecure-commands", "ACTIONS_ALLOW_UNSECURE_COMMANDS"),
            ("secrets-inherit", "secrets: inherit"), ("overprovisioned-secrets", "toJSON(secrets)"), ("unredacted-secrets", "fromJSON(secrets."),
            ("bot-conditions", "github.actor =="), ("use-trusted-publishing", "secrets.NUGET"), ("misfeature", "shell: cmd"),
        ];
        problems.AddRange(forbidden.Where(one => text.Contains(one.Found, StringComparison.OrdinalIgnoreCase)).Select(one => $"{one.Rule}: {one.Found}"));
    }

    private static void Triggers(YamlMappingNode workflow, List<string> problems)
    {
        var on = Get(workflow, "on");
        var names = on switch
        {
            YamlMappingNode map => map.Children.Keys.Select(Scalar),
            YamlSequenceNode list => list.Select(Scalar),
            _ => [Scalar(on)],
        };
        problems.AddRange(names.Where(name => name is "pull_request_target" or "workflow_run" or "issue_comment").Select(name => $"dangerous-triggers: {name}"));
    }

    private static void Job(string name, YamlMappingNode job, bool release, List<string> problems)
    {
        if (!Has(job, "name"))
            problems.Add($"anonymous-definition: job {name}");
        if (!Has(job, "timeout-minutes"))
            problems.Add($"no time limit: job {name}");
        var runner = Scalar(Get(job, "runs-on"));
        if (runner.EndsWith("-latest", StringComparison.Ordinal))
            problems.Add($"unpinned-images: job {name} runs on {runner}");
        if (runner.Contains("self-hosted", StringComparison.Ordinal))
            problems.Add($"self-hosted-runner: job {name}");
        foreach (var image in Images(job).Where(image => !image.Contains("@sha256:", StringComparison.Ordinal)))
            problems.Add($"unpinned-images: job {name} uses {image}");
        if (!Has(job, "environment"))
        {
            foreach (Match secret in Secret().Matches(AllText(job)))
                problems.Add($"secrets-outside-env: job {name} uses {secret.Value}");
        }
        if (Get(job, "steps") is YamlSequenceNode steps)
        {
            foreach (var step in steps.Cast<YamlMappingNode>())
                Step(name, step, release, problems);
        }
    }

    private static void Step(string job, YamlMappingNode step, bool release, List<string> problems)
    {
        var (uses, run, condition) = (Scalar(Get(step, "uses")), Scalar(Get(step, "run")), Get(step, "if"));
        var with = Map(step, "with");
        if (run.Contains("${{", StringComparison.Ordinal) || (uses.StartsWith("actions/github-script@", StringComparison.Ordinal) && Scalar(Get(with, "script")).Contains("${{", StringComparison.Ordinal)))
            problems.Add($"template-injection: job {job}: {run.Split('\n')[0]}");
        if (run.Length > 0 && !Has(step, "name"))
            problems.Add($"anonymous-definition: a step of job {job}: {run.Split('\n')[0]}");
        if (AdHoc().IsMatch(run))
            problems.Add($"adhoc-packages: job {job}: {AdHoc().Match(run).Value}");
        if (condition is YamlScalarNode { Style: YamlDotNet.Core.ScalarStyle.Literal or YamlDotNet.Core.ScalarStyle.Folded } text && text.Value!.Contains("${{", StringComparison.Ordinal))
            problems.Add($"unsound-condition: job {job}");
        if (UnsoundContains().IsMatch(Scalar(condition)))
            problems.Add($"unsound-contains: job {job}");
        if (uses.StartsWith("actions/checkout@", StringComparison.Ordinal) && Scalar(Get(with, "persist-credentials")) != "false")
            problems.Add($"artipacked: job {job} keeps the token in .git");
        if (release && Caches(uses, with))
            problems.Add($"cache-poisoning: job {job} of a release takes {uses.Split('@')[0]} from a cache");
        if (uses.StartsWith("hashicorp/setup-terraform@", StringComparison.Ordinal) && !Version().IsMatch(Scalar(Get(with, "terraform_version"))))
            problems.Add($"unpinned-tools: job {job} sets up any terraform");
    }

    private static bool Caches(string uses, YamlMappingNode with) =>
        uses.StartsWith("actions/cache", StringComparison.Ordinal)
        || Scalar(Get(with, "cache")) is not ("" or "false")
        || Has(with, "cache-from")
        || (uses.StartsWith("actions/setup-node@", StringComparison.Ordinal) && Scalar(Get(with, "package-manager-cache")) != "false");

    private static IEnumerable<string> Images(YamlMappingNode job)
    {
        if (Get(job, "container") is { } container)
            yield return container is YamlMappingNode map ? Scalar(Get(map, "image")) : Scalar(container);
        foreach (var service in Map(job, "services").Children.Values.OfType<YamlMappingNode>())
            yield return Scalar(Get(service, "image"));
    }

    private static string AllText(YamlNode node) => node switch
    {
        YamlScalarNode scalar => scalar.Value + "\n",
        YamlSequenceNode list => string.Concat(list.Select(AllText)),
        YamlMappingNode map => string.Concat(map.Children.Values.Select(AllText)),
        _ => "",
    };

    private static YamlMappingNode Parse(string text)
    {
        var yaml = new YamlStream();
        yaml.Load(new StringReader(text));
        return (YamlMappingNode)yaml.Documents[0].RootNode;
    }

    private static YamlNode? Get(YamlMappingNode map, string key) => map.Children.TryGetValue(new YamlScalarNode(key), out var value) ? value : null;

    private static YamlMappingNode Map(YamlMappingNode map, string key) => Get(map, key) as YamlMappingNode ?? [];

    private static bool Has(YamlMappingNode map, string key) => Get(map, key) is not null;

    private static string Scalar(YamlNode? node) => (node as YamlScalarNode)?.Value ?? "";

    [GeneratedRegex("""^\s*-?\s*uses:\s*(?<action>[^@\s#]+)(@(?<ref>\S+))?(\s+#\s*(?<version>\S+))?""", RegexOptions.Multiline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex UsesLine();

    [GeneratedRegex("^[0-9a-f]{40}$", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Commit();

    [GeneratedRegex(@"^v?[0-9]+\.[0-9]+\.[0-9]+$", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Version();

    [GeneratedRegex(@"^\s+(?<name>[a-z-]+): (?<what>write|read)(?<rest>.*)$(?<=^(?!\s+contents: read).*$)", RegexOptions.Multiline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Permission();

    [GeneratedRegex(@"secrets\.(?!GITHUB_TOKEN\b)\w+", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Secret();

    [GeneratedRegex(@"\b(npm (install|i)|npx|yarn add|pnpm add|gem install|pip3? install)\b", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex AdHoc();

    [GeneratedRegex(@"contains\(\s*'[^']*'\s*,", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex UnsoundContains();
}
