using System.Text.Json;
using System.Text.Json.Nodes;
using Loopback;

namespace EndToEnd.Tests;

/// <summary><c>scan --terraform-state --source</c>: what a state says is whose block stands there, and everything else where it stood.</summary>
public sealed class TerraformStateTests : IDisposable
{
    private const string Secret = "correct-horse-battery";
    private const string Trail = "arn:aws:cloudtrail:eu-west-1:111122223333:trail/legacy-audit";
    private const string Bucket = "arn:aws:s3:::acme-legacy-audit";
    private const string Twice = "arn:aws:s3:::acme-hr-documents";
    private const string Policy = "arn:aws:s3:::acme-public-assets";
    private const string Gone = "arn:aws:s3:::acme-access-logs";
    private const string Downloaded = "arn:aws:s3:::acme-vpc-flow-logs";
    private const string Group = "sg-08e638d22826614b1";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("terraform-state");

    public TerraformStateTests()
    {
        Write("main.tf", """
            # Logs.
            resource "aws_cloudtrail" "legacy" {
              name = "legacy-audit"
            }

            module "audit" {
              source = "./audit"
            }

            module "flow_logs" {
              source  = "terraform-aws-modules/s3-bucket/aws"
              version = "5.0.0"
            }
            resource "aws_s3_bucket" "one" {}
            resource "aws_s3_bucket" "two" {}
            resource "aws_s3_bucket_policy" "assets" {}
            resource "aws_security_group" "admin" {
            }
            """);
        Write("audit/bucket.tf", """
            resource "aws_s3_bucket" "logs" {
              for_each = toset(["a.b"])
              bucket   = "acme-legacy-audit"
            }
            """);
        Write(".terraform/modules/modules.json", """{"Modules":[{"Key":"","Dir":"."},{"Key":"flow_logs","Dir":".terraform/modules/flow_logs"}]}""");
        Write(".terraform/modules/flow_logs/main.tf", """resource "aws_s3_bucket" "this" {}""");
    }

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData("shown")]
    [InlineData("file")]
    public async Task A_result_stands_at_the_block_of_exactly_one_resource_of_the_state(string kind)
    {
        Write("state.json", kind == "shown" ? Shown(Resources("eu-west-1")) : FileOf(Resources("eu-west-1")));
        var (code, output) = await ScanAsync("--terraform-state", "state.json", "--source", ".");
        Assert.True(code == 0, output);
        var places = Places();
        Assert.Equal(["main.tf:2-4"], places[Trail]);
        Assert.Equal(["audit/bucket.tf:1-4"], places[Bucket]);
        Assert.Equal(["main.tf:10-13"], places[Downloaded]);
        Assert.Equal(["main.tf:17-18"], places[Group]);
        // Two with one ARN, the policy of a bucket that others manage, a block that is gone, and an account as a whole.
        foreach (var name in (string[])[Twice, Policy, Gone, "111122223333"])
            Assert.Equal(["README.md:1-1"], places[name]);
        Assert.Contains("1 of 7 resources are not written in --source .", output, StringComparison.Ordinal);
        Assert.Contains(Findings(), one => one["resource"]!.GetValue<string>() == Downloaded && one["location"]!["module"]!.GetValue<string>() == "in module.flow_logs (terraform-aws-modules/s3-bucket/aws)");
        Assert.Equal("""{"file":"main.tf","line":2,"endLine":4}""", Findings().First(one => one["resource"]!.GetValue<string>() == Trail)["location"]!.ToJsonString());
        foreach (var file in _folder.EnumerateFiles().Where(file => file.Name != "state.json"))
            Assert.DoesNotContain(Secret, await File.ReadAllTextAsync(file.FullName, System.Text.Encoding.Latin1, TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_alert_keeps_its_key_and_an_id_of_another_region_is_another_resource()
    {
        var (_, before) = await ScanAsync();
        var keys = Results().Select(Key).Order(StringComparer.Ordinal).ToList();
        Assert.True(keys.Count > 20, before);
        Assert.All(Places(), place => Assert.Equal(["README.md:1-1"], place.Value));
        Write("state.json", Shown(Resources("ap-southeast-2")));
        var (_, output) = await ScanAsync("--terraform-state", "state.json", "--source", ".");
        Assert.Equal(keys, Results().Select(Key).Order(StringComparer.Ordinal));
        Assert.Equal(["main.tf:2-4"], Places()[Trail]);
        Assert.True(Places()[Group] is ["README.md:1-1"], output);

        static string Key(JsonNode result) => result["partialFingerprints"]!["primaryLocationLineHash"]!.GetValue<string>();
    }

    [Fact]
    public async Task Each_state_has_a_folder_of_its_own_where_there_are_several()
    {
        Write("a/main.tf", """resource "aws_cloudtrail" "this" {}""");
        Write("b/main.tf", "\nresource \"aws_s3_bucket\" \"this\" {}");
        Write("a.json", Shown(("", "managed", "aws_cloudtrail", "this", null, Trail, "x", false)));
        Write("b.json", FileOf(("", "managed", "aws_s3_bucket", "this", null, Bucket, "x", false)));
        var (code, output) = await ScanAsync("--terraform-state", "a.json", "--source", "a", "--terraform-state", "b.json", "--source", "b");
        Assert.True(code == 0, output);
        Assert.Equal(["a/main.tf:1-1"], Places()[Trail]);
        Assert.Equal(["b/main.tf:2-2"], Places()[Bucket]);
    }

    [Theory]
    [InlineData("", "is no Terraform state")]
    [InlineData("{", "is cut off")]
    [InlineData("[]", "is no Terraform state")]
    [InlineData("""{"a":1}""", "is no Terraform state")]
    [InlineData("""{"format_version":"1.0"}{}""", "holds several JSON documents")]
    [InlineData("""{"format_version":"1.2","resource_changes":[]}""", "this is a plan, not a state")]
    [InlineData("""{"version":3,"modules":[]}""", "version '3' is not known (4 is)")]
    [InlineData("""{"format_version":"2.0"}""", "format_version '2.0' is not known")]
    [InlineData("""{"version":4,"encrypted_data":"x"}""", "this state is encrypted")]
    [InlineData("""{"format_version":"1.0","values":{"root_module":{"resources":[{"mode":"managed"}]}}}""", "has no address")]
    [InlineData("""{"version":4,"resources":[{"mode":"managed","type":"a\u001b\n","instances":[{}]}]}""", "which is none")]
    [InlineData(null, "there is no such file")]
    public async Task What_is_no_state_is_said_in_one_line(string? text, string expected)
    {
        if (text is not null)
            Write("state.json", text);
        var (code, output, error) = await ScannerProgram.RunSplitAsync(_folder.FullName, ["scan", "--from", Path.Combine(Tools.Repository, "samples/acme"), "--terraform-state", "state.json", "--source", "."]);
        Assert.True(code == 2, output + error);
        Assert.Contains("--terraform-state state.json: ", error, StringComparison.Ordinal);
        Assert.Contains(expected, error, StringComparison.Ordinal);
        Assert.Single(error.TrimEnd().Split('\n'));
    }

    [Theory]
    [InlineData("add --source DIR", "--terraform-state", "s.json")]
    [InlineData("add --terraform-state FILE", "--source", ".")]
    [InlineData("--source is there 2 times and --terraform-state 3 times", "--terraform-state", "s", "--terraform-state", "s", "--terraform-state", "s", "--source", ".", "--source", ".")]
    [InlineData("--source nowhere: there is no such folder", "--terraform-state", "s", "--source", "nowhere")]
    public async Task State_and_source_go_together(string expected, params string[] arguments)
    {
        var (code, output) = await ScanAsync(arguments);
        Assert.True(code == 2 && output.Contains(expected, StringComparison.Ordinal), output);
    }

    // Module, mode, type, name, key, ARN, id; true for an object that is deposed.
    private static (string Module, string Mode, string Type, string Name, object? Key, string Arn, string Id, bool Deposed)[] Resources(string region)
    {
        var group = $"arn:aws:ec2:{region}:111122223333:security-group/{Group}";
        return
        [
            ("", "managed", "aws_cloudtrail", "legacy", null, Trail, "legacy-audit", false),
            ("", "data", "aws_cloudtrail", "legacy", null, Trail, "legacy-audit", false),
            ("", "managed", "aws_s3_bucket", "one", null, Twice, "x", false),
            ("", "managed", "aws_s3_bucket", "two", null, Twice, "x", false),
            ("", "managed", "aws_s3_bucket", "gone", null, Gone, "x", false),
            ("", "managed", "aws_s3_bucket_policy", "assets", null, Policy, "x", false),
            ("", "managed", "aws_security_group", "admin", null, group, Group, false),
            ("", "managed", "aws_security_group", "admin", null, group, Group, true),
            ("module.audit", "managed", "aws_s3_bucket", "logs", "a.b", Bucket, "x", false),
            ("module.flow_logs", "managed", "aws_s3_bucket", "this", 0, Downloaded, "x", false),
        ];
    }

    // What terraform show -json writes.
    private static string Shown(params (string Module, string Mode, string Type, string Name, object? Key, string Arn, string Id, bool Deposed)[] resources)
    {
        var modules = resources.ToLookup(one => one.Module, one => new Dictionary<string, object?>
        {
            ["address"] = $"{(one.Module.Length > 0 ? one.Module + "." : "")}{(one.Mode == "data" ? "data." : "")}{one.Type}.{one.Name}{(one.Key is string text ? $"[\"{text}\"]" : one.Key is { } number ? $"[{number}]" : "")}",
            ["mode"] = one.Mode,
            [one.Deposed ? "deposed_key" : "provider_name"] = "1234abcd",
            ["values"] = new { arn = one.Arn, id = one.Id, password = Secret },
            ["sensitive_values"] = new { password = true },
        });
        return JsonSerializer.Serialize(new
        {
            format_version = "1.0",
            values = new
            {
                outputs = new { password = new { value = Secret } },
                root_module = new { resources = modules[""], child_modules = modules.Where(module => module.Key.Length > 0).Select(module => new { address = module.Key, resources = module }) },
            },
        });
    }

    // A terraform.tfstate.
    private static string FileOf(params (string Module, string Mode, string Type, string Name, object? Key, string Arn, string Id, bool Deposed)[] resources) => JsonSerializer.Serialize(new
    {
        version = 4,
        serial = 3,
        outputs = new { password = new { value = Secret } },
        resources = resources.Select(one => new
        {
            module = one.Module,
            mode = one.Mode,
            type = one.Type,
            name = one.Name,
            instances = new[] { new Dictionary<string, object?> { ["index_key"] = one.Key, [one.Deposed ? "deposed" : "schema_version"] = "1234abcd", ["attributes"] = new { arn = one.Arn, id = one.Id, password = Secret } } },
        }),
    });

    private Task<(int Code, string Output)> ScanAsync(params string[] arguments) => ScannerProgram.RunAsync(
        _folder.FullName,
        [
            "scan", "--from", Path.Combine(Tools.Repository, "samples/acme"), "--only", "cloudtrail-*,s3-*,ec2-security-group-*", "--report", "sarif=r.sarif", "--report", "json=r.json", "--report", "csv=r.csv",
            "--report", "junit=r.xml", "--report", "ocsf=r.ocsf", "--report", "html=r.html", "--report", "markdown=r.md", "--store", "s.duckdb", .. arguments,
        ]);

    private IEnumerable<JsonNode> Results() =>
        JsonNode.Parse(Read("r.sarif"))!["runs"]!.AsArray().SelectMany(run => run!["results"]!.AsArray()).Select(result => result!);

    private Dictionary<string, string[]> Places() => Results()
        .GroupBy(result => result["properties"]!["resource"]!.GetValue<string>(), result => result["locations"]![0]!["physicalLocation"]!, StringComparer.Ordinal)
        .ToDictionary(group => group.Key, group => group.Select(Place).Distinct(StringComparer.Ordinal).ToArray(), StringComparer.Ordinal);

    private static string Place(JsonNode physical)
    {
        var line = physical["region"]!["startLine"]!.GetValue<int>();
        return $"{physical["artifactLocation"]!["uri"]}:{line}-{physical["region"]!["endLine"]?.GetValue<int>() ?? line}";
    }

    private IEnumerable<JsonNode> Findings() => JsonNode.Parse(Read("r.json"))!["findings"]!.AsArray().Select(one => one!);

    private string Read(string file) => File.ReadAllText(Path.Combine(_folder.FullName, file));

    private void Write(string file, string text)
    {
        var path = Path.Combine(_folder.FullName, file);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }
}
