using Scanner.Model;
using Scanner.Publish.Text;

namespace Scanner.Publish.Reports;

/// <summary>Where a gate's markdown goes: how much it may say there, and what it can link to.</summary>
internal sealed record GateContext
{
    /// <summary>Rows that a table may have; what is more is counted in words.</summary>
    public required int Rows { get; init; }

    /// <summary>Where everything is kept; safe markdown.</summary>
    public required string Whole { get; init; }

    /// <summary>Address that a file of the commit follows, with a slash at its end; null where there is none.</summary>
    public string? Blob { get; init; }

    /// <summary>Address of the workflow run; null outside of Actions.</summary>
    public string? Run { get; init; }

    /// <summary>Commit of the change, 40 hexadecimal digits; null where it is not known.</summary>
    public string? Commit { get; init; }

    /// <summary>How many times as long as a comment's the parts may be; null for no limit.</summary>
    public int? Times { get; init; } = 1;

    /// <summary>Length that a part may have, given what it may have in a comment.</summary>
    public int Room(int inComment) => Times is { } times ? inComment * times : int.MaxValue;

    /// <summary>A text of unknown length, cut where the place is limited.</summary>
    public string Cut(string text, int inComment) => Times is null ? text : SafeText.Cut(text, inComment);

    /// <summary>File and line as a link where there is something to link to; safe markdown.</summary>
    public string Line(SourceLocation at)
    {
        var text = FormattableString.Invariant($"{Cut(at.File, 200)}:{at.Line}");
        if (Blob is null)
            return Markdown.Code(text);
        var path = string.Join('/', at.File.Split('/').Select(segment => Uri.EscapeDataString(JsonText.WellFormed(segment))));
        return Markdown.Link(text, FormattableString.Invariant($"{Blob}{path}#L{at.Line}"));
    }
}
