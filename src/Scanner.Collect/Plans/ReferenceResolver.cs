using System.Text.Json;
using System.Text.RegularExpressions;

namespace Scanner.Collect.Plans;

/// <summary>
/// Finds the object that a value known after apply will be an identity of, through the names in the plan's configuration. The
/// plan gives names, not expressions, so every rule says when not to answer (gate.md 3.1, measured on 104 pairs of plans before and after apply):
/// <list type="number">
/// <item>Names that are the beginning of another, and what is known at plan, take no part: an unknown comes from something unknown.</item>
/// <item>Nothing left: the argument was null.</item>
/// <item><c>var.x</c> is what the call gives; part of an object that the call puts together is not told.</item>
/// <item><c>module.m.out</c> is what the output's expression is; a whole module, or part of an output with several names, is not told.</item>
/// <item><c>T.N</c> without a key is the same key where <c>each.key</c> or <c>count.index</c> stands beside it, else all instances.</item>
/// <item><c>each.value</c> goes through <c>for_each</c> where that is one bare resource, else is not told.</item>
/// <item>Several objects, or a data source that is read during apply: not told.</item>
/// <item><c>local.x</c> is told by the source only.</item>
/// <item>Only attributes that are identities of AWS objects are answers.</item>
/// </list>
/// </summary>
internal sealed partial class ReferenceResolver
{
    private const int MostDepth = 40;

    private readonly PlanConfiguration _configuration;
    private readonly PlanEntries _entries;
    private readonly IReadOnlyDictionary<string, IReadOnlySet<string>> _names;
    private readonly bool _partial;

    /// <summary>Makes a resolver.</summary>
    /// <param name="configuration">The plan's configuration.</param>
    /// <param name="entries">Instances that are there after apply, data sources read during apply among them.</param>
    /// <param name="names">Identity attributes by type.</param>
    /// <param name="partial">Whether resources may be missing from the plan for other reasons than having no instance.</param>
    public ReferenceResolver(
        PlanConfiguration configuration, PlanEntries entries, IReadOnlyDictionary<string, IReadOnlySet<string>> names, bool partial)
    {
        _configuration = configuration;
        _entries = entries;
        _names = names;
        _partial = partial;
    }

    /// <summary>Whether an attribute is an identity of objects of a type: one of its <c>names:</c>, or the <c>id</c> or <c>arn</c> of any AWS object.</summary>
    public bool IsIdentity(string type, string attribute) =>
        (_names.TryGetValue(type, out var names) && names.Contains(attribute))
        || (attribute is "id" or "arn" && type.StartsWith("aws_", StringComparison.Ordinal));

    /// <summary>Where the arguments of an instance stand.</summary>
    public Scope ScopeOf(RawChange entry, ConfigResource? resource) =>
        new(entry.Parts.Steps, entry.Parts.Key, resource?.ForEach ?? default, _entries.Of(entry.Parts.Resource).Count);

    /// <summary>Where the arguments of the call stand that made a module.</summary>
    public Scope Caller(Scope scope, ConfigCall call) =>
        new([.. scope.Steps.Take(scope.Steps.Count - 1)], scope.Steps[^1].Key, call.ForEach, _entries.ModuleCount(scope.Steps));

    /// <summary>Follows the names of one expression.</summary>
    /// <param name="scope">Where it stands.</param>
    /// <param name="expression">The expression, as the configuration has it.</param>
    /// <param name="trace">Gets what is found.</param>
    public void Follow(Scope scope, JsonElement expression, Trace trace) => Follow(scope, ConfigExpression.References(expression), "", trace, 0);

    private void Follow(Scope scope, IReadOnlyList<string> references, string rest, Trace trace, int depth)
    {
        if (depth > MostDepth || !trace.Step())
        {
            trace.Hide("references that lead to each other, or too far");
            return;
        }
        var keyed = references.Any(one => one is "each.key" or "count.index" || one.StartsWith("each.key.", StringComparison.Ordinal));
        var moving = references.Any(one => Head(one) is "each" && one is not "each.key");
        foreach (var reference in references)
        {
            switch (Head(reference))
            {
                case "each" when reference.StartsWith("each.value", StringComparison.Ordinal):
                    EachValue(scope, reference, trace, depth);
                    break;
                case "each" or "count" or "path" or "terraform" or "self":
                    break;
                case "local":
                    trace.Hide(reference, sourceTells: true);
                    break;
                case "var":
                    Variable(scope, reference, keyed, rest, trace, depth);
                    break;
                case "module":
                    Output(scope, reference, keyed, trace, depth);
                    break;
                default:
                    // count.index in arithmetic looks the same; each.value may be the index and each.key not.
                    Resource(scope, reference, keyed && !moving, rest, trace, depth);
                    break;
            }
        }
    }

    private void EachValue(Scope scope, string reference, Trace trace, int depth)
    {
        var names = ConfigExpression.References(scope.ForEach);
        var rest = reference.Length > "each.value".Length ? reference["each.value.".Length..] : "";
        if (names is [var one] && scope.Key.Length > 0 && Head(one) is not ("var" or "local" or "data" or "each" or "module") && ResourceName().IsMatch(one))
            Follow(scope, [one, "each.key"], rest, trace, depth + 1);
        else
            trace.Hide(reference, sourceTells: true);
    }

    private void Variable(Scope scope, string reference, bool keyed, string rest, Trace trace, int depth)
    {
        // Root variables are known: they are in the plan.
        if (scope.Steps.Count == 0)
            return;
        if (_configuration.Call(scope.Steps) is not { } call)
        {
            trace.Hide(reference);
            return;
        }
        var at = "var.".Length;
        var name = PlanAddress.ReadName(reference, ref at);
        var given = ConfigModule.Member(call.Expressions, name ?? "");
        // No argument: the default, which is a constant.
        if (!ConfigExpression.HasReferences(given))
            return;
        var inner = trace.Inner();
        Follow(Caller(scope, call), ConfigExpression.References(given), "", inner, depth + 1);
        if (inner.IsEmpty)
            return;
        var part = at < reference.Length || keyed || rest.Length > 0;
        if (part)
            trace.Hide(reference, sourceTells: true);
        else
            trace.Add(inner);
    }

    private void Output(Scope scope, string reference, bool keyed, Trace trace, int depth)
    {
        var at = "module.".Length;
        var name = PlanAddress.ReadName(reference, ref at);
        var key = PlanAddress.ReadKey(reference, ref at);
        if (name is null || key is null || at >= reference.Length || reference[at++] != '.' || PlanAddress.ReadName(reference, ref at) is not { } output)
        {
            trace.Hide(reference, sourceTells: true);
            return;
        }
        var steps = new List<PlanStep>(scope.Steps) { new(name, key.Length > 0 ? key : keyed ? scope.Key : "") };
        if (_configuration.Module(steps)?.Output(output) is not { } expression)
        {
            trace.Hide(reference);
            return;
        }
        var names = ConfigExpression.References(expression);
        var rest = at < reference.Length ? reference[at..].TrimStart('.') : "";
        if (rest.Length > 0 && names.Count > 1)
            trace.Hide(reference, sourceTells: true);
        else
            Follow(new Scope(steps, "", default, 1), names, rest, trace, depth + 1);
    }

    private void Resource(Scope scope, string reference, bool keyed, string rest, Trace trace, int depth)
    {
        var data = reference.StartsWith("data.", StringComparison.Ordinal);
        var at = data ? "data.".Length : 0;
        var type = PlanAddress.ReadName(reference, ref at);
        if (type is null || at >= reference.Length || reference[at++] != '.' || PlanAddress.ReadName(reference, ref at) is not { } name
            || PlanAddress.ReadKey(reference, ref at) is not { } key)
        {
            trace.Hide(reference);
            return;
        }
        var path = at < reference.Length ? reference[at..].TrimStart('.') : rest;
        var resource = PlanAddress.ResourceOf(scope.Module, data, type, name);
        var all = _entries.Of(resource);
        IReadOnlyList<RawChange> meant = all;
        var byIndex = false;
        if (key.Length > 0)
        {
            meant = _entries.Of(resource, PlanAddress.Plain(key) ?? "") is { } one ? [one] : [];
        }
        else if (keyed && all.Count > 0 && all[0].Index is not null)
        {
            meant = _entries.Of(resource, PlanAddress.Plain(scope.Key) ?? "") is { } one ? [one] : [];
            byIndex = !scope.Key.StartsWith("[\"", StringComparison.Ordinal);
            // Another key than the own was computed, or nothing: which, the plan does not say. An index is computed with more
            // often than a key: only as many of one as of the other make a pair likely (202 of 204 were; claims/2 was not).
            if (meant.Count == 0 || (byIndex && all.Count != scope.Siblings))
            {
                trace.Hide(reference, sourceTells: true);
                return;
            }
        }
        // No instance: count is 0, and what is not there is nothing unknown. Unless the plan is not whole.
        if (meant.Count == 0 && _partial)
            trace.Hide($"{resource}, which this plan does not show");
        foreach (var entry in meant)
            Object(entry, path, byIndex, trace, depth);
    }

    // An attribute of an instance, or the instance itself where the plan does not name an attribute.
    private void Object(RawChange entry, string path, bool byIndex, Trace trace, int depth)
    {
        var at = 0;
        var attribute = PlanAddress.ReadName(path, ref at) ?? "";
        if (!IsUnknownAt(entry, attribute))
            return;
        if (entry.Parts.IsData)
        {
            trace.Hide($"{entry.Address} is read during apply");
            if (IsDocument(entry, attribute) && at >= path.Length)
                trace.Add(entry);
            return;
        }
        if (attribute.Length == 0 || IsIdentity(entry.Type, attribute))
        {
            var aws = entry.Type.StartsWith("aws_", StringComparison.Ordinal);
            trace.Add(new PlanSymbol(entry.Address, entry.Type, attribute.Length == 0 ? "id" : attribute, byIndex), aws && (attribute.Length == 0 || at >= path.Length));
            return;
        }
        // An argument that was given through is what it was given: aws_s3_bucket_versioning.x.bucket is the bucket.
        var configured = _configuration.Resource(entry.Parts);
        var expression = ConfigModule.Member(configured?.Expressions ?? default, attribute);
        if (configured is not null && at >= path.Length && ConfigExpression.HasReferences(expression))
            Follow(ScopeOf(entry, configured), ConfigExpression.References(expression), "", trace, depth + 1);
        else
            trace.Add(new PlanSymbol(entry.Address, entry.Type, attribute, byIndex), false);
    }

    /// <summary>Whether an attribute is the text of a policy that a data source makes.</summary>
    internal static bool IsDocument(RawChange entry, string attribute) =>
        entry.Parts.IsData && entry.Type == "aws_iam_policy_document" && attribute is "json" or "minified_json";

    /// <summary>Whether anything of an attribute is known after apply only; of the instance, when the attribute is empty.</summary>
    internal static bool IsUnknownAt(RawChange entry, string attribute)
    {
        if (entry.Unknown is null)
            return false;
        var reader = new Utf8JsonReader(entry.Unknown, new JsonReaderOptions { MaxDepth = 512 });
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            return reader.TokenType == JsonTokenType.True;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var meant = attribute.Length == 0 ? reader.ValueTextEquals("id"u8) || reader.ValueTextEquals("arn"u8) : reader.ValueTextEquals(attribute);
            reader.Read();
            if (!meant)
            {
                reader.Skip();
                continue;
            }
            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            if (entry.Unknown.AsSpan(start, (int)reader.BytesConsumed - start).IndexOf("true"u8) >= 0)
                return true;
        }
        return false;
    }

    private static string Head(string reference)
    {
        var end = reference.AsSpan().IndexOfAny('.', '[');
        return end < 0 ? reference : reference[..end];
    }

    [GeneratedRegex(@"^[a-z][a-z0-9_]*_[a-z0-9_]+\.[A-Za-z0-9_-]+$", RegexOptions.None, matchTimeoutMilliseconds: -1)]
    private static partial Regex ResourceName();
}
