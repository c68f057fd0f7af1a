using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json.Nodes;

namespace Scanner.Evaluate.Gaps;

internal sealed partial class Rewriter
{
    private bool IsGrouped(JsonNode node) =>
        Tree.Items(node, "group_expressions").Any()
        || Tree.Text(node, "aggregate_handling") == "FORCE_AGGREGATES"
        || Tree.Items(node, "select_list").Any(HasAggregate)
        || (node["having"] is { } having && HasAggregate(having));

    // Whether an aggregate stands in an expression, outside of subqueries and windows.
    private bool HasAggregate(JsonNode expression)
    {
        System.Runtime.CompilerServices.RuntimeHelpers.EnsureSufficientExecutionStack();
        if (expression is JsonArray list)
            return list.Any(item => item is not null && HasAggregate(item));
        if (expression is not JsonObject o || Tree.Text(o, "class") == "SUBQUERY")
            return false;
        if (IsAggregate(o))
            return true;
        // A window over an aggregate is a group too.
        return o.Any(member => member.Value is JsonObject or JsonArray && HasAggregate(member.Value));
    }

    private bool IsAggregate(JsonNode node) =>
        Tree.Text(node, "class") == "FUNCTION" && functions.Aggregates.Contains(Tree.Text(node, "function_name"));

    private (JsonObject, Shape) Grouped(
        JsonNode node, ImmutableDictionary<string, Shape> known, Scope scope, JsonNode from, JsonNode? where, List<SelectItem> items)
    {
        if (Tree.Items(node, "group_sets").Count() > 1)
            throw new NotFollowedException("GROUPING SETS");
        if (node["qualify"] is not null)
            throw new NotFollowedException("QUALIFY over groups");
        var keys = Keys(node, known, scope, items);
        scope.Rows = scope.Rows.Union(keys.SelectMany(key => key.Uses));
        ImmutableHashSet<SourceColumn> decides = keys.Count == 0 ? [] : scope.Rows;
        if (scope.IsClosed)
        {
            scope.Group = new Grouping(ByText(keys, keys), null, null);
            var (list, filter) = InGroups(node, known, scope, items);
            var (whole, result) = Assemble(node, items, list, from, where, filter?.Mask, filter?.Mask, decides.Union(filter?.Uses ?? []));
            Group(whole, keys);
            whole["having"] = Tree.Free(filter?.Value);
            return (whole, result);
        }
        var (alias, rows) = (NewName(), NewName());
        JsonNode? collected = null;
        JsonNode? extra = null;
        if (keys.Exists(key => key.Mask is not null))
        {
            // Rows whose key is not known may belong to any group that the known keys allow: to its aggregates they are
            // doubtful, and each may be a group of its own.
            if (scope.IsCorrelated)
                throw new NotFollowedException("GROUP BY in a correlated subquery, over what was not read");
            collected = Collected(scope, keys, from, where);
            (from, extra) = Sure(scope, keys, rows, items);
            where = null;
            keys = Keys(node, known, scope, items);
        }
        var outside = keys.Select((key, i) => new Term(Tree.Column(alias, KeyName(i)), null, key.Uses)).ToList();
        var aggregates = new Computed(alias, "\uE007");
        scope.Group = new Grouping(ByText(keys, outside), extra, aggregates);
        scope.Lifted = scope.IsCorrelated ? null : new Computed(alias, "\uE008");
        var (terms, having) = InGroups(node, known, scope, items);
        // A group is there when one of its rows is; without keys there is one row, whatever the rows are.
        var gone = keys.Count == 0 ? null : scope.Gone;
        var inner = keys.Select((key, i) => Tree.Named(key.Value, KeyName(i))).Concat(aggregates.Made.Select(one => Tree.Named(one.Value, one.Name))).ToList();
        if (gone is not null)
            inner.Add(Tree.Named(Tree.Case(Tree.Coalesce(Tree.Call("bool_or", [Anchored(Tree.IsZero(gone), scope)]), Tree.Truth(false)), Tree.Number(0), Tree.AllBits(Anchored(gone, scope))), Shape.GoneName));
        // Keys alone make groups too.
        if (inner.Count == 0)
            inner.Add(Tree.Named(Tree.Call("count_star", []), Shape.GoneName));
        var groups = Group(Tree.Select(inner, from, where), keys);
        var masks = Tree.Bits(gone is null ? null : Tree.Column(alias, Shape.GoneName), having?.Mask);
        var (query, shape) = Assemble(node, items, terms, WithLifted(Tree.FromQuery(groups, alias), alias, scope), having?.Value, masks, masks, decides.Union(having?.Uses ?? []));
        return collected is null ? (query, shape) : WithStrays(query, shape, outside, collected, rows);
    }

    private (List<Term> Terms, Term? Having) InGroups(JsonNode node, ImmutableDictionary<string, Shape> known, Scope scope, List<SelectItem> items)
    {
        var terms = items.Select(item => item.Term is { } column ? InGroup(column, scope) : Rewrite(item.Expression!, known, scope)).ToList();
        var having = node["having"] is { } filter ? Keep(filter, known, scope) : null;
        scope.Group = null;
        return (terms, having);
    }

    // Subqueries of the select list are asked once a row, below it.
    private static JsonNode WithLifted(JsonNode from, string alias, Scope scope)
    {
        var lifted = scope.Lifted?.Made.ToList() ?? [];
        scope.Lifted = null;
        return lifted.Count == 0 ? from : Tree.FromQuery(Tree.Select([Tree.Star(), .. lifted.Select(one => Tree.Named(one.Value, one.Name))], from), alias);
    }

    private static JsonObject Group(JsonObject query, IReadOnlyList<Term> keys)
    {
        query["group_expressions"] = Tree.List(keys.Select(key => key.Value));
        query["group_sets"] = keys.Count == 0 ? new JsonArray() : new JsonArray(new JsonArray([.. Enumerable.Range(0, keys.Count).Select(i => JsonValue.Create(i))]));
        return query;
    }

    // What an expression of the select list that is a key stands for.
    private static Dictionary<string, Term> ByText(IReadOnlyList<Term> written, IReadOnlyList<Term> keys) =>
        written.Zip(keys).DistinctBy(pair => pair.First.Value.ToJsonString(), StringComparer.Ordinal)
            .ToDictionary(pair => pair.First.Value.ToJsonString(), pair => pair.Second with { Mask = null }, StringComparer.Ordinal);

    private static Term InGroup(Term term, Scope scope) =>
        scope.Group is { } group && group.Keys.TryGetValue(term.Value.ToJsonString(), out var key) ? key : term;

    private List<Term> Keys(JsonNode node, ImmutableDictionary<string, Shape> known, Scope scope, List<SelectItem> items)
    {
        if (Tree.Text(node, "aggregate_handling") == "FORCE_AGGREGATES")
        {
            return [.. items.Where(item => item.Expression is null || !(HasAggregate(item.Expression) || Tree.Text(item.Expression, "class") == "CONSTANT"))
                .Select(item => item.Term ?? Rewrite(item.Expression!, known, scope))];
        }
        return [.. Tree.Items(node, "group_expressions").Select(key =>
        {
            if (Tree.Text(key, "class") != "CONSTANT")
                return Rewrite(key, known, scope);
            // GROUP BY 2: the second item.
            var place = int.TryParse(key["value"]!["value"]?.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var at) ? at : 0;
            if (place < 1 || place > items.Count)
                throw new NotFollowedException("GROUP BY a constant");
            return items[place - 1].Term ?? Rewrite(items[place - 1].Expression!, known, scope);
        })];
    }

    // All rows before they are grouped, with every column that is named and the masks.
    private static JsonObject Collected(Scope scope, List<Term> keys, JsonNode from, JsonNode? where)
    {
        var list = new List<JsonNode>();
        foreach (var (name, term) in Flat(scope))
        {
            list.Add(Tree.Named(term.Value, name));
            if (term.Mask is not null)
                list.Add(Tree.Named(term.Mask, Shape.MaskPrefix + name));
        }
        for (var i = 0; i < keys.Count; i++)
        {
            list.Add(Tree.Named(keys[i].Value, KeyName(i)));
            list.Add(Tree.Named(keys[i].Mask ?? Tree.Number(0), Shape.MaskPrefix + KeyName(i)));
        }
        list.Add(Tree.Named(scope.Loose ?? Tree.Number(0), Shape.LooseName));
        list.Add(Tree.Named(scope.Gone ?? Tree.Number(0), Shape.GoneName));
        return Tree.Select(list, from, where);
    }

    // The rows with known keys, each with what those without may change in its group. From here on the scope means these.
    private (JsonNode From, JsonNode Extra) Sure(Scope scope, List<Term> keys, string rows, List<SelectItem> items)
    {
        var (own, other, alias) = (NewName(), NewName(), NewName());
        JsonNode KeyMasks(string of) => Tree.Bits(keys.Select((_, i) => Tree.Column(of, Shape.MaskPrefix + KeyName(i))))!;
        var maybe = keys.Select((_, i) => Tree.Or(
            Tree.IsNotZero(Tree.Column(other, Shape.MaskPrefix + KeyName(i))), Tree.Same(Tree.Column(other, KeyName(i)), Tree.Column(own, KeyName(i)))));
        var strays = Tree.Select(
            [Tree.AllBits(Tree.Bits(KeyMasks(other), Tree.Column(other, Shape.LooseName))!)],
            Tree.Table(rows, other), Tree.And([Tree.IsNotZero(KeyMasks(other)), .. maybe]));
        var sure = Tree.Select(
            [Tree.Star(), Tree.Named(Tree.Coalesce(Tree.Scalar(strays), Tree.Number(0)), Matched)], Tree.Table(rows, own), Tree.IsZero(KeyMasks(own)));
        Move(scope, alias, items);
        return (Tree.FromQuery(sure, alias), Tree.Column(alias, Matched));
    }

    // The scope means the columns of a query that Collected made.
    private static void Move(Scope scope, string alias, List<SelectItem> items)
    {
        var moved = new Dictionary<string, Term>(StringComparer.Ordinal);
        var names = Flat(scope).Select(column => column.Name).ToList();
        var (loose, gone) = (scope.Loose is not null, scope.Gone is not null);
        var place = 0;
        for (var s = 0; s < scope.Sources.Count; s++)
        {
            var columns = new List<(string, Term)>();
            foreach (var (name, term) in Carried(scope, scope.Sources[s]))
            {
                var called = names[place++];
                var now = term with { Value = Tree.Column(alias, called), Mask = term.Mask is null ? null : Tree.Column(alias, Shape.MaskPrefix + called) };
                moved.TryAdd(term.Value.ToJsonString(), now);
                columns.Add((name, now));
            }
            // The masks of all rows are said once.
            scope.Sources[s] = scope.Sources[s] with
            {
                Columns = columns,
                Loose = s == 0 && loose ? Tree.Column(alias, Shape.LooseName) : null,
                Gone = s == 0 && gone ? Tree.Column(alias, Shape.GoneName) : null,
            };
        }
        scope.Conditions.Clear();
        for (var i = 0; i < items.Count; i++)
        {
            if (items[i].Term is { } term)
                items[i] = items[i] with { Term = moved[term.Value.ToJsonString()] };
        }
    }

    private static IEnumerable<(string Name, Term Term)> Flat(Scope scope) =>
        scope.Sources.SelectMany(source => Carried(scope, source)).Select((column, i) => ($"\uE005{i.ToString(CultureInfo.InvariantCulture)}", column.Term));

    private static IEnumerable<(string Name, Term Term)> Carried(Scope scope, Source source) =>
        scope.Named is { } named ? source.Columns.Where(column => named.Contains(column.Name)) : source.Columns;

    private static string KeyName(int place) => $"\uE006{place.ToString(CultureInfo.InvariantCulture)}";

    // Each row without a known key, as a group that may be.
    private (JsonObject, Shape) WithStrays(JsonObject query, Shape shape, List<Term> keys, JsonNode collected, string rows)
    {
        var alias = NewName();
        var all = Tree.Bits(keys.Select((_, i) => Tree.Column(alias, Shape.MaskPrefix + KeyName(i))))!;
        var open = new Shape([.. shape.Columns.Select(column => column with { Mask = Shape.MaskPrefix + column.Name })], Shape.LooseName, Shape.GoneName, shape.Rows);
        var list = new List<JsonNode>();
        var masks = new List<JsonNode>();
        var selected = Tree.Items(query, "select_list").ToList();
        for (var i = 0; i < shape.Columns.Count; i++)
        {
            // A key itself may be known; all else is not.
            var item = Tree.Named(selected[i], "").ToJsonString();
            var key = keys.FindIndex(one => one.Value.ToJsonString() == item);
            var mask = key < 0 ? all : Tree.Column(alias, Shape.MaskPrefix + KeyName(key));
            list.Add(Tree.Named(key < 0 ? Tree.Null() : Tree.Case(Tree.IsZero(mask), Tree.Column(alias, KeyName(key)), Tree.Null()), shape.Columns[i].Name));
            masks.Add(Tree.Named(mask, open.Columns[i].Mask!));
        }
        var maybe = Tree.Bits(all, Tree.Column(alias, Shape.LooseName))!;
        var strays = Tree.Select(
            [.. list, .. masks, Tree.Named(maybe, Shape.LooseName), Tree.Named(maybe, Shape.GoneName)], Tree.Table(rows, alias), Tree.IsNotZero(all));
        // A row of which nothing else is known stands for any number of its like: each more would only multiply what is joined to it.
        strays["modifiers"] = Tree.List([Tree.Distinct()]);
        var union = Tree.Union(Aligned(query, shape, open, merging: false), strays, all: true);
        union["cte_map"]!["map"]!.AsArray().Add(Tree.CommonTable(rows, collected));
        return (union, open);
    }
}
