using System.Text.RegularExpressions;
using Loopback;

namespace EndToEnd.Tests;

/// <summary>What the documents say of the house is true of it: links, pictures, names, and who may know whom.</summary>
public sealed partial class DocumentTests
{
    private static readonly string[] Projects =
        [.. Directory.GetDirectories(Path.Combine(Tools.Repository, "src")).Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal)];

    public static TheoryData<string> Documents => [.. RepositoryFilesTests.Documents().Select(path => Path.GetRelativePath(Tools.Repository, path))];

    [Theory]
    [MemberData(nameof(Documents))]
    public void A_link_to_a_heading_finds_it(string document)
    {
        foreach (Match link in Link().Matches(Text(document)))
        {
            var path = Path.GetFullPath(Path.Combine(Tools.Repository, Path.GetDirectoryName(document)!, link.Groups["file"].Value));
            if (link.Groups["file"].Value.Length == 0)
                path = Path.Combine(Tools.Repository, document);
            if (Path.GetExtension(path) == ".md")
                Assert.Contains(link.Groups["heading"].Value, Headings(File.ReadAllText(path)));
        }
    }

    [Theory]
    [MemberData(nameof(Documents))]
    public void A_picture_is_a_flowchart_that_mermaid_can_draw(string document)
    {
        foreach (Match block in Mermaid().Matches(Text(document)))
        {
            var lines = block.Groups["text"].Value.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
            Assert.Matches("^flowchart (LR|RL|TD|TB|BT)$", lines[0]);
            var open = 0;
            var labeled = new HashSet<string>(StringComparer.Ordinal);
            foreach (var line in lines.Skip(1))
            {
                if (line == "end")
                    Assert.True(--open >= 0, line);
                else if (Subgraph().IsMatch(line))
                    open++;
                else
                    Assert.True(IsChain(line, labeled), $"{document}: {line}");
            }
            Assert.Equal(0, open);
        }
    }

    [Fact]
    public void Every_project_has_a_sign_on_its_door()
    {
        Assert.All(Projects, project =>
        {
            var sign = Text($"src/{project}/README.md");
            Assert.True(sign.Count(c => c == '\n') <= 12, project);
            Assert.Contains("**May enter:**", sign, StringComparison.Ordinal);
            Assert.Contains("**May never:**", sign, StringComparison.Ordinal);
        });
    }

    [Fact]
    public void The_page_of_who_may_know_whom_says_what_the_architecture_test_holds()
    {
        var said = Row().Matches(Text("docs/architecture.md")).ToDictionary(row => row.Groups["project"].Value, row => row.Groups["knows"].Value, StringComparer.Ordinal);

        var held = ArchitectureTests.ProjectArrows.Select(row => (row.Data.Item1, row.Data.Item2)).Append(("Scanner", "all"));
        Assert.Equal(held.OrderBy(pair => pair.Item1, StringComparer.Ordinal), said.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => (pair.Key, pair.Value)));
    }

    [Fact]
    public void Every_type_that_the_architecture_page_names_is_there()
    {
        var types = ArchitectureTests.Ours.SelectMany(assembly => assembly.GetTypes()).ToLookup(type => type.Name.Split('`')[0], StringComparer.Ordinal);
        var names = Name().Matches(Text("docs/architecture.md")).Select(match => match.Groups["name"].Value).Distinct(StringComparer.Ordinal).ToList();

        Assert.Contains("TableRun", names);
        Assert.All(names, name =>
        {
            var parts = name.Split('.');
            Assert.True(types.Contains(parts[0]), name);
            Assert.True(parts.Length == 1 || types[parts[0]].Any(type => type.GetMember(parts[1], (System.Reflection.BindingFlags)(-1)).Length > 0), name);
        });
    }

    [Fact]
    public void The_glossary_is_one_screen()
    {
        var glossary = Text("docs/architecture.md").Split("## Glossary")[1];
        Assert.InRange(glossary.Trim().Split('\n').Length, 15, 30);
    }

    // Nodes with arrows between; a node's label stands once, a second would quietly take the first one's place.
    private static bool IsChain(string line, HashSet<string> labeled) =>
        Chain().Match(line) is { Success: true } chain && chain.Groups["labeled"].Captures.All(node => labeled.Add(node.Value));

    private static string Text(string path) => File.ReadAllText(Path.Combine(Tools.Repository, path));

    // As GitHub makes them: lower case, punctuation gone, blanks as hyphens.
    private static IEnumerable<string> Headings(string text) =>
        Heading().Matches(text).Select(match => string.Concat(match.Groups["text"].Value.Trim().ToLowerInvariant()
            .Where(c => char.IsLetterOrDigit(c) || c is ' ' or '-' or '_')).Replace(' ', '-'));

    [GeneratedRegex(@"\]\((?<file>[^)\s:#]*)#(?<heading>[^)\s]+)\)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Link();

    [GeneratedRegex(@"^#{1,6} (?<text>.+)$", RegexOptions.Multiline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Heading();

    [GeneratedRegex(@"^```mermaid\n(?<text>.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Mermaid();

    [GeneratedRegex(@"^subgraph [A-Za-z]\w*( ?\[""[^""]+""\])?$", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Subgraph();

    // A node is a name, with its label in one of four shapes where it first stands; arrows may say something.
    [GeneratedRegex(@"^(?!end\b)((?<labeled>[A-Za-z]\w*)(\[""[^""]+""\]|\(\(""[^""]+""\)\)|\[\(""[^""]+""\)\]|\(""[^""]+""\))|[A-Za-z]\w*)( -->(\|""[^""|]+""\|)? (?!end\b)((?<labeled>[A-Za-z]\w*)(\[""[^""]+""\]|\(\(""[^""]+""\)\)|\[\(""[^""]+""\)\]|\(""[^""]+""\))|[A-Za-z]\w*))*$", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Chain();

    [GeneratedRegex(@"^\| \[(?<project>[A-Z][a-z]+)\]\(\.\./src/[A-Za-z.]+\) \| (?<knows>[^|]+?) \|", RegexOptions.Multiline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Row();

    [GeneratedRegex(@"`(?:[A-Z][A-Za-z]+/)*(?<name>[A-Z][a-z]+[A-Za-z]*(\.[A-Z][A-Za-z]+)?)`", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Name();
}
