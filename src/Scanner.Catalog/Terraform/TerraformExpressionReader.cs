using YamlDotNet.RepresentationModel;

namespace Scanner.Catalog.Terraform;

/// <summary>Reads the expressions of a <c>terraform:</c> section.</summary>
/// <param name="shapes">Expressions with a name, which <c>{shape: name}</c> repeats; null without.</param>
internal sealed class TerraformExpressionReader(YamlMap? shapes)
{
    private const int MostDepth = 32;

    // Keys that make a mapping an expression; any other mapping within json is an object.
    private static readonly string[] Forms = ["path", "value", "text", "first", "by_type", "count", "each", "concat", "object", "merge", "parse", "unknown", "shape", "json"];

    private readonly HashSet<string> _used = new(StringComparer.Ordinal);
    private int _depth;

    /// <summary>Reads one column.</summary>
    public TerraformColumn Column(YamlMap columns, string name, YamlNode node)
    {
        columns.Node(name);
        var line = (int)node.Start.Line;
        if (node is YamlScalarNode { Value: "never", Style: YamlDotNet.Core.ScalarStyle.Plain })
            return new TerraformColumn(name, TerraformColumnKind.Never, null, line);
        if (node is YamlMappingNode && columns.MapOf(node, name) is var map && map.Node("assumed") is { } assumed)
        {
            map.Done();
            var value = assumed is YamlMappingNode && Forms.Any(map.Map("assumed")!.Has) ? Expression(map, assumed) : Constant(map, assumed);
            return new TerraformColumn(name, TerraformColumnKind.Assumed, value, line);
        }
        if (node is YamlMappingNode && !Forms.Any(columns.MapOf(node, name).Has))
        {
            var keys = columns.MapOf(node, name).Entries.Select(entry => entry.Key).ToList();
            throw columns.Error($"column '{name}' has none of {string.Join(", ", Forms.Append("assumed"))}; {Spelling.Suggest(keys.FirstOrDefault() ?? "", Forms.Append("assumed"))}", node);
        }
        return new TerraformColumn(name, TerraformColumnKind.Mapped, node is YamlSequenceNode list ? Alternatives(columns, list) : Expression(columns, node), line);
    }

    /// <summary>Complains of a shape that nobody uses.</summary>
    public void Done()
    {
        foreach (var (name, node) in shapes?.Entries ?? [])
        {
            shapes!.Node(name);
            if (!_used.Contains(name))
                throw shapes.Error($"the shape '{name}' is not used; leave it out", node);
        }
    }

    /// <summary>Reads a value that is the same for all.</summary>
    public static TerraformConstant Constant(YamlMap map, YamlNode node)
    {
        var value = YamlFile.ToJson(node);
        foreach (var text in Texts(value))
        {
            // A brace belongs to a word of ours; anything else in braces would be taken for text by mistake.
            if (!TerraformText.TryParse(text, 0, out var parsed) || parsed.Paths.Any())
                throw map.Error($"'{text}' has braces; in a value they hold one of {string.Join(", ", TerraformText.Words.Order(StringComparer.Ordinal))}, and in 'text:' paths too", node);
        }
        return new TerraformConstant((int)node.Start.Line, value);
    }

    /// <summary>Reads a text with paths.</summary>
    public static TerraformText Text(YamlMap map, string source, YamlNode node) =>
        TerraformText.TryParse(source, (int)node.Start.Line, out var text)
            ? text
            : throw map.Error($"'{source}' has a brace that holds no path; write {{name}} or {{region}}", node);

    private TerraformExpression Expression(YamlMap owner, YamlNode node)
    {
        if (++_depth > MostDepth)
            throw owner.Error("nested deeper than 32 levels, or a shape that holds itself; flatten it", node);
        try
        {
            return node switch
            {
                YamlScalarNode scalar => new TerraformRead((int)node.Start.Line, [TerraformSection.Path(owner, scalar.Value ?? "", node)]),
                YamlSequenceNode list => new TerraformList((int)node.Start.Line, [.. list.Select(item => Expression(owner, item))]),
                _ => Form(owner.MapOf(node, "an expression")),
            };
        }
        finally
        {
            _depth--;
        }
    }

    private TerraformExpression Form(YamlMap map)
    {
        // Within 'each', 'parse' says how the list is read.
        var forms = Forms.Where(form => map.Has(form) && !(form == "parse" && map.Has("each"))).ToList();
        if (forms.Count == 0)
            return Object(map);
        if (forms.Count > 1)
            throw map.Error($"'{forms[0]}' and '{forms[1]}' do not go together; an object with such a member is written as 'object: {{...}}'");
        var node = map.Node(forms[0])!;
        TerraformExpression expression = forms[0] switch
        {
            "path" => Read(map),
            "value" => Constant(map, node),
            "text" => Text(map, map.RequiredText("text"), node),
            "first" => new TerraformFirst(map.Line, [.. Sequence(map, "first").Select(item => Expression(map, item))]),
            "by_type" => ByType(map),
            "count" => new TerraformCount(map.Line, [.. map.Texts("count").Select(text => TerraformSection.Path(map, text, node))]) { Base = TerraformSection.Path(map, "base"), Map = Words(map) },
            "each" => Each(map),
            "concat" => new TerraformConcat(map.Line, [.. Sequence(map, "concat").Select(item => Expression(map, item))]),
            "object" => Object(map.RequiredMap("object")),
            "parse" => new TerraformParse(map.Line, TerraformSection.Path(map, map.RequiredText("parse"), node)),
            "unknown" => new TerraformUnknown(map.Line, map.RequiredText("unknown")),
            "merge" => Merge(map.Map("merge") ?? throw map.Error("'merge' is empty; it has 'own' and 'parts'", node)),
            "shape" => Shape(map),
            _ => Expression(map, node),
        };
        var condition = TerraformSection.Path(map, "if");
        var unless = TerraformSection.Conditions(map, "unless");
        map.Done();
        if ((condition is not null && expression.If is not null) || (unless.Count > 0 && expression.Unless.Count > 0))
            throw map.Error("'if' or 'unless' stands here twice");
        return expression with { If = condition ?? expression.If, Unless = unless.Count > 0 ? unless : expression.Unless };
    }

    private TerraformRead Read(YamlMap map)
    {
        var node = map.Node("path")!;
        var read = new TerraformRead(map.Line, [.. map.Texts("path").Select(text => TerraformSection.Path(map, text, node))])
        {
            Unset = TerraformSection.Default(map, "unset"),
            None = TerraformSection.Absence(map, "none"),
            Map = Words(map),
            Composed = map.Flag("composed"),
            IfUnknown = map.Text("if_unknown") is { } text ? Text(map, text, map.Node("if_unknown")!) : null,
        };
        if (read.None is not null && !read.Of.Any(path => path.Root == TerraformPathRoot.Part))
            throw map.Error("'none' is for paths through a part of 'with'; use 'unset'", map.Node("none"));
        return read.Of.Count > 0 ? read : throw map.Error("'path' is empty", node);
    }

    private static List<KeyValuePair<string, TerraformConstant>> Words(YamlMap map)
    {
        var words = new List<KeyValuePair<string, TerraformConstant>>();
        if (map.Map("map") is not { } translation)
            return words;
        foreach (var (word, node) in translation.Entries)
        {
            translation.Node(word);
            words.Add(new(word, Constant(translation, node)));
        }
        return words;
    }

    private static TerraformRead Alternatives(YamlMap columns, YamlSequenceNode list) =>
        new((int)list.Start.Line, [.. list.Select(item => item is YamlScalarNode { Value: { } text }
            ? TerraformSection.Path(columns, text, item)
            : throw columns.Error("a list here holds paths, of which the first that is set counts; a JSON list is written under 'json:'", item))]);

    private TerraformByType ByType(YamlMap map)
    {
        var choice = map.RequiredMap("by_type");
        var types = new Dictionary<string, TerraformExpression>(StringComparer.Ordinal);
        TerraformExpression? other = null;
        foreach (var (type, node) in choice.Entries)
        {
            choice.Node(type);
            if (type == "other")
                other = Expression(choice, node);
            else
                types[type] = Expression(choice, node);
        }
        return new TerraformByType(map.Line, types, other);
    }

    private TerraformEach Each(YamlMap map)
    {
        var of = TerraformSection.Path(map, map.RequiredText("each"), map.Node("each")!);
        var item = map.Node("item") ?? throw map.Missing("item", "say what becomes of each element");
        return new TerraformEach(map.Line, of, Expression(map, item))
        {
            Key = map.Node("key") is { } key ? Expression(map, key) : null,
            As = map.Text("as"),
            Flat = map.Flag("flat"),
            Parse = map.Flag("parse"),
            When = TerraformSection.Conditions(map, "when"),
            Unset = TerraformSection.Default(map, "unset"),
            Incomplete = Incomplete(map),
        };
    }

    private static TerraformIncomplete? Incomplete(YamlMap map)
    {
        if (map.Map("incomplete") is not { } more)
            return null;
        var incomplete = new TerraformIncomplete(more.RequiredText("key"), List("either"), List("or"));
        more.Done();
        return incomplete;

        TerraformConstant List(string key) => more.Node(key) is YamlSequenceNode list ? Constant(more, list) : throw more.Error($"'{key}' must be a list of elements", more.Node(key));
    }

    private TerraformMerge Merge(YamlMap map)
    {
        var merge = new TerraformMerge(
            map.Line,
            Expression(map, map.Node("own") ?? throw map.Missing("own", "name the list of the resource itself")),
            Expression(map, map.Node("parts") ?? throw map.Missing("parts", "say what the parts make")));
        map.Done();
        return merge;
    }

    private TerraformExpression Shape(YamlMap map)
    {
        var name = map.RequiredText("shape");
        var node = shapes?.Node(name) ?? throw map.Error($"there is no shape '{name}'; {Spelling.Suggest(name, shapes?.Entries.Select(entry => entry.Key) ?? [])}", map.Node("shape"));
        _used.Add(name);
        return Expression(shapes!, node);
    }

    private TerraformObject Object(YamlMap map)
    {
        var members = new List<KeyValuePair<string, TerraformExpression>>();
        foreach (var (name, node) in map.Entries)
        {
            map.Node(name);
            members.Add(new(name, Expression(map, node)));
        }
        return new TerraformObject(map.Line, members);
    }

    private static YamlSequenceNode Sequence(YamlMap map, string key) =>
        map.Node(key) as YamlSequenceNode ?? throw map.Error($"'{key}' must be a list", map.Node(key));

    private static IEnumerable<string> Texts(System.Text.Json.Nodes.JsonNode? node) => node switch
    {
        System.Text.Json.Nodes.JsonArray list => list.SelectMany(Texts),
        System.Text.Json.Nodes.JsonObject map => map.SelectMany(member => Texts(member.Value)),
        System.Text.Json.Nodes.JsonValue value when value.TryGetValue<string>(out var text) => [text],
        _ => [],
    };
}
