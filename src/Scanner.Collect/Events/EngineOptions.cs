using System.Text.RegularExpressions;
using Scanner.Model;

namespace Scanner.Collect.Events;

/// <summary>The options behind an engine's address, as in <c>athena:table?workgroup=scanner&amp;region=eu-west-1</c>.</summary>
internal static partial class EngineOptions
{
    /// <summary>Takes an address apart.</summary>
    /// <param name="text">The address; hostile.</param>
    /// <param name="scheme">How it begins.</param>
    /// <param name="known">Options that it may have.</param>
    /// <exception cref="InputException">An option is not known, has no value, or comes twice.</exception>
    public static (string Name, IReadOnlyDictionary<string, string> Options) Split(string text, string scheme, string[] known)
    {
        var parts = text[scheme.Length..].Split('?', 2);
        var options = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var option in parts.Length == 1 ? [] : parts[1].Split('&'))
        {
            var pair = option.Split('=', 2);
            if (pair.Length != 2 || pair[1].Length == 0 || !known.Contains(pair[0], StringComparer.Ordinal))
                throw new InputException($"'{text}': '{option}' is not an option of {scheme.TrimEnd(':')}; write {string.Join(" or ", known.Select(name => name + "=..."))}");
            if (!options.TryAdd(pair[0], pair[1]))
                throw new InputException($"'{text}': {pair[0]} is given twice; once is enough");
        }

        return (parts[0], options);
    }

    /// <summary>The region among the options, or null.</summary>
    /// <exception cref="InputException">It is not one.</exception>
    public static string? Region(string text, IReadOnlyDictionary<string, string> options) =>
        options.GetValueOrDefault("region") is not { } region ? null
        : RegionCode().IsMatch(region) ? region
        : throw new InputException($"'{text}': '{region}' is not a region; write one such as region=eu-west-1");

    [GeneratedRegex(@"\A[a-z]{2,5}(-[a-z]+)+-[0-9]{1,2}\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex RegionCode();
}
