using System.Collections.Immutable;
using System.Text.Json.Nodes;

namespace Scanner.Evaluate.Gaps;

internal sealed partial class Rewriter
{
    private const string Matched = "\uE003";

    private static readonly string[] Unfolding = ["unnest", "range", "generate_series", "json_each", "json_tree"];

    // Adds what stands in FROM to the scope, and gives it anew.
    private JsonNode From(JsonNode node, ImmutableDictionary<string, Shape> known, Scope scope)
    {
        System.Runtime.CompilerServices.RuntimeHelpers.EnsureSufficientExecutionStack();
        if (node["sample"] is not null)
            throw new NotFollowedException("a sample");
        return Tree.Text(node, "type") switch
        {
            "EMPTY" => node.DeepClone(),
            "BASE_TABLE" => Table(node, known, scope),
            "SUBQUERY" => Derived(node, known, scope),
            "TABLE_FUNCTION" => Unfolded(node, known, scope),
            "EXPRESSION_LIST" => Values(node, known, scope),
            "JOIN" => Join(node, known, scope),
            var other => throw new NotFollowedException(other),
        };
    }

    private JsonNode Table(JsonNode node, ImmutableDictionary<string, Shape> known, Scope scope)
    {
        var name = Tree.Text(node, "table_name");
        var alias = Tree.Text(node, "alias") is { Length: > 0 } given ? given : name;
        var renamed = Tree.Items(node, "column_name_alias").Select(column => (string)column!).ToList();
        var copy = node.DeepClone();
        copy["alias"] = alias;
        if (known.TryGetValue(name, out var common))
        {
            scope.Add(SourceOf(common, alias, renamed));
            return copy;
        }
        var table = tables.GetValueOrDefault(name) ?? throw new NotFollowedException($"the table {name}");
        copy["table_name"] = table.Physical;
        // Each table has bits of its own.
        JsonNode Shifted(string mask) => table.Shift == 0
            ? Tree.Column(alias, mask)
            : Tree.Call("<<", [Tree.Column(alias, mask), Tree.Number(table.Shift)], isOperator: true);
        JsonNode? MaskOf(IEnumerable<string> masks) => Tree.Bits(masks.Select(Shifted));
        var columns = table.Columns.Select((column, i) =>
        {
            var called = i < renamed.Count ? renamed[i] : column.Column;
            return (called, new Term(Tree.Column(alias, called), MaskOf(column.Masks), [new SourceColumn(table.Name, column.Column)]));
        }).ToList();
        var phantom = table.Phantom is { } mask ? Shifted(mask) : null;
        scope.Add(new Source(alias, columns, phantom, phantom, []));
        if (table.OnlyWhereZero.Count == 0)
            return copy;
        var whole = Tree.Select([Tree.Star()], copy, Tree.And(table.OnlyWhereZero.Select(column => Tree.IsZero(Tree.Column(alias, column)))));
        return Tree.FromQuery(whole, alias);
    }

    private static Source SourceOf(Shape shape, string alias, IReadOnlyList<string> renamed)
    {
        JsonNode? MaskOf(string? name) => name is null ? null : Tree.Column(alias, name);
        return new Source(
            alias,
            [.. shape.Columns.Select((column, i) =>
            {
                var called = i < renamed.Count ? renamed[i] : column.Name;
                return (called, new Term(Tree.Column(alias, called), MaskOf(column.Mask), column.Uses));
            })],
            MaskOf(shape.Loose), MaskOf(shape.Gone), shape.Rows);
    }

    private JsonNode Derived(JsonNode node, ImmutableDictionary<string, Shape> known, Scope scope)
    {
        // A subquery in FROM may use what stands before it.
        var (query, shape) = Query(node["subquery"]!["node"]!, known, scope);
        var alias = Tree.Text(node, "alias") is { Length: > 0 } given ? given : NewName();
        var renamed = Tree.Items(node, "column_name_alias").Select(column => (string)column!).ToList();
        scope.Add(SourceOf(shape, alias, renamed));
        return Tree.FromQuery(query, alias, renamed);
    }

    private JsonNode Values(JsonNode node, ImmutableDictionary<string, Shape> known, Scope scope)
    {
        var alias = Tree.Text(node, "alias") is { Length: > 0 } given ? given : NewName();
        var rows = Tree.Items(node, "values").Select(row => row.AsArray().Select(value => Rewrite(value!, known, scope)).ToList()).ToList();
        if (rows.Exists(row => row.Exists(value => value.Mask is not null)))
            throw new NotFollowedException("VALUES over what was not read");
        var uses = rows.SelectMany(row => row).SelectMany(value => value.Uses).ToImmutableHashSet();
        var copy = node.DeepClone();
        copy["alias"] = alias;
        copy["values"] = Tree.List(rows.Select(row => (JsonNode)Tree.List(row.Select(value => value.Value))));
        var columns = Enumerable.Range(0, rows.Count == 0 ? 0 : rows[0].Count).Select(i => $"col{i.ToString(System.Globalization.CultureInfo.InvariantCulture)}");
        scope.Add(new Source(alias, [.. columns.Select(name => (name, new Term(Tree.Column(alias, name), null, uses)))], null, null, []));
        return copy;
    }

    // unnest(list) and the like: one row for each element.
    private JsonNode Unfolded(JsonNode node, ImmutableDictionary<string, Shape> known, Scope scope)
    {
        var call = node["function"]!;
        var name = Tree.Text(call, "function_name").ToLowerInvariant();
        if (!Unfolding.Contains(name, StringComparer.Ordinal))
            throw new NotFollowedException($"the table function {name}");
        var arguments = Tree.Items(call, "children").Select(argument => Rewrite(argument, known, scope)).ToList();
        var mask = Tree.Bits(arguments.Select(argument => argument.Mask));
        var copy = node.DeepClone();
        if (mask is not null && (name != "unnest" || arguments.Count != 1))
            throw new NotFollowedException($"{name} over what was not read");
        copy["function"]!["children"] = Tree.List(arguments.Select(OneElement));
        var alias = Tree.Text(node, "alias") is { Length: > 0 } given ? given : name;
        copy["alias"] = alias;
        var renamed = Tree.Items(node, "column_name_alias").Select(column => (string)column!).ToList();
        string[] own = name switch
        {
            "json_each" or "json_tree" => ["key", "value", "type", "atom", "id", "parent", "fullkey", "path"],
            // DuckDB calls the only column by the function.
            _ => [name],
        };
        var uses = arguments.SelectMany(argument => argument.Uses).ToImmutableHashSet();
        // json_each has columns of the account's own making besides; an alias for a list of structs is not followed.
        var columns = own.Select((column, i) => i < renamed.Count ? renamed[i] : column).Concat(renamed.Skip(own.Length));
        scope.Add(new Source(alias, [.. columns.Select(column => (column, new Term(Tree.Column(alias, column), mask, uses)))], mask, mask, uses));
        return copy;
    }

    // A list that is not known has some element, of which nothing is known.
    private static JsonNode OneElement(Term list) => list.Mask is null
        ? list.Value
        : Tree.Case(Tree.IsNotZero(list.Mask), Tree.Call("list_value", [Tree.Null()]), list.Value);

    private JsonNode Join(JsonNode node, ImmutableDictionary<string, Shape> known, Scope scope)
    {
        var (join, reference) = (Tree.Text(node, "join_type"), Tree.Text(node, "ref_type"));
        if (reference is not ("REGULAR" or "CROSS" or "DEPENDENT"))
            throw new NotFollowedException($"a {reference} join");
        var copy = node.DeepClone();
        copy["left"] = Tree.Free(From(node["left"]!, known, scope));
        var (before, conditions) = (scope.Sources.Count, scope.Conditions.Count);
        var right = From(node["right"]!, known, scope);
        var condition = Condition(node, known, scope, before);
        copy["using_columns"] = new JsonArray();
        if (condition is not null && reference == "REGULAR")
            copy["condition"] = Tree.Free(condition.Value);
        if (join == "INNER")
        {
            copy["right"] = Tree.Free(right);
            if (condition is not null)
                scope.Add(condition);
            return copy;
        }
        var closed = (condition?.Mask is null) && scope.Conditions.Count == conditions && scope.Sources.Skip(before).All(source => source.IsClosed);
        if (condition is not null)
            scope.Rows = scope.Rows.Union(condition.Uses);
        if (!closed && join == "LEFT")
            right = Outer(right, condition?.Mask, conditions, before, scope);
        else if (!(closed && (join == "LEFT" || scope.Sources.TrueForAll(source => source.IsClosed))))
            throw new NotFollowedException($"a {join} JOIN over what was not read");
        copy["right"] = Tree.Free(right);
        if (join is "SEMI" or "ANTI")
            scope.Sources.RemoveRange(before, scope.Sources.Count - before);
        return copy;
    }

    // The right side of a LEFT JOIN. Where a row of the left only may have a partner, the pair stands for the row without
    // one too: the columns of the right are open. The row of the left is there in any case.
    private JsonNode Outer(JsonNode right, JsonNode? condition, int conditions, int before, Scope scope)
    {
        if (scope.Sources.Count != before + 1 || scope.Conditions.Count != conditions || Tree.Text(right, "type") is not ("BASE_TABLE" or "SUBQUERY"))
            throw new NotFollowedException("a LEFT JOIN with several tables on its right, over what was not read");
        var source = scope.Sources[before];
        var without = Tree.IsNull(Tree.Column(source.Alias, Matched));
        var pair = Tree.Bits(source.Loose, source.Gone, condition);
        pair = pair is null ? null : Tree.Case(without, Tree.Number(0), pair);
        JsonNode? Open(JsonNode? mask) => Tree.Bits(mask is null ? null : Tree.Coalesce(mask, Tree.Number(0)), pair);
        scope.Sources[before] = source with
        {
            Columns = [.. source.Columns.Select(column => (column.Name, column.Term with { Mask = Open(column.Term.Mask) }))],
            Loose = pair,
            Gone = null,
        };
        var marked = Tree.Select([Tree.Star(), Tree.Named(Tree.Truth(true), Matched)], right);
        return Tree.FromQuery(marked, source.Alias);
    }

    private Term? Condition(JsonNode node, ImmutableDictionary<string, Shape> known, Scope scope, int before)
    {
        if (node["condition"] is { } condition)
            return Keep(condition, known, scope);
        var shared = Tree.Items(node, "using_columns").Select(column => (string)column!).ToList();
        if (shared.Count == 0)
            return null;
        var parts = new List<Term>();
        foreach (var name in shared)
        {
            var left = scope.Sources.Take(before).Select(source => source.Hidden.Contains(name) ? null : source.Find(name)).FirstOrDefault(term => term is not null);
            var i = scope.Sources.FindIndex(before, source => source.Find(name) is not null);
            if (left is null || i < 0)
                throw new NotFollowedException("USING");
            var right = scope.Sources[i].Find(name)!;
            scope.Sources[i] = scope.Sources[i] with { Hidden = scope.Sources[i].Hidden.Add(name) };
            parts.Add(new Term(Tree.Compare("COMPARE_EQUAL", left.Value, right.Value), Tree.Bits(left.Mask, right.Mask), left.Uses.Union(right.Uses)));
        }
        return new Term(
            Tree.And(parts.Select(Possible)), Tree.Bits(parts.Select(part => part.Mask)),
            [.. parts.SelectMany(part => part.Uses)]);
    }
}
