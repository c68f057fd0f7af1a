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

    // Each doubt doubles what a row may be; beyond this nothing is said.
    private const int MostAlternatives = 16;
    private const int MostDoubts = 3;

    // Beyond so many objects that may be meant, asking of each costs more than an answer is worth.
    private const int MostReferents = 14;

    private static readonly IReadOnlyDictionary<string, IReadOnlyList<string>> NoOthers = new Dictionary<string, IReadOnlyList<string>>();

    private static readonly IReadOnlyDictionary<string, IReadOnlyList<int>> NoneApart = new Dictionary<string, IReadOnlyList<int>>();

    private readonly TableDefinition _table;
    private readonly Dictionary<string, PlanValue> _columns = new(StringComparer.Ordinal);
    private readonly Dictionary<string, IReadOnlyList<string>> _sources = new(StringComparer.Ordinal);
    private readonly Dictionary<TerraformPart, (IReadOnlyList<PlanInstance> Parts, IReadOnlyList<PlanDoubt> Doubts)> _parts = new(ReferenceEqualityComparer.Instance);
    private readonly IReadOnlyList<(TerraformPart Part, PlanInstance Instance)>? _chosen;
    private readonly Dictionary<PlanUnknown, IReadOnlyList<PlanValue>> _referents = new(ReferenceEqualityComparer.Instance as IEqualityComparer<PlanUnknown>);
    private readonly Stack<List<string>> _seen = new();

    private PlanRowMaker(
        PlanSide side, TableDefinition table, TerraformMapping mapping, PlanInstance instance, PlanValue? element, int index,
        IReadOnlyList<(TerraformPart Part, PlanInstance Instance)>? chosen = null)
    {
        _chosen = chosen;
        Side = side;
        _table = table;
        Mapping = mapping;
        Instance = instance;
        Element = element;
        Index = index;
        Account = mapping.Account is { } path && (path.Root == TerraformPathRoot.Row ? element : new PlanScope(side, instance).Find(path)) is PlanScalar { Text.Length: > 0 } account ? account.Text : instance.Account;
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
        if (mapping.ImpliedUnless is { } unless)
        {
            if (Managed(side, table, mapping, unless, instance) is not true and var open)
                yield return new PlanRowMaker(side, table, mapping, instance, null, 0).Make(holds is null || open is null) with { Implied = string.Join(" or ", unless.Resources) };
            yield break;
        }
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

    // Whether a plan manages itself what AWS makes along with an instance; null where that is not known.
    private static bool? Managed(PlanSide side, TableDefinition table, TerraformMapping mapping, TerraformPart unless, PlanInstance instance)
    {
        var managed = Of(side, instance);
        // What a plan no longer manages stays as it was left, and that is not what AWS makes.
        if (managed == false && side.Before is { } before && !instance.IsCreated && before.At(instance.Address) is { } was && Of(before, was) != false)
            return null;
        return managed;

        bool? Of(PlanSide at, PlanInstance one)
        {
            var parts = at.Parts(mapping, unless, (row, column) => new PlanRowMaker(at, table, mapping, row, null, 0).Column(column));
            return parts.Of(one).Count > 0 ? true : parts.DoubtsOf(one).Any() ? null : false;
        }
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
            Saw(doubt.Why.Address);
        return [.. doubts.Select(doubt => doubt.Why)];
    }

    /// <summary>Whether the object had such a part before, and has none any more.</summary>
    public bool WasThere(TerraformPart part) => Gone(part).Count > 0;

    /// <summary>Whether the object had the part that a path goes through before.</summary>
    public bool WasThere(TerraformPath path) => WasThere(Mapping.Parts.First(part => part.Name == path.Name));

    /// <summary>The row of the same object before; null on that side, and where it was not there.</summary>
    public PlanRowMaker? BeforeRow() =>
        Side.Before is { } before && !IsNew && before.At(Instance.Address) is { } was ? new PlanRowMaker(before, _table, Mapping, was, null, 0) : null;

    private (IReadOnlyList<PlanInstance> Parts, IReadOnlyList<PlanDoubt> Doubts) Of(TerraformPart part)
    {
        if (!_parts.TryGetValue(part, out var found))
        {
            var all = Side.Parts(Mapping, part);
            found = ([.. all.Of(Instance)], [.. all.DoubtsOf(Instance)]);
            if (_chosen is not null)
                found = ([.. found.Parts, .. _chosen.Where(one => ReferenceEquals(one.Part, part)).Select(one => one.Instance)], [.. found.Doubts.Where(doubt => doubt.Part is null)]);
            _parts[part] = found;
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
        var resource = Resource(null, null);
        var alternatives = Alternatives(resource.Id, out var apart);
        return new PlanRow(alternatives.Count == 1 ? alternatives[0] : resource, Instance.Address)
        {
            Alternatives = alternatives.Count == 1 ? [] : alternatives,
            Apart = alternatives.Count == 1 ? NoneApart : apart,
            HasManyCases = _referents.Values.Any(choices => choices.Count > 0),
            Lineage = [.. _sources.Values.SelectMany(addresses => addresses).Prepend(Instance.Address).Distinct(StringComparer.Ordinal)],
            Sources = Others(),
            Assumed = [.. Mapping.Columns.Where(column => column.Kind == TerraformColumnKind.Assumed).Select(column => column.Name)],
            Uncertain = mayNotHold || !Instance.IsCertain,
        };
    }

    // Most columns come from the instance alone; of a large plan the lists of all of them would be half of what is kept.
    private IReadOnlyDictionary<string, IReadOnlyList<string>> Others()
    {
        Dictionary<string, IReadOnlyList<string>>? others = null;
        foreach (var (column, addresses) in _sources)
        {
            if (addresses.Any(address => address != Instance.Address))
                (others ??= new(StringComparer.Ordinal))[column] = addresses;
        }
        return others ?? NoOthers;
    }

    // The row as it is, or with values in the place of some that are not known.
    private Resource Resource(string? id, IReadOnlyDictionary<PlanUnknown, PlanValue>? chosen)
    {
        var failures = new List<ResourceFailure>();
        var item = new JsonObject();
        // A column may lie within another one (an attribute of a list of attributes): the whole first.
        foreach (var column in _table.Columns.OrderBy(column => column.Path.Segments.Count))
        {
            var value = chosen is null ? Column(column.Name) : Chosen(Column(column.Name), chosen);
            var unknown = value.Unknowns.DistinctBy(one => (one.Address, one.Reason)).Take(MostReasons).ToList();
            failures.AddRange(unknown.Select(one => new ResourceFailure(column.Name, CollectionOutcome.Planned, $"{(one.IsAwsOwn ? "aws" : "terraform")}:{one.Address}", one.Reason)));
            if (unknown.Count == 0 && value.ToJson(Side.Text) is { } json)
                Set(item, column.Path, json);
        }
        var region = _table.Scope == TableScope.Account && _table.RowRegion is null ? CollectionStatus.Global : Instance.Region;
        return new Resource(_table.Name, Account, region, id ?? Id(item), item.ToJsonString(JsonSerializerOptions.Default), failures);
    }

    private List<Resource> Alternatives(string id, out IReadOnlyDictionary<string, IReadOnlyList<int>> apart)
    {
        apart = NoneApart;
        if (!_columns.Values.Any(value => value.Unknowns.Any()))
            return [];
        var found = new List<Resource>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var parts in Assignments())
        {
            var row = parts is null ? this : new PlanRowMaker(Side, _table, Mapping, Instance, Element, Index, parts);
            var open = _table.Columns.SelectMany(column => row.Column(column.Name).Unknowns).Where(unknown => row.Cases(unknown).Count > 0)
                .Distinct(ReferenceEqualityComparer.Instance).Cast<PlanUnknown>().ToList();
            if (parts is null && open.Count == 0)
                return [];
            foreach (var chosen in row.Choices(open))
            {
                var resource = row.Resource(id, chosen);
                if (seen.Add(resource.Item + string.Concat(resource.Failures.Select(failure => failure.Detail))))
                    found.Add(resource);
                if (found.Count > MostAlternatives)
                    return parts is null ? EachApart(id, open, out apart) : [];
            }
        }
        return found;
    }

    // Too many come together: then what each may be by itself, all of them going on at once.
    private List<Resource> EachApart(string id, List<PlanUnknown> open, out IReadOnlyDictionary<string, IReadOnlyList<int>> apart)
    {
        apart = NoneApart;
        var most = open.Max(unknown => Cases(unknown).Count);
        if (most > MostAlternatives)
            return [];
        apart = _table.Columns
            .Select(column => (column.Name, Numbers: (IReadOnlyList<int>)[.. Column(column.Name).Unknowns.Select(unknown => open.FindIndex(one => ReferenceEquals(one, unknown))).Where(number => number >= 0)]))
            .Where(column => column.Numbers.Count > 0).ToDictionary(column => column.Name, column => column.Numbers, StringComparer.Ordinal);
        return
        [
            .. Enumerable.Range(0, most).Select(turn => Resource(id, open.ToDictionary(
                unknown => unknown, unknown => Cases(unknown)[turn % Cases(unknown).Count], (IEqualityComparer<PlanUnknown>)ReferenceEqualityComparer.Instance))),
        ];
    }

    // Which of the parts that are in doubt are the row's. Null where none are in doubt; nothing where there are too many.
    private IEnumerable<IReadOnlyList<(TerraformPart Part, PlanInstance Instance)>?> Assignments()
    {
        var doubts = _parts.SelectMany(pair => pair.Value.Doubts.Where(doubt => doubt.Part is not null).Select(doubt => (Part: pair.Key, Instance: doubt.Part!))).Distinct().ToList();
        if (doubts.Count == 0)
            return [null];
        if (doubts.Count > MostDoubts)
            return doubts.TrueForAll(doubt => doubt.Part.OnlyAdds) ? [[], doubts] : [];
        return Enumerable.Range(0, 1 << doubts.Count)
            .Select(bits => doubts.Where((_, i) => (bits & (1 << i)) != 0).ToList())
            // Of a part that there is once there are not two.
            .Where(some => some.Where(one => !one.Part.Many).GroupBy(one => one.Part.Name, StringComparer.Ordinal).All(group => group.Count() + _parts[group.First().Part].Parts.Count == 1));
    }

    private IReadOnlyList<PlanValue> Cases(PlanUnknown unknown)
    {
        if (unknown.Choices.Count > 0 || unknown.Refers is null || !ReferenceReach.TellsKind(unknown.Refers) || !_columns.Values.Any(value => value == unknown || (value is PlanList list && list.Items.Contains(unknown))))
            return unknown.Choices;
        if (!_referents.TryGetValue(unknown, out var cases))
            _referents[unknown] = cases = Referents(unknown, unknown.Refers);
        return cases;
    }

    // Every object of the plan that may be meant, and one that is none of them; two of those where there is no object, for it is not known which.
    private IReadOnlyList<PlanValue> Referents(PlanUnknown unknown, string argument)
    {
        var attribute = argument.EndsWith("_arn", StringComparison.Ordinal) || argument.EndsWith("_arns", StringComparison.Ordinal) || argument.EndsWith("_actions", StringComparison.Ordinal) ? "arn" : "id";
        var meant = Side.Meant(unknown, Side.Fitting(argument).Where(one => PlanSide.SamePlace(one, Instance))).Take(MostReferents + 1).ToList();
        var cases = meant.ConvertAll(one => PlanScope.Own(Side, one, attribute));
        if (meant.Count > MostReferents || cases.Exists(value => Side.TextOf(value) is null))
            return [];
        cases.Add(PlanScalar.Of($"{unknown.Address}#{argument}"));
        if (cases.Count == 1)
            cases.Add(PlanScalar.Of($"{unknown.Address}#{argument}#another"));
        return cases;
    }

    private IEnumerable<Dictionary<PlanUnknown, PlanValue>> Choices(List<PlanUnknown> open)
    {
        IEnumerable<Dictionary<PlanUnknown, PlanValue>> all = [new(ReferenceEqualityComparer.Instance)];
        foreach (var unknown in open)
            all = all.SelectMany(some => Cases(unknown).Select(choice => new Dictionary<PlanUnknown, PlanValue>(some, ReferenceEqualityComparer.Instance) { [unknown] = choice }));
        return all;
    }

    private static PlanValue Chosen(PlanValue value, IReadOnlyDictionary<PlanUnknown, PlanValue> chosen) => value switch
    {
        PlanUnknown unknown when chosen.TryGetValue(unknown, out var choice) => choice,
        // A list in the place of an element stands for several.
        PlanList list => new PlanList(list.Items.SelectMany(item => item is PlanUnknown && Chosen(item, chosen) is PlanList several ? several.Items : [Chosen(item, chosen)])),
        PlanObject map => new PlanObject(map.Members.Select(member => KeyValuePair.Create(member.Key, Chosen(member.Value, chosen)))),
        _ => value,
    };

    private string Id(JsonObject item)
    {
        if (Mapping.Id is { } own)
            return new PlanScope(this).Value(own) is PlanScalar text ? text.Text : Fallback();
        var scope = new ItemScope(Account, Instance.Region, AwsPartition.OfRegion(Instance.Region).Name).WithItem(item);
        return TextTemplate.ParseIdOrRegion(_table.Id, _table.File, 1).TryFillText(scope, out var id, out _) ? id : Fallback();
    }

    private string Fallback() => Mapping.Rows is null ? Instance.Address : $"{Instance.Address}#{Index}";

    private static void Set(JsonObject item, ItemPath path, JsonNode json) => Set(item, path, 0, json);

    private static void Set(JsonObject at, ItemPath path, int from, JsonNode json)
    {
        for (var i = from; i < path.Segments.Count - 1; i++)
        {
            var segment = path.Segments[i];
            if (segment.Flatten)
            {
                // The column is what is in each element of a list: element by element.
                if (at[segment.Name] is not JsonArray list)
                    at[segment.Name] = list = [];
                var values = json as JsonArray ?? [json];
                for (var n = 0; n < values.Count; n++)
                {
                    if (n >= list.Count)
                        list.Add(new JsonObject());
                    if (values[n] is { } value && list[n] is JsonObject element)
                        Set(element, path, i + 1, value.DeepClone());
                }
                return;
            }
            if (at[segment.Name] is not JsonObject next)
                at[segment.Name] = next = [];
            at = next;
        }
        at[path.Segments[^1].Name] = json;
    }
}
