using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using DuckDB.NET.Data;
using Loopback;
using Scanner.Store.Functions;
using Scanner.Store.Sql;

namespace Evaluate.Tests;

/// <summary>The functions of SQL that know what policies and networks mean, asked as checks ask them.</summary>
public sealed class SqlFunctionsTests(SqlFunctionsDatabase database) : IClassFixture<SqlFunctionsDatabase>
{
    private const string Bucket = "arn:aws:s3:::logs";

    [Fact]
    public void The_documentation_lists_exactly_the_functions_that_are_registered()
    {
        var text = File.ReadAllText(Path.Combine(Tools.Repository, "checks", "README.md"));
        var documented = Regex.Matches(text, @"^\| `(?<signature>[a-z_]+\([^`]*\))` \| (?<type>[A-Z\[\]]+) \|", RegexOptions.Multiline | RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(5))
            .Select(match => $"{match.Groups["signature"].Value} {match.Groups["type"].Value}");
        Assert.Equal(SqlFunctions.All.Select(function => $"{function.Signature} {function.Returns}").Order(StringComparer.Ordinal), documented.Order(StringComparer.Ordinal));

        var known = Read("SELECT DISTINCT function_name FROM duckdb_functions() WHERE schema_name = 'main' AND database_name = 'temp'");
        Assert.Equal(SqlFunctions.All.Select(function => function.Name).Order(StringComparer.Ordinal), known.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Every_example_of_the_documentation_gives_what_stands_beside_it()
    {
        var text = File.ReadAllText(Path.Combine(Tools.Repository, "checks", "README.md"));
        var examples = Regex.Matches(text, @"^select (?<call>.+?) +-- (?<answer>.+)$", RegexOptions.Multiline | RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(5));
        Assert.True(examples.Count >= SqlFunctions.All.Count);
        foreach (var function in SqlFunctions.All)
            Assert.Contains(examples, example => example.Groups["call"].Value.Contains(function.Name + "(", StringComparison.Ordinal));
        foreach (Match example in examples)
            Assert.Equal(example.Groups["answer"].Value, Scalar(example.Groups["call"].Value) ?? "NULL");
    }

    [Theory]
    [InlineData("""{"Condition":{"Bool":{"aws:SecureTransport":"false"}}}""", true)]
    [InlineData("""{"Condition":{"Bool":{"aws:securetransport":"false"}}}""", true)]
    [InlineData("""{"Condition":{"bool":{"AWS:SecureTransport":["False"]}}}""", true)]
    [InlineData("""{"Condition":{"Bool":{"aws:SecureTransport":false}}}""", true)]
    [InlineData("""{"Condition":{"BoolIfExists":{"aws:SecureTransport":"false"}}}""", true)]
    [InlineData("""{"Condition":{"StringEquals":{"aws:SecureTransport":"false"}}}""", true)]
    [InlineData("""{"Condition":{"ForAnyValue:Bool":{"aws:SecureTransport":"false"}}}""", true)]
    [InlineData("""{"Action":"S3:*"}""", true)]
    [InlineData("""{"Action":["s3:GetObject","*"]}""", true)]
    [InlineData("""{"Principal":{"AWS":["arn:aws:iam::111122223333:root","*"]}}""", true)]
    [InlineData("""{"Resource":["arn:aws:s3:::logs","arn:aws:s3:::logs/*"]}""", true)]
    [InlineData("""{"Resource":"arn:aws:s3:::logs*"}""", true)]
    [InlineData("""{"Resource":"*"}""", true)]
    [InlineData("""{"NotAction":"sqs:*","Action":null}""", true)]
    [InlineData("""{"NotResource":"arn:aws:s3:::other/*","Resource":null}""", true)]
    [InlineData("""{"Condition":{"Bool":{"aws:SecureTransport":"true"}}}""", false)]
    [InlineData("""{"Condition":{"Bool":{"aws:SecureTransport":"false","aws:ViaAWSService":"false"}}}""", false)]
    [InlineData("""{"Condition":{"Bool":{"aws:SecureTransport":"false"},"StringLike":{"aws:PrincipalArn":"*"}}}""", false)]
    [InlineData("""{"Condition":{"NumericLessThan":{"s3:TlsVersion":"1.2"}}}""", false)]
    [InlineData("""{"Condition":{"Null":{"aws:SecureTransport":"true"}}}""", false)]
    [InlineData("""{"Action":["s3:GetObject","s3:PutObject"]}""", false)]
    [InlineData("""{"Action":"s3:Get*"}""", false)]
    [InlineData("""{"Resource":"arn:aws:s3:::logs"}""", false)]
    [InlineData("""{"Resource":"arn:aws:s3:::logs/private/*"}""", false)]
    [InlineData("""{"Resource":"arn:aws:s3:::LOGS/*"}""", false)]
    [InlineData("""{"Principal":{"AWS":"arn:aws:iam::111122223333:root"}}""", false)]
    [InlineData("""{"NotPrincipal":{"AWS":"arn:aws:iam::111122223333:root"},"Principal":null}""", false)]
    [InlineData("""{"NotAction":"s3:GetObject","Action":null}""", false)]
    [InlineData("""{"Effect":"Allow"}""", false)]
    public void Plain_http_is_denied_where_no_request_gets_through(string changes, bool denied)
    {
        var statement = Statement("Deny", "s3:*", Bucket + "/*");
        statement["Condition"] = JsonNode.Parse("""{"Bool":{"aws:SecureTransport":"false"}}""");
        foreach (var (name, value) in JsonNode.Parse(changes)!.AsObject().ToList())
        {
            statement.Remove(name);
            if (value is not null)
                statement[name] = value.DeepClone();
        }
        foreach (var policy in Spellings(statement))
            Assert.Equal(denied ? "true" : "false", Scalar($"policy_denies_plain_http({Text(policy)}, '{Bucket}')"));
    }

    [Fact]
    public void A_denial_of_one_statement_is_not_undone_by_an_allow_of_another()
    {
        var policy = """
            {"Statement":[
              {"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::logs/*"},
              {"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::logs/*","Condition":{"Bool":{"aws:SecureTransport":"false"}}}]}
            """;
        Assert.Equal("deny", Decide(policy, """{"action":"s3:GetObject","resource":"arn:aws:s3:::logs/a","context":{"aws:SecureTransport":"false"}}"""));
        Assert.Equal("allow", Decide(policy, """{"action":"s3:GetObject","resource":"arn:aws:s3:::logs/a","context":{"aws:SecureTransport":"true"}}"""));
        Assert.Equal("depends", Decide(policy, """{"action":"s3:GetObject","resource":"arn:aws:s3:::logs/a"}"""));
        Assert.Equal("some", Decide(policy, """{"resource":"arn:aws:s3:::logs/a","context":{"aws:SecureTransport":"true"}}"""));
        Assert.Equal("none", Decide(policy, """{"action":"s3:PutObject","resource":"arn:aws:s3:::logs/a","context":{"aws:SecureTransport":"true"}}"""));
    }

    [Theory]
    [InlineData("""{"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}""", "true")]
    [InlineData("""{"Statement":[{"Effect":"Allow","Action":["s3:*","*:*"],"Resource":["arn:aws:s3:::x","*"]}]}""", "true")]
    [InlineData("""{"Statement":[{"Effect":"Allow","Action":"**","Resource":"**"}]}""", "true")]
    [InlineData("""{"Statement":[{"Effect":"Allow","Action":"*","Resource":"*"},{"Effect":"Deny","Action":"organizations:*","Resource":"*"}]}""", "true")]
    [InlineData("""{"Statement":[{"Effect":"Allow","Action":"*","Resource":"*"},{"Effect":"Deny","Action":"*","Resource":"*"}]}""", "false")]
    [InlineData("""{"Statement":[{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"}}}]}""", "false")]
    [InlineData("""{"Statement":[{"Effect":"Allow","Action":"*","Resource":"arn:aws:s3:::*"}]}""", "false")]
    [InlineData("""{"Statement":[{"Effect":"Allow","NotAction":"iam:*","Resource":"*"}]}""", "false")]
    [InlineData("""{"Statement":[{"Effect":"Allow","Action":"*","NotResource":"arn:aws:s3:::x"}]}""", "false")]
    [InlineData("""{"Statement":[{"Effect":"Allow","Action":["iam:*","s3:*"],"Resource":"*"}]}""", "false")]
    [InlineData("""{"Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]}""", "false")]
    [InlineData("""{"Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}]}""", "false")]
    public void An_administrator_may_do_everything_everywhere(string policy, string admin) =>
        Assert.Equal(admin, Scalar($"policy_is_admin({Text(policy)})"));

    [Theory]
    [InlineData("""{"Principal":"*"}""", true)]
    [InlineData("""{"Principal":{"AWS":"*"}}""", true)]
    [InlineData("""{"NotPrincipal":{"AWS":"111122223333"}}""", true)]
    [InlineData("""{"Principal":{"AWS":"111122223333"}}""", false)]
    [InlineData("""{"Principal":{"Service":"sns.amazonaws.com"}}""", false)]
    [InlineData("""{"Principal":"*","Condition":{"StringEquals":{"aws:PrincipalOrgID":"o-1234567890"}}}""", false)]
    [InlineData("""{"Principal":"*","Condition":{"StringEquals":{"AWS:principalorgid":["o-1234567890"]}}}""", false)]
    [InlineData("""{"Principal":"*","Condition":{"StringLike":{"aws:PrincipalOrgID":"o-*"}}}""", true)]
    // Who is in no organization does not have the key.
    [InlineData("""{"Principal":"*","Condition":{"StringEqualsIfExists":{"aws:PrincipalOrgID":"o-1234567890"}}}""", true)]
    [InlineData("""{"Principal":"*","Condition":{"ForAllValues:StringEquals":{"aws:PrincipalOrgPaths":"o-1234567890/r-1/"}}}""", true)]
    [InlineData("""{"Principal":"*","Condition":{"ForAnyValue:StringLike":{"aws:PrincipalOrgPaths":"o-1234567890/r-1/*"}}}""", false)]
    [InlineData("""{"Principal":"*","Condition":{"StringNotEquals":{"aws:PrincipalOrgID":"o-1234567890"}}}""", true)]
    [InlineData("""{"Principal":"*","Condition":{"Null":{"aws:PrincipalOrgID":"false"}}}""", true)]
    [InlineData("""{"Principal":"*","Condition":{"StringEquals":{"aws:SourceAccount":"111122223333"}}}""", false)]
    [InlineData("""{"Principal":"*","Condition":{"ArnLike":{"aws:SourceArn":"arn:aws:s3:*:*:my-bucket"}}}""", false)]
    [InlineData("""{"Principal":"*","Condition":{"ArnLike":{"aws:SourceArn":"arn:aws:sns:*:111122223333:*"}}}""", false)]
    [InlineData("""{"Principal":"*","Condition":{"ArnLike":{"aws:SourceArn":"arn:aws:sns:us-east-1:*:topic"}}}""", true)]
    [InlineData("""{"Principal":"*","Condition":{"ArnLike":{"aws:SourceArn":"arn:*:*:*:*:*"}}}""", true)]
    [InlineData("""{"Principal":"*","Condition":{"StringEquals":{"aws:SourceVpce":"vpce-1"}}}""", false)]
    [InlineData("""{"Principal":"*","Condition":{"StringLike":{"aws:SourceVpce":"vpce-*"}}}""", true)]
    [InlineData("""{"Principal":"*","Condition":{"IpAddress":{"aws:SourceIp":"203.0.113.0/24"}}}""", false)]
    [InlineData("""{"Principal":"*","Condition":{"IpAddress":{"aws:SourceIp":"0.0.0.0/0"}}}""", true)]
    [InlineData("""{"Principal":"*","Condition":{"IpAddress":{"aws:SourceIp":["10.0.0.0/8","0.0.0.0/1"]}}}""", true)]
    [InlineData("""{"Principal":"*","Condition":{"NotIpAddress":{"aws:SourceIp":"203.0.113.0/24"}}}""", true)]
    [InlineData("""{"Principal":"*","Condition":{"StringLike":{"aws:Referer":"https://example.com/*"}}}""", true)]
    [InlineData("""{"Principal":"*","Condition":{"Bool":{"aws:SecureTransport":"true"}}}""", true)]
    [InlineData("""{"Principal":"*","Condition":{"Bool":{"aws:PrincipalIsAWSService":"true"}}}""", false)]
    [InlineData("""{"Principal":"*","Condition":{"StringLike":{"aws:userid":"AROAEXAMPLEID:*"}}}""", false)]
    [InlineData("""{"Principal":"*","Condition":{"StringEquals":{"aws:ResourceAccount":"111122223333"}}}""", true)]
    [InlineData("""{"Principal":"*","Condition":{"StringEquals":{"aws:PrincipalTag/team":"x"}}}""", true)]
    [InlineData("""{"Effect":"Deny","Principal":"*"}""", false)]
    [InlineData("""{}""", false)]
    public void A_policy_is_public_where_a_stranger_gets_in(string changes, bool isPublic)
    {
        var statement = Statement("Allow", "sqs:SendMessage", "arn:aws:sqs:us-east-1:111122223333:q");
        statement.Remove("Principal");
        foreach (var (name, value) in JsonNode.Parse(changes)!.AsObject())
            statement[name] = value!.DeepClone();
        foreach (var policy in Spellings(statement))
        {
            Assert.Equal(isPublic ? "true" : "false", Scalar($"policy_is_public({Text(policy)})"));
            Assert.Equal(isPublic ? "['sqs:SendMessage']" : "[]", Scalar($"policy_public_actions({Text(policy)})"));
        }
    }

    [Theory]
    [InlineData("""{"StringNotEquals":{"aws:PrincipalOrgID":"o-1234567890"}}""", false)]
    [InlineData("""{"StringNotEqualsIfExists":{"aws:PrincipalOrgID":"o-1234567890"}}""", false)]
    [InlineData("""{"NotIpAddress":{"aws:SourceIp":"203.0.113.0/24"}}""", true)]
    [InlineData("""{"Bool":{"aws:SecureTransport":"false"}}""", true)]
    // Keeps out strangers with an organization, and lets in those without.
    [InlineData("""{"StringNotEquals":{"aws:PrincipalOrgID":"o-1234567890"},"Null":{"aws:PrincipalOrgID":"false"}}""", true)]
    public void A_denial_of_strangers_shuts_what_is_open_to_all(string condition, bool isPublic)
    {
        // Through an endpoint of its own a stranger has no source address: the third denial lets that in.
        var policy = $$"""
            {"Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::x/*"},
                          {"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":["arn:aws:s3:::x","arn:aws:s3:::x/*"],"Condition":{{condition}}}]}
            """;
        if (condition.Contains("NotIpAddress", StringComparison.Ordinal))
            isPublic = false; // a missing key does not match: NotIpAddress holds, and denies
        Assert.Equal(isPublic ? "true" : "false", Scalar($"policy_is_public({Text(policy)})"));
    }

    [Theory]
    [InlineData("""{"AWS":["arn:aws:iam::111122223333:root","444455556666","arn:aws:sts::777788889999:assumed-role/r/s"],"Service":"sns.amazonaws.com"}""", "", "[111122223333, 444455556666, 777788889999, sns.amazonaws.com]")]
    [InlineData("\"*\"", "", "[*]")]
    [InlineData("\"*\"", """{"StringEquals":{"aws:PrincipalOrgID":["o-1234567890"]}}""", "[o-1234567890]")]
    [InlineData("\"*\"", """{"ArnLike":{"aws:SourceArn":"arn:aws:sns:us-east-1:111122223333:t"}}""", "[111122223333]")]
    [InlineData("""{"Federated":"arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"}""", "", "['arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com']")]
    public void Grantees_are_whom_a_policy_lets_in(string principal, string condition, string grantees)
    {
        var policy = $$"""{"Statement": {"Action": "sns:Publish", "Resource": "*", "Principal": {{principal}}, {{(condition.Length > 0 ? "\"Condition\": " + condition + ", " : "")}}"Effect": "Allow"} }""";
        Assert.Equal(grantees, Scalar($"policy_grantees({Text(policy)})"));
    }

    [Theory]
    [InlineData("not json", "it is not JSON")]
    [InlineData("", "it is not JSON")]
    [InlineData("[]", "it is not a JSON object")]
    [InlineData("\"text\"", "it is not JSON")]
    [InlineData("1", "it is not a JSON object")]
    [InlineData("{}", "it has no Statement")]
    [InlineData("""{"Statement":"x"}""", "its Statement is neither an object nor a list")]
    [InlineData("""{"Statement":[1]}""", "a statement is not an object")]
    [InlineData("""{"Statement":[{"Action":"*","Resource":"*"}]}""", "a statement has no Effect")]
    [InlineData("""{"Statement":[{"Effect":"Maybe","Action":"*"}]}""", "'Maybe' is no Effect")]
    [InlineData("""{"Statement":[{"Effect":"Allow","Resource":"*"}]}""", "a statement has neither Action nor NotAction")]
    [InlineData("""{"Statement":[{"Effect":"Allow","Action":"*","NotAction":"*"}]}""", "a statement has both Action and NotAction")]
    [InlineData("""{"Statement":[{"Effect":"Allow","Effect":"Deny","Action":"*"}]}""", "a statement has 'Effect' twice")]
    [InlineData("""{"Statement":[{"Effect":"Allow","Action":[{"a":1}]}]}""", "a value of Action is no text")]
    [InlineData("""{"Statement":[{"Effect":"Allow","Action":[]}]}""", "a statement has an empty Action")]
    [InlineData("""{"Statement":[{"Effect":"Allow","Action":"*","Principal":"me"}]}""", "a Principal is a text other than *")]
    [InlineData("""{"Statement":[{"Effect":"Allow","Action":"*","Condition":{"StringSimilar":{"a":"b"}}}]}""", "'StringSimilar' is no condition operator that is known")]
    [InlineData("""{"Statement":[{"Effect":"Allow","Action":"*","Condition":{"NullIfExists":{"a":"true"}}}]}""", "'NullIfExists' is no condition operator that is known")]
    [InlineData("""{"Statement":[{"Effect":"Allow","Action":"*","Exception":"x"}]}""", "a statement has 'Exception', which is no element of a policy")]
    [InlineData("""{"Statement":[{"Effect":"Allow","Action":"\ud800"}]}""", "it is not JSON")]
    public void A_policy_that_is_not_understood_gives_no_answer_and_a_reason(string policy, string problem)
    {
        Assert.Equal(problem, Scalar($"policy_problem({Text(policy)})"));
        foreach (var call in new[]
        {
            $"policy_decision({Text(policy)}, {{'action': '*'}})", $"policy_denies_plain_http({Text(policy)}, 'arn:aws:s3:::x')",
            $"policy_is_admin({Text(policy)})", $"policy_is_public({Text(policy)})", $"policy_public_actions({Text(policy)})",
            $"policy_grantees({Text(policy)})", $"policy_wildcard_services({Text(policy)})",
        })
        {
            Assert.Null(Scalar(call));
        }
    }

    [Fact]
    public void No_policy_gives_no_answer_and_is_no_problem()
    {
        Assert.Null(Scalar("policy_problem(NULL)"));
        Assert.Null(Scalar("policy_problem(CAST('null' AS JSON))"));
        Assert.Null(Scalar("policy_is_public(CAST(NULL AS VARCHAR))"));
        Assert.Null(Scalar("policy_decision(CAST(NULL AS JSON), {'action': 's3:GetObject'})"));
        Assert.Null(Scalar("policy_denies_plain_http('{\"Statement\":[]}', CAST(NULL AS VARCHAR))"));
    }

    [Theory]
    [InlineData("{'acton': 's3:*'}", "'acton'; it has principal, action, resource and context")]
    [InlineData("{'action': []}", "empty list")]
    [InlineData("{'context': 1}", "no object")]
    [InlineData("'text'", "cannot be read")]
    public void A_mistake_in_the_request_is_an_error_and_no_answer(string request, string message)
    {
        var error = Assert.Throws<DuckDBException>(() => Scalar($$"""policy_decision('{"Statement":[]}', {{request}})"""));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("['0.0.0.0/0']", "true")]
    [InlineData("'0.0.0.0/0'", "true")]
    [InlineData("['0.0.0.0/1', '128.0.0.0/1']", "true")]
    [InlineData("['0.0.0.0/2', '64.0.0.0/2', '10.0.0.0/8']", "true")]
    [InlineData("['0.0.0.0/2', '64.0.0.0/3', '64.0.0.0/2']", "true")]
    [InlineData("['0.0.0.0/2', '0.0.0.0/3', '10.0.0.0/8']", "false")]
    [InlineData("['::/0']", "true")]
    [InlineData("['2000::/3']", "true")]
    [InlineData("['2000::/4']", "true")]
    [InlineData("['3000::/5']", "false")]
    [InlineData("['8000::/1']", "false")]
    [InlineData("['0.0.0.0/0', 'nonsense']", "true")]
    [InlineData("['10.0.0.0/8', 'nonsense']", null)]
    [InlineData("['10.0.0.0/8', NULL]", "false")]
    [InlineData("['10.0.0.0/33']", null)]
    [InlineData("['10/8']", null)]
    [InlineData("[]", "false")]
    [InlineData("NULL", null)]
    public void Half_of_the_internet_is_the_world(string cidrs, string? open) => Assert.Equal(open, Scalar($"world_open({cidrs})"));

    [Theory]
    [InlineData("['10.0.0.0/9', '10.128.0.0/9']", "'10.0.0.0/8'", "true")]
    [InlineData("['10.0.0.0/9', '10.128.0.0/10']", "'10.0.0.0/8'", "false")]
    [InlineData("['10.0.0.0/8']", "'10.1.2.3'", "true")]
    [InlineData("['2001:db8::/32']", "'2001:db8:1::/48'", "true")]
    [InlineData("['::/0']", "'10.0.0.0/8'", "false")]
    [InlineData("['10.0.0.0/8']", "'here'", null)]
    public void Ranges_cover_what_they_hold_together(string cidrs, string cidr, string? covered) =>
        Assert.Equal(covered, Scalar($"cidrs_cover({cidrs}, {cidr})"));

    [Theory]
    [InlineData("""[{"IpProtocol":"tcp","FromPort":22,"ToPort":22,"IpRanges":[{"CidrIp":"0.0.0.0/0"}]}]""", "tcp", "22", "true", "[22]")]
    [InlineData("""[{"IpProtocol":"6","FromPort":20,"ToPort":30,"IpRanges":[{"CidrIp":"0.0.0.0/1"},{"CidrIp":"128.0.0.0/1"}]}]""", "tcp", "22", "true", "[20-30]")]
    [InlineData("""[{"IpProtocol":"tcp","FromPort":22,"ToPort":22,"IpRanges":[{"CidrIp":"0.0.0.0/2"}]},{"IpProtocol":"-1","IpRanges":[{"CidrIp":"64.0.0.0/2"}]}]""", "tcp", "22", "true", "[22]")]
    [InlineData("""[{"IpProtocol":"udp","FromPort":22,"ToPort":22,"IpRanges":[{"CidrIp":"0.0.0.0/0"}]}]""", "tcp", "22", "false", "[]")]
    [InlineData("""[{"IpProtocol":"-1","IpRanges":[{"CidrIp":"0.0.0.0/0"}]}]""", "tcp", "3389", "true", "[0-65535]")]
    [InlineData("""[{"IpProtocol":"-1","Ipv6Ranges":[{"CidrIpv6":"2000::/3"}]}]""", "17", "[22, 53]", "true", "[0-65535]")]
    [InlineData("""[{"IpProtocol":"tcp","FromPort":-1,"ToPort":-1,"IpRanges":[{"CidrIp":"0.0.0.0/0"}]}]""", "tcp", "22", "true", "[0-65535]")]
    [InlineData("""[{"IpProtocol":"tcp","FromPort":80,"ToPort":80,"IpRanges":[{"CidrIp":"0.0.0.0/0"}]},{"IpProtocol":"tcp","FromPort":81,"ToPort":90,"IpRanges":[{"CidrIp":"0.0.0.0/0"}]}]""", "tcp", "22", "false", "[80-90]")]
    [InlineData("""[{"IpProtocol":"tcp","FromPort":22,"ToPort":22,"UserIdGroupPairs":[{"GroupId":"sg-1"}]}]""", "tcp", "22", "false", "[]")]
    [InlineData("""[{"IpProtocol":"tcp","FromPort":22,"ToPort":22,"CidrIpv4":"0.0.0.0/0","IsEgress":false}]""", "tcp", "22", "true", "[22]")]
    [InlineData("""[{"IpProtocol":"tcp","FromPort":22,"ToPort":22,"CidrIpv4":"0.0.0.0/0","IsEgress":true}]""", "tcp", "22", "false", "[]")]
    [InlineData("""{"IpProtocol":"tcp","FromPort":22,"ToPort":22,"CidrIpv6":"::/0"}""", "tcp", "[3389, 22]", "true", "[22]")]
    [InlineData("""[{"IpProtocol":"icmp","FromPort":8,"ToPort":-1,"IpRanges":[{"CidrIp":"0.0.0.0/0"}]}]""", "icmp", "8", "true", "[8]")]
    [InlineData("""[{"IpProtocol":"47","IpRanges":[{"CidrIp":"0.0.0.0/0"}]}]""", "tcp", "22", "false", "[]")]
    [InlineData("""[{"IpProtocol":"tcp","FromPort":22,"ToPort":22,"IpRanges":[{"CidrIp":"oops"}]}]""", "tcp", "22", null, null)]
    [InlineData("""[{"FromPort":22,"ToPort":22,"IpRanges":[{"CidrIp":"0.0.0.0/0"}]}]""", "tcp", "22", null, null)]
    [InlineData("\"text\"", "tcp", "22", null, null)]
    [InlineData("[7]", "tcp", "22", null, null)]
    [InlineData("[]", "tcp", "22", "false", "[]")]
    public void Security_group_rules_open_ports(string rules, string protocol, string ports, string? open, string? ranges)
    {
        Assert.Equal(open, Scalar($"ports_open({Json(rules)}, '{protocol}', {ports})"));
        Assert.Equal(ranges, Scalar($"open_port_ranges({Json(rules)}, '{protocol}')"));
        Assert.Equal(open is null, Scalar($"network_problem({Json(rules)})") is not null);
    }

    [Fact]
    public void A_prefix_list_opens_what_its_entries_open()
    {
        const string Rules = """'[{"IpProtocol":"tcp","FromPort":22,"ToPort":22,"PrefixListIds":[{"PrefixListId":"pl-1"}]}]'::json""";
        Assert.Equal("false", Scalar($"ports_open({Rules}, 'tcp', 22)"));
        Assert.Equal("true", Scalar($"ports_open({Rules}, 'tcp', 22, prefix_lists := MAP {{'pl-1': ['0.0.0.0/1', '128.0.0.0/1']}})"));
        Assert.Equal("false", Scalar($"ports_open({Rules}, 'tcp', 22, prefix_lists := MAP {{'pl-1': ['10.0.0.0/8']}})"));
        Assert.Null(Scalar($"ports_open({Rules}, 'tcp', 22, prefix_lists := MAP {{'pl-2': ['0.0.0.0/0']}})"));
        Assert.Equal("rule 1: the entries of prefix list pl-1 are not known", Scalar($"network_problem({Rules}, prefix_lists := MAP {{'pl-2': ['0.0.0.0/0']}})"));
    }

    [Theory]
    // The first that matches decides, and a denial of UDP is none of TCP.
    [InlineData("90 17 22-3389 0.0.0.0/0 deny; 100 -1 - 0.0.0.0/0 allow", "tcp", "true")]
    [InlineData("90 17 22-3389 0.0.0.0/0 deny; 100 -1 - 0.0.0.0/0 allow", "udp", "false")]
    [InlineData("90 6 22-22 0.0.0.0/0 deny; 100 -1 - 0.0.0.0/0 allow", "tcp", "false")]
    [InlineData("100 -1 - 0.0.0.0/0 allow; 110 6 22-22 0.0.0.0/0 deny", "tcp", "true")]
    [InlineData("10 6 22-22 0.0.0.0/1 allow; 20 6 22-22 128.0.0.0/1 allow", "tcp", "true")]
    [InlineData("10 6 22-22 0.0.0.0/1 deny; 20 6 22-22 128.0.0.0/1 deny; 30 6 0-65535 0.0.0.0/0 allow", "tcp", "false")]
    [InlineData("10 6 22-22 2000::/3 allow", "tcp", "true")]
    [InlineData("10 6 22-22 ::/0 deny; 20 -1 - ::/0 allow", "tcp", "false")]
    [InlineData("10 -1 - 10.0.0.0/8 allow; 20 6 22-22 0.0.0.0/0 deny; 30 -1 - 0.0.0.0/0 allow", "tcp", "false")]
    [InlineData("10 -1 - 10.0.0.0/8 deny; 30 -1 - 0.0.0.0/0 allow", "tcp", "true")]
    [InlineData("10 47 - 0.0.0.0/0 allow", "tcp", "false")]
    [InlineData("10 6 23-3389 0.0.0.0/0 allow", "tcp", "false")]
    [InlineData("10 tcp 22-22 0.0.0.0/0 allow", "tcp", "true")]
    [InlineData("10 6 22-22 oops allow", "tcp", null)]
    [InlineData("10 6 22-22 0.0.0.0/0 perhaps", "tcp", null)]
    [InlineData("", "tcp", "false")]
    public void A_network_acl_is_read_in_the_order_of_its_numbers(string entries, string protocol, string? open)
    {
        var list = new JsonArray();
        foreach (var entry in entries.Split("; ", StringSplitOptions.RemoveEmptyEntries).Reverse())
        {
            var parts = entry.Split(' ');
            var o = new JsonObject { ["RuleNumber"] = int.Parse(parts[0], null), ["Protocol"] = parts[1], ["RuleAction"] = parts[4], ["Egress"] = false };
            o[parts[3].Contains(':', StringComparison.Ordinal) ? "Ipv6CidrBlock" : "CidrBlock"] = parts[3];
            if (parts[2] != "-")
                o["PortRange"] = new JsonObject { ["From"] = int.Parse(parts[2].Split('-')[0], null), ["To"] = int.Parse(parts[2].Split('-')[1], null) };
            list.Add(o);
        }
        list.Add(new JsonObject { ["RuleNumber"] = 1, ["Protocol"] = "-1", ["RuleAction"] = "allow", ["Egress"] = true, ["CidrBlock"] = "0.0.0.0/0" });
        list.Add(new JsonObject { ["RuleNumber"] = 32767, ["Protocol"] = "-1", ["RuleAction"] = "deny", ["Egress"] = false, ["CidrBlock"] = "0.0.0.0/0" });
        Assert.Equal(open, Scalar($"nacl_open({Json(list.ToJsonString())}, '{protocol}', 22)"));
        var text = Json(list.ToJsonString());
        Assert.Equal(open, Scalar($"list_bool_or([22 between split_part(r, '-', 1)::int and split_part(r, '-', -1)::int for r in nacl_open_ranges({text}, '{protocol}')] || [false])"));
        Assert.Equal(open is null, Scalar($"network_problem({Json(list.ToJsonString())})") is not null);
    }

    [Fact]
    public void Functions_take_columns_of_many_rows_and_are_steady()
    {
        var answers = Read("""
            SELECT count(*) FILTER (world_open(cidrs)) || ' ' || count(*) FILTER (NOT world_open(cidrs)) || ' ' || count(*) FILTER (world_open(cidrs) IS NULL)
            FROM (SELECT CASE i % 3 WHEN 0 THEN ['0.0.0.0/0'] WHEN 1 THEN ['10.0.0.0/8'] END AS cidrs FROM range(10000) r(i))
            """);
        Assert.Equal(["3334 3333 3333"], answers);
        Assert.DoesNotContain(QueryShape.UnsteadyFunctions(database.Connection), name => SqlFunctions.All.Any(function => name.Contains(function.Name, StringComparison.Ordinal)));
    }

    private static JsonObject Statement(string effect, string action, string resource) =>
        new() { ["Effect"] = effect, ["Principal"] = "*", ["Action"] = action, ["Resource"] = resource };

    // One statement or a list; as JSON, as a text, percent-encoded.
    private static IEnumerable<string> Spellings(JsonObject statement)
    {
        var single = new JsonObject { ["Version"] = "2012-10-17", ["Statement"] = statement.DeepClone() }.ToJsonString();
        yield return single;
        yield return new JsonObject { ["Statement"] = new JsonArray(statement.DeepClone()) }.ToJsonString();
        yield return Uri.EscapeDataString(single);
        yield return JsonSerializer.Serialize(single);
    }

    private string Decide(string policy, string request) => Scalar($"policy_decision({Text(policy)}, {Text(request)}::json)")!;

    private static string Text(string text) => SqlText.Literal(text);

    private static string Json(string json) => $"CAST({SqlText.Literal(json)} AS JSON)";

    private string? Scalar(string expression) => Read($"SELECT CAST({expression} AS VARCHAR)").Single();

    private List<string?> Read(string sql) => Sandbox.Read(database.Connection, sql, row => row.IsDBNull(0) ? null : row.GetString(0));
}
