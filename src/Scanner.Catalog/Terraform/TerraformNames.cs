using Scanner.Model;

namespace Scanner.Catalog.Terraform;

/// <summary>The attributes by which Terraform resources refer to each other, of all tables together.</summary>
public sealed class TerraformNames
{
    private readonly Dictionary<string, IReadOnlyList<TerraformName>> _byType;

    private TerraformNames(Dictionary<string, IReadOnlyList<TerraformName>> byType)
    {
        _byType = byType;
        Attributes = byType.ToDictionary(
            pair => pair.Key, pair => (IReadOnlySet<string>)pair.Value.Select(name => name.Attribute).ToHashSet(StringComparer.Ordinal), StringComparer.Ordinal);
    }

    /// <summary>Names of the attributes by resource type.</summary>
    public IReadOnlyDictionary<string, IReadOnlySet<string>> Attributes { get; }

    /// <summary>By resource type and argument, the types of the objects that a resource belongs to by that argument.</summary>
    public required IReadOnlyDictionary<(string Type, string Argument), IReadOnlySet<string>> Owners { get; init; }

    /// <summary>The attributes of a type, the first of them the one that symbols are named after; empty for a type that no table names.</summary>
    public IReadOnlyList<TerraformName> Of(string type) => _byType.TryGetValue(type, out var names) ? names : [];

    /// <summary>Puts the tables' names together.</summary>
    /// <param name="tables">The tables.</param>
    /// <exception cref="InputException">Two tables say different things of one type.</exception>
    public static TerraformNames Of(IEnumerable<TableDefinition> tables)
    {
        ArgumentNullException.ThrowIfNull(tables);
        var all = new Dictionary<string, IReadOnlyList<TerraformName>>(StringComparer.Ordinal);
        var first = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (table, mapping) in tables.SelectMany(table => table.Terraform.Select(mapping => (table, mapping))))
        {
            var said = mapping.Resources.Where(_ => mapping.Names.Count > 0).Select(type => KeyValuePair.Create(type, mapping.Names)).Concat(mapping.Referents);
            foreach (var (type, names) in said)
            {
                if (all.TryAdd(type, names))
                    first[type] = table.File;
                else if (!Same(all[type], names))
                    throw new InputException(table.File, mapping.Line, $"the names of {type} are not those that {first[type]} gives; write the same list in both, or leave one out");
            }
        }
        return new TerraformNames(all)
        {
            Owners = (from mapping in tables.SelectMany(table => table.Terraform)
                      from part in mapping.ImpliedUnless is { } unless ? mapping.Parts.Append(unless) : mapping.Parts
                      from pair in part.By
                      where pair.Ours is null && pair.Theirs.Rest.AsSpan().IndexOfAny('.', '[') < 0
                      from type in part.Resources
                      from owner in mapping.Resources
                      group owner by (type, pair.Theirs.Rest))
                .ToDictionary(group => group.Key, group => (IReadOnlySet<string>)group.ToHashSet(StringComparer.Ordinal)),
        };
    }

    private static bool Same(IReadOnlyList<TerraformName> one, IReadOnlyList<TerraformName> other) =>
        one.Select(name => (name.Attribute, Spelling(name.Text))).SequenceEqual(other.Select(name => (name.Attribute, Spelling(name.Text))));

    private static string Spelling(TerraformText? text) =>
        text is null ? "" : string.Concat(text.Segments.Select(segment => segment.Literal ?? $"{{{segment.Word ?? segment.Path?.Text}}}"));
}
