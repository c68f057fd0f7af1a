namespace Scanner.Model;

/// <summary>Where in the user's repository something is written.</summary>
/// <param name="File">Path below the folder that the run was started in (in Actions, of the checkout), with forward slashes.</param>
/// <param name="Line">Line of the attribute that a finding is about, else of the block; from 1.</param>
/// <param name="EndLine">Last line of the same.</param>
/// <param name="Module">What to say where the line is a module call and not the resource itself:
/// <c>in module.net (terraform-aws-modules/vpc/aws)</c>; null otherwise. Hostile text.</param>
public sealed record SourceLocation(string File, int Line, int EndLine, string? Module = null)
{
    /// <summary>First line of the resource block, where <see cref="Line"/> is an attribute of it.</summary>
    public int BlockLine { get; init; } = Line;

    /// <summary>Last line of the resource block, the one with the closing brace.</summary>
    public int BlockEndLine { get; init; } = EndLine;

    /// <summary>Whether the pull request adds or changes <see cref="Line"/>; false where that is not known.</summary>
    public bool IsInDiff { get; init; }

    /// <summary>Text that fixes the finding when it stands in place of the lines from <see cref="Line"/> to <see cref="EndLine"/>; null
    /// where that takes more than one line, or other files. Hostile text.</summary>
    public string? Suggestion { get; init; }
}
