using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Scanner.Evaluate.Gaps;

/// <summary>
/// Rewrites a query so that it answers for all accounts that may stand behind an incomplete one. Cells that could not be read are
/// open, and a row of its own (a phantom) stands for the rows that could not be read. The rewritten query returns each row
/// that the query may return in one of these worlds, and says of every value and of the row itself which gaps it hangs on; what
/// hangs on none is the same in all of them. (In the literature: uncertainty-annotated databases, Feng and others, SIGMOD 2019 and
/// 2021.) A mask is a BIGINT with a bit a gap, 0 for none.
/// <para>It errs to one side only: a mask may be set where nothing could change, never the other way. It follows columns through
/// common tables, subqueries, stars, joins, exists, in, aggregates, windows; where a query uses something else together with a
/// gap, it gives up (<see cref="NotFollowedException"/>), and the whole check hangs on the gap.</para>
/// <para>On the way it learns which columns the query takes something from at all, for those who ask AWS no more than that.</para>
/// </summary>
/// <param name="tables">Tables of the catalog that the query reads, by name.</param>
/// <param name="functions">DuckDB's functions.</param>
internal sealed partial class Rewriter(IReadOnlyDictionary<string, GapTable> tables, KnownFunctions functions)
{
    /// <summary>How the reason begins where the fault is the rewriting's own.</summary>
    public const string NotUnderstood = "something that is not understood";

    private int _names;

    /// <summary>Rewrites the tree of one SELECT.</summary>
    /// <param name="tree">What <c>json_serialize_sql</c> gave.</param>
    /// <param name="rewritten">The tree of the new query.</param>
    /// <returns>What it returns.</returns>
    /// <exception cref="NotFollowedException">The query uses something that is not followed.</exception>
    public Shape Rewrite(string tree, out JsonNode rewritten)
    {
        try
        {
            var root = JsonNode.Parse(tree, documentOptions: new JsonDocumentOptions { MaxDepth = 20_000 })!;
            // Two places of the same expression are the same expression.
            Forget(root, "query_location");
            var (query, shape) = Query(root["statements"]![0]!["node"]!, ImmutableDictionary.Create<string, Shape>(StringComparer.OrdinalIgnoreCase), null);
            rewritten = new JsonObject { ["error"] = false, ["statements"] = new JsonArray(Tree.Statement(query)) };
            return shape;
        }
        catch (Exception error) when (error is InvalidOperationException or KeyNotFoundException or FormatException or ArgumentException or NullReferenceException)
        {
            // A tree that is built otherwise than any that was seen: to know less is no reason to end the scan.
            throw new NotFollowedException($"{NotUnderstood} ({error.Message})");
        }
        catch (InsufficientExecutionStackException)
        {
            throw new NotFollowedException("expressions within expressions, deeper than can be followed");
        }
    }

    private (JsonObject Query, Shape Shape) Query(JsonNode node, ImmutableDictionary<string, Shape> known, Scope? parent)
    {
        System.Runtime.CompilerServices.RuntimeHelpers.EnsureSufficientExecutionStack();
        var common = new List<JsonNode>();
        foreach (var entry in Tree.Items(node["cte_map"]!, "map"))
        {
            var name = Tree.Text(entry, "key");
            var value = entry["value"]!;
            var (query, shape) = Query(value["query"]!["node"]!, known, parent);
            shape = Renamed(shape, [.. Tree.Items(value, "aliases").Select(alias => (string)alias!)], ref query);
            var table = Tree.CommonTable(name, query);
            table["value"]!["materialized"] = Tree.Text(value, "materialized");
            common.Add(table);
            known = known.SetItem(name, shape);
        }
        var (rewritten, made) = Tree.Text(node, "type") switch
        {
            "SELECT_NODE" => Select(node, known, parent),
            "SET_OPERATION_NODE" => SetOperation(node, known, parent),
            var other => throw new NotFollowedException(other == "RECURSIVE_CTE_NODE" ? "WITH RECURSIVE" : other),
        };
        // Tables that the rewriting adds come after those that they read.
        var map = rewritten["cte_map"]!["map"]!.AsArray();
        for (var i = 0; i < common.Count; i++)
            map.Insert(i, common[i]);
        return (rewritten, made);
    }

    private (JsonObject, Shape) SetOperation(JsonNode node, ImmutableDictionary<string, Shape> known, Scope? parent)
    {
        var (left, one) = Query(node["left"]!, known, parent);
        var (right, other) = Query(node["right"]!, known, parent);
        var all = (bool)node["setop_all"]!;
        var kind = Tree.Text(node, "setop_type");
        var closed = one.IsClosed && other.IsClosed;
        if (one.Columns.Count != other.Columns.Count || kind == "UNION_BY_NAME")
            throw new NotFollowedException("UNION BY NAME");
        if (kind != "UNION" && !closed)
            throw new NotFollowedException($"{kind} over what was not read");
        var columns = one.Columns.Zip(other.Columns, (a, b) =>
            new ShapeColumn(a.Name, a.Mask is null && b.Mask is null ? null : Shape.MaskPrefix + a.Name, a.Uses.Union(b.Uses))).ToList();
        var rows = one.Rows.Union(other.Rows);
        // Rows that are alike become one, and rows with open cells may become alike.
        var merging = !all;
        if (merging || kind != "UNION")
            rows = rows.Union(columns.SelectMany(column => column.Uses));
        var masks = columns.Exists(column => column.Mask is not null);
        var loose = one.Loose is not null || other.Loose is not null || (merging && masks) ? Shape.LooseName : null;
        var gone = one.Gone is not null || other.Gone is not null ? Shape.GoneName : null;
        var shape = new Shape(columns, loose, gone, rows);
        JsonObject query;
        if (closed)
        {
            query = Tree.Union(left, right, all);
            query["setop_type"] = kind;
        }
        else
        {
            query = Tree.Union(Aligned(left, one, shape, merging), Aligned(right, other, shape, merging), all);
        }
        query["modifiers"] = Modifiers(node, closed);
        return (query, shape);
    }

    // The columns of one side in the order of both, with zeros for masks that it does not have.
    private JsonObject Aligned(JsonNode query, Shape own, Shape both, bool merging)
    {
        var alias = NewName();
        JsonNode MaskOf(string? name) => name is null ? Tree.Number(0) : Tree.Column(alias, name);
        var items = own.Columns.Zip(both.Columns, (mine, target) => Tree.Named(Tree.Column(alias, mine.Name), target.Name)).ToList();
        items.AddRange(own.Columns.Zip(both.Columns).Where(pair => pair.Second.Mask is not null).Select(pair => Tree.Named(MaskOf(pair.First.Mask), pair.Second.Mask!)));
        if (both.Loose is not null)
        {
            var masks = merging ? own.Columns.Select(column => column.Mask) : [];
            items.Add(Tree.Named(Tree.Bits(masks.Append(own.Loose).OfType<string>().Select(MaskOf)) ?? Tree.Number(0), both.Loose));
        }
        if (both.Gone is not null)
            items.Add(Tree.Named(MaskOf(own.Gone), both.Gone));
        return Tree.Select(items, Tree.FromQuery(query, alias));
    }

    // ORDER BY alone says nothing of which rows there are; LIMIT does.
    private static JsonArray Modifiers(JsonNode node, bool closed)
    {
        var kept = new JsonArray();
        foreach (var modifier in Tree.Items(node, "modifiers"))
        {
            var type = Tree.Text(modifier, "type");
            if (closed || type == "DISTINCT_MODIFIER")
                kept.Add(modifier.DeepClone());
            else if (type != "ORDER_MODIFIER")
                throw new NotFollowedException("LIMIT over what was not read");
        }
        return kept;
    }

    private Shape Renamed(Shape shape, IReadOnlyList<string> names, ref JsonObject query)
    {
        if (names.Count == 0)
            return shape;
        var alias = NewName();
        var columns = shape.Columns.Select((column, i) => i < names.Count ? column with { Name = names[i] } : column).ToList();
        var items = shape.Columns.Zip(columns, (old, named) => Tree.Named(Tree.Column(alias, old.Name), named.Name)).ToList();
        items.AddRange(columns.Select(column => column.Mask).Append(shape.Loose).Append(shape.Gone).OfType<string>().Select(name => (JsonNode)Tree.Column(alias, name)));
        query = Tree.Select(items, Tree.FromQuery(query, alias));
        return shape with { Columns = columns };
    }

    private static void Forget(JsonNode node, string member)
    {
        System.Runtime.CompilerServices.RuntimeHelpers.EnsureSufficientExecutionStack();
        if (node is JsonObject o)
            o.Remove(member);
        foreach (var child in node is JsonObject members ? members.Select(pair => pair.Value) : node is JsonArray list ? list : [])
        {
            if (child is JsonObject or JsonArray)
                Forget(child, member);
        }
    }

    // A name that nobody else can have given.
    private string NewName() => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"\uE004{_names++}");

    // As DuckDB names the columns of a subquery: the second "name" is name_1.
    private static List<string> Distinct(IEnumerable<string> names)
    {
        var seen = new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase);
        var result = new List<string>();
        foreach (var name in names)
        {
            var free = name;
            while (!seen.TryAdd(free, 0))
                free = string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{name}_{++seen[name]}");
            result.Add(free);
        }
        return result;
    }
}
