using Scanner.Model;

namespace Publish.Tests.Gates;

/// <summary>Reports of gates, one for each thing that a pull request may be told.</summary>
internal static class SampleGate
{
    public static RuleInfo Ssh { get; } = new()
    {
        Id = "ec2-security-group-admin-ports",
        Title = "No security group opens administration ports to the internet",
        Fails = "Security groups open administration ports to the internet",
        Severity = Severity.High,
        Service = "ec2",
        Why = "Whoever scans the internet finds it within minutes.",
        Fix = new Remediation(null, null, "resource \"aws_vpc_security_group_ingress_rule\" \"ssh\" {\n  security_group_id = aws_security_group.main.id\n  cidr_ipv4         = \"203.0.113.0/24\" # your own network\n}\n"),
        Controls = [new Control("cis-aws-5.0", "5.2", "No ingress from 0.0.0.0/0 to admin ports")],
        File = "cis/ec2-security-group-admin-ports.yml",
    };

    public static RuleInfo FlowLogs { get; } = new()
    {
        Id = "vpc-flow-logs-active",
        Title = "Every VPC has an active flow log",
        Fails = "VPCs have no active flow log",
        Severity = Severity.Medium,
        Service = "vpc",
        Why = "Without it nobody can say who talked to whom.",
        Fix = new Remediation(null, null, "resource \"aws_flow_log\" \"main\" {\n  vpc_id               = aws_vpc.main.id\n  traffic_type         = \"ALL\"\n  log_destination      = aws_s3_bucket.logs.arn\n  log_destination_type = \"s3\"\n}\n"),
        Controls = [new Control("cis-aws-5.0", "3.7", "VPC flow logging")],
        File = "logging/vpc-flow-logs-active.yml",
    };

    public static RuleInfo Database { get; } = new()
    {
        Id = "rds-public-access",
        Title = "No database instance is public",
        Fails = "Database instances are public",
        Severity = Severity.High,
        Service = "rds",
        Fix = new Remediation(null, null, "resource \"aws_db_instance\" \"main\" {\n  publicly_accessible = false\n}\n"),
        File = "cis/rds-public-access.yml",
    };

    public static RuleInfo Bucket { get; } = new()
    {
        Id = "s3-bucket-deny-http",
        Title = "Buckets refuse plain HTTP",
        Fails = "Buckets take plain HTTP",
        Severity = Severity.Low,
        Service = "s3",
        File = "cis/s3-bucket-deny-http.yml",
    };

    public static Finding Of(RuleInfo rule, FindingChange change, string address, string message, SourceLocation? at = null, params string[] causes) => new()
    {
        Check = rule.Id,
        Severity = rule.Severity,
        Account = "111122223333",
        Region = "eu-west-1",
        Resource = address + "#id",
        Message = message,
        Controls = [.. rule.Controls.Select(c => c.ToString())],
        Change = change,
        Status = change switch
        {
            FindingChange.Introduced or FindingChange.Existing => FindingStatus.Fail,
            FindingChange.Unknown => FindingStatus.Unknown,
            FindingChange.Removed => FindingStatus.NotApplicable,
            _ => FindingStatus.Pass,
        },
        Address = address,
        CausedBy = causes,
        Location = at,
    };

    public static SourceLocation At(string file, int line, int block) => new(file, line, line) { BlockLine = block, BlockEndLine = block + 9 };

    public static Finding OpenSsh { get; } = Of(Ssh, FindingChange.Introduced, "module.net.aws_vpc_security_group_ingress_rule.ssh",
        "Security group bastion opens port 22 to 0.0.0.0/0", At("infra/net/main.tf", 43, 41) with { IsInDiff = true }, "module.net.aws_vpc_security_group_ingress_rule.ssh");

    public static Finding NoFlowLog { get; } = Of(FlowLogs, FindingChange.Introduced, "aws_vpc.main", "VPC main has no flow log", At("infra/network.tf", 3, 3), "aws_flow_log.main");

    public static Finding Encrypted { get; } = Of(Database, FindingChange.Fixed, "aws_db_instance.orders", "Database orders is not public", At("infra/db.tf", 12, 4), "aws_db_instance.orders");

    public static Finding Policy { get; } = Of(Bucket, FindingChange.Unknown, "aws_s3_bucket.data", "Cannot be told before apply", At("infra/data.tf", 1, 1), "data.aws_iam_policy_document.tls") with
    {
        Causes = [new CollectionStatus("aws_s3_bucket", "111122223333", "eu-west-1", CollectionOutcome.Planned, "terraform:aws_s3_bucket_policy.data",
            "aws_s3_bucket_policy.data.policy is known after apply (data.aws_iam_policy_document.tls is read during apply)")],
    };

    public static Finding Old(int i) => Of(Ssh, FindingChange.Existing, $"aws_security_group.old[\"{i}\"]", $"Security group old-{i} opens port 3389 to 0.0.0.0/0");

    public static GatePlan Plan { get; } = new("infra/prod", "infra/prod/plan.json")
    {
        Complete = true,
        Account = "111122223333",
        TerraformVersion = "1.16.3",
        Resources = 14,
        Created = 5,
        Changed = 2,
        Destroyed = 1,
    };

    public static ScanReport Report(params IReadOnlyList<Finding> findings) => new()
    {
        Scan = new ScanSummary { Time = SampleReport.Time, Source = "infra/prod/plan.json", Accounts = ["111122223333"], Regions = ["eu-west-1"], Resources = 14, Version = "0.1.0" },
        Rules = new[] { Ssh, FlowLogs, Database, Bucket }.ToDictionary(r => r.Id, StringComparer.Ordinal),
        Findings = findings,
        Collection = [],
        Gate = new GateSummary
        {
            Plans = [Plan],
            Judgements = 63,
            Resources = 14,
            ChecksNotJudged = [.. Enumerable.Range(0, 12).Select(i => "never-" + i)],
        },
    };

    public static ScanReport With(this ScanReport report, Func<GateSummary, GateSummary> change) => report with { Gate = change(report.Gate!) };

    /// <summary>Two introduced, one fixed, one unknown, one that was there.</summary>
    public static ScanReport Mixed() => Report(OpenSsh, NoFlowLog, Encrypted, Policy, Old(1));

    /// <summary>All reports that have a snapshot, by name.</summary>
    public static IEnumerable<(string Name, ScanReport Report)> All()
    {
        yield return ("mixed", Mixed());
        yield return ("clean", Report(Old(1), Old(2)));
        yield return ("fixed-only", Report(Encrypted, Of(FlowLogs, FindingChange.Removed, "aws_vpc.old", "VPC old has no flow log")));
        yield return ("nothing-judged", Report().With(gate => gate with
        {
            Judgements = 0,
            Resources = 0,
            TypesNotJudged = new Dictionary<string, int>(StringComparer.Ordinal) { ["aws_ssm_parameter"] = 11, ["aws_budgets_budget"] = 3 },
        }));
        yield return ("errored", Report(Policy).With(gate => gate with
        {
            Plans = [Plan with { Errored = true, Complete = false, Incomplete = ["the plan is errored: terraform plan ended with an error before it was done"] }],
        }));
        yield return ("targeted", Report(Encrypted).With(gate => gate with
        {
            Plans = [Plan with { Complete = false, Incomplete = ["made with -target: 31 resources of the state are not in it."] }],
        }));
        yield return ("own-rules", Report(OpenSsh with { Status = FindingStatus.Muted, Change = null, MutedReason = "bastion until the VPN is there" }, NoFlowLog).With(gate => gate with
        {
            ChangesOwnRules = ["security/checks/mutes.yml", ".github/workflows/gate.yml", "infra/net/main.tf:40 (scanner:ignore ec2-security-group-admin-ports)"],
            Ignored =
            [
                new GateIgnore(Bucket.Id, "aws_s3_bucket.www", "checkov:skip CKV_AWS_18", "public web site", null, At("infra/www.tf", 2, 1)),
                new GateIgnore(Ssh.Id, "module.net.aws_vpc_security_group_ingress_rule.ssh", "scanner:ignore", "bastion until the VPN is there", new DateOnly(2027, 3, 31), At("infra/net/main.tf", 40, 40)) { Change = FindingChange.Introduced },
            ],
            Notes = ["infra/net/main.tf:52: scanner:ignore without a reason is not heeded"],
        }));
        yield return ("ignored-only", Report().With(gate => gate with
        {
            Ignored = [new GateIgnore(Ssh.Id, "aws_vpc_security_group_ingress_rule.ssh", "scanner:ignore", "bastion until the VPN is there", new DateOnly(2027, 3, 31), At("infra/net/main.tf", 40, 40)) { Change = FindingChange.Introduced }],
        }));
        yield return ("with-scan", Report(NoFlowLog).With(gate => gate with
        {
            ScanTime = new DateTimeOffset(2026, 1, 31, 3, 17, 0, TimeSpan.Zero),
            Scores = [new GateScore("cis-aws-5.0", 41, 40, 52), new GateScore("cis-aws-7.0", 38, 38, 50)],
            ChecksNotJudged = [],
        }));
        yield return ("two-plans", Report(OpenSsh with { Plan = "network" }, NoFlowLog with { Plan = "network" }, Encrypted with { Plan = "prod" }).With(gate => gate with
        {
            Name = "stacks",
            Plans = [Plan with { Name = "network", File = "plans/network.json" }, Plan with { Name = "prod", File = "plans/prod.json", Created = 0, Changed = 1, Destroyed = 0, Errored = true }],
        }));
        yield return ("many", Report([.. Enumerable.Range(0, 60).Select(i => OpenSsh with { Address = $"aws_security_group.s{i}", Message = $"Security group s{i} opens port 22 to 0.0.0.0/0", Location = At("infra/sg.tf", 10 * i + 1, 10 * i + 1), CausedBy = [] }), .. Enumerable.Range(0, 40).Select(Old)]));
        yield return ("instances", Report(
            [.. new[] { "a", "b.c", "d]" }.Select(key => NoFlowLog with
            {
                Address = $"module.net[\"{key}\"].module.vpc.aws_vpc.this[0]",
                CausedBy = [],
                Location = At("infra/main.tf", 7, 7) with { Module = "in module.net (terraform-aws-modules/vpc/aws)" },
            }),
            NoFlowLog with { Address = "module.net[\"a\"].module.vpc.aws_vpc.other", CausedBy = [], PreviousAddress = "aws_vpc.other", Location = At("infra/main.tf", 7, 7) with { Module = "in module.net (terraform-aws-modules/vpc/aws)" } }]));
        yield return ("opentofu", Report(Policy).With(gate => gate with { Plans = [Plan with { Complete = null, TerraformVersion = "1.12.6" }] }));
        yield return ("suggestion", Report(Of(Database, FindingChange.Introduced, "aws_db_instance.orders", "Database orders is public",
            At("infra/db.tf", 12, 4) with { IsInDiff = true, Suggestion = "  publicly_accessible = false" }, "aws_db_instance.orders")));
    }
}
