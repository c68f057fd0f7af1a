using System.Text.Json;
using System.Text.RegularExpressions;

namespace Scanner.Collect.Plans;

/// <summary>
/// What an expression can be made of at most, where a name in it hides what it stands for (<c>local.vpc_id</c>, <c>each.value</c>). An expression sees
/// nothing but its own module, what the module is called with, and the outputs of what it calls; and a value that is known after apply only comes
/// from something that is. So most of a plan is out of the question, and sometimes one object is left.
/// <para>Nothing is said where something takes part that may yield what others own: a data source that is read during apply, the outputs of a stack,
/// an attribute by which AWS names an object of its own (<c>default_security_group_id</c>).</para>
/// </summary>
internal sealed partial class ReferenceReach(PlanConfiguration configuration, PlanEntries entries, ReferenceResolver resolver, bool partial)
{
    private const int MostSteps = 5_000;

    private readonly Dictionary<string, Walk> _modules = new(StringComparer.Ordinal);

    // Their attributes hold whatever somebody put into them.
    private static readonly HashSet<string> Carriers = new(StringComparer.Ordinal)
    {
        "aws_cloudformation_stack", "aws_cloudformation_stack_set_instance", "aws_cloudformation_export", "aws_lambda_invocation", "aws_ssm_parameter", "aws_ssm_parameters_by_path",
        "aws_secretsmanager_secret_version", "aws_resourcegroupstaggingapi_resources", "aws_cloudcontrolapi_resource", "aws_servicecatalog_provisioned_product", "aws_cloudformation_type",
    };

    /// <summary>Addresses of everything that an argument may refer to; null when it may be anything.</summary>
    /// <param name="of">The instance that has the argument.</param>
    /// <param name="scope">Where it stands.</param>
    /// <param name="expression">The expression, as the configuration has it.</param>
    /// <param name="argument">Name of the argument.</param>
    public IReadOnlySet<string>? Among(RawChange of, Scope scope, JsonElement expression, string argument)
    {
        var walk = From(scope, expression);
        return IsOpen(walk, of, argument) ? null : walk.Sources.Keys.Select(entry => entry.Address).ToHashSet(StringComparer.Ordinal);
    }

    /// <summary>
    /// The one object that an argument can only mean; null when there is none or several. In the root nothing is told by leaving out: there the source
    /// is the user's own, stands beside the plan, and tells for certain.
    /// </summary>
    /// <param name="of">The instance that has the argument.</param>
    /// <param name="scope">Where it stands.</param>
    /// <param name="expression">The expression, as the configuration has it.</param>
    /// <param name="argument">Name of the argument.</param>
    /// <param name="types">Resource types of the objects that such an argument names.</param>
    public PlanSymbol? Only(RawChange of, Scope scope, JsonElement expression, string argument, IReadOnlySet<string> types)
    {
        if (scope.Steps.Count == 0)
            return null;
        var walk = From(scope, expression);
        // What is known already counts too: a value may be unknown only because the choice is.
        var fit = walk.Sources.Where(source => types.Contains(source.Key.Type)
            && (source.Value.Contains("") || source.Value.Any(attribute => resolver.IsIdentity(source.Key.Type, attribute)))).Select(source => source.Key).ToList();
        return fit is [{ Parts.IsData: false } only] && ReferenceResolver.IsUnknownAt(only, "") && !IsOpen(walk, of, argument)
            ? new PlanSymbol(only.Address, only.Type, argument.EndsWith("_arn", StringComparison.Ordinal) ? "arn" : "id")
            : null;
    }

    private Walk From(Scope scope, JsonElement expression)
    {
        // As good as always a local is in it, and then it is the module.
        var references = ConfigExpression.References(expression);
        if (!references.Any(HidesModule))
        {
            var own = new Walk();
            Visit(own, scope.Steps, references);
            return own;
        }
        if (!_modules.TryGetValue(scope.Module, out var walk))
        {
            _modules[scope.Module] = walk = new Walk();
            Everything(walk, scope.Steps);
        }
        return walk;
    }

    private static bool HidesModule(string reference) =>
        reference.StartsWith("local.", StringComparison.Ordinal) || reference.StartsWith("each.value", StringComparison.Ordinal);

    private void Visit(Walk walk, IReadOnlyList<PlanStep> steps, IReadOnlyList<string> references)
    {
        foreach (var reference in references)
        {
            if (++walk.Steps > MostSteps)
            {
                walk.IsOpen = true;
                return;
            }
            var at = 0;
            switch (PlanAddress.ReadName(reference, ref at))
            {
                case "local":
                case "each" when HidesModule(reference):
                    Everything(walk, steps);
                    break;
                // What a key is, the plan has to know.
                case "each" or "count" or "path" or "terraform" or "self":
                    break;
                case "var":
                    at++;
                    Argument(walk, steps, PlanAddress.ReadName(reference, ref at) ?? "");
                    break;
                case "module":
                    at++;
                    Outputs(walk, steps, reference, at);
                    break;
                default:
                    Resource(walk, steps, reference);
                    break;
            }
        }
    }

    private void Argument(Walk walk, IReadOnlyList<PlanStep> steps, string name)
    {
        // Root variables are known.
        if (steps.Count == 0)
            return;
        if (configuration.Call(steps) is { } call)
            Visit(walk, Caller(steps), ConfigExpression.References(ConfigModule.Member(call.Expressions, name)));
        else
            walk.IsOpen = true;
    }

    private void Outputs(Walk walk, IReadOnlyList<PlanStep> steps, string reference, int at)
    {
        if (PlanAddress.ReadName(reference, ref at) is not { } name || PlanAddress.ReadKey(reference, ref at) is not { } key)
        {
            walk.IsOpen = true;
            return;
        }
        var output = "";
        if (at < reference.Length)
        {
            at++;
            output = PlanAddress.ReadName(reference, ref at) ?? "";
        }
        Outputs(walk, steps, name, key, output);
    }

    private void Outputs(Walk walk, IReadOnlyList<PlanStep> steps, string name, string key, string output)
    {
        IEnumerable<string> keys = key.Length > 0 ? [key] : entries.ModuleKeys([.. steps, new PlanStep(name, "")]);
        foreach (var one in keys)
        {
            List<PlanStep> inside = [.. steps, new PlanStep(name, one)];
            if (configuration.Module(inside) is not { } module || (output.Length > 0 && module.Output(output) is null))
            {
                walk.IsOpen = true;
                return;
            }
            foreach (var (_, expression) in module.Outputs.Where(pair => output.Length == 0 || pair.Key == output))
            {
                if (walk.Seen.Add($"{PlanAddress.ModuleOf(inside)} {expression.GetRawText()}"))
                    Visit(walk, inside, ConfigExpression.References(expression));
            }
        }
    }

    private void Resource(Walk walk, IReadOnlyList<PlanStep> steps, string reference)
    {
        var data = reference.StartsWith("data.", StringComparison.Ordinal);
        var at = data ? "data.".Length : 0;
        if (PlanAddress.ReadName(reference, ref at) is not { } type || at >= reference.Length || reference[at++] != '.'
            || PlanAddress.ReadName(reference, ref at) is not { } name || PlanAddress.ReadKey(reference, ref at) is not { } key)
        {
            walk.IsOpen = true;
            return;
        }
        var attribute = "";
        if (at < reference.Length)
        {
            at++;
            attribute = PlanAddress.ReadName(reference, ref at) ?? "";
        }
        var resource = PlanAddress.ResourceOf(PlanAddress.ModuleOf(steps), data, type, name);
        foreach (var entry in entries.Of(resource).Where(entry => key.Length == 0 || entry.Parts.Key == key))
        {
            if (!walk.Add(entry, attribute))
                continue;
            // What was given to it is what it gives.
            var given = ConfigModule.Member(configuration.Resource(entry.Parts)?.Expressions ?? default, attribute);
            if (attribute.Length == 0 || (given.ValueKind != JsonValueKind.Undefined && !ConfigExpression.Is(given)))
                Everything(walk, steps);
            else
                Visit(walk, steps, ConfigExpression.References(given));
        }
    }

    // All that an expression of a module can name.
    private void Everything(Walk walk, IReadOnlyList<PlanStep> steps)
    {
        var module = PlanAddress.ModuleOf(steps);
        if (!walk.Seen.Add(module))
            return;
        foreach (var entry in entries.InModule(module))
            walk.Add(entry, "");
        if (configuration.Module(steps) is not { } written)
        {
            walk.IsOpen = true;
            return;
        }
        if (steps.Count > 0)
        {
            foreach (var (_, given) in ConfigModule.Members(configuration.Call(steps)?.Expressions ?? default))
                Visit(walk, Caller(steps), ConfigExpression.References(given));
        }
        foreach (var call in written.Calls.Keys)
            Outputs(walk, steps, call, "", "");
    }

    private bool IsOpen(Walk walk, RawChange of, string argument) => partial || walk.IsOpen || walk.Sources.Any(source => MayYield(source.Key, source.Value, of, argument));

    // Whether an instance may have an attribute that is an object of another kind than itself, such as the argument names.
    private bool MayYield(RawChange entry, HashSet<string> attributes, RawChange of, string argument)
    {
        if (entry.Unknown is null)
            return false;
        var aws = entry.Type.StartsWith("aws_", StringComparison.Ordinal);
        if (entry.Parts.IsData)
            return entry.Type != "aws_iam_policy_document";
        if (Carriers.Contains(entry.Type))
            return true;
        // What they make is no id that AWS gives; a name it may be a part of.
        if (!aws)
            return !(argument.EndsWith("_id", StringComparison.Ordinal) ? MakesTexts() : MakesNoNames()).IsMatch(entry.Type);
        if (entry.Type == of.Type)
            return false;
        var noun = Noun(argument);
        var written = configuration.Resource(entry.Parts)?.Expressions ?? default;
        using var mask = JsonDocument.Parse(entry.Unknown, new JsonDocumentOptions { MaxDepth = 512 });
        return ConfigModule.Members(mask.RootElement).Any(member =>
            (attributes.Contains("") || attributes.Contains(member.Name))
            && !resolver.IsIdentity(entry.Type, member.Name)
            // What is given to it comes from the module, and is looked at there.
            && !(member.Value.ValueKind == JsonValueKind.True && ConfigExpression.HasReferences(ConfigModule.Member(written, member.Name)))
            && Names(member.Name, member.Value, noun));
    }

    private static bool Names(string name, JsonElement mask, string noun) => mask.ValueKind switch
    {
        JsonValueKind.True => Noun(name) is var own && (own == noun || own.EndsWith("_" + noun, StringComparison.Ordinal)),
        JsonValueKind.Object => ConfigModule.Members(mask).Any(member => Names(member.Name, member.Value, noun)),
        JsonValueKind.Array => mask.EnumerateArray().Any(one => Names(name, one, noun)),
        _ => false,
    };

    // Arguments that name objects of one kind in every resource; of others (resource_arn, target_bucket) the name does not tell which.
    private static readonly HashSet<string> OneKind = new(StringComparer.Ordinal) { "vpc", "subnet", "security_group", "bucket" };

    /// <summary>Whether the name of an argument tells of which types the object is that it names, and <see cref="Fits"/> finds all of them.</summary>
    public static bool TellsKind(string argument) => IsAction(argument) || OneKind.Contains(Noun(argument));

    // What an alarm does is mostly to tell a topic; what else it may do (a function, an instance) no table has.
    private static bool IsAction(string argument) => argument is "alarm_actions" or "ok_actions" or "insufficient_data_actions";

    /// <summary>Whether an argument may name an object of a type: <c>vpc_id</c> and <c>aws_default_vpc</c>.</summary>
    public static bool Fits(string argument, string type) =>
        IsAction(argument) ? type == "aws_sns_topic"
        : type.StartsWith("aws_", StringComparison.Ordinal) && type.EndsWith("_" + Noun(argument), StringComparison.Ordinal);

    // A target_bucket is a bucket.
    private static string Noun(string argument) => Suffix().Replace(argument, "") is var noun && noun.EndsWith("_bucket", StringComparison.Ordinal) ? "bucket" : noun;

    private static List<PlanStep> Caller(IReadOnlyList<PlanStep> steps) => [.. steps.Take(steps.Count - 1)];

    [GeneratedRegex("(_(id|arn|name|identifier))?s?$", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: -1)]
    private static partial Regex Suffix();

    [GeneratedRegex("^(random|time|tls|null)_", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: -1)]
    private static partial Regex MakesTexts();

    [GeneratedRegex("^(time|tls|null)_", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: -1)]
    private static partial Regex MakesNoNames();

    private sealed class Walk
    {
        /// <summary>What takes part, each with the attributes of it that do; the empty one is all of them.</summary>
        public Dictionary<RawChange, HashSet<string>> Sources { get; } = new(ReferenceEqualityComparer.Instance as IEqualityComparer<RawChange>);

        public HashSet<string> Seen { get; } = new(StringComparer.Ordinal);

        public int Steps { get; set; }

        /// <summary>Whether something takes part that the plan does not show.</summary>
        public bool IsOpen { get; set; }

        public bool Add(RawChange entry, string attribute)
        {
            if (!Sources.TryGetValue(entry, out var attributes))
                Sources[entry] = attributes = new HashSet<string>(StringComparer.Ordinal);
            return attributes.Add(attribute);
        }
    }
}
