using System.Text.Json;

namespace Scanner.Collect.Plans;

/// <summary>A <c>module</c> block: what is called, and with what.</summary>
internal sealed class ConfigCall
{
    public ConfigCall(string name, JsonElement json)
    {
        Name = name;
        Source = JsonTexts.Of(ConfigModule.Member(json, "source")) ?? "";
        Expressions = ConfigModule.Member(json, "expressions");
        ForEach = ConfigModule.Member(json, "for_each_expression");
        Module = new ConfigModule(ConfigModule.Member(json, "module"));
    }

    public string Name { get; }

    /// <summary>As it is written: <c>./m</c>, <c>terraform-aws-modules/vpc/aws</c>, a git address.</summary>
    public string Source { get; }

    public JsonElement Expressions { get; }

    public JsonElement ForEach { get; }

    public ConfigModule Module { get; }
}
