using System.Text;
using Scanner.Catalog;
using Scanner.Store.Sql;

namespace Scanner.Store;

/// <summary>
/// The SELECT that makes a typed table of the raw items. What is missing in an item, or is not what the column's type
/// says, is NULL and never an error: one odd resource must not hide the others.
/// </summary>
internal static class TableView
{
    /// <summary>Columns that every table has, before its own.</summary>
    public static readonly string[] Implied = ["account_id", "region", "resource_id"];

    /// <summary>The SELECT over <c>resources</c>.</summary>
    public static string Select(TableDefinition table)
    {
        var sql = new StringBuilder("SELECT account_id, region, resource_id");
        foreach (var column in table.Columns)
            sql.Append(",\n  ").Append(Expression(column)).Append(" AS ").Append(SqlText.Identifier(column.Name));
        // A column of a table may be called item: then it is the column that is meant.
        if (!table.Columns.Any(column => column.Name.Equals("item", StringComparison.OrdinalIgnoreCase)))
            sql.Append(",\n  item");
        return sql.Append("\nFROM main.resources WHERE table_name = ").Append(SqlText.Literal(table.Name)).ToString();
    }

    /// <summary>An empty typed table: the same columns with the same types.</summary>
    public static string CreateEmpty(TableDefinition table)
    {
        var sql = new StringBuilder("CREATE OR REPLACE TEMP TABLE ").Append(SqlText.Identifier(table.Name))
            .Append(" (account_id VARCHAR, region VARCHAR, resource_id VARCHAR");
        foreach (var column in table.Columns)
            sql.Append(", ").Append(SqlText.Identifier(column.Name)).Append(' ').Append(TypeOf(column.Type));
        if (!table.Columns.Any(column => column.Name.Equals("item", StringComparison.OrdinalIgnoreCase)))
            sql.Append(", item JSON");
        return sql.Append(')').ToString();
    }

    /// <summary>DuckDB's name of a column type.</summary>
    public static string TypeOf(ColumnType type) => type switch
    {
        ColumnType.Text => "VARCHAR",
        ColumnType.Bool => "BOOLEAN",
        ColumnType.Int => "BIGINT",
        ColumnType.Double => "DOUBLE",
        ColumnType.Timestamp => "TIMESTAMP WITH TIME ZONE",
        ColumnType.Json => "JSON",
        ColumnType.TextList => "VARCHAR[]",
        _ => throw new ArgumentOutOfRangeException(nameof(type)),
    };

    private static string Expression(TableColumn column)
    {
        var segments = column.Path.Segments;
        // A [] at the very end changes nothing (ItemPath.Find): the list itself is the value.
        var first = segments.Take(segments.Count - 1).ToList().FindIndex(segment => segment.Flatten);
        var plain = SqlText.JsonPath(segments, wild: false);
        if (first < 0)
            return Plain(column.Type, plain);
        var list = SqlText.JsonPath(segments.Take(first + 1), wild: false);
        var wild = SqlText.JsonPath(segments, wild: true);
        var flat = column.Type switch
        {
            ColumnType.TextList => $"list_filter(json_extract_string(item, {wild}), lambda x: x IS NOT NULL)",
            ColumnType.Json => Joined(wild),
            ColumnType.Text => $"CAST({Joined(wild)} AS VARCHAR)",
            // A list is neither a number nor a time.
            _ => "NULL",
        };
        return $"CASE json_type(item, {list}) WHEN 'ARRAY' THEN {flat} ELSE {Plain(column.Type, plain)} END";
    }

    private static string Joined(string wild) =>
        $"to_json(list_filter(json_extract(item, {wild}), lambda x: CAST(x AS VARCHAR) <> 'null'))";

    private static string Plain(ColumnType type, string path)
    {
        var text = $"json_extract_string(item, {path})";
        return type switch
        {
            ColumnType.Text => text,
            ColumnType.Bool => $"CASE lower({text}) WHEN 'true' THEN true WHEN 'false' THEN false END",
            ColumnType.Int => $"TRY_CAST({text} AS BIGINT)",
            ColumnType.Double => $"TRY_CAST({text} AS DOUBLE)",
            ColumnType.Timestamp => $"TRY_CAST({text} AS TIMESTAMP WITH TIME ZONE)",
            ColumnType.Json => $"CASE WHEN json_type(item, {path}) <> 'NULL' THEN json_extract(item, {path}) END",
            // One text where a list belongs is a list of one, as IAM writes "Action": "s3:*".
            ColumnType.TextList => $"CASE json_type(item, {path}) WHEN 'NULL' THEN NULL WHEN 'ARRAY' THEN json_extract_string(item, "
                + $"{path[..^1]}[*]') WHEN 'OBJECT' THEN NULL ELSE CASE WHEN {text} IS NOT NULL THEN [{text}] END END",
            _ => throw new ArgumentOutOfRangeException(nameof(type)),
        };
    }
}
