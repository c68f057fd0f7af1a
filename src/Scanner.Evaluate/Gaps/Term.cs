using System.Collections.Immutable;
using System.Text.Json.Nodes;

namespace Scanner.Evaluate.Gaps;

/// <summary>An expression of the rewritten query.</summary>
/// <param name="Value">Its value. It counts where the mask is zero.</param>
/// <param name="Mask">Which gaps the value hangs on, as bits, never NULL; null where it hangs on none in any row.</param>
/// <param name="Uses">Columns of the catalog's tables that it takes something from.</param>
internal sealed record Term(JsonNode Value, JsonNode? Mask, ImmutableHashSet<SourceColumn> Uses)
{
    /// <summary>A value that nothing can change.</summary>
    public static Term Known(JsonNode value) => new(value, null, []);
}
