using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace EndToEnd.Tests.Fuzzing;

/// <summary>Changes files as damage and malice do: bits, cuts, parts twice or elsewhere, parts of other files, and what parsers stumble over.</summary>
/// <param name="random">The same seed gives the same changes.</param>
internal sealed class Mutator(Random random)
{
    private const int MostBytes = 1 << 18;

    private static readonly byte[][] Stones =
    [
        .. new[]
        {
            "\0", "\ufeff", "\u2028", "\\ud800", "\"\\ud800\\u0000\"", "null", "true", "-1", "1e999", "-0", "99999999999999999999999", "0x", "''", "\"", "\\", "{}", "[]", "{", "[", "}", "]",
            "[[[[[[[[[[[[[[[[", "{\"a\":{\"a\":{\"a\":", ": ", "- ", "? ", "| ", "> ", "&a ", "*a", "<<: *a", "!!binary ", "!!set {", "%YAML 9.9\n", "---\n", "...\n", "#", "\t", "\r", "\r\n", "\n\n", "@", "`",
            "${", "${var.", "%{ for ", "<<EOT\n", "|re", "|base64offset|contains", "|cidr", "|fieldref", "1 of them", "all of *", "not not (", "count() by x > 9999999999", "2026-13-45T99:99:99Z", "0001-01-01T00:00:00Z",
            "arn:aws:", "arn:aws:iam::1:*", "999.999.999.999/99", "::/0", "..", "../../etc/passwd", "<script>", "'; drop table x; --", "é", "😀", "\u202e", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        }.Select(Encoding.UTF8.GetBytes),
        [0xff, 0xfe], [0xc3, 0x28], [0xed, 0xa0, 0x80], [0x1f, 0x8b, 0x08], [0x50, 0x4b, 0x03, 0x04],
    ];

    /// <summary>A changed copy.</summary>
    /// <param name="seed">A file.</param>
    /// <param name="other">Another of its kind.</param>
    public byte[] Change(byte[] seed, byte[] other)
    {
        // Of JSON half the mutants are JSON still: a reader of it must not stop at the first brace.
        if (seed is [(byte)'{', ..] && random.Next(2) == 0 && Json(seed) is { } json)
            return json;
        var bytes = seed;
        for (var changes = 1 + (int)(random.NextDouble() * random.NextDouble() * 6); changes > 0; changes--)
            bytes = Once(bytes, other);
        return bytes.Length <= MostBytes ? bytes : bytes[..MostBytes];
    }

    private byte[]? Json(byte[] seed)
    {
        try
        {
            var root = JsonNode.Parse(seed)!;
            for (var changes = 1 + random.Next(3); changes > 0; changes--)
            {
                var nodes = new List<JsonNode> { root };
                for (var i = 0; i < nodes.Count && nodes.Count < 20_000; i++)
                    nodes.AddRange(nodes[i] switch { JsonObject o => o.Select(pair => pair.Value).OfType<JsonNode>(), JsonArray a => a.OfType<JsonNode>(), _ => [] });
                var node = nodes[random.Next(nodes.Count)];
                var given = random.Next(10) switch
                {
                    0 => null,
                    1 => JsonValue.Create(random.Next(2) == 0),
                    2 => JsonValue.Create(random.Next(3) == 0 ? long.MinValue : random.Next(-2, 3)),
                    3 => JsonValue.Create(1e300),
                    4 => new JsonArray(),
                    5 => new JsonObject { [""] = new JsonArray(null, new JsonObject()) },
                    6 => JsonValue.Create(Encoding.UTF8.GetString(Stones[random.Next(Stones.Length)])),
                    _ => nodes[random.Next(nodes.Count)].DeepClone(),
                };
                if (node.Parent is JsonObject parent)
                    parent[random.Next(4) == 0 ? parent.ElementAt(random.Next(parent.Count)).Key : node.GetPropertyName()] = given;
                else if (node.Parent is JsonArray list)
                    list[node.GetElementIndex()] = given;
            }
            var changed = Encoding.UTF8.GetBytes(root.ToJsonString());
            return changed.Length <= MostBytes ? changed : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or ArgumentException)
        {
            return null;
        }
    }

    private byte[] Once(byte[] bytes, byte[] other)
    {
        var (start, end) = Part(bytes);
        switch (random.Next(9))
        {
            case 0:
                var flipped = bytes.ToArray();
                if (flipped.Length > 0)
                    flipped[random.Next(flipped.Length)] ^= (byte)(1 << random.Next(8));
                return flipped;
            case 1:
                return bytes[..start];
            case 2:
                return [.. bytes[..start], .. bytes[end..]];
            case 3:
                return [.. bytes[..end], .. bytes[start..end], .. bytes[end..]];
            case 4:
                var (from, to) = Part(other);
                return [.. bytes[..start], .. other[from..to], .. bytes[end..]];
            case 5:
                var lines = Lines(bytes);
                random.Shuffle(lines);
                return [.. lines.SelectMany(line => line)];
            case 6:
                // Deeper than anybody writes.
                var stone = Stones[random.Next(Stones.Length)];
                return [.. bytes[..start], .. Enumerable.Repeat(stone, random.Next(8) == 0 ? 3000 : 1 + random.Next(4)).SelectMany(part => part), .. bytes[start..]];
            default:
                return [.. bytes[..start], .. Stones[random.Next(Stones.Length)], .. random.Next(2) == 0 ? bytes[start..] : bytes[end..]];
        }
    }

    // Mostly small parts, and mostly from one mark to another, where grammars have their seams.
    private (int Start, int End) Part(byte[] bytes)
    {
        var start = random.Next(bytes.Length + 1);
        var end = Math.Min(bytes.Length, start + random.Next(1 << random.Next(12)));
        if (random.Next(3) > 0)
        {
            while (start > 0 && !IsMark(bytes[start - 1]))
                start--;
            while (end < bytes.Length && !IsMark(bytes[end]))
                end++;
        }
        return (start, end);
    }

    private static bool IsMark(byte one) => one is (byte)'\n' or (byte)' ' or (byte)',' or (byte)':' or (byte)'"' or (byte)'{' or (byte)'}' or (byte)'[' or (byte)']';

    private static byte[][] Lines(byte[] bytes)
    {
        var lines = new List<byte[]>();
        for (var start = 0; start < bytes.Length;)
        {
            var end = Array.IndexOf(bytes, (byte)'\n', start);
            end = end < 0 ? bytes.Length : end + 1;
            lines.Add(bytes[start..end]);
            start = end;
        }
        return [.. lines];
    }
}
