using System.Diagnostics.CodeAnalysis;

namespace Scanner.Catalog.Terraform;

/// <summary>A text with <c>{paths}</c>; not set where one of them is not, unknown where one of them is.</summary>
/// <param name="Line">Line in the table's file.</param>
/// <param name="Segments">Literal texts, paths and the words of <see cref="TerraformConstant"/>, in order; one of the three is not null.</param>
public sealed record TerraformText(int Line, IReadOnlyList<(string? Literal, TerraformPath? Path, string? Word)> Segments) : TerraformExpression(Line)
{
    /// <summary>The words that may stand in braces besides paths.</summary>
    public static readonly IReadOnlySet<string> Words = new HashSet<string>(["account", "region", "partition", "address", "scan_time"], StringComparer.Ordinal);

    /// <inheritdoc/>
    public override IEnumerable<TerraformPath> Paths => base.Paths.Concat(Segments.Where(segment => segment.Path is not null).Select(segment => segment.Path!));

    /// <summary>Reads a text; false when a brace is left open or holds no path. A word wins over an attribute of the same name.</summary>
    public static bool TryParse(string source, int line, [NotNullWhen(true)] out TerraformText? text)
    {
        ArgumentNullException.ThrowIfNull(source);
        text = null;
        var segments = new List<(string?, TerraformPath?, string?)>();
        var at = 0;
        while (at < source.Length)
        {
            var open = source.IndexOf('{', at);
            var literal = open < 0 ? source[at..] : source[at..open];
            if (literal.Length > 0)
                segments.Add((literal, null, null));
            if (open < 0)
                break;
            var close = source.IndexOf('}', open);
            if (close < 0)
                return false;
            var inside = source[(open + 1)..close];
            if (Words.Contains(inside))
                segments.Add((null, null, inside));
            else if (TerraformPath.TryParse(inside, out var path))
                segments.Add((null, path, null));
            else
                return false;
            at = close + 1;
        }
        text = new TerraformText(line, segments);
        return true;
    }
}
