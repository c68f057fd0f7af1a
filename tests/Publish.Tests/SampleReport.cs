using Scanner.Model;

namespace Publish.Tests;

/// <summary>Small reports with everything in them that formats have to say.</summary>
internal static class SampleReport
{
    public const string Account = "111111111111";
    public static readonly DateTimeOffset Time = new(2026, 1, 31, 12, 0, 0, TimeSpan.Zero);

    public static RuleInfo Trail { get; } = new()
    {
        Id = "cloudtrail-logging-now",
        Title = "Trails are logging",
        Fails = "Trails are stopped",
        Severity = Severity.High,
        Service = "cloudtrail",
        Why = "Stopping a trail is the *first* thing that many intruders do.",
        Fix = new Remediation(
            "CloudTrail > Trails > the trail > **Start logging**.",
            "# in the trail's home region\naws cloudtrail start-logging --name TRAIL\n",
            "resource \"aws_cloudtrail\" \"management_events\" {\n  enable_logging = true\n}\n")
        {
            Resource = ["*:trail/{TRAIL}"],
        },
        Source = new LoggingSource("off until StartLogging", "None of its own", "A gap in the trail shows when somebody did not want to be seen"),
        Controls = [new Control("cis-aws-5.0", "3.1", "CloudTrail is enabled in all regions")],
        Mitre = ["T1685.002", "defense-impairment"],
        References = ["https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_GetTrailStatus.html"],
        File = "logging/cloudtrail-logging-now.yml",
    };

    public static RuleInfo RootMfa { get; } = new()
    {
        Id = "iam-root-mfa",
        Title = "The root user has MFA",
        Fails = "Root user has no MFA",
        Severity = Severity.Critical,
        Service = "iam",
        Why = "The root user can do everything and cannot be limited by a policy.",
        Fix = new Remediation("Security credentials > Assign MFA device", null, null),
        Controls = [new Control("cis-aws-5.0", "1.5", "MFA for root")],
        Mitre = ["T1078.004"],
        File = "cis/iam-root-mfa.yml",
    };

    public static RuleInfo GuardDuty { get; } = new()
    {
        Id = "guardduty-enabled",
        Title = "GuardDuty is on in every region",
        Fails = "GuardDuty is off in the region",
        Severity = Severity.Medium,
        Service = "guardduty",
        Why = "Without it nobody is told of stolen credentials.",
        Source = new LoggingSource("off", "by volume of events analyzed", "Findings to start from"),
        Mitre = ["T1685"],
        File = "logging/guardduty-enabled.yml",
    };

    public static RuleInfo RootLogin { get; } = new()
    {
        Id = "6f5c0f6e-0000-4000-8000-000000000001",
        Title = "Root account console login",
        Kind = FindingKind.Detection,
        Severity = Severity.High,
        Service = "signin",
        Why = "Nobody needs the root user in daily work.",
        FalsePositives = ["Break-glass use that was announced"],
        Response = ["Ask the account owner whether the login was theirs", "If not, reset the password and look for access keys"],
        Mitre = ["T1078.004", "initial-access"],
        File = "detections/root-login.yml",
    };

    public static CollectionStatus Denied(string region) => new("aws_guardduty_detector", Account, region, CollectionOutcome.Denied,
        "guardduty:ListDetectors", "AccessDeniedException: User is not authorized to perform guardduty:ListDetectors");

    public static Finding Of(RuleInfo rule, FindingStatus status, string resource, string region = "us-east-1", string message = "", string account = Account) => new()
    {
        Check = rule.Id,
        Kind = rule.Kind,
        Status = status,
        Severity = rule.Severity,
        Account = account,
        Region = region,
        Resource = resource,
        Message = message,
        Controls = [.. rule.Controls.Select(c => c.ToString())],
        Mitre = rule.Mitre,
    };

    public static Finding TrailFails(string name = "main", string region = "us-east-1") =>
        Of(Trail, FindingStatus.Fail, $"arn:aws:cloudtrail:{region}:{Account}:trail/{name}", region, $"Trail {name} was stopped");

    public static Finding Login(string eventId) => Of(RootLogin, FindingStatus.Fail, eventId, "us-east-1", "root logged in from 198.51.100.7") with
    {
        Event = $$"""{"eventID":"{{eventId}}","eventName":"ConsoleLogin","sourceIPAddress":"198.51.100.7"}""",
    };

    /// <summary>The same with what root did around it.</summary>
    public static Finding LoginWithTimeline(string eventId, string text = "") => Login(eventId) with
    {
        Event = $$$"""{"eventID":"{{{eventId}}}","eventName":"ConsoleLogin","sourceIPAddress":"198.51.100.7","userIdentity":{"type":"Root","arn":"arn:aws:iam::{{{Account}}}:root"}}""",
        Seen = new Sighting(Time, Time, 1, [eventId], new Dictionary<string, string>())
        {
            Timeline =
            [
                new(Time.AddMinutes(-1), "DescribeInstances, ListUsers" + text, null, "198.51.100.7" + text, null, 12, false),
                new(Time, "ConsoleLogin", null, "198.51.100.7" + text, null, 1, true),
                new(Time.AddMinutes(1), "StopLogging", $"arn:aws:cloudtrail:eu-west-1:{Account}:trail/legacy{text}", "203.0.113.9", "AccessDenied" + text, 1, false),
            ],
        },
    };

    public static ScanReport Whole() => Report(
        Of(RootMfa, FindingStatus.Fail, Account, "global", "The root user has no MFA device"),
        TrailFails(),
        Of(Trail, FindingStatus.Muted, $"arn:aws:cloudtrail:eu-west-1:{Account}:trail/old", "eu-west-1", "Trail old was stopped") with
        {
            MutedReason = "Replaced by the organization's trail",
        },
        Login("11111111-2222-3333-4444-555555555555"),
        Of(GuardDuty, FindingStatus.Unknown, Account, "eu-west-1", "Could not be assessed") with { Causes = [Denied("eu-west-1")] },
        Of(GuardDuty, FindingStatus.Pass, "d1", "us-east-1", "Detector d1 is enabled"),
        Of(GuardDuty, FindingStatus.NotApplicable, Account, "ap-south-1", "Nothing there")) with
    {
        Collection =
        [
            new CollectionStatus("aws_cloudtrail_trail", Account, "us-east-1", CollectionOutcome.Ok),
            Denied("eu-west-1"),
        ],
    };

    public static ScanReport Report(params IEnumerable<Finding> findings) => new()
    {
        Scan = new ScanSummary
        {
            Time = Time,
            Source = "samples/acme",
            Accounts = [Account],
            Regions = ["ap-south-1", "eu-west-1", "us-east-1"],
            Resources = 1234,
            ApiCalls = 99,
            Events = 7,
            Duration = TimeSpan.FromSeconds(4.5),
            Version = "0.1.0",
        },
        Rules = new[] { Trail, RootMfa, GuardDuty, RootLogin }.ToDictionary(r => r.Id, StringComparer.Ordinal),
        Findings = [.. findings],
        Collection = [],
    };
}
