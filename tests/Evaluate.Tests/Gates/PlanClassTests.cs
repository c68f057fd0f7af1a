using Loopback;
using Scanner.Catalog;
using Scanner.Evaluate;
using Scanner.Evaluate.Gates;

namespace Evaluate.Tests.Gates;

/// <summary>Which checks a Terraform plan answers: derived from the tables, and held against what was found by reading them one by one.</summary>
public sealed class PlanClassTests(ITestOutputHelper output)
{
    private static readonly CheckCatalog Catalog = CatalogLoader.Load([Path.Combine(Tools.Repository, "checks")], BuiltInTables.All);

    private static readonly string[] Excusable =
    [
        "apigateway-cloudwatch-role", "cloudtrail-bucket-access-logging", "cloudtrail-bucket-not-public", "cloudwatch-audit-log-group-retention",
        "lambda-log-group", "s3-access-logging", "s3-bucket-public-access-block",
    ];

    private static readonly string[] Presence =
    [
        "accessanalyzer-enabled", "account-security-contact", "cloudtrail-management-events", "cloudtrail-multi-region", "cloudtrail-organization-trail",
        "cloudtrail-s3-data-events", "config-delivery-channel", "config-recorder-recording", "config-records-global-types", "ec2-ebs-default-encryption",
        "guardduty-enabled", "iam-cloudshell-full-access", "iam-password-length", "iam-password-reuse", "iam-support-role",
        "s3-account-public-access-block", "securityhub-enabled", "securityhub-standard-ready",
    ];

    private static readonly string[] Never =
    [
        "cloudtrail-delivery", "config-recorder-delivering", "iam-access-key-rotation", "iam-credentials-unused", "iam-one-access-key",
        "iam-root-access-key", "iam-root-hardware-mfa", "iam-root-mfa", "iam-root-use", "iam-server-certificate-expired", "iam-user-mfa",
        "vpc-flow-logs-delivery",
    ];

    [Fact]
    public void Every_check_says_by_its_tables_what_a_plan_can_say_of_it()
    {
        using var evaluator = new CheckEvaluator(Catalog);
        var problems = new List<string>();
        foreach (var check in Catalog.Checks.Values)
        {
            if (PlanClasses.TryClassify(evaluator.CompileForPlan(check), out var found, out var problem))
                output.WriteLine($"{found,-10} {check.Id}");
            else
                problems.Add($"{check.Id}: {problem}");
        }

        Assert.True(problems.Count == 0, string.Join('\n', problems));
    }

    [Fact]
    public void Every_table_says_what_a_plan_knows_of_it()
    {
        var silent = Catalog.Tables.Values.Where(table => !BuiltInTables.IsBuiltIn(table.Name) && table.Terraform.Count == 0 && !table.NeverInTerraform);

        Assert.True(!silent.Any(), $"write 'terraform:' with every column mapped, or 'terraform: never' and why (checks/README.md): {string.Join(", ", silent.Select(table => table.File))}");
    }

    [Fact]
    public void What_is_derived_is_what_reading_the_checks_one_by_one_found()
    {
        using var evaluator = new CheckEvaluator(Catalog);
        foreach (var (ids, expected) in new[] { (Excusable, PlanClass.Excusable), (Presence, PlanClass.Presence), (Never, PlanClass.Never) })
        {
            foreach (var id in ids.Where(Catalog.Checks.ContainsKey))
                Assert.True(PlanClasses.TryClassify(evaluator.CompileForPlan(Catalog.Checks[id]), out var found, out var problem) && found == expected, $"{id} is {found}, not {expected}: {problem}");
        }
        var others = Excusable.Concat(Presence).Concat(Never).ToHashSet(StringComparer.Ordinal);
        foreach (var id in new[] { "vpc-flow-logs-active", "s3-bucket-deny-http", "elbv2-access-logs", "kms-key-rotation", "iam-admin-policy", "rds-multi-az", "guardduty-findings-exported" })
        {
            Assert.DoesNotContain(id, others);
            Assert.True(PlanClasses.TryClassify(evaluator.CompileForPlan(Catalog.Checks[id]), out var found, out _) && found == PlanClass.Plan, $"{id} is {found}");
        }
    }
}
