using System.Text.Json.Nodes;

namespace Scanner.Detect.Sql;

/// <summary>
/// Reads maps and lists as Java prints them, <c>{a=b, c=[{d=e}, f]}</c>: nothing is quoted, so that a text ends where the next name or the end of
/// what it stands in comes. Numbers and <c>true</c> are texts then, which rules compare alike.
/// </summary>
internal static class JavaText
{
    private const int MostNested = 60;

    /// <summary>The values; null: it is no such text.</summary>
    internal static JsonNode? Read(string text)
    {
        var at = 0;
        return text is ['{' or '[', ..] && Value(text, ref at, end: '\0', depth: 0, out var node) && at == text.Length ? node : null;
    }

    private static bool Value(string text, ref int at, char end, int depth, out JsonNode? node)
    {
        node = null;
        if (depth > MostNested)
            return false;
        if (at < text.Length && text[at] == '{' && !IsJson(text, at))
            return Map(text, ref at, depth, out node);
        if (at < text.Length && text[at] == '[' && !IsJson(text, at))
            return List(text, ref at, depth, out node);
        var start = at;
        // A policy is a text that is JSON: its brackets are not ours.
        if (at < text.Length && text[at] is '{' or '[')
            at = JsonEnd(text, at);
        while (at < text.Length && !Ends(text, at, end))
            at++;
        var scalar = text[start..at];
        node = scalar == "null" ? null : JsonValue.Create(scalar);
        return at < text.Length;
    }

    private static bool Map(string text, ref int at, int depth, out JsonNode? node)
    {
        var map = new JsonObject();
        node = map;
        at++;
        if (at < text.Length && text[at] == '}')
        {
            at++;
            return true;
        }

        while (true)
        {
            var equals = NameEnd(text, at);
            if (equals < 0)
                return false;
            var name = text[at..equals];
            at = equals + 1;
            if (!Value(text, ref at, '}', depth + 1, out var value) || at >= text.Length)
                return false;
            map[name] = value;
            if (IsOver(text, ref at, '}') is { } over)
                return over;
        }
    }

    private static bool List(string text, ref int at, int depth, out JsonNode? node)
    {
        var list = new JsonArray();
        node = list;
        at++;
        if (at < text.Length && text[at] == ']')
        {
            at++;
            return true;
        }

        while (true)
        {
            if (!Value(text, ref at, ']', depth + 1, out var value) || at >= text.Length)
                return false;
            list.Add(value);
            if (IsOver(text, ref at, ']') is { } over)
                return over;
        }
    }

    /// <summary>Goes past what stands between two members: true: these were all; null: there are more; false: it is something else.</summary>
    private static bool? IsOver(string text, ref int at, char end)
    {
        if (text[at] == end)
        {
            at++;
            return true;
        }

        if (text[at] != ',' || at + 1 >= text.Length || text[at + 1] != ' ')
            return false;
        at += 2;
        return null;
    }

    /// <summary>Whether what stands in a map or a list ends here.</summary>
    private static bool Ends(string text, int at, char end) =>
        text[at] == end || (text[at] == ',' && at + 1 < text.Length && text[at + 1] == ' ' && (end == ']' || NameEnd(text, at + 2) >= 0));

    /// <summary>Where the name that starts here ends; -1: none does.</summary>
    private static int NameEnd(string text, int at)
    {
        for (var i = at; i < text.Length; i++)
        {
            if (text[i] == '=')
                return i > at ? i : -1;
            if (text[i] is ' ' or ',' or '{' or '}' or '[' or ']' or '"')
                return -1;
        }

        return -1;
    }

    private static bool IsJson(string text, int at) => at + 1 < text.Length && (text[at + 1] == '"' || (text[at] == '[' && at + 2 < text.Length && text[at + 1] == '{' && text[at + 2] == '"'));

    /// <summary>The end of a JSON text, by its brackets outside of quotes.</summary>
    private static int JsonEnd(string text, int at)
    {
        var open = 0;
        var quoted = false;
        for (; at < text.Length; at++)
        {
            if (quoted)
            {
                if (text[at] == '\\')
                    at++;
                else if (text[at] == '"')
                    quoted = false;
                continue;
            }

            quoted = text[at] == '"';
            open += text[at] switch { '{' or '[' => 1, '}' or ']' => -1, _ => 0 };
            if (open == 0)
                return at + 1;
        }

        return Math.Min(at, text.Length);
    }
}
