using Scanner.Catalog;
using Scanner.Evaluate.Gates;
using Scanner.Model;

namespace Evaluate.Tests.Gates;

public sealed class InlineIgnoreTests
{
    private static readonly CheckCatalog Catalog = CatalogLoader.Load([Path.Combine(Loopback.Tools.Repository, "checks")], BuiltInTables.All);
    private static readonly SourceLocation At = new("net.tf", 3, 3);

    private readonly InlineIgnores _ignores = new(Catalog, new DateOnly(2026, 11, 27), foreign: true);

    [Theory]
    [InlineData("scanner:ignore vpc-flow-logs-active until 2027-03-31: sandbox, nothing runs in it", "sandbox, nothing runs in it (scanner:ignore until 2027-03-31, net.tf:3)")]
    [InlineData("scanner:ignore vpc-flow-logs-* until 2026-11-27: last day", "last day (scanner:ignore until 2026-11-27, net.tf:3)")]
    [InlineData("scanner:ignore kms-key-rotation, vpc-flow-logs-active until 2027-03-31: both", "both (scanner:ignore until 2027-03-31, net.tf:3)")]
    [InlineData("checkov:skip=CKV2_AWS_11:sandbox", "sandbox (checkov:skip CKV2_AWS_11, net.tf:3)")]
    [InlineData("checkov:skip=CKV_AWS_1,CKV2_AWS_11: sandbox", "sandbox (checkov:skip CKV2_AWS_11, net.tf:3)")]
    [InlineData("checkov:skip=CKV2_AWS_11", "no reason given (checkov:skip CKV2_AWS_11, net.tf:3)")]
    [InlineData("trivy:ignore:AVD-AWS-0178", "no reason given (trivy:ignore AVD-AWS-0178, net.tf:3)")]
    [InlineData("trivy:ignore:AWS-0178 sandbox", "sandbox (trivy:ignore AWS-0178, net.tf:3)")]
    [InlineData("trivy:ignore:aws-s3-enable-logging trivy:ignore:aws-ec2-require-vpc-flow-logs-for-all-vpcs:exp:2027-01-01", "no reason given (trivy:ignore aws-ec2-require-vpc-flow-logs-for-all-vpcs until 2027-01-01, net.tf:3)")]
    [InlineData("tfsec:ignore:AVD-AWS-0178", "no reason given (trivy:ignore AVD-AWS-0178, net.tf:3)")]
    public void A_comment_silences_what_it_names_and_its_words_are_shown(string comment, string reason)
    {
        var found = _ignores.Apply(Vpc(), [(comment, At)]);
        Assert.Equal((FindingStatus.Muted, null, reason), (found.Status, found.Change, found.MutedReason));
        Assert.Equal("aws_vpc.main", Assert.Single(_ignores.Applied).Address);
        Assert.Empty(_ignores.Notes);
    }

    [Theory]
    [InlineData("scanner:ignore vpc-flow-logs-active: no day", "the last day and the reason are required")]
    [InlineData("scanner:ignore vpc-flow-logs-active until 2027-03-31:", "the last day and the reason are required")]
    [InlineData("scanner:ignore", "the last day and the reason are required")]
    [InlineData("scanner:ignore vpc-flow-logs-active until soon: why", "'soon' is no day")]
    [InlineData("scanner:ignore vpc-flow-log-active until 2027-03-31: why", "did you mean 'vpc-flow-logs-active'")]
    [InlineData("scanner:ignore vpc-flow-logs-active until 2026-11-26: why", "expired on 2026-11-26")]
    [InlineData("trivy:ignore:AVD-AWS-0178:exp:2026-01-01", "expired on 2026-01-01")]
    [InlineData("checkov:skip=CKV_AWS_18:another fault", null)]
    [InlineData("scanner:ignore kms-key-rotation until 2027-03-31: another fault", null)]
    [InlineData("we once said checkov:skip=CKV2_AWS_11:here", null)]
    public void One_that_does_not_apply_changes_nothing_and_is_told(string comment, string? note)
    {
        Assert.Equal(FindingStatus.Fail, _ignores.Apply(Vpc(), [(comment, At)]).Status);
        if (note is null)
            Assert.Empty(_ignores.Notes);
        else
            Assert.Contains(note, Assert.Single(_ignores.Notes), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("scanner:ignore ec2-security-group-admin-ports until 2027-03-31: bastion")]
    [InlineData("checkov:skip=CKV_AWS_24:bastion")]
    public void A_comment_about_a_check_is_about_the_checks_within_it(string comment) =>
        Assert.Equal(FindingStatus.Muted, _ignores.Apply(Vpc() with { Check = "ec2-security-group-admin-ports-ipv4" }, [(comment, At)]).Status);

    [Fact]
    public void Skips_of_other_tools_can_be_switched_off()
    {
        var own = new InlineIgnores(Catalog, new DateOnly(2026, 11, 27), foreign: false);
        Assert.Equal(FindingStatus.Fail, own.Apply(Vpc(), [("checkov:skip=CKV2_AWS_11:sandbox", At), ("trivy:ignore:AVD-AWS-0178", At)]).Status);
    }

    [Fact]
    public void Nobody_can_ignore_what_nobody_knows() =>
        Assert.Equal(FindingStatus.Unknown, _ignores.Apply(Vpc() with { Status = FindingStatus.Unknown }, [("checkov:skip=CKV2_AWS_11:sandbox", At)]).Status);

    [Fact]
    public void A_baseline_makes_known_faults_existing_and_is_read_back_as_written()
    {
        var path = Path.GetTempFileName();
        try
        {
            GateBaseline.Write(path, [Vpc(), Vpc() with { Change = FindingChange.Existing, Address = "aws_vpc.old" }, Vpc() with { Status = FindingStatus.Muted, Address = "aws_vpc.muted" }]);
            Assert.Equal(["vpc-flow-logs-active aws_vpc.main", "vpc-flow-logs-active aws_vpc.old"], File.ReadAllLines(path).Skip(1));
            var baseline = GateBaseline.Read(path);
            Assert.Equal(FindingChange.Existing, baseline.Apply(Vpc()).Change);
            Assert.Equal(FindingChange.Introduced, baseline.Apply(Vpc() with { Address = "aws_vpc.new" }).Change);
            Assert.Equal(FindingChange.Introduced, baseline.Apply(Vpc() with { Plan = "other/plan.json" }).Change);
            File.WriteAllText(path, "# comment\n\nrubbish\n");
            Assert.Contains(":3: 'rubbish' is not CHECK ADDRESS", Assert.Throws<InputException>(() => GateBaseline.Read(path)).Message, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void Every_id_of_another_tool_is_named_as_that_tool_writes_it() =>
        Assert.All(Catalog.Equivalents, one => Assert.Matches(one.Tool == "checkov" ? "^CKV2?_AWS_[0-9]+$" : "^(AVD-AWS-[0-9]{4}|aws-[a-z0-9-]+)$", one.Id));

    private static Finding Vpc() => new()
    {
        Check = "vpc-flow-logs-active",
        Status = FindingStatus.Fail,
        Severity = Severity.Medium,
        Account = "111122223333",
        Region = "eu-west-1",
        Resource = "vpc-1",
        Address = "aws_vpc.main",
        Change = FindingChange.Introduced,
    };
}
