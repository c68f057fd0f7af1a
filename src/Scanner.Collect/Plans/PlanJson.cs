using System.Text;
using System.Text.Json;

namespace Scanner.Collect.Plans;

/// <summary>JSON of a plan as <see cref="PlanValue"/>s.</summary>
internal static class PlanJson
{
    private static readonly JsonReaderOptions Options = new() { MaxDepth = 512 };

    /// <summary>A value of which all is known; null becomes <see cref="PlanUnset.Null"/>.</summary>
    public static PlanValue Of(byte[]? json)
    {
        if (json is null)
            return PlanUnset.Null;
        var reader = new Utf8JsonReader(json, Options);
        reader.Read();
        return Value(ref reader);
    }

    /// <summary>A known value of an element.</summary>
    public static PlanValue Of(JsonElement json) =>
        json.ValueKind == JsonValueKind.Undefined ? PlanUnset.Null : Of(Encoding.UTF8.GetBytes(json.GetRawText()));

    private static PlanValue Value(ref Utf8JsonReader reader)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.String:
                return PlanScalar.Of(JsonTexts.Of(in reader));
            case JsonTokenType.Number:
                return PlanScalar.Number(Encoding.UTF8.GetString(reader.ValueSpan));
            case JsonTokenType.True:
                return PlanScalar.True;
            case JsonTokenType.False:
                return PlanScalar.False;
            case JsonTokenType.StartObject:
                var members = new List<KeyValuePair<string, PlanValue>>();
                while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
                {
                    var name = JsonTexts.Of(in reader);
                    reader.Read();
                    members.Add(KeyValuePair.Create(name, Value(ref reader)));
                }
                return members.Count == 0 ? PlanObject.Empty : new PlanObject(members);
            case JsonTokenType.StartArray:
                var items = new List<PlanValue>();
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                    items.Add(Value(ref reader));
                return items.Count == 0 ? PlanList.Empty : new PlanList(items);
            default:
                return PlanUnset.Null;
        }
    }
}
