using System.Globalization;
using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using YamlDotNet.RepresentationModel;

namespace Scanner.Detect.Rules;

/// <summary>
/// Turns one <c>field|modifier|modifier: value</c> into an expression (Sigma modifiers appendix). Modifiers are applied in
/// the order in which they stand.
/// </summary>
internal static partial class FieldTests
{
    private static readonly string[] TimeParts = ["minute", "hour", "day", "week", "month", "year"];

    private static readonly HashSet<string> Known = new(StringComparer.Ordinal)
    {
        "all", "startswith", "endswith", "contains", "exists", "cased", "neq", "windash", "re", "i", "m", "s", "base64", "base64offset",
        "utf16le", "utf16be", "utf16", "wide", "lt", "lte", "gt", "gte", "minute", "hour", "day", "week", "month", "year", "cidr",
        "expand", "fieldref",
    };

    /// <summary>Modifiers that decide what a value is, and those that may stand beside them.</summary>
    private static readonly (string[] Kind, string[] Beside)[] Alone =
    [
        (["exists"], ["all", "neq"]),
        (["lt", "lte", "gt", "gte"], [.. TimeParts, "all", "neq"]),
        (TimeParts, ["lt", "lte", "gt", "gte", "all", "neq"]),
        (["cidr"], ["expand", "all", "neq"]),
        (["re"], ["i", "m", "s", "cased", "expand", "all", "neq", "contains", "startswith", "endswith"]),
        (["fieldref"], ["contains", "startswith", "endswith", "cased", "all", "neq"]),
    ];

    /// <summary>A value on its way through the modifiers: a pattern, or bytes once an encoding was applied.</summary>
    private sealed record Item(TextPattern Pattern, byte[]? Bytes);

    [GeneratedRegex(@"(?<!\\)%(?<name>[A-Za-z0-9_.\-]+)%", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: -1)]
    private static partial Regex Placeholder();

    // pySigma's rule for what is the dash of an option: not after a word character, and before one.
    [GeneratedRegex(@"\B[-/–—―]\b", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: -1)]
    private static partial Regex Dash();

    /// <exception cref="FormatException">Key or value is wrong; the message says how.</exception>
    internal static Expression Parse(string key, YamlNode value, RuleSetOptions options)
    {
        var parts = key.Split('|');
        var field = parts[0].Trim().Length == 0 ? null : PathOf(parts[0].Trim());
        var modifiers = parts[1..];
        foreach (var modifier in modifiers)
        {
            if (!Known.Contains(modifier))
                throw new FormatException($"unknown modifier '{modifier}' in '{key}'");
        }

        foreach (var flag in new[] { "i", "m", "s" })
        {
            if (modifiers.Contains(flag) && !modifiers.Contains("re"))
                throw new FormatException($"the modifier '{flag}' in '{key}' needs 're' before it");
        }

        Agree(key, modifiers);
        IReadOnlyList<YamlNode> values;
        switch (value)
        {
            case YamlSequenceNode list:
                if (list.Children.Count == 0)
                    throw new FormatException($"'{key}' has an empty list of values");
                values = [.. list.Children];
                break;
            case YamlScalarNode:
                values = [value];
                break;
            default:
                throw new FormatException($"'{key}' has a map as its value; write nested fields with dots, as in 'userIdentity.type: Root'");
        }

        var tests = values.Select(item => item is YamlScalarNode scalar
            ? One(key, field, modifiers, scalar, options)
            : throw new FormatException($"'{key}' has a list or a map among its values; only texts, numbers, true, false and null can be values")).ToList();
        var whole = modifiers.Contains("all") && tests.Count > 1 ? new Expression.And(tests) : Expression.Any(tests);
        return modifiers.Contains("neq") ? new Expression.Not(whole) : whole;
    }

    /// <summary>A field path; <c>items[]</c>, <c>items[*]</c> and <c>items{}</c> of other products' rules are the elements of a list, which a plain name is too.</summary>
    private static string PathOf(string field)
    {
        foreach (var every in new[] { "[]", "[*]", "{}" })
            field = field.Replace(every, "", StringComparison.Ordinal);
        // A list's elements have no numbers here: such a test would never match, and nobody would know.
        if (ElementNumber().Match(field) is { Success: true } number)
            throw new FormatException($"'{field}' names one element of a list by its number ('{number.Value}'); leave the number out: a field of a list is tested on each of its elements");
        return field;
    }

    [GeneratedRegex(@"\[[0-9]+\]|\.[0-9]+(\.|$)", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: -1)]
    private static partial Regex ElementNumber();

    /// <summary>Refuses modifiers of which one would do nothing beside the other.</summary>
    private static void Agree(string key, string[] modifiers)
    {
        var places = Array.FindAll(modifiers, one => one is "contains" or "startswith" or "endswith").Distinct(StringComparer.Ordinal).ToArray();
        if (places.Length > 1)
            throw new FormatException($"'{key}' has '{places[0]}' and '{places[1]}', which say different things; choose one");
        var comparisons = Array.FindAll(modifiers, one => one is "lt" or "lte" or "gt" or "gte");
        if (comparisons.Length > 1)
            throw new FormatException($"'{key}' has '{comparisons[0]}' and '{comparisons[1]}', of which only one can be compared with; write two fields, one for each end of the range");
        foreach (var (kind, beside) in Alone)
        {
            if (Array.Find(modifiers, kind.Contains) is { } main && Array.Find(modifiers, one => !kind.Contains(one) && !beside.Contains(one)) is { } other)
                throw new FormatException($"'{key}' has '{main}' and '{other}', which cannot be applied to the same value; leave one out");
        }
    }

    /// <summary>A bare text in a list under a search identifier: found anywhere in any value of the event.</summary>
    internal static Expression Keyword(YamlScalarNode scalar) =>
        new Expression.Match(null, new ValueTest.Text(TextPattern.Parse(scalar.Value ?? "").Surround(before: true, after: true), Cased: false));

    private static Expression One(string key, string? field, string[] modifiers, YamlScalarNode scalar, RuleSetOptions options)
    {
        var text = scalar.Value ?? "";
        var cased = modifiers.Contains("cased");
        if (modifiers.Contains("exists"))
        {
            if (field is null)
                throw new FormatException("'exists' needs a field before it");
            var exists = scalar.AsBool() ?? throw new FormatException($"'{key}' must be true or false, not '{text}'");
            var there = new Expression.Match(field, new ValueTest.Exists());
            return exists ? there : new Expression.Not(there);
        }

        if (scalar.IsNull())
        {
            if (modifiers.Any(modifier => modifier is not ("neq" or "cased" or "all")))
                throw new FormatException($"'{key}' has the value null, which its modifiers cannot be applied to");
            if (field is null)
                throw new FormatException("null cannot be a keyword");
            return new Expression.Match(field, new ValueTest.IsNull());
        }

        var part = Array.Find(modifiers, modifier => TimeParts.Contains(modifier));
        var comparison = Array.Find(modifiers, modifier => modifier is "lt" or "lte" or "gt" or "gte");
        if (part is not null || comparison is not null)
        {
            if (!double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) || !double.IsFinite(number))
                throw new FormatException($"'{key}' must be a number, not '{text}'");
            var @operator = comparison switch { "lt" => "<", "lte" => "<=", "gt" => ">", "gte" => ">=", _ => "=" };
            decimal? exact = decimal.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole) ? whole : null;
            return new Expression.Match(field, part is null ? new ValueTest.Number(@operator, number, exact) : new ValueTest.TimePart(part, @operator, number));
        }

        if (modifiers.Contains("fieldref"))
        {
            if (field is null || text.Length == 0)
                throw new FormatException("'fieldref' needs a field before it and the name of another as its value");
            var kind = modifiers.Contains("contains") ? FieldReferenceKind.Contains
                : modifiers.Contains("startswith") ? FieldReferenceKind.StartsWith
                : modifiers.Contains("endswith") ? FieldReferenceKind.EndsWith : FieldReferenceKind.Equal;
            return new Expression.Match(field, new ValueTest.FieldReference(PathOf(text), kind, cased));
        }

        if (modifiers.Contains("cidr"))
        {
            return Expression.Any([.. Expand(key, text, modifiers, options)
                .Select(network => new Expression.Match(field, new ValueTest.Cidr(NetworkOf(key, network))))]);
        }

        if (modifiers.Contains("re"))
        {
            return Expression.Any([.. Expand(key, text, modifiers, options).Select(pattern => new Expression.Match(field, Regular(key, pattern, modifiers)))]);
        }

        // A version or another decimal is a text: 1.1 is not 1.10.
        if (modifiers.Length == 0 && field is not null && scalar.AsNumber() is { } plain && text.All(c => c == '-' || char.IsAsciiDigit(c)) && text.Length <= 15)
            return new Expression.Match(field, new ValueTest.SameNumber(text, plain));
        return Text(key, field, modifiers, text, cased, options);
    }

    private static Expression Text(string key, string? field, string[] modifiers, string text, bool cased, RuleSetOptions options)
    {
        var items = new List<Item> { new(TextPattern.Parse(text), null) };
        foreach (var modifier in modifiers)
        {
            items = modifier switch
            {
                "contains" => items.ConvertAll(item => new Item(Plain(item).Surround(before: true, after: true), null)),
                "startswith" => items.ConvertAll(item => new Item(Plain(item).Surround(before: false, after: true), null)),
                "endswith" => items.ConvertAll(item => new Item(Plain(item).Surround(before: true, after: false), null)),
                "wide" or "utf16le" => items.ConvertAll(item => new Item(item.Pattern, Encoding.Unicode.GetBytes(Literal(key, item)))),
                "utf16be" => items.ConvertAll(item => new Item(item.Pattern, Encoding.BigEndianUnicode.GetBytes(Literal(key, item)))),
                "utf16" => items.ConvertAll(item => new Item(item.Pattern, [0xff, 0xfe, .. Encoding.Unicode.GetBytes(Literal(key, item))])),
                "base64" => items.ConvertAll(item => new Item(TextPattern.OfLiteral(Convert.ToBase64String(Bytes(key, item))), null)),
                "base64offset" => [.. items.SelectMany(item => Offsets(Bytes(key, item))).Select(encoded => new Item(TextPattern.OfLiteral(encoded), null))],
                "expand" => [.. items.SelectMany(item => Expand(key, item.Pattern, options)).Select(pattern => new Item(pattern, null))],
                "windash" => items.ConvertAll(item => new Item(Dashes(Plain(item)), null)),
                _ => items,
            };
        }

        if (field is null)
        {
            // A keyword is searched for in the whole log message; without a modifier that says where, it is anywhere.
            if (!modifiers.Any(modifier => modifier is "contains" or "startswith" or "endswith"))
                items = items.ConvertAll(item => new Item(Plain(item).Surround(before: true, after: true), null));
        }

        return Expression.Any([.. items.Select(item => new Expression.Match(field, new ValueTest.Text(Plain(item), cased)))]);
    }

    private static TextPattern Plain(Item item) =>
        item.Bytes is null ? item.Pattern : TextPattern.OfLiteral(Encoding.Latin1.GetString(item.Bytes));

    private static string Literal(string key, Item item) =>
        item.Bytes is not null ? throw new FormatException($"'{key}' applies two encodings one after the other")
        : item.Pattern.Literal ?? throw new FormatException($"'{key}' encodes a value with wildcards; encode first and then use contains, startswith or endswith");

    private static byte[] Bytes(string key, Item item) => item.Bytes ?? Encoding.UTF8.GetBytes(Literal(key, item));

    /// <summary>
    /// What is seen of a text in a longer base64 text, by how far it stands from a group of three bytes: characters which
    /// depend on what is before or behind it too are left out.
    /// </summary>
    private static IEnumerable<string> Offsets(byte[] bytes)
    {
        for (var offset = 0; offset < 3; offset++)
        {
            var encoded = Convert.ToBase64String([.. new byte[offset], .. bytes]);
            var start = offset switch { 0 => 0, 1 => 2, _ => 3 };
            var end = ((bytes.Length + offset) * 8 / 6) is var whole && whole > start ? whole : start;
            if (end == start)
                throw new FormatException("a value of one character cannot be told in base64 text at every offset; look for more of it");
            yield return encoded[start..end];
        }
    }

    /// <summary>Every dash of an option may be any dash: a wildcard of its own, where permutations would be five to the power
    /// of the dashes.</summary>
    private static TextPattern Dashes(TextPattern pattern)
    {
        var tokens = new List<string>();
        foreach (var token in pattern.Tokens)
        {
            var position = 0;
            if (!TextPattern.IsWildcard(token))
            {
                foreach (System.Text.RegularExpressions.Match match in Dash().Matches(token))
                {
                    tokens.Add(token[position..match.Index]);
                    tokens.Add(TextPattern.Dash);
                    position = match.Index + match.Length;
                }
            }

            tokens.Add(position == 0 ? token : token[position..]);
        }

        return TextPattern.Of(tokens);
    }

    private static IEnumerable<string> Expand(string key, string text, string[] modifiers, RuleSetOptions options)
    {
        if (!modifiers.Contains("expand"))
            return [text];
        var match = Placeholder().Match(text);
        if (!match.Success)
            return [text.Replace("\\%", "%", StringComparison.Ordinal)];
        return Values(key, match.Groups["name"].Value, options).SelectMany(value =>
            Expand(key, text[(match.Index + match.Length)..], modifiers, options)
                .Select(rest => text[..match.Index].Replace("\\%", "%", StringComparison.Ordinal) + value + rest));
    }

    private static IEnumerable<TextPattern> Expand(string key, TextPattern pattern, RuleSetOptions options)
    {
        var results = new List<List<string>> { new() };
        foreach (var token in pattern.Tokens)
        {
            if (TextPattern.IsWildcard(token))
            {
                results.ForEach(result => result.Add(token));
                continue;
            }

            var position = 0;
            foreach (System.Text.RegularExpressions.Match match in Placeholder().Matches(token))
            {
                var before = token[position..match.Index].Replace("\\%", "%", StringComparison.Ordinal);
                results.ForEach(result => result.Add(before));
                position = match.Index + match.Length;
                var values = Values(key, match.Groups["name"].Value, options);
                results = [.. results.SelectMany(result => values.Select(value => new List<string>([.. result, .. TextPattern.Parse(value).Tokens])))];
                if (results.Count > 10_000)
                    throw new FormatException($"the placeholders of '{key}' expand to more than 10,000 values");
            }

            var rest = token[position..].Replace("\\%", "%", StringComparison.Ordinal);
            results.ForEach(result => result.Add(rest));
        }

        return results.Select(TextPattern.Of);
    }

    private static IReadOnlyList<string> Values(string key, string name, RuleSetOptions options) =>
        options.Placeholders.TryGetValue(name, out var values) && values.Count > 0
            ? values
            : throw new FormatException($"'{key}' needs values for the placeholder %{name}%: give them in the allow lists, or leave the rule out");

    private static IPNetwork NetworkOf(string key, string text) =>
        Network.Parse(text) ?? throw new FormatException($"'{key}' must be an IPv4 or IPv6 network written in full, such as 10.0.0.0/8 or 2001:db8::/32, not '{text}'");

    private static ValueTest.Regex Regular(string key, string pattern, string[] modifiers)
    {
        // contains needs nothing: an expression is found anywhere.
        if (modifiers.Contains("startswith"))
            pattern = $"^(?:{pattern})";
        if (modifiers.Contains("endswith"))
            pattern = $"(?:{pattern})$";
        try
        {
            var test = new ValueTest.Regex(RegexFactory.OfPcre(pattern), modifiers.Contains("i"), modifiers.Contains("m"), modifiers.Contains("s"));
            RegexFactory.Check(test);
            return test;
        }
        catch (Exception e) when (e is ArgumentException or FormatException)
        {
            throw new FormatException($"'{key}' is not a regular expression: {e.Message}", e);
        }
    }
}
