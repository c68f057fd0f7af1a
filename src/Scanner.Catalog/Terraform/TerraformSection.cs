using Scanner.Model;
using YamlDotNet.RepresentationModel;

namespace Scanner.Catalog.Terraform;

/// <summary>Reads the <c>terraform:</c> section of a table file.</summary>
internal static class TerraformSection
{
    private const int FirstMajor = 1;
    private const int LastMajor = 99;

    // Name of the part without which a row is implied; no 'with' has one, and no path reaches it.
    private const string Unless = "unless";

    /// <summary>The entries of the section; none where the table has no such section.</summary>
    /// <param name="root">The table's file.</param>
    /// <param name="columns">The table's columns.</param>
    /// <exception cref="InputException">A key or path is wrong, a column is not mapped, a part or column does not exist.</exception>
    public static IReadOnlyList<TerraformMapping> Read(YamlMap root, IReadOnlyList<TableColumn> columns)
    {
        if (root.Node("terraform") is null || IsNever(root))
            return [];
        var entries = root.Maps("terraform");
        if (entries.Count == 0)
            throw root.Error("'terraform' is empty; list the resource types that make rows, or leave it out", root.Node("terraform"));
        return [.. entries.Select(entry => Entry(entry, columns))];
    }

    /// <summary>Whether a table or check says <c>terraform: never</c>.</summary>
    public static bool IsNever(YamlMap root) => root.Node("terraform") is YamlScalarNode { Value: "never", Style: YamlDotNet.Core.ScalarStyle.Plain };

    private static TerraformMapping Entry(YamlMap map, IReadOnlyList<TableColumn> columns)
    {
        var resources = Types(map, "resources");
        var parts = map.Map("with") is { } with ? with.Entries.Select(entry => Part(with, entry.Key, entry.Value)).ToList() : [];
        var shapes = map.Map("shapes");
        var reader = new TerraformExpressionReader(shapes);
        var mapping = new TerraformMapping
        {
            Line = map.Line,
            Resources = resources,
            Names = Names(map, "names"),
            Referents = Referents(map),
            Computed = map.Texts("computed").ToHashSet(StringComparer.Ordinal),
            Parts = parts,
            Rows = Own(map, "rows"),
            When = Own(map, Conditions(map, "when")),
            Destroyed = map.Flag("destroyed"),
            ImpliedUnless = Implied(map),
            Account = Path(map, "account") is { Root: TerraformPathRoot.Row } row ? row : Own(map, "account"),
            Id = map.Text("id") is { } id ? TerraformExpressionReader.Text(map, id, map.Node("id")!) : null,
            Columns = Columns(map, columns, reader),
        };
        reader.Done();
        map.Done();
        foreach (var part in mapping.Parts.Where(part => !mapping.Columns.Any(column => Reads(column, part.Name))))
            throw map.Error($"'with' names the part '{part.Name}', which no column reads; leave it out", map.Node("with"));
        CheckColumns(map, mapping, columns);
        return mapping;
    }

    private static bool Reads(TerraformColumn column, string part) =>
        column.Value?.AllPaths.Any(path => path.Root == TerraformPathRoot.Part && path.Name == part) == true;

    private static List<TerraformColumn> Columns(YamlMap map, IReadOnlyList<TableColumn> columns, TerraformExpressionReader reader)
    {
        var section = map.Map("columns") ?? throw map.Missing("columns", "map every column of the table");
        var mapped = section.Entries.Select(entry => reader.Column(section, entry.Key, entry.Value)).ToDictionary(column => column.Name, StringComparer.Ordinal);
        var known = columns.Select(column => column.Name).ToList();
        foreach (var column in mapped.Values.Where(column => !known.Contains(column.Name, StringComparer.Ordinal)))
            throw section.Error($"the table has no column '{column.Name}'; {Spelling.Suggest(column.Name, known)}", section.Node(column.Name));
        var missing = known.Where(name => !mapped.ContainsKey(name)).ToList();
        if (missing.Count > 0)
        {
            throw section.Error($"'{missing[0]}' is not mapped{(missing.Count > 1 ? $", nor {string.Join(", ", missing.Skip(1))}" : "")}; "
                + $"write where a Terraform plan has it, such as '{missing[0]}: argument' or '{missing[0]}: {{path: argument, unset: what AWS does without it}}', "
                + $"or '{missing[0]}: never' when no plan can tell (checks that read it are then not judged from plans)");
        }
        return [.. known.Select(name => mapped[name])];
    }

    // Paths that name a part or a column must name one that there is, and columns must not go round in a circle.
    private static void CheckColumns(YamlMap map, TerraformMapping mapping, IReadOnlyList<TableColumn> columns)
    {
        var parts = mapping.Parts.ToDictionary(part => part.Name, StringComparer.Ordinal);
        var byName = mapping.Columns.ToDictionary(column => column.Name, StringComparer.Ordinal);
        foreach (var column in mapping.Columns.Where(column => column.Value is not null))
        {
            foreach (var path in column.Value!.AllPaths)
            {
                if (path.Root == TerraformPathRoot.Part && !parts.ContainsKey(path.Name))
                    throw new InputException(map.File, column.Line, $"'{path.Text}' names a part that 'with' does not; {Spelling.Suggest(path.Name, parts.Keys)}");
                if (path.Root == TerraformPathRoot.Column && !byName.ContainsKey(path.Name))
                    throw new InputException(map.File, column.Line, $"'{path.Text}' names no column; {Spelling.Suggest(path.Name, byName.Keys)}");
            }
            if (Nameless(column.Value!, []) is { } nameless)
                throw new InputException(map.File, column.Line, $"nothing around '{nameless.Text}' is called {nameless.Name}; give the 'each' around it 'as: {nameless.Name}'");
            if (Circles(column, byName, []))
                throw new InputException(map.File, column.Line, $"the column '{column.Name}' is made of itself");
        }
        foreach (var path in mapping.ImpliedUnless?.By.Select(pair => pair.Ours).OfType<TerraformPath>().Where(path => path.Root == TerraformPathRoot.Column && !byName.ContainsKey(path.Name)) ?? [])
            throw new InputException(map.File, mapping.Line, $"'{path.Text}' names no column; {Spelling.Suggest(path.Name, byName.Keys)}");
        foreach (var column in columns.Where(column => column.Path.Segments.Take(column.Path.Segments.Count - 1).Count(segment => segment.Flatten) > 1))
            throw new InputException(map.File, mapping.Line, $"the column '{column.Name}' is read through lists in lists ({column.Path.Text}), which no plan row can be given; read the whole list as json");
    }

    private static TerraformPath? Nameless(TerraformExpression expression, IReadOnlyList<string> names)
    {
        // The list that an 'each' walks through is looked up outside of it; its conditions inside.
        var inside = expression is TerraformEach { As: { } name } ? [.. names, name] : names;
        var outside = expression is TerraformEach each ? [each.Of] : expression.Paths;
        return outside.FirstOrDefault(path => path.Root == TerraformPathRoot.Named && !names.Contains(path.Name, StringComparer.Ordinal))
            ?? expression.Paths.FirstOrDefault(path => path.Root == TerraformPathRoot.Named && !inside.Contains(path.Name, StringComparer.Ordinal))
            ?? expression.Children.Select(child => Nameless(child, inside)).FirstOrDefault(path => path is not null);
    }

    private static bool Circles(TerraformColumn column, Dictionary<string, TerraformColumn> all, HashSet<string> seen)
    {
        if (!seen.Add(column.Name))
            return true;
        foreach (var path in column.Value?.AllPaths.Where(path => path.Root == TerraformPathRoot.Column) ?? [])
        {
            if (Circles(all[path.Name], all, [.. seen]))
                return true;
        }
        return false;
    }

    private static TerraformPart Part(YamlMap with, string name, YamlNode node)
    {
        with.Node(name);
        if (name.Length == 0 || !char.IsAsciiLetterUpper(name[0]) || !TerraformPath.TryParse(name, out _))
            throw with.Error($"'{name}' is no name of a part; begin it with an upper-case letter, such as Logging", node);
        return Part(with.MapOf(node, $"part '{name}'"), name);
    }

    private static TerraformPart? Implied(YamlMap map)
    {
        if (map.Map("implies") is not { } implies)
            return null;
        var unless = implies.Map("unless") ?? throw implies.Error("'unless' is missing; name the resource by which a plan manages the object itself: {resource: aws_default_security_group, by: vpc_id}");
        implies.Done();
        return Part(unless, Unless);
    }

    private static TerraformPart Part(YamlMap map, string name)
    {
        var to = Own(map, "to");
        var by = By(map, columns: name == Unless);
        if (to is null == (by.Count == 0))
            throw map.Error("a part has either 'by' (its attribute that refers to this resource) or 'to' (this resource's attribute that refers to it)");
        var part = new TerraformPart
        {
            Name = name,
            Resources = Types(map, "resource"),
            By = by,
            To = to,
            Composed = map.Flag("composed"),
            Many = map.Flag("many"),
            OnlyAdds = map.Flag("only_adds"),
            When = Own(map, Conditions(map, "when")),
            Computed = map.Texts("computed").ToHashSet(StringComparer.Ordinal),
        };
        map.Done();
        return part;
    }

    private static List<(TerraformPath, TerraformPath?)> By(YamlMap map, bool columns)
    {
        if (map.Node("by") is not YamlMappingNode)
            return Own(map, "by") is { } theirs ? [(theirs, null)] : [];
        var pairs = new List<(TerraformPath, TerraformPath?)>();
        var by = map.RequiredMap("by");
        foreach (var (key, _) in by.Entries)
            pairs.Add((Own(by, Path(by, key, by.Node(key)!), by.Node(key)!), (columns && Path(by, key) is { Root: TerraformPathRoot.Column } column ? column : Own(by, key)) ?? throw by.Error($"'{key}' has no attribute to compare with", by.Node(key))));
        return pairs;
    }

    private static IReadOnlyList<string> Types(YamlMap map, string key)
    {
        var types = map.Texts(key);
        if (types.Count == 0)
            throw map.Error($"'{key}' is missing; name Terraform resource types, such as aws_flow_log", map.Node(key));
        foreach (var type in types)
            CheckType(map, type, map.Node(key)!);
        return types;
    }

    private static void CheckType(YamlMap map, string type, YamlNode node)
    {
        if (!type.StartsWith("aws_", StringComparison.Ordinal) || !TerraformPath.TryParse(type, out var path) || path.Rest != path.Head)
            throw map.Error($"'{type}' is not a Terraform resource type of AWS, such as aws_flow_log", node);
    }

    private static Dictionary<string, IReadOnlyList<TerraformName>> Referents(YamlMap map)
    {
        var all = new Dictionary<string, IReadOnlyList<TerraformName>>(StringComparer.Ordinal);
        if (map.Map("referents") is not { } referents)
            return all;
        foreach (var (type, node) in referents.Entries)
        {
            CheckType(map, type, node);
            all[type] = Names(referents, type);
        }
        return all;
    }

    private static List<TerraformName> Names(YamlMap map, string key)
    {
        if (map.Node(key) is not YamlMappingNode)
            return [.. map.Texts(key).Select(name => new TerraformName(Plain(map, name, map.Node(key)!)))];
        var names = new List<TerraformName>();
        var texts = map.Map(key)!;
        foreach (var (name, node) in texts.Entries)
        {
            var text = texts.Text(name) is { } source ? TerraformExpressionReader.Text(texts, source, node) : null;
            foreach (var path in text?.Paths ?? [])
                Own(texts, path, node);
            names.Add(new TerraformName(Plain(texts, name, node), text));
        }
        return names;
    }

    // Before there is a row, only the instance's own attributes can be looked at.
    private static TerraformPath Own(YamlMap map, TerraformPath path, YamlNode node) =>
        path.Root == TerraformPathRoot.Current
            ? path
            : throw map.Error($"'{path.Text}' is no attribute of the resource; only its own can be read here", node);

    private static TerraformPath? Own(YamlMap map, string key) => Path(map, key) is { } path ? Own(map, path, map.Node(key)!) : null;

    private static List<TerraformCondition> Own(YamlMap map, List<TerraformCondition> conditions)
    {
        foreach (var condition in conditions)
            Own(map, condition.Path, map.Node("when")!);
        return conditions;
    }

    private static string Plain(YamlMap map, string name, YamlNode node) =>
        TerraformPath.TryParse(name, out var path) && path.Root == TerraformPathRoot.Current && path.Rest == path.Head
            ? name
            : throw map.Error($"'{name}' is not the name of an attribute, such as id or arn", node);

    /// <summary>Reads conditions, all of which must hold.</summary>
    public static List<TerraformCondition> Conditions(YamlMap map, string key)
    {
        var conditions = new List<TerraformCondition>();
        if (map.Map(key) is not { } when)
            return conditions;
        foreach (var (text, node) in when.Entries)
        {
            var path = Path(when, text, node);
            conditions.Add(new TerraformCondition(path, node switch
            {
                YamlScalarNode { Value: "set", Style: YamlDotNet.Core.ScalarStyle.Plain } => [],
                YamlSequenceNode list => [.. list.Select(Word)],
                _ => [Word(node)],
            }));
            when.Node(text);
        }
        return conditions;

        string? Word(YamlNode node) => YamlFile.IsNull(node) ? null
            : node is YamlScalarNode { Value: { } word } ? word
            : throw when.Error("a condition is a word, a list of words, null (not set) or set", node);
    }

    /// <summary>Reads what holds when something is not set: a value, or one for each major version of the provider.</summary>
    public static TerraformDefault? Default(YamlMap map, string key)
    {
        if (map.Node(key) is not { } node)
            return null;
        if (node is not YamlMappingNode || map.Map(key) is not { } choice || choice.Node("provider") is null)
            return new TerraformDefault(TerraformExpressionReader.Constant(map, node), []);
        var versions = choice.Map("provider") ?? throw choice.Error("'provider' has no versions");
        var byMajor = new SortedDictionary<int, TerraformConstant>();
        foreach (var (version, value) in versions.Entries)
        {
            if (!int.TryParse(version, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var major) || major is < FirstMajor or > LastMajor)
                throw versions.Error($"'{version}' is not a major version of the provider, such as 6", value);
            byMajor[major] = TerraformExpressionReader.Constant(versions, value);
            versions.Node(version);
        }
        choice.Done();
        return new TerraformDefault(null, [.. byMajor]);
    }

    /// <summary>Reads what holds when there is no such part.</summary>
    public static TerraformAbsence? Absence(YamlMap map, string key)
    {
        if (map.Node(key) is not { } node)
            return null;
        if (node is not YamlMappingNode)
        {
            var value = TerraformExpressionReader.Constant(map, node);
            return new TerraformAbsence(value, value, value);
        }
        var choice = map.Map(key)!;
        var absence = new TerraformAbsence(Of("created"), Of("removed"), Of("unseen"));
        choice.Done();
        return absence;

        TerraformConstant? Of(string when) => choice.Node(when) is { } value ? TerraformExpressionReader.Constant(choice, value) : null;
    }

    /// <summary>Reads a path; null where the key is not there.</summary>
    public static TerraformPath? Path(YamlMap map, string key) => map.Text(key) is { } text ? Path(map, text, map.Node(key)!) : null;

    /// <summary>Reads a path.</summary>
    public static TerraformPath Path(YamlMap map, string text, YamlNode node) =>
        TerraformPath.TryParse(text, out var path)
            ? path
            : throw map.Error($"'{text}' is not a path; write attributes with dots between, such as access_logs[0].enabled or rule[].action", node);
}
