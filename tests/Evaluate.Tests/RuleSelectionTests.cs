using Scanner.Catalog;
using Scanner.Evaluate;
using Scanner.Model;
using static Evaluate.Tests.Samples;

namespace Evaluate.Tests;

public sealed class RuleSelectionTests
{
    private static readonly CheckCatalog Sample = CatalogOf(
        Check("select 1", ["aws_trail"], id: "iam-a", severity: Severity.Critical),
        Check("select 1", ["aws_trail"], id: "iam-b", severity: Severity.Low),
        Check("select 1", ["aws_trail"], id: "s3-a", severity: Severity.High)) with
    {
        Frameworks = new Dictionary<string, FrameworkDefinition>
        {
            ["cis-aws-5.0"] = new("cis-aws-5.0", "CIS", "f.yml", [new FrameworkControl("1.1", "t", ["iam-a"]) { Detections = ["0a1b"] }, new FrameworkControl("1.2", "t", ["iam-b"])]),
        },
        Detections = [new RuleFile("d.yml", "d.yml") { Ids = ["0a1b"] }],
    };

    private static IEnumerable<string> Ids(string? framework = null, Severity? least = null, params string[] ids) =>
        new RuleSelection(Sample, framework, least, ids).Checks(Sample).Select(check => check.Id);

    [Fact]
    public void Nothing_given_selects_everything() => Assert.Equal(["iam-a", "iam-b", "s3-a"], Ids());

    [Fact]
    public void A_framework_selects_the_checks_and_detections_of_its_controls()
    {
        Assert.Equal(["iam-a", "iam-b"], Ids("cis-aws-5.0"));
        Assert.True(new RuleSelection(Sample, "cis-aws-5.0").Includes(new RuleInfo { Id = "0a1b", Title = "", Severity = Severity.Low }));
        Assert.False(new RuleSelection(Sample, "cis-aws-5.0").Includes(new RuleInfo { Id = "other", Title = "", Severity = Severity.Low }));
    }

    [Fact]
    public void All_conditions_must_hold()
    {
        Assert.Equal(["iam-a", "s3-a"], Ids(least: Severity.High));
        Assert.Equal(["iam-a"], Ids(least: Severity.High, ids: "iam-*"));
        Assert.Equal(["iam-b", "s3-a"], Ids(ids: ["*-b", "s3-a"]));
    }

    [Fact]
    public void A_check_within_another_runs_where_that_one_does_not()
    {
        var whole = Check("select 1", ["aws_trail"], id: "whole", severity: Severity.High);
        var catalog = CatalogOf(whole, Check("select 1", ["aws_trail"], id: "part", severity: Severity.High) with { Within = "whole" }) with
        {
            Frameworks = new Dictionary<string, FrameworkDefinition>
            {
                ["letter"] = new("letter", "t", "f.yml", [new FrameworkControl("1", "t", ["part"])]),
                ["both"] = new("both", "t", "f.yml", [new FrameworkControl("1", "t", ["part", "whole"])]),
            },
        };

        Assert.Equal(["whole"], Of());
        Assert.Equal(["part"], Of("letter"));
        Assert.Equal(["whole"], Of("both"));
        Assert.Equal(["part"], Of(null, "pa*"));
        Assert.Equal(["whole"], Of(null, "pa*", "wh*"));

        IEnumerable<string> Of(string? framework = null, params string[] ids) => new RuleSelection(catalog, framework, null, ids).Checks(catalog).Select(check => check.Id);
    }

    [Fact]
    public void Names_that_do_not_exist_are_errors()
    {
        Assert.Contains("there are cis-aws-5.0", Assert.Throws<InputException>(() => Ids("cis-aws-9")).Message, StringComparison.Ordinal);
        Assert.Contains("'nothing-*'", Assert.Throws<InputException>(() => Ids(ids: "nothing-*")).Message, StringComparison.Ordinal);
        Assert.Empty(Ids(ids: "0a*"));
    }
}
