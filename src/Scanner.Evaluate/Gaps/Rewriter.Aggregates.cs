using System.Collections.Immutable;
using System.Text.Json.Nodes;

namespace Scanner.Evaluate.Gaps;

internal sealed partial class Rewriter
{
    private Term Aggregate(JsonNode node, ImmutableDictionary<string, Shape> known, Scope scope)
    {
        var (copy, arguments, filter) = Arguments(node, known, scope);
        var extra = scope.Group?.Extra is { } strays ? Tree.AllBits(strays) : null;
        // A row whose filter is false for sure does not count.
        var doubt = Tree.Bits(arguments.Select(argument => argument.Mask).Append(filter?.Mask).Append(scope.Loose));
        var mask = Tree.Bits(doubt is null ? null : Tree.AllBits(Anchored(doubt, scope), filter?.Value), extra);
        ImmutableHashSet<SourceColumn> uses = [.. arguments.SelectMany(argument => argument.Uses), .. filter?.Uses ?? [], .. scope.Rows];
        if (mask is not null && Tree.Text(node, "function_name").ToLowerInvariant() is "bool_or" or "bool_and" && arguments.Count == 1)
        {
            // One row that is there and true (false) decides.
            var decisive = Tree.Text(node, "function_name").Equals("bool_or", StringComparison.OrdinalIgnoreCase);
            mask = Tree.Case(OneRow(scope, filter, [Known(arguments[0]), Tree.Is(arguments[0].Value, decisive)]), Tree.Number(0), Made(mask, scope));
            return new Term(Made(copy, scope), mask, uses);
        }
        return new Term(Made(copy, scope), mask is null ? null : Made(mask, scope), uses);
    }

    private static JsonNode Made(JsonNode value, Scope scope) => scope.Group!.Aggregates?.Column(value) ?? value;

    // count(...) > 0 and the like: one row that is there for sure is enough, however many there may be besides.
    private Term Compared(JsonNode node, ImmutableDictionary<string, Shape> known, Scope scope)
    {
        var term = Plain(node, known, scope);
        if (term.Mask is null || scope.Group is null || !AsksForOne(node))
            return term;
        var (_, arguments, filter) = Arguments(node["left"]!, known, scope);
        var there = arguments.SelectMany(argument => new[] { Known(argument), Tree.IsNotNull(argument.Value) });
        return term with { Mask = Tree.Case(OneRow(scope, filter, there), Tree.Number(0), term.Mask) };
    }

    private static bool AsksForOne(JsonNode node)
    {
        var left = node["left"]!;
        if (Tree.Text(left, "class") != "FUNCTION" || Tree.Text(left, "function_name").ToLowerInvariant() is not ("count" or "count_star")
            || Tree.Text(node["right"]!, "class") != "CONSTANT")
        {
            return false;
        }
        return (Tree.Text(node, "type"), node["right"]!["value"]!["value"]?.ToJsonString()) is
            ("COMPARE_GREATERTHAN" or "COMPARE_NOTEQUAL" or "COMPARE_EQUAL" or "COMPARE_LESSTHANOREQUALTO", "0")
            or ("COMPARE_GREATERTHANOREQUALTO" or "COMPARE_LESSTHAN", "1");
    }

    // Arguments stand before the rows are grouped.
    private (JsonObject Copy, List<Term> Arguments, Term? Filter) Arguments(JsonNode node, ImmutableDictionary<string, Shape> known, Scope scope)
    {
        if (scope.Group is not { } group)
            throw new NotFollowedException("an aggregate outside of a select list");
        var lifted = scope.Lifted;
        (scope.Group, scope.Lifted) = (null, null);
        var arguments = new List<Term>();
        var without = node.DeepClone();
        without["filter"] = null;
        var copy = Copied(without, known, scope, arguments);
        // In the value a filter stands as it was written; of rows that are kept because they may count, the mask tells.
        var filter = node["filter"] is { } condition ? Keep(condition, known, scope) : null;
        copy["filter"] = node["filter"] is { } written ? Tree.Free(Rewrite(written, known, scope).Value) : null;
        (scope.Group, scope.Lifted) = (group, lifted);
        return (copy, arguments, filter);
    }

    private static JsonNode Known(Term term) => term.Mask is null ? Tree.Truth(true) : Tree.IsZero(term.Mask);

    private static JsonNode OneRow(Scope scope, Term? filter, IEnumerable<JsonNode> conditions)
    {
        var parts = conditions.ToList();
        if (scope.Gone is { } gone)
            parts.Add(Tree.IsZero(gone));
        if (filter is not null)
            parts.Add(Sure(filter));
        return Made(Tree.Coalesce(Tree.Call("bool_or", [Anchored(parts.Count == 0 ? Tree.Truth(true) : Tree.And(parts), scope)]), Tree.Truth(false)), scope);
    }

    // An aggregate that names columns of the query around it alone is an aggregate of that query: this one names a column of its own.
    private static JsonNode Anchored(JsonNode value, Scope scope) =>
        scope.IsCorrelated && scope.Sources.SelectMany(source => source.Columns).FirstOrDefault().Term is { } own
            ? Tree.Case(Tree.IsNull(own.Value), value, value) : value;

    // Subqueries in expressions.
    private Term Inner(JsonNode node, ImmutableDictionary<string, Shape> known, Scope scope)
    {
        var term = Asked(node, known, scope);
        return scope.Lifted is not { } lifted || term.Mask is null ? term
            : term with { Value = lifted.Column(term.Value), Mask = lifted.Column(term.Mask) };
    }

    private Term Asked(JsonNode node, ImmutableDictionary<string, Shape> known, Scope scope)
    {
        var (query, shape) = Query(node["subquery"]!["node"]!, known, scope);
        // What the subquery takes from the row around it is masked by its own conditions.
        var kind = Tree.Text(node, "subquery_type");
        var uses = shape.Rows;
        var from = NewName();
        JsonNode MaskOf(string? name) => name is null ? Tree.Number(0) : Tree.Column(from, name);
        JsonNode Ask(JsonNode item, JsonNode? where = null) => Tree.Select([item], Tree.FromQuery(query, from), where);
        switch (kind)
        {
            case "EXISTS" or "NOT_EXISTS":
                {
                    var copy = Copy(node, query, null);
                    if (shape.Gone is null)
                        return new Term(copy, null, uses);
                    var sure = Tree.Exists(Ask(Tree.Number(1), Tree.IsZero(MaskOf(shape.Gone))));
                    var doubt = Tree.Coalesce(Tree.Scalar(Ask(Tree.AllBits(MaskOf(shape.Gone)))), Tree.Number(0));
                    return new Term(copy, Tree.Case(sure, Tree.Number(0), doubt), uses);
                }
            case "ANY" when shape.Columns.Count == 1 && node["child"] is { } child:
                return Any(node, Rewrite(child, known, scope), query, shape, from);
            case "SCALAR" when shape.Columns.Count == 1:
                {
                    var column = shape.Columns[0];
                    uses = uses.Union(column.Uses);
                    if (shape.IsClosed)
                        return new Term(Copy(node, query, null), null, uses);
                    // Rows that may be would make it an error to be more than one.
                    JsonNode only = Tree.Column(from, column.Name);
                    var value = Tree.Scalar(Ask(shape.Loose is null && shape.Gone is null ? only : Tree.Call("first", [only])));
                    var doubt = Tree.Bits(new[] { column.Mask, shape.Loose, shape.Gone }.OfType<string>().Select(MaskOf))!;
                    return new Term(value, Tree.Coalesce(Tree.Scalar(Ask(Tree.AllBits(doubt))), Tree.Number(0)), uses);
                }
            default:
                throw new NotFollowedException($"a subquery with {kind}");
        }
    }

    // value in (select ...), and the other comparisons with any row.
    private static Term Any(JsonNode node, Term value, JsonNode query, Shape shape, string from)
    {
        var column = shape.Columns[0];
        var copy = Copy(node, shape.IsClosed ? query : Tree.Select([Tree.Column(from, column.Name)], Tree.FromQuery(query, from)), value.Value);
        var uses = shape.Rows.Union(column.Uses).Union(value.Uses);
        var names = new[] { column.Mask, shape.Loose, shape.Gone }.OfType<string>().ToList();
        if (names.Count == 0)
            return new Term(copy, value.Mask, uses);
        JsonNode Masks(IEnumerable<string> of) => Tree.Bits(of.Select(name => Tree.Column(from, name)))!;
        var compared = Tree.Compare(Tree.Text(node, "comparison_type"), value.Value, Tree.Column(from, column.Name));
        var certain = new[] { column.Mask, shape.Gone }.OfType<string>().ToList();
        // NULL is in no empty set, and neither in nor out of any other: then it decides whether there is a row, whatever it says.
        var nothing = Tree.IsNull(value.Value);
        var there = shape.Gone is null ? nothing : Tree.And(nothing, Tree.IsZero(Tree.Column(from, shape.Gone)));
        var sure = Tree.Or(certain.Count == 0 ? compared : Tree.And(Tree.IsZero(Masks(certain)), compared), there);
        // A row matters that may match, or may be NULL: then "not in" is neither true nor false.
        var matters = Tree.Or(
            [compared, nothing, Tree.IsNull(Tree.Column(from, column.Name)), .. column.Mask is null ? Array.Empty<JsonNode>() : [Tree.IsNotZero(Tree.Column(from, column.Mask))]]);
        var doubt = Tree.Scalar(Tree.Select([Tree.AllBits(Masks(names))], Tree.FromQuery(query, from), matters));
        var decided = Tree.Exists(Tree.Select([Tree.Number(1)], Tree.FromQuery(query, from), sure));
        var open = Tree.Coalesce(doubt, Tree.Number(0));
        if (value.Mask is not null)
            return new Term(copy, Tree.Case(Tree.IsNotZero(value.Mask), value.Mask, Tree.Case(decided, Tree.Number(0), open)), uses);
        return new Term(copy, Tree.Case(decided, Tree.Number(0), open), uses);
    }

    private static JsonObject Copy(JsonNode node, JsonNode query, JsonNode? child)
    {
        var copy = node.DeepClone().AsObject();
        copy["alias"] = "";
        copy["subquery"] = Tree.Statement(query);
        copy["child"] = Tree.Free(child);
        return copy;
    }
}
