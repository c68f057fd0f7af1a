using System.Text;
using System.Text.Json;

namespace Scanner.Collect.Plans.Hcl;

/// <summary>
/// Reads Terraform's JSON syntax (<c>*.tf.json</c>, what CDKTF writes) as the same bodies. Source: https://developer.hashicorp.com/terraform/language/syntax/json.
/// </summary>
internal static class HclJson
{
    // How many labels the blocks have that matter here; the rest is read as arguments.
    private static readonly Dictionary<string, int> Labels = new(StringComparer.Ordinal)
    {
        ["resource"] = 2,
        ["data"] = 2,
        ["module"] = 1,
        ["variable"] = 1,
        ["output"] = 1,
        ["locals"] = 0,
        ["provider"] = 1,
    };

    /// <summary>Parses a file's text.</summary>
    /// <exception cref="HclSyntaxException">It is no JSON object.</exception>
    public static HclFile Parse(string path, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        try
        {
            var lines = new Lines(bytes);
            var reader = new Utf8JsonReader(bytes, new JsonReaderOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true, MaxDepth = 256 });
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
                throw new HclSyntaxException(1, "is no JSON object");
            var body = new HclBody();
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var name = JsonTexts.Of(in reader);
                reader.Read();
                if (Labels.TryGetValue(name, out var labels))
                    Blocks(ref reader, name, labels, [], body, lines, lines.Of(reader.TokenStartIndex));
                else
                    reader.Skip();
            }
            return new HclFile(path, body, []);
        }
        catch (JsonException e)
        {
            throw new HclSyntaxException((int)(e.LineNumber ?? 0) + 1, "is broken JSON");
        }
    }

    private static void Blocks(ref Utf8JsonReader reader, string type, int labels, IReadOnlyList<string> found, HclBody into, Lines lines, int line)
    {
        if (reader.TokenType == JsonTokenType.StartArray)
        {
            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                Blocks(ref reader, type, labels, found, into, lines, lines.Of(reader.TokenStartIndex));
            return;
        }
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return;
        }
        if (found.Count == labels)
        {
            var body = Body(ref reader, lines);
            into.Blocks.Add(new HclBlock(type, found, body, line, lines.Of(reader.TokenStartIndex)));
            return;
        }
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var label = JsonTexts.Of(in reader);
            var at = lines.Of(reader.TokenStartIndex);
            reader.Read();
            Blocks(ref reader, type, labels, [.. found, label], into, lines, at);
        }
    }

    // What is a block and what an argument only the provider's schema knows: everything is an argument, dynamic excepted.
    private static HclBody Body(ref Utf8JsonReader reader, Lines lines)
    {
        var body = new HclBody();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = JsonTexts.Of(in reader);
            var line = lines.Of(reader.TokenStartIndex);
            reader.Read();
            if (name == "dynamic")
                Blocks(ref reader, name, 1, [], body, lines, line);
            else if (name == "content" && reader.TokenType is JsonTokenType.StartObject)
                body.Blocks.Add(new HclBlock(name, [], Body(ref reader, lines), line, lines.Of(reader.TokenStartIndex)));
            else
                body.Attributes[name] = new HclAttribute(name, Value(ref reader, line), line, lines.Of(reader.TokenStartIndex));
        }
        return body;
    }

    private static HclExpression Value(ref Utf8JsonReader reader, int line)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.String:
                return HclParser.Template(JsonTexts.Of(in reader), line);
            case JsonTokenType.Number:
                return new HclLiteral(PlanScalar.Number(Encoding.UTF8.GetString(reader.ValueSpan)));
            case JsonTokenType.True:
                return new HclLiteral(PlanScalar.True);
            case JsonTokenType.False:
                return new HclLiteral(PlanScalar.False);
            case JsonTokenType.StartArray:
                var items = new List<HclExpression>();
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                    items.Add(Value(ref reader, line));
                return new HclTuple(items);
            case JsonTokenType.StartObject:
                var members = new List<(HclExpression, HclExpression)>();
                while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
                {
                    var key = HclParser.Template(JsonTexts.Of(in reader), line);
                    reader.Read();
                    members.Add((key, Value(ref reader, line)));
                }
                return new HclObject(members);
            default:
                return new HclLiteral(PlanUnset.Null);
        }
    }

    private sealed class Lines(byte[] bytes)
    {
        private long _at;
        private int _line = 1;

        // Places come in order.
        public int Of(long place)
        {
            for (; _at < place && _at < bytes.Length; _at++)
            {
                if (bytes[_at] == '\n')
                    _line++;
            }
            return _line;
        }
    }
}
