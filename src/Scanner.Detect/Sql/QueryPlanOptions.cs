using System.Globalization;

namespace Scanner.Detect.Sql;

/// <summary>What an engine is asked, and how much at once.</summary>
/// <param name="Dialect">The engine.</param>
/// <param name="Table">Name of the table, quoted where that is needed, or id of the event data store.</param>
/// <param name="Condition">A SQL condition on the table that the caller answers for, such as one on time; null: none.</param>
/// <param name="TogetherBytes">Most bytes (UTF-8) of a statement for several rules.</param>
/// <param name="MostBytes">Most bytes of any statement that the engine takes.</param>
public sealed record QueryPlanOptions(SqlDialect Dialect, string Table, string? Condition, int TogetherBytes, int MostBytes)
{
    /// <summary>Of an Athena table: the columns that it has, lower case; null: not known, those that AWS documents today.</summary>
    public IReadOnlySet<string>? Columns { get; init; }

    /// <summary>Most rows that a statement gives; null: as many as match. Which ones are left out is the engine's choice.</summary>
    public long? MostRows { get; init; }

    /// <summary>
    /// Most events that are fetched to be correlated here, of each combination of the rules that they match; where there are more, the engine
    /// is asked for the correlation itself. Null: it always is.
    /// </summary>
    public long? PartRows { get; init; }

    /// <summary>Of CloudTrail Lake: how the store holds nested values. Rules about those that are no JSON are judged here, over the events that they may match.</summary>
    public LakeNesting Nesting { get; init; }

    /// <summary>Whether documents are maps of texts there, and not JSON.</summary>
    internal bool HasMaps => Dialect == SqlDialect.CloudTrailLake;

    /// <summary>A statement is one select without an order or a limit of its own.</summary>
    internal string Limited(string sql) => MostRows is { } most ? string.Create(CultureInfo.InvariantCulture, $"{sql} limit {most}") : sql;
}
