using System.Globalization;
using System.Text.Json.Nodes;

namespace Scanner.Evaluate.Gaps;

/// <summary>Expressions that are made once, in a query below, and named wherever they are meant.</summary>
/// <param name="alias">The name of the query below.</param>
/// <param name="prefix">How the columns' names begin.</param>
internal sealed class Computed(string alias, string prefix)
{
    private readonly Dictionary<string, (string Name, JsonNode Value)> _made = new(StringComparer.Ordinal);

    /// <summary>What is to be made below, by name.</summary>
    public IEnumerable<(string Name, JsonNode Value)> Made => _made.Values;

    /// <summary>The column that holds an expression.</summary>
    public JsonNode Column(JsonNode value)
    {
        var text = value.ToJsonString();
        if (!_made.TryGetValue(text, out var made))
            _made[text] = made = (string.Create(CultureInfo.InvariantCulture, $"{prefix}{_made.Count}"), value);
        return Tree.Column(alias, made.Name);
    }
}
