using Scanner.Catalog.Terraform;

namespace Scanner.Collect.Plans;

/// <summary>One side of a plan, before or after, with what finds instances in it.</summary>
internal sealed class PlanSide
{
    // A name made of a name made of a name: deeper is a circle of the table files.
    private const int MostNested = 4;

    private readonly TerraformNames _names;
    private readonly Dictionary<string, PlanInstance> _byAddress = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<PlanInstance>> _byType = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ILookup<string, PlanInstance>> _byText = new(StringComparer.Ordinal);
    private readonly Dictionary<TerraformPart, PlanParts> _parts = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<(string Address, string Attribute), string> _texts = [];
    private int _nested;

    public PlanSide(Plan plan, PlanSide? before, TerraformNames names, DateTimeOffset scanTime)
    {
        Plan = plan;
        Before = before;
        var instances = IsAfter ? plan.After : plan.Before;
        ScanTime = scanTime;
        _names = names;
        foreach (var instance in instances)
        {
            _byAddress.TryAdd(instance.Address, instance);
            if (!_byType.TryGetValue(instance.Type, out var list))
                _byType[instance.Type] = list = [];
            list.Add(instance);
        }
    }

    public Plan Plan { get; }

    public DateTimeOffset ScanTime { get; }

    /// <summary>The side before; null when this is it.</summary>
    public PlanSide? Before { get; }

    /// <summary>Whether this is the side afterwards.</summary>
    public bool IsAfter => Before is not null;

    /// <summary>The instance at an address; null when there is none on this side.</summary>
    public PlanInstance? At(string address) => _byAddress.GetValueOrDefault(address);

    /// <summary>All instances of some types, in the order of the plan.</summary>
    public IEnumerable<PlanInstance> OfTypes(IEnumerable<string> types) =>
        types.SelectMany(type => _byType.TryGetValue(type, out var list) ? list : []);

    /// <summary>All instances that an argument of some name may refer to.</summary>
    public IEnumerable<PlanInstance> Fitting(string argument) => OfTypes(_byType.Keys.Where(type => ReferenceReach.Fits(argument, type)).Order(StringComparer.Ordinal));

    /// <summary>The instances that belong to a row as a part of it.</summary>
    public PlanParts Parts(TerraformMapping mapping, TerraformPart part, Func<PlanInstance, string, PlanValue>? column = null)
    {
        if (!_parts.TryGetValue(part, out var parts))
            _parts[part] = parts = new PlanParts(this, mapping, part, column);
        return parts;
    }

    /// <summary>Whether an attribute is one by which others refer to the object.</summary>
    public bool IsName(string type, string attribute) => _names.Of(type).Any(name => name.Attribute == attribute);

    /// <summary>
    /// Which of some objects a value may refer to. One that is known after apply comes from something that is, where something of what it can come
    /// from is (gate.md 3.1, rule 1).
    /// </summary>
    public IReadOnlyList<PlanInstance> Meant(PlanUnknown unknown, IEnumerable<PlanInstance> objects)
    {
        if (unknown.Among is not { } among)
            return [.. objects];
        var fit = objects.Where(one => among.Contains(one.Address)).ToList();
        if (!fit.TrueForAll(IsNamed))
            fit.RemoveAll(IsNamed);
        return fit;
    }

    // Whether the plan knows all that others can refer to an object by.
    private bool IsNamed(PlanInstance instance) =>
        _names.Of(instance.Type) is { Count: > 0 } names && names.All(name => instance.Find(name.Attribute) is PlanScalar or PlanUnset { IsComputed: false });

    /// <summary>
    /// Text that stands for an identity that is not known yet. The same for all attributes of an object by which others refer
    /// to it, save those whose value will be made of what is known (a bucket's ARN of its name).
    /// </summary>
    public string Text(PlanSymbol symbol)
    {
        var key = (symbol.Address, symbol.Attribute);
        if (!_texts.TryGetValue(key, out var text))
            _texts[key] = text = Made(symbol) ?? $"{symbol.Address}#{Canonical(symbol)}";
        return text;
    }

    /// <summary>A known value as the text that others would refer to it by; null when it is not known, or no text.</summary>
    public string? TextOf(PlanValue value) => value switch
    {
        PlanScalar { Text.Length: > 0 } scalar => scalar.Text,
        PlanSymbol symbol => Text(symbol),
        _ => null,
    };

    /// <summary>The instances of some types that a text is a name of, in the account and region of another instance.</summary>
    public IEnumerable<PlanInstance> Named(IReadOnlyList<string> types, string text, PlanInstance near)
    {
        foreach (var type in types)
        {
            if (!_byText.TryGetValue(type, out var lookup))
            {
                _byText[type] = lookup = OfTypes([type])
                    .SelectMany(instance => NamesOf(instance).Select(name => (name, instance)))
                    .ToLookup(pair => pair.name, pair => pair.instance, StringComparer.Ordinal);
            }
            foreach (var instance in lookup[text])
            {
                if (SamePlace(instance, near))
                    yield return instance;
            }
        }
    }

    /// <summary>Whether two instances may be in one account and region: what nothing tells of a place is no difference.</summary>
    public static bool SamePlace(PlanInstance one, PlanInstance other) =>
        (one.Account == other.Account || one.Account == Plan.UnknownAccount || other.Account == Plan.UnknownAccount)
        && (one.Region == other.Region || one.Region == Plan.UnknownRegion || other.Region == Plan.UnknownRegion);

    private IEnumerable<string> NamesOf(PlanInstance instance) =>
        _names.Of(instance.Type)
            .Select(name => TextOf(PlanScope.Own(this, instance, name.Attribute)))
            .OfType<string>()
            .Distinct(StringComparer.Ordinal);

    // What the name will be, where arguments tell.
    private string? Made(PlanSymbol symbol)
    {
        if (At(symbol.Address) is not { } instance
            || _names.Of(symbol.Type).FirstOrDefault(name => name.Attribute == symbol.Attribute)?.Text is not { } template
            || _nested >= MostNested)
        {
            return null;
        }
        // An ARN with a made-up account in it would look like a real one.
        if (template.Segments.Any(segment => (segment.Word == "account" && instance.Account == Plan.UnknownAccount) || (segment.Word == "region" && instance.Region == Plan.UnknownRegion)))
            return null;
        _nested++;
        try
        {
            return TextOf(new PlanScope(this, instance).Value(template));
        }
        finally
        {
            _nested--;
        }
    }

    private string Canonical(PlanSymbol symbol) => _names.Of(symbol.Type) is [var first, ..] ? first.Attribute : symbol.Attribute;
}
