using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Scanner.Catalog.Terraform;
using Scanner.Model;
using YamlDotNet.RepresentationModel;

namespace Scanner.Catalog;

/// <summary>Reads a table file (checks/README.md, "Tables").</summary>
internal static partial class TableFile
{
    private static readonly string[] ImpliedColumns = ["account_id", "region", "resource_id", "item"];

    public static TableDefinition Read(YamlFile file, string path)
    {
        var root = file.Root;
        root.Schema("table");
        var name = root.RequiredText("table");
        if (!SqlName().IsMatch(name))
            throw root.Error($"'{name}' is not a table name: lower-case letters, digits and _, beginning with a letter", root.Node("table"));
        var service = root.RequiredText("service");
        var scope = root.OneOf("scope", null, ("region", TableScope.Region), ("account", TableScope.Account));
        var parents = root.Maps("for_each").Select(map => Parent(map, service)).ToList();
        var from = From(root);
        var each = root.Maps("each").Select(map => Detail(map, service)).ToList();
        var list = from is null ? List(root.Map("list") ?? throw root.Missing("list", "name the operation that lists the items"), service)
            : each.Count > 0 ? new TableCall { Line = each[0].Line, Service = each[0].Service, Operation = each[0].Operation }
            : throw root.Missing("each", "with 'from' it holds the calls that are made for each row");
        if (from is not null && (parents.Count > 0 || root.Node("list") is not null))
            throw root.Error("'from' takes the place of 'list' and 'for_each'; leave them out", root.Node("from"));
        if (from is null && each.Find(call => call.ItemBatch is not null) is { } batched)
            throw new InputException(file.Name, batched.Line, "'batch' of a detail needs 'from'");
        foreach (var call in parents.Concat(each).GroupBy(call => call.As, StringComparer.Ordinal).Where(group => group.Count() > 1))
            throw new InputException(file.Name, call.Last().Line, $"'as: {call.Key}' is used twice; give each call its own name");
        if (list.Batch is not null && parents.Count == 0)
            throw new InputException(file.Name, list.Line, "'batch' needs 'for_each': the parents that are asked for together");
        var rowRegion = root.Text("region");
        if (rowRegion is not null && scope != TableScope.Account)
            throw root.Error("'region' is for tables of scope account; the rows of others are in the region that was asked", root.Node("region"));
        var columns = Columns(root);
        var lines = new Dictionary<string, int>(StringComparer.Ordinal) { ["id"] = root.LineOf("id"), ["region"] = root.LineOf("region"), ["service"] = root.LineOf("service") };
        var table = new TableDefinition
        {
            Name = name,
            Title = root.RequiredText("title"),
            File = file.Name,
            Path = path,
            Lines = lines,
            Service = service,
            Scope = scope,
            From = from,
            IsEvidence = root.Flag("evidence"),
            ForEach = parents,
            List = list,
            Each = each,
            RowRegion = rowRegion,
            Id = root.RequiredText("id"),
            Columns = columns,
            Terraform = TerraformSection.Read(root, columns),
            NeverInTerraform = TerraformSection.IsNever(root),
            AccountFact = root.Flag("account_fact"),
            MadeByAws = root.Flag("made_by_aws"),
            Changes = Changes(root),
        };
        root.Done();
        return table;
    }

    private static List<TableColumn> Columns(YamlMap root)
    {
        var map = root.Map("columns") ?? throw root.Missing("columns", "name at least one column");
        var columns = new List<TableColumn>();
        foreach (var (name, node) in map.Entries)
        {
            map.Node(name);
            if (!SqlName().IsMatch(name))
                throw map.Error($"'{name}' is not a column name: lower-case letters, digits and _, beginning with a letter", node);
            if (ImpliedColumns.Contains(name, StringComparer.Ordinal))
                throw map.Error($"the column '{name}' is there already in every table; leave it out", node);
            if (node is YamlScalarNode)
            {
                columns.Add(new TableColumn(name, map.Path(name) ?? throw map.Error($"column '{name}' has no path", node), ColumnType.Text, "") { Line = map.LineOf(name) });
                continue;
            }
            var column = map.MapOf(node, $"column '{name}'");
            columns.Add(new TableColumn(
                name,
                column.Path("path") ?? throw column.Error($"column '{name}' has no path; add 'path'"),
                column.OneOf("type", ColumnType.Text,
                    ("text", ColumnType.Text), ("bool", ColumnType.Bool), ("int", ColumnType.Int), ("double", ColumnType.Double),
                    ("timestamp", ColumnType.Timestamp), ("json", ColumnType.Json), ("text[]", ColumnType.TextList)),
                column.Text("about") ?? "")
            { Line = column.LineOf("path") });
            column.Done();
        }
        return columns.Count > 0 ? columns : throw map.Error("'columns' is empty; name at least one column");
    }

    private static TableChanges? Changes(YamlMap root)
    {
        if (root.Map("changes") is not { } map)
            return null;
        if (root.Has("from") || root.Flag("evidence"))
            throw root.Error("'changes' is for tables that list what is configured: rows of 'from', and proof that logs arrive, change without an event", root.Node("changes"));
        var changes = new TableChanges(map.Texts("sources"), map.Texts("except"));
        if (changes.Sources.Count == 0)
            throw map.Missing("sources", "name every event source of CloudTrail whose events change a row");
        if (changes.Sources.FirstOrDefault(source => !TableChanges.IsEventSource(source)) is { } wrong)
            throw map.Error($"'{wrong}' is not an event source of CloudTrail; write it as its events have it, such as sqs.amazonaws.com", map.Node("sources"));
        map.Done();
        return changes;
    }

    private static TableFrom? From(YamlMap root)
    {
        if (root.Map("from") is not { } map)
            return null;
        var tables = map.Texts("tables");
        if (tables.Count == 0)
            throw map.Missing("tables", "name every table that the query of 'from' reads");
        var from = new TableFrom(tables, map.RequiredText("query"), map.LineOf("query"), map.Flag("partial")) { IsOfOthers = map.Flag("of_others") };
        map.Done();
        return from;
    }

    private static TableCall Parent(YamlMap map, string service)
    {
        var call = Call(map, service, "empty_on") with
        {
            As = map.RequiredText("as"),
            Items = map.Path("items") ?? throw map.Missing("items", "name the path of the parents in the reply"),
            Optional = map.Flag("optional"),
        };
        map.Done();
        return call;
    }

    private static TableCall List(YamlMap map, string service)
    {
        var batch = map.Map("batch");
        var prepare = map.Map("prepare");
        var call = Call(map, service, "empty_on") with
        {
            Items = map.Path("items"),
            Optional = map.Flag("optional"),
            Failures = map.Path("failures"),
            Decode = map.Text("decode") switch
            {
                null => null,
                "csv" => "csv",
                var other => throw map.Error($"'decode' can be csv only, not '{other}'", map.Node("decode")),
            },
            Batch = batch is null ? null : new TableBatch(batch.RequiredText("parameter"), batch.RequiredText("from"), batch.Number("size", 1, 1000)),
            Prepare = prepare is null ? null : new TablePrepare(
                prepare.RequiredText("operation"),
                (prepare.Map("until") ?? throw prepare.Missing("until", "name the member and value to wait for"))
                    .Entries.ToDictionary(entry => entry.Key, entry => (entry.Value as YamlScalarNode)?.Value ?? "", StringComparer.Ordinal)),
        };
        batch?.Done();
        prepare?.Done();
        map.Done();
        return call;
    }

    private static TableCall Detail(YamlMap map, string service)
    {
        var pairs = map.Map("pairs");
        var batch = map.Map("batch");
        var call = Call(map, service, "absent_on") with
        {
            FirstPageOnly = map.Node("pages") is not null && map.Number("pages", 1, 1) == 1,
            Account = map.Text("account"),
            ErrorIsValue = map.Flag("error_is_value"),
            ItemBatch = batch is null ? null : new TableDetailBatch(
                batch.RequiredText("parameter"), batch.RequiredText("from"), batch.Number("size", 1, 1000),
                batch.Path("items") ?? throw batch.Missing("items", "name the path of the answers in the reply"), batch.RequiredText("key")),
            As = map.RequiredText("as"),
            Take = map.Path("take"),
            Region = map.Text("region"),
            When = When(map),
            Pairs = pairs is null ? null : new TablePairs(
                pairs.Path("items") ?? throw pairs.Error("'items' is missing"), pairs.Text("key") ?? "Key", pairs.Text("value") ?? "Value"),
        };
        pairs?.Done();
        batch?.Done();
        map.Done();
        return call;
    }

    private static List<KeyValuePair<ItemPath, IReadOnlyList<string>>> When(YamlMap map)
    {
        var conditions = new List<KeyValuePair<ItemPath, IReadOnlyList<string>>>();
        if (map.Map("when") is not { } when)
            return conditions;
        foreach (var (key, _) in when.Entries)
        {
            if (!ItemPath.TryParse(key, out var path))
                throw when.Error($"'{key}' is not a path");
            conditions.Add(new(path, when.Texts(key)));
        }
        return conditions;
    }

    /// <summary>What every call of a table has: the rest is read by whoever knows which call it is.</summary>
    private static TableCall Call(YamlMap map, string service, string emptyOn) => new()
    {
        Line = map.Line,
        Lines = map.Lines(),
        Service = map.Text("service") ?? service,
        Operation = map.RequiredText("operation"),
        Parameters = map.Map("parameters") is not null ? (JsonObject)YamlFile.ToJson(map.Node("parameters")!)! : [],
        EmptyOn = map.Texts(emptyOn),
        Secret = [.. map.Texts("secret").Select(text => ItemPath.TryParse(text, out var path) ? path : throw map.Error($"'{text}' is not a path; write names with dots between, such as Environment.Variables", map.Node("secret")))],
    };

    [GeneratedRegex("^[a-z][a-z0-9_]{0,62}$", RegexOptions.None, matchTimeoutMilliseconds: -1)]
    private static partial Regex SqlName();
}
