using System.Text.Json.Nodes;

namespace Scanner.Evaluate.Gaps;

/// <summary>
/// Builds nodes of DuckDB's parse tree in the form that <c>json_serialize_sql</c> writes and <c>json_deserialize_sql</c> reads.
/// A node that has a place already is copied, so that callers may use one twice.
/// </summary>
internal static class Tree
{
    public static JsonObject Column(params string[] names) => new()
    {
        ["class"] = "COLUMN_REF",
        ["type"] = "COLUMN_REF",
        ["alias"] = "",
        ["column_names"] = new JsonArray([.. names.Select(name => JsonValue.Create(name))]),
    };

    public static JsonObject Number(long value) => Constant("BIGINT", JsonValue.Create(value));

    public static JsonObject Truth(bool value) => Constant("BOOLEAN", JsonValue.Create(value));

    public static JsonObject Null() => new()
    {
        ["class"] = "CONSTANT",
        ["type"] = "VALUE_CONSTANT",
        ["alias"] = "",
        ["value"] = new JsonObject { ["type"] = new JsonObject { ["id"] = "NULL", ["type_info"] = null }, ["is_null"] = true },
    };

    public static JsonObject Call(string name, IEnumerable<JsonNode> arguments, JsonNode? filter = null, bool isOperator = false) => new()
    {
        ["class"] = "FUNCTION",
        ["type"] = "FUNCTION",
        ["alias"] = "",
        ["function_name"] = name,
        ["schema"] = "",
        ["children"] = List(arguments),
        ["filter"] = Free(filter),
        ["order_bys"] = new JsonObject { ["type"] = "ORDER_MODIFIER", ["orders"] = new JsonArray() },
        ["distinct"] = false,
        ["is_operator"] = isOperator,
        ["export_state"] = false,
        ["catalog"] = "",
    };

    public static JsonNode And(params IEnumerable<JsonNode> parts) => Conjunction("CONJUNCTION_AND", [.. parts]);

    public static JsonNode Or(params IEnumerable<JsonNode> parts) => Conjunction("CONJUNCTION_OR", [.. parts]);

    public static JsonObject Not(JsonNode value) => Operator("OPERATOR_NOT", value);

    public static JsonObject IsNull(JsonNode value) => Operator("OPERATOR_IS_NULL", value);

    public static JsonObject IsNotNull(JsonNode value) => Operator("OPERATOR_IS_NOT_NULL", value);

    public static JsonObject Coalesce(params JsonNode[] values) => Operator("OPERATOR_COALESCE", values);

    public static JsonObject Compare(string type, JsonNode left, JsonNode right) => new()
    {
        ["class"] = "COMPARISON",
        ["type"] = type,
        ["alias"] = "",
        ["left"] = Free(left),
        ["right"] = Free(right),
    };

    public static JsonObject Same(JsonNode left, JsonNode right) => Compare("COMPARE_NOT_DISTINCT_FROM", left, right);

    public static JsonObject IsZero(JsonNode mask) => Compare("COMPARE_EQUAL", mask, Number(0));

    public static JsonObject IsNotZero(JsonNode mask) => Compare("COMPARE_NOTEQUAL", mask, Number(0));

    public static JsonObject Is(JsonNode value, bool truth) => Same(value, Truth(truth));

    public static JsonObject Case(JsonNode when, JsonNode then, JsonNode otherwise) => new()
    {
        ["class"] = "CASE",
        ["type"] = "CASE_EXPR",
        ["alias"] = "",
        ["case_checks"] = new JsonArray(new JsonObject { ["when_expr"] = Free(when), ["then_expr"] = Free(then) }),
        ["else_expr"] = Free(otherwise),
    };

    /// <summary>Bits of both; null is none.</summary>
    public static JsonNode? Bits(params IEnumerable<JsonNode?> masks)
    {
        JsonNode? all = null;
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var mask in masks)
        {
            if (mask is not null && seen.Add(mask.ToJsonString()))
                all = all is null ? mask : Call("|", [all, mask], isOperator: true);
        }
        return all;
    }

    /// <summary>All bits of a column of masks.</summary>
    public static JsonObject AllBits(JsonNode mask, JsonNode? filter = null) => Coalesce(Call("bit_or", [mask], filter), Number(0));

    public static JsonObject Exists(JsonNode query) => Subquery("EXISTS", query, null, "INVALID");

    public static JsonObject Scalar(JsonNode query) => Subquery("SCALAR", query, null, "INVALID");

    public static JsonObject Subquery(string type, JsonNode query, JsonNode? child, string comparison) => new()
    {
        ["class"] = "SUBQUERY",
        ["type"] = "SUBQUERY",
        ["alias"] = "",
        ["subquery_type"] = type,
        ["subquery"] = Statement(query),
        ["child"] = Free(child),
        ["comparison_type"] = comparison,
    };

    public static JsonObject Statement(JsonNode query) => new() { ["node"] = Free(query), ["named_param_map"] = new JsonArray() };

    public static JsonObject Table(string name, string alias) => new()
    {
        ["type"] = "BASE_TABLE",
        ["alias"] = alias,
        ["sample"] = null,
        ["schema_name"] = "",
        ["table_name"] = name,
        ["column_name_alias"] = new JsonArray(),
        ["catalog_name"] = "",
        ["at_clause"] = null,
    };

    public static JsonObject FromQuery(JsonNode query, string alias, IEnumerable<string>? columns = null) => new()
    {
        ["type"] = "SUBQUERY",
        ["alias"] = alias,
        ["sample"] = null,
        ["subquery"] = Statement(query),
        ["column_name_alias"] = new JsonArray([.. (columns ?? []).Select(name => JsonValue.Create(name))]),
    };

    public static JsonObject Star() => new()
    {
        ["class"] = "STAR",
        ["type"] = "STAR",
        ["alias"] = "",
        ["relation_name"] = "",
        ["exclude_list"] = new JsonArray(),
        ["replace_list"] = new JsonArray(),
        ["columns"] = false,
        ["expr"] = null,
        ["qualified_exclude_list"] = new JsonArray(),
        ["rename_list"] = new JsonArray(),
    };

    public static JsonObject Select(IEnumerable<JsonNode> items, JsonNode from, JsonNode? where = null, IEnumerable<JsonNode>? groups = null)
    {
        var keys = (groups ?? []).ToList();
        return new JsonObject
        {
            ["type"] = "SELECT_NODE",
            ["modifiers"] = new JsonArray(),
            ["cte_map"] = new JsonObject { ["map"] = new JsonArray() },
            ["select_list"] = List(items),
            ["from_table"] = Free(from),
            ["where_clause"] = Free(where),
            ["group_expressions"] = List(keys),
            ["group_sets"] = keys.Count == 0 ? new JsonArray() : new JsonArray(new JsonArray([.. Enumerable.Range(0, keys.Count).Select(i => JsonValue.Create(i))])),
            ["aggregate_handling"] = "STANDARD_HANDLING",
            ["having"] = null,
            ["sample"] = null,
            ["qualify"] = null,
        };
    }

    /// <summary>The modifier of a select that leaves out rows that are alike.</summary>
    public static JsonObject Distinct() => new() { ["type"] = "DISTINCT_MODIFIER", ["distinct_on_targets"] = new JsonArray() };

    public static JsonObject Union(JsonNode left, JsonNode right, bool all) => new()
    {
        ["type"] = "SET_OPERATION_NODE",
        ["modifiers"] = new JsonArray(),
        ["cte_map"] = new JsonObject { ["map"] = new JsonArray() },
        ["setop_type"] = "UNION",
        ["left"] = Free(left),
        ["right"] = Free(right),
        ["setop_all"] = all,
    };

    public static JsonObject CommonTable(string name, JsonNode query) => new()
    {
        ["key"] = name,
        ["value"] = new JsonObject
        {
            ["aliases"] = new JsonArray(),
            ["query"] = Statement(query),
            ["materialized"] = "CTE_MATERIALIZE_DEFAULT",
            ["key_targets"] = new JsonArray(),
        },
    };

    /// <summary>A copy with another name in the result.</summary>
    public static JsonNode Named(JsonNode value, string name)
    {
        var copy = value.DeepClone();
        copy["alias"] = name;
        return copy;
    }

    /// <summary>The node itself where it has no place yet, a copy where it has.</summary>
    public static JsonNode? Free(JsonNode? node) => node?.Parent is null ? node : node.DeepClone();

    public static bool IsSubquery(JsonNode node) => node is JsonObject && Text(node, "class") == "SUBQUERY";

    /// <summary>Every name by which something in a select, or in a query within it, means a column; null where it may mean any.</summary>
    public static HashSet<string>? NamedColumns(JsonNode node)
    {
        var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        return Gather(node) ? names : null;

        bool Gather(JsonNode? part)
        {
            System.Runtime.CompilerServices.RuntimeHelpers.EnsureSufficientExecutionStack();
            if (part is JsonArray list)
                return All(list);
            if (part is not JsonObject o)
                return true;
            if (Text(o, "class") is "STAR" or "POSITIONAL_REFERENCE")
                return false;
            names.UnionWith(Items(o, "column_names").Concat(Items(o, "using_columns")).Select(name => (string)name!));
            var isWhole = All(o.Select(member => member.Value));
            // A star means what its own SELECT stands on.
            return isWhole || (o != node && Text(o, "type") == "SELECT_NODE");
        }

        // To the end, whatever the first of them say.
        bool All(IEnumerable<JsonNode?> parts) => parts.Aggregate(true, (isWhole, part) => Gather(part) && isWhole);
    }

    public static string Text(JsonNode node, string name) => (string?)node[name] ?? "";

    public static IEnumerable<JsonNode> Items(JsonNode node, string name) => node[name] is JsonArray list ? list.Select(item => item!) : [];

    /// <summary>A list of nodes; one that stands twice is copied.</summary>
    public static JsonArray List(IEnumerable<JsonNode?> nodes)
    {
        var list = new JsonArray();
        foreach (var node in nodes)
            list.Add(Free(node));
        return list;
    }

    private static JsonNode Conjunction(string type, IReadOnlyList<JsonNode> parts) => parts.Count == 1 ? parts[0] : new JsonObject
    {
        ["class"] = "CONJUNCTION",
        ["type"] = type,
        ["alias"] = "",
        ["children"] = List(parts),
    };

    private static JsonObject Operator(string type, params JsonNode[] values) => new()
    {
        ["class"] = "OPERATOR",
        ["type"] = type,
        ["alias"] = "",
        ["children"] = List(values),
    };

    private static JsonObject Constant(string type, JsonNode value) => new()
    {
        ["class"] = "CONSTANT",
        ["type"] = "VALUE_CONSTANT",
        ["alias"] = "",
        ["value"] = new JsonObject { ["type"] = new JsonObject { ["id"] = type, ["type_info"] = null }, ["is_null"] = false, ["value"] = value },
    };
}
