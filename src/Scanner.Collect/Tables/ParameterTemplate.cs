using System.Text.Json;
using System.Text.Json.Nodes;

namespace Scanner.Collect.Tables;

/// <summary>The parameters of a call as a table file writes them, with their texts parsed once.</summary>
internal sealed class ParameterTemplate
{
    private readonly JsonObject? _constant;
    private readonly Node _root;

    private ParameterTemplate(JsonObject source, Node root)
    {
        _root = root;
        _constant = root.IsConstant ? source : null;
        Paths = [.. root.AllPaths()];
    }

    /// <summary>First names of all paths in it: what the parameters depend on.</summary>
    public IReadOnlyList<Scanner.Catalog.ItemPath> Paths { get; }

    public static ParameterTemplate Parse(JsonObject parameters, string file, int line) =>
        new(parameters, Compile(parameters, file, line));

    /// <summary>
    /// Puts the values in. Values from AWS end up as parameter values and nowhere else; a value that is missing makes
    /// it false: a call without its filter would ask for something else.
    /// </summary>
    public bool TryFill(ItemScope scope, out JsonObject parameters, out string missing)
    {
        missing = "";
        if (_constant is not null)
        {
            parameters = _constant;
            return true;
        }
        var filled = Fill(_root, scope, ref missing);
        parameters = filled as JsonObject ?? [];
        return missing.Length == 0;
    }

    private static Node Compile(JsonNode? node, string file, int line)
    {
        switch (node)
        {
            case JsonObject o:
                return new Node { Members = [.. o.Select(pair => new KeyValuePair<string, Node>(pair.Key, Compile(pair.Value, file, line)))] };
            case JsonArray a:
                return new Node { Elements = [.. a.Select(element => Compile(element, file, line))] };
            case JsonValue value when value.GetValueKind() == JsonValueKind.String:
                var text = TextTemplate.Parse(value.GetValue<string>(), file, line);
                return text.IsConstant ? new Node { Constant = value } : new Node { Text = text };
            default:
                return new Node { Constant = node };
        }
    }

    private static JsonNode? Fill(Node node, ItemScope scope, ref string missing)
    {
        if (node.Members is not null)
        {
            var o = new JsonObject();
            foreach (var (name, member) in node.Members)
                o[name] = Fill(member, scope, ref missing);
            return o;
        }
        if (node.Elements is not null)
        {
            var a = new JsonArray();
            foreach (var element in node.Elements)
                a.Add(Fill(element, scope, ref missing));
            return a;
        }
        if (node.Text is null)
            return node.Constant?.DeepClone();
        if (node.Text.TryFill(scope, out var value, out var path))
            return value!.DeepClone();
        missing = path;
        return null;
    }

    private sealed class Node
    {
        public List<KeyValuePair<string, Node>>? Members { get; init; }

        public List<Node>? Elements { get; init; }

        public TextTemplate? Text { get; init; }

        public JsonNode? Constant { get; init; }

        public bool IsConstant =>
            Text is null && (Members?.TrueForAll(pair => pair.Value.IsConstant) ?? true) && (Elements?.TrueForAll(e => e.IsConstant) ?? true);

        public IEnumerable<Scanner.Catalog.ItemPath> AllPaths() =>
            (Text?.Paths ?? [])
                .Concat(Members?.SelectMany(pair => pair.Value.AllPaths()) ?? [])
                .Concat(Elements?.SelectMany(element => element.AllPaths()) ?? []);
    }
}
