using System.Text.Json;

namespace Scanner.Detect.Logs;

/// <summary>A text log with one record a line, as JSON.</summary>
internal interface ILogLineFormat
{
    /// <summary>Writes the line as one JSON object, or nothing where it holds no record (a header). The writer is reset on an error.</summary>
    /// <param name="line">Not empty, without its line end.</param>
    /// <param name="json">Where to.</param>
    /// <returns>What is wrong with the line, or null.</returns>
    string? Convert(ReadOnlySpan<byte> line, Utf8JsonWriter json);
}
