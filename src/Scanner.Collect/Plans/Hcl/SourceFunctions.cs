using System.Globalization;

namespace Scanner.Collect.Plans.Hcl;

/// <summary>
/// Terraform's functions, as far as they choose between objects or make keys. One that is not known here gives something that is made of
/// its arguments, or, where these are all known at plan, something known that was not worked out.
/// Source: https://developer.hashicorp.com/terraform/language/functions.
/// </summary>
internal sealed class SourceFunctions(SourceEvaluator evaluator, SourceEnvironment at)
{
    public SourceValue Call(HclCall call)
    {
        switch (call.Name)
        {
            case "try":
                return Try(call.Arguments);
            case "can":
                var tried = evaluator.Evaluate(call.Arguments.Count > 0 ? call.Arguments[0] : new HclOpaque(), at);
                return tried is SourceValue.Failed ? Flag(false) : tried is SourceValue.Choice or SourceValue.Hidden or SourceValue.Untold ? new SourceValue.Untold() : Flag(true);
            default:
                break;
        }
        var arguments = call.Arguments.Select(argument => evaluator.Evaluate(argument, at)).ToList();
        if (call.Spread && arguments.Count > 0)
        {
            if (evaluator.Items(arguments[^1]) is not { } spread || arguments[^1] is SourceValue.List { IsExact: false })
                return Other(arguments);
            arguments = [.. arguments.SkipLast(1), .. spread.Select(item => item.Value)];
        }
        if (arguments.Exists(argument => argument is SourceValue.Failed))
            return new SourceValue.Failed();
        return arguments.Count == 0 ? new SourceValue.Untold() : Choose(call.Name, arguments) ?? Texts(call.Name, arguments) ?? Other(arguments);
    }

    private static SourceValue Other(List<SourceValue> arguments) =>
        arguments.TrueForAll(argument => argument.IsSettled) ? new SourceValue.Untold() : new SourceValue.Made(arguments);

    // Functions that hand their arguments on.
    private SourceValue? Choose(string name, List<SourceValue> arguments) => name switch
    {
        "tostring" or "tonumber" or "tobool" or "sensitive" or "nonsensitive" or "tolist" or "tomap" or "ephemeralasnull" => arguments[0],
        "toset" or "distinct" or "sort" or "reverse" => Reordered(name, arguments[0]),
        "coalesce" => Coalesce(arguments),
        "coalescelist" => arguments.Find(argument => Count(argument) is not 0),
        "concat" => Concat(arguments),
        "flatten" => Flatten(arguments[0], 0),
        "compact" => Compact(arguments[0]),
        "one" => One(arguments[0]),
        "element" when arguments.Count == 2 => Element(arguments[0], arguments[1]),
        "lookup" when arguments.Count >= 2 => Lookup(arguments),
        "merge" => Merge(arguments),
        "values" => evaluator.Items(arguments[0]) is { } items ? new SourceValue.List([.. items.Select(item => item.Value)], true) : null,
        "keys" => evaluator.Items(arguments[0]) is { } pairs ? new SourceValue.List([.. pairs.Select(pair => pair.Key)], true) : null,
        "zipmap" when arguments.Count == 2 => Zip(arguments[0], arguments[1]),
        "slice" when arguments.Count == 3 => Slice(arguments),
        "length" => Count(arguments[0]) is { } count ? SourceEvaluator.Number(count) : null,
        "contains" when arguments.Count == 2 => Contains(arguments[0], arguments[1]),
        "join" when arguments.Count == 2 => Join(arguments[0], arguments[1]),
        "replace" when arguments is [SourceValue.Attribute { IsPart: false } document, { Scalar.Text: var part }, _] && ReferenceResolver.IsDocument(document.Entry, document.Name)
            => document with { Replaced = [.. document.Replaced, part] },
        "jsonencode" => new SourceValue.Json(arguments[0]),
        "jsondecode" when arguments[0] is SourceValue.Json json => json.Value,
        "alltrue" => All(arguments[0], "true", true),
        "anytrue" => All(arguments[0], "false", false),
        "range" when arguments is [var end] && Whole(end) is { } number and >= 0 and < 1000 => new SourceValue.List([.. Enumerable.Range(0, number).Select(SourceEvaluator.Number)], true),
        _ => null,
    };

    // Functions of known texts and numbers.
    private static SourceValue? Texts(string name, List<SourceValue> arguments)
    {
        if (arguments.Exists(argument => argument.Scalar is null))
            return null;
        var texts = arguments.ConvertAll(argument => argument.Scalar!.Text);
        switch (name, texts.Count)
        {
            case ("lower", 1): return SourceValue.Text(texts[0].ToLowerInvariant());
            case ("upper", 1): return SourceValue.Text(texts[0].ToUpperInvariant());
            case ("trimspace", 1): return SourceValue.Text(texts[0].Trim());
            case ("trimprefix", 2): return SourceValue.Text(texts[0].StartsWith(texts[1], StringComparison.Ordinal) ? texts[0][texts[1].Length..] : texts[0]);
            case ("trimsuffix", 2): return SourceValue.Text(texts[1].Length > 0 && texts[0].EndsWith(texts[1], StringComparison.Ordinal) ? texts[0][..^texts[1].Length] : texts[0]);
            case ("replace", 3) when !(texts[1].Length > 1 && texts[1].StartsWith('/') && texts[1].EndsWith('/')) && texts[1].Length > 0:
                return SourceValue.Text(texts[0].Replace(texts[1], texts[2], StringComparison.Ordinal));
            case ("split", 2) when texts[0].Length > 0:
                return new SourceValue.List([.. texts[1].Split(texts[0]).Take(2000).Select(SourceValue.Text)], true);
            case ("startswith", 2): return Flag(texts[0].StartsWith(texts[1], StringComparison.Ordinal));
            case ("endswith", 2): return Flag(texts[0].EndsWith(texts[1], StringComparison.Ordinal));
            case ("strcontains", 2): return Flag(texts[0].Contains(texts[1], StringComparison.Ordinal));
            case ("min" or "max", > 0) when texts.TrueForAll(text => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out _)):
                var numbers = texts.ConvertAll(text => double.Parse(text, CultureInfo.InvariantCulture));
                return new SourceValue.Known(PlanScalar.Number((name == "min" ? numbers.Min() : numbers.Max()).ToString("R", CultureInfo.InvariantCulture)));
            case ("format", > 0): return Format(texts);
            default: return null;
        }
    }

    private static SourceValue? Format(List<string> texts)
    {
        var pieces = texts[0].Split("%s");
        return pieces.Length == texts.Count && !Array.Exists(pieces, piece => piece.Contains('%', StringComparison.Ordinal))
            ? SourceValue.Text(string.Concat(pieces.Select((piece, i) => i == 0 ? piece : texts[i] + piece)))
            : null;
    }

    // The first that is no error; what may be one is a choice.
    private SourceValue Try(IReadOnlyList<HclExpression> arguments)
    {
        var found = new List<SourceValue>();
        foreach (var argument in arguments)
        {
            var value = evaluator.Evaluate(argument, at);
            if (value is SourceValue.Failed)
                continue;
            if (value is not SourceValue.Choice choice || choice.Of.All(one => one is not SourceValue.Failed))
            {
                found.Add(value);
                // What hides an answer may hide an error too.
                if (value is not (SourceValue.Hidden or SourceValue.Untold))
                    break;
                continue;
            }
            found.AddRange(choice.Of.Where(one => one is not SourceValue.Failed));
        }
        return SourceValue.OneOf(found);
    }

    // The first that is neither null nor empty; an identity never is.
    private static SourceValue Coalesce(List<SourceValue> arguments)
    {
        var found = new List<SourceValue>();
        foreach (var argument in arguments)
        {
            if (argument is SourceValue.Known { Value: PlanUnset } || argument.Scalar?.Text.Length == 0)
                continue;
            found.Add(argument);
            if (argument is SourceValue.Known or SourceValue.Attribute { IsPart: false } or SourceValue.Map or SourceValue.Json)
                break;
        }
        return SourceValue.OneOf(found);
    }

    private SourceValue? Concat(List<SourceValue> arguments)
    {
        var items = new List<SourceValue>();
        var exact = true;
        foreach (var argument in arguments)
        {
            exact &= argument is not SourceValue.List { IsExact: false };
            if (evaluator.Items(argument) is { } inner)
            {
                items.AddRange(inner.Select(item => item.Value));
                continue;
            }
            // A list of which only the origin is known.
            exact = false;
            items.Add(argument);
        }
        return new SourceValue.List(items, exact);
    }

    private SourceValue Flatten(SourceValue value, int depth)
    {
        if (depth > 20 || value is not (SourceValue.List or SourceValue.Known { Value: PlanList }) || evaluator.Items(value) is not { } items)
            return value;
        var flat = new List<SourceValue>();
        var exact = value is not SourceValue.List { IsExact: false };
        foreach (var item in items.Select(item => Flatten(item.Value, depth + 1)))
        {
            if (item is SourceValue.List or SourceValue.Known { Value: PlanList } && evaluator.Items(item) is { } inner)
            {
                flat.AddRange(inner.Select(one => one.Value));
                exact &= item is not SourceValue.List { IsExact: false };
            }
            else
            {
                flat.Add(item);
                exact &= item is not (SourceValue.Choice or SourceValue.Hidden or SourceValue.Untold or SourceValue.Made);
            }
        }
        return new SourceValue.List(flat, exact);
    }

    private SourceValue? Compact(SourceValue value)
    {
        if (evaluator.Items(value) is not { } items)
            return null;
        var kept = items.Select(item => item.Value).Where(item => item is not SourceValue.Known { Value: PlanUnset } && item.Scalar?.Text.Length != 0).ToList();
        var exact = value is not SourceValue.List { IsExact: false } && kept.TrueForAll(item => item is SourceValue.Known or SourceValue.Attribute { IsPart: false });
        return new SourceValue.List(kept, exact);
    }

    private SourceValue? One(SourceValue value) =>
        evaluator.Items(value) is not { } items ? null
        : items.Count == 0 ? SourceValue.Nothing
        : SourceValue.OneOf(items.Select(item => item.Value));

    private SourceValue? Element(SourceValue list, SourceValue index)
    {
        if (list is SourceValue.List { IsExact: true } or SourceValue.Known { Value: PlanList } or SourceValue.Group { IsCounted: true }
            && evaluator.Items(list) is { Count: > 0 } items && Whole(index) is { } at0)
        {
            return items[at0 % items.Count].Value;
        }
        return evaluator.Items(list) is { } any ? SourceValue.OneOf(any.Select(item => item.Value)) : null;
    }

    private SourceValue? Lookup(List<SourceValue> arguments)
    {
        if (arguments[1].Scalar?.Text is not { } key)
            return evaluator.Items(arguments[0]) is { } all ? SourceValue.OneOf([.. all.Select(item => item.Value), .. arguments.Skip(2)]) : null;
        return arguments[0] switch
        {
            SourceValue.Map or SourceValue.Known { Value: PlanObject } or SourceValue.Group or SourceValue.Instance => evaluator.Member(arguments[0], key) is var found and not SourceValue.Failed
                ? found
                : arguments.Count > 2 ? arguments[2] : new SourceValue.Failed(),
            SourceValue.Choice choice => SourceValue.OneOf(choice.Of.Select(one => Lookup([one, .. arguments.Skip(1)]) ?? one)),
            _ => null,
        };
    }

    private SourceValue? Merge(List<SourceValue> arguments)
    {
        var members = new Dictionary<string, SourceValue>(StringComparer.Ordinal);
        foreach (var argument in arguments)
        {
            if (argument is SourceValue.Known { Value: PlanUnset })
                continue;
            if (argument is not (SourceValue.Map or SourceValue.Known { Value: PlanObject } or SourceValue.Group { IsCounted: false }) || evaluator.Items(argument) is not { } items)
                return null;
            foreach (var (key, value) in items)
                members[key.Scalar!.Text] = value;
        }
        return new SourceValue.Map(members);
    }

    private SourceValue? Zip(SourceValue keys, SourceValue values)
    {
        if (evaluator.Items(keys) is not { } names || evaluator.Items(values) is not { } items || names.Count != items.Count
            || keys is SourceValue.List { IsExact: false } || values is SourceValue.List { IsExact: false })
        {
            return null;
        }
        var members = new Dictionary<string, SourceValue>(StringComparer.Ordinal);
        for (var i = 0; i < names.Count; i++)
        {
            if (names[i].Value.Scalar?.Text is not { } name)
                return null;
            members[name] = items[i].Value;
        }
        return new SourceValue.Map(members);
    }

    private SourceValue? Slice(List<SourceValue> arguments) =>
        evaluator.Items(arguments[0]) is { } items && arguments[0] is not SourceValue.List { IsExact: false }
        && Whole(arguments[1]) is { } from && Whole(arguments[2]) is { } to && from <= to && to <= items.Count
            ? new SourceValue.List([.. items.Skip(from).Take(to - from).Select(item => item.Value)], true)
            : null;

    private SourceValue? Contains(SourceValue list, SourceValue value)
    {
        if (evaluator.Items(list) is not { } items || value.Scalar is not { } wanted)
            return null;
        if (items.Any(item => item.Value.Scalar?.Text == wanted.Text))
            return Flag(true);
        return list is not SourceValue.List { IsExact: false } && items.All(item => item.Value.Scalar is not null) ? Flag(false) : null;
    }

    // join("", [x]) is an old way of saying one(x).
    private SourceValue? Join(SourceValue separator, SourceValue list)
    {
        if (separator.Scalar is not { } between || evaluator.Items(list) is not { } items || list is SourceValue.List { IsExact: false })
            return null;
        var parts = items.Select(item => item.Value).Where(item => between.Text.Length > 0 || item.Scalar?.Text.Length != 0).ToList();
        if (parts.TrueForAll(part => part.Scalar is not null))
            return SourceValue.Text(string.Join(between.Text, parts.Select(part => part.Scalar!.Text)));
        return parts.Count == 1 ? parts[0] : null;
    }

    private SourceValue? Reordered(string name, SourceValue value)
    {
        if (evaluator.Items(value) is not { } items || value is not (SourceValue.List or SourceValue.Known { Value: PlanList } or SourceValue.Group))
            return null;
        var values = items.Select(item => item.Value).ToList();
        if (name == "reverse")
            values.Reverse();
        var known = values.TrueForAll(item => item.Scalar is not null);
        if (known && name is "toset" or "sort")
            values = [.. values.OrderBy(item => item.Scalar!.Text, StringComparer.Ordinal)];
        if (name is not "reverse" and not "sort")
            values = [.. values.Distinct()];
        return new SourceValue.List(values, name is "reverse" or "distinct" || known || values.Count < 2);
    }

    private SourceValue? All(SourceValue list, string word, bool result)
    {
        if (evaluator.Items(list) is not { } items || list is SourceValue.List { IsExact: false })
            return null;
        if (items.Any(item => item.Value.Scalar is { Text: "true" or "false" } scalar && scalar.Text != word))
            return Flag(!result);
        return items.All(item => item.Value.Scalar?.Text == word) ? Flag(result) : null;
    }

    private int? Count(SourceValue value) => value switch
    {
        SourceValue.List { IsExact: false } => null,
        SourceValue.Known { Value: PlanScalar { Type: PlanScalarType.Text } text } => text.Text.Length,
        SourceValue.Known { Value: PlanUnset } => 0,
        _ => evaluator.Items(value)?.Count,
    };

    private static int? Whole(SourceValue value) =>
        value.Scalar is { } scalar && int.TryParse(scalar.Text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static SourceValue Flag(bool value) => new SourceValue.Known(PlanScalar.Of(value));
}
