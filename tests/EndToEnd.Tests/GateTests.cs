using System.Text.Json;
using System.Text.Json.Nodes;

namespace EndToEnd.Tests;

/// <summary><c>scanner gate</c> as people run it: a plan that introduces a fault, mends one, and holds a secret.</summary>
public sealed class GateTests : IDisposable
{
    private const string Secret = "correct-horse-battery";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("gate");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Only_what_the_plan_introduces_fails_and_everything_else_is_told()
    {
        Write("plan.json", Plan());
        Write("main.tf", """
            resource "aws_vpc" "main" {
              cidr_block = "10.0.0.0/16"
            }
            resource "aws_kms_key" "main" {
              enable_key_rotation = true
            }
            # scanner:ignore rds-public-access until 2999-12-31: a honeypot
            resource "aws_db_instance" "open" {
              publicly_accessible = true
            }
            resource "aws_s3_bucket" "secret" {}
            """);
        var (code, output) = await RunAsync("gate", "plan.json", "--source", ".", "--report", "json=r.json", "--report", "sarif=r.sarif", "--report", "markdown=r.md");
        Assert.True(code == 1, output);
        var report = JsonNode.Parse(Read("r.json"))!;
        var changes = report["findings"]!.AsArray().Where(one => one!["change"] is not null)
            .ToLookup(one => (one!["check"]!.GetValue<string>(), one["address"]!.GetValue<string>()), one => one!);
        var introduced = Assert.Single(changes[("vpc-flow-logs-active", "aws_vpc.main")]);
        Assert.Equal("introduced", introduced["change"]!.GetValue<string>());
        Assert.Equal(["aws_flow_log.main"], introduced["causes"]!.AsArray().Select(one => one!.GetValue<string>()));
        Assert.Equal("""{"file":"main.tf","line":1,"endLine":3}""", introduced["location"]!.ToJsonString());
        var fixedOne = Assert.Single(changes[("kms-key-rotation", "aws_kms_key.main")]);
        Assert.Equal(("fixed", 5), (fixedOne["change"]!.GetValue<string>(), fixedOne["location"]!["line"]!.GetValue<int>()));
        Assert.Empty(changes[("rds-public-access", "aws_db_instance.open")]);
        Assert.Contains(report["gate"]!["ignored"]!.AsArray(), one => one!["reason"]!.GetValue<string>() == "a honeypot");
        Assert.Equal("plan.json", report["gate"]!["plans"]![0]!["name"]!.GetValue<string>());
        Assert.Contains("fixes 1", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_the_plan_calls_sensitive_appears_nowhere()
    {
        Write("plan.json", Plan());
        var (_, output) = await RunAsync("gate", "plan.json", "--write-baseline", "known.txt", "--report", "json=r.json", "--report", "sarif=r.sarif", "--report", "markdown=r.md", "--report", "html=r.html", "--report", "csv=r.csv", "--report", "junit=r.xml", "--report", "ocsf=r.ocsf.json", "--report", "asff=r.asff.json");
        var (_, scanned) = await RunAsync("scan", "--from", "plan.json", "--store", "s.duckdb", "--report", "json=s.json");
        Assert.Contains("(sensitive)", Read("r.json"), StringComparison.Ordinal);
        foreach (var text in _folder.EnumerateFiles().Where(file => file.Name != "plan.json").Select(file => (file.Name, Text: File.ReadAllText(file.FullName, System.Text.Encoding.Latin1))).Append(("output", output + scanned)))
            Assert.False(text.Item2.Contains(Secret, StringComparison.Ordinal), text.Item1);
    }

    [Theory]
    [InlineData(0, "--fail-on", "critical")]
    [InlineData(1, "--fail-on", "medium")]
    [InlineData(0, "--only", "kms-key-rotation")]
    [InlineData(3, "--only", "kms-key-rotation", "errored")]
    [InlineData(1, "--only", "vpc-flow-logs-active", "errored")]
    public async Task The_exit_code_says_what_the_plan_introduces_and_an_errored_plan_is_never_clean(int expected, params string[] arguments)
    {
        var errored = arguments[^1] == "errored";
        Write("plan.json", Plan(errored));
        var (code, output) = await RunAsync(["gate", "plan.json", .. errored ? arguments[..^1] : arguments]);
        Assert.True(code == expected, output);
        Assert.Equal(errored, output.Contains("errored", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_baseline_is_the_way_in_for_a_stack_with_old_faults()
    {
        Write("plan.json", Plan());
        Assert.Equal(1, (await RunAsync("gate", "plan.json", "--write-baseline", "known.txt")).Code);
        Assert.Contains("\nvpc-flow-logs-active aws_vpc.main\n", Read("known.txt"), StringComparison.Ordinal);
        Assert.Equal(0, (await RunAsync("gate", "plan.json", "--gate-baseline", "known.txt")).Code);
    }

    [Fact]
    public async Task Nothing_judged_is_said_in_so_many_words()
    {
        Write("plan.json", """{"format_version":"1.2","resource_changes":[]}""");
        var (code, output) = await RunAsync("gate", "plan.json");
        Assert.Equal(0, code);
        Assert.Contains("0 AWS resources were judged", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("there is no such file", "gate", "missing.json")]
    [InlineData("name the plan", "gate")]
    [InlineData("needs a scan of the account", "scan", "--from", "plan.json", "--publish", "issues")]
    [InlineData("'issues' is not known", "gate", "plan.json", "--publish", "issues")]
    [InlineData("no such folder", "gate", "plan.json", "--source", "missing")]
    [InlineData("cannot be read", "gate", "plan.json", "--gate-baseline", "missing.txt")]
    public async Task Bad_input_is_one_line_and_exit_code_2(string message, params string[] arguments)
    {
        Write("plan.json", Plan());
        var (code, output) = await RunAsync(arguments);
        Assert.True(code == 2, output);
        Assert.Contains(message, Assert.Single(output.Split('\n'), line => line.StartsWith("scanner: ", StringComparison.Ordinal)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_of_plans_is_judged_plan_by_plan()
    {
        _folder.CreateSubdirectory("a");
        _folder.CreateSubdirectory("b");
        Write("a/tfplan.json", Plan());
        Write("b/tfplan.json", Plan());
        var (code, _) = await RunAsync("gate", ".", "--only", "vpc-flow-logs-active", "--report", "json=r.json");
        Assert.Equal(1, code);
        var report = JsonNode.Parse(Read("r.json"))!;
        Assert.Equal(["a/tfplan.json", "b/tfplan.json"], report["gate"]!["plans"]!.AsArray().Select(plan => plan!["name"]!.GetValue<string>()));
        Assert.Equal(["a/tfplan.json", "b/tfplan.json"], report["findings"]!.AsArray().Select(finding => finding!["plan"]!.GetValue<string>()).Order(StringComparer.Ordinal));
    }

    private static string Plan(bool errored = false)
    {
        static JsonObject Change(string address, string action, object? before, object? after, object? unknown = null, object? sensitive = null)
        {
            var (type, name) = (address.Split('.')[0], address.Split('.')[1]);
            return new JsonObject
            {
                ["address"] = address,
                ["mode"] = "managed",
                ["type"] = type,
                ["name"] = name,
                ["change"] = new JsonObject
                {
                    ["actions"] = new JsonArray(action),
                    ["before"] = JsonSerializer.SerializeToNode(before),
                    ["after"] = JsonSerializer.SerializeToNode(after),
                    ["after_unknown"] = JsonSerializer.SerializeToNode(unknown ?? new { }),
                    ["before_sensitive"] = JsonSerializer.SerializeToNode(sensitive ?? false),
                    ["after_sensitive"] = JsonSerializer.SerializeToNode(sensitive ?? new { }),
                },
            };
        }
        var vpc = new { id = "vpc-0a1b2c3d", arn = "arn:aws:ec2:eu-west-1:111122223333:vpc/vpc-0a1b2c3d", cidr_block = "10.0.0.0/16", region = "eu-west-1" };
        var database = new { id = "db-1", identifier = "open", arn = "arn:aws:rds:eu-west-1:111122223333:db:open", engine = "postgres", publicly_accessible = true, storage_encrypted = true, password = Secret, region = "eu-west-1" };
        object Key(bool rotation) => new { key_id = "k-1", id = "k-1", arn = "arn:aws:kms:eu-west-1:111122223333:key/k-1", is_enabled = true, enable_key_rotation = rotation, customer_master_key_spec = "SYMMETRIC_DEFAULT", key_usage = "ENCRYPT_DECRYPT", region = "eu-west-1" };
        var resources = new[] { "aws_vpc.main", "aws_kms_key.main", "aws_db_instance.open", "aws_s3_bucket.secret" }
            .Select(address => new JsonObject { ["address"] = address, ["mode"] = "managed", ["type"] = address.Split('.')[0], ["name"] = address.Split('.')[1], ["provider_config_key"] = "aws", ["expressions"] = new JsonObject() });
        return new JsonObject
        {
            ["format_version"] = "1.2",
            ["terraform_version"] = "1.11.4",
            ["resource_changes"] = new JsonArray(
                Change("aws_vpc.main", "no-op", vpc, vpc),
                Change("aws_flow_log.main", "delete", new { id = "fl-1", vpc_id = "vpc-0a1b2c3d", traffic_type = "ALL", log_destination_type = "s3", log_destination = "arn:aws:s3:::logs", region = "eu-west-1" }, null),
                Change("aws_kms_key.main", "update", Key(false), Key(true)),
                Change("aws_db_instance.open", "create", null, database, sensitive: new { password = true }),
                Change("aws_s3_bucket.secret", "create", null, new { bucket = Secret, region = "eu-west-1" }, new { id = true, arn = true }, new { bucket = true })),
            ["configuration"] = new JsonObject
            {
                ["provider_config"] = JsonNode.Parse("""{"aws":{"name":"aws","full_name":"registry.terraform.io/hashicorp/aws","expressions":{"region":{"constant_value":"eu-west-1"}}}}"""),
                ["root_module"] = new JsonObject { ["resources"] = new JsonArray([.. resources]) },
            },
            ["complete"] = !errored,
            ["errored"] = errored,
        }.ToJsonString();
    }

    private Task<(int Code, string Output)> RunAsync(params string[] arguments) => ScannerProgram.RunAsync(_folder.FullName, arguments);

    private void Write(string name, string text) => File.WriteAllText(Path.Combine(_folder.FullName, name), text);

    private string Read(string name) => File.ReadAllText(Path.Combine(_folder.FullName, name));
}
