using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Scanner.Detect.Rules;

/// <summary>What YAML scalars mean (YAML 1.2 core schema), and YAML as JSON for test events.</summary>
internal static partial class YamlValues
{
    private const int MaxDepth = 60;

    [GeneratedRegex(@"^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: -1)]
    private static partial Regex JsonNumber();

    internal static bool IsPlain(this YamlScalarNode scalar) => scalar.Style is ScalarStyle.Plain or ScalarStyle.Any;

    internal static bool IsNull(this YamlNode node) =>
        node is YamlScalarNode scalar && scalar.IsPlain() && scalar.Value is null or "" or "~" or "null" or "Null" or "NULL";

    internal static bool? AsBool(this YamlNode node) => node is not YamlScalarNode scalar ? null : scalar.Value switch
    {
        "true" or "True" or "TRUE" or "yes" => true,
        "false" or "False" or "FALSE" or "no" => false,
        _ => null,
    };

    /// <summary>The number that an unquoted scalar is, or null.</summary>
    internal static double? AsNumber(this YamlNode node) =>
        node is YamlScalarNode { Value: { } text } scalar && scalar.IsPlain() && JsonNumber().IsMatch(text)
            ? double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture)
            : null;

    /// <exception cref="FormatException">It is nested too deep, or an object has a key that is no text.</exception>
    internal static JsonNode? ToJson(YamlNode node, int depth = 0)
    {
        if (depth > MaxDepth)
            throw new FormatException($"the event is nested deeper than {MaxDepth} levels");
        switch (node)
        {
            case YamlMappingNode map:
                var result = new JsonObject();
                foreach (var (key, value) in map.Children)
                {
                    if (key is not YamlScalarNode { Value: { } name })
                        throw new FormatException("the event has a key that is no text");
                    result[name] = ToJson(value, depth + 1);
                }

                return result;
            case YamlSequenceNode list:
                return new JsonArray([.. list.Children.Select(item => ToJson(item, depth + 1))]);
            case YamlScalarNode scalar when scalar.IsPlain():
                if (scalar.IsNull())
                    return null;
                if (scalar.Value is "true" or "True" or "TRUE")
                    return JsonValue.Create(true);
                if (scalar.Value is "false" or "False" or "FALSE")
                    return JsonValue.Create(false);
                return JsonNumber().IsMatch(scalar.Value!) ? JsonNode.Parse(scalar.Value!) : JsonValue.Create(scalar.Value);
            case YamlScalarNode scalar:
                return JsonValue.Create(scalar.Value);
            default:
                throw new FormatException("the event has an alias that refers to itself");
        }
    }
}
