using System.Globalization;
using System.Text;

namespace Scanner.Collect.Plans.Hcl;

/// <summary>
/// Takes Terraform's language apart into tokens. Source: https://github.com/hashicorp/hcl/blob/main/hclsyntax/spec.md, "Lexical Elements" and "Template Expressions".
/// </summary>
internal sealed class HclLexer
{
    private const int MostDepth = 64;

    private static readonly string[] Symbols = ["...", "=>", "==", "!=", "<=", ">=", "&&", "||", "::", "{", "}", "[", "]", "(", ")", "=", "<", ">", "!", "+", "-", "*", "/", "%", "?", ":", ",", ".", "&", "|", "^", "~", ";"];

    private readonly string _text;
    private readonly List<HclComment>? _comments;
    private readonly int _depth;
    private int _at;
    private int _line;

    private HclLexer(string text, int at, int line, int depth, List<HclComment>? comments)
    {
        _text = text;
        _at = at;
        _line = line;
        _depth = depth;
        _comments = comments;
    }

    /// <summary>Tokens of a whole file, the last one <see cref="HclTokenType.End"/>.</summary>
    /// <exception cref="HclSyntaxException">A text or comment does not end, or a character belongs nowhere.</exception>
    public static List<HclToken> Read(string text, List<HclComment> comments) => new HclLexer(text, 0, 1, 0, comments).Tokens(inside: false);

    /// <summary>Tokens of a template without quotes around it, as JSON configuration has them.</summary>
    public static HclToken Template(string text, int line)
    {
        var lexer = new HclLexer(text, 0, line, 0, null);
        return new HclToken(HclTokenType.Text, "", line, lexer.Parts(_ => lexer._at >= text.Length, escapes: false));
    }

    // Inside an interpolation the tokens end at the brace that closes it.
    private List<HclToken> Tokens(bool inside)
    {
        if (_depth > MostDepth)
            throw new HclSyntaxException(_line, "is nested too deep");
        var tokens = new List<HclToken>();
        var braces = 0;
        while (true)
        {
            Blanks(tokens);
            if (_at >= _text.Length)
            {
                if (inside)
                    throw new HclSyntaxException(_line, "has an interpolation that does not end");
                tokens.Add(new HclToken(HclTokenType.End, "", _line));
                return tokens;
            }
            var token = Next();
            if (token.Is("{"))
                braces++;
            else if (token.Is("}") && --braces < 0 && inside)
            {
                tokens.Add(new HclToken(HclTokenType.End, "", _line));
                return tokens;
            }
            tokens.Add(token);
        }
    }

    private void Blanks(List<HclToken> tokens)
    {
        while (_at < _text.Length)
        {
            var c = _text[_at];
            if (c == '\n')
            {
                tokens.Add(new HclToken(HclTokenType.Line, "", _line++));
                _at++;
            }
            else if (c is ' ' or '\t' or '\r' or '\uFEFF')
            {
                _at++;
            }
            else if (c == '#' || At("//"))
            {
                var end = _text.IndexOf('\n', _at);
                end = end < 0 ? _text.Length : end;
                Comment(tokens, _text[(_at + (c == '#' ? 1 : 2))..end]);
                _at = end;
            }
            else if (At("/*"))
            {
                var end = _text.IndexOf("*/", _at + 2, StringComparison.Ordinal);
                if (end < 0)
                    throw new HclSyntaxException(_line, "has a comment that does not end");
                var inside = _text[(_at + 2)..end];
                Comment(tokens, inside);
                _line += inside.Count('\n');
                _at = end + 2;
            }
            else
            {
                return;
            }
        }
    }

    private void Comment(List<HclToken> tokens, string text) =>
        _comments?.Add(new HclComment(text.Trim(), _line, tokens.Count == 0 || tokens[^1].Type == HclTokenType.Line));

    private HclToken Next()
    {
        var c = _text[_at];
        if (c == '"')
        {
            _at++;
            var line = _line;
            var parts = Parts(lexer => lexer.At("\""), escapes: true);
            _at++;
            return new HclToken(HclTokenType.Text, "", line, parts);
        }
        if (At("<<") && Heredoc() is { } heredoc)
            return heredoc;
        if (char.IsLetter(c) || c == '_')
        {
            var start = _at;
            while (_at < _text.Length && (char.IsLetterOrDigit(_text[_at]) || _text[_at] is '_' or '-'))
                _at++;
            return new HclToken(HclTokenType.Name, _text[start.._at], _line);
        }
        if (char.IsAsciiDigit(c))
            return Number();
        foreach (var symbol in Symbols)
        {
            if (!At(symbol))
                continue;
            _at += symbol.Length;
            return new HclToken(HclTokenType.Symbol, symbol, _line);
        }
        throw new HclSyntaxException(_line, $"has a character that belongs nowhere (U+{(int)c:X4})");
    }

    private HclToken Number()
    {
        var start = _at;
        while (_at < _text.Length && char.IsAsciiDigit(_text[_at]))
            _at++;
        if (_at + 1 < _text.Length && _text[_at] == '.' && char.IsAsciiDigit(_text[_at + 1]))
        {
            _at++;
            while (_at < _text.Length && char.IsAsciiDigit(_text[_at]))
                _at++;
        }
        if (_at < _text.Length && _text[_at] is 'e' or 'E')
        {
            var mark = _at++;
            if (_at < _text.Length && _text[_at] is '+' or '-')
                _at++;
            if (_at < _text.Length && char.IsAsciiDigit(_text[_at]))
            {
                while (_at < _text.Length && char.IsAsciiDigit(_text[_at]))
                    _at++;
            }
            else
            {
                _at = mark;
            }
        }
        return new HclToken(HclTokenType.Number, _text[start.._at], _line);
    }

    // <<EOT or <<-EOT up to a line that holds the mark alone. Null when it is no heredoc.
    private HclToken? Heredoc()
    {
        var at = _at + 2;
        var indented = at < _text.Length && _text[at] == '-';
        at += indented ? 1 : 0;
        var start = at;
        while (at < _text.Length && (char.IsLetterOrDigit(_text[at]) || _text[at] is '_' or '-'))
            at++;
        var mark = _text[start..at];
        while (at < _text.Length && _text[at] is '\r' or ' ' or '\t')
            at++;
        if (mark.Length == 0 || at >= _text.Length || _text[at] != '\n')
            return null;
        var line = _line;
        _line++;
        _at = at + 1;
        var parts = Parts(lexer => lexer.IsMark(mark), escapes: false);
        while (_text[_at] is ' ' or '\t')
            _at++;
        _at += mark.Length;
        return new HclToken(HclTokenType.Text, "", line, parts) { EndLine = _line };
    }

    private bool IsMark(string mark)
    {
        if (_at > 0 && _text[_at - 1] != '\n')
            return false;
        var at = _at;
        while (at < _text.Length && _text[at] is ' ' or '\t')
            at++;
        if (!_text.AsSpan(at).StartsWith(mark, StringComparison.Ordinal))
            return false;
        at += mark.Length;
        while (at < _text.Length && _text[at] is ' ' or '\t' or '\r')
            at++;
        return at >= _text.Length || _text[at] == '\n';
    }

    private List<HclTextPart> Parts(Func<HclLexer, bool> ends, bool escapes)
    {
        var parts = new List<HclTextPart>();
        var literal = new StringBuilder();
        while (true)
        {
            if (_at >= _text.Length && !ends(this))
                throw new HclSyntaxException(_line, "has a text that does not end");
            if (ends(this))
                break;
            if (At("$${") || At("%%{"))
            {
                literal.Append(_text, _at + 1, 2);
                _at += 3;
            }
            else if (At("${") || At("%{"))
            {
                parts.Add(new HclTextPart(literal.ToString(), null));
                literal.Clear();
                var directive = _text[_at] == '%';
                var inner = new HclLexer(_text, _at + (_at + 2 < _text.Length && _text[_at + 2] == '~' ? 3 : 2), _line, _depth + 1, null);
                var tokens = inner.Tokens(inside: true);
                if (tokens.Count > 1 && tokens[^2].Is("~"))
                    tokens.RemoveAt(tokens.Count - 2);
                (_at, _line) = (inner._at, inner._line);
                parts.Add(new HclTextPart("", tokens, directive));
            }
            else if (escapes && _text[_at] == '\\' && _at + 1 < _text.Length)
            {
                Escape(literal);
            }
            else
            {
                if (_text[_at] == '\n')
                    _line++;
                literal.Append(_text[_at++]);
            }
        }
        if (literal.Length > 0 || parts.Count == 0)
            parts.Add(new HclTextPart(literal.ToString(), null));
        return [.. parts.Where(part => part.Inside is not null || part.Literal.Length > 0 || parts.Count == 1)];
    }

    private void Escape(StringBuilder literal)
    {
        var c = _text[_at + 1];
        _at += 2;
        var digits = c switch { 'u' => 4, 'U' => 8, _ => 0 };
        if (digits > 0 && _at + digits <= _text.Length
            && int.TryParse(_text.AsSpan(_at, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code))
        {
            literal.Append(code is < 0 or > 0x10FFFF or >= 0xD800 and < 0xE000 ? "\uFFFD" : char.ConvertFromUtf32(code));
            _at += digits;
            return;
        }
        literal.Append(c switch { 'n' => '\n', 'r' => '\r', 't' => '\t', _ => c });
    }

    private bool At(string text) => _text.AsSpan(_at).StartsWith(text, StringComparison.Ordinal);
}
