namespace Scanner.Collect.Plans.Hcl;

/// <summary>
/// Parses Terraform's language. Tolerant: an expression that is not understood is <see cref="HclOpaque"/>, and the rest of the file stands;
/// only texts and brackets that do not end make a file unreadable. Source: https://github.com/hashicorp/hcl/blob/main/hclsyntax/spec.md.
/// </summary>
internal sealed class HclParser
{
    private const int MostDepth = 200;

    // Weakest first.
    private static readonly string[][] Operators = [["||"], ["&&"], ["==", "!="], ["<", ">", "<=", ">="], ["+", "-"], ["*", "/", "%"]];

    private readonly IReadOnlyList<HclToken> _tokens;
    private int _at;
    private int _depth;

    // In brackets and parentheses a line may end anywhere.
    private int _brackets;

    private HclParser(IReadOnlyList<HclToken> tokens) => _tokens = tokens;

    private HclToken Now => _tokens[_at];

    /// <summary>Parses a file's text.</summary>
    /// <exception cref="HclSyntaxException">A text, comment or bracket does not end.</exception>
    public static HclFile Parse(string path, string text)
    {
        var comments = new List<HclComment>();
        var parser = new HclParser(HclLexer.Read(text, comments));
        var body = parser.Body(top: true);
        return new HclFile(path, body, comments);
    }

    /// <summary>Parses a template without quotes around it, as JSON configuration has them.</summary>
    public static HclExpression Template(string text, int line)
    {
        try
        {
            return TextOf(HclLexer.Template(text, line), 0);
        }
        catch (HclSyntaxException)
        {
            return new HclOpaque();
        }
    }

    private HclBody Body(bool top)
    {
        var body = new HclBody();
        if (++_depth > MostDepth)
            throw new HclSyntaxException(Now.Line, "is nested too deep");
        while (true)
        {
            while (Now.Type == HclTokenType.Line)
                _at++;
            if (Now.Type == HclTokenType.End)
            {
                if (!top)
                    throw new HclSyntaxException(Now.Line, "has a block that does not end");
                break;
            }
            if (Now.Is("}"))
            {
                if (top)
                    throw new HclSyntaxException(Now.Line, "has a brace that closes nothing");
                break;
            }
            Item(body);
        }
        _depth--;
        return body;
    }

    private void Item(HclBody body)
    {
        var start = Now;
        var name = start.Type == HclTokenType.Name ? start.Text : start.Type == HclTokenType.Text ? Plain(start) : null;
        if (name is null)
            throw new HclSyntaxException(start.Line, "has something where an argument or block should begin");
        _at++;
        if (Now.Is("=") || Now.Is(":"))
        {
            _at++;
            var expression = Tolerant();
            body.Attributes[name] = new HclAttribute(name, expression, start.Line, Last().EndLine);
            return;
        }
        var labels = new List<string>();
        while (Now.Type is HclTokenType.Name or HclTokenType.Text)
        {
            labels.Add(Now.Type == HclTokenType.Name ? Now.Text : Plain(Now) ?? "");
            _at++;
        }
        if (!Now.Is("{"))
            throw new HclSyntaxException(Now.Line, $"has neither an argument nor a block at '{name}'");
        _at++;
        var inside = Body(top: false);
        var end = Now.Line;
        _at++;
        body.Blocks.Add(new HclBlock(name, labels, inside, start.Line, end));
    }

    // An expression, or what stands where one should up to the end of the line.
    private HclExpression Tolerant()
    {
        var (start, depth, brackets) = (_at, _depth, _brackets);
        try
        {
            _brackets = 0;
            var expression = Expression();
            if (Now.Type is HclTokenType.Line or HclTokenType.End || Now.Is("}"))
                return expression;
        }
        catch (UnexpectedTokenException)
        {
        }
        finally
        {
            (_depth, _brackets) = (depth, brackets);
        }
        _at = start;
        var open = 0;
        while (Now.Type != HclTokenType.End && !(open == 0 && (Now.Type == HclTokenType.Line || Now.Is("}"))))
        {
            open += Now.Type != HclTokenType.Symbol ? 0 : Now.Text is "{" or "[" or "(" ? 1 : Now.Text is "}" or "]" or ")" ? -1 : 0;
            if (open < 0)
                throw new HclSyntaxException(Now.Line, "has brackets that do not fit");
            _at++;
        }
        return open == 0 ? new HclOpaque() : throw new HclSyntaxException(Now.Line, "has brackets that do not end");
    }

    private HclExpression Expression()
    {
        if (++_depth > MostDepth)
            throw new UnexpectedTokenException();
        var condition = Binary(0);
        SkipLines();
        if (Take("?"))
        {
            Lines();
            var then = Expression();
            Lines();
            Expect(":");
            Lines();
            condition = new HclConditional(condition, then, Expression());
        }
        _depth--;
        return condition;
    }

    private HclExpression Binary(int level)
    {
        if (level == Operators.Length)
            return Unary();
        var left = Binary(level + 1);
        while (true)
        {
            SkipLines();
            if (Now.Type != HclTokenType.Symbol || !Operators[level].Contains(Now.Text, StringComparer.Ordinal))
                return left;
            var sign = Now.Text;
            _at++;
            Lines();
            left = new HclBinary(sign, left, Binary(level + 1));
        }
    }

    private HclExpression Unary()
    {
        SkipLines();
        if (++_depth > MostDepth)
            throw new UnexpectedTokenException();
        var found = Now.Is("!") || Now.Is("-") ? new HclUnary(_tokens[_at++].Text, Unary()) : Traversal(Primary());
        _depth--;
        return found;
    }

    private HclExpression Traversal(HclExpression of)
    {
        while (true)
        {
            SkipLines();
            if (Now.Is("."))
            {
                // In brackets a line may begin with the dot.
                _at++;
                if (Take("*"))
                {
                    of = new HclSplat(of, AttributeSplat(new HclSplatItem()));
                    continue;
                }
                of = Now.Type switch
                {
                    HclTokenType.Name => new HclMember(of, Now.Text),
                    HclTokenType.Number => Dotted(of, Now.Text),
                    _ => throw new UnexpectedTokenException(),
                };
                _at++;
            }
            else if (Now.Is("["))
            {
                _at++;
                _brackets++;
                SkipLines();
                if (Now.Is("*") && _tokens[_at + 1].Is("]"))
                {
                    _at += 2;
                    _brackets--;
                    return new HclSplat(of, Traversal(new HclSplatItem()));
                }
                var key = Expression();
                SkipLines();
                Expect("]");
                _brackets--;
                of = new HclIndex(of, key);
            }
            else
            {
                return of;
            }
        }
    }

    // After x.* only members follow for each element; an index counts elements of the result.
    private HclExpression AttributeSplat(HclExpression item)
    {
        while (Now.Is(".") && _tokens[_at + 1].Type == HclTokenType.Name)
        {
            item = new HclMember(item, _tokens[_at + 1].Text);
            _at += 2;
        }
        return item;
    }

    // aws_x.y.0.id, and aws_x.y.0.1 which the lexer takes for a number.
    private static HclExpression Dotted(HclExpression of, string number)
    {
        foreach (var index in number.Split('.'))
            of = new HclIndex(of, new HclLiteral(PlanScalar.Number(index)));
        return of;
    }

    private HclExpression Primary()
    {
        var token = Now;
        switch (token.Type)
        {
            case HclTokenType.Number:
                _at++;
                return new HclLiteral(PlanScalar.Number(token.Text));
            case HclTokenType.Text:
                _at++;
                return TextOf(token, _depth);
            case HclTokenType.Name:
                return NameOrCall();
            default:
                break;
        }
        if (Take("("))
        {
            _brackets++;
            var inside = Expression();
            SkipLines();
            Expect(")");
            _brackets--;
            return inside;
        }
        if (Take("["))
            return List();
        return Take("{") ? Map() : throw new UnexpectedTokenException();
    }

    private HclExpression NameOrCall()
    {
        var name = Now.Text;
        _at++;
        while (Now.Is("::") && _tokens[_at + 1].Type == HclTokenType.Name)
        {
            name += "::" + _tokens[_at + 1].Text;
            _at += 2;
        }
        if (!Take("("))
        {
            return name switch
            {
                "true" => new HclLiteral(PlanScalar.True),
                "false" => new HclLiteral(PlanScalar.False),
                "null" => new HclLiteral(PlanUnset.Null),
                _ => new HclName(name),
            };
        }
        _brackets++;
        var arguments = new List<HclExpression>();
        var spread = false;
        for (SkipLines(); !Now.Is(")"); SkipLines())
        {
            arguments.Add(Expression());
            SkipLines();
            spread = Take("...");
            SkipLines();
            if (!Take(","))
                break;
        }
        SkipLines();
        Expect(")");
        _brackets--;
        return new HclCall(name, arguments, spread);
    }

    private HclExpression List()
    {
        _brackets++;
        SkipLines();
        if (IsName("for"))
            return For("]");
        var items = new List<HclExpression>();
        for (; !Now.Is("]"); SkipLines())
        {
            items.Add(Expression());
            SkipLines();
            if (!Take(","))
                break;
        }
        SkipLines();
        Expect("]");
        _brackets--;
        return new HclTuple(items);
    }

    private HclExpression Map()
    {
        // Lines part the members of an object, so that they count in it.
        var brackets = _brackets;
        _brackets = 0;
        Lines();
        if (IsName("for"))
        {
            _brackets = 1;
            var found = For("}");
            _brackets = brackets;
            return found;
        }
        var members = new List<(HclExpression, HclExpression)>();
        for (; !Now.Is("}"); Lines())
        {
            var key = Now.Type == HclTokenType.Name && (_tokens[_at + 1].Is("=") || _tokens[_at + 1].Is(":"))
                ? new HclLiteral(PlanScalar.Of(_tokens[_at++].Text))
                : Expression();
            if (!Take("=") && !Take(":"))
                throw new UnexpectedTokenException();
            Lines();
            members.Add((key, Expression()));
            if (!Take(",") && Now.Type != HclTokenType.Line && !Now.Is("}"))
                throw new UnexpectedTokenException();
        }
        Expect("}");
        _brackets = brackets;
        return new HclObject(members);
    }

    private HclFor For(string end)
    {
        _at++;
        var first = Name();
        var second = Take(",") ? Name() : null;
        if (!IsName("in"))
            throw new UnexpectedTokenException();
        _at++;
        var collection = Expression();
        SkipLines();
        Expect(":");
        var value = Expression();
        HclExpression? key = null;
        SkipLines();
        if (Take("=>"))
        {
            key = value;
            value = Expression();
            SkipLines();
        }
        var grouped = Take("...");
        SkipLines();
        HclExpression? condition = null;
        if (IsName("if"))
        {
            _at++;
            condition = Expression();
            SkipLines();
        }
        Expect(end);
        _brackets--;
        return new HclFor(second is null ? null : first, second ?? first, collection, key, value, condition, grouped);
    }

    private static HclExpression TextOf(HclToken token, int depth)
    {
        var parts = token.Parts!;
        if (parts.All(part => part.Inside is null))
            return new HclLiteral(PlanScalar.Of(string.Concat(parts.Select(part => part.Literal))));
        return new HclTemplate([.. parts.Select(part => part.Inside is null ? new HclLiteral(PlanScalar.Of(part.Literal)) : Inside(part, depth))]);
    }

    private static HclExpression Inside(HclTextPart part, int depth)
    {
        if (part.IsDirective)
            return new HclOpaque();
        var parser = new HclParser(part.Inside!) { _depth = depth + 1, _brackets = 1 };
        try
        {
            var expression = parser.Expression();
            parser.SkipLines();
            return parser.Now.Type == HclTokenType.End ? expression : new HclOpaque();
        }
        catch (UnexpectedTokenException)
        {
            return new HclOpaque();
        }
    }

    private static string? Plain(HclToken token) =>
        token.Parts is { } parts && parts.All(part => part.Inside is null) ? string.Concat(parts.Select(part => part.Literal)) : null;

    private HclToken Last()
    {
        var at = _at - 1;
        while (at > 0 && _tokens[at].Type == HclTokenType.Line)
            at--;
        return _tokens[at];
    }

    private string Name()
    {
        SkipLines();
        return Now.Type == HclTokenType.Name ? _tokens[_at++].Text : throw new UnexpectedTokenException();
    }

    private bool IsName(string name)
    {
        SkipLines();
        return Now.Type == HclTokenType.Name && Now.Text == name;
    }

    private bool Take(string symbol)
    {
        if (!Now.Is(symbol))
            return false;
        _at++;
        return true;
    }

    private void Expect(string symbol)
    {
        if (!Take(symbol))
            throw new UnexpectedTokenException();
    }

    private void SkipLines()
    {
        if (_brackets > 0)
            Lines();
    }

    private void Lines()
    {
        while (Now.Type == HclTokenType.Line)
            _at++;
    }

    private sealed class UnexpectedTokenException : Exception;
}
