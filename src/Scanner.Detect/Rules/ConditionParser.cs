using System.Globalization;

namespace Scanner.Detect.Rules;

/// <summary>
/// Parses conditions (Sigma rules specification, Condition): <c>or</c>, <c>and</c>, <c>not</c>, <c>x of</c>, parentheses,
/// from least to most binding. Key words in any case, as older rules write them.
/// </summary>
internal sealed class ConditionParser
{
    private const int MaxDepth = 200;
    private readonly List<string> _tokens = [];
    private int _next;
    private int _depth;

    private ConditionParser(string text)
    {
        var i = 0;
        while (i < text.Length)
        {
            var c = text[i];
            if (char.IsWhiteSpace(c))
            {
                i++;
            }
            else if (c is '(' or ')')
            {
                _tokens.Add(c.ToString());
                i++;
            }
            else
            {
                var start = i;
                while (i < text.Length && !char.IsWhiteSpace(text[i]) && text[i] is not ('(' or ')'))
                    i++;
                _tokens.Add(text[start..i]);
            }
        }
    }

    private string? Current => _next < _tokens.Count ? _tokens[_next] : null;

    /// <exception cref="FormatException">The condition is wrong; the message says how.</exception>
    internal static RuleCondition Parse(string text)
    {
        var parser = new ConditionParser(text);
        if (parser._tokens.Count == 0)
            throw new FormatException("the condition is empty");
        var condition = parser.Or();
        return parser.Current is { } rest
            ? throw new FormatException($"the condition has '{rest}' where 'and', 'or' or its end was expected")
            : condition;
    }

    private static bool Is(string? token, string word) => string.Equals(token, word, StringComparison.OrdinalIgnoreCase);

    private RuleCondition Or()
    {
        var parts = new List<RuleCondition> { And() };
        while (Is(Current, "or"))
        {
            _next++;
            parts.Add(And());
        }

        return parts.Count == 1 ? parts[0] : new RuleCondition.Or(parts);
    }

    private RuleCondition And()
    {
        var parts = new List<RuleCondition> { Not() };
        while (Is(Current, "and"))
        {
            _next++;
            parts.Add(Not());
        }

        return parts.Count == 1 ? parts[0] : new RuleCondition.And(parts);
    }

    private RuleCondition Not()
    {
        // The condition may come from a pull request: its nesting must not use up the stack.
        if (++_depth > MaxDepth)
            throw new FormatException($"the condition is nested deeper than {MaxDepth} levels");
        try
        {
            if (Is(Current, "not"))
            {
                _next++;
                return new RuleCondition.Not(Not());
            }

            return Primary();
        }
        finally
        {
            _depth--;
        }
    }

    private RuleCondition Primary()
    {
        var token = Current ?? throw new FormatException("the condition ends where a search identifier was expected");
        _next++;
        if (token == "(")
        {
            var inner = Or();
            if (Current != ")")
                throw new FormatException("the condition lacks a closing parenthesis");
            _next++;
            return inner;
        }

        if (token == ")" || Is(token, "and") || Is(token, "or"))
            throw new FormatException($"the condition has '{token}' where a search identifier was expected");
        if (Is(Current, "of") && (Is(token, "all") || Is(token, "any") || int.TryParse(token, NumberStyles.None, CultureInfo.InvariantCulture, out _)))
        {
            _next++;
            var pattern = Current ?? throw new FormatException($"the condition ends after '{token} of'");
            if (pattern is "(" or ")")
                throw new FormatException($"the condition has '{pattern}' after '{token} of', where a name, a pattern or 'them' was expected");
            _next++;
            int? count = Is(token, "all") ? null : Is(token, "any") ? 1 : int.Parse(token, NumberStyles.None, CultureInfo.InvariantCulture);
            if (count < 1)
                throw new FormatException($"'{token} of' asks for less than one");
            return new RuleCondition.Of(count, Is(pattern, "them") ? null : pattern);
        }

        return new RuleCondition.Name(token);
    }
}
