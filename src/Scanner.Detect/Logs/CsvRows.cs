using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Scanner.Detect.Logs;

/// <summary>
/// The rows of a CSV export as JSON lines (RFC 4180: quotes, doubled quotes and line ends in quotes), with the names of the first line:
/// results of Athena, CloudTrail Lake and Logs Insights, and the console's event history.
/// </summary>
internal sealed class CsvRows(Stream text, Action<string> onDefect) : ForwardStream
{
    private const int Enough = 1 << 15;
    private const int MostFields = 1_000;
    private const int MostCharacters = 16 << 20;

    private static readonly JsonWriterOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    // Names of columns that tell a log; separators and case are left out.
    private static readonly HashSet<string> Telling = new(StringComparer.Ordinal)
    {
        "eventjson", "eventname", "eventsource", "cloudtrailevent", "message", "raw", "eventid", "srcaddr", "interfaceid", "bucketowner", "requestid",
    };

    private readonly StreamReader _text = new(text, new UTF8Encoding(false), detectEncodingFromByteOrderMarks: true);
    private readonly MemoryStream _out = new();
    private readonly List<string> _fields = [];
    private string[]? _names;
    private long _row;

    /// <summary>Whether a log begins with the names of columns that logs have.</summary>
    internal static bool IsHeader(ReadOnlySpan<byte> head)
    {
        var end = head.IndexOfAny((byte)'\n', (byte)'\r');
        var line = Encoding.UTF8.GetString(end < 0 ? head : head[..end]).TrimStart('\ufeff');
        if (line.Length == 0 || line[0] is '{' or '[' or '<' || line.Any(char.IsControl))
            return false;
        var names = line.Split(',');
        return Array.Exists(names, name => Telling.Contains(Plain(name))) && (names.Length > 1 || Plain(names[0]) is "eventjson" or "cloudtrailevent" or "message" or "raw");
    }

    /// <summary>A column's name without what exports write differently: <c>Event name</c>, <c>event_name</c> and <c>eventname</c> are one.</summary>
    internal static string Plain(string name) => new([.. name.Where(char.IsAsciiLetterOrDigit).Select(char.ToLowerInvariant)]);

    public override int Read(Span<byte> buffer)
    {
        if (_out.Position == _out.Length)
        {
            _out.SetLength(0);
            using var json = new Utf8JsonWriter(_out, Relaxed);
            while (_out.Length < Enough && NextRow())
                Convert(json);
            _out.Position = 0;
        }

        return _out.Read(buffer);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _text.Dispose();
            _out.Dispose();
        }

        base.Dispose(disposing);
    }

    private void Convert(Utf8JsonWriter json)
    {
        if (_names is null)
        {
            _names = [.. _fields];
            // A table without rows is not an empty file.
            _out.WriteByte((byte)'\n');
            return;
        }

        if (_fields.Count == 1 && _fields[0].Length == 0)
            return;
        if (_fields.Count != _names.Length)
        {
            onDefect($"row {_row} has {_fields.Count} fields, the first line names {_names.Length}");
            return;
        }

        json.Reset();
        json.WriteStartObject();
        for (var i = 0; i < _names.Length; i++)
        {
            if (_fields[i].Length > 0)
                json.WriteString(_names[i], _fields[i]);
        }

        json.WriteEndObject();
        json.Flush();
        _out.WriteByte((byte)'\n');
    }

    private bool NextRow()
    {
        _fields.Clear();
        var field = new StringBuilder();
        var quoted = false;
        var any = false;
        while (_text.Read() is >= 0 and var read)
        {
            any = true;
            var c = (char)read;
            if (quoted)
            {
                if (c != '"')
                    field.Append(c);
                else if (_text.Peek() == '"')
                    field.Append((char)_text.Read());
                else
                    quoted = false;
            }
            else if (c == '"' && field.Length == 0)
            {
                quoted = true;
            }
            else if (c == ',')
            {
                _fields.Add(field.ToString());
                field.Clear();
            }
            else if (c == '\n')
            {
                break;
            }
            else if (c != '\r')
            {
                field.Append(c);
            }

            if (field.Length > MostCharacters || _fields.Count > MostFields)
            {
                onDefect($"row {_row + 1} is longer than any row of an export: a quote is missing before it");
                return false;
            }
        }

        if (!any)
            return false;
        if (quoted)
            onDefect($"row {_row + 1} ends within quotes: the file is cut off");
        _fields.Add(field.ToString());
        _row++;
        return true;
    }
}
