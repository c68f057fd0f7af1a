using System.Text.Json;
using System.Text.Json.Nodes;
using Scanner.Aws.Client;
using Scanner.Aws.Models;
using Scanner.Catalog;
using Scanner.Model;

namespace Scanner.Collect.Tables;

/// <summary>
/// Holds a table against AWS's service models before anything is asked: a service, operation, parameter, list or member
/// that does not exist would be a call that is refused, or a column that is null for ever, and a check on it would pass.
/// What the models leave open (free JSON, CSV, map keys, policy documents) is left open here.
/// </summary>
public sealed class TableValidator
{
    private readonly TableDefinition _table;
    private readonly ItemShapes _shapes = new();

    private TableValidator(TableDefinition table)
    {
        _table = table;
    }

    /// <summary>Proves one table.</summary>
    /// <exception cref="InputException">Something that it names does not exist: file, line, and the nearest name.</exception>
    public static void Check(TableDefinition table) => new TableValidator(table).Run();

    private void Run()
    {
        foreach (var parent in _table.ForEach)
        {
            var operation = Operation(parent, parent.Operation, "operation");
            Parameters(parent, operation, []);
            var items = Items(parent, operation);
            Secrets(parent, items);
            _shapes.NameParent(parent.As!, items);
            // {value} of the innermost parent is what a batch is made of.
            if (_table.List.Batch is not null)
                _shapes.SetItem(items);
        }
        if (_table.From is null)
            List();
        else
            // What a select gives is what its author wrote: its columns are proven where the select is.
            _shapes.SetItem(null);
        foreach (var detail in _table.Each)
            Detail(detail);
        Text(_table.Id, _table.Lines.GetValueOrDefault("id"), "id");
        if (_table.RowRegion is { } region)
            Text(region, _table.Lines.GetValueOrDefault("region"), "region");
        foreach (var column in _table.Columns)
            Path(() => _shapes.InColumn(column.Path), column.Line, $"column '{column.Name}': '{column.Path}'");
    }

    private void List()
    {
        var list = _table.List;
        if (list.Prepare is { } prepare)
        {
            var prepared = Operation(list, prepare.Operation, "prepare.operation");
            Required(list, prepared, prepared.Input?.Shape, [], "prepare");
            foreach (var (name, _) in prepare.Until)
            {
                var path = ItemPath.TryParse(name, out var parsed) ? parsed : throw Error(list, "prepare.until." + name, $"'{name}' is not a path");
                Path(() => ShapePath.Find(prepared.Output?.Shape, path), LineOf(list, "prepare.until." + name), $"'until': '{name}'");
            }
        }
        var operation = Operation(list, list.Operation, "operation");
        Parameters(list, operation, list.Batch is { } batch ? [batch.Parameter] : []);
        if (list.Batch is { } asked)
            Batch(list, operation, asked);
        if (list.Failures is { } failures
            && Path(() => ShapePath.Find(operation.Output?.Shape, failures), LineOf(list, "failures"), $"'failures': '{failures}'") is { Kind: not ShapeKind.List } shape)
            throw Error(list, "failures", $"'failures': '{failures}' is {ShapePath.Words(shape)} and no list");
        var item = list.Decode is null ? Items(list, operation) : Decoded(list, operation);
        Secrets(list, item);
        _shapes.SetItem(item);
    }

    private void Batch(TableCall list, OperationModel operation, TableBatch batch)
    {
        var member = operation.Input?.Shape.FindMember(batch.Parameter) ?? throw NoParameter(list, operation, operation.Input?.Shape, batch.Parameter, "batch.parameter");
        if (member.Shape.Kind != ShapeKind.List)
            throw Error(list, "batch.parameter", $"'batch': {operation.Name} takes {ShapePath.Words(member.Shape)} as '{batch.Parameter}' and no list");
        Texts(batch.From, LineOf(list, "batch.from"), "'from'", mustBeText: false);
    }

    private void Detail(TableCall detail)
    {
        foreach (var (path, _) in detail.When)
            Path(() => _shapes.InText(path), LineOf(detail, "when." + path), $"'when': '{path}'");
        var operation = Operation(detail, detail.Operation, "operation");
        Parameters(detail, operation, detail.ItemBatch is { } many ? [many.Parameter] : []);
        Keys(detail);
        if (detail.Region is { } region)
            Text(region, LineOf(detail, "region"), "region");
        if (detail.Account is { } account)
            Text(account, LineOf(detail, "account"), "account");
        var output = operation.Output?.Shape;
        Secrets(detail, output);
        if (detail.ItemBatch is { } batch)
        {
            if (operation.Input?.Shape.FindMember(batch.Parameter) is null)
                throw NoParameter(detail, operation, operation.Input?.Shape, batch.Parameter, "batch.parameter");
            Texts(batch.From, LineOf(detail, "batch.from"), "'from'", mustBeText: false);
            var answers = Path(() => ShapePath.Find(output, batch.Items), LineOf(detail, "batch.items"), $"'items': '{batch.Items}' in the reply of {operation.Name}");
            if (answers is not { Kind: ShapeKind.List } || answers.Member!.Shape.FindMember(batch.Key) is null)
                throw Error(detail, "batch.key", $"'batch': '{batch.Items}' is no list whose elements have '{batch.Key}'");
            _shapes.NameDetail(detail.As!, answers.Member!.Shape);
            return;
        }
        if (detail.ErrorIsValue)
        {
            _shapes.NameDetail(detail.As!, null);
            return;
        }
        if (detail.Pairs is { } pairs)
        {
            var list = Path(() => ShapePath.Find(output, pairs.Items), LineOf(detail, "pairs.items"), $"'pairs': '{pairs.Items}'");
            Pairs(detail, pairs, list);
            _shapes.NameDetail(detail.As!, null);
            return;
        }
        _shapes.NameDetail(detail.As!, detail.Take is { } take
            ? Path(() => ShapePath.Find(output, take), LineOf(detail, "take"), $"'take': '{take}' in the reply of {operation.Name}")
            : output);
    }

    // The keys of a log bucket are years of a whole company's: what a table may ask of them is one page of one day.
    private void Keys(TableCall detail)
    {
        if (detail.Service is not ("s3" or "s3api") || detail.Operation is not ("ListObjects" or "ListObjectsV2" or "ListObjectVersions"))
            return;
        if (!detail.FirstPageOnly)
            throw Error(detail, "operation", $"{detail.Operation} lists a bucket without an end; add 'pages: 1'");
        if (detail.Parameters["Prefix"]?.ToString() is not { } prefix || !prefix.Contains("{day}", StringComparison.Ordinal))
            throw Error(detail, "parameters.Prefix", $"{detail.Operation} needs a Prefix with {{day}}, the day as the log's keys write it: without one its first page is of years ago");
    }

    private void Pairs(TableCall detail, TablePairs pairs, Shape? list)
    {
        if (list is null)
            return;
        if (list.Kind != ShapeKind.List || list.Member!.Shape is not { Kind: ShapeKind.Structure } pair)
            throw Error(detail, "pairs.items", $"'pairs': '{pairs.Items}' is no list of pairs");
        foreach (var (key, name) in new[] { ("pairs.key", pairs.Key), ("pairs.value", pairs.Value) })
        {
            if (pair.FindMember(name) is null)
                throw Error(detail, key, $"'pairs': an element of '{pairs.Items}' has no '{name}'; {Spelling.Suggest(name, pair.Members.Select(member => member.Name))}");
        }
    }

    private void Secrets(TableCall call, Shape? shape)
    {
        foreach (var path in call.Secret)
            Path(() => ShapePath.Find(shape, path), LineOf(call, "secret"), $"'secret': '{path}'");
    }

    private OperationModel Operation(TableCall call, string name, string key)
    {
        var model = ServiceModel.Find(call.Service);
        if (model is null)
        {
            // Most calls take the table's own service.
            var line = call.Lines.ContainsKey("service") ? LineOf(call, "service") : _table.Lines.GetValueOrDefault("service", call.Line);
            throw new InputException(_table.File, line, $"there is no service '{call.Service}' in the service models; {Spelling.Suggest(call.Service, ServiceModel.Services)}");
        }
        if (ReadOnlyGuard.IsReading(call.Service, name) && model.FindOperation(name) is { } operation)
            return operation;
        var known = model.OperationNames.Where(other => ReadOnlyGuard.IsReading(call.Service, other));
        throw Error(call, key, $"{call.Service} has no operation '{name}' that reads; {Spelling.Suggest(name, known)}");
    }

    private Shape? Items(TableCall call, OperationModel operation)
    {
        if (call.Items is null)
            return operation.Output?.Shape;
        var what = $"'items': '{call.Items}' in the reply of {operation.Name}";
        var shape = Path(() => ShapePath.Find(operation.Output?.Shape, call.Items), LineOf(call, "items"), what);
        return shape switch
        {
            null => null,
            { IsOpaque: true } => null,
            { Kind: ShapeKind.List } => shape.Member!.Shape,
            { Kind: ShapeKind.Structure or ShapeKind.Map } => shape,
            _ => throw Error(call, "items", $"{what} is {ShapePath.Words(shape)} and no list"),
        };
    }

    private Shape? Decoded(TableCall list, OperationModel operation)
    {
        var what = $"'items': '{list.Items}' in the reply of {operation.Name}";
        var path = list.Items ?? throw Error(list, "decode", "'decode' needs 'items': where the CSV is in the reply");
        if (Path(() => ShapePath.Find(operation.Output?.Shape, path), LineOf(list, "items"), what) is { } shape && !ShapePath.IsScalar(shape))
            throw Error(list, "items", $"{what} is {ShapePath.Words(shape)} and no text");
        return null;
    }

    private void Parameters(TableCall call, OperationModel operation, IReadOnlyList<string> besides)
    {
        var input = operation.Input?.Shape;
        foreach (var (name, value) in call.Parameters)
        {
            var member = input?.FindMember(name) ?? throw NoParameter(call, operation, input, name, "parameters." + name);
            Parameter(call, operation, value, member.Shape, "parameters." + name);
        }
        Required(call, operation, input, [.. call.Parameters.Select(pair => pair.Key), .. besides], "parameters");
    }

    private void Parameter(TableCall call, OperationModel operation, JsonNode? value, Shape shape, string key)
    {
        switch (value)
        {
            case JsonObject o when shape.Kind == ShapeKind.Structure && !shape.IsOpaque:
                foreach (var (name, inner) in o)
                    Parameter(call, operation, inner, (shape.FindMember(name) ?? throw NoParameter(call, operation, shape, name, $"{key}.{name}")).Shape, $"{key}.{name}");
                Required(call, operation, shape, [.. o.Select(pair => pair.Key)], key);
                break;
            case JsonObject o when shape.Kind == ShapeKind.Map:
                foreach (var (name, inner) in o)
                    Parameter(call, operation, inner, shape.Value!.Shape, $"{key}.{name}");
                break;
            case JsonArray list when shape.Kind == ShapeKind.List:
                foreach (var element in list)
                    Parameter(call, operation, element, shape.Member!.Shape, key);
                break;
            case JsonObject or JsonArray when !shape.IsOpaque:
                throw Error(call, key, $"{operation.Name} takes {ShapePath.Words(shape)} as '{key[(key.LastIndexOf('.') + 1)..]}'");
            case JsonValue text when text.GetValueKind() == JsonValueKind.String:
                // A path alone keeps its JSON type, so it may stand for a list too.
                if (!Texts(text.GetValue<string>(), LineOf(call, key), $"'{key[(key.LastIndexOf('.') + 1)..]}'", mustBeText: false) && !ShapePath.IsScalar(shape))
                    throw Error(call, key, $"{operation.Name} takes {ShapePath.Words(shape)} as '{key[(key.LastIndexOf('.') + 1)..]}'");
                break;
            case JsonValue when !ShapePath.IsScalar(shape):
                throw Error(call, key, $"{operation.Name} takes {ShapePath.Words(shape)} as '{key[(key.LastIndexOf('.') + 1)..]}'");
            default:
                break;
        }
    }

    private void Required(TableCall call, OperationModel operation, Shape? shape, IReadOnlyList<string> given, string key)
    {
        if (shape?.Required.FirstOrDefault(name => !given.Contains(name, StringComparer.Ordinal)) is { } missing)
            throw Error(call, key, $"{operation.Name} needs the parameter '{missing}'; add it");
    }

    private void Text(string source, int line, string what)
    {
        Texts(source.Contains('{', StringComparison.Ordinal) ? source : "{" + source + "}", line, $"'{what}'", mustBeText: true);
    }

    /// <summary>Proves the paths of a text; whether it is one path alone, which keeps its JSON type.</summary>
    private bool Texts(string source, int line, string what, bool mustBeText)
    {
        var template = TextTemplate.Parse(source, _table.File, line);
        var alone = !mustBeText && template.IsOnePath;
        foreach (var path in template.Paths)
        {
            if (Path(() => _shapes.InText(path), line, $"{what}: '{path}'") is { } shape && !alone && !ShapePath.IsScalar(shape))
                throw new InputException(_table.File, line, $"{what}: '{path}' is {ShapePath.Words(shape)} and no text");
        }
        return alone;
    }

    private Shape? Path(Func<Shape?> find, int line, string what)
    {
        try
        {
            return find();
        }
        catch (ShapePathException e)
        {
            throw new InputException(_table.File, line, $"{what}: {e.Message}");
        }
    }

    private InputException NoParameter(TableCall call, OperationModel operation, Shape? shape, string name, string key)
    {
        var members = shape?.Members.Select(member => member.Name).ToList() ?? [];
        return Error(call, key, members.Count == 0
            ? $"{operation.Name} takes no parameters; leave '{name}' out"
            : $"{operation.Name} has no parameter '{name}'; {Spelling.Suggest(name, members)}");
    }

    private InputException Error(TableCall call, string key, string message) => new(_table.File, LineOf(call, key), message);

    // A key that is not written (a default, a list's element) is nearest to what it stands in.
    private static int LineOf(TableCall call, string key)
    {
        for (; ; key = key[..key.LastIndexOf('.')])
        {
            if (call.Lines.TryGetValue(key, out var line))
                return line;
            if (!key.Contains('.', StringComparison.Ordinal))
                return call.Line;
        }
    }
}
