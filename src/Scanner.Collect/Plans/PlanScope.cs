using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Scanner.Catalog.Terraform;
using Scanner.Model;

namespace Scanner.Collect.Plans;

/// <summary>
/// Where an expression of a <c>terraform:</c> section is evaluated: the row, and within <c>each</c> the current element. What is
/// not known stays a <see cref="PlanUnknown"/>: the result is unknown exactly where it is made of one.
/// </summary>
internal sealed class PlanScope
{
    private readonly PlanSide _side;
    private readonly PlanInstance _holder;
    private readonly IReadOnlySet<string> _computed;
    private readonly PlanRowMaker? _row;
    private readonly PlanValue? _element;
    private readonly string? _key;
    private readonly PlanScope? _outer;
    private readonly string? _name;

    private static readonly HashSet<string> NoBlocks = [];

    /// <summary>A scope of one instance alone, without parts and columns.</summary>
    public PlanScope(PlanSide side, PlanInstance holder)
        : this(side, holder, NoBlocks, null, null, null, null, null)
    {
    }

    /// <summary>The scope of a row.</summary>
    public PlanScope(PlanRowMaker row)
        : this(row.Side, row.Instance, row.Mapping.Computed, row, null, null, null, null)
    {
    }

    private PlanScope(
        PlanSide side, PlanInstance holder, IReadOnlySet<string> computed, PlanRowMaker? row, PlanValue? element, string? key, PlanScope? outer, string? name)
    {
        _side = side;
        _holder = holder;
        _computed = computed;
        _row = row;
        _element = element;
        _key = key;
        _outer = outer;
        _name = name;
    }

    /// <summary>An attribute of an instance by its name; one by which others refer to it is a symbol until AWS gives it.</summary>
    public static PlanValue Own(PlanSide side, PlanInstance instance, string attribute)
    {
        var value = instance.Find(attribute);
        return value is PlanUnknown or PlanUnset { IsComputed: true } && side.IsName(instance.Type, attribute)
            ? new PlanSymbol(instance.Address, instance.Type, attribute)
            : value;
    }

    /// <summary>The value of an expression.</summary>
    public PlanValue Value(TerraformExpression expression)
    {
        if (expression.If is { } condition && Find(condition) is var found && !IsSet(found))
            return found is PlanUnknown ? found : PlanUnset.Null;
        if (expression.Unless.Count > 0 && Holds(expression.Unless) is var unless and not false)
            return unless == true ? PlanUnset.Null : WhyNot(expression.Unless);
        return expression switch
        {
            TerraformRead read => Read(read),
            TerraformConstant constant => Constant(constant),
            TerraformText text => Text(text),
            TerraformFirst first => First(first),
            TerraformByType choice => choice.Types.TryGetValue(_holder.Type, out var own) ? Value(own) : choice.Other is { } other ? Value(other) : PlanUnset.Null,
            TerraformCount count => Count(count),
            TerraformObject o => new PlanObject(o.Members.Select(member => KeyValuePair.Create(member.Key, Used(Value(member.Value)))).Where(member => member.Value is not PlanUnset)),
            TerraformList list => new PlanList(list.Items.Select(item => Used(Value(item))).Where(item => item is not PlanUnset)),
            TerraformEach each => Each(each),
            TerraformConcat concat => Concat(concat.Lists.Select(Value)),
            TerraformMerge merge => Merge(merge),
            TerraformParse parse => Parsed(Find(parse.Of)),
            TerraformUnknown unknown => new PlanUnknown($"{_holder.Address}: {unknown.Reason}", _holder.Address),
            _ => throw new ArgumentOutOfRangeException(nameof(expression)),
        };
    }

    /// <summary>Whether conditions hold; null when that is not known. They ask what the author wrote: what the provider adds is not set.</summary>
    public bool? Holds(IReadOnlyList<TerraformCondition> conditions)
    {
        bool? all = true;
        foreach (var condition in conditions)
        {
            var value = Find(condition.Path);
            bool? one = value is PlanUnknown ? null
                : condition.Values.Count == 0 ? IsSet(value)
                : !IsSet(value) ? condition.Values.Contains(null)
                : value is PlanList list ? Any(list, condition.Values)
                : _side.TextOf(value) is { } text && condition.Values.Contains(text, StringComparer.Ordinal);
            if (one == false)
                return false;
            all = one is null ? null : all;
        }
        return all;
    }

    // Of a list, any element.
    private bool? Any(PlanList list, IReadOnlyList<string?> values) =>
        list.Items.Any(item => _side.TextOf(item) is { } text && values.Contains(text, StringComparer.Ordinal)) ? true
        : list.Items.Any(item => item is PlanUnknown) ? null
        : false;

    /// <summary>Why <see cref="Holds"/> is not known.</summary>
    public PlanUnknown WhyNot(IReadOnlyList<TerraformCondition> conditions) =>
        conditions.Select(condition => Find(condition.Path)).SelectMany(value => value.Unknowns).First();

    /// <summary>The value at a path. A part that is not there gives "not set".</summary>
    public PlanValue Find(TerraformPath path) => Find(path, out _);

    /// <summary>A value as it stands in a row: what the provider decides is not known.</summary>
    public static PlanValue Used(PlanValue value) => value is PlanUnset { IsComputed: true } unset ? unset.ToUnknown() : value;

    private static bool IsSet(PlanValue value) => value switch
    {
        // State and plan write an argument that was not set as "" and [] as often as null.
        PlanScalar scalar => scalar.Text.Length > 0,
        PlanList list => list.Items.Count > 0,
        PlanObject or PlanSymbol => true,
        _ => false,
    };

    private PlanValue Find(TerraformPath path, out bool noPart)
    {
        noPart = false;
        switch (path.Root)
        {
            case TerraformPathRoot.Part:
                return Part(path, out noPart);
            case TerraformPathRoot.Column:
                return At(_row!.Column(path.Name), path.Rest, NoBlocks);
            case TerraformPathRoot.Key:
                return _key is null ? PlanUnset.Null : PlanScalar.Of(_key);
            case TerraformPathRoot.Index:
                return PlanScalar.Number((_row?.Index ?? 0).ToString(CultureInfo.InvariantCulture));
            case TerraformPathRoot.Row:
                return _row?.Element is { } row ? At(row, path.Rest, _computed) : PlanUnset.Null;
            case TerraformPathRoot.Named:
                return Named(path);
            case TerraformPathRoot.Element:
                return At(_element ?? PlanUnset.Null, path.Rest, _computed);
            case TerraformPathRoot.Instance:
                return OfInstance(_row?.Instance ?? _holder, path.Rest, _row?.Mapping.Computed ?? _computed);
            default:
                return _element is null ? OfInstance(_holder, path.Rest, _computed) : At(_element, path.Rest, _computed);
        }
    }

    private PlanValue OfInstance(PlanInstance instance, string path, IReadOnlySet<string> computed)
    {
        _row?.Saw(instance);
        return IsName(path) ? Own(_side, instance, path) : At(instance.Attributes, path, computed);
    }

    private PlanValue Named(TerraformPath path)
    {
        for (var scope = this; scope is not null; scope = scope._outer)
        {
            if (scope._name == path.Name)
                return scope._element is null ? OfInstance(scope._holder, path.Rest, scope._computed) : At(scope._element, path.Rest, scope._computed);
        }
        throw new InvalidOperationException($"nothing around '{path.Text}' is called {path.Name}");
    }

    private static bool IsName(string path) => path.AsSpan().IndexOfAny('.', '[') < 0;

    private static PlanValue At(PlanValue root, string path, IReadOnlySet<string> computed)
    {
        var value = path.Length == 0 ? root : root.Find(path);
        // A block that is unknown as a whole is made by a dynamic block, unless it is one that the provider fills in.
        if (value is PlanUnset { IsComputed: true } unset && (unset.IsPart || path.EndsWith(']')) && !PlanPath.Parse(path).Names.Any(computed.Contains))
            return unset.ToUnknown();
        return value;
    }

    private PlanValue Part(TerraformPath path, out bool none)
    {
        var row = _row ?? throw new InvalidOperationException($"'{path.Text}' is no path of a row");
        var part = row.Mapping.Parts.First(part => part.Name == path.Name);
        var instances = row.Parts(part);
        var doubts = row.Doubts(part);
        none = instances.Count == 0 && doubts.Count == 0;
        if (part.Many)
        {
            var all = new PlanList([.. instances.Select(instance => instance.Attributes), .. doubts]);
            return path.Rest.Length == 0 ? all : At(all, path.Rest, part.Computed);
        }
        foreach (var instance in instances)
            return path.Rest.Length == 0 ? PlanScalar.True : OfInstance(instance, path.Rest, part.Computed);
        return doubts.Count > 0 ? doubts[0] : PlanUnset.Null;
    }

    private PlanValue Read(TerraformRead read)
    {
        PlanUnset? computed = null;
        var absent = false;
        foreach (var path in read.Of)
        {
            var value = Find(path, out var noPart);
            absent |= noPart;
            // What the provider refreshed on the resource itself is no longer so once the part is taken away.
            if (noPart && _row!.WasThere(path))
                break;
            if (read.Composed && value is PlanUnknown { References: [var only] })
                return only;
            if (value is PlanUnknown)
                return read.IfUnknown is { } text ? Text(text) : value;
            if (IsSet(value))
                return Translated(read, value);
            if (value is PlanUnset { IsComputed: true } unset)
                computed ??= unset;
        }
        if (absent && read.None is { } absence)
            return Absent(read, absence);
        return read.Unset is { } fallback ? Default(fallback) : computed ?? PlanUnset.Null;
    }

    private PlanValue Translated(TerraformRead read, PlanValue value)
    {
        if (value is not PlanScalar scalar)
            return value;
        foreach (var (word, said) in read.Map)
        {
            if (word == scalar.Text)
                return Constant(said);
        }
        return value;
    }

    private PlanValue Absent(TerraformRead read, TerraformAbsence absence)
    {
        var row = _row!;
        var part = row.Mapping.Parts.First(part => read.Of.Any(path => path.Root == TerraformPathRoot.Part && path.Name == part.Name));
        var known = row.IsNew ? absence.Created : row.WasThere(part) ? absence.Removed : absence.Unseen;
        return known is not null
            ? Constant(known)
            : new PlanUnknown($"this plan has no {string.Join(" or ", part.Resources)} for {row.Instance.Address}, and another stack may have one", row.Instance.Address);
    }

    private PlanValue Default(TerraformDefault fallback)
    {
        if (fallback.Value is { } value)
            return Constant(value);
        var choices = fallback.ByProvider;
        if (_side.Plan.AwsProviderMajor is { } major)
            return Constant((choices.LastOrDefault(choice => choice.Key <= major) is { Value: { } fit } ? fit : choices[0].Value));
        return choices.Select(choice => choice.Value.Value?.ToJsonString()).Distinct(StringComparer.Ordinal).Count() == 1
            ? Constant(choices[0].Value)
            : new PlanUnknown($"the default differs between versions of the AWS provider, and the plan does not say which {_holder.Address} has", _holder.Address);
    }

    private PlanValue First(TerraformFirst first)
    {
        PlanUnset? computed = null;
        foreach (var value in first.Choices.Select(Value))
        {
            if (value is PlanUnknown || IsSet(value) || value is PlanList)
                return value;
            if (value is PlanUnset { IsComputed: true } unset)
                computed ??= unset;
        }
        return computed ?? PlanUnset.Null;
    }

    private PlanValue Count(TerraformCount count)
    {
        var number = Number(count);
        if (number is not PlanScalar scalar || count.Map.Count == 0)
            return number;
        foreach (var (word, said) in count.Map)
        {
            if (word == scalar.Text || word == "other")
                return Constant(said);
        }
        return number;
    }

    private PlanValue Number(TerraformCount count)
    {
        var now = Total(count.Of);
        if (now is not PlanScalar { Text: var text } || count.Base is not { } path)
            return now;
        var read = Find(path);
        // A new object has none but those of the plan. What came and went with the plan changes what the provider read.
        if (read is not PlanScalar number || !long.TryParse(number.Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var all))
            return now;
        var then = _row?.BeforeRow() is { } before ? new PlanScope(before).Total(count.Of) : now;
        if (then is not PlanScalar { Text: var old })
            return then;
        all += long.Parse(text, CultureInfo.InvariantCulture) - long.Parse(old, CultureInfo.InvariantCulture);
        return PlanScalar.Number(Math.Max(all, 0).ToString(CultureInfo.InvariantCulture));
    }

    private PlanValue Total(IReadOnlyList<TerraformPath> lists)
    {
        var total = 0;
        foreach (var value in lists.Select(path => Used(Find(path))))
        {
            switch (value)
            {
                case PlanUnknown:
                    return value;
                case PlanList list when list.Items.Any(item => item is PlanUnknown):
                    return list.Items.First(item => item is PlanUnknown);
                case PlanList list:
                    total += list.Items.Count;
                    break;
                default:
                    total += IsSet(value) ? 1 : 0;
                    break;
            }
        }
        return PlanScalar.Number(total.ToString(CultureInfo.InvariantCulture));
    }

    private PlanValue Text(TerraformText template)
    {
        var text = new StringBuilder();
        foreach (var (literal, path, word) in template.Segments)
        {
            if (literal is not null)
            {
                text.Append(literal);
                continue;
            }
            if (word is not null)
            {
                text.Append(Word(word));
                continue;
            }
            var value = Used(Find(path!));
            if (value is PlanUnknown)
                return value;
            if (_side.TextOf(value) is not { } part)
                return PlanUnset.Null;
            text.Append(part);
        }
        return PlanScalar.Of(text.ToString());
    }

    private PlanValue Each(TerraformEach each)
    {
        var items = new List<(PlanScope? Scope, PlanUnknown? Unknown)>();
        if (each.Of is { Root: TerraformPathRoot.Part, Rest: "[]" or "" } path && _row is { } row)
        {
            var part = row.Mapping.Parts.First(part => part.Name == path.Name);
            items.AddRange(row.Parts(part).Select(instance => ((PlanScope?)Of(instance, part, each.As), (PlanUnknown?)null)));
            items.AddRange(row.Doubts(part).Select(doubt => ((PlanScope?)null, (PlanUnknown?)doubt)));
        }
        else
        {
            var found = each.Parse ? Parsed(Find(each.Of)) : Find(each.Of);
            if (found is PlanUnset && each.Unset is { } fallback)
                return Default(fallback);
            switch (Used(found))
            {
                case PlanUnknown unknown:
                    return unknown;
                case PlanList list:
                    items.AddRange(list.Items.Select(item => item is PlanUnknown unknown ? ((PlanScope?)null, (PlanUnknown?)unknown) : (Of(item, null, each.As), null)));
                    break;
                case PlanObject map when !each.Of.Text.EndsWith(']'):
                    items.AddRange(map.Members.Select(member => ((PlanScope?)Of(member.Value, member.Key, each.As), (PlanUnknown?)null)));
                    break;
                case PlanScalar scalar:
                    items.Add((Of(scalar, null, each.As), null));
                    break;
            }
        }
        var results = new List<(PlanValue Key, PlanValue Item)>();
        foreach (var (scope, unknown) in items)
        {
            switch (scope is null ? null : scope.Holds(each.When))
            {
                case null:
                    results.Add((PlanUnset.Null, unknown ?? scope!.WhyNot(each.When)));
                    break;
                case true:
                    var item = Used(scope!.Value(each.Item));
                    if (item is not PlanUnset)
                        results.Add((each.Key is { } key ? Used(scope.Value(key)) : PlanUnset.Null, item));
                    break;
            }
        }
        if (each.Incomplete is { } more)
            results.Add((PlanUnset.Null, More(more, [.. results.Select(result => result.Item)])));
        if (each.Key is null)
            return each.Flat ? Concat(results.Select(result => result.Item)) : new PlanList(results.Select(result => result.Item));
        return results.Select(result => result.Item as PlanUnknown ?? result.Key as PlanUnknown).FirstOrDefault(unknown => unknown is not null) is { } problem
            ? problem
            : new PlanObject(results.Select(result => KeyValuePair.Create(_side.TextOf(result.Key) ?? "", result.Item)));
    }

    // Elements of AWS's own, which are not known, save that the answer lies between two lists of them.
    private PlanUnknown More(TerraformIncomplete more, IReadOnlyList<PlanValue> there)
    {
        var taken = there.OfType<PlanObject>().Select(item => _side.TextOf(item[more.Key])).ToHashSet(StringComparer.Ordinal);
        PlanValue Without(TerraformConstant list) =>
            new PlanList((Constant(list) as PlanList)?.Items.Where(item => item is PlanObject one && !taken.Contains(_side.TextOf(one[more.Key]))) ?? []);
        return new PlanUnknown($"AWS switches some of {_holder.Address} on by itself", _holder.Address) { Choices = [Without(more.Either), Without(more.Or)], IsAwsOwn = there.Count == 0 };
    }

    private PlanScope Of(PlanInstance instance, TerraformPart part, string? name)
    {
        _row?.Saw(instance);
        return new PlanScope(_side, instance, part.Computed, _row, null, null, this, name);
    }

    private PlanScope Of(PlanValue element, string? key, string? name) => new(_side, _holder, _computed, _row, element, key, this, name);

    private static PlanList Concat(IEnumerable<PlanValue> lists)
    {
        var all = new List<PlanValue>();
        foreach (var value in lists.Select(Used))
        {
            switch (value)
            {
                case PlanList list:
                    all.AddRange(list.Items);
                    break;
                case PlanUnset:
                    break;
                default:
                    all.Add(value);
                    break;
            }
        }
        return new PlanList(all);
    }

    private PlanValue Merge(TerraformMerge merge)
    {
        var own = Used(Value(merge.Own));
        var parts = Value(merge.Parts);
        if (own is PlanList { Items.Count: > 0 } list && _row?.BeforeRow() is { } before && new PlanScope(before).Value(merge.Parts) is PlanList { Items.Count: > 0 } old)
        {
            var stale = old.Items.Select(item => Spelling(before.Side, item)).ToHashSet(StringComparer.Ordinal);
            own = new PlanList(list.Items.Where(item => item is PlanUnknown || !stale.Contains(Spelling(_side, item))));
        }
        return Concat([own, parts]);
    }

    private static string Spelling(PlanSide side, PlanValue value) => value.ToJson(side.Text)?.ToJsonString() ?? "";

    // JSON in a text. What is no JSON is nobody's list, and says nothing.
    private static PlanValue Parsed(PlanValue value)
    {
        switch (value)
        {
            case PlanScalar { Text.Length: > 0 } text:
                try
                {
                    using var document = JsonDocument.Parse(JsonText.ReplaceLoneSurrogates(text.Text), new JsonDocumentOptions { MaxDepth = 128, AllowTrailingCommas = true });
                    return PlanJson.Of(document.RootElement);
                }
                catch (JsonException)
                {
                    return PlanUnset.Null;
                }
            case PlanUnknown { Choices.Count: > 0 } unknown:
                return new PlanUnknown(unknown.Reason, unknown.Address, unknown.References) { Choices = [.. unknown.Choices.Select(Parsed)] };
            default:
                return value;
        }
    }

    private PlanValue Constant(TerraformConstant constant) => Constant(constant.Value);

    private PlanValue Constant(JsonNode? node)
    {
        switch (node)
        {
            case null:
                return PlanUnset.Null;
            case JsonObject map:
                return new PlanObject(map.Select(member => KeyValuePair.Create(member.Key, Constant(member.Value))));
            case JsonArray list:
                return new PlanList(list.Select(Constant));
            case JsonValue value when value.TryGetValue<string>(out var text):
                return text.Contains('{', StringComparison.Ordinal) && TerraformText.TryParse(text, 0, out var template) ? Text(template) : PlanScalar.Of(text);
            case JsonValue value when value.TryGetValue<bool>(out var truth):
                return PlanScalar.Of(truth);
            default:
                return PlanScalar.Number(node.ToJsonString());
        }
    }

    private string Word(string word) => word switch
    {
        "account" => _row?.Account ?? _holder.Account,
        "region" => _holder.Region,
        "partition" => AwsPartition.OfRegion(_holder.Region).Name,
        "address" => _holder.Address,
        "scan_time" => _side.ScanTime.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
        _ => throw new ArgumentOutOfRangeException(nameof(word)),
    };
}
