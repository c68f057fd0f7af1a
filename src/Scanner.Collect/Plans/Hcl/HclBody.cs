#pragma warning disable MA0048 // One family of records of few lines, read together.

namespace Scanner.Collect.Plans.Hcl;

/// <summary>The inside of a file or block.</summary>
internal sealed class HclBody
{
    /// <summary>Arguments by name; of two with one name the later.</summary>
    public Dictionary<string, HclAttribute> Attributes { get; } = new(StringComparer.Ordinal);

    /// <summary>Blocks in order.</summary>
    public List<HclBlock> Blocks { get; } = [];
}

/// <summary><c>name = expression</c>.</summary>
/// <param name="Name">Name of the argument.</param>
/// <param name="Expression">Its expression.</param>
/// <param name="Line">Line of the name, from 1.</param>
/// <param name="EndLine">Line where the expression ends.</param>
internal sealed record HclAttribute(string Name, HclExpression Expression, int Line, int EndLine);

/// <summary><c>type "label" { ... }</c>.</summary>
/// <param name="Type">Such as <c>resource</c>.</param>
/// <param name="Labels">Such as <c>aws_vpc</c>, <c>main</c>.</param>
/// <param name="Body">What is inside.</param>
/// <param name="Line">Line of the type, from 1.</param>
/// <param name="EndLine">Line of the closing brace.</param>
internal sealed record HclBlock(string Type, IReadOnlyList<string> Labels, HclBody Body, int Line, int EndLine);

/// <summary>A comment.</summary>
/// <param name="Text">Without its mark, trimmed. Hostile.</param>
/// <param name="Line">Its first line.</param>
/// <param name="IsAlone">Whether nothing stands before it on its line.</param>
internal sealed record HclComment(string Text, int Line, bool IsAlone);

/// <summary>A parsed file.</summary>
/// <param name="Path">Full path.</param>
/// <param name="Body">Its blocks.</param>
/// <param name="Comments">Its comments in order.</param>
internal sealed record HclFile(string Path, HclBody Body, IReadOnlyList<HclComment> Comments);
