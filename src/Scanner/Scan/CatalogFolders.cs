using Scanner.Catalog;
using Scanner.Collect.Tables;
using Scanner.Detect;
using Scanner.Detect.Rules;
using Scanner.Model;

namespace Scanner.Scan;

/// <summary>The shipped <c>checks/</c> folder beside the program, and the folders that the user lays over it.</summary>
internal sealed class CatalogFolders
{
    /// <summary>The <c>checks/</c> folder beside the program.</summary>
    public static string Shipped { get; } = Path.Combine(AppContext.BaseDirectory, "checks");

    // As we ship them, and with nothing laid over: read once in the life of a process, which may run more than one command.
    private static readonly Lazy<CheckCatalog> ShippedAlone = new(() => CatalogLoader.Load([Shipped], BuiltInTables.All, Shipped));
    private static readonly Lazy<RuleSet> ShippedDetections = new(() => new CatalogFolders([]).Detections(ShippedAlone.Value.Placeholders));

    private readonly List<string> _folders;
    private readonly Lazy<RuleSet> _detections;
    private readonly bool _withTests;

    /// <summary>Reads the folders, and holds the user's tables against AWS's service models.</summary>
    /// <param name="overlays">Folders or files of the user.</param>
    /// <param name="provesShipped">Whether the shipped tables are held against the models too; a test of ours has done it, and it takes time at every start.</param>
    /// <param name="locked">Whether overlays may only add: what replaces a shipped check, or mutes every check, is refused.</param>
    /// <param name="withTests">Whether the unit tests of the shipped checks and detections are read too: half of their text, for those alone who run them.</param>
    /// <exception cref="InputException">A file is broken, or names what does not exist, or may not do what it does.</exception>
    public CatalogFolders(IReadOnlyList<string> overlays, bool provesShipped = false, bool locked = false, bool withTests = false)
    {
        _withTests = withTests;
        _folders = [Shipped, .. overlays.Select(Path.GetFullPath)];
        var alone = overlays.Count == 0 && !withTests;
        Catalog = alone ? ShippedAlone.Value : CatalogLoader.Load(_folders, BuiltInTables.All, withTests ? null : Shipped);
        _detections = alone ? ShippedDetections : new Lazy<RuleSet>(() => Detections(Catalog.Placeholders));
        if (locked && Catalog.Overrides.Count > 0)
            throw new InputException($"{string.Join("; ", Catalog.Overrides.Take(5))}{(Catalog.Overrides.Count > 5 ? "; and more" : "")}: --lock-checks lets --checks only add; take it out, or give --lock-checks=false");
        foreach (var table in Catalog.Tables.Values.Where(table => !BuiltInTables.IsBuiltIn(table.Name)))
        {
            if (provesShipped || !IsBelow(Shipped, table.Path))
                TableValidator.Check(table);
        }
    }

    public CheckCatalog Catalog { get; }

    /// <summary>What the overlays change of the shipped judgment, for everybody who reads the result.</summary>
    public IReadOnlyList<string> Notices =>
        Catalog.Overrides.Count == 0 ? [] : [$"Not judged as Scanner is shipped: {string.Join("; ", Catalog.Overrides.Take(10))}{(Catalog.Overrides.Count > 10 ? $"; and {Catalog.Overrides.Count - 10} more" : "")}"];

    /// <summary>What a reader is told of a detection, with the controls that name it.</summary>
    public static RuleInfo Describe(CheckCatalog catalog, DetectionRule rule)
    {
        var info = RuleFindings.ToRuleInfo(rule);
        return info with { Controls = catalog.ControlsOf(info.Id) };
    }

    /// <summary>Mutes of checks that do not exist, which mute nothing: one line each.</summary>
    public IEnumerable<string> IdleMutes()
    {
        var all = Catalog.RuleIds.ToList();
        foreach (var mute in Catalog.Mutes.Where(mute => !mute.Check.Contains('*', StringComparison.Ordinal) && !all.Contains(mute.Check, StringComparer.Ordinal)))
        {
            yield return string.Create(System.Globalization.CultureInfo.InvariantCulture,
                $"{mute.File}:{mute.Line}: the mute of '{mute.Check}' mutes nothing: there is no such check or detection; {Spelling.Suggest(mute.Check, all)}");
        }
    }

    /// <summary>Whether a check and all that it reads are as we ship them, whose tests have proven that they fit together.</summary>
    public bool IsShipped(CheckDefinition check) =>
        IsBelow(Shipped, check.Info.Path)
        && check.Tables.Concat(check.Target?.Tables ?? []).All(name => !Catalog.Tables.TryGetValue(name, out var table) || BuiltInTables.IsBuiltIn(name) || IsBelow(Shipped, table.Path));

    /// <summary>Whether a path is a folder (or file) itself, or lies below it.</summary>
    public static bool IsBelow(string folder, string path) =>
        string.Equals(folder, path, StringComparison.Ordinal)
        || path.StartsWith(Path.TrimEndingDirectorySeparator(folder) + Path.DirectorySeparatorChar, StringComparison.Ordinal);

    /// <summary>The detections, bound to each other; a broken one of a user's is an error, as a broken check is.</summary>
    /// <param name="pipelineRoles">Added to the list <c>pipeline_roles</c>.</param>
    public RuleSet LoadDetections(IReadOnlyList<string>? pipelineRoles = null)
    {
        var rules = pipelineRoles is { Count: > 0 }
            ? Detections(new Dictionary<string, IReadOnlyList<string>>(Catalog.Placeholders, StringComparer.Ordinal)
            {
                ["pipeline_roles"] = [.. Catalog.Placeholders.GetValueOrDefault("pipeline_roles", []), .. pipelineRoles],
            })
            : _detections.Value;
        return rules.Errors.Count == 0 ? rules : throw rules.Errors[0];
    }

    private RuleSet Detections(IReadOnlyDictionary<string, IReadOnlyList<string>> lists) => RuleSet.Load([.. Layers()], new RuleSetOptions { Placeholders = lists });

    /// <summary>What a reader is told of all checks, and of the detections that report.</summary>
    public IEnumerable<RuleInfo> Rules() =>
        Catalog.Checks.Values.Select(check => check.Info)
            .Concat(LoadDetections().Rules.Where(rule => rule.Reports).Select(rule => Describe(Catalog, rule)));

    // A rule of a later folder replaces ours with the same id: each folder is a layer of its own.
    private IEnumerable<IReadOnlyList<RuleFile>> Layers() =>
        _folders.Select(folder => (IReadOnlyList<RuleFile>)[.. Catalog.Detections.Where(file => IsBelow(folder, file.Path))
            .Select(file => file with { LeavesTests = !_withTests && IsBelow(Shipped, file.Path) })]);
}
