namespace Scanner.Store.Functions;

/// <summary>
/// A filter pattern of CloudWatch Logs for JSON events, such as <c>{ ($.eventName = "StopLogging") || ($.errorCode = "AccessDenied*") }</c>
/// (CloudWatch Logs user guide, "Filter pattern syntax"), as a tree of comparisons.
/// </summary>
internal abstract record LogPattern
{
    /// <summary>All of them hold.</summary>
    internal sealed record All(IReadOnlyList<LogPattern> Parts) : LogPattern;

    /// <summary>One of them holds.</summary>
    internal sealed record Any(IReadOnlyList<LogPattern> Parts) : LogPattern;

    /// <summary>A comparison of one field.</summary>
    internal sealed record Test(string Field, LogPatternOperator Operator, string Value) : LogPattern;

    /// <summary>The empty pattern: every event.</summary>
    internal sealed record Everything : LogPattern;

    /// <summary>The comparisons in it.</summary>
    public IEnumerable<Test> Tests => this switch
    {
        All all => all.Parts.SelectMany(part => part.Tests),
        Any any => any.Parts.SelectMany(part => part.Tests),
        Test test => [test],
        _ => [],
    };

    /// <summary>Whether an event with these values matches.</summary>
    /// <param name="holds">Whether a comparison holds in the event.</param>
    public bool Matches(Func<Test, bool> holds) => this switch
    {
        All all => all.Parts.All(part => part.Matches(holds)),
        Any any => any.Parts.Any(part => part.Matches(holds)),
        Test test => holds(test),
        _ => true,
    };
}
