using System.Text.Json;
using System.Text.RegularExpressions;
using Scanner.Collect.Plans.Hcl;

namespace Scanner.Collect.Plans;

/// <summary>Puts together what is known of an instance after apply: its values, and for each that is not known what it will be.</summary>
internal sealed partial class AttributeReader(
    PlanConfiguration configuration, ReferenceResolver resolver, ReferenceReach reach, SourceExpressions? source, IReadOnlyDictionary<(string Type, string Argument), IReadOnlySet<string>> owners)
{
    private const int MostDocuments = 16;

    private int _documents;

    /// <summary>The attributes of an instance after apply.</summary>
    public PlanValue After(RawChange entry)
    {
        var value = PlanJson.Of(entry.After);
        if (entry.Unknown is null)
            return value;
        using var mask = JsonDocument.Parse(entry.Unknown, new JsonDocumentOptions { MaxDepth = 512 });
        var resource = configuration.Resource(entry.Parts);
        var block = new Block(entry, resource, resolver.ScopeOf(entry, resource));
        if (mask.RootElement.ValueKind == JsonValueKind.True)
            return new PlanUnknown($"{entry.FullAddress} is known after apply", entry.FullAddress);
        return Merge(block, value, mask.RootElement, new Expressions([resource?.Expressions ?? default], false), LeafPath.Root);
    }

    private PlanValue Merge(Block block, PlanValue value, JsonElement mask, Expressions expressions, LeafPath path)
    {
        switch (mask.ValueKind)
        {
            case JsonValueKind.True:
                return Leaf(block, expressions, path);
            case JsonValueKind.Object when value is PlanObject or PlanUnset && HasTrue(mask):
                return Members(block, value as PlanObject ?? PlanObject.Empty, mask, expressions, path);
            case JsonValueKind.Array when HasTrue(mask):
                var items = value is PlanList list ? list.Items : [];
                return new PlanList(mask.EnumerateArray().Select((one, i) => Merge(
                    block, i < items.Count ? items[i] : PlanUnset.Null, one,
                    expressions.Element(i, i < items.Count ? items[i] : PlanUnset.Null),
                    path.Element(i))).Concat(items.Skip(mask.GetArrayLength())));
            default:
                return value;
        }
    }

    private PlanObject Members(Block block, PlanObject value, JsonElement mask, Expressions expressions, LeafPath path)
    {
        var members = new List<KeyValuePair<string, PlanValue>>(value.Members.Count + 4);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (name, known) in value.Members)
        {
            seen.Add(name);
            members.Add(KeyValuePair.Create(name, mask.TryGetProperty(name, out var inner)
                ? Merge(block, known, inner, expressions.Member(name), path.Member(name))
                : known));
        }
        foreach (var inner in mask.EnumerateObject())
        {
            if (seen.Add(inner.Name) && HasTrue(inner.Value))
                members.Add(KeyValuePair.Create(inner.Name, Merge(block, PlanUnset.Null, inner.Value, expressions.Member(inner.Name), path.Member(inner.Name))));
        }
        return new PlanObject(members);
    }

    // Something known after apply: an identity of its own, of another object, nothing that was set, or unknown.
    private PlanValue Leaf(Block block, Expressions expressions, LeafPath path)
    {
        var address = block.Entry.FullAddress;
        if (path.IsTop && resolver.IsIdentity(block.Entry.Type, path.LastName))
            return new PlanSymbol(address, block.Entry.Type, path.LastName);
        if (source?.Follow(block.Entry, path) is { } told)
            return Answer(block, path, told, expressions);
        if (expressions.IsDynamic)
            return new PlanUnknown($"{address}.{path} is known after apply (a dynamic block sets it)", address);
        if (expressions.IsAmbiguous)
            return new PlanUnknown($"{address}.{path} is known after apply (one of several blocks sets it)", address);
        var expression = expressions.One;
        if (block.Resource is null || expression.ValueKind == JsonValueKind.Undefined || IsNull(expression))
            return PlanUnset.Computed($"{address}.{path} is known after apply", address);
        if (!ConfigExpression.HasReferences(expression))
            return new PlanUnknown($"{address}.{path} is known after apply", address);
        var trace = new Trace();
        resolver.Follow(block.Scope, expression, trace);
        return Answer(block, path, trace, expressions);
    }

    private PlanValue Answer(Block block, LeafPath path, Trace trace, Expressions expressions)
    {
        var address = block.Entry.FullAddress;
        if (trace.IsEmpty)
            return PlanUnset.Computed($"{address}.{path} is known after apply", address);
        if (trace.Single is { } symbol && IsReference(path))
            return new PlanSymbol(symbol.Address, symbol.Type, symbol.Attribute, symbol.ByIndex);
        // By such an argument the resource belongs to another: it has one, and of these types.
        var owner = path.IsTop && ConfigExpression.HasReferences(expressions.One) ? owners.GetValueOrDefault((block.Entry.Type, path.LastName)) : null;
        if (owner is not null && trace.SourceWouldTell && reach.Only(block.Entry, block.Scope, expressions.One, path.LastName, owner) is { } only)
            return only;
        var words = trace.Opaque.Count > 0 ? trace.Opaque : [.. trace.Objects.Select(one => one.Address)];
        var said = string.Join(", ", words.Take(3)) + (words.Count > 3 ? " ..." : "");
        var hint = trace.SourceWouldTell ? "; --source may tell" : "";
        if (trace.Elements is { } elements)
            return new PlanList(elements.Select(one => one.Document is { } taken ? new PlanUnknown($"{address}.{path} is known after apply ({taken.Address} is read during apply)", address) { Policy = Policy(taken) } : (PlanValue)one.Text!));
        // Of a list as a whole the plan does not tell what else is in it: what is known of it leaves no reference.
        var isList = path.Name is not null && path.LastName.EndsWith("_documents", StringComparison.Ordinal);
        var policy = !isList && trace.Document is { } document ? Policy(document)?.Without(trace.Replaced) : null;
        var policies = isList || policy is not null ? [] : trace.Documents.Select(one => Policy(one)?.Without(trace.Replaced)).ToList();
        return new PlanUnknown($"{address}.{path} is known after apply ({said}{hint})", address, trace.Objects)
        {
            Policy = policy,
            Policies = policies.Contains(null) ? [] : [.. policies.OfType<PlanPolicy>()],
            Choices = policy?.Choices() ?? [],
            Refers = (path.IsTop || path.Parent is { IsTop: true }) && IsReference(path) ? path.LastName : null,
            Among = trace.Opaque.Count == 0 && trace.Objects.All(one => ReferenceReach.Fits(path.LastName, one.Type)) ? trace.Objects.Select(one => one.Address).ToHashSet(StringComparer.Ordinal)
                : owner is null && !ReferenceReach.TellsKind(path.LastName) ? null : reach.Among(block.Entry, block.Scope, expressions.One, path.LastName),
        };
    }

    // What is known of a policy document whose text is made during apply.
    private PlanPolicy? Policy(RawChange document)
    {
        // Documents take in documents; Terraform has no circles, and a file may have.
        if (_documents >= MostDocuments)
            return null;
        _documents++;
        try
        {
            return PlanPolicy.Of(After(document));
        }
        finally
        {
            _documents--;
        }
    }

    private static bool IsNull(JsonElement expression) => ConfigExpression.Constant(expression).ValueKind == JsonValueKind.Null;

    private static bool HasTrue(JsonElement mask) => mask.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.Object => mask.EnumerateObject().Any(member => HasTrue(member.Value)),
        JsonValueKind.Array => mask.EnumerateArray().Any(HasTrue),
        _ => false,
    };

    // A whole list is no identity, and its elements have their own place.
    private static bool IsReference(LeafPath path) =>
        (path.Name is null ? ReferList() : Refer()).IsMatch(path.LastName)
        && path.Steps.All(step => step.Name is null || !Document().IsMatch(step.Name));

    // Arguments that hold an identity of another object.
    [GeneratedRegex("^(.*_)?(id|arn|identifier|url|bucket|role|user|group|key|resource|destination|cluster|target|topic|function|association|profile)$|^.+_name$",
        RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: -1)]
    private static partial Regex Refer();

    // Arguments that hold several.
    [GeneratedRegex("^(.*_)?(ids|arns|identifiers|buckets|roles|users|groups|keys|resources|destinations|configs|targets|names|(alarm|ok|insufficient_data)_actions)$|^.+_names$",
        RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: -1)]
    private static partial Regex ReferList();

    [GeneratedRegex("(^|_)(tags|tags_all|policy|document|json|statement|definition|(?<!launch_)template|content|body|user_data|environment|pattern)$", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: -1)]
    private static partial Regex Document();

    /// <summary>The block that is read.</summary>
    private sealed record Block(RawChange Entry, ConfigResource? Resource, Scope Scope);

    /// <summary>
    /// The expressions at a place: one, or for a block that is written several times those that may have made this element. A set
    /// has another order than the source, so that the place in the list says nothing; constants that differ do.
    /// </summary>
    private sealed class Expressions(IReadOnlyList<JsonElement> candidates, bool dynamic)
    {
        public bool IsDynamic { get; } = dynamic;

        public bool IsAmbiguous => candidates.Count > 1 && candidates.Select(one => one.ValueKind == JsonValueKind.Undefined ? "" : one.GetRawText()).Distinct(StringComparer.Ordinal).Skip(1).Any();

        public JsonElement One => candidates.Count > 0 ? candidates[0] : default;

        public Expressions Member(string name) =>
            // One expression for the whole: whatever is in it comes from there.
            new([.. candidates.Select(one => ConfigExpression.Is(one) && HasAny(one) ? one : ConfigModule.Member(one, name))], IsDynamic);

        public Expressions Element(int index, PlanValue value)
        {
            var all = candidates.SelectMany(one => one.ValueKind == JsonValueKind.Array ? one.EnumerateArray().AsEnumerable() : [one]).ToList();
            // There is an element, and no block in the configuration makes it: a dynamic block, which leaves no trace.
            if (all.TrueForAll(one => one.ValueKind == JsonValueKind.Undefined))
                return new Expressions([], true);
            if (all.Count == 1)
                return new Expressions(all, IsDynamic);
            var fit = all.Where(one => ConfigExpression.Is(one) || Fits(one, value)).ToList();
            return new Expressions(fit.Count > 0 ? fit : all, IsDynamic || fit.Count == 0);
        }

        private static bool HasAny(JsonElement expression) => expression.EnumerateObject().MoveNext();

        // Whether a block may have made an element: no constant of it says otherwise.
        private static bool Fits(JsonElement block, PlanValue value) =>
            value is not PlanObject element || ConfigModule.Members(block).All(argument =>
                ConfigExpression.Constant(argument.Value) is not { ValueKind: JsonValueKind.String or JsonValueKind.True or JsonValueKind.False or JsonValueKind.Number } constant
                || element[argument.Name] is not PlanScalar scalar
                || scalar.Text == (PlanJson.Of(constant) as PlanScalar)?.Text);
    }
}
