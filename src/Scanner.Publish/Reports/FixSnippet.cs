using System.Text.RegularExpressions;
using Scanner.Publish.Text;

namespace Scanner.Publish.Reports;

/// <summary>A check's Terraform with the name of the user's own resource in it, where it is plain which resource of it that is.</summary>
internal static partial class FixSnippet
{
    /// <summary>The text with the label of the only resource of the finding's type replaced; as it is where there is none, or several.</summary>
    /// <param name="terraform">A check's <c>fix.terraform</c>.</param>
    /// <param name="address">Address of the finding; may be hostile.</param>
    public static string For(string terraform, string? address)
    {
        if (TerraformAddress.Resource(address) is not var (type, name) || !Name().IsMatch(type) || !Name().IsMatch(name))
            return terraform;
        var labels = Labels().Matches(terraform)
            .Where(match => match.Groups["type"].Value == type).Select(match => match.Groups["name"].Value).Distinct(StringComparer.Ordinal).ToList();
        if (labels.Count != 1)
            return terraform;
        // Terraform takes no reference to a resource with count or for_each but to an instance of it.
        var key = Key().Match(address!) is { Success: true } found ? found.Groups["key"].Value : "";
        return Labels().Replace(terraform, match => match.Groups["type"].Value == type
            ? string.Concat(
                match.Value.AsSpan(0, match.Groups["name"].Index - match.Index), name + (match.Value.StartsWith("resource", StringComparison.Ordinal) ? "" : key),
                match.Value.AsSpan(match.Groups["name"].Index - match.Index + match.Groups["name"].Length))
            : match.Value);
    }

    // A block's header, or a reference to one.
    [GeneratedRegex("""resource[ \t]+"(?<type>[a-z0-9_]+)"[ \t]+"(?<name>[A-Za-z0-9_-]+)"|(?<![A-Za-z0-9_."-])(?<type>aws_[a-z0-9_]+)\.(?<name>[A-Za-z_][A-Za-z0-9_-]*)""", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Labels();

    // The key of the instance: a number, or a text in which nothing can end it.
    [GeneratedRegex("""(?<key>\[([0-9]{1,9}|"[A-Za-z0-9_./:@ -]{1,200}")\])( \(deposed [0-9a-f]{1,16}\))?$""", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Key();

    [GeneratedRegex("^[A-Za-z_][A-Za-z0-9_-]{0,200}$", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Name();
}
