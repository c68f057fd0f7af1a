using System.Text;
using System.Text.Json;

namespace Scanner.Collect.Plans;

/// <summary>Members of one JSON object, each as its bytes.</summary>
internal sealed class RawMembers
{
    private readonly Dictionary<string, byte[]> _members = new(StringComparer.Ordinal);

    private RawMembers()
    {
    }

    /// <summary>Takes an object apart; anything else has no members.</summary>
    public static RawMembers Of(byte[] json)
    {
        var members = new RawMembers();
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = 512 });
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            return members;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = JsonTexts.Of(in reader);
            reader.Read();
            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            members._members[name] = json[start..(int)reader.BytesConsumed];
        }
        return members;
    }

    /// <summary>Takes the objects of a list apart; anything else is an empty list.</summary>
    public static IReadOnlyList<RawMembers> ListOf(byte[] json)
    {
        var all = new List<RawMembers>();
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = 512 });
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartArray)
            return all;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            all.Add(Of(json[start..(int)reader.BytesConsumed]));
        }
        return all;
    }

    /// <summary>JSON of a member; null when there is none.</summary>
    public byte[]? Slice(string name) => _members.GetValueOrDefault(name);

    /// <summary>JSON of a member; null when there is none or it is null.</summary>
    public byte[]? Value(string name) => Slice(name) is { } json && !json.AsSpan().SequenceEqual("null"u8) ? json : null;

    /// <summary>A member that is a text; null otherwise.</summary>
    public string? Text(string name)
    {
        if (Slice(name) is not { } json || json[0] != '"')
            return null;
        var reader = new Utf8JsonReader(json);
        reader.Read();
        return JsonTexts.Of(in reader);
    }

    /// <summary>A member that is a text or a number, as text; null otherwise.</summary>
    public string? Scalar(string name) =>
        Text(name) ?? (Slice(name) is { } json && (char.IsAsciiDigit((char)json[0]) || json[0] == '-') ? Encoding.UTF8.GetString(json) : null);
}
