using System.Globalization;
using Scanner.Model;

namespace Detect.Tests;

/// <summary>Commands of a rule with the names of its event filled in: what is pasted must be about what happened, or say that it does not know.</summary>
public sealed class NextStepsTests
{
    private const string User = """{"type":"IAMUser","arn":"arn:aws:iam::111122223333:user/alice","userName":"alice","accessKeyId":"AKIAIOSFODNN7EXAMPLE"}""";
    private const string Session = """{"type":"AssumedRole","arn":"arn:aws:sts::111122223333:assumed-role/ROLE/carol","accessKeyId":"ASIAIOSFODNN7EXAMPLE","sessionContext":{"sessionIssuer":{"type":"Role","arn":"arn:aws:iam::111122223333:role/PATHROLE","userName":"ROLE"}}}""";

    private static string Filled(string step, string parameters, string response = "null", string identity = User, string name = "ModifySnapshotAttribute", string service = "ec2") =>
        Assert.Single(NextSteps.Of([step], Finding($$"""{"eventSource":"{{service}}.amazonaws.com","eventName":"{{name}}","awsRegion":"eu-west-1","recipientAccountId":"111122223333","userIdentity":{{identity}},"requestParameters":{{parameters}},"responseElements":{{response}}}""")));

    private static Finding Finding(string json) => new()
    {
        Check = "rule",
        Kind = FindingKind.Detection,
        Status = FindingStatus.Fail,
        Account = "111122223333",
        Region = "eu-west-1",
        Resource = "e",
        Severity = Severity.High,
        Event = json,
    };

    [Theory]
    [InlineData("`aws ec2 modify-snapshot-attribute --snapshot-id SNAP --operation-type remove`", """{"snapshotId":"snap-1"}""", "null", "`aws ec2 modify-snapshot-attribute --snapshot-id snap-1 --operation-type remove`")]
    [InlineData("`aws ssm cancel-command --command-id ID`", """{"documentName":"AWS-RunShellScript"}""", """{"command":{"commandId":"c-9"}}""", "`aws ssm cancel-command --command-id c-9`")]
    [InlineData("`aws ec2 revoke-security-group-ingress --group-id SG --security-group-rule-ids RULES`", """{"groupId":"sg-1"}""",
        """{"securityGroupRuleSet":{"items":[{"securityGroupRuleId":"sgr-1"},{"securityGroupRuleId":"sgr-2"}]}}""", "`aws ec2 revoke-security-group-ingress --group-id sg-1 --security-group-rule-ids sgr-1 sgr-2`")]
    [InlineData("`aws ec2 describe-network-interfaces --filters Name=group-id,Values=SG`", """{"groupId":"sg-1"}""", "null", "`aws ec2 describe-network-interfaces --filters Name=group-id,Values=sg-1`")]
    [InlineData("`aws rds modify-db-snapshot-attribute --db-snapshot-identifier SNAP --values-to-remove ACCOUNT`", """{"dBSnapshotIdentifier":"s","valuesToAdd":["999988887777"]}""", "null",
        "`aws rds modify-db-snapshot-attribute --db-snapshot-identifier s --values-to-remove 999988887777`")]
    public void What_an_option_asks_for_is_looked_up_in_the_request_and_in_the_reply(string step, string parameters, string response, string expected) =>
        Assert.Equal(expected, Filled(step, parameters, response));

    [Theory]
    [InlineData("`aws ecr put-image-tag-mutability --repository-name NAME --image-tag-mutability IMMUTABLE`", """{"repositoryName":"web","imageTagMutability":"MUTABLE"}""", "`aws ecr put-image-tag-mutability --repository-name web --image-tag-mutability IMMUTABLE`")]
    [InlineData("`aws ec2 create-flow-logs --resource-type VPC --resource-ids VPC`", """{"resourceType":"Subnet","vpcId":"vpc-1"}""", "`aws ec2 create-flow-logs --resource-type VPC --resource-ids vpc-1`")]
    public void Values_that_the_command_wants_stay(string step, string parameters, string expected) => Assert.Equal(expected, Filled(step, parameters));

    [Theory]
    [InlineData("`aws ec2 modify-snapshot-attribute --snapshot-id SNAP`", """{"items":[{"snapshotId":"snap-1"},{"snapshotId":"snap-2"}]}""")]
    [InlineData("`aws ec2 modify-snapshot-attribute --snapshot-id SNAP`", """{"snapshotId":"snap-1; rm -rf /"}""")]
    [InlineData("`aws ec2 modify-snapshot-attribute --snapshot-id SNAP`", """{"snapshotId":"--profile"}""")]
    [InlineData("`aws ec2 revoke-security-group-ingress --security-group-rule-ids RULES`", """{"securityGroupRuleIds":["sgr-1","$(id)"]}""")]
    [InlineData("`aws ssm cancel-command --command-id ID`", """{"documentName":"AWS-RunShellScript"}""")]
    public void What_is_not_certain_or_no_plain_name_stays_a_word(string step, string parameters) => Assert.Equal(step, Filled(step, parameters));

    [Fact]
    public void The_key_of_a_user_is_switched_off_and_the_sessions_of_a_role_are_revoked()
    {
        const string Step = "Stop who acted: `aws iam update-access-key --user-name USER --access-key-id KEY --status Inactive`";
        Assert.Equal("Stop who acted: `aws iam update-access-key --user-name alice --access-key-id AKIAIOSFODNN7EXAMPLE --status Inactive`", Filled(Step, """{"userName":"bob"}"""));
        var revoked = Filled(Step, "{}", identity: Session.Replace("PATHROLE", "team/deploy", StringComparison.Ordinal).Replace("ROLE", "deploy", StringComparison.Ordinal));
        Assert.StartsWith("Stop who acted: `aws iam put-role-policy --role-name deploy --policy-name AWSRevokeOlderSessions --policy-document '{", revoked, StringComparison.Ordinal);
        Assert.Contains("aws:TokenIssueTime", revoked, StringComparison.Ordinal);
        Assert.Equal("Stop who acted: IAM Identity Center > Users > the user > Active sessions > Delete",
            Filled(Step, "{}", identity: Session.Replace("PATHROLE", "aws-reserved/sso.amazonaws.com/AWSReservedSSO_Admin_1", StringComparison.Ordinal).Replace("ROLE", "AWSReservedSSO_Admin_1", StringComparison.Ordinal)));
        Assert.Equal(Step, Filled(Step, "{}", identity: Session.Replace("PATHROLE", "a`b", StringComparison.Ordinal)));
    }

    [Fact]
    public void The_document_that_revokes_sessions_is_one_argument_of_a_shell_with_the_time_of_the_moment()
    {
        if (!File.Exists("/bin/sh"))
            Assert.Skip("needs /bin/sh");
        var step = Filled("`aws iam update-access-key --user-name USER --access-key-id KEY`", "{}", identity: Session.Replace("ROLE", "deploy", StringComparison.Ordinal).Replace("PATH", "", StringComparison.Ordinal));
        using var shell = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo("/bin/sh", ["-c", "aws() { printf '%s\\n' \"$@\"; }; " + step.Trim('`')]) { RedirectStandardOutput = true, UseShellExecute = false })!;
        var arguments = shell.StandardOutput.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(["iam", "put-role-policy", "--role-name", "deploy", "--policy-name", "AWSRevokeOlderSessions", "--policy-document"], arguments[..^1]);
        using var policy = System.Text.Json.JsonDocument.Parse(arguments[^1]);
        var time = policy.RootElement.GetProperty("Statement")[0].GetProperty("Condition").GetProperty("DateLessThan").GetProperty("aws:TokenIssueTime").GetString()!;
        Assert.True(DateTimeOffset.TryParseExact(time, "yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out _), time);
    }

    [Theory]
    [InlineData("`aws cloudtrail start-logging --name TRAIL`", "cloudtrail", "StopLogging", """{"name":"arn:aws:cloudtrail:eu-west-1:111122223333:trail/main"}""", "`aws cloudtrail start-logging --name main`")]
    [InlineData("`aws eks disassociate-access-policy --cluster-name CLUSTER`", "eks", "AssociateAccessPolicy", """{"policyArn":"arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy"}""", "`aws eks disassociate-access-policy --cluster-name CLUSTER`")]
    public void What_was_touched_stands_for_an_option_that_asks_for_its_kind(string step, string service, string name, string parameters, string expected) =>
        Assert.Equal(expected, Filled(step, parameters, name: name, service: service));

    [Theory]
    [InlineData("""{"interface_id":"eni-1","srcaddr":"203.0.113.9"}""", "`aws ec2 describe-network-interfaces --network-interface-ids ENI`", "`aws ec2 describe-network-interfaces --network-interface-ids eni-1`")]
    [InlineData("""{"bucket":"logs","operation":"REST.GET.OBJECT"}""", "`aws s3api get-bucket-acl --bucket BUCKET`", "`aws s3api get-bucket-acl --bucket logs`")]
    public void Lines_of_other_logs_have_their_members_themselves(string json, string step, string expected) => Assert.Equal(expected, Assert.Single(NextSteps.Of([step], Finding(json))));
}
