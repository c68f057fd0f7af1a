namespace Scanner.Store.Functions;

/// <summary>One statement of a policy (IAM user guide, "IAM JSON policy elements reference").</summary>
internal sealed record PolicyStatement
{
    public string? Sid { get; init; }

    public required PolicyEffect Effect { get; init; }

    /// <summary>Who; null where the statement names nobody (identity policies).</summary>
    public IReadOnlyList<PolicyPrincipal>? Principals { get; init; }

    /// <summary>Whether <see cref="Principals"/> are those whom it is not about (<c>NotPrincipal</c>).</summary>
    public bool ExceptPrincipals { get; init; }

    /// <summary>Action patterns as written, at least one.</summary>
    public required IReadOnlyList<string> Actions { get; init; }

    /// <summary>Whether <see cref="Actions"/> are left out (<c>NotAction</c>).</summary>
    public bool ExceptActions { get; init; }

    /// <summary>Resource patterns as written; null where the statement names none (trust policies).</summary>
    public IReadOnlyList<string>? Resources { get; init; }

    /// <summary>Whether <see cref="Resources"/> are left out (<c>NotResource</c>).</summary>
    public bool ExceptResources { get; init; }

    /// <summary>All of which must hold.</summary>
    public IReadOnlyList<PolicyCondition> Conditions { get; init; } = [];

    public IReadOnlyList<WildcardPattern> ActionPatterns => field ??= [.. Actions.Select(action => WildcardPattern.Parse(action, ignoreCase: true))];

    public IReadOnlyList<WildcardPattern>? ResourcePatterns => field ??= Resources is null ? null : [.. Resources.Select(resource => WildcardPattern.Parse(resource))];
}
