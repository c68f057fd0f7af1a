using System.Globalization;

namespace Scanner.Store.Functions;

/// <summary>
/// Reads filter patterns of CloudWatch Logs. Those for JSON are understood but for regular expressions; those for text and for columns
/// are not, since what they find hangs on how an event is written and not on what it says. <c>&amp;&amp;</c> binds more tightly than <c>||</c>.
/// </summary>
internal sealed class LogPatternParser
{
    /// <summary>Longest pattern that is read; CloudWatch Logs takes 1,024 characters.</summary>
    private const int MaxLength = 4_096;

    private const int MaxDepth = 64;

    private static readonly (string Sign, LogPatternOperator Operator)[] Signs =
    [
        ("!=", LogPatternOperator.NotEqual), ("<=", LogPatternOperator.LessOrEqual), (">=", LogPatternOperator.GreaterOrEqual),
        ("=", LogPatternOperator.Equal), ("<", LogPatternOperator.Less), (">", LogPatternOperator.Greater),
    ];

    private static readonly (string[] Words, LogPatternOperator Operator)[] Phrases =
    [
        (["NOT", "EXISTS"], LogPatternOperator.Missing), (["IS", "NULL"], LogPatternOperator.IsNull),
        (["IS", "TRUE"], LogPatternOperator.IsTrue), (["IS", "FALSE"], LogPatternOperator.IsFalse),
    ];

    private readonly string _text;
    private int _at;

    private LogPatternParser(string text) => _text = text;

    /// <summary>Reads a pattern.</summary>
    /// <exception cref="LogPatternFormatException">It is not understood.</exception>
    public static LogPattern Parse(string text)
    {
        if (text.Length > MaxLength)
            throw new LogPatternFormatException("the pattern is longer than CloudWatch Logs takes");
        var parser = new LogPatternParser(text);
        parser.Space();
        if (parser._at == text.Length)
            return new LogPattern.Everything();
        if (!parser.Take("{"))
            throw new LogPatternFormatException("the pattern is not one for JSON events");
        var pattern = parser.Or(0);
        if (!parser.Take("}"))
            throw parser.Unexpected("}");
        return parser._at == text.Length ? pattern : throw parser.Unexpected("nothing");
    }

    private LogPattern Or(int depth)
    {
        if (depth > MaxDepth)
            throw new LogPatternFormatException("the pattern has too many parentheses within each other");
        var parts = new List<LogPattern> { And(depth) };
        while (Take("||"))
            parts.Add(And(depth));
        return parts.Count == 1 ? parts[0] : new LogPattern.Any(parts);
    }

    private LogPattern And(int depth)
    {
        var parts = new List<LogPattern> { Primary(depth) };
        while (Take("&&"))
            parts.Add(Primary(depth));
        return parts.Count == 1 ? parts[0] : new LogPattern.All(parts);
    }

    private LogPattern Primary(int depth)
    {
        if (!Take("("))
            return Comparison();
        var inner = Or(depth + 1);
        return Take(")") ? inner : throw Unexpected(")");
    }

    private LogPattern.Test Comparison()
    {
        var field = Field();
        foreach (var (sign, way) in Signs)
        {
            if (!Take(sign))
                continue;
            var value = Value();
            if (way is not (LogPatternOperator.Equal or LogPatternOperator.NotEqual)
                && !double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out _))
            {
                throw new LogPatternFormatException($"'{sign}' compares with something that is no number");
            }
            return new LogPattern.Test(field, way, value);
        }
        foreach (var (words, way) in Phrases)
        {
            var start = _at;
            if (Array.TrueForAll(words, TakeWord))
                return new LogPattern.Test(field, way, "");
            _at = start;
        }
        throw Unexpected("a comparison");
    }

    // $.userIdentity.sessionContext.attributes, $.resources[0].ARN, $.requestParameters["a.b"]
    private string Field()
    {
        if (!Take("$"))
            throw Unexpected("a field such as $.eventName");
        var start = _at;
        var quoted = false;
        while (_at < _text.Length)
        {
            var c = _text[_at];
            if (c == '"')
                quoted = !quoted;
            else if (!quoted && !(char.IsLetterOrDigit(c) || c is '.' or '[' or ']' or '_' or '-' or ':' or '/' or '*' or '\''))
                break;
            _at++;
        }
        // A sign follows a name at once in many patterns ("$.a=b"); a dot or bracket must stand before the first name.
        var field = _text[start.._at];
        return field.Length > 1 && field[0] is '.' or '[' ? field.Replace("[\"", ".", StringComparison.Ordinal).Replace("\"]", "", StringComparison.Ordinal)
            : throw new LogPatternFormatException("a field has no name after $");
    }

    private string Value()
    {
        Space();
        if (_at < _text.Length && _text[_at] is '"' or '\'')
        {
            var quote = _text[_at++];
            var made = new System.Text.StringBuilder();
            while (_at < _text.Length && _text[_at] != quote)
            {
                if (_text[_at] == '\\' && _at + 1 < _text.Length)
                    _at++;
                made.Append(_text[_at++]);
            }
            if (_at++ == _text.Length)
                throw new LogPatternFormatException("a quoted value has no end");
            return NoRegex(made.ToString());
        }
        var start = _at;
        while (_at < _text.Length && !char.IsWhiteSpace(_text[_at]) && _text[_at] is not ('(' or ')' or '{' or '}' or '&' or '|' or '"'))
            _at++;
        return _at > start ? NoRegex(_text[start.._at]) : throw Unexpected("a value");
    }

    private static string NoRegex(string value) => value.Length > 1 && value[0] == '%' && value[^1] == '%'
        ? throw new LogPatternFormatException("the pattern has a regular expression")
        : value;

    private bool Take(string sign)
    {
        Space();
        if (string.CompareOrdinal(_text, _at, sign, 0, sign.Length) != 0)
            return false;
        _at += sign.Length;
        return true;
    }

    private bool TakeWord(string word)
    {
        Space();
        var end = _at + word.Length;
        if (string.Compare(_text, _at, word, 0, word.Length, StringComparison.OrdinalIgnoreCase) != 0
            || (end < _text.Length && char.IsLetterOrDigit(_text[end])))
        {
            return false;
        }
        _at = end;
        return true;
    }

    private void Space()
    {
        while (_at < _text.Length && char.IsWhiteSpace(_text[_at]))
            _at++;
    }

    private LogPatternFormatException Unexpected(string wanted) =>
        new(string.Create(CultureInfo.InvariantCulture, $"the pattern has no {wanted} at character {_at + 1}"));
}
