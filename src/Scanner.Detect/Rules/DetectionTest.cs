using System.Text.Json.Nodes;

namespace Scanner.Detect.Rules;

/// <summary>A unit test of a rule, from the <c>tests</c> of its file.</summary>
/// <param name="Name">What it shows, as a sentence.</param>
/// <param name="Line">Line in the file.</param>
/// <param name="Events">The events, in the order of the file; at least one.</param>
/// <param name="Matches">How many matches there must be; null: at least one.</param>
public sealed record DetectionTest(string Name, int Line, IReadOnlyList<JsonObject> Events, int? Matches);
