using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;

namespace Scanner.Evaluate.Gaps;

internal sealed partial class Rewriter
{
    // Operands by class of node; order counts for no value here, only that none is left out.
    private static readonly Dictionary<string, string[]> Operands = new(StringComparer.Ordinal)
    {
        ["COMPARISON"] = ["left", "right"],
        ["BETWEEN"] = ["input", "lower", "upper"],
        ["OPERATOR"] = ["children"],
        ["CONJUNCTION"] = ["children"],
        ["CAST"] = ["child"],
        ["COLLATE"] = ["child"],
        ["FUNCTION"] = ["children", "filter", "order_bys"],
        // DuckDB's parser takes json->'path' for a lambda; only as an argument of a function over lists is it one.
        ["LAMBDA"] = ["lhs", "expr"],
    };

    private Term Rewrite(JsonNode node, ImmutableDictionary<string, Shape> known, Scope scope)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        var term = Tree.Text(node, "class") switch
        {
            "CONSTANT" => Term.Known(Tree.Named(node, "")),
            "COLUMN_REF" => Column(node, known, scope),
            "CASE" => Choice(node, known, scope),
            "CONJUNCTION" => Connected(node, known, scope),
            "SUBQUERY" => Inner(node, known, scope),
            "WINDOW" => Window(node, known, scope),
            "OPERATOR" when Tree.Text(node, "type") == "OPERATOR_COALESCE" => FirstOf(node, known, scope),
            "COMPARISON" => Compared(node, known, scope),
            "FUNCTION" when IsAggregate(node) => Aggregate(node, known, scope),
            "FUNCTION" when Tree.Text(node, "function_name").Equals("unnest", StringComparison.OrdinalIgnoreCase) => throw new NotFollowedException("unnest within an expression"),
            var other when Operands.ContainsKey(other) => Plain(node, known, scope),
            var other => throw new NotFollowedException(other),
        };
        return InGroup(term, scope);
    }

    /// <summary>
    /// A condition on rows: the value says which are kept because they are or may be (a mask is no reason to leave one out), the
    /// mask of a row that is kept on which gaps that hangs.
    /// </summary>
    private Term Keep(JsonNode node, ImmutableDictionary<string, Shape> known, Scope scope)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        if (Tree.Text(node, "class") != "CONJUNCTION")
        {
            var term = Rewrite(node, known, scope);
            return term with { Value = Possible(term) };
        }
        var parts = Tree.Items(node, "children").Select(child => Keep(child, known, scope)).ToList();
        ImmutableHashSet<SourceColumn> uses = [.. parts.SelectMany(part => part.Uses)];
        var mask = Tree.Bits(parts.Select(part => part.Mask));
        if (Tree.Text(node, "type") == "CONJUNCTION_AND")
            return new Term(Tree.And(parts.Select(part => part.Value)), mask, uses);
        // One that holds for sure is enough.
        return new Term(
            Tree.Or(parts.Select(part => part.Value)),
            mask is null ? null : Tree.Case(Tree.Or(parts.Select(Sure)), Tree.Number(0), mask), uses);
    }

    // A row is kept where a condition holds or may hold.
    private static JsonNode Possible(Term condition) =>
        condition.Mask is null ? condition.Value : Tree.Or(Tree.IsNotZero(condition.Mask), condition.Value);

    // Whether a condition from Keep holds for sure.
    private static JsonNode Sure(Term kept) =>
        Tree.Coalesce(kept.Mask is null ? kept.Value : Tree.And(Tree.IsZero(kept.Mask), kept.Value), Tree.Truth(false));

    private Term Plain(JsonNode node, ImmutableDictionary<string, Shape> known, Scope scope)
    {
        var parts = new List<Term>();
        var copy = Copied(node, known, scope, parts);
        return new Term(copy, Tree.Bits(parts.Select(part => part.Mask)), [.. parts.SelectMany(part => part.Uses)]);
    }

    // The node with its operands rewritten.
    private JsonObject Copied(JsonNode node, ImmutableDictionary<string, Shape> known, Scope scope, List<Term> parts)
    {
        var operands = Operands.GetValueOrDefault(Tree.Text(node, "class"), []);
        var lambdas = Tree.Text(node, "class") == "FUNCTION" && functions.Lambdas.Contains(Tree.Text(node, "function_name"));
        JsonNode? Take(JsonNode? operand)
        {
            if (operand is null)
                return null;
            var term = lambdas && Tree.Text(operand, "class") == "LAMBDA" && parts.Count > 0 ? Lambda(operand, known, scope) : Rewrite(operand, known, scope);
            parts.Add(term);
            // Names of arguments (struct_pack) stand as aliases.
            var name = Tree.Text(operand, "alias");
            return name.Length > 0 && Tree.Text(node, "class") == "FUNCTION" ? Tree.Named(term.Value, name) : Tree.Free(term.Value);
        }

        var copy = new JsonObject();
        foreach (var (name, member) in node.AsObject())
        {
            copy[name] = name == "alias" ? ""
                : !operands.Contains(name, StringComparer.Ordinal) ? member?.DeepClone()
                : member is JsonArray list ? Tree.List(list.Select(Take))
                : name == "order_bys" ? Ordered(member!, Take)
                : Take(member);
        }
        return copy;
    }

    private static JsonNode Ordered(JsonNode modifier, Func<JsonNode?, JsonNode?> take)
    {
        var copy = modifier.DeepClone();
        var orders = copy["orders"]!.AsArray();
        var originals = Tree.Items(modifier, "orders").ToList();
        for (var i = 0; i < originals.Count; i++)
            orders[i]!["expression"] = take(originals[i]["expression"]);
        return copy;
    }

    private Term Column(JsonNode node, ImmutableDictionary<string, Shape> known, Scope scope)
    {
        var names = Tree.Items(node, "column_names").Select(name => (string)name!).ToList();
        for (var around = scope; around is not null; around = around.Parent)
        {
            if (around.Parameters.Contains(names[0], StringComparer.OrdinalIgnoreCase))
                return Term.Known(Tree.Named(node, ""));
            if (Resolved(names, around) is { } term)
            {
                for (var inner = scope; inner != around; inner = inner!.Parent)
                    inner!.IsCorrelated = true;
                return around == scope ? term : InGroup(term, around);
            }
            if (names.Count == 1 && around.Aliases.TryGetValue(names[0], out var expression))
            {
                // An alias of the select list; what it stands for may not name it again.
                around.Aliases.Remove(names[0]);
                var meant = Rewrite(expression, known, around);
                around.Aliases[names[0]] = expression;
                return meant;
            }
        }
        throw new NotFollowedException($"the column {string.Join('.', names)}");
    }

    // A column, or a member of a struct in it: name, table.name, name.member, table.name.member ...
    private static Term? Resolved(IReadOnlyList<string> names, Scope scope)
    {
        Term? Member(Term? term, int used)
        {
            if (term is null || used == names.Count)
                return term;
            var value = term.Value.DeepClone();
            foreach (var name in names.Skip(used))
                value["column_names"]!.AsArray().Add(JsonValue.Create(name));
            return term with { Value = value };
        }

        if (names.Count > 1)
        {
            var source = scope.Sources.Find(source => source.Alias.Equals(names[0], StringComparison.OrdinalIgnoreCase));
            if (source?.Find(names[1]) is { } column)
                return Member(column, 2);
        }
        var found = scope.Sources.Where(source => !source.Hidden.Contains(names[0])).Select(source => source.Find(names[0])).OfType<Term>().ToList();
        if (found.Count > 1)
            throw new NotFollowedException($"the column {names[0]}, which several tables have");
        if (found.Count == 0 && scope.Sources.Exists(source => source.Alias.Equals(names[0], StringComparison.OrdinalIgnoreCase)))
            throw new NotFollowedException($"a whole row of {names[0]}");
        return Member(found.FirstOrDefault(), 1);
    }

    // and, or: a false (a true) operand decides, whatever the others are.
    private Term Connected(JsonNode node, ImmutableDictionary<string, Shape> known, Scope scope)
    {
        var parts = new List<Term>();
        var copy = Copied(node, known, scope, parts);
        ImmutableHashSet<SourceColumn> uses = [.. parts.SelectMany(part => part.Uses)];
        var mask = Tree.Bits(parts.Select(part => part.Mask));
        // Within a lambda only its own body can name the parameters: there a mask is that of all columns together.
        if (mask is null || scope.Parameters.Count > 0)
            return new Term(copy, mask, uses);
        var decisive = Tree.Text(node, "type") == "CONJUNCTION_OR";
        var decided = parts.Select(part =>
        {
            var decides = Tree.Is(part.Value, decisive);
            return part.Mask is null ? decides : Tree.And(Tree.IsZero(part.Mask), decides);
        });
        return new Term(copy, Tree.Case(Tree.Or(decided), Tree.Number(0), mask), uses);
    }

    // coalesce: what comes after a value that is known and there does not count.
    private Term FirstOf(JsonNode node, ImmutableDictionary<string, Shape> known, Scope scope)
    {
        var parts = new List<Term>();
        var copy = Copied(node, known, scope, parts);
        if (scope.Parameters.Count > 0)
            return new Term(copy, Tree.Bits(parts.Select(part => part.Mask)), [.. parts.SelectMany(part => part.Uses)]);
        JsonNode? mask = null;
        for (var i = parts.Count - 1; i >= 0; i--)
        {
            var rest = Tree.Bits(parts[i].Mask, mask);
            var there = parts[i].Mask is { } own ? Tree.And(Tree.IsZero(own), Tree.IsNotNull(parts[i].Value)) : Tree.IsNotNull(parts[i].Value);
            mask = rest is null ? null : Tree.Case(there, Tree.Number(0), rest);
        }
        return new Term(copy, mask, [.. parts.SelectMany(part => part.Uses)]);
    }

    // case: known where one branch alone may be taken, or all that may be give the same constant.
    private Term Choice(JsonNode node, ImmutableDictionary<string, Shape> known, Scope scope)
    {
        var branches = Tree.Items(node, "case_checks")
            .Select(check => (When: Rewrite(check["when_expr"]!, known, scope), Then: Rewrite(check["then_expr"]!, known, scope))).ToList();
        var rest = node["else_expr"] is { } otherwise ? Rewrite(otherwise, known, scope) : Term.Known(Tree.Null());
        var copy = node.DeepClone();
        copy["alias"] = "";
        for (var i = 0; i < branches.Count; i++)
        {
            copy["case_checks"]![i]!["when_expr"] = Tree.Free(branches[i].When.Value);
            copy["case_checks"]![i]!["then_expr"] = Tree.Free(branches[i].Then.Value);
        }
        copy["else_expr"] = Tree.Free(rest.Value);
        ImmutableHashSet<SourceColumn> uses = [.. branches.SelectMany(branch => branch.When.Uses.Union(branch.Then.Uses)), .. rest.Uses];
        var values = branches.Select(branch => branch.Then).Append(rest).ToList();
        var mask = Tree.Bits(branches.Select(branch => branch.When.Mask).Concat(values.Select(value => value.Mask)));
        if (mask is null || scope.Parameters.Count > 0)
            return new Term(copy, mask, uses);
        // A bit for each result that may come out; the same constant has the same bit.
        var kinds = values.Select((value, i) => Tree.Text(value.Value, "class") == "CONSTANT" ? value.Value.ToJsonString() : NewName()).ToList();
        if (kinds.Count > 60)
            return new Term(copy, mask, uses);
        var bits = kinds.Select(kind => Tree.Number(1L << kinds.IndexOf(kind))).ToList();
        var results = Taken(branches, bits);
        var one = Tree.Compare("COMPARE_EQUAL", Tree.Call("bit_count", [results]), Tree.Number(1));
        var unread = values.Exists(value => value.Mask is not null)
            ? Taken(branches, [.. values.Select(value => value.Mask ?? Tree.Number(0))]) : Tree.Number(0);
        return new Term(copy, Tree.Case(one, unread, mask), uses);
    }

    // Bits of all branches that may be taken: each whose condition holds or may hold, up to the first that holds for sure.
    private static JsonNode Taken(IReadOnlyList<(Term When, Term Then)> branches, IReadOnlyList<JsonNode> bits)
    {
        var taken = bits[^1];
        for (var i = branches.Count - 1; i >= 0; i--)
        {
            var when = branches[i].When;
            var holds = Tree.Is(when.Value, true);
            taken = when.Mask is null
                ? Tree.Case(holds, bits[i], taken)
                : Tree.Call(
                    "|",
                    [
                        Tree.Case(Tree.Or(Tree.IsNotZero(when.Mask), holds), bits[i], Tree.Number(0)),
                        Tree.Case(Tree.And(Tree.IsZero(when.Mask), holds), Tree.Number(0), taken),
                    ],
                    isOperator: true);
        }
        return taken;
    }

    // The second argument of list_filter and the like.
    private Term Lambda(JsonNode node, ImmutableDictionary<string, Shape> known, Scope scope)
    {
        var left = node["lhs"]!;
        var parameters = Tree.Text(left, "class") == "COLUMN_REF" ? [left] : Tree.Items(left, "children").ToArray();
        var names = parameters.Select(parameter => (string)parameter["column_names"]!.AsArray()[0]!).ToList();
        scope.Parameters.AddRange(names);
        var body = Rewrite(node["expr"]!, known, scope);
        scope.Parameters.RemoveRange(scope.Parameters.Count - names.Count, names.Count);
        var copy = node.DeepClone();
        copy["alias"] = "";
        copy["expr"] = Tree.Free(body.Value);
        return body with { Value = copy };
    }

    private Term Window(JsonNode node, ImmutableDictionary<string, Shape> known, Scope scope)
    {
        var parts = new List<Term>();
        var partitions = new List<Term>();
        JsonNode? Take(JsonNode? operand)
        {
            if (operand is null)
                return null;
            parts.Add(Rewrite(operand, known, scope));
            return Tree.Free(parts[^1].Value);
        }

        if (scope.Group is not null)
            throw new NotFollowedException("a window over groups");
        var copy = new JsonObject();
        foreach (var (name, member) in node.AsObject())
        {
            copy[name] = name switch
            {
                "alias" => "",
                "children" => Tree.List(member!.AsArray().Select(Take)),
                "partitions" => Tree.List(member!.AsArray().Select(key =>
                {
                    var value = Take(key);
                    partitions.Add(parts[^1]);
                    return value;
                })),
                "orders" or "arg_orders" => Ordered(new JsonObject { ["orders"] = member!.DeepClone() }, Take)["orders"]!.DeepClone(),
                "start_expr" or "end_expr" or "offset_expr" or "default_expr" or "filter_expr" => Take(member),
                _ => member?.DeepClone(),
            };
        }
        ImmutableHashSet<SourceColumn> uses = [.. parts.SelectMany(part => part.Uses), .. scope.Rows];
        var mask = Tree.Bits(parts.Select(part => part.Mask).Append(scope.Loose));
        if (mask is null)
            return new Term(copy, null, uses);
        // All rows that may be of the same partition: those whose known keys are the same.
        var over = copy.DeepClone();
        over["type"] = "WINDOW_AGGREGATE";
        over["function_name"] = "bit_or";
        over["children"] = Tree.List([mask]);
        over["partitions"] = Tree.List(partitions.Where(key => key.Mask is null).Select(key => key.Value));
        over["orders"] = new JsonArray();
        over["arg_orders"] = new JsonArray();
        foreach (var name in new[] { "start_expr", "end_expr", "offset_expr", "default_expr", "filter_expr" })
            over[name] = null;
        over["ignore_nulls"] = false;
        over["distinct"] = false;
        over["start"] = "UNBOUNDED_PRECEDING";
        over["end"] = "CURRENT_ROW_RANGE";
        over["exclude_clause"] = "NO_OTHER";
        return new Term(copy, Tree.Coalesce(over, Tree.Number(0)), uses);
    }
}
