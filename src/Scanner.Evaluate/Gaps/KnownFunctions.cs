using DuckDB.NET.Data;
using Scanner.Store.Sql;

namespace Scanner.Evaluate.Gaps;

/// <summary>What must be known of DuckDB's functions to follow columns through them.</summary>
/// <param name="Aggregates">Functions over groups of rows.</param>
/// <param name="Lambdas">Functions whose second argument may be a lambda.</param>
internal sealed record KnownFunctions(IReadOnlySet<string> Aggregates, IReadOnlySet<string> Lambdas)
{
    /// <summary>None: of a query that is not run here.</summary>
    public static KnownFunctions None { get; } = new(new HashSet<string>(), new HashSet<string>());

    /// <summary>Asks DuckDB.</summary>
    /// <param name="connection">Any sandbox.</param>
    public static KnownFunctions Of(DuckDBConnection connection) =>
        new(Named(connection, "function_type = 'aggregate'"), Named(connection, "list_contains(parameter_types, 'LAMBDA')"));

    private static HashSet<string> Named(DuckDBConnection connection, string where) =>
        Sandbox.Read(connection, $"SELECT DISTINCT function_name FROM duckdb_functions() WHERE {where}", row => row.GetString(0))
            .ToHashSet(StringComparer.OrdinalIgnoreCase);
}
