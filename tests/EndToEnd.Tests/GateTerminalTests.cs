using Scanner.Model;
using Scanner.Terminal;
using Spectre.Console;

namespace EndToEnd.Tests;

/// <summary>What a gate prints to a terminal and to the log of a job.</summary>
public sealed class GateTerminalTests
{
    [Fact]
    public void The_verdict_what_it_rests_on_and_how_much_was_looked_at_are_printed()
    {
        var text = Print(Report(
            Of("vpc-flow-logs-active", FindingChange.Introduced, "VPC main has no flow log") with { CausedBy = ["aws_flow_log.main"], Location = new SourceLocation("infra/network.tf", 3, 3) },
            Of("rds-encrypted", FindingChange.Fixed, "Database orders is encrypted"),
            Of("s3-deny-http", FindingChange.Unknown, "Cannot be told") with { Causes = [new CollectionStatus("t", "a", "r", CollectionOutcome.Planned, "terraform:x", "policy is known after apply")] },
            Of("old", FindingChange.Existing, "old fault")));

        Assert.Contains("This change introduces 1 problem and fixes 1; 1 cannot be told before apply.", text, StringComparison.Ordinal);
        Assert.Contains("infra/network.tf:3", text, StringComparison.Ordinal);
        Assert.Contains("by the change of", text, StringComparison.Ordinal);
        Assert.Contains("policy is known after apply", text, StringComparison.Ordinal);
        Assert.Contains("1 problem was there before and stays", text, StringComparison.Ordinal);
        Assert.Contains("Looked at: 14 AWS resources, 63 judgments, 1 unknown.", text, StringComparison.Ordinal);
        Assert.DoesNotContain("old fault", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_gate_that_saw_nothing_says_so_in_so_many_words()
    {
        var report = Report();
        Assert.Contains("0 AWS resources were judged", Print(report with { Gate = report.Gate! with { Judgements = 0, Resources = 0 } }), StringComparison.Ordinal);
    }

    [Fact]
    public void No_line_of_it_can_be_a_workflow_command()
    {
        // Broken at the width of the log, the second half would stand at the start of a line.
        var long1 = new string('a', 130) + " ::error::forged " + new string('b', 60) + " ##[error]forged";
        var report = Report([.. Enum.GetValues<FindingChange>().Where(change => change < FindingChange.New).Select(change => Of(long1, change, long1) with
        {
            Plan = "::error::forged",
            CausedBy = [long1],
            Location = new SourceLocation(long1, 1, 1, long1),
            Causes = [new CollectionStatus("t", "a", "r", CollectionOutcome.Planned, long1, long1)],
        })]);
        report = report with
        {
            Gate = report.Gate! with
            {
                Name = long1,
                Plans = [new GatePlan("::error::forged", long1) { Incomplete = ["::error::forged " + long1] }],
                Notes = [long1, "::error::forged"],
                ChangesOwnRules = [long1],
                Scores = [new GateScore("::error::forged", 1, 2, 3)],
                TypesNotJudged = new Dictionary<string, int>(StringComparer.Ordinal) { [long1] = 1 },
                Ignored = [new GateIgnore(long1, long1, long1, long1, null, null)],
            },
        };

        Assert.All(Print(report).Split('\n'), line =>
        {
            Assert.DoesNotMatch(@"^\s*(::|##\[)", line);
        });
    }

    private static Finding Of(string check, FindingChange change, string message) => new()
    {
        Check = check,
        Severity = Severity.High,
        Account = "111122223333",
        Region = "eu-west-1",
        Resource = "x",
        Message = message,
        Change = change,
        Address = "aws_vpc.main",
        Status = change switch
        {
            FindingChange.Introduced or FindingChange.Existing => FindingStatus.Fail,
            FindingChange.Unknown => FindingStatus.Unknown,
            _ => FindingStatus.Pass,
        },
    };

    private static ScanReport Report(params IReadOnlyList<Finding> findings) => new()
    {
        Scan = new ScanSummary { Time = DateTimeOffset.UnixEpoch, Source = "plan.json" },
        Rules = new Dictionary<string, RuleInfo>(StringComparer.Ordinal),
        Findings = findings,
        Collection = [],
        Gate = new GateSummary { Plans = [new GatePlan("infra/prod", "plan.json") { Complete = true, Resources = 14, Created = 5 }], Judgements = 63, Resources = 14 },
    };

    private static string Print(ScanReport report)
    {
        using var writer = new StringWriter();
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(writer), Ansi = AnsiSupport.No });
        console.Profile.Width = 140;
        TerminalSummary.Write(console, report);
        return writer.ToString();
    }
}
