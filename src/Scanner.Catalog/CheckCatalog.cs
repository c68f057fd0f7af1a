using Scanner.Model;

namespace Scanner.Catalog;

/// <summary>Everything that the <c>checks/</c> folders declare, overlays applied.</summary>
public sealed record CheckCatalog
{
    /// <summary>Tables by name.</summary>
    public required IReadOnlyDictionary<string, TableDefinition> Tables { get; init; }

    /// <summary>Checks by id, in a stable order.</summary>
    public required IReadOnlyDictionary<string, CheckDefinition> Checks { get; init; }

    /// <summary>Frameworks by id.</summary>
    public required IReadOnlyDictionary<string, FrameworkDefinition> Frameworks { get; init; }

    /// <summary>Sigma files, by their contents: any file with a <c>detection</c>, <c>correlation</c> or <c>filter</c> key.</summary>
    public required IReadOnlyList<RuleFile> Detections { get; init; }

    /// <summary>Accepted risks of the <c>mutes</c> files.</summary>
    public IReadOnlyList<Mute> Mutes { get; init; } = [];

    /// <summary>Whose findings are, of the <c>owners.yml</c> files; the first that matches decides.</summary>
    public IReadOnlyList<OwnerRule> Owners { get; init; } = [];

    /// <summary>Days until findings are to be fixed, where an <c>owners.yml</c> says it of their severity.</summary>
    public IReadOnlyDictionary<Severity, int> DueDays { get; init; } = new Dictionary<Severity, int>();

    /// <summary>What a later folder changes of an earlier one's judgment: a check, detection or table that it replaces, a mute of every check. One line each, with the file.</summary>
    public IReadOnlyList<string> Overrides { get; init; } = [];

    /// <summary>What other tools call what the checks cover, for their skip comments in Terraform files.</summary>
    public IReadOnlyList<Equivalent> Equivalents { get; init; } = [];

    /// <summary>Lists that Sigma rules name as <c>%list%</c> (modifier <c>expand</c>), by name: allow lists as data.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Placeholders { get; init; } =
        new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);

    /// <summary>Ids of all checks and detections.</summary>
    public IEnumerable<string> RuleIds => Checks.Keys.Concat(Detections.SelectMany(file => file.Ids));

    /// <summary>The controls of all loaded frameworks that name a check or detection.</summary>
    /// <param name="id">Check id or Sigma rule id.</param>
    public IReadOnlyList<Control> ControlsOf(string id) =>
        [.. from framework in Frameworks.Values
            from control in framework.Controls
            where control.Checks.Contains(id, StringComparer.Ordinal)
            select new Control(framework.Id, control.Id, control.Title)];

    /// <summary>The logging sources of which a check tells.</summary>
    /// <param name="id">Check id.</param>
    public IReadOnlyList<CoverageRole> CoverageOf(string id) =>
        [.. Frameworks.Values.SelectMany(framework => framework.Controls).Where(control => control.On.Count > 0)
            .SelectMany((control, place) => new[] { (Ids: control.On, Arrives: false), (Ids: control.Arrives, Arrives: true) }
                .Where(role => role.Ids.Contains(id, StringComparer.Ordinal)).Select(role => new CoverageRole(control.Id, control.Title, place, role.Arrives)))];
}
