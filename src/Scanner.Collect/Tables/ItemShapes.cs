using Scanner.Aws.Models;
using Scanner.Catalog;

namespace Scanner.Collect.Tables;

/// <summary>
/// The shapes of what a table's texts and columns can name, as <see cref="ItemScope"/> has their values: parents and
/// details by their <c>as</c> names, over the members of the item. A shape that is null is not known: every path in it may be.
/// </summary>
internal sealed class ItemShapes
{
    private static readonly string[] Always = ["account", "region", "partition"];

    private readonly Dictionary<string, (Shape? Shape, bool IsItem)> _named = new(StringComparer.Ordinal);
    private Shape? _item;
    private bool _hasItem;

    /// <summary>Gives a detail its name.</summary>
    public void NameDetail(string name, Shape? shape) => _named[name] = (shape, false);

    /// <summary>Gives a parent its name.</summary>
    public void NameParent(string name, Shape? shape) => _named[name] = (shape, true);

    /// <summary>Says what an item is.</summary>
    public void SetItem(Shape? shape)
    {
        _item = shape;
        _hasItem = true;
    }

    /// <summary>The shape that a path in a text names; null when it is not known.</summary>
    /// <exception cref="ShapePathException">There can be no such value.</exception>
    public Shape? InText(ItemPath path)
    {
        var first = path.Segments[0].Name;
        if (!Always.Contains(first, StringComparer.Ordinal))
            return InItem(path, Always);
        return path.Segments.Count == 1 && !path.Segments[0].Flatten ? null : throw new ShapePathException($"'{first}' is a text, nothing is in it");
    }

    /// <summary>The shape of a column's path.</summary>
    /// <exception cref="ShapePathException">There can be no such value.</exception>
    public Shape? InColumn(ItemPath path) => InItem(path, []);

    private Shape? InItem(ItemPath path, IEnumerable<string> besides)
    {
        var first = path.Segments[0];
        if (_named.TryGetValue(first.Name, out var named))
        {
            return named.IsItem && IsValue(named.Shape) && path.Segments.Count > 1
                ? OfValue(named.Shape!, path, 1)
                : ShapePath.Rest(named.Shape, path, 0);
        }
        if (_hasItem && _item is null)
            return null;
        if (IsValue(_item) && first.Name == "value")
            return OfValue(_item!, path, 0);
        if (_item is not null && !IsValue(_item) && ShapePath.TryStep(_item, first.Name, out var next))
            return ShapePath.Rest(next, path, 0);
        IEnumerable<string> members = IsValue(_item) ? ["value"] : _item?.Members.Select(member => member.Name) ?? [];
        throw new ShapePathException($"there is no '{first.Name}'; {Spelling.Suggest(first.Name, members.Concat(_named.Keys).Concat(besides))}");
    }

    // An item that is not an object becomes {"value": ...}.
    private static bool IsValue(Shape? shape) => shape is { IsOpaque: false, Kind: not (ShapeKind.Structure or ShapeKind.Map) };

    private static Shape? OfValue(Shape shape, ItemPath path, int at) => path.Segments[at].Name == "value"
        ? ShapePath.Rest(shape, path, at)
        : throw new ShapePathException($"there is no '{path.Segments[at].Name}'; an element that is no object has 'value' only");
}
