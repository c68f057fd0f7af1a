using System.Text.Json;

namespace Scanner.Collect.Plans;

/// <summary>A <c>resource</c> or <c>data</c> block.</summary>
internal sealed class ConfigResource(string type, string name, JsonElement json)
{
    public string Type { get; } = type;

    public string Name { get; } = name;

    /// <summary>Provider configuration: <c>aws</c>, <c>aws.us</c>, <c>module.m:aws</c>; empty when it does not say.</summary>
    public string Provider { get; } = JsonTexts.Of(ConfigModule.Member(json, "provider_config_key")) ?? "";

    public JsonElement Expressions { get; } = ConfigModule.Member(json, "expressions");

    public JsonElement ForEach { get; } = ConfigModule.Member(json, "for_each_expression");

    public JsonElement Count { get; } = ConfigModule.Member(json, "count_expression");
}
