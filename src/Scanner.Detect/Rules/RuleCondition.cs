namespace Scanner.Detect.Rules;

/// <summary>A condition over names: of search identifiers in a rule, of rules in a temporal correlation.</summary>
internal abstract record RuleCondition
{
    internal sealed record And(IReadOnlyList<RuleCondition> Parts) : RuleCondition;

    internal sealed record Or(IReadOnlyList<RuleCondition> Parts) : RuleCondition;

    internal sealed record Not(RuleCondition Part) : RuleCondition;

    internal sealed record Name(string Text) : RuleCondition;

    /// <summary>So many (null: all) of the names that match a pattern; pattern null: <c>them</c>.</summary>
    internal sealed record Of(int? Count, string? Pattern) : RuleCondition;

    internal bool HasNot => this switch
    {
        Not => true,
        And and => and.Parts.Any(part => part.HasNot),
        Or or => or.Parts.Any(part => part.HasNot),
        _ => false,
    };

    internal IEnumerable<string> Names() => this switch
    {
        And and => and.Parts.SelectMany(part => part.Names()),
        Or or => or.Parts.SelectMany(part => part.Names()),
        Not not => not.Part.Names(),
        Name name => [name.Text],
        _ => [],
    };

    internal bool Holds(Func<string, bool> isThere) => this switch
    {
        And and => and.Parts.All(part => part.Holds(isThere)),
        Or or => or.Parts.Any(part => part.Holds(isThere)),
        Not not => !not.Part.Holds(isThere),
        Name name => isThere(name.Text),
        _ => false,
    };
}
