using System.Text.Json.Nodes;
using Scanner.Catalog;

namespace Scanner.Collect.Tables;

/// <summary>
/// The names that a table's texts can use at one moment: the item's members, over them the parents and details by their
/// <c>as</c> names, over all <c>account</c>, <c>region</c> and <c>partition</c>. Nothing is copied: replies are shared.
/// </summary>
internal sealed class ItemScope
{
    private readonly ItemScope? _outer;
    private Dictionary<string, JsonNode?>? _names;
    private JsonObject? _item;

    public ItemScope(string account, string region, string partition)
    {
        _names = new(StringComparer.Ordinal) { ["account"] = account, ["region"] = region, ["partition"] = partition };
    }

    private ItemScope(ItemScope outer)
    {
        _outer = outer;
    }

    /// <summary>A scope inside this one, in which a parent has a name.</summary>
    public ItemScope WithParent(string name, JsonNode parent) =>
        new(this) { _names = new(StringComparer.Ordinal) { [name] = parent } };

    /// <summary>A scope inside this one, for an item whose details are still to come.</summary>
    public ItemScope WithItem(JsonObject item) => new(this) { _item = item };

    /// <summary>Gives a detail its value; null when AWS says that there is none.</summary>
    public void SetDetail(string name, JsonNode? value) =>
        (_names ??= new(StringComparer.Ordinal))[name] = value;

    /// <summary>The value at a path; null when there is none.</summary>
    public JsonNode? Find(ItemPath path)
    {
        var first = path.Segments[0];
        if (!TryNamed(first.Name, out var named))
            return FindInItem(path);
        if (path.Segments.Count == 1)
            return named;
        if (first.Flatten || named is null)
            return null;
        // The rest of the path, looked up in the value that has the name.
        var current = named;
        for (var i = 1; i < path.Segments.Count; i++)
        {
            current = current is JsonObject o && o.TryGetPropertyValue(path.Segments[i].Name, out var value) ? value : null;
            if (current is null)
                return null;
        }
        return current;
    }

    private bool TryNamed(string name, out JsonNode? value)
    {
        value = null;
        // The outermost scope holds account, region and partition: they are always there, whatever AWS names its members.
        if (_outer is not null && _outer.TryNamed(name, out value))
            return true;
        return _names is not null && _names.TryGetValue(name, out value);
    }

    private JsonNode? FindInItem(ItemPath path)
    {
        for (var scope = this; scope is not null; scope = scope._outer)
        {
            if (scope._item is not null)
                return path.Find(scope._item);
        }
        return null;
    }

    /// <summary>Parents and details by name, outermost first; later ones win.</summary>
    public void Names(Dictionary<string, JsonNode?> into)
    {
        if (_outer is null)
            return;
        _outer.Names(into);
        foreach (var (name, value) in _names ?? [])
            into[name] = value;
    }
}
