namespace Scanner.Collect.Plans;

/// <summary>
/// What a plan does to an instance: <c>change.actions</c> as a set. Replace is <see cref="Delete"/> or <see cref="Forget"/> together with
/// <see cref="Create"/>, in whatever order Terraform or OpenTofu writes them; nothing set is <c>no-op</c>.
/// Source: https://developer.hashicorp.com/terraform/internals/json-format, "Change Representation".
/// </summary>
[Flags]
public enum PlanActions
{
    /// <summary><c>no-op</c>, or the instance is only in the prior state (<c>-target</c>).</summary>
    None = 0,

    /// <summary><c>create</c>.</summary>
    Create = 1,

    /// <summary><c>read</c>: a data source that is read at apply.</summary>
    Read = 2,

    /// <summary><c>update</c>: in place.</summary>
    Update = 4,

    /// <summary><c>delete</c>.</summary>
    Delete = 8,

    /// <summary><c>forget</c>: stays in AWS, and is no longer managed here.</summary>
    Forget = 16,

    /// <summary>A word that is not known: nothing is said of the instance afterwards.</summary>
    Unknown = 32,
}
