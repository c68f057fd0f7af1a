using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Scanner.Catalog;
using Scanner.Model;

namespace Scanner.Collect.Tables;

/// <summary>
/// A text of a table file with <c>{paths}</c>. What AWS sends in their place is data: it is never read again for
/// further paths.
/// </summary>
internal sealed class TextTemplate
{
    private readonly List<(string? Text, ItemPath? Path)> _parts = [];

    private TextTemplate(string source)
    {
        Source = source;
    }

    public string Source { get; }

    /// <summary>Whether there is no path in it.</summary>
    public bool IsConstant => _parts.TrueForAll(part => part.Path is null);

    /// <summary>Whether it is one path and nothing else.</summary>
    public bool IsOnePath => _parts is [{ Path: not null }];

    /// <summary>The paths in it.</summary>
    public IEnumerable<ItemPath> Paths => _parts.Where(part => part.Path is not null).Select(part => part.Path!);

    /// <summary>Parses; false when a brace is left open or holds no path.</summary>
    public static bool TryParse(string source, out TextTemplate template)
    {
        template = new TextTemplate(source);
        var i = 0;
        while (i < source.Length)
        {
            var open = source.IndexOf('{', i);
            if (open < 0)
            {
                template._parts.Add((source[i..], null));
                break;
            }
            if (open > i)
                template._parts.Add((source[i..open], null));
            var close = source.IndexOf('}', open);
            if (close < 0 || !ItemPath.TryParse(source[(open + 1)..close], out var path))
                return false;
            template._parts.Add((null, path));
            i = close + 1;
        }
        return true;
    }

    /// <summary>Parses an <c>id</c> or <c>region</c> of a table: a text with braces, or a bare path.</summary>
    public static TextTemplate ParseIdOrRegion(string source, string file, int line)
    {
        if (source.Contains('{', StringComparison.Ordinal))
            return Parse(source, file, line);
        return Parse("{" + source + "}", file, line);
    }

    /// <summary>Parses, or says where the mistake is.</summary>
    /// <exception cref="InputException">A brace is left open or holds no path.</exception>
    public static TextTemplate Parse(string source, string file, int line) =>
        TryParse(source, out var template)
            ? template
            : throw new InputException(file, line, $"'{source}' has a brace that holds no path; write {{Name}} or {{Status.State}}");

    /// <summary>
    /// Puts the values in. A path alone gives the value as it is, with its JSON type; within text, numbers and booleans
    /// are written out. False when a value is missing, or is an object or list within text; then <paramref name="missing"/>
    /// is the path.
    /// </summary>
    public bool TryFill(ItemScope scope, out JsonNode? value, out string missing)
    {
        missing = "";
        if (_parts is [{ Path: { } alone }])
        {
            value = scope.Find(alone);
            if (value is null)
                missing = alone.Text;
            return value is not null;
        }
        var text = new StringBuilder();
        foreach (var (literal, path) in _parts)
        {
            if (path is null)
            {
                text.Append(literal);
                continue;
            }
            if (ScalarText(scope.Find(path)) is not { } part)
            {
                value = null;
                missing = path.Text;
                return false;
            }
            text.Append(part);
        }
        value = JsonValue.Create(text.ToString());
        return true;
    }

    /// <summary>As <see cref="TryFill"/>, for a text that must come out as one; an empty one counts as missing.</summary>
    public bool TryFillText(ItemScope scope, out string text, out string missing)
    {
        text = "";
        if (!TryFill(scope, out var value, out missing))
            return false;
        text = ScalarText(value) ?? "";
        if (text.Length > 0)
            return true;
        missing = Source;
        return false;
    }

    /// <summary>A scalar as text: strings as they are, numbers and booleans as JSON writes them; null for anything else.</summary>
    public static string? ScalarText(JsonNode? node) => node is not JsonValue value
        ? null
        : value.GetValueKind() switch
        {
            JsonValueKind.String => value.GetValue<string>(),
            JsonValueKind.True => "true",
            JsonValueKind.False => "false",
            JsonValueKind.Number => value.TryGetValue<long>(out var whole) ? whole.ToString(CultureInfo.InvariantCulture) : value.ToJsonString(),
            _ => null,
        };
}
