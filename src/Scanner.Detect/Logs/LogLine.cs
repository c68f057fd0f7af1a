using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace Scanner.Detect.Logs;

/// <summary>What text logs have in common: words with blanks between, and <c>-</c> for "no value".</summary>
internal static class LogLine
{
    /// <summary>Takes the next word. False: there is none.</summary>
    internal static bool Word(ref ReadOnlySpan<byte> rest, out ReadOnlySpan<byte> word)
    {
        rest = rest.TrimStart((byte)' ');
        var end = rest.IndexOf((byte)' ');
        word = end < 0 ? rest : rest[..end];
        rest = end < 0 ? default : rest[(end + 1)..];
        return word.Length > 0;
    }

    internal static bool IsNull(ReadOnlySpan<byte> value) => value is [(byte)'-'];

    internal static bool IsWholeNumber(ReadOnlySpan<byte> value) =>
        Utf8Parser.TryParse(value, out long number, out var used) && used == value.Length && number >= 0;

    /// <summary>Text, also where its bytes are no UTF-8: user agents are whatever a client sends.</summary>
    internal static void WriteText(Utf8JsonWriter json, JsonEncodedText name, ReadOnlySpan<byte> value)
    {
        if (IsNull(value))
            json.WriteNull(name);
        else if (Utf8.IsValid(value))
            json.WriteString(name, value);
        else
            json.WriteString(name, Encoding.UTF8.GetString(value));
    }

    /// <summary>A whole number; <see cref="IsWholeNumber"/> or <c>-</c> must hold.</summary>
    internal static void WriteNumber(Utf8JsonWriter json, JsonEncodedText name, ReadOnlySpan<byte> value)
    {
        if (Utf8Parser.TryParse(value, out long number, out _))
            json.WriteNumber(name, number);
        else
            json.WriteNull(name);
    }
}
