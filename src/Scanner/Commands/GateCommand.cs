using System.CommandLine;
using Scanner.Model;
using Scanner.Scan;

namespace Scanner.Commands;

/// <summary><c>scanner gate</c>: its options, their help, and what they are turned into.</summary>
internal static class GateCommand
{
    private static readonly Dictionary<string, PublishTargets> Targets = new(StringComparer.Ordinal)
    {
        ["summary"] = PublishTargets.Summary,
        ["pr-comment"] = PublishTargets.PrComment,
        ["sarif"] = PublishTargets.Sarif,
        ["annotations"] = PublishTargets.Annotations,
    };

    private static readonly Argument<string> Plan = new("plan") { Arity = ArgumentArity.ZeroOrOne, HelpName = "PLAN.json|FOLDER", Description = "What 'terraform show -json tfplan' wrote, or a folder of such files." };
    private static readonly Option<string> Scan = new("--scan") { HelpName = "STORE", Description = "Store of the last scan (scanner scan --store): the rest of the account. Checks about the account as a whole become exact." };
    private static readonly Option<string> Source = new("--source") { HelpName = "DIR", Description = "Folder of the plan's .tf files, after 'terraform init': lines for findings, ignores in comments, and what the plan alone does not tell." };
    private static readonly Option<string> Name = new("--name") { HelpName = "NAME", Description = "Name of the stack: tells the comments of several gates on one pull request apart." };
    private static readonly Option<string[]> Accounts = ScanCommand.Many("--accounts", "id", "Account of the plan, where it does not tell itself.");
    private static readonly Option<string[]> Checks = ScanCommand.Many("--checks", "DIR", "Folders of checks, tables or mutes laid over the shipped ones. On a pull request take them from the base branch.");
    private static readonly Option<bool> LockChecks = new("--lock-checks") { DefaultValueFactory = _ => true, Description = "Let --checks only add: refuse folders that replace a shipped check or mute every check. Default here: true (--lock-checks=false lets them)." };
    private static readonly Option<string[]> Only = ScanCommand.Many("--only", "ids", "Run only these checks; * stands for anything (--only cloudtrail-*).");
    private static readonly Option<string> Framework = new("--framework") { HelpName = "ID", Description = "Run only the checks of a framework, such as cis-aws-5.0." };
    private static readonly Option<string> MinSeverity = new("--severity") { HelpName = "LEVEL", Description = "Run only checks of this severity or worse: informational, low, medium, high, critical." };
    private static readonly Option<string[]> Report = ScanCommand.Many("--report", "FORMAT=PATH", "Write a report: markdown, json, sarif, html, csv, junit.", splitAtCommas: false);
    private static readonly Option<string[]> Publish = ScanCommand.Many("--publish", "targets", "Publish to the pull request: pr-comment, annotations, summary, sarif.");
    private static readonly Option<bool> DryRun = new("--dry-run") { Description = "Say what would be published to GitHub, and change nothing there." };
    private static readonly Option<string> FailOn = new("--fail-on") { HelpName = "LEVEL", Description = "Exit with 1 on faults of this severity or worse that the plan introduces. Default: low." };
    private static readonly Option<bool> FailOnUnknown = new("--fail-on-unknown") { Description = "Exit with 3 when the plan leaves open what becomes of something that it changes." };
    private static readonly Option<string> Baseline = new("--gate-baseline") { HelpName = "FILE", Description = "Faults that are known already (written by --write-baseline): they count as existing." };
    private static readonly Option<string> WriteBaseline = new("--write-baseline") { HelpName = "FILE", Description = "Write the faults of the state afterwards as a baseline, one line each." };
    private static readonly Option<bool> OwnIgnores = new("--own-ignores-only") { Description = "Do not read # checkov:skip and #trivy:ignore comments of the source." };

    public static Command Create(Func<GateOptions, CancellationToken, Task<int>> run)
    {
        var command = new Command("gate", """
            Judge a Terraform plan: the same checks on the account as it is and as the plan will leave it. Only what the plan
            introduces fails. No AWS credentials are needed.

            terraform plan -out=tfplan && terraform show -json tfplan > plan.json
            scanner gate plan.json --source .
            """)
        {
            Plan, Scan, Source, Name, Accounts, Checks, LockChecks, Only, Framework, MinSeverity, Report, Publish, DryRun, FailOn, FailOnUnknown, Baseline, WriteBaseline, OwnIgnores,
        };
        command.SetAction((parsed, cancellation) => run(Read(parsed), cancellation));
        return command;
    }

    private static GateOptions Read(ParseResult parsed)
    {
        var plan = parsed.GetValue(Plan);
        if (string.IsNullOrWhiteSpace(plan))
            throw new InputException("name the plan: scanner gate plan.json (terraform show -json tfplan > plan.json)");
        var accounts = ScanCommand.Items(parsed, Accounts);
        if (accounts.Count > 1 || !accounts.All(AwsAccountId.Is))
            throw new InputException($"--accounts '{SafeText.Line(string.Join(',', accounts))}' must be one account id of twelve digits: a plan's providers name the others");
        return new GateOptions
        {
            Plan = plan.Trim(),
            Scan = ScanCommand.Text(parsed, Scan),
            Source = ScanCommand.Text(parsed, Source),
            Name = ScanCommand.Text(parsed, Name),
            Account = accounts.Count == 1 ? accounts[0] : null,
            Checks = ScanCommand.Items(parsed, Checks),
            LockChecks = parsed.GetValue(LockChecks),
            Only = ScanCommand.Items(parsed, Only),
            Framework = ScanCommand.Text(parsed, Framework),
            Severity = ScanCommand.Level(parsed, MinSeverity),
            Reports = [.. (parsed.GetValue(Report) ?? []).Select(ScanCommand.ReadReport)],
            Publish = ScanCommand.Items(parsed, Publish).Select(word => ScanCommand.ReadTarget(word, Targets)).Aggregate(PublishTargets.None, (all, target) => all | target),
            DryRun = parsed.GetValue(DryRun),
            FailOn = ScanCommand.Level(parsed, FailOn) ?? Severity.Low,
            FailOnUnknown = parsed.GetValue(FailOnUnknown),
            Baseline = ScanCommand.Text(parsed, Baseline),
            WriteBaseline = ScanCommand.Text(parsed, WriteBaseline),
            ForeignIgnores = !parsed.GetValue(OwnIgnores),
        };
    }
}
