using System.Collections.Immutable;
using System.Text.Json.Nodes;

namespace Scanner.Evaluate.Gaps;

internal sealed partial class Rewriter
{
    private (JsonObject, Shape) Select(JsonNode node, ImmutableDictionary<string, Shape> known, Scope? parent)
    {
        if (node["sample"] is not null)
            throw new NotFollowedException("a sample");
        var scope = new Scope(parent) { Named = Tree.NamedColumns(node) };
        var from = From(node["from_table"]!, known, scope);
        var items = Items(node, scope);
        foreach (var item in items.Where(item => item.Expression is not null && Tree.Text(item.Expression, "alias").Length > 0))
            scope.Aliases.TryAdd(item.Name, item.Expression!);
        if (IsLimited(node) && !scope.IsClosed)
            throw new NotFollowedException("LIMIT");
        JsonNode? where = null;
        if (node["where_clause"] is { } filter)
        {
            var kept = Keep(filter, known, scope);
            scope.Add(kept);
            where = kept.Value;
        }
        var alias = NewName();
        var lifts = Tree.Items(node, "select_list").Any(HasSubquery);
        if (scope.Sources.Count > 0 && (scope.HasLongMasks || (lifts && HasGaps)) && !scope.IsCorrelated)
        {
            from = Tree.FromQuery(Collected(scope, [], from, where), alias);
            where = null;
            Move(scope, alias, items);
            scope.Lifted = lifts && !IsGrouped(node) ? new Computed(alias, "\uE008") : null;
        }
        if (IsGrouped(node))
            return Grouped(node, known, scope, from, where, items);

        if (node["having"] is not null)
            throw new NotFollowedException("HAVING without a group");
        var terms = items.Select(item => item.Term ?? Item(item.Expression!, known, scope)).ToList();
        JsonNode? qualify = null;
        if (node["qualify"] is { } chosen)
        {
            var kept = Keep(chosen, known, scope);
            scope.Add(kept);
            qualify = kept.Value;
        }
        var (query, shape) = Assemble(node, items, terms, WithLifted(from, alias, scope), where, scope.Loose, scope.Gone, scope.Rows);
        query["qualify"] = Tree.Free(qualify);
        return (query, shape);
    }

    // The select list, with masks beside it.
    private static (JsonObject, Shape) Assemble(
        JsonNode node, IReadOnlyList<SelectItem> items, IReadOnlyList<Term> terms, JsonNode from, JsonNode? where,
        JsonNode? loose, JsonNode? gone, ImmutableHashSet<SourceColumn> rows)
    {
        var distinct = Tree.Items(node, "modifiers").FirstOrDefault(modifier => Tree.Text(modifier, "type") == "DISTINCT_MODIFIER");
        if (distinct is not null)
        {
            // Rows with open cells may turn out to be alike.
            loose = Tree.Bits(terms.Select(term => term.Mask).Append(loose));
            rows = rows.Union(terms.SelectMany(term => term.Uses));
        }
        var closed = loose is null && gone is null && terms.All(term => term.Mask is null);
        if (distinct is not null && Tree.Items(distinct, "distinct_on_targets").Any())
            throw new NotFollowedException("DISTINCT ON");
        if (IsLimited(node))
            rows = rows.Union(terms.SelectMany(term => term.Uses)).Union([EveryColumn]);
        var names = Distinct(items.Select(item => item.Name));
        var columns = names.Zip(terms, (name, term) => new ShapeColumn(name, term.Mask is null ? null : Shape.MaskPrefix + name, term.Uses)).ToList();
        var list = names.Zip(terms, (name, term) => Tree.Named(term.Value, name)).ToList();
        list.AddRange(columns.Zip(terms).Where(pair => pair.First.Mask is not null).Select(pair => Tree.Named(pair.Second.Mask!, pair.First.Mask!)));
        if (loose is not null)
            list.Add(Tree.Named(loose, Shape.LooseName));
        if (gone is not null)
            list.Add(Tree.Named(gone, Shape.GoneName));
        var query = Tree.Select(list, from, where);
        query["modifiers"] = Modifiers(node, closed);
        return (query, new Shape(columns, loose is null ? null : Shape.LooseName, gone is null ? null : Shape.GoneName, rows));
    }

    // Which rows are left hangs on what they are ordered by.
    private static bool IsLimited(JsonNode node) =>
        Tree.Items(node, "modifiers").Any(modifier => Tree.Text(modifier, "type") is not ("DISTINCT_MODIFIER" or "ORDER_MODIFIER"));

    /// <summary>Stands among the used columns for all of them.</summary>
    internal static readonly SourceColumn EveryColumn = new("*", "*");

    // An item of the select list; unnest makes rows of it.
    private Term Item(JsonNode expression, ImmutableDictionary<string, Shape> known, Scope scope)
    {
        if (Tree.Text(expression, "class") != "FUNCTION" || !Tree.Text(expression, "function_name").Equals("unnest", StringComparison.OrdinalIgnoreCase))
            return Rewrite(expression, known, scope);
        var list = Rewrite(Tree.Items(expression, "children").First(), known, scope);
        var copy = expression.DeepClone();
        copy["children"]![0] = Tree.Free(OneElement(list));
        var term = list with { Value = copy };
        scope.Add(term);
        return term;
    }

    private bool HasGaps => tables.Values.Any(table => table.Phantom is not null || table.Columns.Any(column => column.Masks.Count > 0));

    private static bool HasSubquery(JsonNode expression)
    {
        System.Runtime.CompilerServices.RuntimeHelpers.EnsureSufficientExecutionStack();
        return Tree.IsSubquery(expression) || (expression is JsonObject o && o.Any(member => member.Value is JsonObject or JsonArray && HasSubquery(member.Value)))
            || (expression is JsonArray list && list.Any(item => item is not null && HasSubquery(item)));
    }

    // The select list with its stars unfolded.
    private List<SelectItem> Items(JsonNode node, Scope scope)
    {
        var items = new List<SelectItem>();
        foreach (var expression in Tree.Items(node, "select_list"))
        {
            if (Tree.Text(expression, "class") == "STAR")
            {
                items.AddRange(Star(expression, scope));
                continue;
            }
            var name = Tree.Text(expression, "alias") is { Length: > 0 } alias ? alias
                : Tree.Text(expression, "class") == "COLUMN_REF" ? (string)expression["column_names"]!.AsArray()[^1]!
                : NewName();
            items.Add(new SelectItem(name, expression, null));
        }
        return items;
    }

    private static IEnumerable<SelectItem> Star(JsonNode star, Scope scope)
    {
        if ((bool)star["columns"]! || star["expr"] is not null)
            throw new NotFollowedException("COLUMNS()");
        var relation = Tree.Text(star, "relation_name");
        var excluded = Tree.Items(star, "exclude_list").Select(name => (string)name!).ToHashSet(StringComparer.OrdinalIgnoreCase);
        var qualified = Tree.Items(star, "qualified_exclude_list").Select(name => (Table: Tree.Text(name, "table"), Column: Tree.Text(name, "column"))).ToList();
        var replaced = Tree.Items(star, "replace_list").ToDictionary(pair => Tree.Text(pair, "key"), pair => pair["value"]!, StringComparer.OrdinalIgnoreCase);
        var renamed = Tree.Items(star, "rename_list").ToDictionary(pair => Tree.Text(pair["key"]!, "column"), pair => Tree.Text(pair, "value"), StringComparer.OrdinalIgnoreCase);
        var sources = scope.Sources.Where(source => relation.Length == 0 || source.Alias.Equals(relation, StringComparison.OrdinalIgnoreCase)).ToList();
        if (sources.Count == 0)
            throw new NotFollowedException($"{relation}.*");
        foreach (var source in sources)
        {
            foreach (var (name, term) in source.Columns)
            {
                if (excluded.Contains(name) || (relation.Length == 0 && source.Hidden.Contains(name))
                    || qualified.Exists(one => one.Column.Equals(name, StringComparison.OrdinalIgnoreCase)
                        && (one.Table.Length == 0 || one.Table.Equals(source.Alias, StringComparison.OrdinalIgnoreCase))))
                {
                    continue;
                }
                var called = renamed.GetValueOrDefault(name, name);
                yield return replaced.TryGetValue(name, out var expression) ? new SelectItem(called, expression, null) : new SelectItem(called, null, term);
            }
        }
    }
}
