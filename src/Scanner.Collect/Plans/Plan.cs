namespace Scanner.Collect.Plans;

/// <summary>
/// What one <c>terraform show -json</c> file says: the instances as they are and as they will be once it is applied. Read
/// from <c>resource_changes</c> laid over <c>prior_state</c>, never from <c>planned_values</c> (which lacks what is deferred, untargeted or forgotten).
/// </summary>
public sealed record Plan
{
    /// <summary>Word for an account that nothing tells.</summary>
    public const string UnknownAccount = "plan";

    /// <summary>Word for a region that nothing tells.</summary>
    public const string UnknownRegion = "unknown";

    /// <summary>What tells plans apart: <c>--name</c>, or the file's path below the folder that was given.</summary>
    public required string Name { get; init; }

    /// <summary>File as the user knows it.</summary>
    public required string File { get; init; }

    /// <summary>The instances before, sorted by address. Attributes that the refreshed state has are all known here.</summary>
    public required IReadOnlyList<PlanInstance> Before { get; init; }

    /// <summary>The instances after, sorted by address.</summary>
    public required IReadOnlyList<PlanInstance> After { get; init; }

    /// <summary>Region by provider configuration key (<c>aws.us</c>, <c>module.m:aws</c>) where the plan tells it.</summary>
    public IReadOnlyDictionary<string, string> ProviderRegions { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Account by provider configuration key where the plan tells it.</summary>
    public IReadOnlyDictionary<string, string> ProviderAccounts { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Major version of the AWS provider that every constraint of the plan allows, such as 6; null when it cannot be told.</summary>
    public int? AwsProviderMajor { get; init; }

    /// <summary>Account of most instances; <see cref="UnknownAccount"/> when nothing tells one.</summary>
    public string Account { get; init; } = UnknownAccount;

    /// <summary>Version of Terraform or OpenTofu that wrote the file; empty when it does not say.</summary>
    public string TerraformVersion { get; init; } = "";

    /// <summary><c>complete</c>: whether a further plan after this one would have nothing to do. Null where the file does
    /// not say (Terraform before 1.8, OpenTofu always).</summary>
    public bool? Complete { get; init; }

    /// <summary><c>errored</c>: <c>terraform plan</c> failed half-way and wrote the file all the same. Never clean.</summary>
    public bool Errored { get; init; }

    /// <summary>Whether it was made with <c>-refresh-only</c>: nothing is changed.</summary>
    public bool RefreshOnly { get; init; }

    /// <summary>Why the plan tells less than all, one sentence each: errored, targeted, deferred, actions that are not judged.</summary>
    public IReadOnlyList<string> Incomplete { get; init; } = [];

    /// <summary>Things to tell that are no fault of the plan: a source that could not be read, drift. One sentence each.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>Where its resources are written; null without <c>--source</c>.</summary>
    public PlanSource? Source { get; init; }

    /// <summary>Addresses that were changed outside Terraform (<c>resource_drift</c>).</summary>
    public IReadOnlySet<string> Drifted { get; init; } = new HashSet<string>(StringComparer.Ordinal);

    /// <summary>Texts that the plan calls sensitive, four characters or longer. None of them may reach any output.</summary>
    public IReadOnlySet<string> Secrets { get; init; } = new HashSet<string>(StringComparer.Ordinal);

    /// <summary>Lets the values of all instances go, which are most of a large plan: once rows are made of them, addresses and counts are what is left to tell.</summary>
    public void LetGo()
    {
        foreach (var instance in Before.Concat(After))
            instance.LetGo();
    }
}
