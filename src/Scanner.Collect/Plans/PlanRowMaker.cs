using System.Text.Json;
using System.Text.Json.Nodes;

using Scanner.Catalog;
using Scanner.Catalog.Terraform;
using Scanner.Collect.Tables;
using Scanner.Model;

namespace Scanner.Collect.Plans;

/// <summary>Makes one row of a table of one instance on one side of a plan.</summary>
internal sealed class PlanRowMaker
{
    // A column that is made of many unknown values says so of some.
    private const int MostReasons = 3;

    private readonly TableDefinition _table;
    private readonly Dictionary<string, PlanValue> _columns = new(StringComparer.Ordinal);
    private readonly Dictionary<string, IReadOnlyList<string>> _sources = new(StringComparer.Ordinal);
    private readonly Dictionary<TerraformPart, (IReadOnlyList<PlanInstance> Parts, IReadOnlyList<PlanUnknown> Doubts)> _parts = new(ReferenceEqualityComparer.Instance);
    private readonly Stack<List<string>> _seen = new();

    private PlanRowMaker(PlanSide side, TableDefinition table, TerraformMapping mapping, PlanInstance instance, PlanValue? element, int index)
    {
        Side = side;
        _table = table;
        Mapping = mapping;
        Instance = instance;
        Element = element;
        Index = index;
        Account = mapping.Account is { } path && new PlanScope(side, instance).Find(path) is PlanScalar { Text.Length: > 0 } account ? account.Text : instance.Account;
    }

    public PlanSide Side { get; }

    public TerraformMapping Mapping { get; }

    public PlanInstance Instance { get; }

    /// <summary>Element of <c>rows:</c> that the row is about; null where the instance is the row.</summary>
    public PlanValue? Element { get; }

    /// <summary>Number of the element.</summary>
    public int Index { get; }

    /// <summary>Account of the row.</summary>
    public string Account { get; }

    /// <summary>Whether the object is new on this side: AWS does for it what it does for new objects.</summary>
    public bool IsNew => Side.IsAfter && Instance.IsCreated;

    /// <summary>The rows of an instance: one, or one for each element.</summary>
    public static IEnumerable<PlanRow> Rows(PlanSide side, TableDefinition table, TerraformMapping mapping, PlanInstance instance)
    {
        var scope = new PlanScope(side, instance);
        var holds = scope.Holds(mapping.When);
        if (holds == false)
            yield break;
        if (mapping.Rows is null)
        {
            yield return new PlanRowMaker(side, table, mapping, instance, null, 0).Make(holds is null);
            yield break;
        }
        var elements = PlanScope.Used(scope.Find(mapping.Rows)) switch
        {
            PlanList list => list.Items,
            PlanUnset => [],
            var one => [one],
        };
        for (var i = 0; i < elements.Count; i++)
            yield return new PlanRowMaker(side, table, mapping, instance, elements[i], i).Make(holds is null);
    }

    /// <summary>The value of a column.</summary>
    public PlanValue Column(string name)
    {
        if (_columns.TryGetValue(name, out var value))
        {
            foreach (var address in _sources[name])
                Saw(address);
            return value;
        }
        var column = Mapping.Columns.First(column => column.Name == name);
        _seen.Push([]);
        value = column.Value is { } expression ? PlanScope.Used(new PlanScope(this).Value(expression)) : PlanUnset.Null;
        var seen = _seen.Pop().Distinct(StringComparer.Ordinal).ToList();
        _columns[name] = value;
        _sources[name] = seen;
        foreach (var address in seen)
            Saw(address);
        return value;
    }

    /// <summary>Notes that a value comes from an instance.</summary>
    public void Saw(PlanInstance instance) => Saw(instance.Address);

    /// <summary>The row's parts of one kind.</summary>
    public IReadOnlyList<PlanInstance> Parts(TerraformPart part)
    {
        var parts = Of(part).Parts;
        foreach (var address in parts.Select(one => one.Address).Concat(Gone(part)))
            Saw(address);
        return parts;
    }

    /// <summary>Why the row may have other parts of the kind.</summary>
    public IReadOnlyList<PlanUnknown> Doubts(TerraformPart part)
    {
        var doubts = Of(part).Doubts;
        foreach (var doubt in doubts)
            Saw(doubt.Address);
        return doubts;
    }

    /// <summary>Whether the object had such a part before, and has none any more.</summary>
    public bool WasThere(TerraformPart part) => Gone(part).Count > 0;

    /// <summary>Whether the object had the part that a path goes through before.</summary>
    public bool WasThere(TerraformPath path) => WasThere(Mapping.Parts.First(part => part.Name == path.Name));

    /// <summary>The row of the same object before; null on that side, and where it was not there.</summary>
    public PlanRowMaker? BeforeRow() =>
        Side.Before is { } before && !IsNew && before.At(Instance.Address) is { } was ? new PlanRowMaker(before, _table, Mapping, was, null, 0) : null;

    private (IReadOnlyList<PlanInstance> Parts, IReadOnlyList<PlanUnknown> Doubts) Of(TerraformPart part)
    {
        if (!_parts.TryGetValue(part, out var found))
        {
            var all = Side.Parts(Mapping, part);
            _parts[part] = found = ([.. all.Of(Instance)], [.. all.DoubtsOf(Instance)]);
        }
        return found;
    }

    // Afterwards, what was a part before and is gone: a destroyed one is a cause too.
    private List<string> Gone(TerraformPart part)
    {
        if (Side.Before is not { } before || before.At(Instance.Address) is not { } was)
            return [];
        return [.. before.Parts(Mapping, part).Of(was).Select(one => one.Address).Where(address => Side.At(address) is null)];
    }

    private void Saw(string address)
    {
        if (_seen.TryPeek(out var seen))
            seen.Add(address);
    }

    private PlanRow Make(bool mayNotHold)
    {
        var failures = new List<ResourceFailure>();
        var item = new JsonObject();
        // A column may lie within another one (an attribute of a list of attributes): the whole first.
        foreach (var column in _table.Columns.OrderBy(column => column.Path.Segments.Count))
        {
            var value = Column(column.Name);
            var unknown = value.Unknowns.DistinctBy(one => (one.Address, one.Reason)).Take(MostReasons).ToList();
            failures.AddRange(unknown.Select(one => new ResourceFailure(column.Name, CollectionOutcome.Planned, $"terraform:{one.Address}", one.Reason)));
            if (unknown.Count == 0 && value.ToJson(Side.Text) is { } json)
                Set(item, column.Path, json);
        }
        var region = _table.Scope == TableScope.Account && _table.RowRegion is null ? CollectionStatus.Global : Instance.Region;
        return new PlanRow(new Resource(_table.Name, Account, region, Id(item), item.ToJsonString(JsonSerializerOptions.Default), failures), Instance.Address)
        {
            Lineage = [.. _sources.Values.SelectMany(addresses => addresses).Prepend(Instance.Address).Distinct(StringComparer.Ordinal)],
            Sources = _sources,
            Assumed = [.. Mapping.Columns.Where(column => column.Kind == TerraformColumnKind.Assumed).Select(column => column.Name)],
            Uncertain = mayNotHold || !Instance.IsCertain,
        };
    }

    private string Id(JsonObject item)
    {
        if (Mapping.Id is { } own)
            return new PlanScope(this).Value(own) is PlanScalar text ? text.Text : Fallback();
        var scope = new ItemScope(Account, Instance.Region, AwsPartition.OfRegion(Instance.Region).Name).WithItem(item);
        return TextTemplate.ParseIdOrRegion(_table.Id, _table.File, 1).TryFillText(scope, out var id, out _) ? id : Fallback();
    }

    private string Fallback() => Mapping.Rows is null ? Instance.Address : $"{Instance.Address}#{Index}";

    private static void Set(JsonObject item, ItemPath path, JsonNode json)
    {
        var at = item;
        for (var i = 0; i < path.Segments.Count - 1; i++)
        {
            if (at[path.Segments[i].Name] is not JsonObject next)
                at[path.Segments[i].Name] = next = [];
            at = next;
        }
        at[path.Segments[^1].Name] = json;
    }
}
