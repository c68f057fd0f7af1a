namespace Scanner.Evaluate.Gates;

/// <summary>What a plan does to one instance.</summary>
/// <param name="Address">Its address after all moves.</param>
/// <param name="IsChanged">Whether anything is done to it: not for no-op.</param>
public sealed record GateInstance(string Address, bool IsChanged)
{
    /// <summary>Its address before it was moved; null when it was not.</summary>
    public string? PreviousAddress { get; init; }

    /// <summary>Whether it is made new, replaced ones included.</summary>
    public bool IsCreated { get; init; }

    /// <summary>Whether it is gone afterwards.</summary>
    public bool IsDeleted { get; init; }

    /// <summary>Whether it was changed outside Terraform.</summary>
    public bool IsDrifted { get; init; }
}
