namespace Scanner.Detect.Rules;

/// <summary>What rules are read with.</summary>
public sealed record RuleSetOptions
{
    /// <summary>
    /// Values for placeholders (Sigma modifier <c>expand</c>): name without percent signs to one or several values, which
    /// may have wildcards. This is how allow lists are kept as data.
    /// </summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Placeholders { get; init; } =
        new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);
}
