using System.Globalization;
using Scanner.Model;
using YamlDotNet.RepresentationModel;

namespace Scanner.Catalog;

/// <summary>
/// A YAML mapping whose keys are asked for one by one; what was never asked for is a mistake of the author. All keys are texts, of mappings within
/// it too: <see cref="BoundedParser"/> hands on no others.
/// </summary>
internal sealed class YamlMap
{
    private readonly string _file;
    private readonly YamlMappingNode _node;
    private readonly HashSet<string> _known = new(StringComparer.Ordinal);

    public YamlMap(string file, YamlMappingNode node)
    {
        _file = file;
        _node = node;
    }

    public string File => _file;

    public int Line => (int)_node.Start.Line;

    /// <summary>Whether a key is there, without asking for it.</summary>
    public bool Has(string key) => _node.Children.ContainsKey(new YamlScalarNode(key));

    public IEnumerable<(string Key, YamlNode Value)> Entries =>
        _node.Children.Select(pair => (((YamlScalarNode)pair.Key).Value ?? "", pair.Value));

    public InputException Error(string message, YamlNode? at = null) =>
        new(_file, (at ?? _node).Start.Line, message);

    public YamlNode? Node(string key)
    {
        _known.Add(key);
        return _node.Children.TryGetValue(new YamlScalarNode(key), out var value) ? value : null;
    }

    /// <summary>The line of each value, also of those in mappings inside, by dotted keys: <c>parameters.Name</c>.</summary>
    public IReadOnlyDictionary<string, int> Lines()
    {
        var lines = new Dictionary<string, int>(StringComparer.Ordinal);
        Add(_node, "");
        return lines;

        void Add(YamlMappingNode map, string prefix)
        {
            foreach (var (key, value) in map.Children)
            {
                var name = prefix + ((YamlScalarNode)key).Value;
                lines[name] = (int)key.Start.Line;
                if (value is YamlMappingNode inner)
                    Add(inner, name + ".");
            }
        }
    }

    public int LineOf(string key) => (int)(Node(key) ?? _node).Start.Line;

    public string? Text(string key) => Node(key) switch
    {
        null => null,
        YamlScalarNode scalar when YamlFile.IsNull(scalar) => null,
        YamlScalarNode scalar => scalar.Value,
        var other => throw Error($"'{key}' must be a text", other),
    };

    public string RequiredText(string key)
    {
        var text = Text(key);
        return string.IsNullOrWhiteSpace(text) ? throw Missing(key, "add it") : text;
    }

    /// <summary>A key that must be there and is not, or holds nothing; where it was only misspelled, that is what is said.</summary>
    public InputException Missing(string key, string remedy)
    {
        var meant = Has(key) ? null : _node.Children.Keys.OfType<YamlScalarNode>().FirstOrDefault(one => !_known.Contains(one.Value ?? "") && Spelling.Distance(one.Value ?? "", key) <= Math.Min(2, key.Length / 3));
        return meant is null ? Error($"'{key}' is missing; {remedy}", Node(key)) : Error($"unknown key '{meant.Value}'; did you mean '{key}'?", meant);
    }

    public bool Flag(string key) => Text(key) switch
    {
        null or "false" => false,
        "true" => true,
        var other => throw Error($"'{key}' must be true or false, not '{other}'", Node(key)),
    };

    public int Number(string key, int min, int max) =>
        int.TryParse(RequiredText(key), NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value >= min && value <= max
            ? value
            : throw Error($"'{key}' must be a whole number from {min.ToString(CultureInfo.InvariantCulture)} to {max.ToString(CultureInfo.InvariantCulture)}", Node(key));

    public T OneOf<T>(string key, T? fallback, params (string Word, T Value)[] words) where T : struct
    {
        var text = Text(key);
        if (text is null)
            return fallback ?? throw Missing(key, $"it is one of {string.Join(", ", words.Select(w => w.Word))}");
        foreach (var (word, value) in words)
        {
            if (string.Equals(word, text, StringComparison.Ordinal))
                return value;
        }
        throw Error($"'{key}' is one of {string.Join(", ", words.Select(w => w.Word))}, not '{text}'", Node(key));
    }

    public IReadOnlyList<string> Texts(string key)
    {
        switch (Node(key))
        {
            case null:
                return [];
            case YamlScalarNode scalar:
                return YamlFile.IsNull(scalar) ? [] : [scalar.Value!];
            case YamlSequenceNode list:
                return [.. list.Select(item => item is YamlScalarNode { Value: { } text }
                    ? text
                    : throw Error($"'{key}' must be a list of texts", item))];
            case var other:
                throw Error($"'{key}' must be a list of texts", other);
        }
    }

    public YamlMap? Map(string key) => Node(key) switch
    {
        null => null,
        YamlScalarNode scalar when YamlFile.IsNull(scalar) => null,
        YamlMappingNode map => new YamlMap(_file, map),
        var other => throw Error($"'{key}' must be a mapping (key: value)", other),
    };

    /// <summary>A mapping that must be there, and hold something.</summary>
    public YamlMap RequiredMap(string key) => Map(key) ?? throw Missing(key, "it must be a mapping (key: value)");

    public IReadOnlyList<YamlMap> Maps(string key)
    {
        var node = Node(key);
        if (node is null || YamlFile.IsNull(node))
            return [];
        if (node is not YamlSequenceNode list)
            throw Error($"'{key}' must be a list", node);
        return [.. list.Select(item => item is YamlMappingNode map
            ? new YamlMap(_file, map)
            : throw Error($"'{key}' must be a list of mappings", item))];
    }

    public ItemPath? Path(string key)
    {
        var text = Text(key);
        if (text is null)
            return null;
        return ItemPath.TryParse(text, out var path) ? path : throw Error($"'{text}' is not a path; write names with dots between, such as Status.IsLogging", Node(key));
    }

    public YamlMap MapOf(YamlNode node, string what) =>
        node is YamlMappingNode map ? new YamlMap(_file, map) : throw Error($"{what} must be a mapping (key: value)", node);

    /// <summary>Of a whole file: the schema that a comment above it names to an editor, and the comment's line; null where there is none.</summary>
    public (string Schema, int Line)? ForEditors { get; init; }

    /// <summary>Takes <c>$schema</c>, which an editor may want in the file, as a key or in a comment of the YAML language server.</summary>
    /// <param name="kind">What the file is.</param>
    /// <exception cref="InputException">It is the schema of something else, or of a version that is not known.</exception>
    public void Schema(string kind)
    {
        var complaint = $"'$schema' is not known; this version of Scanner reads {SchemaAddress.FileOf(kind)}";
        if (Text("$schema") is { } named && !SchemaAddress.IsKnown(kind, named))
            throw Error(complaint, Node("$schema"));
        // A comment may name the schema of another program for an editor; ours, of a version or kind that is not this one, promises what is not read.
        if (ForEditors is var (schema, line) && SchemaAddress.IsOurs(schema) && !SchemaAddress.IsKnown(kind, schema))
            throw new InputException(_file, line, complaint);
    }

    /// <summary>Complains of the first key that nobody asked for.</summary>
    public void Done()
    {
        foreach (var key in _node.Children.Keys)
        {
            var name = ((YamlScalarNode)key).Value ?? "";
            if (!_known.Contains(name))
                throw Error($"unknown key '{name}'; {Spelling.Suggest(name, _known)}", key);
        }
    }
}
