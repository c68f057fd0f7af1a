using System.Text.Json.Nodes;
using Loopback;

namespace EndToEnd.Tests;

/// <summary>A gate that knows the rest of the account by the store of the last scan: what the frameworks' score is before and after.</summary>
public sealed class GateScanTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("gate");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task With_the_last_scan_the_gate_says_how_many_controls_hold_before_and_after()
    {
        Assert.Equal(0, (await RunAsync("scan", "--from", Path.Combine(Tools.Repository, "samples/acme"), "--framework", "cis-aws-5.0", "--store", "scan.duckdb", "--report", "json=scan.json")).Code);
        File.WriteAllText(Path.Combine(_folder.FullName, "plan.json"), """
            {"format_version": "1.2", "terraform_version": "1.11.4", "complete": true, "errored": false,
             "configuration": {"provider_config": {"aws": {"name": "aws", "full_name": "registry.terraform.io/hashicorp/aws", "expressions": {"region": {"constant_value": "us-east-1"}}}},
               "root_module": {"resources": [{"address": "aws_s3_account_public_access_block.this", "mode": "managed", "type": "aws_s3_account_public_access_block", "name": "this", "provider_config_key": "aws", "expressions": {}}]}},
             "resource_changes": [{"address": "aws_s3_account_public_access_block.this", "mode": "managed", "type": "aws_s3_account_public_access_block", "name": "this", "provider_name": "registry.terraform.io/hashicorp/aws",
               "change": {"actions": ["create"], "before": null, "after_unknown": {"id": true},
                 "after": {"block_public_acls": true, "block_public_policy": true, "ignore_public_acls": true, "restrict_public_buckets": true}}}]}
            """);
        var (code, output) = await RunAsync("gate", "plan.json", "--accounts", "111122223333", "--scan", "scan.duckdb", "--framework", "cis-aws-5.0", "--report", "json=gate.json", "--report", "markdown=gate.md");
        Assert.True(code == 0, output);

        var gate = Read("gate.json");
        // The benchmark asks for each bucket, and a setting of the account holds for all: the scan's two that had none are fixed.
        Assert.Equal(
            ["fixed s3-bucket-public-access-block arn:aws:s3:::acme-legacy-audit", "fixed s3-bucket-public-access-block arn:aws:s3:::acme-public-assets"],
            gate["findings"]!.AsArray().Select(one => $"{one!["change"]} {one["check"]} {one["resource"]}").Order(StringComparer.Ordinal));
        var score = Assert.Single(gate["gate"]!["scores"]!.AsArray())!;
        // Counted from the scan's own report, without the gate: a control fails with any of its checks.
        var scan = Read("scan.json")["findings"]!.AsArray();
        var controls = Controls(scan, "pass", "fail").ToHashSet();
        var failing = Controls(scan, "fail").ToHashSet();
        Assert.Equal((controls.Count, controls.Count - failing.Count), (score["judged"]!.GetValue<int>(), score["before"]!.GetValue<int>()));
        Assert.Equal(score["before"]!.GetValue<int>() + 1, score["after"]!.GetValue<int>());
    }

    [Fact]
    public async Task A_store_that_was_made_of_a_plan_is_no_scan_of_the_account()
    {
        File.WriteAllText(Path.Combine(_folder.FullName, "plan.json"), """{"format_version": "1.2", "resource_changes": [], "configuration": {}}""");
        await RunAsync("scan", "--from", "plan.json", "--only", "kms-key-rotation", "--store", "planned.duckdb", "--report", "json=r.json");
        var (code, output) = await RunAsync("gate", "plan.json", "--only", "kms-key-rotation", "--scan", "planned.duckdb");
        Assert.Equal(2, code);
        Assert.Contains("made of a plan", output, StringComparison.Ordinal);
    }

    private static IEnumerable<string> Controls(JsonArray findings, params string[] statuses) =>
        findings.Where(one => statuses.Contains(one!["status"]!.GetValue<string>()))
            .SelectMany(one => one!["controls"]!.AsArray().Select(control => control!.GetValue<string>())).Where(control => control.StartsWith("cis-aws-5.0/", StringComparison.Ordinal));

    private JsonNode Read(string name) => JsonNode.Parse(File.ReadAllText(Path.Combine(_folder.FullName, name)))!;

    private Task<(int Code, string Output)> RunAsync(params string[] arguments) => ScannerProgram.RunAsync(_folder.FullName, arguments);
}
