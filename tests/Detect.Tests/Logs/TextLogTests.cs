using System.IO.Compression;
using System.Text;
using System.Text.Json;
using CsCheck;
using Scanner.Catalog;
using Scanner.Detect.Logs;
using Scanner.Detect.Matching;
using Scanner.Detect.Rules;
using Scanner.Model;

namespace Detect.Tests.Logs;

public sealed class TextLogTests
{
    private const string AccessLine =
        "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be amzn-s3-demo-bucket [06/Feb/2019:01:00:38 +0100] 192.0.2.3 - 3E57427F3EXAMPLE REST.GET.OBJECT photos/a%2520b%C3%BC.jpg \"GET /amzn-s3-demo-bucket/photos/a%2520b.jpg HTTP/1.1\" 200 - 113 - 7 - \"-\" \"S3Console/0.4\" - s9lzHYrFp76ZVxRcpX9+5cjAnEH2ROuNkd2BHfIa6UkFVdtjf5mKR3/eTPFvsiP/XV/VLi31234= SigV4 TLS_AES_128_GCM_SHA256 AuthHeader amzn-s3-demo-bucket.s3.us-west-1.amazonaws.com TLSV1.2 - Yes";

    private static (List<JsonElement> Events, List<string> Defects) Read(LogSource source, byte[] log)
    {
        var defects = new List<string>();
        using var stream = new TextLogStream(new MemoryStream(log), source == LogSource.VpcFlow ? new FlowLogFormat() : new AccessLogFormat(), defects.Add);
        using var reader = new StreamReader(stream);
        var events = new List<JsonElement>();
        while (reader.ReadLine() is { } line)
        {
            if (line.Length > 0)
                events.Add(JsonDocument.Parse(line).RootElement);
        }
        return (events, defects);
    }

    private static (List<JsonElement> Events, List<string> Defects) Read(LogSource source, string log) => Read(source, Encoding.UTF8.GetBytes(log));

    [Fact]
    public void A_default_flow_log_record_has_typed_fields()
    {
        var (events, defects) = Read(LogSource.VpcFlow, "2 012345678901 eni-1235b8ca123456789 172.31.16.139 172.31.16.21 20641 22 6 20 4249 1418530010 1418530070 ACCEPT OK\r\n2 012345678901 eni-1 - - - - - - - 1431280876 1431280934 - NODATA\n");
        Assert.Empty(defects);
        Assert.Equal(22, events[0].GetProperty("dstport").GetInt64());
        Assert.Equal("012345678901", events[0].GetProperty("account_id").GetString());
        Assert.Equal("OK", events[0].GetProperty("log_status").GetString());
        Assert.Equal(JsonValueKind.Null, events[1].GetProperty("srcaddr").ValueKind);
        Assert.Equal(JsonValueKind.Null, events[1].GetProperty("packets").ValueKind);
        Assert.Equal("NODATA", events[1].GetProperty("log_status").GetString());
    }

    [Fact]
    public void A_header_line_names_the_fields_of_a_custom_format()
    {
        var (events, defects) = Read(LogSource.VpcFlow, "region srcaddr pkt-src-aws-service tcp-flags flow-direction brand-new\neu-west-1 2001:db8::1 - 19 egress x\n");
        Assert.Empty(defects);
        var e = Assert.Single(events);
        Assert.Equal(["region", "srcaddr", "pkt_src_aws_service", "tcp_flags", "flow_direction", "brand_new"], e.EnumerateObject().Select(p => p.Name));
        Assert.Equal(19, e.GetProperty("tcp_flags").GetInt64());
        Assert.Equal(JsonValueKind.Null, e.GetProperty("pkt_src_aws_service").ValueKind);
    }

    [Fact]
    public void A_time_that_CloudWatch_put_before_the_record_is_dropped()
    {
        var (events, defects) = Read(LogSource.VpcFlow, "2026-11-20T06:35:00.000Z 2 123456789010 eni-1 10.0.0.1 10.0.0.2 1 3389 6 1 40 1 2 REJECT OK");
        Assert.Empty(defects);
        Assert.Equal(3389, Assert.Single(events).GetProperty("dstport").GetInt64());
    }

    [Fact]
    public void A_record_that_does_not_fit_its_header_is_one_defect_with_its_line()
    {
        var (events, defects) = Read(LogSource.VpcFlow, "srcaddr dstport\n10.0.0.1 22\n10.0.0.1\n10.0.0.1 many\n10.0.0.2 23\n");
        Assert.Equal(2, events.Count);
        Assert.Equal(["line 3 has 1 fields, the header names 2", "line 4 dstport is not a number"], defects);
    }

    [Fact]
    public void An_access_log_record_has_all_fields_of_the_rules()
    {
        var (events, defects) = Read(LogSource.S3Access, AccessLine + " some-newer-field\n");
        Assert.Empty(defects);
        var e = Assert.Single(events);
        Assert.Equal(
            ["bucket_owner", "bucket", "time", "remote_ip", "requester", "request_id", "operation", "key", "request_uri", "http_status", "error_code", "bytes_sent", "object_size", "total_time", "turn_around_time", "referer", "user_agent", "version_id", "host_id", "signature_version", "cipher_suite", "authentication_type", "host_header", "tls_version", "access_point_arn", "acl_required"],
            e.EnumerateObject().Select(p => p.Name));
        Assert.Equal("2019-02-06T00:00:38Z", e.GetProperty("time").GetString());
        Assert.Equal("photos/a%20bü.jpg", e.GetProperty("key").GetString());
        Assert.Equal(200, e.GetProperty("http_status").GetInt32());
        Assert.Equal(113, e.GetProperty("bytes_sent").GetInt64());
        Assert.Equal(JsonValueKind.Null, e.GetProperty("requester").ValueKind);
        Assert.Equal(JsonValueKind.Null, e.GetProperty("referer").ValueKind);
        Assert.Equal("S3Console/0.4", e.GetProperty("user_agent").GetString());
        Assert.Equal("TLSV1.2", e.GetProperty("tls_version").GetString());
        Assert.Equal("Yes", e.GetProperty("acl_required").GetString());
    }

    [Theory]
    [InlineData("x\" - host SigV4 - AuthHeader - TLSv1.3 - -")]
    [InlineData("a \" 200 - 1 1 1 1 \"b")]
    [InlineData("\\\"")]
    [InlineData("{\"a\":1}\u0001\u2028")]
    [InlineData("")]
    public void A_hostile_user_agent_stays_in_its_field(string agent)
    {
        var (events, defects) = Read(LogSource.S3Access, AccessLine.Replace("S3Console/0.4", agent, StringComparison.Ordinal));
        Assert.Empty(defects);
        var e = Assert.Single(events);
        Assert.Equal(agent, e.GetProperty("user_agent").GetString());
        Assert.Equal("TLSV1.2", e.GetProperty("tls_version").GetString());
        Assert.Equal(200, e.GetProperty("http_status").GetInt32());
    }

    [Fact]
    public void An_older_record_without_the_later_fields_has_them_null()
    {
        var (events, defects) = Read(LogSource.S3Access, AccessLine[..(AccessLine.IndexOf("S3Console/0.4", StringComparison.Ordinal) + 16)]);
        Assert.Empty(defects);
        Assert.Equal(JsonValueKind.Null, Assert.Single(events).GetProperty("host_id").ValueKind);
    }

    [Fact]
    public void Every_line_is_an_event_or_one_defect_and_never_a_crash()
    {
        // Damaged real lines get further into the parsers than noise does.
        var flow = Encoding.UTF8.GetBytes("2 012345678901 eni-1235b8ca123456789 172.31.16.139 172.31.16.21 20641 22 6 20 4249 1418530010 1418530070 ACCEPT OK");
        var access = Encoding.UTF8.GetBytes(AccessLine);
        var noise = Gen.Byte.Where(b => b is not ((byte)'\n' or (byte)'\r' or (byte)' ' or (byte)'\t')).Array[1, 60];
        var damaged = Gen.Select(Gen.Bool, Gen.Int[0, 400], Gen.Int[0, 7].Select(i => "\" -[]%\u00ff\0"[i]), Gen.Int[0, 500]).Select((which, at, with, cut) =>
        {
            var line = (which ? flow : access).ToArray();
            line[at % line.Length] = (byte)with;
            return line[..Math.Max(1, line.Length - (cut % line.Length))];
        }).Where(line => line.Any(b => b is not ((byte)' ')));
        Gen.Select(Gen.OneOf(noise, damaged).Array[1, 12], Gen.Bool.Select(flows => flows ? LogSource.VpcFlow : LogSource.S3Access)).Sample((lines, source) =>
        {
            var (events, defects) = Read(source, [.. lines.SelectMany(line => line.Append((byte)'\n'))]);
            Assert.Equal(lines.Length, events.Count + defects.Count);
        }, iter: 3000);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Shipped_flow_rules_match_raw_text_and_a_bad_line_is_one_file_error(bool packed)
    {
        var text = "version account-id srcaddr dstaddr dstport protocol start end action log-status flow-direction\n5 111122223333 203.0.113.7 10.0.1.20 22 6 1795515300 1795515360 ACCEPT OK ingress\nbroken\n";
        var result = await DetectAsync(LogSource.VpcFlow, Encoding.UTF8.GetBytes(text), packed);
        Assert.Contains("62c17b53-e97e-4145-8a08-3bdfe9425528", result.Rules);
        Assert.Contains("line 3 has 1 fields", Assert.Single(result.Errors), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Shipped_access_rules_match_raw_text()
    {
        var line = AccessLine.Replace("REST.GET.OBJECT", "REST.GET.BUCKET", StringComparison.Ordinal);
        var result = await DetectAsync(LogSource.S3Access, Encoding.UTF8.GetBytes(line + "\n"), packed: false);
        Assert.Contains("e635e48f-0180-417c-9f19-a0e7f4a05dd3", result.Rules);
        Assert.Empty(result.Errors);
        Assert.Equal(["3E57427F3EXAMPLE"], result.Ids.Distinct());
    }

    [Fact]
    public async Task JSON_lines_are_still_read_and_a_log_with_a_header_alone_is_complete()
    {
        var json = await DetectAsync(LogSource.VpcFlow, "{\"action\":\"ACCEPT\",\"protocol\":6,\"dstport\":22,\"srcaddr\":\"203.0.113.7\",\"dstaddr\":\"10.0.0.1\"}\n"u8.ToArray(), packed: false);
        Assert.Contains("62c17b53-e97e-4145-8a08-3bdfe9425528", json.Rules);
        var header = await DetectAsync(LogSource.VpcFlow, "srcaddr dstport\n"u8.ToArray(), packed: true);
        Assert.Empty(header.Errors);
        var parquet = await DetectAsync(LogSource.VpcFlow, "PAR1\u0015\u0004"u8.ToArray(), packed: false);
        Assert.Contains("Parquet", Assert.Single(parquet.Errors), StringComparison.Ordinal);
    }

    private static async Task<(List<string> Rules, List<string?> Ids, IReadOnlyList<string> Errors)> DetectAsync(LogSource source, byte[] log, bool packed)
    {
        if (packed)
        {
            using var memory = new MemoryStream();
            using (var gz = new GZipStream(memory, CompressionLevel.Fastest))
                gz.Write(log);
            log = memory.ToArray();
        }

        var matches = new List<DetectionMatch>();
        var result = await new Detector(Rules.Value).RunAsync([new LogFile("log", () => new MemoryStream(log), source)], matches.Add, TestContext.Current.CancellationToken);
        return (matches.ConvertAll(match => match.Rule.Id), matches.ConvertAll(match => match.EventId), [.. result.FileErrors.Select(error => error.Message)]);
    }

    private static readonly Lazy<RuleSet> Rules = new(() =>
    {
        var folder = Path.Combine(Loopback.Tools.Repository, "checks", "detections");
        var lists = CatalogLists(folder);
        return RuleSet.Load([.. RuleSet.FindFiles([folder]).Where(file => CatalogLoader.TryReadPlaceholders(file.Path) is null)], new RuleSetOptions { Placeholders = lists });
    });

    private static Dictionary<string, IReadOnlyList<string>> CatalogLists(string folder)
    {
        var lists = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);
        foreach (var file in RuleSet.FindFiles([folder]))
        {
            foreach (var (name, values) in CatalogLoader.TryReadPlaceholders(file.Path) ?? new Dictionary<string, IReadOnlyList<string>>())
                lists[name] = [.. values];
        }
        return lists;
    }
}
