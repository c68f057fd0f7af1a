using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Scanner.Detect.Logs;

/// <summary>
/// S3 server access log records ("Amazon S3 server access log format", S3 user guide). Quotes in user agents and referrers
/// are not escaped by S3, so the end of a quoted field is found by what must follow it: a client cannot move a value into
/// another field than its own two. Fields that were added to the format after these are passed over; those that an older
/// record lacks are null. The key is percent-decoded once.
/// </summary>
internal sealed class AccessLogFormat : ILogLineFormat
{
    private static readonly JsonEncodedText BucketOwner = JsonEncodedText.Encode("bucket_owner");
    private static readonly JsonEncodedText Bucket = JsonEncodedText.Encode("bucket");
    private static readonly JsonEncodedText Time = JsonEncodedText.Encode("time");
    private static readonly JsonEncodedText RemoteIp = JsonEncodedText.Encode("remote_ip");
    private static readonly JsonEncodedText Requester = JsonEncodedText.Encode("requester");
    private static readonly JsonEncodedText RequestId = JsonEncodedText.Encode("request_id");
    private static readonly JsonEncodedText Operation = JsonEncodedText.Encode("operation");
    private static readonly JsonEncodedText Key = JsonEncodedText.Encode("key");
    private static readonly JsonEncodedText RequestUri = JsonEncodedText.Encode("request_uri");
    private static readonly JsonEncodedText HttpStatus = JsonEncodedText.Encode("http_status");
    private static readonly JsonEncodedText ErrorCode = JsonEncodedText.Encode("error_code");
    private static readonly JsonEncodedText BytesSent = JsonEncodedText.Encode("bytes_sent");
    private static readonly JsonEncodedText ObjectSize = JsonEncodedText.Encode("object_size");
    private static readonly JsonEncodedText TotalTime = JsonEncodedText.Encode("total_time");
    private static readonly JsonEncodedText TurnAroundTime = JsonEncodedText.Encode("turn_around_time");
    private static readonly JsonEncodedText Referer = JsonEncodedText.Encode("referer");
    private static readonly JsonEncodedText UserAgent = JsonEncodedText.Encode("user_agent");

    private static readonly JsonEncodedText[] Trailing =
    [
        .. new[]
        {
            "version_id", "host_id", "signature_version", "cipher_suite", "authentication_type", "host_header", "tls_version", "access_point_arn",
            "acl_required",
        }.Select(name => JsonEncodedText.Encode(name)),
    ];

    /// <summary>Fields of which any tells such a record that is JSON already.</summary>
    internal static IReadOnlyList<string> Telling { get; } = ["request_id", "operation", "remote_ip", "request_uri", "bucket_owner"];

    /// <summary>Names that vended access logs (JSON, Parquet) have for fields of the text form (S3 user guide, "Log format in CloudWatch Logs").</summary>
    internal static IReadOnlyDictionary<string, string> VendedNames { get; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["bucket_name"] = "bucket",
        ["key_name"] = "key",
        ["request_time"] = "time",
        ["bucket_owner_id"] = "bucket_owner",
    };

    /// <summary>Whether a JSON object is such a record.</summary>
    internal static bool IsRecord(JsonElement element) => Telling.Any(name => element.TryGetProperty(name, out _));

    /// <inheritdoc/>
    public string? Convert(ReadOnlySpan<byte> line, Utf8JsonWriter json)
    {
        const string None = "is not a record of an S3 server access log";
        var rest = line;
        if (!LogLine.Word(ref rest, out var owner) || !LogLine.Word(ref rest, out var bucket))
            return None;
        rest = rest.TrimStart((byte)' ');
        var close = rest.IndexOf((byte)']');
        if (close < 1 || rest[0] != (byte)'[')
            return None;
        if (!DateTimeOffset.TryParseExact(Encoding.Latin1.GetString(rest[1..close]), "dd/MMM/yyyy:HH:mm:ss zzz", CultureInfo.InvariantCulture, DateTimeStyles.None, out var time))
            return "has a time that is none";
        rest = rest[(close + 1)..];
        if (!LogLine.Word(ref rest, out var ip) || !LogLine.Word(ref rest, out var requester) || !LogLine.Word(ref rest, out var request)
            || !LogLine.Word(ref rest, out var operation) || !LogLine.Word(ref rest, out var key))
            return None;
        if (!TakeUri(ref rest, out var uri))
            return "has a request URI that is not followed by status and sizes";
        LogLine.Word(ref rest, out var status);
        LogLine.Word(ref rest, out var error);
        LogLine.Word(ref rest, out var sent);
        LogLine.Word(ref rest, out var size);
        LogLine.Word(ref rest, out var total);
        LogLine.Word(ref rest, out var turnAround);
        if (!TakeQuoted(ref rest, out var referer, out var agent))
            return "has a referrer or user agent without an end";

        json.WriteStartObject();
        LogLine.WriteText(json, BucketOwner, owner);
        LogLine.WriteText(json, Bucket, bucket);
        json.WriteString(Time, time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture));
        LogLine.WriteText(json, RemoteIp, ip);
        LogLine.WriteText(json, Requester, requester);
        LogLine.WriteText(json, RequestId, request);
        LogLine.WriteText(json, Operation, operation);
        WriteDecoded(json, Key, key);
        LogLine.WriteText(json, RequestUri, uri);
        LogLine.WriteNumber(json, HttpStatus, status);
        LogLine.WriteText(json, ErrorCode, error);
        LogLine.WriteNumber(json, BytesSent, sent);
        LogLine.WriteNumber(json, ObjectSize, size);
        LogLine.WriteNumber(json, TotalTime, total);
        LogLine.WriteNumber(json, TurnAroundTime, turnAround);
        LogLine.WriteText(json, Referer, referer);
        LogLine.WriteText(json, UserAgent, agent);
        foreach (var name in Trailing)
        {
            if (LogLine.Word(ref rest, out var value))
                LogLine.WriteText(json, name, value);
            else
                json.WriteNull(name);
        }

        json.WriteEndObject();
        return null;
    }

    /// <summary>A request line holds no blank but its own two, so the first quote that status and sizes follow ends it.</summary>
    private static bool TakeUri(ref ReadOnlySpan<byte> rest, out ReadOnlySpan<byte> uri)
    {
        rest = rest.TrimStart((byte)' ');
        if (rest.StartsWith("- "u8) && IsStatusAndSizes(rest[2..]))
        {
            uri = rest[..1];
            rest = rest[2..];
            return true;
        }

        uri = default;
        if (rest.Length == 0 || rest[0] != (byte)'"')
            return false;
        for (var at = 1; ;)
        {
            var quote = rest[at..].IndexOf("\" "u8);
            if (quote < 0)
                return false;
            quote += at;
            if (IsStatusAndSizes(rest[(quote + 2)..]))
            {
                uri = rest[1..quote];
                rest = rest[(quote + 2)..];
                return true;
            }

            at = quote + 1;
        }
    }

    private static bool IsStatusAndSizes(ReadOnlySpan<byte> rest)
    {
        for (var i = 0; i < 6; i++)
        {
            if (!LogLine.Word(ref rest, out var word))
                return false;
            // The error code, second, is the only one that is no number.
            if (i == 1 ? word[0] == (byte)'"' : !LogLine.IsNull(word) && !LogLine.IsWholeNumber(word))
                return false;
        }

        rest = rest.TrimStart((byte)' ');
        return rest.Length > 0 && rest[0] is (byte)'"' or (byte)'-';
    }

    /// <summary>Nothing behind the user agent is quoted, so the last quote of the line ends it, whatever it holds.</summary>
    private static bool TakeQuoted(ref ReadOnlySpan<byte> rest, out ReadOnlySpan<byte> referer, out ReadOnlySpan<byte> agent)
    {
        rest = rest.TrimStart((byte)' ');
        referer = agent = "-"u8;
        if (rest.StartsWith("-"u8))
        {
            LogLine.Word(ref rest, out _);
            rest = rest.TrimStart((byte)' ');
            var end = rest.LastIndexOf((byte)'"');
            if (rest.Length == 0 || rest[0] != (byte)'"')
                return LogLine.Word(ref rest, out agent);
            if (end == 0)
                return false;
            agent = rest[1..end];
            rest = rest[(end + 1)..];
            return true;
        }

        var last = rest.LastIndexOf((byte)'"');
        if (last < 1)
            return false;
        var between = rest[1..last].IndexOf("\" \""u8);
        if (between >= 0)
        {
            referer = rest[1..(1 + between)];
            agent = rest[(1 + between + 3)..last];
            rest = rest[(last + 1)..];
            return true;
        }

        referer = rest[1..last];
        rest = rest[(last + 1)..];
        return LogLine.Word(ref rest, out agent);
    }

    private static void WriteDecoded(Utf8JsonWriter json, JsonEncodedText name, ReadOnlySpan<byte> value)
    {
        if (!value.Contains((byte)'%'))
        {
            LogLine.WriteText(json, name, value);
            return;
        }

        var decoded = ArrayPool<byte>.Shared.Rent(value.Length);
        var length = 0;
        for (var i = 0; i < value.Length; i++)
        {
            if (value[i] == (byte)'%' && i + 2 < value.Length && char.IsAsciiHexDigit((char)value[i + 1]) && char.IsAsciiHexDigit((char)value[i + 2]))
            {
                decoded[length++] = (byte)((Digit(value[i + 1]) << 4) | Digit(value[i + 2]));
                i += 2;
            }
            else
            {
                decoded[length++] = value[i];
            }
        }

        // A key that is a hyphen is a key.
        json.WriteString(name, Encoding.UTF8.GetString(decoded.AsSpan(0, length)));
        ArrayPool<byte>.Shared.Return(decoded);
    }

    private static int Digit(byte c) => c <= (byte)'9' ? c - '0' : (c | 0x20) - 'a' + 10;
}
