using System.Text.Json.Nodes;
using Scanner.Model;
using Scanner.Scan;

namespace EndToEnd.Tests;

/// <summary>Plans that are more, or less, than a list of changes: each is judged for what it says, and for nothing that it leaves out.</summary>
public sealed class GatePlanKindTests
{
    private const string Vpc = """{"id":"vpc-1","arn":"arn:aws:ec2:eu-west-1:111122223333:vpc/vpc-1","cidr_block":"10.0.0.0/16"}""";
    private const string Log = """{"id":"fl-1","vpc_id":"vpc-1","traffic_type":"ALL","log_destination_type":"s3","log_destination":"arn:aws:s3:::logs"}""";
    private const string Key = """{"id":"k-1","key_id":"k-1","arn":"arn:aws:kms:eu-west-1:111122223333:key/k-1","is_enabled":true,"enable_key_rotation":false,"customer_master_key_spec":"SYMMETRIC_DEFAULT","key_usage":"ENCRYPT_DECRYPT"}""";

    private static readonly Dictionary<string, string> Plans = new(StringComparer.Ordinal)
    {
        // -target: prior_state has everything, resource_changes the target alone.
        ["target"] = Plan([Change("aws_kms_key.k", "create", null, Key)], prior: [("aws_vpc.main", Vpc), ("aws_flow_log.main", Log)], complete: false),
        ["target without log"] = Plan([Change("aws_kms_key.k", "create", null, Key)], prior: [("aws_vpc.main", Vpc)], complete: false),
        // removed { lifecycle { destroy = false } }: it stays, and nobody here manages it any more.
        ["forget"] = Plan([Change("aws_vpc.main", "no-op", Vpc, Vpc), Change("aws_flow_log.main", "forget", Log, null)]),
        ["destroy"] = Plan([Change("aws_vpc.main", "no-op", Vpc, Vpc), Change("aws_flow_log.main", "delete", Log, null)]),
        // An import of what is as it is written: a no-op with an id.
        ["import"] = Plan([Change("aws_kms_key.k", "no-op", Key, Key, more: one => one["change"]!["importing"] = JsonNode.Parse("""{"id":"k-1"}"""))], prior: [("aws_kms_key.k", Key)]),
        // -refresh-only has no resource_changes at all.
        ["refresh only"] = Plan(null, prior: [("aws_vpc.main", Vpc)], complete: false),
        ["nothing to do"] = Plan([Change("aws_vpc.main", "no-op", Vpc, Vpc), Change("aws_kms_key.k", "no-op", Key, Key)], prior: [("aws_vpc.main", Vpc), ("aws_kms_key.k", Key)]),
        // terraform plan ended with an error and wrote the file: the log is written, and was never planned.
        ["errored"] = Plan([Change("aws_vpc.main", "create", null, Vpc)], configured: ["aws_vpc.main", "aws_flow_log.main"], errored: true, complete: false),
        // Its for_each is known later: all instances, however many.
        ["deferred"] = Plan([Change("aws_vpc.main", "create", null, Vpc)], configured: ["aws_vpc.main", "aws_flow_log.main"], complete: false,
            deferred: """[{"reason":"instance_count_unknown","resource_change":{"address":"aws_flow_log.main[*]","mode":"managed","type":"aws_flow_log","name":"main","change":{"actions":["create"],"before":null,"after":{},"after_unknown":{}}}}]"""),
    };

    // Judged once for all tests.
    private static readonly Lazy<ScanReport> Report = new(Judge);

    [Theory]
    [InlineData("target", "vpc-flow-logs-active", "aws_vpc.main", null)]
    [InlineData("target", "kms-key-rotation", "aws_kms_key.k", FindingChange.Introduced)]
    [InlineData("target without log", "vpc-flow-logs-active", "aws_vpc.main", FindingChange.Existing)]
    [InlineData("forget", "vpc-flow-logs-active", "aws_vpc.main", null)]
    [InlineData("destroy", "vpc-flow-logs-active", "aws_vpc.main", FindingChange.Introduced)]
    [InlineData("import", "kms-key-rotation", "aws_kms_key.k", FindingChange.Existing)]
    [InlineData("refresh only", "vpc-flow-logs-active", "aws_vpc.main", FindingChange.Existing)]
    [InlineData("nothing to do", "vpc-flow-logs-active", "aws_vpc.main", FindingChange.Existing)]
    [InlineData("nothing to do", "kms-key-rotation", "aws_kms_key.k", FindingChange.Existing)]
    [InlineData("errored", "vpc-flow-logs-active", "aws_vpc.main", FindingChange.Unknown)]
    [InlineData("deferred", "vpc-flow-logs-active", "aws_vpc.main", FindingChange.Unknown)]
    public void Each_is_judged_for_what_it_says(string name, string check, string address, FindingChange? change) =>
        Assert.Equal(change, Report.Value.Findings.SingleOrDefault(one => one.Plan == name + ".json" && one.Check == check && one.Address == address)?.Change);

    [Theory]
    [InlineData("target", true, false)]
    [InlineData("refresh only", false, false)]
    [InlineData("errored", true, true)]
    [InlineData("deferred", true, false)]
    [InlineData("nothing to do", false, false)]
    public void And_that_it_tells_less_than_all_stands_in_the_report(string name, bool partial, bool errored)
    {
        var plan = Report.Value.Gate!.Plans.Single(one => one.Name == name + ".json");
        Assert.Equal((partial, errored), (plan.Incomplete.Count > 0, plan.Errored));
    }

    private static ScanReport Judge()
    {
        var folder = Directory.CreateTempSubdirectory("kinds");
        try
        {
            foreach (var (name, plan) in Plans)
                File.WriteAllText(Path.Combine(folder.FullName, name + ".json"), plan);
            using var run = new GateRun(new GateOptions { Plan = folder.FullName, Only = ["vpc-flow-logs-active", "kms-key-rotation"], Account = "111122223333" });
            return run.Run(new Silent(), TestContext.Current.CancellationToken);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static JsonObject Change(string address, string action, string? before, string? after, Action<JsonObject>? more = null)
    {
        var entry = new JsonObject
        {
            ["address"] = address,
            ["mode"] = "managed",
            ["type"] = address.Split('.')[0],
            ["name"] = address.Split('.')[1],
            ["change"] = new JsonObject
            {
                ["actions"] = new JsonArray(action),
                ["before"] = before is null ? null : JsonNode.Parse(before),
                ["after"] = after is null ? null : JsonNode.Parse(after),
                ["after_unknown"] = new JsonObject(),
                ["before_sensitive"] = new JsonObject(),
                ["after_sensitive"] = new JsonObject(),
            },
        };
        more?.Invoke(entry);
        return entry;
    }

    private static string Plan(
        JsonObject[]? changes, (string Address, string Values)[]? prior = null, string[]? configured = null, bool complete = true, bool errored = false, string? deferred = null)
    {
        var plan = new JsonObject { ["format_version"] = "1.2", ["terraform_version"] = "1.11.4", ["complete"] = complete, ["errored"] = errored, ["applyable"] = complete };
        if (changes is not null)
            plan["resource_changes"] = new JsonArray([.. changes]);
        if (deferred is not null)
            plan["deferred_changes"] = JsonNode.Parse(deferred);
        if (prior is not null)
        {
            plan["prior_state"] = new JsonObject
            {
                ["values"] = new JsonObject
                {
                    ["root_module"] = new JsonObject
                    {
                        ["resources"] = new JsonArray([.. prior.Select(one => new JsonObject
                        {
                            ["address"] = one.Address,
                            ["mode"] = "managed",
                            ["type"] = one.Address.Split('.')[0],
                            ["name"] = one.Address.Split('.')[1],
                            ["values"] = JsonNode.Parse(one.Values),
                        })]),
                    },
                },
            };
        }
        IEnumerable<string> written = configured ?? [.. (changes ?? []).Where(one => one["change"]!["actions"]![0]!.GetValue<string>() is not ("forget" or "delete")).Select(one => one["address"]!.GetValue<string>()), .. (prior ?? []).Select(one => one.Address)];
        plan["configuration"] = new JsonObject
        {
            ["provider_config"] = JsonNode.Parse("""{"aws":{"name":"aws","full_name":"registry.terraform.io/hashicorp/aws","expressions":{"region":{"constant_value":"eu-west-1"}}}}"""),
            ["root_module"] = new JsonObject
            {
                ["resources"] = new JsonArray([.. written.Distinct(StringComparer.Ordinal).Select(address => new JsonObject
                {
                    ["address"] = address,
                    ["mode"] = "managed",
                    ["type"] = address.Split('.')[0],
                    ["name"] = address.Split('.')[1],
                    ["provider_config_key"] = "aws",
                    ["expressions"] = new JsonObject(),
                })]),
            },
        };
        return plan.ToJsonString();
    }

    private sealed class Silent : IProgressSink
    {
        public void Report(string task, long done, long total)
        {
        }

        public void Note(string message)
        {
        }
    }
}
