using Scanner.Model;
using static Evaluate.Tests.Samples;

namespace Evaluate.Tests;

public sealed class CheckEvaluatorTests
{
    [Fact]
    public void Rows_become_findings_with_what_the_rule_says()
    {
        var findings = Judge(TrailCheck, [Ok(Trail, "us-east-1")], TrailItem("us-east-1", "a", true), TrailItem("us-east-1", "b", false));

        Assert.Equal(["us-east-1 a pass", "us-east-1 b fail"], Short(findings));
        Assert.All(findings, finding =>
        {
            Assert.Equal(Severity.High, finding.Severity);
            Assert.Equal(["cis/1.1"], finding.Controls);
            Assert.Equal(["T1685.002"], finding.Mitre);
            Assert.Empty(finding.Causes);
        });
        Assert.Equal("Trail b", findings[1].Message);
    }

    [Fact]
    public void A_region_without_resources_is_not_applicable()
    {
        var findings = Judge(TrailCheck, [Ok(Trail, "us-east-1"), Ok(Trail, "eu-west-1")], TrailItem("us-east-1", "a", true));

        Assert.Equal([$"eu-west-1 {A} not applicable", "us-east-1 a pass"], Short(findings));
        Assert.Equal("No trail in this region", findings[0].Message);
    }

    [Fact]
    public void A_denied_list_makes_the_region_unknown_with_operation_and_reason_beside_what_was_read()
    {
        var findings = Judge(TrailCheck, [Denied(Trail, "us-east-1"), Ok(Trail, "eu-west-1")],
            TrailItem("us-east-1", "a", true), TrailItem("us-east-1", "b", false), TrailItem("eu-west-1", "c", true));

        // A row that was read is what it is, however many could not be.
        Assert.Equal(["eu-west-1 c pass", $"us-east-1 {A} unknown", "us-east-1 a pass", "us-east-1 b fail"], Short(findings));
        Assert.Equal("aws_trail could not be read in us-east-1: svc:List was denied (AccessDenied: no)", findings[1].Message);
        Assert.Equal(Denied(Trail, "us-east-1"), Assert.Single(findings[1].Causes));
    }

    [Fact]
    public void A_table_that_nobody_collected_is_unknown_not_empty()
    {
        var findings = Judge(TrailCheck, [Ok(Vpc, "us-east-1")]);

        Assert.Equal([$"us-east-1 {A} unknown"], Short(findings));
        Assert.Contains("was not collected", findings[0].Message, StringComparison.Ordinal);
    }
}
