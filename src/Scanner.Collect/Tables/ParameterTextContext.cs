using System.Text.Json.Serialization;

namespace Scanner.Collect.Tables;

/// <summary>Source-generated, so that no reflection is needed at start.</summary>
[JsonSerializable(typeof(string))]
internal sealed partial class ParameterTextContext : JsonSerializerContext;
