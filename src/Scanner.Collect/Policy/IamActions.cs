using System.Text.Json.Nodes;

namespace Scanner.Collect.Policy;

/// <summary>Which IAM actions allow an operation (iam-actions.json).</summary>
internal sealed class IamActions
{
    private const string Everything = "*";

    private static readonly Lazy<IamActions> Loaded = new(Load);

    private readonly Dictionary<string, string> _prefixes = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string[]> _actions = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _paths = new(StringComparer.Ordinal);

    public static IamActions Shipped => Loaded.Value;

    /// <summary>The operations that have an entry of their own.</summary>
    public IEnumerable<string> Exceptions => _actions.Keys.Concat(_paths.Keys);

    /// <summary>The actions for one operation, each with the resource that it is needed on.</summary>
    /// <param name="service">Service id as the AWS CLI spells it.</param>
    /// <param name="operation">Operation name.</param>
    public IEnumerable<(string Action, string Resource)> For(string service, string operation)
    {
        var prefix = _prefixes.GetValueOrDefault(service, service);
        if (prefix == "apigateway")
        {
            // Its policy knows HTTP verbs and paths only. The partition is left open: the path says enough.
            var path = _paths.GetValueOrDefault($"{service}:{operation}", "/*");
            return [("apigateway:GET", $"arn:*:apigateway:*::{path}")];
        }
        // s3api is s3 by the CLI's other name.
        var name = service == "s3api" ? "s3" : service;
        return _actions.TryGetValue($"{name}:{operation}", out var actions)
            ? actions.Select(action => (action, Everything))
            : [($"{prefix}:{operation}", Everything)];
    }

    private static IamActions Load()
    {
        using var stream = typeof(IamActions).Assembly.GetManifestResourceStream("Policy/iam-actions.json")
            ?? throw new InvalidOperationException("The IAM actions are missing from the program.");
        var root = JsonNode.Parse(stream)!;
        var loaded = new IamActions();
        foreach (var (service, prefix) in root["prefixes"]!.AsObject())
            loaded._prefixes[service] = (string)prefix!;
        foreach (var (operation, actions) in root["actions"]!.AsObject())
            loaded._actions[operation] = [.. actions!.AsArray().Select(action => (string)action!)];
        foreach (var (operation, path) in root["paths"]!.AsObject())
            loaded._paths[operation] = (string)path!;
        return loaded;
    }
}
