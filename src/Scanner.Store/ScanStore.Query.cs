using System.Globalization;
using System.Numerics;
using System.Text.Json;
using System.Text.Json.Nodes;
using DuckDB.NET.Data;
using Scanner.Model;
using Scanner.Store.Sql;

namespace Scanner.Store;

public sealed partial class ScanStore
{
    /// <summary>
    /// Asks the store one SELECT (or DESCRIBE, SHOW, SUMMARIZE) of the user's. Rows come one by one as DuckDB makes them.
    /// The sandbox stands: no other file, no network, nothing is changed.
    /// </summary>
    /// <param name="sql">The query.</param>
    /// <param name="columns">Gets the columns, once, before the rows.</param>
    /// <param name="row">Gets each row: texts, numbers, booleans and, for nested values, arrays and objects; null for NULL.
    /// Times are ISO 8601. Use <see cref="TextOf(JsonNode?)"/> for tables and CSV.</param>
    /// <param name="limits">Limits; <see cref="SandboxLimits.Query"/> when null.</param>
    /// <param name="cancellation">Stops the query.</param>
    /// <exception cref="InputException">The query is not one SELECT, does not fit the tables, fails or goes over a limit.</exception>
    public void Query(
        string sql, Action<IReadOnlyList<QueryColumn>> columns, Action<IReadOnlyList<JsonNode?>> row,
        SandboxLimits? limits = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(sql);
        ArgumentNullException.ThrowIfNull(columns);
        ArgumentNullException.ThrowIfNull(row);
        limits ??= SandboxLimits.Query;
        lock (_gate)
        {
            Flush();
            try
            {
                var shape = QueryShape.Parse(Connection, sql, limits);
                var described = new List<QueryColumn>();
                // The reader's own type names call JSON text. A SHOW or DESCRIBE cannot be described, and gives texts.
                if (!shape.Shows)
                {
                    Sandbox.Run(Connection, "DESCRIBE " + sql, limits, reader =>
                    {
                        while (reader.Read())
                            described.Add(new QueryColumn(reader.GetString(0), reader.GetString(1)));
                    }, cancellation);
                }
                Sandbox.Run(Connection, Readable(sql, described, limits), limits, reader => Rows(reader, described, columns, row, limits), cancellation);
            }
            catch (QueryRefusedException error)
            {
                throw new InputException(error.Message, error);
            }
            catch (QueryFailedException error)
            {
                throw new InputException($"the query failed: {error.Message}", error);
            }
        }
    }

    /// <summary>A value of a result as plain text: texts as they are, NULL as nothing, nested values as JSON.</summary>
    /// <param name="value">The value.</param>
    public static string TextOf(JsonNode? value) => value switch
    {
        null => "",
        JsonValue scalar when scalar.TryGetValue<string>(out var text) => text,
        _ => value.ToJsonString(),
    };

    // Lists with NULLs in them do not fit .NET's lists: DuckDB writes nested values as JSON itself.
    private string Readable(string sql, List<QueryColumn> described, SandboxLimits limits)
    {
        if (!described.Exists(column => IsNested(column.Type)))
            return sql;
        Sandbox.Run(Connection, $"CREATE OR REPLACE TEMP VIEW \"query rows\" AS\n{sql}", limits, _ => { });
        var names = string.Join(", ", described.Select((_, i) => $"c{i}"));
        var values = string.Join(", ", described.Select((column, i) => IsNested(column.Type) ? $"to_json(c{i})" : $"c{i}"));
        return $"SELECT {values} FROM temp.\"query rows\" AS q({names})";
    }

    private static bool IsNested(string type) =>
        type.EndsWith(']') || type.StartsWith("STRUCT", StringComparison.Ordinal)
        || type.StartsWith("MAP", StringComparison.Ordinal) || type.StartsWith("UNION", StringComparison.Ordinal);

    private static void Rows(
        DuckDBDataReader reader, List<QueryColumn> described, Action<IReadOnlyList<QueryColumn>> columns,
        Action<IReadOnlyList<JsonNode?>> row, SandboxLimits limits)
    {
        if (described.Count != reader.FieldCount)
            described = [.. Enumerable.Range(0, reader.FieldCount).Select(i => new QueryColumn(reader.GetName(i), "VARCHAR"))];
        columns(described);
        var count = 0;
        while (reader.Read())
        {
            if (count++ == limits.Rows)
                throw new QueryFailedException(string.Create(CultureInfo.InvariantCulture, $"it returned more than {limits.Rows} rows"));
            var values = new JsonNode?[described.Count];
            for (var i = 0; i < values.Length; i++)
            {
                if (!reader.IsDBNull(i))
                    values[i] = described[i].Type == "JSON" || IsNested(described[i].Type) ? Parsed(reader.GetString(i)) : ValueOf(Raw(reader, i, described[i].Type));
            }
            row(values);
        }
    }

    private static object? Raw(DuckDBDataReader reader, int column, string type)
    {
        try
        {
            var value = reader.GetValue(column);
            return value is DateTime time && type == "TIMESTAMP WITH TIME ZONE" ? new DateTimeOffset(DateTime.SpecifyKind(time, DateTimeKind.Utc)) : value;
        }
        catch (Exception error) when (error is ArgumentOutOfRangeException or OverflowException or InvalidCastException or InvalidOperationException)
        {
            // Infinite dates and numbers beyond .NET's: rare, and said rather than guessed.
            return $"(a {type} that cannot be shown; cast it to VARCHAR)";
        }
    }

    private static JsonNode? Parsed(string json)
    {
        try
        {
            return JsonNode.Parse(json, documentOptions: new JsonDocumentOptions { MaxDepth = 256 });
        }
        catch (JsonException)
        {
            return JsonValue.Create(json);
        }
    }

    private static JsonNode? ValueOf(object? value)
    {
        switch (value)
        {
            case null or DBNull:
                return null;
            case string text:
                return JsonValue.Create(text);
            case bool flag:
                return JsonValue.Create(flag);
            case sbyte or byte or short or ushort or int or uint or long:
                return JsonValue.Create(Convert.ToInt64(value, CultureInfo.InvariantCulture));
            case ulong number:
                return JsonValue.Create(number);
            case decimal number:
                return JsonValue.Create(number);
            case BigInteger number:
                return Parsed(number.ToString(CultureInfo.InvariantCulture));
            case float or double:
                var real = Convert.ToDouble(value, CultureInfo.InvariantCulture);
                // JSON has no infinity.
                return double.IsFinite(real) ? JsonValue.Create(real) : JsonValue.Create(real.ToString(CultureInfo.InvariantCulture));
            case DateTimeOffset time:
                return JsonValue.Create(time.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFK", CultureInfo.InvariantCulture));
            case DateTime time:
                return JsonValue.Create(time.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFF", CultureInfo.InvariantCulture));
            case DateOnly or TimeOnly:
                return JsonValue.Create(((IFormattable)value).ToString("O", CultureInfo.InvariantCulture));
            case Stream blob:
                using (var copy = new MemoryStream())
                {
                    blob.CopyTo(copy);
                    return JsonValue.Create(Convert.ToBase64String(copy.ToArray()));
                }
            case IFormattable other:
                return JsonValue.Create(other.ToString(null, CultureInfo.InvariantCulture));
            default:
                return JsonValue.Create(value.ToString());
        }
    }
}
