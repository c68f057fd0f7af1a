using System.Text.Json.Nodes;
using Scanner.Catalog;
using Scanner.Collect.Recording;
using Scanner.Model;

namespace Collect.Tests.Recording;

/// <summary>What of a reply is secret, by the tables, by names, and by the form of texts.</summary>
public sealed class SecretMembersTests
{
    private static readonly SecretMembers Undeclared = new([]);

    [Theory]
    [InlineData("""{"UserData": {"Value": "x"}, "Reservations": [{"UserData": "s3cret"}]}""", "s3cret")]
    [InlineData("""{"taskDefinition": {"containerDefinitions": [{"environment": [{"name": "DB", "value": "s3cret"}]}]}}""", "s3cret")]
    [InlineData("""{"projects": [{"environment": {"environmentVariables": [{"name": "A", "value": "s3cret", "type": "PLAINTEXT"}]}}]}""", "s3cret")]
    [InlineData("""{"Configuration": {"Environment": {"Variables": {"A": "s3cret"}}}}""", "s3cret")]
    [InlineData("""{"DBInstances": [{"PendingModifiedValues": {"MasterUserPassword": "s3cret"}}]}""", "s3cret")]
    public void Members_that_are_secret_in_every_service_are_replaced_though_no_table_says_so(string reply, string secret)
    {
        var original = (JsonObject)JsonNode.Parse(reply)!;

        var kept = Undeclared.Without("any", "Any", original);

        Assert.DoesNotContain(secret, kept.ToJsonString(), StringComparison.Ordinal);
        Assert.Contains(SecretText.Mark, kept.ToJsonString(), StringComparison.Ordinal);
        Assert.True(JsonNode.DeepEquals(original, JsonNode.Parse(reply)), "the reply itself was changed");
    }

    [Fact]
    public void Names_of_variables_stay()
    {
        var kept = Undeclared.Without("ecs", "DescribeTaskDefinition", (JsonObject)JsonNode.Parse("""{"environment": [{"name": "DB", "value": "s3cret"}]}""")!);

        Assert.Equal("""{"environment":[{"name":"DB","value":"(redacted)"}]}""", kept.ToJsonString());
    }

    [Theory]
    [InlineData("""{"PasswordPolicy": {"MinimumPasswordLength": 14}, "Password": true, "PasswordLastUsed": "2026-01-01", "AuthTokenEnabled": true}""")]
    [InlineData("""{"Policy": "{\"Condition\":{\"StringEquals\":{\"aws:PrincipalTag/team\":\"secret-keepers\",\"aws:UserAgent\":\"password\"}}}", "filterPattern": "{ ($.eventName = ConsoleLogin) && ($.errorMessage = \"Failed authentication\") }"}""")]
    [InlineData("""{"SecretArn": "arn:aws:secretsmanager:us-east-1:111111111111:secret:db-AbCdEf", "KmsKeyId": "arn:aws:kms:us-east-1:111111111111:key/1", "url": "https://example.com:8443/a@b", "Digest": "sha256:aabbccddeeff00112233445566778899aabbccddeeff00112233445566778899"}""")]
    [InlineData("""{"AccessKeyMetadata": [{"AccessKeyId": "AKIAQ3EGSACTED222222", "Status": "Active"}]}""")]
    public void What_is_no_secret_is_the_same_object(string reply)
    {
        var original = (JsonObject)JsonNode.Parse(reply)!;

        Assert.Same(original, Undeclared.Without("any", "Any", original));
    }

    [Fact]
    public void What_a_table_names_is_replaced_in_every_list_on_the_way_and_nothing_else()
    {
        Assert.True(ItemPath.TryParse("Things", out var items));
        Assert.True(ItemPath.TryParse("Inner.Notes", out var path));
        var secrets = new SecretMembers(
        [
            BuiltInTables.All.First() with { List = new TableCall { Service = "s", Operation = "O", Items = items, Secret = [path] } },
        ]);
        var reply = (JsonObject)JsonNode.Parse("""{"Things": [{"Inner": [{"Notes": "a", "Name": "b"}, {"Notes": ["c", {"d": "e", "n": 1}]}]}, {"Inner": null}, 5], "Notes": "f"}""")!;

        var kept = secrets.Without("s", "O", reply);

        Assert.Equal("""{"Things":[{"Inner":[{"Notes":"(redacted)","Name":"b"},{"Notes":["(redacted)",{"d":"(redacted)","n":1}]}]},{"Inner":null},5],"Notes":"f"}""", kept.ToJsonString());
        Assert.Same(reply, secrets.Without("s", "Other", reply));
    }
}
