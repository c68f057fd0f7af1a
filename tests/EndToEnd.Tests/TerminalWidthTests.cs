using System.Globalization;
using Scanner.Model;
using Scanner.Terminal;
using Spectre.Console;

namespace EndToEnd.Tests;

/// <summary>What a person reads at the end of a scan fits the terminal, and what is there to be copied stands on one line.</summary>
public sealed class TerminalWidthTests
{
    private const string Account = "111111111111";
    private const string Id = "ec2-security-group-that-opens-its-admin-ports";
    private const string Denied = "AccessDeniedException: User: arn:aws:sts::111111111111:assumed-role/scanner-read-only/scanner is not authorized to perform: ec2:Describe{0} with an explicit deny in a service control policy";

    [Theory]
    [InlineData(80)]
    [InlineData(120)]
    public void Ids_and_reasons_are_whole_and_refusals_by_one_statement_are_one_row(int width)
    {
        var text = Write(width, Report());

        var lines = text.Split('\n');
        Assert.All(lines, line => Assert.True(line.Length <= width, line));
        // Under start here, under failing, and where to go on.
        Assert.Equal(3, lines.Count(line => line.Contains(Id, StringComparison.Ordinal)));
        Assert.Single(lines, line => line.Contains("denied", StringComparison.Ordinal));
        // The end of the reason is what tells.
        Assert.Contains("policy", text, StringComparison.Ordinal);
        Assert.Contains("8 more", text, StringComparison.Ordinal);
        Assert.True(text.IndexOf("Start here", StringComparison.Ordinal) < text.IndexOf("Severity", StringComparison.Ordinal), text);
        Assert.Contains($"Next: scanner checks show {Id}", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_clean_account_is_one_screen()
    {
        var report = Report();
        var text = Write(80, report with { Findings = [.. report.Findings.Take(1).Select(finding => finding with { Status = FindingStatus.Pass })], Collection = [] });

        Assert.InRange(text.Split('\n').Length, 5, 24);
        Assert.Contains("Nothing fails.", text, StringComparison.Ordinal);
    }

    private static string Write(int width, ScanReport report)
    {
        var output = new StringWriter(CultureInfo.InvariantCulture);
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(output), Ansi = AnsiSupport.No, ColorSystem = ColorSystemSupport.NoColors, Interactive = InteractionSupport.No });
        console.Profile.Width = width;
        TerminalSummary.Write(console, report);
        return output.ToString().ReplaceLineEndings("\n");
    }

    private static ScanReport Report()
    {
        var rule = new RuleInfo { Id = Id, Title = "Security groups open no admin port", Fails = "Security groups open their admin ports to the world and to everybody in it", Severity = Severity.High, Service = "ec2" };
        var finding = new Finding { Check = Id, Status = FindingStatus.Fail, Severity = Severity.High, Account = Account, Region = "eu-west-1", Resource = "sg-1", Message = "Group sg-1 opens port 22" };
        return new ScanReport
        {
            Scan = new ScanSummary { Time = new DateTimeOffset(2026, 1, 31, 12, 0, 0, TimeSpan.Zero), Source = "aws", Accounts = [Account], Regions = ["eu-west-1"], Version = "0.1.0" },
            Rules = new Dictionary<string, RuleInfo>(StringComparer.Ordinal) { [Id] = rule },
            Findings = [finding, finding with { Resource = "sg-2", Status = FindingStatus.Unknown, Message = "" }],
            Collection =
            [
                .. Enumerable.Range(0, 11).Select(i => $"Things{i}").Select(name => new CollectionStatus("aws_ec2_" + name, Account, "eu-west-1", CollectionOutcome.Denied, "ec2:Describe" + name, string.Format(CultureInfo.InvariantCulture, Denied, name))),
            ],
        };
    }
}
