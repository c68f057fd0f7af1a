using System.Text.Json;

namespace Scanner.Store.Functions;

/// <summary>
/// A policy as AWS answers it: a JSON object, a text that holds one, or such a text percent-encoded (IAM). One statement may
/// stand without a list, one value too. What cannot be told for sure is an error, since a pass must not rest on it.
/// </summary>
internal sealed class PolicyDocument
{
    private static readonly JsonDocumentOptions Options = new() { MaxDepth = 64 };

    private static readonly Dictionary<string, (ConditionOperator Operator, bool Negated)> Operators = new(StringComparer.OrdinalIgnoreCase)
    {
        ["StringEquals"] = (ConditionOperator.StringEquals, false),
        ["StringNotEquals"] = (ConditionOperator.StringEquals, true),
        ["StringEqualsIgnoreCase"] = (ConditionOperator.StringEqualsIgnoreCase, false),
        ["StringNotEqualsIgnoreCase"] = (ConditionOperator.StringEqualsIgnoreCase, true),
        ["StringLike"] = (ConditionOperator.StringLike, false),
        ["StringNotLike"] = (ConditionOperator.StringLike, true),
        ["NumericEquals"] = (ConditionOperator.NumericEquals, false),
        ["NumericNotEquals"] = (ConditionOperator.NumericEquals, true),
        ["NumericLessThan"] = (ConditionOperator.NumericLessThan, false),
        ["NumericLessThanEquals"] = (ConditionOperator.NumericLessThanEquals, false),
        ["NumericGreaterThan"] = (ConditionOperator.NumericGreaterThan, false),
        ["NumericGreaterThanEquals"] = (ConditionOperator.NumericGreaterThanEquals, false),
        ["DateEquals"] = (ConditionOperator.DateEquals, false),
        ["DateNotEquals"] = (ConditionOperator.DateEquals, true),
        ["DateLessThan"] = (ConditionOperator.DateLessThan, false),
        ["DateLessThanEquals"] = (ConditionOperator.DateLessThanEquals, false),
        ["DateGreaterThan"] = (ConditionOperator.DateGreaterThan, false),
        ["DateGreaterThanEquals"] = (ConditionOperator.DateGreaterThanEquals, false),
        ["Bool"] = (ConditionOperator.Bool, false),
        ["BinaryEquals"] = (ConditionOperator.BinaryEquals, false),
        ["IpAddress"] = (ConditionOperator.IpAddress, false),
        ["NotIpAddress"] = (ConditionOperator.IpAddress, true),
        ["ArnEquals"] = (ConditionOperator.ArnLike, false),
        ["ArnLike"] = (ConditionOperator.ArnLike, false),
        ["ArnNotEquals"] = (ConditionOperator.ArnLike, true),
        ["ArnNotLike"] = (ConditionOperator.ArnLike, true),
        ["Null"] = (ConditionOperator.Null, false),
    };

    private PolicyDocument(IReadOnlyList<PolicyStatement> statements) => Statements = statements;

    public IReadOnlyList<PolicyStatement> Statements { get; }

    /// <summary>Reads a policy.</summary>
    /// <param name="json">JSON of the document, or a JSON text that holds it.</param>
    /// <returns>Null for JSON's null: there is no policy.</returns>
    /// <exception cref="PolicyFormatException">It is none, or its meaning cannot be told.</exception>
    public static PolicyDocument? Parse(string json)
    {
        try
        {
            // JSON, a text that holds JSON, or a JSON column whose value is such a text.
            for (var depth = 0; ; depth++)
            {
                using var document = JsonDocument.Parse(json, Options);
                var root = document.RootElement;
                if (root.ValueKind == JsonValueKind.Null)
                    return null;
                if (root.ValueKind != JsonValueKind.String || depth == 2)
                    return new PolicyDocument(Read(root));
                json = root.GetString()!.Trim();
                if (json.StartsWith("%7B", StringComparison.OrdinalIgnoreCase))
                    json = Uri.UnescapeDataString(json);
            }
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            // InvalidOperationException: half a surrogate pair in a text.
            throw new PolicyFormatException("it is not JSON");
        }
    }

    private static List<PolicyStatement> Read(JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Object)
            throw new PolicyFormatException("it is not a JSON object");
        var members = Members(root, "the document");
        if (!members.TryGetValue("Statement", out var statements))
            throw new PolicyFormatException("it has no Statement");
        return statements.ValueKind switch
        {
            JsonValueKind.Object => [Statement(statements)],
            JsonValueKind.Array => [.. statements.EnumerateArray().Select(Statement)],
            _ => throw new PolicyFormatException("its Statement is neither an object nor a list"),
        };
    }

    private static PolicyStatement Statement(JsonElement element)
    {
        if (element.ValueKind != JsonValueKind.Object)
            throw new PolicyFormatException("a statement is not an object");
        var members = Members(element, "a statement");
        var known = new HashSet<string>(
            ["Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource", "Condition"], StringComparer.OrdinalIgnoreCase);
        if (members.Keys.FirstOrDefault(name => !known.Contains(name)) is { } unknown)
            throw new PolicyFormatException($"a statement has '{Short(unknown)}', which is no element of a policy");
        var (actions, exceptActions) = Either(members, "Action");
        var (resources, exceptResources) = Either(members, "Resource");
        if (actions is null)
            throw new PolicyFormatException("a statement has neither Action nor NotAction");
        var (principal, exceptPrincipals) = Element(members, "Principal");
        return new PolicyStatement
        {
            Sid = members.TryGetValue("Sid", out var sid) && sid.ValueKind == JsonValueKind.String ? sid.GetString() : null,
            Effect = members.TryGetValue("Effect", out var effect) ? Effect(effect) : throw new PolicyFormatException("a statement has no Effect"),
            Principals = principal is { } who ? Principals(who) : null,
            ExceptPrincipals = exceptPrincipals,
            Actions = actions,
            ExceptActions = exceptActions,
            Resources = resources,
            ExceptResources = exceptResources,
            Conditions = members.TryGetValue("Condition", out var conditions) ? Conditions(conditions) : [],
        };
    }

    private static PolicyEffect Effect(JsonElement element) =>
        element.ValueKind == JsonValueKind.String && element.GetString() is { } text
            ? text.Equals("Allow", StringComparison.OrdinalIgnoreCase) ? PolicyEffect.Allow
                : text.Equals("Deny", StringComparison.OrdinalIgnoreCase) ? PolicyEffect.Deny
                : throw new PolicyFormatException($"'{Short(text)}' is no Effect")
            : throw new PolicyFormatException("an Effect is not a text");

    private static (IReadOnlyList<string>? Values, bool Except) Either(Dictionary<string, JsonElement> members, string name)
    {
        var (element, except) = Element(members, name);
        if (element is not { } value)
            return (null, except);
        var values = Texts(value, name);
        return values.Count > 0 ? (values, except) : throw new PolicyFormatException($"a statement has an empty {(except ? "Not" : "")}{name}");
    }

    private static (JsonElement? Value, bool Except) Element(Dictionary<string, JsonElement> members, string name)
    {
        var has = members.TryGetValue(name, out var value);
        if (!members.TryGetValue("Not" + name, out var except))
            return (has ? value : null, false);
        return has ? throw new PolicyFormatException($"a statement has both {name} and Not{name}") : (except, true);
    }

    private static List<PolicyPrincipal> Principals(JsonElement element)
    {
        if (element.ValueKind == JsonValueKind.String)
            return element.GetString() == "*" ? [PolicyPrincipal.Everybody] : throw new PolicyFormatException("a Principal is a text other than *");
        if (element.ValueKind != JsonValueKind.Object)
            throw new PolicyFormatException("a Principal is neither * nor an object");
        var principals = new List<PolicyPrincipal>();
        foreach (var (type, names) in Members(element, "a Principal"))
        {
            var known = Array.Find(["AWS", "Service", "Federated", "CanonicalUser"], word => word.Equals(type, StringComparison.OrdinalIgnoreCase))
                ?? throw new PolicyFormatException($"'{Short(type)}' is no type of principal");
            principals.AddRange(Texts(names, "Principal").Select(name => new PolicyPrincipal(known, name)));
        }
        return principals;
    }

    private static List<PolicyCondition> Conditions(JsonElement element)
    {
        if (element.ValueKind != JsonValueKind.Object)
            throw new PolicyFormatException("a Condition is not an object");
        var conditions = new List<PolicyCondition>();
        foreach (var (name, keys) in Members(element, "a Condition"))
        {
            var (quantifier, rest) = name.Split(':', 2) switch
            {
                [var word, var after] when word.Equals("ForAnyValue", StringComparison.OrdinalIgnoreCase) => (ConditionQuantifier.Any, after),
                [var word, var after] when word.Equals("ForAllValues", StringComparison.OrdinalIgnoreCase) => (ConditionQuantifier.All, after),
                _ => (ConditionQuantifier.One, name),
            };
            var ifExists = rest.EndsWith("IfExists", StringComparison.OrdinalIgnoreCase);
            if (!Operators.TryGetValue(ifExists ? rest[..^"IfExists".Length] : rest, out var found) || (ifExists && found.Operator == ConditionOperator.Null))
                throw new PolicyFormatException($"'{Short(name)}' is no condition operator that is known");
            if (keys.ValueKind != JsonValueKind.Object)
                throw new PolicyFormatException($"the keys of {name} are not an object");
            conditions.AddRange(Members(keys, name).Select(pair =>
                new PolicyCondition(found.Operator, found.Negated, ifExists, quantifier, pair.Key, Texts(pair.Value, pair.Key))));
        }
        return conditions;
    }

    /// <summary>One value or a list of values as texts; numbers and booleans as JSON writes them.</summary>
    internal static List<string> Texts(JsonElement element, string what) => element.ValueKind switch
    {
        JsonValueKind.Array => [.. element.EnumerateArray().Select(value => Text(value, what))],
        _ => [Text(element, what)],
    };

    private static string Text(JsonElement element, string what) => element.ValueKind switch
    {
        JsonValueKind.String => element.GetString()!,
        JsonValueKind.True => "true",
        JsonValueKind.False => "false",
        JsonValueKind.Number => element.GetRawText(),
        _ => throw new PolicyFormatException($"a value of {Short(what)} is no text"),
    };

    /// <summary>Members by name; the names of a policy's elements and keys are told apart by more than case.</summary>
    internal static Dictionary<string, JsonElement> Members(JsonElement element, string what)
    {
        var members = new Dictionary<string, JsonElement>(StringComparer.OrdinalIgnoreCase);
        foreach (var member in element.EnumerateObject())
        {
            if (!members.TryAdd(member.Name, member.Value))
                throw new PolicyFormatException($"{what} has '{Short(member.Name)}' twice");
        }
        return members;
    }

    private static string Short(string text) => text.Length <= 60 ? text : text[..60] + "...";
}
