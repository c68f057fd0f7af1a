using System.Globalization;
using System.Text.Json;
using DuckDB.NET.Data;

namespace Scanner.Store.Sql;

/// <summary>
/// What a query is made of, as DuckDB's own parser sees it (<c>json_serialize_sql</c>, which takes SELECT statements
/// only): there is no second SQL parser here that could read a text otherwise than the engine does.
/// </summary>
internal sealed class QueryShape
{
    /// <summary>Longest query text, in characters.</summary>
    public const int MaxLength = 65_536;

    // Functions that DuckDB calls consistent, but that tell of the machine, of the day or of chance, or whose single call
    // can take minutes (edit distances of two long texts are quadratic and cannot be interrupted).
    private static readonly HashSet<string> Refused = new(StringComparer.OrdinalIgnoreCase)
    {
        "current_setting", "getvariable", "getenv", "current_localtime", "current_localtimestamp", "version", "reservoir_quantile",
        "current_date", "current_time", "current_timestamp", "localtime", "localtimestamp", "get_current_timestamp", "get_current_time",
        "now", "today", "random", "uuid", "gen_random_uuid", "json_execute_serialized_sql", "json_serialize_sql", "json_deserialize_sql",
        "json_serialize_plan", "query", "query_table", "sql_auto_complete", "write_log", "sleep_ms",
        "levenshtein", "editdist3", "damerau_levenshtein", "jaccard", "jaro_similarity", "jaro_winkler_similarity",
    };

    private static readonly HashSet<string> Clocks = new(StringComparer.OrdinalIgnoreCase)
    {
        "now", "today", "current_date", "current_time", "current_timestamp", "localtime", "localtimestamp", "get_current_timestamp",
        "get_current_time", "current_localtime", "current_localtimestamp", "transaction_timestamp", "age",
    };

    private static readonly HashSet<string> TableFunctions = new(StringComparer.OrdinalIgnoreCase)
    {
        "unnest", "range", "generate_series", "json_each", "json_tree",
    };

    private static readonly HashSet<string> OrderDependent = new(StringComparer.OrdinalIgnoreCase)
    {
        "string_agg", "listagg", "group_concat", "list", "array_agg", "first", "last", "any_value", "arbitrary",
        "arg_max", "arg_min", "argmax", "argmin", "max_by", "min_by", "arg_max_null", "arg_min_null",
    };

    private readonly string _sql;
    private readonly HashSet<string> _words;
    // Where lines end, in bytes of UTF-8: each name and call in the text is asked for its line.
    private readonly List<int> _lineEnds;
    private readonly HashSet<string> _sources = new(StringComparer.OrdinalIgnoreCase);
    private readonly HashSet<string> _bareNames = new(StringComparer.OrdinalIgnoreCase);
    private readonly HashSet<string> _commonTables = new(StringComparer.OrdinalIgnoreCase);
    private readonly HashSet<string> _baseTables = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<(string Name, int Arguments, int Line)> _functions = [];
    private bool _star;

    private QueryShape(string sql, string tree)
    {
        _sql = sql;
        Tree = tree;
        _words = Words(sql);
        _lineEnds = LineEnds(sql);
    }

    /// <summary>The parse tree as <c>json_serialize_sql</c> writes it.</summary>
    public string Tree { get; }

    /// <summary>Tables that are read, without the common table expressions of the query itself.</summary>
    public IEnumerable<string> Tables => _baseTables.Where(name => !_commonTables.Contains(name));

    /// <summary>Names of common table expressions.</summary>
    public IReadOnlySet<string> CommonTables => _commonTables;

    /// <summary>
    /// Whether the query may read every column: a star, a whole row by the name of its table, a column by its number,
    /// a natural join, columns renamed in FROM. Errs to yes.
    /// </summary>
    public bool ReadsWholeRows => _star || _bareNames.Overlaps(_sources);

    /// <summary>Whether the query may read a column: its name stands anywhere in the text, even in a comment. Errs to yes.</summary>
    public bool Mentions(string column) => _words.Contains(column);

    /// <summary>
    /// Aggregates whose answer depends on the order of rows (a tie counts), without <c>order by</c> inside: rows have none, so
    /// that a message, and with it an issue, could change from run to run.
    /// </summary>
    public List<(string Name, int Line)> Unordered { get; } = [];

    /// <summary>How often a word stands in the text.</summary>
    public int CountOf(string word)
    {
        var count = 0;
        foreach (var range in WordRanges(_sql))
        {
            if (_sql.AsSpan(range).Equals(word, StringComparison.OrdinalIgnoreCase))
                count++;
        }
        return count;
    }

    /// <summary>Parses one SELECT.</summary>
    /// <param name="connection">Any sandbox.</param>
    /// <param name="sql">The text.</param>
    /// <param name="limits">Limits of parsing.</param>
    /// <exception cref="QueryRefusedException">It is something else, or not SQL.</exception>
    public static QueryShape Parse(DuckDBConnection connection, string sql, SandboxLimits limits)
    {
        if (sql.Length > MaxLength)
            throw new QueryRefusedException("the query is longer than 65,536 characters");
        if (sql.Contains('\0', StringComparison.Ordinal))
            throw new QueryRefusedException("the query holds a NUL character");
        var json = "";
        try
        {
            Sandbox.Run(connection, $"SELECT CAST(json_serialize_sql({SqlText.Literal(sql)}) AS VARCHAR)", limits, reader =>
            {
                if (reader.Read())
                    json = reader.GetString(0);
            });
        }
        catch (QueryFailedException error)
        {
            throw new QueryRefusedException($"the query cannot be parsed: {error.Message}");
        }
        var shape = new QueryShape(sql, json);
        using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 20_000 });
        shape.Read(document.RootElement);
        return shape;
    }

    /// <summary>
    /// Refuses what a check must not use, since its answer must come from the collected account alone and be the same
    /// tomorrow: clocks, chance, the machine, files, the catalog of the database.
    /// </summary>
    /// <param name="unsteady">Names of functions whose answer changes, as DuckDB tells (<see cref="UnsteadyFunctions"/>).</param>
    /// <exception cref="QueryRefusedException">Says what, where and what to use in its place.</exception>
    public void RequirePure(IReadOnlySet<string> unsteady)
    {
        foreach (var (name, arguments, line) in _functions)
        {
            if (name.Equals("age", StringComparison.OrdinalIgnoreCase) && arguments != 1)
                continue;
            if (Clocks.Contains(name))
                throw new QueryRefusedException($"{name} gives another answer tomorrow; use scan_time(), the time of the scan", line);
            if (Refused.Contains(name) || unsteady.Contains(name))
                throw new QueryRefusedException($"the function {name} is not allowed in a check: its answer does not come from the collected account alone, or it costs too much", line);
        }
    }

    /// <summary>Functions that DuckDB itself does not call consistent: <c>random()</c>, <c>now()</c>, <c>nextval()</c> ...</summary>
    public static IReadOnlySet<string> UnsteadyFunctions(DuckDBConnection connection) =>
        Sandbox.Read(connection, "SELECT DISTINCT function_name FROM duckdb_functions() WHERE stability <> 'CONSISTENT' OR has_side_effects",
            row => row.GetString(0)).ToHashSet(StringComparer.OrdinalIgnoreCase);

    private void Read(JsonElement root)
    {
        if (root.GetProperty("error").GetBoolean())
        {
            var message = root.GetProperty("error_message").GetString() ?? "";
            if (root.GetProperty("error_type").GetString() == "not implemented")
                throw new QueryRefusedException("the query must be one SELECT; other statements (and PIVOT outside of FROM) are refused");
            var line = root.TryGetProperty("position", out var position) && int.TryParse(position.GetString(), NumberStyles.None, CultureInfo.InvariantCulture, out var at) ? LineOf(at) : 0;
            throw new QueryRefusedException($"the query is not SQL: {Sandbox.FirstLine(message)}", line);
        }
        var statements = root.GetProperty("statements");
        if (statements.GetArrayLength() != 1)
            throw new QueryRefusedException("the query must be one SELECT; there are several statements, or none");
        // With a stack of our own: nesting is up to the author of the query.
        var open = new Stack<JsonElement>();
        open.Push(statements[0]);
        while (open.TryPop(out var element))
        {
            if (element.ValueKind == JsonValueKind.Array)
            {
                foreach (var child in element.EnumerateArray())
                    open.Push(child);
            }
            else if (element.ValueKind == JsonValueKind.Object)
            {
                Visit(element);
                foreach (var child in element.EnumerateObject())
                {
                    if (child.Value.ValueKind is JsonValueKind.Array or JsonValueKind.Object)
                        open.Push(child.Value);
                }
            }
        }
    }

    private void Visit(JsonElement node)
    {
        if (node.TryGetProperty("function_name", out var function))
        {
            var called = function.GetString() ?? "";
            _functions.Add((called, Length(node, "children"), LineOf(node)));
            if (OrderDependent.Contains(called) && Text(node, "class") == "FUNCTION" && !(node.TryGetProperty("order_bys", out var order) && Length(order, "orders") > 0))
                Unordered.Add((called, LineOf(node)));
        }
        if (node.TryGetProperty("sample", out var sample) && sample.ValueKind != JsonValueKind.Null)
            throw new QueryRefusedException("a sample is another one at every run; read all rows", LineOf(node));
        if (node.TryGetProperty("cte_name", out var recursive))
            _commonTables.Add(recursive.GetString() ?? "");
        if (node.TryGetProperty("cte_map", out var map) && map.TryGetProperty("map", out var common))
        {
            foreach (var entry in common.EnumerateArray())
                _commonTables.Add(entry.GetProperty("key").GetString() ?? "");
        }
        if (Length(node, "column_name_alias") > 0)
            _star = true;
        if (node.TryGetProperty("alias", out var alias) && node.TryGetProperty("sample", out _) && alias.GetString() is { Length: > 0 } name)
            _sources.Add(name);
        switch (Text(node, "class"))
        {
            case "STAR" or "POSITIONAL_REFERENCE":
                _star = true;
                return;
            case "PARAMETER":
                throw new QueryRefusedException("a query takes no parameters", LineOf(node));
            case "COLUMN_REF":
                VisitColumn(node);
                return;
        }
        switch (Text(node, "type"))
        {
            case "BASE_TABLE":
                if (Text(node, "schema_name") is { Length: > 0 } || Text(node, "catalog_name") is { Length: > 0 })
                    Qualified.Add(Text(node, "table_name")!);
                _baseTables.Add(Text(node, "table_name") ?? "");
                _sources.Add(Text(node, "table_name") ?? "");
                break;
            case "TABLE_FUNCTION":
                var called = node.TryGetProperty("function", out var call) ? Text(call, "function_name") ?? "" : "";
                if (!TableFunctions.Contains(called))
                    OtherTableFunctions.Add(called);
                _sources.Add(called);
                break;
            case "SHOW_REF" or "COLUMN_DATA" or "DELIM_GET" or "BOUND_TABLE_REF":
                Shows = true;
                break;
            case "JOIN" when Text(node, "ref_type") is "NATURAL" or "POSITIONAL":
            case "PIVOT":
                _star = true;
                break;
        }
    }

    private void VisitColumn(JsonElement node)
    {
        var names = node.GetProperty("column_names");
        foreach (var part in names.EnumerateArray())
            _words.Add(part.GetString() ?? "");
        if (names.GetArrayLength() != 1)
            return;
        var name = names[0].GetString() ?? "";
        _bareNames.Add(name);
        // SQL writes these functions without parentheses; the parser takes them for columns.
        if (Clocks.Contains(name))
            _functions.Add((name, 1, LineOf(node)));
    }

    /// <summary>Tables named with a schema or database.</summary>
    public List<string> Qualified { get; } = [];

    /// <summary>Table functions beyond those that only unfold values.</summary>
    public List<string> OtherTableFunctions { get; } = [];

    /// <summary>Whether it is a SHOW, DESCRIBE or SUMMARIZE, which parse as SELECT.</summary>
    public bool Shows { get; private set; }

    private static string? Text(JsonElement node, string name) =>
        node.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static int Length(JsonElement node, string name) =>
        node.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Array ? value.GetArrayLength() : 0;

    private int LineOf(JsonElement node) =>
        node.TryGetProperty("query_location", out var location) && location.TryGetInt32(out var at) ? LineOf(at) : 0;

    // DuckDB counts bytes of UTF-8.
    private int LineOf(int byteOffset)
    {
        var before = _lineEnds.BinarySearch(byteOffset - 1);
        return (before < 0 ? ~before : before + 1) + 1;
    }

    private static List<int> LineEnds(string sql)
    {
        var ends = new List<int>();
        var bytes = 0;
        foreach (var rune in sql.EnumerateRunes())
        {
            if (rune.Value == '\n')
                ends.Add(bytes);
            bytes += rune.Utf8SequenceLength;
        }
        return ends;
    }

    private static HashSet<string> Words(string sql)
    {
        var words = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var range in WordRanges(sql))
            words.Add(sql[range]);
        return words;
    }

    private static IEnumerable<Range> WordRanges(string sql)
    {
        var start = -1;
        for (var i = 0; i <= sql.Length; i++)
        {
            var inWord = i < sql.Length && (char.IsLetterOrDigit(sql[i]) || sql[i] == '_');
            if (inWord && start < 0)
                start = i;
            if (!inWord && start >= 0)
            {
                yield return start..i;
                start = -1;
            }
        }
    }
}
