using System.Text;
using System.Text.Json.Nodes;

namespace Scanner.Catalog;

/// <summary>
/// A dotted path into a JSON value, as the table files write it: <c>Status.IsLogging</c>, <c>Reservations[].Instances[]</c>,
/// <c>Attributes."access_logs.s3.enabled"</c>. <c>[]</c> flattens a list.
/// </summary>
public sealed class ItemPath
{
    private ItemPath(string text, IReadOnlyList<ItemPathSegment> segments)
    {
        Text = text;
        Segments = segments;
    }

    /// <summary>The path as it was written.</summary>
    public string Text { get; }

    /// <summary>Its segments, outermost first.</summary>
    public IReadOnlyList<ItemPathSegment> Segments { get; }

    /// <summary>Parses a path; false when it is empty, has an empty segment or an open quote.</summary>
    public static bool TryParse(string text, out ItemPath path)
    {
        path = new ItemPath(text, []);
        var segments = new List<ItemPathSegment>();
        var i = 0;
        while (i < text.Length)
        {
            var name = new StringBuilder();
            if (text[i] == '"')
            {
                var end = text.IndexOf('"', i + 1);
                if (end < 0)
                    return false;
                name.Append(text, i + 1, end - i - 1);
                i = end + 1;
            }
            else
            {
                while (i < text.Length && text[i] is not ('.' or '[' or '"'))
                    name.Append(text[i++]);
            }
            if (name.Length == 0)
                return false;
            var flatten = false;
            if (i < text.Length && text[i] == '[')
            {
                if (i + 1 >= text.Length || text[i + 1] != ']')
                    return false;
                flatten = true;
                i += 2;
            }
            segments.Add(new ItemPathSegment(name.ToString(), flatten));
            if (i < text.Length)
            {
                if (text[i] != '.' || i + 1 == text.Length)
                    return false;
                i++;
            }
        }
        if (segments.Count == 0)
            return false;
        path = new ItemPath(text, segments);
        return true;
    }

    /// <summary>The value at the path; null when something on the way is missing. Flattened lists come as one array.</summary>
    public JsonNode? Find(JsonNode? root)
    {
        var current = root;
        for (var i = 0; i < Segments.Count; i++)
        {
            current = current is JsonObject o && o.TryGetPropertyValue(Segments[i].Name, out var value) ? value : null;
            if (current is null)
                return null;
            // A trailing [] changes nothing: the list itself is the value.
            if (Segments[i].Flatten && i + 1 < Segments.Count && current is JsonArray array)
                return Flatten(array, i + 1);
        }
        return current;
    }

    private JsonArray Flatten(JsonArray array, int next)
    {
        var rest = new ItemPath(Text, [.. Segments.Skip(next)]);
        var joined = new JsonArray();
        foreach (var element in array)
        {
            switch (rest.Find(element))
            {
                case JsonArray inner when rest.Segments.Any(s => s.Flatten):
                    foreach (var value in inner)
                        joined.Add(value?.DeepClone());
                    break;
                case { } single:
                    joined.Add(single.DeepClone());
                    break;
            }
        }
        return joined;
    }

    /// <inheritdoc/>
    public override string ToString() => Text;
}

/// <summary>One segment of an <see cref="ItemPath"/>.</summary>
/// <param name="Name">Member name.</param>
/// <param name="Flatten">Whether <c>[]</c> follows: the rest of the path is looked up in every element.</param>
public sealed record ItemPathSegment(string Name, bool Flatten);
