using System.Text.Json;
using System.Text.Json.Nodes;
using Loopback;

namespace EndToEnd.Tests;

/// <summary>
/// Recorded accounts of other partitions, made of the sample account: its regions and ARNs are theirs, and the services that AWS does not have
/// there answer as the client puts it. Nothing else could not be read, so that nothing may be unknown.
/// </summary>
public sealed class OtherPartitionTests : IDisposable
{
    private const string Account = "444455556666";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("partition");

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData("aws-cn", "cn-north-1", "cn-northwest-1", "account detective macie2 shield")]
    [InlineData("aws-us-gov", "us-gov-west-1", "us-gov-east-1", "account cloudfront shield")]
    // Fewer services than any partition has.
    [InlineData("aws-eusc", "eusc-de-east-1", "", "account accessanalyzer cloudfront config guardduty inspector2 kafka organizations route53 securityhub wafv2")]
    public async Task A_scan_is_clean_of_unknowns_where_services_are_not_offered(string partition, string home, string second, string without)
    {
        var services = without.Split(' ');
        Make(partition, home, second, services);

        var (code, output) = await ScannerProgram.RunAsync(_folder.FullName, ["scan", "--from", "account", "--fail-on-unknown", "--report", "json=r.json"]);

        using var report = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(_folder.FullName, "r.json"), TestContext.Current.CancellationToken));
        var findings = report.RootElement.GetProperty("findings").EnumerateArray().ToList();
        Assert.Equal("", string.Join('\n', findings.Where(finding => Is(finding, "unknown")).Select(finding => $"{finding.GetProperty("check")} {finding.GetProperty("region")}: {finding.GetProperty("message")}")));
        Assert.True(code == 0, output);
        Assert.DoesNotContain("Could not be assessed", output, StringComparison.Ordinal);
        var collection = report.RootElement.GetProperty("collection").EnumerateArray().ToList();
        Assert.Contains(collection, row => Is(row, "not offered"));
        Assert.All(collection, row => Assert.Contains(row.GetProperty("status").GetString(), new[] { "ok", "not offered" }));
        // The rest of the account is judged as ever.
        Assert.Contains(findings, finding => Is(finding, "fail") && finding.GetProperty("check").GetString() == "ec2-ebs-default-encryption");
        var offered = findings.Where(finding => finding.GetProperty("message").GetString()!.StartsWith("Not offered here: ", StringComparison.Ordinal)).ToList();
        Assert.NotEmpty(offered);
        Assert.All(offered, finding => Assert.True(Is(finding, "not applicable")));
        if (services.Contains("guardduty", StringComparer.Ordinal))
            Assert.All(findings.Where(finding => finding.GetProperty("check").GetString() == "guardduty-enabled"), finding => Assert.True(Is(finding, "not applicable")));
    }

    private static bool Is(JsonElement row, string status) => row.GetProperty("status").GetString() == status;

    private void Make(string partition, string home, string second, string[] without)
    {
        var sample = Path.Combine(Tools.Repository, "samples", "acme");
        string Moved(string text) => (without.Contains("organizations", StringComparer.Ordinal)
                // Where there are no organizations, no trail is one's.
                ? text.Replace("\"IsOrganizationTrail\": true", "\"IsOrganizationTrail\": false", StringComparison.Ordinal).Replace("AWSLogs/o-acme1example/", "AWSLogs/", StringComparison.Ordinal)
                : text)
            .Replace("arn:aws:", $"arn:{partition}:", StringComparison.Ordinal)
            .Replace("us-east-1", home, StringComparison.Ordinal)
            .Replace("eu-west-1", second.Length > 0 ? second : home, StringComparison.Ordinal)
            // The trail of the organization is the account's own here, and its bucket too.
            .Replace("111122223333", Account, StringComparison.Ordinal)
            .Replace("acme-cloudtrail-logs", "acme-dev-artifacts", StringComparison.Ordinal);
        var target = Directory.CreateDirectory(Path.Combine(_folder.FullName, "account"));
        File.WriteAllText(Path.Combine(target.FullName, "scan.json"), new JsonObject
        {
            ["recorded_at"] = "2026-11-20T06:30:00Z",
            ["partition"] = partition,
            ["accounts"] = new JsonArray(new JsonObject { ["id"] = Account, ["name"] = "dev" }),
            ["regions"] = new JsonArray([.. new[] { home, second }.Where(region => region.Length > 0).Select(region => JsonValue.Create(region))]),
        }.ToJsonString());
        foreach (var (from, to) in new[] { ("us-east-1", home), ("eu-west-1", second) }.Where(pair => pair.Item2.Length > 0))
        {
            var folder = Directory.CreateDirectory(Path.Combine(target.FullName, Account, to));
            foreach (var file in Directory.GetFiles(Path.Combine(sample, Account, from)))
            {
                var name = Path.GetFileName(file);
                var text = Moved(File.ReadAllText(file));
                if (without.Contains(name.Split('.')[0], StringComparer.Ordinal))
                    text = Refused(text, name.Split('.')[0], to);
                File.WriteAllText(Path.Combine(folder.FullName, name), text);
            }
        }
        // The account manages the organization here, and is asked what its manager is asked.
        (string Region, string Name)[] asked =
        [
            (home, "iam.ListOrganizationsFeatures.json"), (home, "organizations.DescribeResourcePolicy.json"), (home, "organizations.ListDelegatedAdministrators.json"),
            // The bucket of the trail is this account's own too.
            (home, "s3.ListObjectsV2.json"),
            (home, "securityhub.ListOrganizationAdminAccounts.json"), (second, "securityhub.ListOrganizationAdminAccounts.json"),
        ];
        foreach (var (region, name) in asked.Where(one => one.Region.Length > 0))
        {
            // What two accounts were asked is one question now.
            var entries = JsonNode.Parse(Moved(File.ReadAllText(Path.Combine(sample, "111122223333", "us-east-1", name))))!.AsArray();
            var text = new JsonArray([.. entries.DistinctBy(entry => entry!["parameters"]?.ToJsonString()).Select(entry => entry!.DeepClone())]).ToJsonString();
            File.WriteAllText(Path.Combine(target.FullName, Account, region, name), without.Contains(name.Split('.')[0], StringComparer.Ordinal) ? Refused(text, name.Split('.')[0], home) : text);
        }
    }

    // Each question that the sample account was asked, answered as where the service has no endpoint.
    private static string Refused(string recorded, string service, string region)
    {
        var entries = JsonNode.Parse(recorded)!.AsArray();
        foreach (var entry in entries)
        {
            entry!.AsObject().Remove("reply");
            entry["error"] = new JsonObject { ["code"] = "EndpointNotFound", ["message"] = $"{service} has no endpoint in {region}." };
        }
        return entries.ToJsonString();
    }
}
