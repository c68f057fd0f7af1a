using System.Globalization;

namespace Scanner.Collect.Plans.Hcl;

/// <summary>
/// Follows expressions of the source to the objects that the plan knows. Every traversal in an expression counts (<c>try</c>,
/// <c>coalesce</c>, conditionals, loops), through locals, variables, outputs and <c>for_each</c>; instances that are not there drop out. What is
/// not understood hides the answer; nothing is made up.
/// </summary>
internal sealed class SourceEvaluator
{
    private const int MostDepth = 120;
    private const int MostSteps = 200_000;

    // A loop over more elements says nothing more that a person would read.
    private const int MostItems = 2_000;

    private readonly SourceTree _tree;
    private readonly PlanConfiguration _configuration;
    private readonly PlanEntries _entries;
    private readonly ReferenceResolver _resolver;
    private readonly bool _partial;
    private readonly Dictionary<(string Module, string Name), SourceValue?> _named = [];
    private readonly Dictionary<RawChange, PlanValue> _values = new(ReferenceEqualityComparer.Instance);
    private int _depth;
    private int _steps;

    public SourceEvaluator(SourceTree tree, PlanConfiguration configuration, PlanEntries entries, ReferenceResolver resolver, bool partial)
    {
        _tree = tree;
        _configuration = configuration;
        _entries = entries;
        _resolver = resolver;
        _partial = partial;
    }

    /// <summary>Begins a new question: the count of steps starts again.</summary>
    public void Begin() => _steps = 0;

    /// <summary>Where the arguments of an instance stand; null when its module's source is not there.</summary>
    public SourceEnvironment? Of(PlanAddress address, HclBlock block) =>
        _tree.Module(address.Steps) is { } folder
            ? new SourceEnvironment(address.Steps, folder)
            {
                Key = PlanAddress.Plain(address.Key),
                IsCounted = address.Key.Length > 0 && !address.Key.StartsWith("[\"", StringComparison.Ordinal),
                ForEach = block.Body.Attributes.GetValueOrDefault("for_each")?.Expression,
            }
            : null;

    /// <summary>What an expression gives.</summary>
    public SourceValue Evaluate(HclExpression expression, SourceEnvironment at)
    {
        if (_depth > MostDepth || ++_steps > MostSteps)
            return new SourceValue.Hidden("an expression that leads too far");
        _depth++;
        try
        {
            return expression switch
            {
                HclLiteral literal => new SourceValue.Known(literal.Value),
                HclTemplate template => Template(template, at),
                HclName name => at.Variables.GetValueOrDefault(name.Name) ?? new SourceValue.Hidden(name.Name),
                HclMember member => Member(member, at),
                HclIndex index => Index(Evaluate(index.Of, at), Evaluate(index.Key, at)),
                HclSplat splat => Splat(splat, at),
                HclSplatItem => at.Variables.GetValueOrDefault("*") ?? new SourceValue.Hidden("[*]"),
                HclCall call => new SourceFunctions(this, at).Call(call),
                HclConditional conditional => Conditional(conditional, at),
                HclBinary binary => Binary(binary, at),
                HclUnary unary => Unary(unary, at),
                HclTuple tuple => new SourceValue.List([.. tuple.Items.Select(item => Evaluate(item, at))], true),
                HclObject o => Object(o, at),
                HclFor loop => Loop(loop, at),
                _ => new SourceValue.Hidden("an expression that is not understood"),
            };
        }
        finally
        {
            _depth--;
        }
    }

    /// <summary>A member of a value.</summary>
    public SourceValue Member(SourceValue of, string name)
    {
        switch (of)
        {
            case SourceValue.Known { Value: PlanObject o }:
                return o.Members.Any(member => member.Key == name) ? new SourceValue.Known(o[name]) : new SourceValue.Failed();
            case SourceValue.Known or SourceValue.List or SourceValue.Failed or SourceValue.Json:
                return new SourceValue.Failed();
            case SourceValue.Map map:
                return map.Members.GetValueOrDefault(name) ?? new SourceValue.Failed();
            case SourceValue.Instance instance:
                return AttributeOf(instance.Entry, name);
            case SourceValue.Attribute attribute:
                return attribute with { IsPart = true };
            case SourceValue.Group { IsCounted: false } or SourceValue.Module { IsKeyed: true }:
                return Index(of, SourceValue.Text(name));
            case SourceValue.Group:
                return new SourceValue.Failed();
            case SourceValue.Module module:
                return Output(module.Steps, name);
            case SourceValue.Choice choice:
                return SourceValue.OneOf(choice.Of.Select(one => Member(one, name)));
            default:
                return of;
        }
    }

    /// <summary>An element of a value.</summary>
    public SourceValue Index(SourceValue of, SourceValue key)
    {
        if (key is SourceValue.Failed)
            return key;
        if (of is SourceValue.Choice choice)
            return SourceValue.OneOf(choice.Of.Select(one => Index(one, key)));
        if (key is SourceValue.Choice keys)
            return SourceValue.OneOf(keys.Of.Select(one => Index(of, one)));
        if (key.Scalar?.Text is not { } text)
            return AnyOf(of);
        var number = int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var at) ? at : -1;
        switch (of)
        {
            case SourceValue.Known { Value: PlanList list }:
                return number >= 0 && number < list.Items.Count ? new SourceValue.Known(list.Items[number]) : new SourceValue.Failed();
            case SourceValue.List { IsExact: true } list:
                return number >= 0 && number < list.Items.Count ? list.Items[number] : new SourceValue.Failed();
            case SourceValue.List list:
                return SourceValue.OneOf(list.Items);
            case SourceValue.Group group:
                return group.All.FirstOrDefault(entry => entry.Index == text) is { } found ? new SourceValue.Instance(found) : Absent(group.All);
            case SourceValue.Module { IsKeyed: true } module:
                var step = module.Steps[^1];
                var spelled = number >= 0 && _entries.HasModule([.. module.Steps.SkipLast(1), step with { Key = $"[{text}]" }]) ? $"[{text}]" : PlanAddress.Quote(text);
                return new SourceValue.Module([.. module.Steps.SkipLast(1), step with { Key = spelled }], false);
            // One element of a list that is an attribute: part of it.
            default:
                return Member(of, text);
        }
    }

    /// <summary>The elements of a list, or the values of an object with their keys; null when they are not known.</summary>
    public IReadOnlyList<(SourceValue Key, SourceValue Value)>? Items(SourceValue of)
    {
        switch (of)
        {
            case SourceValue.Known { Value: PlanList list }:
                return [.. list.Items.Take(MostItems).Select((item, i) => (Number(i), (SourceValue)new SourceValue.Known(item)))];
            case SourceValue.Known { Value: PlanObject o }:
                return [.. o.Members.Take(MostItems).Select(member => (SourceValue.Text(member.Key), (SourceValue)new SourceValue.Known(member.Value)))];
            case SourceValue.List list:
                return [.. list.Items.Take(MostItems).Select((item, i) => (list.IsExact ? Number(i) : new SourceValue.Untold(), item))];
            case SourceValue.Map map:
                return [.. map.Members.OrderBy(member => member.Key, StringComparer.Ordinal).Take(MostItems).Select(member => (SourceValue.Text(member.Key), member.Value))];
            case SourceValue.Group group:
                return [.. group.All.OrderBy(entry => entry.Index!.Length).ThenBy(entry => entry.Index, StringComparer.Ordinal).Take(MostItems)
                    .Select(entry => (group.IsCounted ? new SourceValue.Known(PlanScalar.Number(entry.Index!)) : SourceValue.Text(entry.Index!), (SourceValue)new SourceValue.Instance(entry)))];
            default:
                return null;
        }
    }

    /// <summary>Adds the objects of a value to a trace.</summary>
    public void Collect(SourceValue value, Trace trace, bool identity = true)
    {
        switch (value)
        {
            case SourceValue.Map map:
                foreach (var member in map.Members.Values)
                    Collect(member, trace, false);
                break;
            case SourceValue.List list:
                foreach (var item in list.Items)
                    Collect(item, trace, identity);
                break;
            case SourceValue.Choice choice:
                foreach (var one in choice.Of)
                    Collect(one, trace, identity);
                break;
            case SourceValue.Made made:
                foreach (var one in made.Of)
                    Collect(one, trace, false);
                break;
            case SourceValue.Json json:
                Collect(json.Value, trace, false);
                break;
            case SourceValue.Instance instance:
                Add(instance.Entry, "id", false, trace);
                break;
            case SourceValue.Group group:
                foreach (var entry in group.All.Take(64))
                    Add(entry, "id", false, trace);
                break;
            case SourceValue.Attribute attribute:
                Add(attribute.Entry, attribute.Name, identity && !attribute.IsPart && _resolver.IsIdentity(attribute.Entry.Type, attribute.Name), trace);
                if (identity && !attribute.IsPart && ReferenceResolver.IsDocument(attribute.Entry, attribute.Name))
                    trace.Add(attribute.Entry, attribute.Replaced);
                break;
            case SourceValue.Module module:
                trace.Hide(PlanAddress.ModuleOf(module.Steps));
                break;
            case SourceValue.Hidden hidden:
                trace.Hide(hidden.Words);
                break;
            default:
                break;
        }
    }

    /// <summary>The value of a known attribute, and what an unknown one is made of.</summary>
    public SourceValue AttributeOf(RawChange entry, string name)
    {
        if (!ReferenceResolver.IsUnknownAt(entry, name))
        {
            if (!_values.TryGetValue(entry, out var values))
                _values[entry] = values = PlanJson.Of(entry.After);
            return new SourceValue.Known(values is PlanObject o ? o[name] : PlanUnset.Null);
        }
        if (entry.Parts.IsData || _resolver.IsIdentity(entry.Type, name))
            return new SourceValue.Attribute(entry, name, false);
        // An argument that was given through is what it was given.
        if (_tree.Module(entry.Parts.Steps)?.Find("resource", entry.Type, entry.Parts.Name) is { } found
            && found.Block.Body.Attributes.TryGetValue(name, out var attribute) && Of(entry.Parts, found.Block) is { } at)
        {
            var given = Evaluate(attribute.Expression, at);
            if (!given.IsSettled)
                return given;
        }
        return new SourceValue.Attribute(entry, name, false);
    }

    internal static SourceValue Number(int number) => new SourceValue.Known(PlanScalar.Number(number.ToString(CultureInfo.InvariantCulture)));

    private static SourceValue AnyOf(SourceValue of) => of switch
    {
        SourceValue.Known { Value: PlanList list } => SourceValue.OneOf(list.Items.Select(item => new SourceValue.Known(item))),
        SourceValue.Known { Value: PlanObject o } => SourceValue.OneOf(o.Members.Select(member => new SourceValue.Known(member.Value))),
        SourceValue.List list => SourceValue.OneOf(list.Items),
        SourceValue.Map map => SourceValue.OneOf(map.Members.Values),
        SourceValue.Group group => SourceValue.OneOf(group.All.Take(64).Select(entry => new SourceValue.Instance(entry))),
        SourceValue.Module { IsKeyed: true } module => new SourceValue.Hidden(PlanAddress.ModuleOf(module.Steps)),
        SourceValue.Attribute attribute => attribute with { IsPart = true },
        _ => of,
    };

    private SourceValue Absent(IReadOnlyList<RawChange> others) =>
        _partial ? new SourceValue.Hidden($"{(others.Count > 0 ? others[0].Parts.Resource : "an instance")}, which this plan does not show") : new SourceValue.Failed();

    private void Add(RawChange entry, string attribute, bool identity, Trace trace)
    {
        if (!ReferenceResolver.IsUnknownAt(entry, attribute))
            return;
        if (entry.Parts.IsData)
            trace.Hide($"{entry.Address} is read during apply");
        else
            trace.Add(new PlanSymbol(entry.Address, entry.Type, attribute), identity && entry.Type.StartsWith("aws_", StringComparison.Ordinal));
    }

    private SourceValue Template(HclTemplate template, SourceEnvironment at)
    {
        var parts = template.Parts.Select(part => Evaluate(part, at)).ToList();
        if (parts.Count == 1)
            return parts[0];
        if (parts.TrueForAll(part => part.Scalar is not null))
            return SourceValue.Text(string.Concat(parts.Select(part => part.Scalar!.Text)));
        return parts.Exists(part => part is SourceValue.Failed) ? new SourceValue.Failed()
            : parts.TrueForAll(part => part.IsSettled) ? new SourceValue.Untold() : new SourceValue.Made(parts);
    }

    private SourceValue Member(HclMember member, SourceEnvironment at)
    {
        switch (member.Of)
        {
            case HclName name when !at.Variables.ContainsKey(name.Name):
                return Named(name.Name, member.Name, at);
            case HclMember { Of: HclName { Name: "data" }, Name: var type } when !at.Variables.ContainsKey("data"):
                return Resource(true, type, member.Name, at);
            default:
                return Member(Evaluate(member.Of, at), member.Name);
        }
    }

    private SourceValue Named(string head, string name, SourceEnvironment at) => head switch
    {
        "var" => Variable(name, at),
        "local" => Local(name, at),
        "each" when at.Key is not null => name == "key" ? SourceValue.Text(at.Key) : EachValue(at),
        "count" when at.Key is not null => new SourceValue.Known(PlanScalar.Number(at.Key)),
        "path" or "terraform" => new SourceValue.Untold(),
        "module" => Call(name, at),
        _ => Resource(false, head, name, at),
    };

    private SourceValue Resource(bool data, string type, string name, SourceEnvironment at)
    {
        var block = at.Folder.Find(data ? "data" : "resource", type, name)?.Block;
        if (block is null)
            return new SourceValue.Hidden($"{type}.{name}");
        var all = _entries.Of(PlanAddress.ResourceOf(at.Module, data, type, name));
        var counted = block.Body.Attributes.ContainsKey("count");
        if (counted || block.Body.Attributes.ContainsKey("for_each"))
            return all.Count == 0 && _partial ? Absent(all) : new SourceValue.Group(all, counted);
        return all.Count > 0 ? new SourceValue.Instance(all[0]) : Absent(all);
    }

    private SourceValue Local(string name, SourceEnvironment at) =>
        Once(at.Module, "local." + name, () => at.Folder.Locals.TryGetValue(name, out var local)
            ? Evaluate(local.Expression, at.Plain())
            : new SourceValue.Hidden("local." + name));

    private SourceValue Variable(string name, SourceEnvironment at)
    {
        if (at.Steps.Count == 0)
            return new SourceValue.Known(PlanJson.Of(_configuration.Variable(name)));
        return Once(at.Module, "var." + name, () =>
        {
            IReadOnlyList<PlanStep> above = [.. at.Steps.SkipLast(1)];
            if (_tree.Module(above) is not { } folder || folder.Find("module", at.Steps[^1].Name) is not { } call)
                return new SourceValue.Hidden("var." + name);
            if (call.Block.Body.Attributes.TryGetValue(name, out var given))
            {
                var value = Evaluate(given.Expression, Of(new PlanAddress(above, false, "", "", at.Steps[^1].Key), call.Block)!);
                if (value is not SourceValue.Known { Value: PlanUnset })
                    return value;
            }
            var declared = at.Folder.Find("variable", name)?.Block.Body.Attributes.GetValueOrDefault("default");
            return declared is null ? SourceValue.Nothing : Evaluate(declared.Expression, at.Plain());
        });
    }

    private SourceValue Call(string name, SourceEnvironment at)
    {
        if (at.Folder.Find("module", name)?.Block is not { } block)
            return new SourceValue.Hidden("module." + name);
        var keyed = block.Body.Attributes.ContainsKey("count") || block.Body.Attributes.ContainsKey("for_each");
        return new SourceValue.Module([.. at.Steps, new PlanStep(name, "")], keyed);
    }

    private SourceValue Output(IReadOnlyList<PlanStep> steps, string name)
    {
        if (_tree.Module(steps) is not { } folder)
            return new SourceValue.Hidden($"{PlanAddress.ModuleOf(steps)}.{name}");
        // An instance of which the plan has nothing at all is not there.
        if (steps[^1].Key.Length > 0 && !_entries.HasModule(steps))
            return Absent([]);
        return Once(PlanAddress.ModuleOf(steps), "output." + name, () => folder.Find("output", name)?.Block.Body.Attributes.GetValueOrDefault("value") is { } value
            ? Evaluate(value.Expression, new SourceEnvironment(steps, folder))
            : new SourceValue.Failed());
    }

    private SourceValue EachValue(SourceEnvironment at)
    {
        if (at.ForEach is null)
            return new SourceValue.Hidden("each.value");
        var all = Evaluate(at.ForEach, at.Plain());
        return OfEach(all, at.Key!);
    }

    private SourceValue OfEach(SourceValue all, string key) => all switch
    {
        // A set: the value is the key.
        SourceValue.Known { Value: PlanList } or SourceValue.List => SourceValue.Text(key),
        SourceValue.Choice choice => SourceValue.OneOf(choice.Of.Select(one => OfEach(one, key)).Where(one => one is not SourceValue.Failed)),
        SourceValue.Untold => new SourceValue.Hidden("each.value"),
        _ => Index(all, SourceValue.Text(key)),
    };

    private SourceValue Once(string module, string name, Func<SourceValue> evaluate)
    {
        var key = (module, name);
        if (_named.TryGetValue(key, out var known))
            return known ?? new SourceValue.Hidden(name);
        // Whoever asks again while it is worked out asks in a circle.
        _named[key] = null;
        var value = evaluate();
        if (_steps > MostSteps || _depth > MostDepth)
            _named.Remove(key);
        else
            _named[key] = value;
        return value;
    }

    private SourceValue Splat(HclSplat splat, SourceEnvironment at)
    {
        var of = Evaluate(splat.Of, at);
        return Splat(of, item => Evaluate(splat.Each, at.With("*", item)));
    }

    private SourceValue Splat(SourceValue of, Func<SourceValue, SourceValue> each)
    {
        switch (of)
        {
            case SourceValue.Known { Value: PlanUnset }:
                return new SourceValue.List([], true);
            case SourceValue.List list:
                return new SourceValue.List([.. list.Items.Take(MostItems).Select(each)], list.IsExact);
            case SourceValue.Group { IsCounted: true } or SourceValue.Known { Value: PlanList }:
                return new SourceValue.List([.. Items(of)!.Select(item => each(item.Value))], true);
            case SourceValue.Choice choice:
                return SourceValue.OneOf(choice.Of.Select(one => Splat(one, each)));
            case SourceValue.Module { IsKeyed: true } module:
                var instances = _entries.ModuleKeys(module.Steps).OrderBy(key => key.Length).ThenBy(key => key, StringComparer.Ordinal);
                return new SourceValue.List([.. instances.Take(MostItems).Select(key => each(new SourceValue.Module([.. module.Steps.SkipLast(1), module.Steps[^1] with { Key = key }], false)))], true);
            case SourceValue.Failed or SourceValue.Hidden or SourceValue.Untold:
                return of;
            case SourceValue.Attribute attribute:
                return attribute with { IsPart = true };
            // A single value is a list of one.
            default:
                return new SourceValue.List([each(of)], true);
        }
    }

    private SourceValue Conditional(HclConditional conditional, SourceEnvironment at)
    {
        var condition = Evaluate(conditional.If, at);
        if (condition.Scalar is { Text: "true" or "false" } known)
            return Evaluate(known.Text == "true" ? conditional.Then : conditional.Else, at);
        return SourceValue.OneOf([Evaluate(conditional.Then, at), Evaluate(conditional.Else, at)]);
    }

    private SourceValue Binary(HclBinary binary, SourceEnvironment at)
    {
        var left = Evaluate(binary.Left, at);
        if (binary.Operator is "&&" or "||" && left.Scalar?.Text is "true" or "false")
        {
            var decided = (binary.Operator == "&&") == (left.Scalar!.Text == "false");
            return decided ? left : Evaluate(binary.Right, at);
        }
        var right = Evaluate(binary.Right, at);
        return SourceOperators.Apply(binary.Operator, left, right);
    }

    private SourceValue Unary(HclUnary unary, SourceEnvironment at)
    {
        var operand = Evaluate(unary.Operand, at);
        return (unary.Operator, operand.Scalar) switch
        {
            ("!", { Text: "true" }) => new SourceValue.Known(PlanScalar.False),
            ("!", { Text: "false" }) => new SourceValue.Known(PlanScalar.True),
            ("-", { Type: PlanScalarType.Number } number) => new SourceValue.Known(PlanScalar.Number(number.Text.StartsWith('-') ? number.Text[1..] : "-" + number.Text)),
            _ => operand.IsSettled ? new SourceValue.Untold() : new SourceValue.Made([operand]),
        };
    }

    private SourceValue Object(HclObject o, SourceEnvironment at)
    {
        var members = new Dictionary<string, SourceValue>(StringComparer.Ordinal);
        foreach (var (key, value) in o.Members)
        {
            if (Evaluate(key, at).Scalar?.Text is { } name)
                members[name] = Evaluate(value, at);
            else
                return new SourceValue.Made([.. o.Members.Select(member => Evaluate(member.Value, at))]);
        }
        return new SourceValue.Map(members);
    }

    private SourceValue Loop(HclFor loop, SourceEnvironment at)
    {
        var collection = Evaluate(loop.Collection, at);
        if (collection is SourceValue.Choice choice && !loop.Grouped)
            return SourceValue.OneOf(choice.Of.Select(one => Loop(loop, one, at)));
        return Loop(loop, collection, at);
    }

    private SourceValue Loop(HclFor loop, SourceValue collection, SourceEnvironment at)
    {
        var items = collection is SourceValue.Module { IsKeyed: true } module
            ? [.. _entries.ModuleKeys(module.Steps).Select(key => (SourceValue.Text(PlanAddress.Plain(key) ?? ""), (SourceValue)new SourceValue.Module([.. module.Steps.SkipLast(1), module.Steps[^1] with { Key = key }], false)))]
            : Items(collection);
        if (items is null)
            return collection is SourceValue.Failed ? collection : collection.IsSettled ? new SourceValue.Untold() : new SourceValue.Made([collection]);
        var values = new List<SourceValue>();
        var members = new Dictionary<string, SourceValue>(StringComparer.Ordinal);
        var exact = collection is not SourceValue.List { IsExact: false };
        foreach (var (key, value) in items)
        {
            var inner = at.With(loop.ValueName, value);
            if (loop.KeyName is not null)
                inner = inner.With(loop.KeyName, key);
            if (loop.If is not null)
            {
                var condition = Evaluate(loop.If, inner).Scalar?.Text;
                if (condition == "false")
                    continue;
                exact &= condition == "true";
            }
            var made = Evaluate(loop.Value, inner);
            values.Add(made);
            if (loop.Key is null)
                continue;
            if (Evaluate(loop.Key, inner).Scalar?.Text is not { } name)
                exact = false;
            else
                members[name] = loop.Grouped ? new SourceValue.List([.. (members.GetValueOrDefault(name) as SourceValue.List)?.Items ?? [], made], true) : made;
        }
        if (loop.Key is null)
            return new SourceValue.List(values, exact);
        return exact ? new SourceValue.Map(members) : values.TrueForAll(value => value.IsSettled) ? new SourceValue.Untold() : new SourceValue.Made(values);
    }
}
