using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Scanner.Model;

namespace Scanner.Collect.Plans;

/// <summary>
/// What is known before apply of a policy that <c>data.aws_iam_policy_document</c> makes during apply: its statements, in which single
/// actions, resources, principals or conditions are not known.
/// Source: https://registry.terraform.io/providers/hashicorp/aws/latest/docs/data-sources/iam_policy_document.
/// </summary>
internal sealed class PlanPolicy
{
    // Stands for what is not known. No policy has private-use characters.
    private const string Hole = "\uE000";

    private static readonly JsonSerializerOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly List<JsonObject> _statements = [];

    // Of documents of which it is not known whether they are taken in.
    private readonly List<JsonObject> _possible = [];
    private bool _open;

    private PlanPolicy()
    {
    }

    /// <summary>Reads the data source's arguments.</summary>
    /// <param name="document">All arguments of the data source, as far as they are known.</param>
    public static PlanPolicy Of(PlanValue document)
    {
        var policy = new PlanPolicy();
        // Later statements replace earlier ones of the same Sid: sources, then its own, then overrides.
        policy.Take(document.Find("source_json"));
        policy.Take(document.Find("source_policy_documents"));
        switch (document.Find("statement"))
        {
            case PlanList list:
                foreach (var statement in list.Items)
                    policy.Add(statement);
                break;
            case PlanObject one:
                policy.Add(one);
                break;
            case PlanUnknown or PlanUnset { IsComputed: true }:
                policy._open = true;
                break;
        }
        policy.Take(document.Find("override_json"));
        policy.Take(document.Find("override_policy_documents"));
        return policy;
    }

    /// <summary>
    /// The policies between which it lies: what is not known of what it allows, and of what it denies, at its narrowest and at its widest.
    /// </summary>
    public IReadOnlyList<PlanValue> Choices()
    {
        var texts = new List<string>();
        foreach (var allow in new[] { false, true })
        {
            foreach (var deny in new[] { false, true })
            {
                var text = Text(allow, deny);
                if (!texts.Contains(text, StringComparer.Ordinal))
                    texts.Add(text);
            }
        }
        return [.. texts.Select(PlanScalar.Of)];
    }

    /// <summary>The policy, where something else is put in the place of texts in it: of a statement that has one nothing is known any more.</summary>
    /// <param name="texts">The texts.</param>
    public PlanPolicy Without(IReadOnlyCollection<string> texts)
    {
        foreach (var text in texts)
        {
            // A pattern (/x/), or something that may be a part of the JSON around the values, may change anything.
            _open |= !text.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '_' or '-') || text.Length == 0 || "Version2012-10-17Statement".Contains(text, StringComparison.Ordinal);
            _open |= _statements.RemoveAll(Has) + _possible.RemoveAll(Has) > 0;

            bool Has(JsonObject statement) => statement.ToJsonString(Json).Contains(text, StringComparison.Ordinal);
        }
        return this;
    }

    // Other documents that are taken in: known texts, or ones that are made during apply as well.
    private void Take(PlanValue documents)
    {
        switch (documents)
        {
            case PlanList list:
                foreach (var item in list.Items)
                    Take(item);
                break;
            case PlanUnknown { Policy: { } policy }:
                _open |= policy._open;
                foreach (var statement in policy._statements)
                    Put((JsonObject)statement.DeepClone());
                _possible.AddRange(policy._possible);
                break;
            case PlanUnknown { Policies: { Count: > 0 } policies }:
                foreach (var one in policies)
                {
                    _open |= one._open;
                    _possible.AddRange(one._statements.Concat(one._possible));
                }
                break;
            case PlanUnknown or PlanSymbol or PlanUnset { IsComputed: true }:
                _open = true;
                break;
            case PlanScalar { Text.Length: > 0 } text:
                Parse(text.Text);
                break;
        }
    }

    private void Parse(string text)
    {
        try
        {
            var whole = (JsonText.Node(text) as JsonObject)?["Statement"];
            foreach (var statement in whole is JsonArray list ? list.ToList() : [whole])
                Put((statement as JsonObject)?.DeepClone() as JsonObject);
        }
        catch (JsonException)
        {
            _open = true;
        }
    }

    private void Put(JsonObject? statement)
    {
        if (statement is null)
        {
            _open = true;
            return;
        }
        var sid = Sid(statement);
        var at = sid.Length == 0 ? -1 : _statements.FindIndex(one => Sid(one) == sid);
        if (at >= 0)
            _statements[at] = statement;
        else
            _statements.Add(statement);
    }

    private static string Sid(JsonObject statement) => statement["Sid"] is JsonValue value && value.TryGetValue<string>(out var sid) ? sid : "";

    private void Add(PlanValue value)
    {
        if (value is not PlanObject statement || statement["effect"] is PlanUnknown)
        {
            _open = true;
            return;
        }
        var made = new JsonObject();
        if (statement["sid"] is PlanScalar { Text.Length: > 0 } sid)
            made["Sid"] = sid.Text;
        made["Effect"] = statement["effect"] is PlanScalar { Text.Length: > 0 } effect ? effect.Text : "Allow";
        List(made, "Action", statement["actions"]);
        List(made, "NotAction", statement["not_actions"]);
        List(made, "Resource", statement["resources"]);
        List(made, "NotResource", statement["not_resources"]);
        Principals(made, "Principal", statement["principals"]);
        Principals(made, "NotPrincipal", statement["not_principals"]);
        Conditions(made, statement["condition"]);
        Put(made);
    }

    private static void List(JsonObject statement, string name, PlanValue value)
    {
        if (Texts(value) is { Count: > 0 } texts)
            statement[name] = new JsonArray([.. texts.Select(text => JsonValue.Create(text))]);
    }

    private static List<string> Texts(PlanValue value) => value switch
    {
        PlanList list => [.. list.Items.SelectMany(Texts).Distinct(StringComparer.Ordinal)],
        PlanScalar scalar => [scalar.Text],
        PlanUnknown or PlanSymbol or PlanUnset { IsComputed: true } => [Hole],
        _ => [],
    };

    private static void Principals(JsonObject statement, string name, PlanValue value)
    {
        var principals = new JsonObject();
        foreach (var block in value is PlanList list ? list.Items : [value])
        {
            if (block is PlanUnset { IsComputed: false })
                continue;
            var type = (block as PlanObject)?["type"] is PlanScalar { Text.Length: > 0 } known ? known.Text : Hole;
            var ids = block is PlanObject one ? Texts(one["identifiers"]) : [Hole];
            if (type is "*" or Hole)
            {
                // The provider writes {"AWS": "*"} and "*" for this; what is not known may be anybody.
                type = "AWS";
                ids = ids is ["*"] ? ids : [Hole];
            }
            var all = (principals[type] as JsonArray)?.Select(id => id!.GetValue<string>()).Concat(ids) ?? ids;
            principals[type] = new JsonArray([.. all.Distinct(StringComparer.Ordinal).Select(id => JsonValue.Create(id))]);
        }
        if (principals.Count > 0)
            statement[name] = principals;
    }

    private void Conditions(JsonObject statement, PlanValue value)
    {
        var conditions = new JsonObject();
        foreach (var block in value is PlanList list ? list.Items : [value])
        {
            if (block is PlanUnset { IsComputed: false })
                continue;
            if (block is PlanObject one && one["test"] is PlanScalar test && one["variable"] is PlanScalar variable)
            {
                if (conditions[test.Text] is not JsonObject keys)
                    conditions[test.Text] = keys = [];
                keys[variable.Text] = new JsonArray([.. Texts(one["values"]).Select(text => JsonValue.Create(text))]);
            }
            else
            {
                conditions[Hole] = new JsonObject();
            }
        }
        if (conditions.Count > 0)
            statement["Condition"] = conditions;
    }

    private string Text(bool wideAllow, bool wideDeny)
    {
        var statements = new JsonArray();
        // One of the same Sid, if it is taken in, is in the place of it.
        var replaced = _possible.Select(Sid).Where(sid => sid.Length > 0).ToHashSet(StringComparer.Ordinal);
        foreach (var (statement, certain) in _statements.Select(one => (one, !replaced.Contains(Sid(one)))).Concat(_possible.Select(one => (one, false))))
        {
            var copy = (JsonObject)statement.DeepClone();
            var denies = copy["Effect"] is JsonValue effect && effect.TryGetValue<string>(out var word) && word == "Deny";
            if (!certain && !(denies ? wideDeny : wideAllow))
                continue;
            var conditional = denies && wideDeny && HasHole(copy["Condition"]);
            Fill(copy, denies ? wideDeny : wideAllow);
            statements.Add(copy);
            // The widest refusal is two: one of everything, and one of what people ask for by its condition.
            if (conditional)
            {
                var second = (JsonObject)copy.DeepClone();
                second["Condition"] = OverHttp();
                statements.Add(second);
            }
        }
        if (_open && wideAllow)
            statements.Add(new JsonObject { ["Effect"] = "Allow", ["Action"] = "*", ["Resource"] = "*", ["Principal"] = "*" });
        if (_open && wideDeny)
        {
            statements.Add(new JsonObject { ["Effect"] = "Deny", ["Action"] = "*", ["Resource"] = "*", ["Principal"] = "*" });
            statements.Add(new JsonObject { ["Effect"] = "Deny", ["Action"] = "*", ["Resource"] = "*", ["Principal"] = "*", ["Condition"] = OverHttp() });
        }
        return new JsonObject { ["Version"] = "2012-10-17", ["Statement"] = statements }.ToJsonString(Json);
    }

    private static JsonObject OverHttp() => new() { ["Bool"] = new JsonObject { ["aws:SecureTransport"] = "false" } };

    // Puts the narrowest or the widest in the place of what is not known.
    private static void Fill(JsonObject statement, bool wide)
    {
        Fill(statement, "Action", wide ? "*" : "none:None");
        Fill(statement, "NotAction", wide ? "none:None" : "*");
        Fill(statement, "Resource", wide ? "*" : "arn:aws:none:::none");
        Fill(statement, "NotResource", wide ? "arn:aws:none:::none" : "*");
        foreach (var (name, text) in new[] { ("Principal", wide ? "*" : "arn:aws:iam::000000000000:root"), ("NotPrincipal", wide ? "arn:aws:iam::000000000000:root" : "*") })
        {
            if (statement[name] is JsonObject principals)
            {
                foreach (var type in principals.Select(member => member.Key).ToList())
                    Fill(principals, type, text);
            }
        }
        if (statement["Condition"] is not JsonObject conditions || !HasHole(conditions))
            return;
        // A condition of which something is not known may hold always, or never.
        if (wide)
            statement.Remove("Condition");
        else
            statement["Condition"] = new JsonObject { ["StringEquals"] = new JsonObject { ["aws:PrincipalArn"] = "none" } };
    }

    private static bool HasHole(JsonNode? node) => node switch
    {
        JsonObject map => map.Any(member => member.Key == Hole || HasHole(member.Value)),
        JsonArray list => list.Any(HasHole),
        JsonValue value => value.TryGetValue<string>(out var text) && text == Hole,
        _ => false,
    };

    private static void Fill(JsonObject holder, string name, string text)
    {
        if (holder[name] is JsonArray list && list.Any(item => item is JsonValue value && value.TryGetValue<string>(out var one) && one == Hole))
            holder[name] = new JsonArray([.. list.Select(item => item!.GetValue<string>()).Select(one => JsonValue.Create(one == Hole ? text : one))]);
    }
}
