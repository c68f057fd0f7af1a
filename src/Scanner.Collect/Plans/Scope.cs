using System.Text.Json;

namespace Scanner.Collect.Plans;

/// <summary>Where an expression stands: what <c>var</c>, <c>each</c> and names mean in it.</summary>
/// <param name="Steps">The module, with the keys of the calls.</param>
/// <param name="Key">What <c>each.key</c> or <c>count.index</c> is, in Terraform's spelling with brackets; empty without.</param>
/// <param name="ForEach">The <c>for_each</c> that makes <c>each.value</c>; undefined without.</param>
/// <param name="Siblings">How many instances the resource or call has whose key that is.</param>
internal sealed record Scope(IReadOnlyList<PlanStep> Steps, string Key, JsonElement ForEach, int Siblings)
{
    /// <summary>The module's address.</summary>
    public string Module { get; } = PlanAddress.ModuleOf(Steps);
}
