using Scanner.Collect.Plans.Hcl;
using Scanner.Model;

namespace Scanner.Collect.Plans;

/// <summary>Where the resources of a running account are written, as far as Terraform states tell which resource is whose block.</summary>
public sealed class StateSource
{
    private readonly Dictionary<string, List<(StateResource Resource, SourceLocation? At)>> _byName = new(StringComparer.Ordinal);
    private readonly List<string> _notes = [];

    /// <summary>Reads states and the folders that they were applied from.</summary>
    /// <param name="states">Files of states.</param>
    /// <param name="sources">Folder of the root module of all of them, or of each, in their order.</param>
    /// <param name="names">By resource type, the attributes that are an identity of it (<c>names:</c> of the table files).</param>
    /// <param name="repository">Folder of the repository; paths are relative to it.</param>
    /// <exception cref="InputException">A file is no state, a folder is not there, or there are not as many folders as states.</exception>
    public StateSource(IReadOnlyList<string> states, IReadOnlyList<string> sources, IReadOnlyDictionary<string, IReadOnlySet<string>> names, string repository)
    {
        ArgumentNullException.ThrowIfNull(states);
        ArgumentNullException.ThrowIfNull(sources);
        if (sources.Count != 1 && sources.Count != states.Count)
            throw new InputException($"--source is there {sources.Count} times and --terraform-state {states.Count} times: name one folder for all states, or one for each in the same order");
        var trees = sources.Distinct(StringComparer.Ordinal).ToDictionary(folder => folder, folder => new SourceTree(folder, configuration: null), StringComparer.Ordinal);
        for (var i = 0; i < states.Count; i++)
        {
            var folder = sources[sources.Count == 1 ? 0 : i];
            Add(states[i], folder, StateReader.Read(states[i], names), trees[folder], repository);
        }
        _notes.InsertRange(0, trees.Values.SelectMany(tree => tree.Notes));
    }

    /// <summary>What could not be placed and why, one sentence each.</summary>
    public IReadOnlyList<string> Notes => _notes;

    /// <summary>The finding with the place where its resource is written; as it was where not exactly one resource of the states is the one that it is about.</summary>
    /// <param name="finding">A finding of a scan.</param>
    public Finding Place(Finding finding)
    {
        ArgumentNullException.ThrowIfNull(finding);
        // An account's id is that of its settings, and the id of an event that of no resource.
        if (finding.Kind != FindingKind.Posture || finding.Resource == finding.Account || !_byName.TryGetValue(finding.Resource, out var named))
            return finding;
        // An ARN is one resource everywhere; a name is one only where its ARN tells the account and region.
        var found = StateReader.IsArn(finding.Resource) ? named : named.FindAll(one => one.Resource.Arns.Any(arn => IsAt(arn, finding)));
        return found is [{ At: { } at }] ? finding with { Location = at } : finding;
    }

    private void Add(string state, string folder, IReadOnlyList<StateResource> resources, SourceTree tree, string repository)
    {
        var source = new PlanSource(tree);
        var missing = 0;
        foreach (var resource in resources)
        {
            var isWritten = tree.IsWritten(resource.Parts);
            missing += isWritten ? 0 : 1;
            var at = isWritten ? source.Locate(resource.Address, [], repository) : null;
            foreach (var name in resource.Id is { } id ? resource.Arns.Append(id) : resource.Arns)
            {
                if (!_byName.TryGetValue(name, out var named))
                    _byName[name] = named = [];
                named.Add((resource, at));
            }
        }
        if (resources.Count == 0)
            _notes.Add($"--terraform-state {state}: names no resource that a check is about, so no finding is placed by it");
        else if (missing > 0)
            _notes.Add($"--terraform-state {state}: {missing} of {resources.Count} resources are not written in --source {folder} (another commit, or another root module?), so their findings have no line");
    }

    // arn:partition:service:region:account:rest; a global resource's has no region.
    private static bool IsAt(string arn, Finding finding) =>
        arn.Split(':', 6) is [_, _, _, var region, var account, _] && account == finding.Account && (region.Length == 0 || region == finding.Region);
}
