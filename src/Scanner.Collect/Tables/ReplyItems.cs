using System.Text;
using System.Text.Json.Nodes;
using Scanner.Catalog;

namespace Scanner.Collect.Tables;

/// <summary>Takes the items out of a reply, strictly: what is not where it should be is a malformed reply, not an empty list.</summary>
internal static class ReplyItems
{
    /// <summary>The items at the call's path, each as an object.</summary>
    /// <exception cref="FormatException">The reply is not what the table says; the message says where.</exception>
    public static List<JsonObject> Read(JsonObject reply, TableCall call)
    {
        if (call.Items is null)
            return [reply];
        if (string.Equals(call.Decode, "csv", StringComparison.Ordinal))
            return ReadCsv(reply, call);
        var items = new List<JsonObject>();
        Walk(reply, call.Items, 0, call.Optional, items);
        return items;
    }

    private static void Walk(JsonNode? node, ItemPath path, int at, bool optional, List<JsonObject> items)
    {
        var segment = path.Segments[at];
        if (node is not JsonObject o)
            throw new FormatException($"'{path}': what holds '{segment.Name}' is not an object");
        if (!o.TryGetPropertyValue(segment.Name, out var value) || value is null)
        {
            if (optional)
                return;
            throw new FormatException($"the reply has no '{segment.Name}' (of '{path}')");
        }
        var last = at + 1 == path.Segments.Count;
        switch (value)
        {
            case JsonArray list when last:
                foreach (var element in list)
                    items.Add(ItemOf(element));
                break;
            case JsonArray list when segment.Flatten:
                foreach (var element in list)
                    Walk(element, path, at + 1, optional, items);
                break;
            case JsonObject single when last && !segment.Flatten:
                items.Add(single);
                break;
            case JsonObject inner when !last && !segment.Flatten:
                Walk(inner, path, at + 1, optional, items);
                break;
            default:
                throw new FormatException($"'{segment.Name}' (of '{path}') is not a list");
        }
    }

    private static JsonObject ItemOf(JsonNode? element) =>
        element as JsonObject ?? new JsonObject { ["value"] = element?.DeepClone() };

    private static List<JsonObject> ReadCsv(JsonObject reply, TableCall call)
    {
        if (TextTemplate.ScalarText(call.Items!.Find(reply)) is not { } base64)
        {
            if (call.Optional)
                return [];
            throw new FormatException($"the reply has no text '{call.Items}'");
        }
        string csv;
        try
        {
            csv = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(Convert.FromBase64String(base64));
        }
        catch (Exception e) when (e is FormatException or ArgumentException)
        {
            throw new FormatException($"'{call.Items}' is not UTF-8 text in base64", e);
        }
        List<string>? header = null;
        var items = new List<JsonObject>();
        foreach (var record in CsvText.Read(csv.TrimStart('\uFEFF')))
        {
            if (header is null)
            {
                header = record;
                if (header.Distinct(StringComparer.Ordinal).Count() != header.Count)
                    throw new FormatException($"the CSV in '{call.Items}' names a column twice");
                continue;
            }
            if (record.Count != header.Count)
                throw new FormatException($"line {items.Count + 2} of the CSV in '{call.Items}' has {record.Count} fields, its first line {header.Count}");
            var item = new JsonObject();
            for (var i = 0; i < record.Count; i++)
                item[header[i]] = record[i];
            items.Add(item);
        }
        return header is null ? throw new FormatException($"the CSV in '{call.Items}' is empty") : items;
    }
}
