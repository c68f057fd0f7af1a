namespace Scanner.Detect.Rules;

/// <summary>What an event must be: the tree that a rule is parsed to, once, and that every backend reads.</summary>
internal abstract record Expression
{
    /// <summary>All of them (true when there is none).</summary>
    internal sealed record And(IReadOnlyList<Expression> Parts) : Expression;

    /// <summary>Any of them (false when there is none).</summary>
    internal sealed record Or(IReadOnlyList<Expression> Parts) : Expression;

    /// <summary>Not it. Two-valued: a test of a missing field is false, so its negation is true.</summary>
    internal sealed record Not(Expression Part) : Expression;

    /// <summary>At least so many of them.</summary>
    internal sealed record AtLeast(int Count, IReadOnlyList<Expression> Parts) : Expression;

    /// <summary>One test of one field; <paramref name="Field"/> null: of all values of the event (a keyword).</summary>
    internal sealed record Match(string? Field, ValueTest Test) : Expression;

    internal static Expression All(IReadOnlyList<Expression> parts) => parts.Count == 1 ? parts[0] : new And(parts);

    internal static Expression Any(IReadOnlyList<Expression> parts) => parts.Count == 1 ? parts[0] : new Or(parts);

    /// <summary>All single tests in it.</summary>
    internal IEnumerable<Match> Matches() => this switch
    {
        And and => and.Parts.SelectMany(part => part.Matches()),
        Or or => or.Parts.SelectMany(part => part.Matches()),
        AtLeast some => some.Parts.SelectMany(part => part.Matches()),
        Not not => not.Part.Matches(),
        Match match => [match],
        _ => throw new InvalidOperationException($"unknown expression {GetType().Name}"),
    };
}
