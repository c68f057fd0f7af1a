using System.Text.Json;
using System.Text.RegularExpressions;
using Loopback;
using YamlDotNet.RepresentationModel;

namespace EndToEnd.Tests;

/// <summary>What a user copies or GitHub reads: checked by the tools that their readers use.</summary>
public sealed partial class RepositoryFilesTests
{
    [Fact]
    public async Task GitHub_s_own_service_and_actionlint_take_the_action_and_the_workflows()
    {
        var files = Workflows().Prepend("action.yml").ToList();

        var (code, output) = await LintAsync([.. files]);

        Assert.True(code == 0, output);
        Assert.Contains($"{files.Count} files, 0 problems", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("workflow.yml", "on: psh", "Unexpected value 'psh'")]
    [InlineData("workflow.yml", "on: push\njobs:\n  a:\n    runs-on: ubuntu-24.04\n    steps:\n      - run: echo ${{ githb.sha }}", "Unrecognized named-value: 'githb'")]
    [InlineData("action.yml", "name: a\ndescription: b\nruns:\n  using: dockr", "Unexpected value 'dockr'")]
    public async Task What_GitHub_would_not_take_is_found(string name, string text, string said)
    {
        var folder = Directory.CreateTempSubdirectory("workflow");
        try
        {
            var file = Path.Combine(folder.FullName, name == "action.yml" ? name : ".github/workflows/" + name);
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            await File.WriteAllTextAsync(file, text, TestContext.Current.CancellationToken);

            var (code, output) = await LintAsync(file);

            Assert.Equal(1, code);
            Assert.Contains(said, output, StringComparison.Ordinal);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task The_action_builds_its_image_here_until_a_release_names_one()
    {
        var action = await File.ReadAllTextAsync(Path.Combine(Tools.Repository, "action.yml"), TestContext.Current.CancellationToken);

        // The only two that are true: a Dockerfile at the root, which the runner builds with the root as context, or a digest.
        Assert.Matches(@"(?m)^  image: (Dockerfile|docker://ghcr\.io/[a-z0-9._/-]+@sha256:[0-9a-f]{64})$", action);
        Assert.True(File.Exists(Path.Combine(Tools.Repository, "Dockerfile")));
    }

    [Fact]
    public async Task Every_project_locks_the_versions_that_the_solution_names()
    {
        var versions = PackageVersion().Matches(await File.ReadAllTextAsync(Path.Combine(Tools.Repository, "Directory.Packages.props"), TestContext.Current.CancellationToken))
            .ToDictionary(match => match.Groups["name"].Value, match => match.Groups["version"].Value, StringComparer.OrdinalIgnoreCase);
        var projects = new[] { "src", "tests" }.SelectMany(folder => Directory.GetFiles(Path.Combine(Tools.Repository, folder), "*.csproj", SearchOption.AllDirectories)).ToList();
        var stale = new List<string>();
        var direct = 0;
        foreach (var project in projects)
        {
            var name = Path.GetFileNameWithoutExtension(project);
            var file = Path.Combine(Path.GetDirectoryName(project)!, "packages.lock.json");
            if (!File.Exists(file))
            {
                stale.Add($"{name} has no packages.lock.json");
                continue;
            }
            using var locked = JsonDocument.Parse(await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken));
            var packages = locked.RootElement.GetProperty("dependencies").GetProperty("net10.0").EnumerateObject().Where(package => package.Value.GetProperty("type").GetString() == "Direct").ToList();
            direct += packages.Count;
            stale.AddRange(packages.Where(package => package.Value.GetProperty("requested").GetString() != $"[{versions[package.Name]}, )").Select(package => $"{name} locks another {package.Name}"));
            var asked = PackageReference().Matches(await File.ReadAllTextAsync(project, TestContext.Current.CancellationToken)).Select(match => match.Groups["name"].Value);
            stale.AddRange(asked.Where(package => !packages.Exists(one => string.Equals(one.Name, package, StringComparison.OrdinalIgnoreCase))).Select(package => $"{name} does not lock {package}"));
        }

        Assert.True(stale.Count == 0, $"run: dotnet restore Scanner.sln, and commit the lock files\n{string.Join('\n', stale)}");
        Assert.True(direct > projects.Count);
    }

    [Theory]
    [InlineData("true", false)]
    [InlineData("", true)]
    public async Task A_known_vulnerability_of_a_package_stops_CI_and_nobody_s_work_at_home(string continuous, bool forgiven)
    {
        var (code, output) = await Tools.RunAsync(
            "dotnet",
            ["msbuild", "src/Scanner.Model/Scanner.Model.csproj", "-getProperty:WarningsNotAsErrors", "-getProperty:TreatWarningsAsErrors", "-getProperty:NuGetAuditMode"],
            environment: new Dictionary<string, string?>(StringComparer.Ordinal) { ["CI"] = continuous },
            cancellation: TestContext.Current.CancellationToken);

        Assert.True(code == 0, output);
        using var properties = JsonDocument.Parse(output);
        var values = properties.RootElement.GetProperty("Properties");
        Assert.Equal("true", values.GetProperty("TreatWarningsAsErrors").GetString());
        Assert.Equal("all", values.GetProperty("NuGetAuditMode").GetString());
        Assert.All((string[])["NU1901", "NU1902", "NU1903", "NU1904"], code => Assert.Equal(forgiven, values.GetProperty("WarningsNotAsErrors").GetString()!.Contains(code, StringComparison.Ordinal)));
    }

    [Fact]
    public async Task No_document_names_an_action_or_image_of_ours_that_is_not_there()
    {
        var mentions = new List<string>();
        foreach (var file in Documents())
        {
            var text = await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken);
            mentions.AddRange(OurAction().Matches(text).Select(match => $"{Path.GetRelativePath(Tools.Repository, file)}: {match.Value}"));
            // Before the first release the placeholder, and the sentence that says so; afterwards a whole commit with its version.
            if (text.Contains("uses: OWNER/REPOSITORY@", StringComparison.Ordinal))
                Assert.Contains("There is no release yet", text, StringComparison.Ordinal);
        }

        Assert.NotEmpty(mentions);
        Assert.All(mentions, mention => Assert.Matches(@"OWNER/REPOSITORY@main|@[0-9a-f]{40} # v[0-9]+\.[0-9]+\.[0-9]+", mention));
    }

    [Fact]
    public async Task Links_between_documents_lead_somewhere()
    {
        var broken = new List<string>();
        var looked = 0;
        foreach (var file in Documents())
        {
            foreach (Match link in Link().Matches(await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken)))
            {
                var target = link.Groups["target"].Value.Split('#')[0];
                // Links above the repository are GitHub's own pages of it, such as ../../security/advisories/new.
                if (target.Length == 0 || target.Contains("://", StringComparison.Ordinal) || target.StartsWith("mailto:", StringComparison.Ordinal) || target.StartsWith("../../", StringComparison.Ordinal))
                    continue;
                looked++;
                var path = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(file)!, Uri.UnescapeDataString(target)));
                if (!File.Exists(path) && !Directory.Exists(path))
                    broken.Add($"{Path.GetRelativePath(Tools.Repository, file)}: {target}");
            }
        }

        Assert.True(broken.Count == 0, string.Join('\n', broken));
        Assert.True(looked > 20);
    }

    [Theory]
    [InlineData("LICENSE", "Apache License", "END OF TERMS AND CONDITIONS")]
    [InlineData("NOTICE", "botocore", "Apache License")]
    [InlineData("SECURITY.md", "security/advisories/new", "supported")]
    [InlineData("CONTRIBUTING.md", "dotnet test", "minutes")]
    [InlineData("CHANGELOG.md", "Unreleased", "### Added")]
    [InlineData(".github/PULL_REQUEST_TEMPLATE.md", "checks test", "- [ ]")]
    [InlineData(".github/ISSUE_TEMPLATE/wrong-finding.yml", "scanner --version", "required: true")]
    [InlineData(".github/ISSUE_TEMPLATE/config.yml", "blank_issues_enabled", "security")]
    public async Task What_people_look_for_in_a_repository_is_there(string file, params string[] holds)
    {
        var text = await File.ReadAllTextAsync(Path.Combine(Tools.Repository, file), TestContext.Current.CancellationToken);

        Assert.All(holds, part => Assert.Contains(part, text, StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task The_forms_for_issues_are_as_GitHub_reads_them()
    {
        var forms = Directory.GetFiles(Path.Combine(Tools.Repository, ".github/ISSUE_TEMPLATE"), "*.yml").Where(file => Path.GetFileName(file) != "config.yml").ToList();
        Assert.True(forms.Count >= 3);
        foreach (var file in forms)
        {
            var yaml = new YamlStream();
            yaml.Load(new StringReader(await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken)));
            var form = (YamlMappingNode)yaml.Documents[0].RootNode;
            // GitHub's form schema: name, description and body are needed; every field has an id of its own and a label.
            Assert.All((string[])["name", "description"], key => Assert.NotEmpty(((YamlScalarNode)form[key]).Value!));
            var fields = ((YamlSequenceNode)form["body"]).Cast<YamlMappingNode>().ToList();
            Assert.All(fields, field => Assert.Contains(((YamlScalarNode)field["type"]).Value, (string[])["input", "textarea", "dropdown", "checkboxes"]));
            Assert.All(fields, field => Assert.NotEmpty(((YamlScalarNode)field["attributes"]["label"]).Value!));
            Assert.Equal(fields.Count, fields.Select(field => ((YamlScalarNode)field["id"]).Value).Distinct(StringComparer.Ordinal).Count());
        }
    }

    [Fact]
    public async Task The_nightly_workflow_runs_the_parts_that_the_script_has()
    {
        var script = await File.ReadAllTextAsync(Path.Combine(Tools.Repository, ".ci/nightly"), TestContext.Current.CancellationToken);
        var workflow = await File.ReadAllTextAsync(Path.Combine(Tools.Repository, ".github/workflows/nightly.yml"), TestContext.Current.CancellationToken);

        var parts = NightlyPart().Matches(script).Select(match => match.Groups["part"].Value).ToHashSet(StringComparer.Ordinal);

        Assert.Equal(5, parts.Count);
        Assert.Equal(parts, NightlyRun().Matches(workflow).Select(match => match.Groups["part"].Value).ToHashSet(StringComparer.Ordinal));
        var (code, output) = await Tools.RunAsync("bash", [".ci/nightly", "everything"], cancellation: TestContext.Current.CancellationToken);
        Assert.True(code == 2 && output.Contains("properties, fuzz, mutants, gate or reproducible", StringComparison.Ordinal), output);
    }

    [Fact]
    public async Task The_version_names_the_runtime_that_the_program_carries()
    {
        var (code, output) = await ScannerProgram.RunAsync(Tools.Repository, ["--version"]);

        Assert.Equal(0, code);
        Assert.Matches(@"^[0-9]+\.[0-9]+\.[0-9]+\S* \(\.NET 10\.[0-9]+\.[0-9]+, \S+\)\n$", output);
    }

    private static Task<(int ExitCode, string Output)> LintAsync(params string[] files) =>
        Tools.RunAsync(NeededTools.Node(), ["tests/node/lint-workflows.mjs", Tools.NodeModules!, .. files], cancellation: TestContext.Current.CancellationToken);

    internal static IEnumerable<string> Documents() =>
        new[] { Tools.Repository }.SelectMany(root => Directory.GetFiles(root, "*.md"))
            .Concat(new[] { "docs", "checks", "src", "terraform", ".github" }.SelectMany(folder => Directory.GetFiles(Path.Combine(Tools.Repository, folder), "*.md", SearchOption.AllDirectories)))
            .Where(file => !file.Contains("/.terraform/", StringComparison.Ordinal) && !file.Contains("/bin/", StringComparison.Ordinal) && !file.Contains("/obj/", StringComparison.Ordinal));

    [GeneratedRegex(@"uses: (?!actions/|hashicorp/|aws-actions/|github/)[^\s@]+/[^\s@]+@.*", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex OurAction();

    [GeneratedRegex(@"^  (?<part>[a-z]+)\)", RegexOptions.Multiline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex NightlyPart();

    [GeneratedRegex(@"^\s+run: (?<part>[a-z]+)$", RegexOptions.Multiline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex NightlyRun();

    [GeneratedRegex("""<PackageVersion Include="(?<name>[^"]+)" Version="(?<version>[^"]+)" """, RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex PackageVersion();

    [GeneratedRegex("""<PackageReference Include="(?<name>[^"]+)" """, RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex PackageReference();

    [GeneratedRegex(@"\]\((?<target>[^)\s]+)\)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Link();

    private static IEnumerable<string> Workflows() =>
        Directory.GetFiles(Path.Combine(Tools.Repository, ".github/workflows"), "*.yml").Order(StringComparer.Ordinal).Select(path => Path.GetRelativePath(Tools.Repository, path));
}
