using System.Collections.Immutable;

namespace Scanner.Collect.Plans.Hcl;

/// <summary>Where an expression of the source stands.</summary>
/// <param name="Steps">The module, with the keys of its calls.</param>
/// <param name="Folder">The module's files.</param>
internal sealed record SourceEnvironment(IReadOnlyList<PlanStep> Steps, ModuleFolder Folder)
{
    /// <summary>The module's address.</summary>
    public string Module { get; } = PlanAddress.ModuleOf(Steps);

    /// <summary><c>each.key</c> or <c>count.index</c>, without brackets; null where there is neither.</summary>
    public string? Key { get; init; }

    /// <summary>Whether the key is a number.</summary>
    public bool IsCounted { get; init; }

    /// <summary>The <c>for_each</c> that makes <c>each.value</c>; null without.</summary>
    public HclExpression? ForEach { get; init; }

    /// <summary>Variables of loops and dynamic blocks.</summary>
    public ImmutableDictionary<string, SourceValue> Variables { get; init; } = ImmutableDictionary<string, SourceValue>.Empty;

    public SourceEnvironment With(string name, SourceValue value) => this with { Variables = Variables.SetItem(name, value) };

    /// <summary>The same place without <c>each</c> and <c>count</c>, where locals and <c>for_each</c> itself are read.</summary>
    public SourceEnvironment Plain() => Key is null && ForEach is null && Variables.IsEmpty ? this : new SourceEnvironment(Steps, Folder);
}
