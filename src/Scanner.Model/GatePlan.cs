namespace Scanner.Model;

/// <summary>One plan that a gate judged.</summary>
/// <param name="Name">What tells plans apart: <c>--name</c>, or the path below the folder.</param>
/// <param name="File">The plan's file as the user knows it.</param>
public sealed record GatePlan(string Name, string File)
{
    /// <summary>Whether nothing is left to plan afterwards; null where the file does not say (OpenTofu, old Terraform).</summary>
    public bool? Complete { get; init; }

    /// <summary>Whether <c>terraform plan</c> failed half-way.</summary>
    public bool Errored { get; init; }

    /// <summary>Account of most resources, or the word <c>plan</c>.</summary>
    public string Account { get; init; } = "";

    /// <summary>Version of Terraform or OpenTofu; may be empty.</summary>
    public string TerraformVersion { get; init; } = "";

    /// <summary>Number of AWS resources before and after together, each once.</summary>
    public int Resources { get; init; }

    /// <summary>Of these, how many the plan creates (replaced ones are in <see cref="Replaced"/>).</summary>
    public int Created { get; init; }

    /// <summary>How many it changes in place.</summary>
    public int Changed { get; init; }

    /// <summary>How many it replaces.</summary>
    public int Replaced { get; init; }

    /// <summary>How many it destroys.</summary>
    public int Destroyed { get; init; }

    /// <summary>Why it tells less than all: errored, targeted, deferred, actions. One sentence each.</summary>
    public IReadOnlyList<string> Incomplete { get; init; } = [];
}
