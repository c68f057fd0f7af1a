using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Loopback.Ocsf;

/// <summary>
/// The Open Cybersecurity Schema Framework as its authors publish it, compiled into facts by <c>generate.mjs</c>: what an event may and must hold,
/// of which type, under which profile, and how numbers and words go together. It knows nothing of the program that it judges.
/// </summary>
public sealed class OcsfSchema
{
    private readonly JsonElement _facts;
    private readonly Dictionary<string, Regex> _patterns = new(StringComparer.Ordinal);

    private OcsfSchema(JsonElement facts) => _facts = facts;

    /// <summary>The version that Scanner writes.</summary>
    public static OcsfSchema Load() =>
        new(JsonDocument.Parse(File.ReadAllText(Path.Combine(Tools.Repository, "tests/Loopback/Ocsf/ocsf-1.6.0.json"))).RootElement);

    /// <summary>What is wrong with JSON lines of events, each kind of fault once with the line that has it first; none when all are valid.</summary>
    public IReadOnlyList<string> Faults(string lines)
    {
        var faults = new Dictionary<string, int>(StringComparer.Ordinal);
        var number = 0;
        foreach (var line in lines.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            number++;
            using var document = JsonDocument.Parse(line);
            foreach (var fault in Event(document.RootElement))
                faults.TryAdd(fault, number);
        }
        return [.. faults.Select(fault => string.Create(CultureInfo.InvariantCulture, $"line {fault.Value}: {fault.Key}"))];
    }

    private List<string> Event(JsonElement e)
    {
        var faults = new List<string>();
        if (!_facts.GetProperty("classes").TryGetProperty(e.GetProperty("class_uid").GetRawText(), out var definition))
            return [$"class_uid {e.GetProperty("class_uid").GetRawText()} is not in the facts"];
        var metadata = e.GetProperty("metadata");
        if (metadata.GetProperty("version").GetString() != _facts.GetProperty("version").GetString())
            faults.Add($"metadata.version {metadata.GetProperty("version")} is not {_facts.GetProperty("version")}");
        var profiles = metadata.TryGetProperty("profiles", out var named) ? named.EnumerateArray().Select(one => one.GetString()!).ToHashSet(StringComparer.Ordinal) : [];
        Object(e, definition, definition.GetProperty("name").GetString()!, profiles, faults);
        return faults;
    }

    private void Object(JsonElement value, JsonElement definition, string path, HashSet<string> profiles, List<string> faults)
    {
        var attributes = definition.GetProperty("attributes");
        foreach (var member in value.EnumerateObject())
        {
            var at = $"{path}.{member.Name}";
            if (!attributes.TryGetProperty(member.Name, out var attribute))
            {
                faults.Add($"{at}: no such attribute");
                continue;
            }
            if (Text(attribute, "profile") is { } profile && !profiles.Contains(profile))
                faults.Add($"{at}: an attribute of the profile {profile}, which is not named");
            if (Text(attribute, "deprecated") is { } since)
                faults.Add($"{at}: deprecated since {since}");
            var isArray = attribute.TryGetProperty("array", out _);
            if (isArray != (member.Value.ValueKind == JsonValueKind.Array))
                faults.Add($"{at}: {(isArray ? "an array is expected" : "no array is expected")}");
            else if (isArray)
                foreach (var item in member.Value.EnumerateArray())
                    Value(item, attribute, at, profiles, faults);
            else
                Value(member.Value, attribute, at, profiles, faults);
            Sibling(value, member.Value, attribute, at, faults);
        }
        foreach (var attribute in attributes.EnumerateObject())
        {
            if (Text(attribute.Value, "requirement") == "required" && (Text(attribute.Value, "profile") is not { } profile || profiles.Contains(profile)) && !value.TryGetProperty(attribute.Name, out _))
                faults.Add($"{path}.{attribute.Name}: required");
        }
        if (!definition.TryGetProperty("constraints", out var constraints))
            return;
        foreach (var constraint in constraints.EnumerateObject())
        {
            var there = constraint.Value.EnumerateArray().Count(name => value.TryGetProperty(name.GetString()!, out _));
            if (constraint.Name == "just_one" ? there != 1 : there == 0)
                faults.Add($"{path}: {constraint.Name} of {constraint.Value.GetRawText()}");
        }
    }

    private void Value(JsonElement value, JsonElement attribute, string at, HashSet<string> profiles, List<string> faults)
    {
        var type = Text(attribute, "type")!;
        // Any JSON: what has no place of its own in the schema.
        if (type is "json_t" or "object")
            return;
        if (_facts.GetProperty("objects").TryGetProperty(type, out var definition))
        {
            if (value.ValueKind == JsonValueKind.Object)
                Object(value, definition, at, profiles, faults);
            else
                faults.Add($"{at}: an object {type} is expected");
            return;
        }
        if (!_facts.GetProperty("types").TryGetProperty(type, out var scalar))
        {
            faults.Add($"{at}: the object {type} is not among the facts; add it to `used` in generate.mjs");
            return;
        }
        var right = (Text(scalar, "base") ?? type) switch
        {
            "integer_t" => value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out _),
            "long_t" => value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out _),
            "float_t" => value.ValueKind == JsonValueKind.Number,
            "boolean_t" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
            "string_t" => value.ValueKind == JsonValueKind.String && OfString(type, scalar, value.GetString()!),
            var other => throw new InvalidOperationException($"the schema has a new basic type {other}"),
        };
        if (!right)
            faults.Add($"{at}: no {type}: {value.GetRawText()[..Math.Min(60, value.GetRawText().Length)]}");
        if (attribute.TryGetProperty("enum", out var members) && !members.TryGetProperty(Word(value), out _))
            faults.Add($"{at}: {Word(value)} is not one of {string.Join(' ', members.EnumerateObject().Select(one => one.Name))}");
    }

    // A number of an enumeration, its word beside it, and the word that the schema has for it; 99, Other, has a word of the source's own.
    private static void Sibling(JsonElement owner, JsonElement value, JsonElement attribute, string at, List<string> faults)
    {
        if (Text(attribute, "sibling") is not { } sibling || !attribute.GetProperty("enum").TryGetProperty(Word(value), out var expected))
            return;
        if (!owner.TryGetProperty(sibling, out var word))
            faults.Add($"{at}: its word {sibling} is missing");
        else if (Word(value) != "99" && word.GetString() != expected.GetString())
            faults.Add($"{at}: {Word(value)} is '{expected}', and {sibling} says '{word}'");
    }

    private bool OfString(string type, JsonElement scalar, string text)
    {
        if (text.Length == 0 || scalar.TryGetProperty("max_len", out var most) && text.Length > most.GetInt32())
            return false;
        if (Text(scalar, "regex") is not { } pattern)
            return true;
        if (!_patterns.TryGetValue(type, out var regex))
            _patterns[type] = regex = new Regex(pattern, RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, TimeSpan.FromSeconds(5));
        return regex.IsMatch(text);
    }

    private static string Word(JsonElement value) => value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText();

    private static string? Text(JsonElement element, string name) => element.TryGetProperty(name, out var text) ? text.GetString() : null;
}
