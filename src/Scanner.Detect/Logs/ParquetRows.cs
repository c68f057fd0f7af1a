using System.Collections;
using System.Globalization;
using System.Text.Json;
using Parquet;
using Parquet.Serialization;

namespace Scanner.Detect.Logs;

/// <summary>
/// The rows of a Parquet file as JSON lines: flow logs (Amazon VPC user guide, "Flow log files"), Security Lake, CloudTrail logs that
/// somebody converted. One row group is in memory at a time.
/// </summary>
internal sealed class ParquetRows(Stream file) : ForwardStream
{
    private readonly Stream _file = Packed.Seekable(file);
    private readonly MemoryStream _out = new();
    private int _groups = -1;
    private int _next;

    public override int Read(Span<byte> buffer)
    {
        while (_out.Position == _out.Length)
        {
            if (!NextGroup())
                return 0;
        }

        return _out.Read(buffer);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _out.Dispose();
            _file.Dispose();
        }

        base.Dispose(disposing);
    }

    private bool NextGroup()
    {
        try
        {
            // Logs are read on threads of their own, one file after the other.
            if (_groups < 0)
                _groups = CountAsync().GetAwaiter().GetResult();
            if (_next >= _groups)
                return false;
            _file.Position = 0;
            var rows = ParquetSerializer.DeserializeUntypedAsync(_file, rowGroupIndex: _next++).GetAwaiter().GetResult();
            _out.SetLength(0);
            using var json = new Utf8JsonWriter(_out, new JsonWriterOptions { SkipValidation = true });
            foreach (var row in rows.Data)
            {
                json.Reset();
                Write(json, row);
                json.Flush();
                _out.WriteByte((byte)'\n');
            }

            _out.Position = 0;
            return true;
        }
        catch (Exception e) when (e is not (IOException or InvalidDataException or OutOfMemoryException))
        {
            // The library throws what it meets in a broken file: index, cast, format and its own exceptions.
            throw new InvalidDataException($"the Parquet data cannot be read: {e.Message}", e);
        }
    }

    private async Task<int> CountAsync()
    {
        var reader = await ParquetReader.CreateAsync(_file, leaveStreamOpen: true);
        await using (reader)
            return reader.RowGroupCount;
    }

    private static void Write(Utf8JsonWriter json, object? value)
    {
        switch (value)
        {
            case null:
                json.WriteNullValue();
                break;
            case string text:
                json.WriteStringValue(text);
                break;
            case bool truth:
                json.WriteBooleanValue(truth);
                break;
            case DateTime time:
                json.WriteStringValue(time.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss.FFF'Z'", CultureInfo.InvariantCulture));
                break;
            case double or float or decimal:
                json.WriteRawValue(Convert.ToDecimal(value, CultureInfo.InvariantCulture).ToString(CultureInfo.InvariantCulture));
                break;
            case byte[] bytes:
                json.WriteStringValue(System.Text.Encoding.UTF8.GetString(bytes));
                break;
            case IDictionary map:
                json.WriteStartObject();
                foreach (DictionaryEntry entry in map)
                {
                    json.WritePropertyName(Convert.ToString(entry.Key, CultureInfo.InvariantCulture) ?? "");
                    Write(json, entry.Value);
                }

                json.WriteEndObject();
                break;
            case IEnumerable list:
                json.WriteStartArray();
                foreach (var item in list)
                    Write(json, item);
                json.WriteEndArray();
                break;
            case sbyte or short or int or long or byte or ushort or uint or ulong:
                json.WriteRawValue(Convert.ToString(value, CultureInfo.InvariantCulture)!);
                break;
            default:
                json.WriteStringValue(Convert.ToString(value, CultureInfo.InvariantCulture));
                break;
        }
    }
}
