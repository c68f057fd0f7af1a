using System.Collections.Frozen;
using System.Text;
using System.Text.Json;

namespace Scanner.Detect.Logs;

/// <summary>
/// VPC flow log records as text ("Flow log records", Amazon VPC user guide): the default format of version 2, or any
/// custom format whose header line names its fields, as files in S3 have it. <c>account-id</c> becomes <c>account_id</c>,
/// <c>-</c> becomes null, numbers become numbers. A time that CloudWatch Logs put before a record is dropped.
/// </summary>
internal sealed class FlowLogFormat : ILogLineFormat
{
    private const int MaxFields = 256;

    private static readonly string[] DefaultFields =
    [
        "version", "account-id", "interface-id", "srcaddr", "dstaddr", "srcport", "dstport", "protocol", "packets", "bytes", "start", "end",
        "action", "log-status",
    ];

    // "Transit Gateway Flow Log records", Amazon VPC Transit Gateways: the default format.
    private static readonly string[] TransitGatewayFields =
    [
        "version", "resource-type", "account-id", "tgw-id", "tgw-attachment-id", "tgw-src-vpc-account-id", "tgw-dst-vpc-account-id",
        "tgw-src-vpc-id", "tgw-dst-vpc-id", "tgw-src-subnet-id", "tgw-dst-subnet-id", "tgw-src-eni", "tgw-dst-eni", "tgw-src-az-id",
        "tgw-dst-az-id", "tgw-pair-attachment-id", "srcaddr", "dstaddr", "srcport", "dstport", "protocol", "packets", "bytes", "start", "end",
        "log-status", "type", "packets-lost-no-route", "packets-lost-blackhole", "packets-lost-mtu-exceeded", "packets-lost-ttl-expired",
        "tcp-flags", "region", "flow-direction", "pkt-src-aws-service", "pkt-dst-aws-service",
    ];

    private static readonly FrozenSet<string> Known = DefaultFields.Concat(TransitGatewayFields).Concat(
    [
        "vpc-id", "subnet-id", "instance-id", "tcp-flags", "type", "pkt-srcaddr", "pkt-dstaddr",
        "region", "az-id", "sublocation-type", "sublocation-id",
        "pkt-src-aws-service", "pkt-dst-aws-service", "flow-direction", "traffic-path",
        "ecs-cluster-arn", "ecs-cluster-name", "ecs-container-instance-arn", "ecs-container-instance-id", "ecs-container-id",
        "ecs-second-container-id", "ecs-service-name", "ecs-task-definition-arn", "ecs-task-arn", "ecs-task-id", "reject-reason",
    ]).ToFrozenSet(StringComparer.Ordinal);

    private static readonly FrozenSet<string> Numbers = new[]
    {
        "version", "srcport", "dstport", "protocol", "packets", "bytes", "start", "end", "tcp-flags", "traffic-path",
        "packets-lost-no-route", "packets-lost-blackhole", "packets-lost-mtu-exceeded", "packets-lost-ttl-expired",
    }.ToFrozenSet(StringComparer.Ordinal);

    private static readonly Field[] TransitGateway = [.. TransitGatewayFields.Select(name => new Field(name))];

    private static readonly Field[] Default = [.. DefaultFields.Select(name => new Field(name))];

    private readonly Range[] _words = new Range[MaxFields];
    private Field[] _fields = Default;
    private bool _first = true;

    /// <summary>Fields of which any tells such a record that is JSON already.</summary>
    internal static IReadOnlyList<string> Telling { get; } = ["srcaddr", "dstaddr", "pkt_srcaddr", "pkt_dstaddr", "interface_id", "log_status", "tgw_id", "flow_direction"];

    /// <summary>Whether a JSON object is such a record, with the names that AWS writes or with underscores.</summary>
    internal static bool IsRecord(JsonElement element) => Telling.Any(name => element.TryGetProperty(name, out _) || element.TryGetProperty(name.Replace('_', '-'), out _));

    /// <inheritdoc/>
    public string? Convert(ReadOnlySpan<byte> line, Utf8JsonWriter json)
    {
        var count = Split(line);
        if (count < 0)
            return "has too many fields for a flow log record";
        var first = _first;
        _first = false;
        if (count > 0 && IsHeader(line, count, first))
            return ReadHeader(line, count);

        var from = 0;
        if (count > 1 && IsTime(line[_words[0]]))
            from = 1;
        if (ReferenceEquals(_fields, Default) && count - from == TransitGateway.Length && line[_words[from + 1]].SequenceEqual("TransitGateway"u8))
            _fields = TransitGateway;
        if (count - from != _fields.Length)
        {
            return ReferenceEquals(_fields, Default)
                ? $"has {count} fields and not the 14 of the default flow log format; a custom format needs a first line that names its fields"
                : $"has {count} fields, the header names {_fields.Length}";
        }

        for (var i = 0; i < _fields.Length; i++)
        {
            var value = line[_words[from + i]];
            if (_fields[i].IsNumber && !LogLine.IsNull(value) && !LogLine.IsWholeNumber(value))
                return $"{_fields[i].Source} is not a number";
        }

        json.WriteStartObject();
        for (var i = 0; i < _fields.Length; i++)
        {
            var value = line[_words[from + i]];
            if (_fields[i].IsNumber)
                LogLine.WriteNumber(json, _fields[i].Name, value);
            else
                LogLine.WriteText(json, _fields[i].Name, value);
        }

        json.WriteEndObject();
        return null;
    }

    private int Split(ReadOnlySpan<byte> line)
    {
        var count = 0;
        for (var at = 0; at < line.Length;)
        {
            if (line[at] is (byte)' ' or (byte)'\t')
            {
                at++;
                continue;
            }

            var length = line[at..].IndexOfAny((byte)' ', (byte)'\t');
            var end = length < 0 ? line.Length : at + length;
            if (count == MaxFields)
                return -1;
            _words[count++] = at..end;
            at = end;
        }

        return count;
    }

    /// <summary>Values are addresses, numbers, ids and words in capitals: none is spelt as a field.</summary>
    private bool IsHeader(ReadOnlySpan<byte> line, int count, bool first)
    {
        var look = first ? count : 1;
        for (var i = 0; i < look; i++)
        {
            var word = line[_words[i]];
            if (word.Length is > 1 and < 64 && word[0] is >= (byte)'a' and <= (byte)'z' && Known.Contains(NameOf(word)))
                return true;
        }

        return false;
    }

    private string? ReadHeader(ReadOnlySpan<byte> line, int count)
    {
        var fields = new Field[count];
        for (var i = 0; i < count; i++)
        {
            var name = NameOf(line[_words[i]]);
            if (name.Length > 64 || !name.All(c => char.IsAsciiLetterOrDigit(c) || c == '-'))
                return "is a header that names a field which is none";
            fields[i] = new Field(name);
        }

        _fields = fields;
        return null;
    }

    private static string NameOf(ReadOnlySpan<byte> word) => Encoding.Latin1.GetString(word).Replace('_', '-');

    /// <summary>Such as <c>2026-11-20T06:35:00.000Z</c>: exports of CloudWatch Logs to S3 put it before each line.</summary>
    private static bool IsTime(ReadOnlySpan<byte> word) =>
        word.Length >= 20 && word[4] == (byte)'-' && word[7] == (byte)'-' && word[10] == (byte)'T' && word[^1] == (byte)'Z';

    private sealed class Field(string source)
    {
        public string Source { get; } = source;

        public JsonEncodedText Name { get; } = JsonEncodedText.Encode(source.Replace('-', '_'));

        public bool IsNumber { get; } = Numbers.Contains(source);
    }
}
