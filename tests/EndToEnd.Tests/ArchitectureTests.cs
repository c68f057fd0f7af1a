using System.Reflection;
using NetArchTest.Rules;

namespace EndToEnd.Tests;

/// <summary>Who may know whom, in the words of the design; whatever is not said here is not allowed.</summary>
public sealed class ArchitectureTests
{
    // Projects. "Scanner" is the program itself: it may know all.
    private const string Projects = """
        Model -> nothing
        Catalog -> Model
        Aws -> Model
        Collect -> Aws, Catalog, Model
        Store -> Catalog, Model
        Evaluate -> Store, Catalog, Model
        Detect -> Catalog, Model
        Publish -> Model
        """;

    // Rooms within a project: each may know those below it.
    private const string Rooms = """
        Aws.Models -> nothing
        Aws.Wire -> Aws.Models
        Aws.Client -> Aws.Models, Aws.Wire
        Aws.Session -> Aws.Models, Aws.Wire, Aws.Client
        Collect.Tables -> nothing
        Collect.Events -> Collect.Tables
        Collect.Policy -> Collect.Tables
        Collect.Plans -> Collect.Tables
        Collect.Recording -> Collect.Tables
        Store.Functions -> nothing
        Evaluate.Gaps -> nothing
        Detect.Rules -> nothing
        Detect.Logs -> Detect.Rules
        Detect.Correlation -> Detect.Logs, Detect.Rules
        Detect.Matching -> Detect.Correlation, Detect.Logs, Detect.Rules
        Detect.Sql -> Detect.Matching, Detect.Correlation, Detect.Logs, Detect.Rules
        Publish.Text -> nothing
        Publish.Reports -> Publish.Text
        Publish.Actions -> Publish.Reports, Publish.Text
        Publish.GitHub -> Publish.Reports, Publish.Text
        Terminal -> nothing
        Scan -> Terminal
        Commands -> Scan, Terminal
        """;

    // Packages: who alone may use them.
    private const string Packages = """
        Amazon -> Aws, Collect.Events
        Amazon.S3 -> Collect.Events
        DuckDB -> Store, Evaluate
        Octokit -> Publish.GitHub
        Markdig -> Publish.Text
        YamlDotNet -> Catalog, Detect.Rules
        Spectre.Console -> Terminal, Scan, Commands
        System.CommandLine -> Commands
        """;

    // Folders that belong to the room, or the project, around them.
    private static readonly string[] Niches = ["Catalog.Terraform", "Collect.Plans.Hcl", "Evaluate.Gates", "Evaluate.Isolation", "Store.Functions", "Store.Sql"];

    internal static readonly Assembly[] Ours =
    [
        .. Directory.GetFiles(AppContext.BaseDirectory, "Scanner.*.dll").Select(path => Assembly.Load(Path.GetFileNameWithoutExtension(path))),
        typeof(Scanner.ExitCode).Assembly,
    ];

    public static TheoryData<string, string> ProjectArrows => Read(Projects);

    public static TheoryData<string, string> RoomArrows => Read(Rooms);

    public static TheoryData<string, string> PackageUsers => Read(Packages);

    [Theory]
    [MemberData(nameof(ProjectArrows))]
    public void A_project_knows_only_those_that_it_may_know(string project, string known)
    {
        var forbidden = Names(Projects).Except(Split(known)).Where(other => other != project).Append("Commands").Append("Scan").Append("Terminal");
        Holds(Types.InAssemblies(Ours).That().ResideInNamespace("Scanner." + project), forbidden.Select(other => "Scanner." + other));
        // What the compiler was given, used or not.
        var assembly = Assert.Single(Ours, assembly => assembly.GetName().Name == "Scanner." + project);
        Assert.Equal([], assembly.GetReferencedAssemblies().Select(name => name.Name!).Where(name => name.StartsWith("Scanner.", StringComparison.Ordinal))
            .Except(Split(known).Select(other => "Scanner." + other)));
    }

    [Theory]
    [MemberData(nameof(RoomArrows))]
    public void A_room_knows_only_the_rooms_below_it(string room, string known)
    {
        var house = room.Split('.')[0];
        var siblings = room.Contains('.', StringComparison.Ordinal)
            ? Names(Rooms).Where(other => other.StartsWith(house + '.', StringComparison.Ordinal))
            : Names(Rooms).Where(other => !other.Contains('.', StringComparison.Ordinal));
        Holds(Types.InAssemblies(Ours).That().ResideInNamespace("Scanner." + room), siblings.Except(Split(known)).Where(other => other != room).Select(other => "Scanner." + other));
    }

    [Theory]
    [MemberData(nameof(PackageUsers))]
    public void A_package_is_used_where_it_belongs_and_nowhere_else(string package, string users)
    {
        var all = Types.InAssemblies(Ours).That().HaveDependencyOn(package).GetTypes()
            // The program's own top: System.CommandLine's root command.
            .Where(type => type.Namespace is not "Scanner" and not null)
            .Select(type => type.Namespace!["Scanner.".Length..]).Distinct();
        Assert.Equal([], all.Where(room => !Split(users).Any(user => room == user || room.StartsWith(user + '.', StringComparison.Ordinal))));
    }

    [Fact]
    public void Every_room_is_on_the_list()
    {
        var rooms = Types.InAssemblies(Ours).GetTypes().Select(type => type.Namespace)
            .Where(name => name?.StartsWith("Scanner.", StringComparison.Ordinal) == true)
            .Select(name => name!["Scanner.".Length..]).Distinct().Order(StringComparer.Ordinal);
        Assert.Equal([], rooms.Except([.. Names(Projects), .. Names(Rooms), .. Niches]));
    }

    private static void Holds(PredicateList types, IEnumerable<string> forbidden)
    {
        Assert.NotEmpty(types.GetTypes());
        var result = types.ShouldNot().HaveDependencyOnAny([.. forbidden]).GetResult();
        Assert.Equal([], result.FailingTypeNames ?? []);
    }

    private static TheoryData<string, string> Read(string arrows)
    {
        var data = new TheoryData<string, string>();
        foreach (var line in arrows.Split('\n'))
            data.Add(line.Split(" -> ")[0].Trim(), line.Split(" -> ")[1].Trim());
        return data;
    }

    private static IEnumerable<string> Names(string arrows) => arrows.Split('\n').Select(line => line.Split(" -> ")[0].Trim());

    private static IReadOnlyList<string> Split(string known) => known == "nothing" ? [] : known.Split(", ");
}
