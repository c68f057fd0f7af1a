using System.Text.Json.Nodes;

namespace Scanner.Detect.Logs;

/// <summary>
/// Reads a structure or map as Athena and CloudTrail Lake show it in results: <c>{type=IAMUser, arn=null, list=[a, b]}</c>. Values have no
/// quotes: a value ends where another name or the structure's end follows.
/// </summary>
internal sealed class ShownStructure
{
    private const int MostDepth = 30;

    private readonly string _text;
    private int _at;

    private ShownStructure(string text) => _text = text;

    /// <summary>The structure as JSON; null where the text is none.</summary>
    internal static JsonNode? Read(string text)
    {
        var reader = new ShownStructure(text.Trim());
        try
        {
            var node = reader.Value(0, '\0');
            return reader._at == reader._text.Length ? node : null;
        }
        catch (FormatException)
        {
            return null;
        }
    }

    private JsonNode? Value(int depth, char close)
    {
        if (depth > MostDepth)
            throw new FormatException("nested too deep");
        if (_at < _text.Length && _text[_at] == '{' && (NameEnd(_at + 1) > 0 || Follows(_at + 1, '}')))
            return Structure(depth);
        if (_at < _text.Length && _text[_at] == '[')
            return List(depth);
        var start = _at;
        var open = 0;
        for (; _at < _text.Length; _at++)
        {
            var c = _text[_at];
            if (c is '{' or '[')
                open++;
            else if (c is '}' or ']' && open > 0)
                open--;
            else if (c == close && open == 0)
                break;
            else if (c == ',' && open == 0 && (close == ']' || (close == '}' && Follows(_at + 1, ' ') && NameEnd(_at + 2) > 0)))
                break;
        }

        var text = _text[start.._at];
        return text is "null" ? null : JsonValue.Create(text);
    }

    private JsonObject Structure(int depth)
    {
        var result = new JsonObject();
        _at++;
        while (!Follows(_at, '}'))
        {
            var end = NameEnd(_at);
            if (end < 0)
                throw new FormatException("a name was expected");
            var name = _text[_at..end];
            _at = end + 1;
            result[name] = Value(depth + 1, '}');
            if (Follows(_at, ','))
                _at += Follows(_at + 1, ' ') ? 2 : 1;
            else if (!Follows(_at, '}'))
                throw new FormatException("cut off");
        }

        _at++;
        return result;
    }

    private JsonArray List(int depth)
    {
        var result = new JsonArray();
        _at++;
        while (!Follows(_at, ']'))
        {
            result.Add(Value(depth + 1, ']'));
            if (Follows(_at, ','))
                _at += Follows(_at + 1, ' ') ? 2 : 1;
            else if (!Follows(_at, ']'))
                throw new FormatException("cut off");
        }

        _at++;
        return result;
    }

    private bool Follows(int at, char c) => at < _text.Length && _text[at] == c;

    /// <summary>Where the equals sign behind a name stands; -1: there is no name here.</summary>
    private int NameEnd(int at)
    {
        var end = at;
        while (end < _text.Length && (char.IsAsciiLetterOrDigit(_text[end]) || _text[end] is '_' or '-' or '.' or ':' or '/'))
            end++;
        return end > at && end < _text.Length && _text[end] == '=' ? end : -1;
    }
}
