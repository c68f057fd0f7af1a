using System.Text.Json.Nodes;

namespace Scanner.Collect.Recording;

/// <summary>One recorded answer: a reply, an error, or an error after some pages (both).</summary>
internal sealed record RecordedAnswer(JsonObject Parameters, JsonObject? Reply, RecordedError? Error);
