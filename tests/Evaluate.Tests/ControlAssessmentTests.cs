using Scanner.Catalog;
using Scanner.Evaluate;
using Scanner.Model;

namespace Evaluate.Tests;

/// <summary>What the findings of its checks make of a control.</summary>
public sealed class ControlAssessmentTests
{
    [Theory]
    [InlineData(ControlStatus.Fail, false, FindingStatus.Pass, FindingStatus.Unknown, FindingStatus.Fail)]
    [InlineData(ControlStatus.Unknown, false, FindingStatus.Pass, FindingStatus.Unknown, FindingStatus.Muted)]
    [InlineData(ControlStatus.Muted, false, FindingStatus.Pass, FindingStatus.Muted, FindingStatus.NotApplicable)]
    [InlineData(ControlStatus.Pass, false, FindingStatus.NotApplicable, FindingStatus.Pass)]
    [InlineData(ControlStatus.NotApplicable, false, FindingStatus.NotApplicable)]
    [InlineData(ControlStatus.Manual, true, FindingStatus.Pass)]
    [InlineData(ControlStatus.Fail, true, FindingStatus.Pass, FindingStatus.Fail)]
    [InlineData(ControlStatus.Unknown, true, FindingStatus.Unknown)]
    public void A_control_is_as_bad_as_its_worst_finding(ControlStatus expected, bool manual, params FindingStatus[] findings)
    {
        var control = new FrameworkControl("1", "t", ["a"]) { Manual = manual ? "look" : null };

        var result = Assess(control, [.. findings.Select(status => Found("a", status))]);

        Assert.Equal(expected, result.Status);
        Assert.Equal(findings.Length, result.Findings.Values.Sum());
        Assert.Equal(manual ? "look" : "", result.Reason);
    }

    [Fact]
    public void A_detection_that_fires_fails_no_control()
    {
        var control = new FrameworkControl("1", "t", ["a"]) { Detections = ["d"] };

        var result = Assess(control, Found("a", FindingStatus.Pass), Found("d", FindingStatus.Fail) with { Kind = FindingKind.Detection });

        Assert.Equal((ControlStatus.Pass, 0), (result.Status, result[FindingStatus.Fail]));
    }

    [Fact]
    public void A_control_without_checks_is_for_a_person_and_none_is_left_out()
    {
        var framework = new FrameworkDefinition("f", "F", "f.yml", [new("1", "a", ["a"]), new("2", "b", []) { Manual = "look" }, new("3", "c", ["b"])]);

        var result = ControlAssessment.Of(framework, [Found("a", FindingStatus.Fail)], new HashSet<string> { "a" });

        Assert.Equal([("1", ControlStatus.Fail), ("2", ControlStatus.Manual), ("3", ControlStatus.Unknown)], result.Controls.Select(control => (control.Id, control.Status)));
        Assert.Equal("Not selected: b", result.Controls[2].Reason);
        Assert.Equal((1, 1, 1, 0), (result[ControlStatus.Fail], result[ControlStatus.Manual], result[ControlStatus.Unknown], result[ControlStatus.Pass]));
    }

    private static ControlResult Assess(FrameworkControl control, params Finding[] findings) =>
        ControlAssessment.Of(new FrameworkDefinition("f", "F", "f.yml", [control]), findings, new HashSet<string> { "a" }).Controls.Single();

    private static Finding Found(string check, FindingStatus status) => new()
    {
        Check = check,
        Status = status,
        Severity = Severity.Low,
        Account = "111111111111",
        Region = "us-east-1",
        Resource = $"{check}-{status}",
        Message = "",
    };
}
