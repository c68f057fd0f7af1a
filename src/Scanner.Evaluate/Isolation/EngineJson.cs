using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Scanner.Catalog;

namespace Scanner.Evaluate.Isolation;

/// <summary>How messages are written: nothing that is computed from other members, paths as their text.</summary>
internal static class EngineJson
{
    public static JsonSerializerOptions Options { get; } = new()
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        MaxDepth = 256,
        Converters = { new PathConverter() },
        TypeInfoResolver = new DefaultJsonTypeInfoResolver { Modifiers = { WithoutComputed } },
    };

    private static void WithoutComputed(JsonTypeInfo type)
    {
        if (type.Kind != JsonTypeInfoKind.Object || type.Type.Namespace?.StartsWith("Scanner", StringComparison.Ordinal) != true)
            return;
        for (var i = type.Properties.Count - 1; i >= 0; i--)
        {
            if (type.Properties[i].Set is null)
                type.Properties.RemoveAt(i);
        }
    }

    private sealed class PathConverter : JsonConverter<ItemPath>
    {
        public override ItemPath Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            ItemPath.TryParse(reader.GetString() ?? "", out var path) ? path : throw new JsonException("no path");

        public override void Write(Utf8JsonWriter writer, ItemPath value, JsonSerializerOptions options) => writer.WriteStringValue(value.Text);
    }
}
