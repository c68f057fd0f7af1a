using System.Text.Json;

namespace Scanner.Collect.Plans.Hcl;

/// <summary>What the text of the source says of an argument that is known after apply: of which objects it is made.</summary>
internal sealed class SourceExpressions(SourceTree tree, SourceEvaluator evaluator, PlanConfiguration configuration)
{
    // A dynamic block over more elements is one that only the plan can count.
    private const int MostBlocks = 500;

    /// <summary>Where the value comes from; null when the source does not tell, or does not fit the plan.</summary>
    /// <param name="entry">The instance.</param>
    /// <param name="path">The argument.</param>
    public Trace? Follow(RawChange entry, LeafPath path)
    {
        if (tree.Module(entry.Parts.Steps)?.Find(entry.Parts.IsData ? "data" : "resource", entry.Type, entry.Parts.Name)?.Block is not { } block || evaluator.Of(entry.Parts, block) is not { } at)
            return null;
        if (!Fits(entry, path.Steps[0].Name!, block))
        {
            tree.Note($"{SourceTree.Show(at.Folder.FolderPath)}: {entry.Type}.{entry.Parts.Name} is written otherwise than in the plan (another commit?), so what it hides stays unknown");
            return null;
        }
        evaluator.Begin();
        var trace = new Trace();
        var value = Find(block.Body, at, path.Steps, 0, PlanJson.Of(entry.After));
        // A value that is known cannot be what the plan calls unknown: something was not understood.
        if (value is SourceValue.Known { Value: not PlanUnset })
            return null;
        if (value is not null)
            evaluator.Collect(value, trace);
        trace.Elements = Elements(value);
        return trace;
    }

    private static List<(RawChange? Document, PlanScalar? Text)>? Elements(SourceValue? value)
    {
        if (value is not SourceValue.List { IsExact: true, Items.Count: > 0 } list)
            return null;
        var elements = new List<(RawChange?, PlanScalar?)>();
        foreach (var item in list.Items)
        {
            switch (item)
            {
                case SourceValue.Attribute { IsPart: false, Replaced.Count: 0 } one when ReferenceResolver.IsDocument(one.Entry, one.Name):
                    elements.Add((one.Entry, null));
                    break;
                case SourceValue.Known { Value: PlanScalar text }:
                    elements.Add((null, text));
                    break;
                case SourceValue.Known { Value: PlanUnset }:
                    break;
                default:
                    return null;
            }
        }
        return elements.Exists(one => one.Item1 is not null) ? elements : null;
    }

    // Null when nothing sets it.
    private SourceValue? Find(HclBody body, SourceEnvironment at, IReadOnlyList<LeafPath> steps, int step, PlanValue known)
    {
        var name = steps[step].Name!;
        var inside = known is PlanObject o ? o[name] : PlanUnset.Null;
        if (body.Attributes.TryGetValue(name, out var attribute))
            return Part(evaluator.Evaluate(attribute.Expression, at), steps, step + 1, inside);
        var blocks = Blocks(body, name, at);
        if (blocks.Count == 0)
            return null;
        // Written blocks have a place in the plan, however little is known of them: where the whole is unknown, none was, unless their number is.
        if (step == steps.Count - 1)
            return AreSettled(body, name, at) ? null : new SourceValue.Hidden($"a dynamic block of {name}");
        var isList = steps[step + 1].Name is null;
        var next = isList ? step + 2 : step + 1;
        var element = isList && inside is PlanList list && steps[step + 1].Index < list.Items.Count ? list.Items[steps[step + 1].Index] : inside;
        if (next == steps.Count)
            return new SourceValue.Hidden($"a block of {name}");
        // A set has another order than the source: whichever may have made the element.
        var candidates = blocks.Where(block => block.Body is not null && MayHaveMade(block.Body, block.At, element)).ToList();
        if (candidates.Count == 0 || blocks.Any(block => block.Body is null))
            return new SourceValue.Hidden($"a dynamic block of {name}");
        var found = candidates.Select(block => Find(block.Body!, block.At, steps, next, element) ?? SourceValue.Nothing).ToList();
        return SourceValue.OneOf(found);
    }

    private SourceValue Part(SourceValue value, IReadOnlyList<LeafPath> steps, int step, PlanValue known)
    {
        if (step == steps.Count)
            return value;
        var (name, index) = (steps[step].Name, steps[step].Index);
        if (name is not null)
        {
            var member = evaluator.Member(value, name);
            return Part(member is SourceValue.Failed ? SourceValue.Nothing : member, steps, step + 1, known is PlanObject o ? o[name] : PlanUnset.Null);
        }
        // Sets are in another order, so that every element that is not known may be the one.
        var element = known is PlanList list && index < list.Items.Count ? list.Items[index] : PlanUnset.Null;
        if (evaluator.Items(value) is not { } items)
            return Part(evaluator.Index(value, SourceEvaluator.Number(index)) is var one and not SourceValue.Failed ? one : SourceValue.Nothing, steps, step + 1, element);
        var open = items.Select(item => item.Value).Where(item => !item.IsSettled && MayBe(item, element)).ToList();
        return SourceValue.OneOf(open.Count == 0 ? [new SourceValue.Hidden("an element of a list")] : open.Select(item => Part(item, steps, step + 1, element)));
    }

    // The blocks of a name, those of dynamic blocks written out. A body that is null stands for any number of them.
    private List<(HclBody? Body, SourceEnvironment At)> Blocks(HclBody body, string name, SourceEnvironment at)
    {
        var found = new List<(HclBody?, SourceEnvironment)>();
        foreach (var block in body.Blocks)
        {
            if (block.Type == name && block.Labels.Count == 0)
                found.Add((block.Body, at));
            else if (block.Type == "dynamic" && block.Labels is [var label] && label == name)
                Spread(block, name, at, found);
        }
        return found;
    }

    private bool AreSettled(HclBody body, string name, SourceEnvironment at) =>
        !body.Blocks.Exists(block => block.Type == name)
        && body.Blocks.Where(block => block.Type == "dynamic" && block.Labels is [var label] && label == name)
            .All(block => block.Body.Attributes.TryGetValue("for_each", out var each)
                && evaluator.Evaluate(each.Expression, at) is { IsSettled: true } all and not SourceValue.Failed && (all as SourceValue.Known)?.Value is not PlanUnset);

    private void Spread(HclBlock block, string name, SourceEnvironment at, List<(HclBody?, SourceEnvironment)> found)
    {
        var content = block.Body.Blocks.Find(inner => inner.Type == "content")?.Body;
        var iterator = block.Body.Attributes.GetValueOrDefault("iterator")?.Expression is HclName named ? named.Name : name;
        var all = block.Body.Attributes.TryGetValue("for_each", out var each) ? evaluator.Evaluate(each.Expression, at) : new SourceValue.Failed();
        if (content is null || evaluator.Items(all) is not { } items || items.Count > MostBlocks || all is SourceValue.List { IsExact: false })
        {
            found.Add((null, at));
            return;
        }
        foreach (var (key, value) in items)
        {
            found.Add((content, at.With(iterator, new SourceValue.Map(new Dictionary<string, SourceValue>(StringComparer.Ordinal)
            {
                ["key"] = key,
                ["value"] = value,
            }))));
        }
    }

    private bool MayHaveMade(HclBody body, SourceEnvironment at, PlanValue element) =>
        element is not PlanObject o || body.Attributes.Values.All(attribute =>
            o[attribute.Name] is not PlanScalar scalar || evaluator.Evaluate(attribute.Expression, at).Scalar is not { } given || given.Text == scalar.Text);

    private bool MayBe(SourceValue value, PlanValue element) =>
        element is not PlanObject o || value is not SourceValue.Map map
        || map.Members.All(member => o[member.Key] is not PlanScalar scalar || member.Value.Scalar is not { } given || given.Text == scalar.Text);

    // The names that the plan gives for an argument are those that its text has.
    private bool Fits(RawChange entry, string name, HclBlock block)
    {
        if (configuration.Resource(entry.Parts) is not { } resource)
            return false;
        var expression = ConfigModule.Member(resource.Expressions, name);
        if (expression.ValueKind == JsonValueKind.Undefined)
            return !block.Body.Attributes.ContainsKey(name);
        if (expression.ValueKind != JsonValueKind.Object || !ConfigExpression.Is(expression))
            return true;
        if (!block.Body.Attributes.TryGetValue(name, out var attribute))
            return block.Body.Blocks.Exists(inner => inner.Type == name);
        var written = new HashSet<string>(StringComparer.Ordinal);
        SourceNames.Of(attribute.Expression, [], written);
        var planned = ConfigExpression.References(expression).Select(SourceNames.Head).Where(SourceNames.Counts).ToHashSet(StringComparer.Ordinal);
        written.RemoveWhere(one => !SourceNames.Counts(one));
        return planned.SetEquals(written);
    }
}
