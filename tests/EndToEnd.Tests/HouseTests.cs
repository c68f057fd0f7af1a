using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Loopback;

namespace EndToEnd.Tests;

/// <summary>Rules of the house that no analyzer holds.</summary>
public sealed partial class HouseTests
{
    private static readonly string[] Suffixes = [".cs", ".md", ".mjs", ".sh", ".tf", ".yaml", ".yml"];

    /// <summary>What runs without backtracking is built when it is first used, and refused then where it is too large: no build tells.</summary>
    [Fact]
    public void Every_regular_expression_of_the_program_can_be_built()
    {
        var found = 0;
        foreach (var method in Directory.EnumerateFiles(AppContext.BaseDirectory, "Scanner.*.dll").Append(typeof(Scanner.Application).Assembly.Location)
            .SelectMany(file => System.Reflection.Assembly.LoadFrom(file).GetTypes())
            .SelectMany(type => type.GetMethods(System.Reflection.BindingFlags.Static | System.Reflection.BindingFlags.NonPublic | System.Reflection.BindingFlags.Public | System.Reflection.BindingFlags.DeclaredOnly))
            .Where(method => method.ReturnType == typeof(Regex) && method.GetParameters().Length == 0 && method.GetCustomAttributes(typeof(GeneratedRegexAttribute), false).Length > 0))
        {
            var fault = Record.Exception(() => ((Regex)method.Invoke(null, null)!).IsMatch("a"));
            Assert.True(fault is null, $"{method.DeclaringType}.{method.Name}: {(fault?.InnerException ?? fault)?.Message}");
            found++;
        }

        Assert.True(found > 50, $"{found} expressions");
    }

    [Fact]
    public void What_stands_behind_the_first_type_of_a_file_is_small()
    {
        var large = new List<string>();
        foreach (var path in Files("src").Where(path => path.EndsWith(".cs", StringComparison.Ordinal)))
        {
            foreach (Match type in TopLevelType().Matches(File.ReadAllText(path)).Skip(1))
            {
                var lines = type.Value.Split('\n').Length;
                if (lines > 20 || lines > 8 && !IsSmallKind(type.Groups["kind"].Value, type.Groups["name"].Value))
                    large.Add($"{Path.GetRelativePath(Tools.Repository, path)}: {type.Groups["name"].Value}");
            }
        }
        Assert.True(large.Count == 0, string.Join('\n', large));
    }

    [Fact]
    public void Usings_stand_in_one_block()
    {
        var split = Files("src").Concat(Files("tests")).Where(path => path.EndsWith(".cs", StringComparison.Ordinal) && SplitUsings().IsMatch(File.ReadAllText(path)))
            .Select(path => Path.GetRelativePath(Tools.Repository, path)).ToList();
        Assert.True(split.Count == 0, string.Join('\n', split));
    }

    private static bool IsSmallKind(string kind, string name) =>
        kind is "record" or "enum" || name.EndsWith("Exception", StringComparison.Ordinal) || name.EndsWith("Options", StringComparison.Ordinal) || name.EndsWith("Context", StringComparison.Ordinal);

    /// <summary>As AWS spells, one word for one thing.</summary>
    [Fact]
    public void Words_are_spelled_one_way()
    {
        var odd = new List<string>();
        foreach (var path in new[] { "src", "checks", "docs", "terraform", "samples", ".ci", ".github" }.SelectMany(Files).Concat(Directory.GetFiles(Tools.Repository, "*.md")).Append(Path.Combine(Tools.Repository, "action.yml")))
        {
            foreach (var (number, line) in File.ReadLines(path).Index())
            {
                if (OddWord().Match(line) is { Success: true } word)
                    odd.Add($"{Path.GetRelativePath(Tools.Repository, path)}:{number + 1}: {word.Value}");
            }
        }
        Assert.True(odd.Count == 0, string.Join('\n', odd));
    }

    /// <summary>Projects named <c>*.Tests</c> compile tests/TimeLimit.cs (<see cref="TimeLimitTests"/>), and CI finds them by that name.</summary>
    [Fact]
    public void Every_test_is_in_a_project_that_gives_it_a_time_limit()
    {
        var folder = Path.Combine(Tools.Repository, "tests");
        var solution = File.ReadAllText(Path.Combine(Tools.Repository, "Scanner.sln"));
        var outside = Files("tests").Where(path => path.EndsWith(".cs", StringComparison.Ordinal) && TestAttribute().IsMatch(File.ReadAllText(path)))
            .Select(path => Path.GetRelativePath(folder, path).Split('/')[0]).Distinct()
            .Where(project => !project.EndsWith(".Tests", StringComparison.Ordinal) || !solution.Contains($"{project}.csproj", StringComparison.Ordinal)
                || File.ReadAllText(Path.Combine(folder, project, project + ".csproj")).Contains("TimeLimit", StringComparison.Ordinal)
                || File.Exists(Path.Combine(folder, project, "Directory.Build.props"))).ToList();
        Assert.True(outside.Count == 0, string.Join('\n', outside));
    }

    /// <summary>A part of <c>.ci/mutants</c> whose files have moved would be a score of nothing.</summary>
    [Fact]
    public void Parts_that_are_tried_with_mutants_are_there()
    {
        foreach (var file in Directory.GetFiles(Path.Combine(Tools.Repository, "tests", "mutants"), "*.json"))
        {
            var part = JsonNode.Parse(File.ReadAllText(file))!["stryker-config"]!;
            var project = Path.Combine(Tools.Repository, "src", Path.GetFileNameWithoutExtension(part["project"]!.GetValue<string>()));
            foreach (var pattern in part["mutate"]!.AsArray().Select(one => one!.GetValue<string>().Replace("**/", "", StringComparison.Ordinal)))
                Assert.True(Path.GetDirectoryName(pattern) is var folder && Directory.GetFiles(Path.Combine(project, folder!), Path.GetFileName(pattern)).Length > 0, $"{file}: {pattern}");
            foreach (var tests in part["test-projects"]!.AsArray())
                Assert.True(File.Exists(Path.Combine(project, tests!.GetValue<string>())), $"{file}: {tests}");
            Assert.True(part["thresholds"]!["break"]!.GetValue<int>() > 50, file);
        }
    }

    private static IEnumerable<string> Files(string folder) =>
        Directory.EnumerateFiles(Path.Combine(Tools.Repository, folder), "*", SearchOption.AllDirectories)
            .Where(path => Suffixes.Contains(Path.GetExtension(path)))
            .Where(path => !path.Contains("/bin/", StringComparison.Ordinal) && !path.Contains("/obj/", StringComparison.Ordinal) && !path.Contains("/.terraform/", StringComparison.Ordinal));

    [GeneratedRegex(@"^using [^\n(]*;\n\n+using ", RegexOptions.Multiline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex SplitUsings();

    [GeneratedRegex(@"^\s*\[(Fact|Theory)\b", RegexOptions.Multiline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex TestAttribute();

    // With its comment, up to the line that closes it.
    [GeneratedRegex(@"^(///[^\n]*\n|\[[^\n]*\n)*(public|internal) ([a-z]+ )*?(?<kind>class|record|enum|interface|struct)( struct| class)? (?<name>\w+)[^\n]*?(;$|\n(?:[^\n}][^\n]*\n|\n)*(\}|[^\n]*;$))", RegexOptions.Multiline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 5000)]
    private static partial Regex TopLevelType();

    // remediation or fix; organization; catalog; cannot.
    [GeneratedRegex(@"\b(mend(s|ed|ing)?|can't|organis\w+|catalogues?|behaviou?rs?(?<=our|ours)|colours?|normalis\w+|analysed|authoris\w+|favourites?|neighbours?|recognis\w+|summaris\w+|serialis\w+|centralis\w+)\b", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex OddWord();
}
