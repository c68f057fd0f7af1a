#pragma warning disable MA0048 // One family of records of few lines, read together.

namespace Scanner.Collect.Plans.Hcl;

/// <summary>What a token is.</summary>
internal enum HclTokenType
{
    /// <summary>A name or keyword.</summary>
    Name,

    /// <summary>A number.</summary>
    Number,

    /// <summary>A quoted text or heredoc: its parts are in <see cref="HclToken.Parts"/>.</summary>
    Text,

    /// <summary>An operator or bracket.</summary>
    Symbol,

    /// <summary>End of a line.</summary>
    Line,

    /// <summary>End of the file.</summary>
    End,
}

/// <summary>A token.</summary>
/// <param name="Type">What it is.</param>
/// <param name="Text">Name, digits or symbol.</param>
/// <param name="Line">Its line, from 1.</param>
/// <param name="Parts">For a text: literal parts, and the tokens of each interpolation.</param>
internal sealed record HclToken(HclTokenType Type, string Text, int Line, IReadOnlyList<HclTextPart>? Parts = null)
{
    /// <summary>Line where it ends; a heredoc has several.</summary>
    public int EndLine { get; init; } = Line;

    public bool Is(string symbol) => Type == HclTokenType.Symbol && Text == symbol;
}

/// <summary>Part of a text: a literal, or an interpolation (<paramref name="Inside"/>); a directive (<c>%{if}</c>) is an interpolation of nothing certain.</summary>
internal sealed record HclTextPart(string Literal, IReadOnlyList<HclToken>? Inside, bool IsDirective = false);
