using System.Formats.Tar;
using System.IO.Compression;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Loopback;
using Parquet.Serialization;
using Scanner.Detect.Logs;
using Scanner.Detect.Matching;
using Scanner.Detect.Rules;
using Scanner.Model;

namespace Detect.Tests.Logs;

/// <summary>One event in each shape and packing in which people keep logs, matched by a rule on its parameters; and what is no event.</summary>
public class ShapeTests
{
    private const string Id = "0a1b2c3d-0000-4000-8000-000000000001";

    private static readonly RuleSet Rules = RuleSet.Parse("r.yml", """
        title: trail stopped
        id: trail
        logsource: {product: aws, service: cloudtrail}
        detection:
          s: {eventName: StopLogging, eventSource: cloudtrail.amazonaws.com, requestParameters.name: main, userIdentity.sessionContext.sessionIssuer.userName: admin, sourceIPAddress: 203.0.113.9}
          condition: s
        ---
        title: history
        id: history
        logsource: {product: aws, service: cloudtrail}
        detection: {s: {eventName: StopLogging, userIdentity.userName: alice, awsRegion: eu-west-1, eventTime|startswith: '2026-11-20T06:30'}, condition: s}
        ---
        title: flow
        id: flow
        logsource: {product: aws, service: vpcflow}
        detection: {s: {srcaddr: 203.0.113.9, dstport: 22, log_status: OK}, condition: s}
        ---
        title: hyphen
        id: hyphen
        logsource: {product: aws, service: vpcflow}
        detection: {s: {flow-direction: ingress, srcaddr: 203.0.113.9}, condition: s}
        ---
        title: access
        id: access
        logsource: {product: aws, service: s3_access}
        detection: {s: {operation: REST.GET.OBJECT, bucket: logs}, condition: s}
        """);

    private static readonly JsonObject Event = JsonNode.Parse($$$$"""
        {"eventVersion":"1.09","userIdentity":{"type":"AssumedRole","principalId":"AROAEXAMPLE:bob","arn":"arn:aws:sts::111122223333:assumed-role/admin/bob","accountId":"111122223333",
        "sessionContext":{"sessionIssuer":{"type":"Role","arn":"arn:aws:iam::111122223333:role/admin","userName":"admin"},"attributes":{"mfaAuthenticated":"false"}}},
        "eventTime":"2026-11-20T06:30:00Z","eventSource":"cloudtrail.amazonaws.com","eventName":"StopLogging","awsRegion":"eu-west-1","sourceIPAddress":"203.0.113.9",
        "userAgent":"aws-cli/2, \"quoted\"","requestParameters":{"name":"main"},"responseElements":null,"eventID":"{{{{Id}}}}","eventType":"AwsApiCall","recipientAccountId":"111122223333"}
        """)!.AsObject();

    private static string Json => Event.ToJsonString();

    private static string Text => JsonSerializer.Serialize(Json);

    private static readonly JsonObject Ocsf = JsonNode.Parse($$$$"""
        {"class_uid":6003,"class_name":"API Activity","time":1795588200000,"metadata":{"uid":"{{{{Id}}}}","product":{"name":"CloudTrail","version":"1.09"}},
        "api":{"operation":"StopLogging","service":{"name":"cloudtrail.amazonaws.com"},"request":{"uid":"r","data":"{\"name\":\"main\"}"}},
        "actor":{"user":{"type":"AssumedRole","uid":"arn:aws:sts::111122223333:assumed-role/admin/bob","account":{"uid":"111122223333"}},"session":{"issuer":"arn:aws:iam::111122223333:role/admin","is_mfa":false}},
        "src_endpoint":{"ip":"203.0.113.9"},"cloud":{"region":"eu-west-1","account":{"uid":"111122223333"}},"unmapped":{"eventType":"AwsApiCall"}}
        """)!.AsObject();

    private const string Flow = "2 111122223333 eni-1 203.0.113.9 10.0.0.5 40000 22 6 1 40 1795588200 1795588260 ACCEPT OK";

    private const string Access = "79a5 logs [20/Nov/2026:06:30:00 +0000] 203.0.113.9 79a5 3E57427F3EXAMPLE REST.GET.OBJECT a.txt \"GET /a.txt HTTP/1.1\" 200 - 1 1 7 - \"-\" \"S3Console/0.4\" -";

    private static readonly string[] AthenaColumns = ["eventversion", "useridentity", "eventtime", "eventsource", "eventname", "awsregion", "sourceipaddress", "requestparameters", "eventid"];

    private static readonly string[] AthenaValues =
    [
        "1.09", "{type=AssumedRole, principalid=AROAEXAMPLE:bob, arn=arn:aws:sts::111122223333:assumed-role/admin/bob, invokedby=null, sessioncontext={attributes={mfaauthenticated=false, creationdate=null}, sessionissuer={type=Role, username=admin}}}",
        "2026-11-20T06:30:00Z", "cloudtrail.amazonaws.com", "StopLogging", "eu-west-1", "203.0.113.9", "{\"name\":\"main\"}", Id,
    ];

    private static string Csv(params string[][] rows) => string.Concat(rows.Select(row => string.Join(',', row.Select(value => $"\"{value.Replace("\"", "\"\"", StringComparison.Ordinal)}\"")) + "\r\n"));

    private static string ElasticWithout => $$$$"""
        {"@timestamp":"2026-11-20T06:30:00.000Z","event":{"action":"StopLogging","provider":"cloudtrail.amazonaws.com","id":"{{{{Id}}}}"},"source":{"address":"203.0.113.9"},"cloud":{"region":"eu-west-1","account":{"id":"111122223333"}},
        "aws":{"cloudtrail":{"user_identity":{"type":"AssumedRole"},"flattened":{"request_parameters":{"name":"main"} } } } }
        """.ReplaceLineEndings("");

    /// <summary>By shape: texts or bytes, each of which holds the event once.</summary>
    private static readonly Dictionary<string, Func<IEnumerable<byte[]>>> Samples = new(StringComparer.Ordinal)
    {
        ["CloudTrail log file"] = () => Of($"{{\"Records\":[{Json}]}}", $"{{\"records\":[{Json}]}}"),
        ["JSON array of events"] = () => Of($"[{Json}]"),
        ["JSON lines"] = () => Of(Json, "\n" + Json + "\r\n"),
        ["EventBridge event"] = () => Of($$"""{"version":"0","detail-type":"AWS API Call via CloudTrail","detail":{{Json}}}""", $$"""[{"detail":{{Json}}}]"""),
        ["LookupEvents reply"] = () => Of($$"""{"Events":[{"EventId":"x","EventName":"StopLogging","CloudTrailEvent":{{Text}}}],"NextToken":"n"}"""),
        ["LookupEvents texts"] = () => Of($"[{Text}]", Text, $"{{\"Events\":[{Text}]}}"),
        ["CloudWatch Logs subscription"] = () => Of($$"""{"messageType":"DATA_MESSAGE","subscriptionFilters":["f"],"logEvents":[{"id":"1","timestamp":1,"message":{{Text}}}]}"""),
        ["CloudWatch Logs reply"] = () => Of($$"""{"events":[{"logStreamName":"s","message":{{Text}},"eventId":"1"}],"searchedLogStreams":[{"logStreamName":"s","searchedCompletely":true}]}"""),
        ["CloudWatch Logs export task"] = () => Of($"2026-11-20T06:35:00.000Z {Json}\n", $"2026-11-20T06:35:00+00:00 111122223333_CloudTrail_eu-west-1 {Json}\n"),
        ["CloudWatch Logs Insights reply"] = () => Of($$"""{"status":"Complete","results":[[{"field":"@timestamp","value":"2026-11-20 06:30:00.000"},{"field":"@message","value":{{Text}}},{"field":"@ptr","value":"p"}]]}"""),
        ["CloudWatch Logs Insights CSV"] = () => Of(Csv(["@timestamp", "@message"], ["2026-11-20 06:30:00.000", Json])),
        ["CloudTrail Lake reply"] = () => Of(
            $$"""{"QueryStatus":"FINISHED","QueryResultRows":[[{"eventJson":{{Text}}}]]}""",
            JsonSerializer.Serialize(new { QueryResultRows = new[] { AthenaColumns.Zip(AthenaValues, (name, value) => new Dictionary<string, string>(StringComparer.Ordinal) { [name] = name == "requestparameters" ? "{name=main}" : value }) } })),
        ["CloudTrail Lake CSV"] = () => Of(Csv(["eventJson"], [Json]), Csv(["eventTime", "eventJson"], ["2026-11-20 06:30:00.000", Json])),
        ["Athena CSV"] = () => Of(Csv(AthenaColumns, AthenaValues)),
        ["Console event history CSV"] = () => Of("User name,Event time,Event source,Event name,AWS region,Event ID,Read-only,Resources\nalice,2026-11-20T06:30:00Z,cloudtrail.amazonaws.com,StopLogging,eu-west-1," + Id + ",false,[]\n"),
        ["SNS notification"] = () => Of($$$$"""{"Type":"Notification","MessageId":"m","Message":{{{{Text}}}}}""", $$$$"""{"Records":[{"EventSource":"aws:sns","Sns":{"Type":"Notification","Message":{{{{Text}}}}}}]}"""),
        ["SQS message"] = () => Of(
            $$"""{"Messages":[{"MessageId":"m","Body":{{JsonSerializer.Serialize($$"""{"detail":{{Json}}}""")}}}]}""",
            $$"""{"Records":[{"messageId":"m","eventSource":"aws:sqs","body":{{JsonSerializer.Serialize($$"""{"Type":"Notification","Message":{{Text}}}""")}}}]}"""),
        ["Elastic Common Schema"] = () => Of($$$$"""{"@timestamp":"2026-11-20T06:30:00Z","event":{"action":"StopLogging","original":{{{{Text}}}}}}""", ElasticWithout.Replace("\"user_identity\":{\"type\":\"AssumedRole\"}", "\"user_identity\":{\"type\":\"AssumedRole\",\"session_context\":{}}", StringComparison.Ordinal)),
        ["Elasticsearch hits"] = () => Of($$$$"""{"took":1,"hits":{"total":{"value":1},"hits":[{"_index":"i","_source":{"event":{"original":{{{{Text}}}}}}}]}}""", $$$$"""{"_index":"i","_source":{{{{Json}}}}}"""),
        ["Splunk export"] = () => Of($$"""{"preview":false,"offset":0,"result":{"_raw":{{Text}},"sourcetype":"aws:cloudtrail"} }""", $$$$"""{"results":[{"_raw":{{{{Text}}}} }]}"""),
        ["OCSF"] = () => Of(Ocsf.ToJsonString(), $"[{Ocsf.ToJsonString()}]"),
        ["OCSF in Parquet"] = () => [Parquet(new SecurityLakeRow
        {
            class_uid = 6003, time = 1795588200000,
            metadata = new() { uid = Id }, api = new() { operation = "StopLogging", service = new() { name = "cloudtrail.amazonaws.com" }, request = new() { data = "{\"name\":\"main\"}" } },
            actor = new() { session = new() { issuer = "arn:aws:iam::111122223333:role/admin" } }, src_endpoint = new() { ip = "203.0.113.9" },
            unmapped = new() { ["eventType"] = "AwsApiCall" },
        })],
        ["VPC flow log"] = () => Of(Flow, $"version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status\n{Flow}\n",
            $$"""{"logEvents":[{"message":"{{Flow}}"}]}"""),
        ["VPC flow log in Parquet"] = () => [Parquet(new FlowRow { version = 2, srcaddr = "203.0.113.9", dstport = 22, log_status = "OK", interface_id = "eni-1" })],
        ["VPC flow log as JSON"] = () => Of("""{"srcaddr":"203.0.113.9","dstport":22,"log-status":"OK"}""", """{"srcaddr":"203.0.113.9","dstport":"22","log_status":"OK"}""", """{"flow-direction":"ingress","srcaddr":"203.0.113.9"}"""),
        ["VPC flow log CSV"] = () => Of(Csv(["version", "srcaddr", "dstport", "log_status"], ["2", "203.0.113.9", "22", "OK"])),
        ["Transit gateway flow log"] = () => Of("6 TransitGateway 111122223333 tgw-1 tgw-attach-1 111122223333 111122223333 vpc-1 vpc-2 subnet-1 subnet-2 eni-1 eni-2 use1-az1 use1-az2 tgw-attach-2 203.0.113.9 10.0.0.5 40000 22 6 1 40 1795588200 1795588260 OK IPv4 0 0 0 0 2 us-east-1 ingress - -"
            .Replace("ingress", "egress", StringComparison.Ordinal)),
        ["S3 server access log"] = () => Of(Access),
        ["S3 server access log as JSON"] = () => Of("""{"bucket":"logs","operation":"REST.GET.OBJECT"}""",
            """{"schema_version_id":"V_1_0","bucket_arn":"arn:aws:s3:::logs","bucket_name":"logs","request_time":"2026-11-20T06:30:00.000Z","bucket_owner_id":"79a5","remote_ip":"203.0.113.9","requester":null,"request_id":"3E57427F3EXAMPLE","operation":"REST.GET.OBJECT","key_name":"a.txt","http_status":"200"}"""),
        ["S3 server access log in Parquet"] = () => [Parquet(new VendedAccessRow { bucket_name = "logs", request_id = "3E57427F3EXAMPLE", operation = "REST.GET.OBJECT", request_time = "2026-11-20T06:30:00.000Z" })],
    };

    public static TheoryData<string> Shapes => [.. LogShapes.All.Select(shape => shape.Name)];

    private static IEnumerable<byte[]> Of(params string[] texts) => texts.Select(Encoding.UTF8.GetBytes);

    private static byte[] Parquet<T>(T row)
    {
        using var memory = new MemoryStream();
        ParquetSerializer.SerializeAsync([row], memory).GetAwaiter().GetResult();
        return memory.ToArray();
    }

    private static async Task<(List<string> Matches, DetectionRunResult Result)> Read(byte[] content, LogSource source = LogSource.CloudTrail)
    {
        var matches = new List<string>();
        var result = await new Detector(Rules).RunAsync([new LogFile("log", () => new MemoryStream(content), source)], match => matches.Add(match.Rule.Id), TestContext.Current.CancellationToken);
        return (matches, result);
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public async Task Every_shape_is_read(string name)
    {
        var shape = LogShapes.All.Single(one => one.Name == name);
        foreach (var sample in Samples[name]())
        {
            var (matches, result) = await Read(sample, shape.Source);
            var isThin = name == "Console event history CSV";
            if (!isThin)
                Assert.Empty(result.FileErrors);
            else
                Assert.Contains("without request parameters", Assert.Single(result.FileErrors).Message, StringComparison.Ordinal);
            // Without its original, this one has lost who issued the session.
            if (!Encoding.UTF8.GetString(sample).Contains("flattened", StringComparison.Ordinal))
                Assert.Single(matches);
            Assert.Equal(1, result.Events);
        }
    }

    [Fact]
    public async Task An_event_of_a_few_fields_is_one_by_its_id_and_time()
    {
        var (_, result) = await Read("""{"eventID":"1","eventTime":"2026-01-01T00:00:01Z","f":"a"}"""u8.ToArray());
        Assert.Equal(1, result.Events);
        Assert.True(result.IsComplete);
    }

    [Fact]
    public void The_table_in_the_docs_is_that_of_the_program()
    {
        var file = Path.Combine(Tools.Repository, "docs", "events.md");
        var text = File.ReadAllText(file);
        const string Start = "<!-- shapes: made from LogShapes.cs -->\n", End = "<!-- end of shapes -->";
        var from = text.IndexOf(Start, StringComparison.Ordinal) + Start.Length;
        Assert.Equal(LogShapes.ToMarkdown(), text[from..text.IndexOf(End, StringComparison.Ordinal)]);
        Assert.Equal(LogShapes.All.Select(shape => shape.Name).Order(StringComparer.Ordinal), Samples.Keys.Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("gz")]
    [InlineData("zst")]
    [InlineData("zip")]
    [InlineData("tar.gz")]
    [InlineData("zip in zip")]
    public async Task Every_packing_is_unpacked(string packing)
    {
        var log = Encoding.UTF8.GetBytes($"{{\"Records\":[{Json}]}}");
        var packed = packing switch
        {
            "gz" => Gzip.Of(log),
            "zst" => Zst(log),
            "zip" => Zip(("AWSLogs/a.json.gz", Gzip.Of(log)), ("README.md", "# notes"u8.ToArray())),
            "tar.gz" => Gzip.Of(Tar(("AWSLogs/a.json", log))),
            _ => Zip(("inner.zip", Zip(("a.json", log)))),
        };
        // From a pipe or from S3 nothing can be read twice.
        var (matches, result) = await Read(packed);
        Assert.Empty(result.FileErrors);
        Assert.Equal(["trail"], matches);
        Assert.Equal(packing == "zip" ? ["log: README.md in the archive is no log by its name"] : [], result.Besides);
        var cut = await Read(packed[..(packed.Length / 2)]);
        Assert.NotEmpty(cut.Result.FileErrors);
    }

    [Theory]
    [InlineData("{\"hello\":\"world\"}", "an object with hello")]
    [InlineData("{\"Records\":null}", "an object with Records")]
    [InlineData("{\"timestamp\":1,\"formatVersion\":1,\"webaclId\":\"w\"}", "AWS WAF")]
    [InlineData("{\"kind\":\"Event\",\"auditID\":\"a\"}", "Kubernetes")]
    [InlineData("{\"version\":\"1.1\",\"query_name\":\"example.com.\"}", "Resolver")]
    [InlineData("{\"fileVersion\":\"1.0\",\"configurationItems\":[{\"a\":1}]}", "Config")]
    [InlineData("{\"class_uid\":4003,\"query\":{\"hostname\":\"x\"}}", "OCSF")]
    [InlineData("{\"s3Bucket\":\"b\",\"s3ObjectKey\":[\"k\"]}", "notification of a log file")]
    [InlineData("{\"srcaddr\":\"203.0.113.9\",\"dstaddr\":\"10.0.0.1\"}", "--source vpcflow")]
    [InlineData("{\"Messages\":[{\"Body\":\"hello\"}]}", "no JSON")]
    [InlineData("version account-id interface-id\n2 1 eni", "--source vpcflow")]
    public async Task What_is_no_event_is_said_and_the_answer_is_not_complete(string content, string expected)
    {
        var (matches, result) = await Read(Encoding.UTF8.GetBytes(content));
        Assert.Empty(matches);
        Assert.Equal(0, result.Events);
        Assert.Contains(expected, Assert.Single(result.FileErrors).Message, StringComparison.Ordinal);
        Assert.False(result.IsComplete);
    }

    // Names and texts that no string can hold, and members twice, in the wrappers that are opened by a general reader of JSON.
    [Theory]
    [InlineData("""{"Records":[{"\ud800":"\udfff","x":{"\udc00":["\ud800"]}}, EVENT]}""")]
    [InlineData("""{"logEvents":[{"\ud800":1,"message":"{\"\\ud800\":1}"},{"message":TEXT}]}""")]
    [InlineData("""{"events":[{"eventName\ud800":"StopLogging"},{"a":{"b":1,"b":2},"a":3},EVENT]}""")]
    [InlineData("""{"Data":[{"requestparameters":"{\"a\":1,\"a\":2}","eventname":"x","eventsource":"y","eventtime":"2026-11-20T06:30:00Z"},{"\ud800":"\ud800"}]}""")]
    [InlineData("""[["eventname\ud800"],["\ud800"],{"Data":[{"field":"\ud800","value":{"a":1,"a":2}}]}]""")]
    public async Task Whatever_a_wrapper_holds_the_file_is_read_to_its_end(string content)
    {
        var (matches, result) = await Read(Encoding.UTF8.GetBytes(content.Replace("EVENT", Json, StringComparison.Ordinal).Replace("TEXT", Text, StringComparison.Ordinal)));
        Assert.Equal(content.Contains("EVENT", StringComparison.Ordinal) || content.Contains("TEXT", StringComparison.Ordinal) ? ["trail"] : [], matches);
        Assert.False(result.IsComplete);
    }

    [Fact]
    public async Task A_name_with_a_broken_byte_in_a_wrapped_record_is_no_end_of_the_file()
    {
        byte[] content = [.. "{\"Records\":[{\""u8, 0xC3, (byte)'(', .. "\":{\"x"u8, 0xFF, .. "\":1}}, "u8, .. Encoding.UTF8.GetBytes(Json), .. "]}"u8];
        var (matches, result) = await Read(content);
        Assert.Equal(["trail"], matches);
        Assert.False(result.IsComplete);
    }

    /// <summary>The record as the CloudTrail user guide describes it, "CloudTrail record contents for aggregated events".</summary>
    [Theory]
    [InlineData("{0}")]
    [InlineData("{{\"Records\":[{0}]}}")]
    [InlineData("{{\"logEvents\":[{{\"message\":{1}}}]}}")]
    public async Task An_aggregated_event_is_counted_as_not_read_and_is_no_event(string form)
    {
        const string Record = """{"eventVersion":"1.0","accountId":"111122223333","eventId":"e1","eventCategory":"Aggregated","eventType":"AwsAggregatedEvent","awsRegion":"us-east-1","eventSource":"cloudtrail.amazonaws.com","timeWindow":{"windowStart":"2026-11-20T06:30:00Z","windowEnd":"2026-11-20T06:35:00Z","windowSize":"PT5M"},"summary":{"primaryDimension":{"dimension":"eventName","statistics":[{"value":"StopLogging","count":3000}]}}}""";
        var (matches, result) = await Read(Encoding.UTF8.GetBytes(string.Format(System.Globalization.CultureInfo.InvariantCulture, form, Record, JsonSerializer.Serialize(Record))));
        Assert.Empty(matches);
        Assert.Equal(0, result.Events);
        Assert.Contains("an aggregated CloudTrail event", Assert.Single(result.FileErrors).Message, StringComparison.Ordinal);
        Assert.False(result.IsComplete);
    }

    /// <summary>What a VPC endpoint saw (CloudTrail user guide, "Logging network activity events"): an event like others, refused by the endpoint's policy.</summary>
    [Fact]
    public async Task A_network_activity_event_is_read_as_any_event()
    {
        var vpce = Event.DeepClone().AsObject();
        vpce["eventType"] = "AwsVpceEvent";
        vpce["eventCategory"] = "NetworkActivity";
        vpce["errorCode"] = "VpceAccessDenied";
        vpce["vpcEndpointId"] = "vpce-1";
        var (matches, result) = await Read(Encoding.UTF8.GetBytes($$"""{"Records":[{{vpce.ToJsonString()}}]}"""));
        Assert.Equal(["trail"], matches);
        Assert.Equal(1, result.Events);
        Assert.True(result.IsComplete);
    }

    /// <summary>Names and types by the S3 user guide, "Log format in CloudWatch Logs": a correlation needs the time, and rules the names of the text form.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Vended_access_logs_match_what_the_text_form_matches(bool parquet)
    {
        var rules = RuleSet.Parse("r.yml", """
            title: read
            name: read
            id: read
            logsource: {product: aws, service: s3_access}
            detection: {s: {bucket: logs, operation: REST.GET.OBJECT, key|startswith: secret/, bucket_owner: 79a5, remote_ip: 203.0.113.9, requester: null, http_status: 200, user_agent: curl/8}, condition: s}
            ---
            title: many
            id: many
            correlation: {type: event_count, rules: [read], group-by: [remote_ip], timespan: 10m, condition: {gte: 3}, generate: true}
            """);
        var rows = Enumerable.Range(0, 3).Select(i => new VendedAccessRow
        {
            schema_version_id = "V_1_0",
            bucket_arn = "arn:aws:s3:::logs",
            bucket_name = "logs",
            request_time = $"2026-11-20T06:3{i}:00.000Z",
            bucket_owner_id = "79a5",
            remote_ip = "203.0.113.9",
            request_id = $"3E57427F3EXAMPLE{i}",
            operation = "REST.GET.OBJECT",
            key_name = $"secret/{i}",
            request_uri = "GET /secret HTTP/1.1",
            http_status = 200,
            user_agent = "curl/8",
        }).ToList();
        using var memory = new MemoryStream();
        if (parquet)
            await ParquetSerializer.SerializeAsync(rows, memory, cancellationToken: TestContext.Current.CancellationToken);
        else
            memory.Write(Encoding.UTF8.GetBytes(string.Join('\n', rows.Select(row => JsonSerializer.Serialize(row)))));
        var matches = new List<DetectionMatch>();
        var result = await new Detector(rules).RunAsync([new LogFile("log", () => new MemoryStream(memory.ToArray()), LogSource.S3Access)], matches.Add, TestContext.Current.CancellationToken);
        Assert.Empty(result.FileErrors);
        Assert.Equal(3, result.Events);
        Assert.Contains(matches, match => match.Rule.Id == "many");
        Assert.Equal(3, matches.Count(match => match.Rule.Id == "read"));
    }

    [Theory]
    [InlineData("{\"digestS3Bucket\":\"b\",\"digestEndTime\":\"t\"}", "digest")]
    [InlineData("{\"Records\":[{\"eventVersion\":\"1.08\",\"eventCategory\":\"Insight\",\"insightDetails\":{}}]}", "Insights")]
    [InlineData("{\"results\":[]}", "empty list")]
    public async Task CloudTrails_other_records_are_said_and_are_no_gap(string content, string expected)
    {
        var (_, result) = await Read(Encoding.UTF8.GetBytes(content));
        Assert.Empty(result.FileErrors);
        Assert.Contains(expected, Assert.Single(result.Besides), StringComparison.Ordinal);
        Assert.Equal("0 CloudTrail events in 1 file", result.Read);
    }

    [Theory]
    [InlineData(new byte[] { (byte)'B', (byte)'Z', (byte)'h', (byte)'9', 0x31, 0x41, 0x59, 0x26, 0x53, 0x59 }, "bzip2")]
    [InlineData(new byte[] { 0xfd, (byte)'7', (byte)'z', (byte)'X', (byte)'Z', 0, 0, 0 }, "xz")]
    public async Task A_packing_that_is_not_read_is_named(byte[] content, string expected)
    {
        var (_, result) = await Read(content);
        Assert.Contains($"packed with {expected}", Assert.Single(result.FileErrors).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_is_walked_once_whatever_links_lead_through_it()
    {
        var folder = Directory.CreateTempSubdirectory("scanner-logs").FullName;
        try
        {
            Directory.CreateDirectory(Path.Combine(folder, "a", "CloudTrail-Digest"));
            foreach (var name in new[] { "a/1.json.gz", "a/firehose-2026-11-20-06-30-00-abc", "a/x.unknown", "a/notes.md", "a/.hidden", "a/CloudTrail-Digest/d.json.gz" })
                File.WriteAllText(Path.Combine(folder, name), "");
            Directory.CreateSymbolicLink(Path.Combine(folder, "a", "up"), folder);
            File.CreateSymbolicLink(Path.Combine(folder, "a", "again.json"), Path.Combine(folder, "a", "1.json.gz"));
            Directory.CreateDirectory(Path.Combine(folder, "empty"));
            var found = LogFiles.Find([folder, Path.Combine(folder, "a", "1.json.gz")]);
            Assert.Equal(3, found.Files.Count);
            Assert.Equal(["d.json.gz", "notes.md"], found.PassedOver.Select(Path.GetFileName).Order(StringComparer.Ordinal));
            Assert.Contains("no event log", Assert.Single(LogFiles.Find([Path.Combine(folder, "empty")]).Missing), StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static byte[] Zst(byte[] content)
    {
        using var memory = new MemoryStream();
        using (var zst = new ZstdSharp.CompressionStream(memory))
            zst.Write(content);
        return memory.ToArray();
    }

    private static byte[] Zip(params (string Name, byte[] Content)[] files)
    {
        using var memory = new MemoryStream();
        using (var zip = new ZipArchive(memory, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (name, content) in files)
            {
                using var entry = zip.CreateEntry(name).Open();
                entry.Write(content);
            }
        }

        return memory.ToArray();
    }

    private static byte[] Tar(params (string Name, byte[] Content)[] files)
    {
        using var memory = new MemoryStream();
        using (var tar = new TarWriter(memory, leaveOpen: true))
        {
            foreach (var (name, content) in files)
                tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(content) });
        }

        return memory.ToArray();
    }

#pragma warning disable IDE1006 // Names as in the files.
    public sealed class VendedAccessRow
    {
        public string? schema_version_id { get; set; }

        public string? bucket_arn { get; set; }

        public string? bucket_name { get; set; }

        public string? request_time { get; set; }

        public string? bucket_owner_id { get; set; }

        public string? remote_ip { get; set; }

        public string? requester { get; set; }

        public string? request_id { get; set; }

        public string? operation { get; set; }

        public string? key_name { get; set; }

        public string? request_uri { get; set; }

        public int http_status { get; set; }

        public string? user_agent { get; set; }
    }

    public sealed class FlowRow
    {
        public int version { get; set; }

        public string? srcaddr { get; set; }

        public int dstport { get; set; }

        public string? log_status { get; set; }

        public string? interface_id { get; set; }
    }

    public sealed class SecurityLakeRow
    {
        public int class_uid { get; set; }

        public long time { get; set; }

        public Named? metadata { get; set; }

        public Api? api { get; set; }

        public Actor? actor { get; set; }

        public Endpoint? src_endpoint { get; set; }

        public Dictionary<string, string>? unmapped { get; set; }
    }

    public sealed class Named
    {
        public string? uid { get; set; }

        public string? name { get; set; }
    }

    public sealed class Api
    {
        public string? operation { get; set; }

        public Named? service { get; set; }

        public Request? request { get; set; }
    }

    public sealed class Request
    {
        public string? data { get; set; }
    }

    public sealed class Actor
    {
        public Session? session { get; set; }
    }

    public sealed class Session
    {
        public string? issuer { get; set; }
    }

    public sealed class Endpoint
    {
        public string? ip { get; set; }
    }
#pragma warning restore IDE1006
}
