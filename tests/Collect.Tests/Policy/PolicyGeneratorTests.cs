using System.Text.Json.Nodes;
using Loopback;
using Scanner.Catalog;
using Scanner.Collect.Policy;
using Scanner.Model;

namespace Collect.Tests.Policy;

public sealed class PolicyGeneratorTests
{
    private const PolicyInputs Everything = PolicyInputs.LookupEvents | PolicyInputs.Findings | PolicyInputs.LogBuckets | PolicyInputs.Athena
        | PolicyInputs.CloudTrailLake | PolicyInputs.Organization;

    // The verbs with which AWS names what only reads; what else is needed is named here, one by one.
    private static readonly string[] ReadingVerbs = ["Get", "List", "Describe", "Lookup", "BatchGet", "Head", "View"];

    private static readonly string[] Allowed =
    [
        "apigateway:GET", "iam:GenerateCredentialReport", "cloudtrail:StartQuery", "cloudtrail:CancelQuery",
        "athena:StartQueryExecution", "athena:StopQueryExecution",
    ];

    private static IEnumerable<TableDefinition> Shipped { get; } = [.. CatalogLoader.Load([Path.Combine(Tools.Repository, "checks")], BuiltInTables.All).Tables.Values];

    private static TableDefinition Table(string service, string operation) => Collected.Tables($$"""
        table: t
        title: t
        service: {{service}}
        scope: region
        list: {operation: {{operation}}}
        id: "{account}"
        columns: {a: A}
        """)[0];

    private static IEnumerable<string> ActionsOf(AccessPolicy policy) => policy.Statements.SelectMany(statement => statement.Actions);

    [Theory]
    [InlineData("s3", "ListBuckets", "s3:ListAllMyBuckets")]
    [InlineData("s3", "GetBucketEncryption", "s3:GetEncryptionConfiguration")]
    [InlineData("s3", "GetBucketLogging", "s3:GetBucketLogging")]
    [InlineData("s3", "GetPublicAccessBlock", "s3:GetBucketPublicAccessBlock")]
    [InlineData("s3api", "GetPublicAccessBlock", "s3:GetBucketPublicAccessBlock")]
    [InlineData("s3control", "GetPublicAccessBlock", "s3:GetAccountPublicAccessBlock")]
    [InlineData("s3", "GetBucketLifecycleConfiguration", "s3:GetLifecycleConfiguration")]
    [InlineData("s3", "GetBucketReplication", "s3:GetReplicationConfiguration")]
    [InlineData("s3", "GetBucketNotificationConfiguration", "s3:GetBucketNotification")]
    [InlineData("s3", "ListObjectsV2", "s3:ListBucket")]
    [InlineData("elb", "DescribeLoadBalancers", "elasticloadbalancing:DescribeLoadBalancers")]
    [InlineData("elbv2", "DescribeListeners", "elasticloadbalancing:DescribeListeners")]
    [InlineData("accessanalyzer", "ListAnalyzers", "access-analyzer:ListAnalyzers")]
    [InlineData("efs", "DescribeFileSystems", "elasticfilesystem:DescribeFileSystems")]
    [InlineData("opensearch", "DescribeDomains", "es:DescribeDomains")]
    [InlineData("config", "DescribeConfigurationRecorders", "config:DescribeConfigurationRecorders")]
    [InlineData("stepfunctions", "ListStateMachines", "states:ListStateMachines")]
    [InlineData("securityhub", "DescribeHub", "securityhub:DescribeHub")]
    public void An_operation_has_the_action_that_aws_asks_for(string service, string operation, string action) =>
        Assert.Equal([action, "ec2:DescribeRegions"], ActionsOf(PolicyGenerator.Generate([Table(service, operation)])).Where(a => a != "iam:ListAccountAliases").OrderBy(a => a == "ec2:DescribeRegions"));

    [Fact]
    public void Api_gateway_is_narrowed_to_the_paths_that_are_read()
    {
        var policy = PolicyGenerator.Generate([Table("apigateway", "GetStages"), Table("apigatewayv2", "GetApis")]);

        var statement = Assert.Single(policy.Statements, statement => statement.Sid == "ReadApigateway");
        Assert.Equal(["apigateway:GET"], statement.Actions);
        Assert.Equal(["arn:*:apigateway:*::/apis", "arn:*:apigateway:*::/restapis/*/stages"], statement.Resources);
    }

    [Fact]
    public void Who_am_i_needs_no_permission() => Assert.DoesNotContain(ActionsOf(PolicyGenerator.Generate([])), action => action.StartsWith("sts:", StringComparison.Ordinal));

    [Fact]
    public void No_action_of_what_is_shipped_changes_anything_or_has_a_wildcard()
    {
        var actions = ActionsOf(PolicyGenerator.Generate(Shipped, Everything, ["logs-1"]))
            .Concat(IamActions.Shipped.Exceptions.SelectMany(operation => IamActions.Shipped.For(operation[..operation.IndexOf(':', StringComparison.Ordinal)], operation[(operation.IndexOf(':', StringComparison.Ordinal) + 1)..])).Select(need => need.Action))
            .ToList();

        Assert.Superset(
            new HashSet<string>(StringComparer.Ordinal) { "athena:StartQueryExecution", "cloudtrail:LookupEvents", "iam:GenerateCredentialReport", "s3:GetBucketPublicAccessBlock", "s3:GetObject" },
            actions.ToHashSet(StringComparer.Ordinal));
        Assert.All(actions, action =>
        {
            Assert.Matches("^[a-z0-9-]+:[A-Za-z0-9]+$", action);
            Assert.True(Allowed.Contains(action) || ReadingVerbs.Any(verb => action[(action.IndexOf(':', StringComparison.Ordinal) + 1)..].StartsWith(verb, StringComparison.Ordinal)), action);
        });
    }

    [Fact]
    public void The_policy_of_the_shipped_tables_has_each_of_their_operations_and_nothing_else()
    {
        var expected = Shipped.SelectMany(table => table.Operations).SelectMany(op => IamActions.Shipped.For(op.Service, op.Operation)).Select(need => need.Action)
            .Append("iam:ListAccountAliases").Distinct().Order(StringComparer.Ordinal);

        Assert.Equal(expected, ActionsOf(PolicyGenerator.Generate(Shipped, evidenceBuckets: ["logs"])).Order(StringComparer.Ordinal));
        Assert.Equal(expected.Where(action => action != "s3:ListBucket"), ActionsOf(PolicyGenerator.Generate(Shipped)).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Rights_of_evidence_are_statements_of_their_own_and_the_keys_of_no_bucket_may_be_listed_but_of_those_that_are_named()
    {
        var policy = PolicyGenerator.Generate(Shipped, evidenceBuckets: ["acme-elb-logs", "acme-vpc-flow-logs"]);

        Assert.Equal(["EvidenceCloudwatch", "EvidenceS3", "EvidenceS3On1"], policy.Statements.Where(statement => statement.Sid.StartsWith("Evidence", StringComparison.Ordinal)).Select(statement => statement.Sid));
        var keys = Assert.Single(policy.Statements, statement => statement.Actions.Contains("s3:ListBucket"));
        Assert.Equal(["arn:*:s3:::acme-elb-logs", "arn:*:s3:::acme-vpc-flow-logs"], keys.Resources);
        Assert.Throws<InputException>(() => PolicyGenerator.Generate(Shipped, evidenceBuckets: ["*"]));
    }

    /// <summary>Set SCANNER_UPDATE=1 to write the file anew after a change of the tables.</summary>
    [Fact]
    public void The_policy_that_terraform_attaches_is_the_one_the_tables_need()
    {
        var path = Path.Combine(Tools.Repository, "terraform", "policy", "scanner-policy.json");
        var policy = PolicyGenerator.Generate(Shipped, PolicyInputs.LookupEvents);
        if (Environment.GetEnvironmentVariable("SCANNER_UPDATE") == "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, policy.ToJson().TrimEnd() + "\n");
        }
        Assert.Equal(policy.ToJson().TrimEnd() + "\n", File.ReadAllText(path));
        // Terraform deals the statements out twelve to a managed policy.
        Assert.All(policy.Statements.Chunk(12), chunk => Assert.Single(new AccessPolicy(chunk).Split()));
    }

    [Fact]
    public void The_document_is_what_iam_takes()
    {
        var document = JsonNode.Parse(PolicyGenerator.Generate(Shipped, Everything).ToJson())!;

        Assert.Equal("2012-10-17", (string?)document["Version"]);
        var statements = document["Statement"]!.AsArray();
        Assert.Equal(statements.Count, statements.Select(statement => (string?)statement!["Sid"]).Distinct().Count());
        Assert.All(statements, statement =>
        {
            Assert.Matches("^[A-Za-z0-9]+$", (string)statement!["Sid"]!);
            Assert.Equal("Allow", (string?)statement["Effect"]);
            Assert.NotEmpty(statement["Action"]!.AsArray());
            Assert.NotNull(statement["Resource"]);
        });
    }

    [Fact]
    public void The_order_of_the_tables_does_not_matter() =>
        Assert.Equal(PolicyGenerator.Generate(Shipped).ToJson(), PolicyGenerator.Generate(Shipped.Reverse().Concat(Shipped)).ToJson());

    [Fact]
    public void A_policy_that_is_too_large_is_split_between_statements()
    {
        var policy = new AccessPolicy([.. Enumerable.Range(0, 40).Select(i => new PolicyStatement($"Read{i}", [.. Enumerable.Range(0, 10).Select(j => $"service{i}:DescribeThingsOfKind{j}")], ["*"]))]);

        var parts = policy.Split();

        Assert.True(parts.Count > 1);
        Assert.Equal(policy.Statements, parts.SelectMany(part => part.Statements));
        Assert.All(parts, part => Assert.True(JsonNode.Parse(part.ToJson())!.ToJsonString().Length <= AccessPolicy.ManagedPolicyCharacters));
        Assert.Equal(parts.Count, policy.ToTerraform().Split("data \"aws_iam_policy_document\"").Length - 1);
    }

    [Fact]
    public async Task The_terraform_is_as_terraform_formats_it()
    {
        var terraform = Tools.Find("terraform");
        if (!Tools.InContinuousIntegration)
            Assert.SkipUnless(terraform is not null, "terraform is not installed");
        using var folder = new TemporaryFolder();
        folder.Write("policy.tf", PolicyGenerator.Generate(Shipped, Everything, ["logs-1"]).ToTerraform());

        var (exit, output) = await Tools.RunAsync(terraform!, ["fmt", "-check", "-diff", folder.Path], cancellation: TestContext.Current.CancellationToken);

        Assert.True(exit == 0, output);
    }

    [Fact]
    public void Log_buckets_are_read_and_nothing_else_of_s3()
    {
        var policy = PolicyGenerator.Generate([], PolicyInputs.LogBuckets, ["my-logs"]);

        Assert.Equal(
            [("s3:GetObject", "arn:*:s3:::my-logs/*"), ("s3:ListBucket", "arn:*:s3:::my-logs")],
            policy.Statements.Where(s => s.Sid.StartsWith("ReadS3", StringComparison.Ordinal)).Select(s => (Assert.Single(s.Actions), Assert.Single(s.Resources))).Order());
    }

    [Theory]
    [InlineData("iam", "CreateAccessKey")]
    [InlineData("s3", "DeleteBucket")]
    [InlineData("iam", "Getaway")]
    public void A_table_cannot_put_an_action_that_changes_something_into_the_policy(string service, string operation) =>
        Assert.Contains("0.yml:", Assert.Throws<InputException>(() => PolicyGenerator.Generate([Table(service, operation)])).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("bucket/*")]
    [InlineData("*")]
    [InlineData("a\"b")]
    public void A_bucket_name_is_a_name(string bucket)
    {
        if (bucket == "*")
            Assert.Contains(PolicyGenerator.Generate([], PolicyInputs.LogBuckets, [bucket]).Statements, s => s.Resources.Contains("arn:*:s3:::*/*"));
        else
            Assert.Throws<InputException>(() => PolicyGenerator.Generate([], PolicyInputs.LogBuckets, [bucket]));
    }
}
