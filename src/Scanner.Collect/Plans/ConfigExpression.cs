using System.Text.Json;

namespace Scanner.Collect.Plans;

/// <summary>An expression as <c>configuration</c> shows it: a constant, or the names that it refers to.</summary>
internal static class ConfigExpression
{
    /// <summary>Whether an element is one expression, and not the body of a block whose arguments are expressions.</summary>
    public static bool Is(JsonElement json) =>
        json.ValueKind == JsonValueKind.Object
        && (json.TryGetProperty("constant_value", out _)
            || (json.TryGetProperty("references", out var references) && references.ValueKind == JsonValueKind.Array
                && references.EnumerateArray().All(one => one.ValueKind == JsonValueKind.String))
            || !json.EnumerateObject().MoveNext());

    /// <summary>
    /// The references without those that are only the beginning of another (<c>aws_vpc.m</c> beside <c>aws_vpc.m.id</c>): Terraform
    /// lists each step of a traversal.
    /// </summary>
    public static IReadOnlyList<string> References(JsonElement json)
    {
        var all = ConfigModule.Items(json, "references").Select(JsonTexts.Of).OfType<string>().Distinct(StringComparer.Ordinal).ToList();
        if (all.Count < 2)
            return all;
        var starts = new HashSet<string>(StringComparer.Ordinal);
        foreach (var one in all)
        {
            for (var i = one.Length - 1; i > 0; i--)
            {
                // What has been seen has had its own starts added.
                if (one[i] is '.' or '[' && !starts.Add(one[..i]))
                    break;
            }
        }
        return [.. all.Where(one => !starts.Contains(one))];
    }

    public static bool HasReferences(JsonElement json) => ConfigModule.Items(json, "references").Any();

    /// <summary>The constant; undefined when there is none.</summary>
    public static JsonElement Constant(JsonElement json) => ConfigModule.Member(json, "constant_value");
}
