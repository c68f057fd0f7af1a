using System.Text.RegularExpressions;
using Scanner.Aws.Client;
using Scanner.Catalog;
using Scanner.Model;

namespace Scanner.Collect.Policy;

/// <summary>
/// Derives the least IAM permissions from the calls that tables make: each operation's actions by name, nothing with a
/// wildcard, nothing that changes anything. sts:AssumeRole is not in it: it belongs to the role that assumes, in Terraform.
/// </summary>
public static partial class PolicyGenerator
{
    private const string ListKeys = "s3:ListBucket";

    private static readonly (PolicyInputs Input, string Service, string Operation)[] Inputs =
    [
        (PolicyInputs.LookupEvents, "cloudtrail", "LookupEvents"),
        (PolicyInputs.Findings, "guardduty", "ListDetectors"),
        (PolicyInputs.Findings, "guardduty", "ListFindings"),
        (PolicyInputs.Findings, "guardduty", "GetFindings"),
        (PolicyInputs.Findings, "securityhub", "GetFindings"),
        (PolicyInputs.Athena, "athena", "StartQueryExecution"),
        (PolicyInputs.Athena, "athena", "StopQueryExecution"),
        (PolicyInputs.Athena, "athena", "GetQueryExecution"),
        (PolicyInputs.Athena, "athena", "GetQueryResults"),
        (PolicyInputs.Athena, "athena", "GetTableMetadata"),
        // Athena asks Glue and S3 with the caller's rights.
        (PolicyInputs.Athena, "glue", "GetDatabase"),
        (PolicyInputs.Athena, "glue", "GetTable"),
        (PolicyInputs.Athena, "glue", "GetPartitions"),
        (PolicyInputs.Athena, "glue", "BatchGetPartition"),
        (PolicyInputs.Athena, "s3", "GetBucketLocation"),
        (PolicyInputs.CloudTrailLake, "cloudtrail", "StartQuery"),
        (PolicyInputs.CloudTrailLake, "cloudtrail", "DescribeQuery"),
        (PolicyInputs.CloudTrailLake, "cloudtrail", "GetQueryResults"),
        (PolicyInputs.CloudTrailLake, "cloudtrail", "CancelQuery"),
        (PolicyInputs.LogGroups, "logs", "GetQueryResults"),
        (PolicyInputs.LogGroups, "logs", "StopQuery"),
        (PolicyInputs.Organization, "organizations", "ListAccounts"),
        (PolicyInputs.Organization, "organizations", "ListAccountsForParent"),
        (PolicyInputs.Organization, "organizations", "ListOrganizationalUnitsForParent"),
        (PolicyInputs.Organization, "organizations", "ListRoots"),
        (PolicyInputs.Organization, "organizations", "ListTagsForResource"),
    ];

    /// <summary>Derives the policy.</summary>
    /// <param name="tables">Tables that are collected; <see cref="BuiltInTables"/> are always read.</param>
    /// <param name="inputs">What else is read.</param>
    /// <param name="logBuckets">Names of the buckets with log files, for <see cref="PolicyInputs.LogBuckets"/> and
    /// <see cref="PolicyInputs.Athena"/>; empty: every bucket.</param>
    /// <param name="logGroups">Names of the log groups with events, for <see cref="PolicyInputs.LogGroups"/>; empty: every one.</param>
    /// <exception cref="InputException">A table names an operation that does not read, or a bucket name is none.</exception>
    /// <param name="evidenceBuckets">Names of the buckets in which proof is looked for that logs arrive; of no other may the keys be listed, and
    /// without a name none may.</param>
    public static AccessPolicy Generate(
        IEnumerable<TableDefinition> tables, PolicyInputs inputs = PolicyInputs.None, IReadOnlyList<string>? logBuckets = null, IReadOnlyList<string>? logGroups = null, IReadOnlyList<string>? evidenceBuckets = null)
    {
        var needed = new SortedSet<(string Action, string Resource)>();
        var evidence = new SortedSet<(string Action, string Resource)>();
        foreach (var table in tables.Concat(BuiltInTables.All))
        {
            foreach (var (service, operation) in table.Operations)
            {
                // What a check's author writes here ends up in somebody's account.
                if (!OperationName().IsMatch(operation) || !ServiceName().IsMatch(service))
                    throw new InputException(table.File, table.List.Line, $"'{service}:{operation}' is not the name of an AWS operation");
                if (!ReadOnlyGuard.IsReading(service, operation))
                    throw new InputException(table.File, table.List.Line, $"'{service}:{operation}' is not an operation that only reads; tables may not use it");
                (table.IsEvidence ? evidence : needed).UnionWith(IamActions.Shipped.For(service, operation));
            }
        }
        // What people call the account, where no organization tells it.
        needed.UnionWith(IamActions.Shipped.For("iam", "ListAccountAliases"));
        foreach (var (input, service, operation) in Inputs)
        {
            if (inputs.HasFlag(input))
                needed.UnionWith(IamActions.Shipped.For(service, operation));
        }
        if ((inputs & (PolicyInputs.LogBuckets | PolicyInputs.Athena)) != PolicyInputs.None)
        {
            foreach (var bucket in logBuckets is { Count: > 0 } ? logBuckets : ["*"])
            {
                if (bucket != "*")
                    RequireBucketName(bucket);
                needed.Add(("s3:ListBucket", $"arn:*:s3:::{bucket}"));
                needed.Add(("s3:GetObject", $"arn:*:s3:::{bucket}/*"));
            }
        }
        if (inputs.HasFlag(PolicyInputs.LogGroups))
        {
            foreach (var group in logGroups is { Count: > 0 } ? logGroups.SelectMany(name => new[] { $"arn:*:logs:*:*:log-group:{name}", $"arn:*:logs:*:*:log-group:{name}:*" }) : ["*"])
            {
                needed.Add(("logs:FilterLogEvents", group));
                needed.Add(("logs:StartQuery", group));
            }
        }
        // The keys of a bucket are data: what else it holds is nobody's business.
        if (evidence.Remove((ListKeys, "*")))
        {
            foreach (var bucket in evidenceBuckets ?? [])
            {
                RequireBucketName(bucket);
                evidence.Add((ListKeys, $"arn:*:s3:::{bucket}"));
            }
        }
        evidence.ExceptWith(needed);
        return new AccessPolicy([.. Statements(evidence).Select(statement => statement with { Sid = "Evidence" + statement.Sid["Read".Length..] }), .. Statements(needed)]);
    }

    /// <summary>What <c>--send-security-hub</c> needs besides, and nothing else does: the one right to write. Security Hub's default product is the account's own (AWS
    /// Security Hub user guide, "Using custom product integrations").</summary>
    public static AccessPolicy SecurityHub { get; } =
        new([new PolicyStatement("ImportSecurityHubFindings", ["securityhub:BatchImportFindings"], ["arn:*:securityhub:*:*:product/*/default"])]);

    private static void RequireBucketName(string bucket)
    {
        if (!BucketName().IsMatch(bucket))
            throw new InputException($"'{bucket}' is not a bucket name; leave s3:// and the prefix out");
    }

    // Actions that need the same resources share a statement, one service a statement.
    private static List<PolicyStatement> Statements(IEnumerable<(string Action, string Resource)> needed)
    {
        var statements = new List<PolicyStatement>();
        var byResources = needed
            .GroupBy(need => need.Action, need => need.Resource, StringComparer.Ordinal)
            .Select(group => (Action: group.Key, Resources: group.Contains("*", StringComparer.Ordinal) ? ["*"] : group.Order(StringComparer.Ordinal).ToArray()))
            .GroupBy(need => (Prefix: need.Action[..need.Action.IndexOf(':', StringComparison.Ordinal)], Resources: string.Join('\n', need.Resources)))
            .OrderBy(group => group.Key.Prefix, StringComparer.Ordinal).ThenBy(group => group.Key.Resources, StringComparer.Ordinal);
        foreach (var group in byResources)
        {
            var sid = "Read" + string.Concat(group.Key.Prefix.Split('-').Select(word => char.ToUpperInvariant(word[0]) + word[1..]));
            // A second statement of a service (s3 on objects) is told apart by what it is about.
            var taken = statements.Count(statement => statement.Sid == sid || statement.Sid.StartsWith(sid + "On", StringComparison.Ordinal));
            if (taken > 0)
                sid += "On" + taken.ToString(System.Globalization.CultureInfo.InvariantCulture);
            statements.Add(new PolicyStatement(sid, [.. group.Select(need => need.Action).Order(StringComparer.Ordinal)], [.. group.First().Resources]));
        }
        return statements;
    }

    [GeneratedRegex(@"^[A-Z][A-Za-z0-9]{1,100}\z", RegexOptions.None, matchTimeoutMilliseconds: -1)]
    private static partial Regex OperationName();

    [GeneratedRegex(@"^[a-z][a-z0-9]*(-[a-z0-9]+)*\z", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: -1)]
    private static partial Regex ServiceName();

    [GeneratedRegex(@"^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]\z", RegexOptions.None, matchTimeoutMilliseconds: -1)]
    private static partial Regex BucketName();
}
