using System.Globalization;
using System.Text.RegularExpressions;
using YamlDotNet.RepresentationModel;

namespace Scanner.Detect.Rules;

/// <summary>Reads values of a Sigma document; what is not as it should be is said with its line.</summary>
internal static partial class RuleYaml
{
    [GeneratedRegex(@"^(?<number>[0-9]{1,9})(?<unit>[smhdw])$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: -1)]
    private static partial Regex Duration();

    internal static FormatException At(YamlNode node, string message) => new PlacedException(node.Start.Line, message);

    internal static TimeSpan TimeSpanOf(YamlNode node)
    {
        var text = Scalar(node);
        var match = Duration().Match(text);
        if (!match.Success)
            throw At(node, $"'{text}' is not a time span: a number and s, m, h, d or w, such as 90m");
        var number = double.Parse(match.Groups["number"].Value, CultureInfo.InvariantCulture);
        var seconds = number * match.Groups["unit"].Value switch { "s" => 1, "m" => 60, "h" => 3600, "d" => 86_400, _ => 604_800 };
        return seconds is > 0 and < 3e9 ? TimeSpan.FromSeconds(seconds) : throw At(node, $"'{text}' is not a usable time span: it must be from 1s to about 95 years");
    }

    internal static double NumberOf(YamlNode node) =>
        double.TryParse(Scalar(node), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number)
            ? number
            : throw At(node, $"'{Scalar(node)}' is not a number");

    internal static string Scalar(YamlNode node) =>
        node is YamlScalarNode { Value: { } text } ? text : throw At(node, "a text was expected here");

    internal static YamlNode? Node(YamlMappingNode map, string key) =>
        map.Children.TryGetValue(new YamlScalarNode(key), out var node) ? node : null;

    internal static string? Optional(YamlMappingNode map, string key) =>
        Node(map, key) is { } node && !node.IsNull() ? Scalar(node) : null;

    internal static List<string> Texts(YamlMappingNode map, string key) => Node(map, key) switch
    {
        null => [],
        YamlSequenceNode list => [.. list.Children.Where(item => !item.IsNull()).Select(Scalar)],
        YamlScalarNode scalar when scalar.IsNull() => [],
        YamlScalarNode scalar => [scalar.Value!],
        var other => throw At(other, $"'{key}' must be a list of texts"),
    };

    internal static YamlMappingNode Without(YamlMappingNode map, string key)
    {
        var copy = new YamlMappingNode();
        foreach (var (name, value) in map.Children)
        {
            if (name is not YamlScalarNode scalar || scalar.Value != key)
                copy.Add(name, value);
        }

        return copy;
    }

    internal static YamlMappingNode Merge(YamlMappingNode under, YamlMappingNode over)
    {
        var merged = new YamlMappingNode();
        foreach (var (key, value) in under.Children)
            merged.Add(key, over.Children.TryGetValue(key, out var other) && value is YamlMappingNode a && other is YamlMappingNode b ? Merge(a, b) : other ?? value);
        foreach (var (key, value) in over.Children)
        {
            if (!under.Children.ContainsKey(key))
                merged.Add(key, value);
        }

        return merged;
    }
}

/// <summary>A mistake at a line of a rule file.</summary>
internal sealed class PlacedException(long line, string message) : FormatException(message)
{
    internal long Line { get; } = line;
}
