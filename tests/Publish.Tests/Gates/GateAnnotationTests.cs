using CsCheck;
using Publish.Tests.Text;
using Scanner.Model;
using Scanner.Publish.Actions;

namespace Publish.Tests.Gates;

/// <summary>Annotations of a gate, as the runner reads them from standard output, and the outputs of its step.</summary>
public sealed class GateAnnotationTests
{
    private static ScanReport Sample(string name) => SampleGate.All().First(sample => sample.Name == name).Report;

    [Fact]
    public void They_stand_on_the_line_of_the_block_in_the_repository()
    {
        var lines = Annotations.Of(Sample("mixed")).ToList();
        Assert.Equal("::error title=high%3A Security groups open administration ports to the internet (ec2-security-group-admin-ports),file=infra/net/main.tf,line=43,endLine=43::"
            + "Security group bastion opens port 22 to 0.0.0.0/0 (module.net.aws_vpc_security_group_ingress_rule.ssh)", lines[0]);
        Assert.Equal("::warning title=medium%3A VPCs have no active flow log (vpc-flow-logs-active),file=infra/network.tf,line=3,endLine=3::VPC main has no flow log (aws_vpc.main); by the change of aws_flow_log.main", lines[1]);
        Assert.StartsWith("::notice title=Not everything can be told before apply::1 answer", lines[2], StringComparison.Ordinal);
        Assert.Equal(3, lines.Count);
    }

    [Fact]
    public void Instances_of_one_block_are_one_annotation_on_the_deepest_line_that_is_in_the_repository()
    {
        var lines = Annotations.Of(Sample("instances")).ToList();
        Assert.Equal(2, lines.Count);
        Assert.Contains("file=infra/main.tf,line=7,", lines[0], StringComparison.Ordinal);
        Assert.EndsWith("; 3 instances; in module.net (terraform-aws-modules/vpc/aws)", lines[0], StringComparison.Ordinal);
        Assert.EndsWith("aws_vpc.other); in module.net (terraform-aws-modules/vpc/aws)", lines[1], StringComparison.Ordinal);
    }

    [Fact]
    public void Lines_of_the_diff_go_first_then_the_worst_and_ten_of_a_level_is_all()
    {
        Finding At(int i, RuleInfo rule, bool changed) => SampleGate.Of(rule, FindingChange.Introduced, $"aws_x.y{i}", $"number {i}", SampleGate.At("a.tf", i, i) with { IsInDiff = changed });
        var critical = SampleGate.Ssh with { Id = "critical", Severity = Severity.Critical };
        var report = SampleGate.Report([.. Enumerable.Range(1, 30).Select(i => At(i, i == 30 ? critical : SampleGate.Ssh, i is 20 or 21)), .. Enumerable.Range(50, 12).Select(i => At(i, SampleGate.FlowLogs, false)), .. Enumerable.Range(70, 12).Select(i => At(i, SampleGate.Bucket, false)), SampleGate.Policy]);
        var lines = Annotations.Of(report).ToList();

        var errors = lines.Where(l => l.StartsWith("::error", StringComparison.Ordinal)).ToList();
        Assert.Equal(10, errors.Count);
        Assert.Contains("number 20", errors[0], StringComparison.Ordinal);
        Assert.Contains("number 21", errors[1], StringComparison.Ordinal);
        Assert.Contains("number 30", errors[2], StringComparison.Ordinal);
        Assert.Contains("21 more problems", errors[9], StringComparison.Ordinal);
        Assert.Equal(10, lines.Count(l => l.StartsWith("::warning", StringComparison.Ordinal)));
        Assert.Equal(10, lines.Count(l => l.StartsWith("::notice", StringComparison.Ordinal)));
    }

    [Fact]
    public void What_has_no_line_is_said_without_a_file()
    {
        var lines = Annotations.Of(SampleGate.Report(SampleGate.NoFlowLog with { Location = null })).ToList();
        Assert.Equal("::warning title=Introduced%2C without a line in the repository::VPC main has no flow log: aws_vpc.main", Assert.Single(lines));
    }

    [Theory]
    [InlineData("errored", "::error title=The plan is not whole::")]
    [InlineData("targeted", "::warning title=The plan is partial::")]
    [InlineData("nothing-judged", "::warning title=0 AWS resources were judged::")]
    [InlineData("own-rules", "::warning title=This pull request changes what it is judged by::")]
    public void What_is_not_certainly_clean_says_so(string name, string begins) =>
        Assert.Contains(Annotations.Of(Sample(name)), line => line.StartsWith(begins, StringComparison.Ordinal));

    [Fact]
    public void A_clean_gate_has_none() => Assert.Empty(Annotations.Of(Sample("clean")));

    [Fact]
    public void Hostile_names_are_one_command_each() =>
        HostileText.Gen.Sample(text =>
        {
            var lines = Annotations.Of(SampleGate.Report(SampleGate.NoFlowLog with { Message = text, Address = text, CausedBy = [text], Location = new SourceLocation(text, 1, 1, text) }, SampleGate.NoFlowLog with { Location = null, Message = text })
                .With(gate => gate with { ChangesOwnRules = [text], Plans = [new GatePlan(text, text) { Incomplete = [text] }] })).ToList();
            Assert.All(lines, line => Assert.Matches("^::(error|warning) title=", line));
            Assert.All(lines, line => Assert.DoesNotContain(line, character => character is '\n' or '\r'));
        }, iter: 1_000);

    [Fact]
    public void Outputs_count_what_changes()
    {
        var outputs = StepOutputs.Values(Sample("mixed"), [], null, 1).ToDictionary(o => o.Name, o => o.Value, StringComparer.Ordinal);
        Assert.Equal(["2", "1", "0", "1", "1", "findings"], new[] { "introduced-count", "fixed-count", "removed-count", "existing-count", "unknown-count", "status" }.Select(name => outputs[name]));
        Assert.Equal("incomplete", StepOutputs.Values(Sample("errored"), [], null, 3).First(o => o.Name == "status").Value);
        Assert.Equal("clean", StepOutputs.Values(Sample("clean"), [], null, 0).First(o => o.Name == "status").Value);
    }

    [Fact]
    public void The_summary_of_the_job_says_what_the_comment_says_with_more_rows()
    {
        var text = StepSummary.Compose(Sample("many"), ["out/report.json"], null, 1_000_000);
        Assert.StartsWith("### 🔴 Scanner: this change introduces 60 problems", text, StringComparison.Ordinal);
        Assert.Contains("Security group s59 opens", text, StringComparison.Ordinal);
    }
}
