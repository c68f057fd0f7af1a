using System.Text.Json;
using System.Text.RegularExpressions;
using Loopback;

namespace EndToEnd.Tests;

/// <summary>The second thing that a newcomer runs: the gate on the sample plan, as the README says it.</summary>
public sealed partial class SamplePlanTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("sample-plan");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task The_command_of_the_README_finds_two_introduced_one_fixed_and_one_unknown()
    {
        var readme = await File.ReadAllTextAsync(Path.Combine(Tools.Repository, "README.md"), TestContext.Current.CancellationToken);
        var arguments = Command().Match(readme).Groups["arguments"].Value.Split(' ');
        var json = Path.Combine(_folder.FullName, "r.json");
        var (code, output) = await ScannerProgram.StartAsync(Tools.Repository, [.. arguments, "--report", "json=" + json]);

        Assert.True(code == 1, output);
        Assert.Contains("This change introduces 2 problems and fixes 1; 1 cannot be told before apply.", output, StringComparison.Ordinal);
        using var report = JsonDocument.Parse(await File.ReadAllTextAsync(json, TestContext.Current.CancellationToken));
        Assert.Equal(
            [
                "existing ec2-default-security-group aws_vpc.shop samples/plans/shop/main.tf:18",
                "existing rds-instance-iam-authentication aws_db_instance.orders samples/plans/shop/main.tf:39",
                "existing rds-multi-az aws_db_instance.orders samples/plans/shop/main.tf:39",
                "existing route53-resolver-query-logging aws_vpc.shop samples/plans/shop/main.tf:18",
                "existing vpc-nacl-admin-ports aws_vpc.shop samples/plans/shop/main.tf:18",
                "fixed kms-key-rotation aws_kms_key.orders samples/plans/shop/main.tf:33",
                "introduced rds-public-access aws_db_instance.orders samples/plans/shop/main.tf:49",
                "introduced vpc-flow-logs-active aws_vpc.shop samples/plans/shop/main.tf:18",
                "unknown ec2-imdsv2 aws_instance.worker samples/plans/shop/main.tf:23",
            ],
            report.RootElement.GetProperty("findings").EnumerateArray()
                .Select(f => $"{f.GetProperty("change").GetString()} {f.GetProperty("check").GetString()} {f.GetProperty("address").GetString()} {f.GetProperty("location").GetProperty("file").GetString()}:{f.GetProperty("location").GetProperty("line").GetInt32()}")
                .Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_plan_and_its_source_tell_the_same()
    {
        using var plan = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Tools.Repository, "samples/plans/shop/plan.json")));
        var source = File.ReadAllText(Path.Combine(Tools.Repository, "samples/plans/shop/main.tf"));
        string[] Addresses(JsonElement resources) => [.. resources.EnumerateArray().Select(one => one.GetProperty("address").GetString()!).Order(StringComparer.Ordinal)];

        var written = Resource().Matches(source).Select(match => $"{match.Groups["type"].Value}.{match.Groups["name"].Value}").Order(StringComparer.Ordinal).ToArray();
        Assert.Equal(written, Addresses(plan.RootElement.GetProperty("configuration").GetProperty("root_module").GetProperty("resources")));
        Assert.Equal(written, Addresses(plan.RootElement.GetProperty("planned_values").GetProperty("root_module").GetProperty("resources")));
        Assert.Equal([.. written.Append("aws_flow_log.shop").Order(StringComparer.Ordinal)], Addresses(plan.RootElement.GetProperty("resource_changes")));
        // What the source says in so many words is what the plan has.
        foreach (var change in plan.RootElement.GetProperty("resource_changes").EnumerateArray().Where(one => one.GetProperty("change").GetProperty("after").ValueKind == JsonValueKind.Object))
        {
            var block = source.Split($"resource \"{change.GetProperty("type").GetString()}\" \"{change.GetProperty("name").GetString()}\"")[1].Split("\n}")[0];
            var after = change.GetProperty("change").GetProperty("after");
            Assert.All(Literal().Matches(block), match => Assert.Equal(match.Groups["value"].Value, after.GetProperty(match.Groups["name"].Value).GetRawText()));
        }
    }

    [GeneratedRegex("^dotnet run --project src/Scanner -- (?<arguments>gate \\S+.*)$", RegexOptions.Multiline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Command();

    [GeneratedRegex("^resource \"(?<type>[a-z0-9_]+)\" \"(?<name>[a-z]+)\" \\{", RegexOptions.Multiline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Resource();

    [GeneratedRegex("^  (?<name>[a-z_]+) += (?<value>\"[^\"]*\"|true|false|[0-9]+)$", RegexOptions.Multiline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Literal();
}
