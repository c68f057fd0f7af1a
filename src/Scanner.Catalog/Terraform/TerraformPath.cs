using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;

namespace Scanner.Catalog.Terraform;

/// <summary>
/// A path of a <c>terraform:</c> section: <c>access_logs[0].enabled</c>, <c>ingress[]</c>, <c>Logging.target_bucket</c>,
/// <c>@</c>, <c>@key</c>, <c>@row</c>, <c>^name</c>, <c>$column</c>.
/// </summary>
public sealed partial class TerraformPath
{
    private TerraformPath(string text, TerraformPathRoot root, string name, string rest)
    {
        Text = text;
        Root = root;
        Name = name;
        Rest = rest;
    }

    /// <summary>The path as it was written.</summary>
    public string Text { get; }

    /// <summary>Where it starts.</summary>
    public TerraformPathRoot Root { get; }

    /// <summary>Name of the part, column or element; empty for the other roots.</summary>
    public string Name { get; }

    /// <summary>What follows the root: names with dots between, <c>[0]</c> for an element, <c>[]</c> for all. Empty: the root itself.</summary>
    public string Rest { get; }

    /// <summary>The first name in <see cref="Rest"/>; empty when there is none.</summary>
    public string Head => FirstName().Match(Rest).Value;

    /// <summary>Reads a path; false when the text is none.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out TerraformPath? path)
    {
        ArgumentNullException.ThrowIfNull(text);
        path = null;
        var match = Syntax().Match(text);
        if (!match.Success)
            return false;
        var rest = match.Groups["rest"].Value;
        path = match.Groups["part"] is { Success: true } part ? new TerraformPath(text, TerraformPathRoot.Part, part.Value, rest.TrimStart('.'))
            : match.Groups["column"] is { Success: true } column ? new TerraformPath(text, TerraformPathRoot.Column, column.Value, rest.TrimStart('.'))
            : match.Groups["named"] is { Success: true } named ? new TerraformPath(text, TerraformPathRoot.Named, named.Value, rest.TrimStart('.'))
            : match.Groups["word"].Value switch
            {
                "@" => new TerraformPath(text, TerraformPathRoot.Element, "", rest.TrimStart('.')),
                "@key" when rest.Length == 0 => new TerraformPath(text, TerraformPathRoot.Key, "", ""),
                "@index" when rest.Length == 0 => new TerraformPath(text, TerraformPathRoot.Index, "", ""),
                "@row" => new TerraformPath(text, TerraformPathRoot.Row, "", rest.TrimStart('.')),
                "^" => new TerraformPath(text, TerraformPathRoot.Instance, "", rest),
                "" => new TerraformPath(text, TerraformPathRoot.Current, "", rest),
                _ => null,
            };
        return path is not null;
    }

    /// <inheritdoc/>
    public override string ToString() => Text;

    // Attribute names of providers are lower case; keys of maps (tags.Name) may be anything without dots and brackets.
    [GeneratedRegex(
        @"^(\$(?<column>[a-z][a-z0-9_]*)(?<rest>(\[([0-9]{1,4})?\])*(\.[A-Za-z0-9_-]+(\[([0-9]{1,4})?\])*)*)|(?<part>[A-Z][A-Za-z0-9]*)(?<rest>(\[([0-9]{1,4})?\])?(\.[A-Za-z0-9_-]+(\[([0-9]{1,4})?\])*)*)"
        + @"|(?<word>@key|@index)(?![a-z0-9_])|((?<word>@row)(?![a-z0-9_])|@(?<named>[a-z][a-z0-9_]*)|(?<word>@))(?<rest>(\[([0-9]{1,4})?\])*(\.[A-Za-z0-9_-]+(\[([0-9]{1,4})?\])*)*)"
        + @"|(?<word>\^?)(?<rest>[a-z][a-z0-9_]*(\[([0-9]{1,4})?\])*(\.[A-Za-z0-9_-]+(\[([0-9]{1,4})?\])*)*))\z",
        RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: -1)]
    private static partial Regex Syntax();

    [GeneratedRegex(@"^[A-Za-z0-9_-]*", RegexOptions.None, matchTimeoutMilliseconds: -1)]
    private static partial Regex FirstName();
}
