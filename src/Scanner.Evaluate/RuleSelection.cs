using Scanner.Catalog;
using Scanner.Model;

namespace Scanner.Evaluate;

/// <summary>Which checks and detections run: by framework, least severity and id.</summary>
public sealed class RuleSelection
{
    private readonly HashSet<string>? _ofFramework;
    private readonly Severity? _least;
    private readonly IReadOnlyList<string> _ids;

    /// <summary>Makes the selection; what is null or empty does not select.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="framework">Framework id such as <c>cis-aws-5.0</c>: only the checks and detections that its controls name.</param>
    /// <param name="least">Least severity.</param>
    /// <param name="ids">Id patterns, <c>*</c> stands for any run of characters; one match is enough.</param>
    /// <exception cref="InputException">No such framework.</exception>
    public RuleSelection(CheckCatalog catalog, string? framework = null, Severity? least = null, IReadOnlyList<string>? ids = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        _least = least;
        _ids = ids ?? [];
        if (framework is null)
            return;
        if (!catalog.Frameworks.TryGetValue(framework, out var definition))
            throw new InputException($"there is no framework '{framework}'; there are {string.Join(", ", catalog.Frameworks.Keys.Order(StringComparer.Ordinal))}");
        _ofFramework = definition.Controls.SelectMany(control => control.Checks.Concat(control.Detections)).ToHashSet(StringComparer.Ordinal);
    }

    /// <summary>Whether a check or detection is selected.</summary>
    /// <param name="rule">The rule.</param>
    public bool Includes(RuleInfo rule)
    {
        ArgumentNullException.ThrowIfNull(rule);
        return (_ofFramework is null || _ofFramework.Contains(rule.Id))
            && (_least is null || rule.Severity >= _least)
            && (_ids.Count == 0 || _ids.Any(pattern => Glob.Matches(pattern, rule.Id)));
    }

    // What a check within another one finds, that one finds too: nobody wants to read it twice.
    private bool IsSaidByAnother(CheckDefinition check, CheckCatalog catalog) =>
        check.Within is { } wider && catalog.Checks.TryGetValue(wider, out var other) && Includes(other.Info);

    /// <summary>The selected checks, in the catalog's order.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <exception cref="InputException">An id pattern matches neither a check nor a detection file's rule.</exception>
    public IReadOnlyList<CheckDefinition> Checks(CheckCatalog catalog)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        foreach (var pattern in _ids)
        {
            var all = catalog.RuleIds.ToList();
            if (!all.Exists(id => Glob.Matches(pattern, id)))
                throw new InputException($"no check or detection has the id '{SafeText.Line(pattern)}'; {Spelling.Suggest(pattern, all)} 'scanner checks list' shows them");
        }
        return [.. catalog.Checks.Values.Where(check => Includes(check.Info) && !IsSaidByAnother(check, catalog))];
    }
}
