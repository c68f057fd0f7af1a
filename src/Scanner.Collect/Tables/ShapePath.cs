using Scanner.Aws.Models;
using Scanner.Catalog;

namespace Scanner.Collect.Tables;

/// <summary>Follows a path through the shapes of a service model, as <see cref="ItemPath.Find"/> follows it through a reply.</summary>
internal static class ShapePath
{
    /// <summary>The shape at a path; null when the shapes do not tell.</summary>
    /// <exception cref="ShapePathException">There can be no value there.</exception>
    public static Shape? Find(Shape? root, ItemPath path)
    {
        var first = path.Segments[0].Name;
        if (root is null || root.IsOpaque)
            return null;
        return TryStep(root, first, out var next)
            ? Rest(next, path, 0)
            : throw new ShapePathException($"there is no '{first}'; {Spelling.Suggest(first, root.Members.Select(member => member.Name))}");
    }

    /// <summary>The member of a structure, or what a map holds; false when there is none of that name.</summary>
    public static bool TryStep(Shape shape, string name, out Shape? next)
    {
        next = shape.IsOpaque ? null : shape.Kind == ShapeKind.Map ? shape.Value!.Shape : shape.FindMember(name)?.Shape;
        return next is not null || shape.IsOpaque;
    }

    /// <summary>Follows what comes after a segment, whose own shape is given.</summary>
    /// <exception cref="ShapePathException">There can be no value there.</exception>
    public static Shape? Rest(Shape? shape, ItemPath path, int at)
    {
        for (; shape is not null && !shape.IsOpaque; at++)
        {
            var segment = path.Segments[at];
            var last = at + 1 == path.Segments.Count;
            if (segment.Flatten && shape.Kind != ShapeKind.List)
                throw new ShapePathException($"'{segment.Name}' is {Words(shape)} and no list; leave its [] out");
            if (last)
                return shape;
            if (segment.Flatten)
                shape = shape.Member!.Shape;
            else if (shape.Kind == ShapeKind.List)
                throw new ShapePathException($"'{segment.Name}' is a list; write '{segment.Name}[]'");
            var name = path.Segments[at + 1].Name;
            if (shape.IsOpaque)
                return null;
            if (shape.Kind is not (ShapeKind.Structure or ShapeKind.Map))
                throw new ShapePathException($"'{segment.Name}' is {Words(shape)}, nothing is in it");
            if (!TryStep(shape, name, out var next))
                throw new ShapePathException($"there is no '{name}' in '{segment.Name}'; {Spelling.Suggest(name, shape.Members.Select(member => member.Name))}");
            shape = next;
        }
        return null;
    }

    /// <summary>Whether a value of the shape can stand within text.</summary>
    public static bool IsScalar(Shape shape) => shape.IsOpaque || shape.Kind is not (ShapeKind.Structure or ShapeKind.List or ShapeKind.Map);

    /// <summary>What a shape is, for a sentence.</summary>
    public static string Words(Shape shape) => shape.Kind switch
    {
        ShapeKind.Structure or ShapeKind.Map or ShapeKind.Document => "an object",
        ShapeKind.List => "a list",
        ShapeKind.Integer or ShapeKind.Number => "a number",
        ShapeKind.Boolean => "true or false",
        ShapeKind.Timestamp => "a time",
        _ => "a text",
    };
}

/// <summary>A path that no value can be at; the message says which part, and what may have been meant.</summary>
internal sealed class ShapePathException(string message) : Exception(message);
