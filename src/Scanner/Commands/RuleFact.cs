using System.Text.Json.Nodes;

namespace Scanner.Commands;

/// <summary>One thing to know of a check or detection.</summary>
/// <param name="Name">Its name for programs.</param>
/// <param name="Value">Its value for programs: a text, or a list of texts; null where there is none.</param>
/// <param name="Heading">What stands over it for people; empty where it stands in the head.</param>
/// <param name="Read">How people read it.</param>
internal sealed record RuleFact(string Name, JsonNode? Value, string Heading, string? Read);
