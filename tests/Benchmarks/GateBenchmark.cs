using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Benchmarks;

/// <summary>
/// <c>scanner gate</c> on a plan of 110 MB: wall time, peak memory, and how many times longer it takes than to read the file's bytes. The plan is
/// made here: networks by <c>for_each</c>, all but every fiftieth with a flow log that names it by a value known after apply, and keys of
/// which every hundredth stops rotating. What must be found follows from that, and is compared.
/// </summary>
internal static class GateBenchmark
{
    private const int Networks = 14_500;
    private const int Keys = 7_200;
    private const int Bare = 50;
    private const int Slack = 100;
    private const string Provider = "registry.terraform.io/hashicorp/aws";

    private static readonly string Tags = string.Join(',', Enumerable.Range(0, 16).Select(i => $"\"cost-center-{i:00}\":\"{new string((char)('a' + i), 38)}\""));

    public static async Task<int> RunAsync(string program)
    {
        var folder = Directory.CreateTempSubdirectory("gate-benchmark");
        try
        {
            var plan = Path.Combine(folder.FullName, "plan.json");
            await WriteAsync(plan);
            var bytes = new List<double>();
            for (var i = 0; i < 3; i++)
                bytes.Add(ReadBytes(plan));
            string[] arguments = ["gate", "plan.json", "--only", "vpc-flow-logs-active,kms-key-rotation", "--report", "json=gate.json"];
            var (wall, _, peak, exit) = await ScanBenchmark.MeasureAsync(program, arguments, folder.FullName, []);
            var all = await ScanBenchmark.MeasureAsync(program, ["gate", "plan.json", "--report", "json=all.json"], folder.FullName, []);
            var reading = bytes.Order().ElementAt(1);
            Print($"plan of {new FileInfo(plan).Length / 1e6:0} MB, {Networks * 2 - (Networks / Bare) + Keys} resources; its bytes are read in {reading:0} ms");
            Print($"gate, two checks:  {wall / 1000:0.0} s, peak {peak:0} MiB, {wall / reading:0} times as long as the bytes (exit {exit})");
            Print($"gate, all checks:  {all.Wall / 1000:0.0} s, peak {all.PeakMebibytes:0} MiB, {all.Wall / reading:0} times as long (exit {all.ExitCode}); limits 10 s and 400 MB on two cores");
            return await CountAsync(Path.Combine(folder.FullName, "gate.json")) ? 0 : 1;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task<bool> CountAsync(string report)
    {
        using var json = JsonDocument.Parse(await File.ReadAllBytesAsync(report));
        var introduced = json.RootElement.GetProperty("findings").EnumerateArray().Where(one => one.GetProperty("change").GetString() == "introduced")
            .CountBy(one => one.GetProperty("check").GetString()!).ToDictionary(StringComparer.Ordinal);
        var right = introduced.GetValueOrDefault("vpc-flow-logs-active") == Networks / Bare && introduced.GetValueOrDefault("kms-key-rotation") == Keys / Slack;
        Print($"introduced: {introduced.GetValueOrDefault("vpc-flow-logs-active")} networks without a flow log, {introduced.GetValueOrDefault("kms-key-rotation")} keys that stop rotating: {(right ? "all that there are" : "WRONG")}");
        return right;
    }

    private static double ReadBytes(string path)
    {
        var watch = Stopwatch.StartNew();
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1, FileOptions.SequentialScan);
        var buffer = new byte[1 << 16];
        while (stream.Read(buffer) > 0)
        {
        }
        return watch.Elapsed.TotalMilliseconds;
    }

    private static async Task WriteAsync(string path)
    {
        await using var writer = new StreamWriter(path, append: false, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), 1 << 16);
        await writer.WriteAsync("{\"format_version\":\"1.2\",\"terraform_version\":\"1.16.3\",\"planned_values\":{\"root_module\":{\"resources\":[");
        await WriteEachAsync(writer, (type, name, key, _, after, _) => $$"""{ {{Head(type, name, key)}},"schema_version":1,"values":{{after}},"sensitive_values":{} }""");
        await writer.WriteAsync("]}},\"resource_changes\":[");
        await WriteEachAsync(writer, (type, name, key, before, after, unknown) =>
            $$"""{ {{Head(type, name, key)}},"change":{"actions":["{{(before is null ? "create" : "update")}}"],"before":{{before ?? "null"}},"after":{{after}},"after_unknown":{{unknown}},"before_sensitive":{{(before is null ? "false" : "{}")}},"after_sensitive":{} } }""");
        await writer.WriteAsync($$"""
            ],"configuration":{"provider_config":{"aws":{"name":"aws","full_name":"{{Provider}}","version_constraint":"~> 6.0","expressions":{"region":{"constant_value":"eu-west-1"} } } },"root_module":{"resources":[
            {"address":"aws_flow_log.to_bucket","mode":"managed","type":"aws_flow_log","name":"to_bucket","provider_config_key":"aws","schema_version":1,"expressions":{"vpc_id":{"references":["aws_vpc.network","each.key"]} },"for_each_expression":{"references":["local.logged"]} },
            {"address":"aws_kms_key.data","mode":"managed","type":"aws_kms_key","name":"data","provider_config_key":"aws","schema_version":0,"expressions":{"enable_key_rotation":{"references":["each.value"]} },"for_each_expression":{"references":["local.keys"]} },
            {"address":"aws_vpc.network","mode":"managed","type":"aws_vpc","name":"network","provider_config_key":"aws","schema_version":1,"expressions":{"cidr_block":{"references":["each.value"]} },"for_each_expression":{"references":["local.networks"]} }
            ]} },"timestamp":"2026-11-27T09:00:00Z","applyable":true,"complete":true,"errored":false}
            """);
    }

    private static async Task WriteEachAsync(StreamWriter writer, Func<string, string, string, string?, string, string, string> text)
    {
        var between = "";
        foreach (var (type, name, key, before, after, unknown) in Resources())
        {
            await writer.WriteAsync(between);
            await writer.WriteAsync(text(type, name, key, before, after, unknown));
            between = ",";
        }
    }

    private static IEnumerable<(string Type, string Name, string Key, string? Before, string After, string Unknown)> Resources()
    {
        for (var i = 0; i < Networks; i++)
        {
            var key = string.Create(CultureInfo.InvariantCulture, $"net-{i:00000}");
            yield return ("aws_vpc", "network", key, null, string.Create(CultureInfo.InvariantCulture, $$"""{"cidr_block":"10.{{i % 256}}.0.0/16","enable_dns_support":true,"instance_tenancy":"default","region":"eu-west-1","tags":{ {{Tags}} } }"""), """{"id":true,"arn":true,"owner_id":true,"default_security_group_id":true,"tags_all":{}}""");
            if (i % Bare != 0)
                yield return ("aws_flow_log", "to_bucket", key, null, $$"""{"traffic_type":"ALL","log_destination_type":"s3","log_destination":"arn:aws:s3:::flow-logs","max_aggregation_interval":600,"region":"eu-west-1","tags":{ {{Tags}} } }""", """{"id":true,"arn":true,"vpc_id":true,"log_format":true}""");
        }
        for (var i = 0; i < Keys; i++)
        {
            var id = string.Create(CultureInfo.InvariantCulture, $"00000000-0000-4000-8000-{i:000000000000}");
            string Values(bool rotates) => $$"""{"id":"{{id}}","key_id":"{{id}}","arn":"arn:aws:kms:eu-west-1:111122223333:key/{{id}}","customer_master_key_spec":"SYMMETRIC_DEFAULT","key_usage":"ENCRYPT_DECRYPT","is_enabled":true,"enable_key_rotation":{{(rotates ? "true" : "false")}},"region":"eu-west-1","tags":{ {{Tags}} } }""";
            yield return ("aws_kms_key", "data", id, Values(rotates: true), Values(rotates: i % Slack != 0), "{}");
        }
    }

    private static string Head(string type, string name, string key) =>
        $$"""
        "address":"{{type}}.{{name}}[\"{{key}}\"]","mode":"managed","type":"{{type}}","name":"{{name}}","index":"{{key}}","provider_name":"{{Provider}}"
        """.Trim();

    private static void Print(FormattableString text) => Console.WriteLine(text.ToString(CultureInfo.InvariantCulture));
}
