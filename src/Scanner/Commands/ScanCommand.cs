using System.CommandLine;
using Scanner.Catalog;
using Scanner.Collect.Events;
using Scanner.Model;
using Scanner.Scan;

namespace Scanner.Commands;

/// <summary><c>scanner scan</c>: its options, their help, and what they are turned into.</summary>
internal static class ScanCommand
{
    private static readonly Dictionary<string, PublishTargets> Targets = new(StringComparer.Ordinal)
    {
        ["issues"] = PublishTargets.Issues,
        ["dashboard"] = PublishTargets.Dashboard,
        ["summary"] = PublishTargets.Summary,
        ["pr-comment"] = PublishTargets.PrComment,
        ["sarif"] = PublishTargets.Sarif,
        ["annotations"] = PublishTargets.Annotations,
        ["webhook"] = PublishTargets.Webhook,
    };

    private static readonly Option<string> From = new("--from") { HelpName = "DIR|plan.json", Description = "Scan a recorded account in a folder (samples/acme), or the state that a Terraform plan leads to, instead of AWS." };
    private static readonly Option<string[]> Regions = Many("--regions", "a,b", "Regions to scan. Default: all that are enabled.");
    private static readonly Option<string[]> Accounts = Many("--accounts", "ids", "Accounts to scan, by role chaining with --role-name; with --organization only these of its accounts. Default: the account of the credentials.");
    private static readonly Option<string> RoleArn = new("--role-arn") { HelpName = "ARN", Description = "Role to assume first: with the job's OIDC token in GitHub Actions, with the current credentials elsewhere." };
    private static readonly Option<string> RoleName = new("--role-name") { HelpName = "NAME", Description = "Read-only role in member accounts." };
    private static readonly Option<string> ExternalId = new("--external-id") { HelpName = "ID", Description = "External id that the member roles ask for." };
    private static readonly Option<bool> Organization = new("--organization") { Description = "Scan every active account of the organization (needs --role-name)." };
    private static readonly Option<string[]> Checks = Many("--checks", "DIR", "Folders of checks, tables, mutes or Sigma rules laid over the shipped ones; the same id replaces ours.");
    private static readonly Option<bool> LockChecks = new("--lock-checks") { Description = "Let --checks only add: refuse folders that replace a shipped check or mute every check." };
    private static readonly Option<string[]> Only = Many("--only", "ids", "Run only these checks and detections; * stands for anything (--only cloudtrail-*).");
    private static readonly Option<string> Framework = new("--framework") { HelpName = "ID", Description = "Run only the checks of a framework, such as cis-aws-5.0 (see: scanner checks list)." };
    private static readonly Option<string> MinSeverity = new("--severity") { HelpName = "LEVEL", Description = "Run only checks of this severity or worse: informational, low, medium, high, critical." };
    private static readonly Option<string> Evidence = new("--evidence") { HelpName = "on|off", Description = "Whether to look for proof that logs arrive: files in log buckets, events in log groups, traffic in metrics; no content is read. Default: on." };
    private static readonly Option<string[]> Events = Many("--events", "SOURCE", "Where detections read events: lookup (CloudTrail LookupEvents), a folder or file, s3://bucket/prefix (?region=...), logs:GROUP of CloudWatch Logs, such as logs:aws/cloudtrail/managementevents (?region=...&read=fetch or insights); with vpcflow: or s3_access: before it where it holds those logs. Or where the rules run as SQL: athena:[[CATALOG.]DATABASE.]TABLE (?workgroup=...&region=...&output=s3://...), lake:ID or ARN of an event data store (?region=...; CloudTrail Lake is closed to new customers since 31 May 2026). Default: none.");
    private static readonly Option<string> Since = new("--since") { HelpName = "SPAN", Description = "How far back detections look: 90m, 24h, 7d. Default: 24h." };
    private static readonly Option<string> Store = new("--store") { HelpName = "FILE", Description = "Keep everything collected in this DuckDB file (scanner query asks it later)." };
    private static readonly Option<bool> Resume = new("--resume") { Description = "Go on with a scan that was cut off while it wrote --store: what that holds is not asked again. Without one, scan from the beginning." };
    private static readonly Option<string> Record = new("--record") { HelpName = "DIR", Description = "Write what AWS answers into a folder that --from reads. It holds your account's configuration, without secrets (Lambda environments, passwords, tokens): keep it private." };
    private static readonly Option<string[]> TerraformState = Many("--terraform-state", "FILE", "State of Terraform ('terraform show -json > state.json', or a terraform.tfstate), with --source: findings stand at the .tf line of their resource in sarif, json, csv, junit and ocsf. Only addresses, ARNs and ids are kept of it.", splitAtCommas: false);
    private static readonly Option<string[]> Source = Many("--source", "DIR", "Folder of the .tf files that --terraform-state was applied from, after 'terraform init': one for all states, or one for each in their order.", splitAtCommas: false);
    private static readonly Option<string[]> Report = Many("--report", "FORMAT=PATH", "Write a report: markdown, json, sarif, html, csv, junit, ocsf, asff, navigator, controls, svg. Default with --from: markdown, json and sarif in scanner-report/.", splitAtCommas: false);
    private static readonly Option<string[]> Publish = Many("--publish", "targets", "Publish, to GitHub or a chat: issues, dashboard (one pinned issue), summary, pr-comment, sarif, annotations, webhook (a chat: its address is the secret in the environment variable SCANNER_WEBHOOK).");
    private static readonly Option<int?> MaxIssues = new("--max-issues") { HelpName = "N", Description = "Most issues that one run opens. Default: 50." };
    private static readonly Option<int?> GroupIssues = new("--group-issues") { HelpName = "N", Description = "A check that fails in more accounts than this gets one issue with a table of them; 0: each account its own. Default: 10." };
    private static readonly Option<string> DashboardImage = new("--dashboard-image") { HelpName = "URL", Description = "Picture that the dashboard shows: where the workflow puts the file of --report svg=FILE." };
    private static readonly Option<bool> DryRun = new("--dry-run") { Description = "Say what would be published, and change nothing there." };
    private static readonly Option<bool> SendSecurityHub = new("--send-security-hub") { Description = "Import the findings into Security Hub of the accounts that they are about: the one write into AWS, with the right that scanner policy --security-hub prints." };
    private static readonly Option<string> FailOn = new("--fail-on") { HelpName = "LEVEL", Description = "Exit with 1 on findings of this severity or worse. Default: never." };
    private static readonly Option<bool> FailOnUnknown = new("--fail-on-unknown") { Description = "Exit with 3 when something could not be assessed." };

    private static readonly Option<string> Baseline = new("--baseline") { HelpName = "FILE", Description = "Store or JSON report of an earlier scan: says what is new, fixed and still failing since then." };
    private static readonly Option<bool> SinceLast = new("--since-last") { Description = "Take from the store of --baseline what CloudTrail tells has not changed since it was read, and read the rest: fewer calls. What is taken is marked with its age; what is not known for certain is read. Default: read everything." };
    private static readonly Option<string> MaxAge = new("--max-age") { HelpName = "SPAN", Description = "With --since-last: how old a reading may be, 1h to 89d. Default: 24h." };
    private static readonly Option<string> Timeout = new("--timeout") { HelpName = "SPAN", Description = "Stop asking AWS after this time (90s, 10m, 1h), report what is known and exit with 3. Default: no limit." };

    public static Command Create(Func<ScanOptions, CancellationToken, Task<int>> run)
    {
        var command = new Command("scan", """
            Scan AWS (or a recorded account), evaluate the checks, write reports and publish.

            Try it without an AWS account:   scanner scan --from samples/acme
            Your account, read-only:         scanner scan --regions eu-west-1,us-east-1 --report html=report.html
            An organization:                 scanner scan --organization --role-name scanner-member-read-only
            With detections:                 scanner scan --events lookup --since 24h
            Over a year of logs in Athena:   scanner scan --events athena:security.cloudtrail_logs --since 365d

            What cannot be read (denied, throttled, region disabled) is reported as unknown, never as a pass.
            """)
        {
            From, Regions, Accounts, RoleArn, RoleName, ExternalId, Organization, Checks, LockChecks, Only, Framework, MinSeverity, Evidence, Events, Since,
            Store, Resume, Record, TerraformState, Source, Report, Publish, MaxIssues, GroupIssues, DashboardImage, DryRun, SendSecurityHub, FailOn, FailOnUnknown, Baseline, SinceLast, MaxAge, Timeout,
        };
        command.SetAction((parsed, cancellation) => run(Read(parsed), cancellation));
        return command;
    }

    /// <summary>The options that say what becomes of a result, and what it is judged by: those of <c>merge</c> too.</summary>
    internal static IReadOnlyList<Option> Outputs => [Checks, LockChecks, Report, Publish, MaxIssues, GroupIssues, DashboardImage, DryRun, FailOn, FailOnUnknown, Baseline];

    /// <summary>What <see cref="Outputs"/> were given.</summary>
    internal static ScanOptions ReadOutputs(ParseResult parsed)
    {
        var options = new ScanOptions
        {
            Checks = Items(parsed, Checks),
            LockChecks = parsed.GetValue(LockChecks),
            Reports = [.. (parsed.GetValue(Report) ?? []).Select(ReadReport)],
            Publish = Items(parsed, Publish).Select(word => ReadTarget(word, Targets)).Aggregate(PublishTargets.None, (all, target) => all | target),
            MaxIssues = parsed.GetValue(MaxIssues) ?? 50,
            GroupIssues = parsed.GetValue(GroupIssues) ?? 10,
            DashboardImage = Text(parsed, DashboardImage) is not { } image ? null
                : Uri.TryCreate(image, UriKind.Absolute, out var address) && address.Scheme is "https" or "http" ? address
                : throw new InputException($"--dashboard-image '{SafeText.Line(image)}' is no address; write it as https://github.com/OWNER/NAME/raw/BRANCH/coverage.svg"),
            DryRun = parsed.GetValue(DryRun),
            FailOn = Level(parsed, FailOn),
            FailOnUnknown = parsed.GetValue(FailOnUnknown),
            Baseline = Text(parsed, Baseline),
        };
        return options.MaxIssues < 0 ? throw new InputException("--max-issues must not be negative")
            : options.GroupIssues < 0 ? throw new InputException("--group-issues must not be negative") : options;
    }

    private static ScanOptions Read(ParseResult parsed)
    {
        var options = ReadOutputs(parsed) with
        {
            From = Text(parsed, From),
            Regions = Items(parsed, Regions),
            Accounts = Items(parsed, Accounts),
            RoleArn = Text(parsed, RoleArn),
            RoleName = Text(parsed, RoleName),
            ExternalId = Text(parsed, ExternalId),
            Organization = parsed.GetValue(Organization),
            Only = Items(parsed, Only),
            Framework = Text(parsed, Framework),
            Severity = Level(parsed, MinSeverity),
            Evidence = Text(parsed, Evidence) switch
            {
                null or "on" => true,
                "off" => false,
                var other => throw new InputException($"--evidence '{SafeText.Line(other)}' is not known; it is on or off"),
            },
            Events = [.. Items(parsed, Events).Select(EventLocation.Parse)],
            Since = Text(parsed, Since) is { } since ? Durations.Parse("--since", since) : TimeSpan.FromHours(24),
            Store = Text(parsed, Store),
            Resume = parsed.GetValue(Resume),
            Record = Text(parsed, Record),
            TerraformStates = Paths(parsed, TerraformState),
            Sources = Paths(parsed, Source),
            SendSecurityHub = parsed.GetValue(SendSecurityHub),
            Timeout = Text(parsed, Timeout) is { } timeout ? Durations.Parse("--timeout", timeout) : null,
        };
        options = options with { SinceLast = ReadSinceLast(parsed, options) };
        AccountIds(options.Accounts, "--accounts");
        if (options.TerraformStates.Count > 0 != options.Sources.Count > 0)
        {
            throw new InputException(options.Sources.Count > 0
                ? "--source is the folder of the .tf files; which resource is whose block a state tells: add --terraform-state FILE"
                : "--terraform-state tells which resource is whose block; where that is written --source does: add --source DIR");
        }
        foreach (var region in options.Regions.Where(region => !AwsPartition.IsRegionName(region)))
            throw new InputException($"--regions '{SafeText.Line(region)}' is not an AWS region; {Spelling.Suggest(region, AwsPartition.All.SelectMany(partition => partition.Regions))}");
        // The account of the credentials needs no role; of several, one is another.
        if (options is { From: null, RoleName: null, Accounts.Count: > 1 })
            throw new InputException("--accounts with several accounts needs --role-name: the read-only role in the other accounts");
        if (options.From is not null && (options.RoleArn ?? options.RoleName) is not null)
            throw new InputException("--from scans a recorded account: leave out --role-arn and --role-name");
        if (options is { From: not null, SendSecurityHub: true })
            throw new InputException("--from scans a recorded account: leave out --send-security-hub, which writes into AWS (--report asff=FILE has the same findings)");
        if (options.From is not null && options.Organization)
            throw new InputException("--from scans a recorded account: leave out --organization (all recorded accounts are scanned)");
        if (options.Organization && options.RoleName is null)
            throw new InputException("--organization needs --role-name: the read-only role in the member accounts");
        if (options is { Resume: true, Store: null })
            throw new InputException("--resume goes on with the scan that was to write a store: name it with --store FILE");
        if (options is { Resume: true, Record: not null })
            throw new InputException("--resume asks only what is missing, so that --record would lack the rest: leave one of them out");
        if (options is { From: null, Events.Count: 0 } && Text(parsed, Since) is not null)
            throw new InputException("--since says how far back events are read, and no --events are: add --events lookup, or leave --since out");
        return options with { SinceIsIdle = Text(parsed, Since) is not null && options.Events.All(location => location.Path is not null) };
    }

    private static TimeSpan? ReadSinceLast(ParseResult parsed, ScanOptions options)
    {
        var age = Text(parsed, MaxAge) is { } text ? Durations.Parse("--max-age", text) : TimeSpan.FromHours(24);
        if (!parsed.GetValue(SinceLast))
        {
            return Text(parsed, MaxAge) is null ? null
                : throw new InputException("--max-age says how old what --since-last takes may be: add --since-last, or leave it out");
        }
        if (options.From is not null)
            throw new InputException("--since-last asks CloudTrail what has changed, and --from asks nothing of AWS: leave one of them out");
        if (options.Record is not null)
            throw new InputException("--since-last asks only what has changed, so that --record would lack the rest: leave one of them out");
        if (options.Baseline is null)
            throw new InputException("--since-last takes rows from the store of the last scan: name it with --baseline FILE");
        return age >= TimeSpan.FromHours(1) && age <= Scan.SinceLast.MostAge ? age
            : throw new InputException($"--max-age '{SafeText.Line(Text(parsed, MaxAge)!)}' is not between 1h and 89d: CloudTrail keeps 90 days of events");
    }

    internal static PublishTargets ReadTarget(string word, Dictionary<string, PublishTargets> targets) =>
        targets.TryGetValue(word, out var target)
            ? target
            : throw new InputException($"--publish '{SafeText.Line(word)}' is not known; it is one of {string.Join(", ", targets.Keys)}");

    internal static (string Format, string Path) ReadReport(string text)
    {
        var at = text.IndexOf('=', StringComparison.Ordinal);
        return at > 0 && at < text.Length - 1
            ? (text[..at], text[(at + 1)..])
            : throw new InputException($"--report '{SafeText.Line(text)}' must be FORMAT=PATH, such as html=report.html");
    }

    internal static Severity? Level(ParseResult parsed, Option<string> option) =>
        Text(parsed, option) is not { } text ? null
        : Names.TryParse(text, out Severity severity) ? severity
        : throw new InputException($"{option.Name} '{SafeText.Line(text)}' is not a severity; it is one of informational, low, medium, high, critical");

    internal static string? Text(ParseResult parsed, Option<string> option) =>
        parsed.GetValue(option) is { } text && !string.IsNullOrWhiteSpace(text) ? text.Trim() : null;

    /// <summary>The ids, where each is one.</summary>
    /// <exception cref="InputException">One is none; the message names the option.</exception>
    internal static IReadOnlyList<string> AccountIds(IReadOnlyList<string> ids, string option) =>
        ids.FirstOrDefault(id => !AwsAccountId.Is(id)) is { } wrong ? throw new InputException($"{option} '{SafeText.Line(wrong)}' is not an account id; write twelve digits") : ids;

    private static IReadOnlyList<string> Paths(ParseResult parsed, Option<string[]> option) =>
        [.. (parsed.GetValue(option) ?? []).Select(path => path.Trim()).Where(path => path.Length > 0)];

    internal static IReadOnlyList<string> Items(ParseResult parsed, Option<string[]> option) =>
        [.. (parsed.GetValue(option) ?? []).SelectMany(text => text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)).Distinct(StringComparer.Ordinal)];

    /// <summary><c>--format</c> of the commands that print rows.</summary>
    /// <param name="formats">What it can be, the default first.</param>
    internal static Option<string> Format(string formats = "table (default; one line a row off a terminal), json, jsonl or csv") =>
        new("--format") { HelpName = "FORMAT", Description = char.ToUpperInvariant(formats[0]) + formats[1..] + "." };

    internal static Option<string[]> Many(string name, string help, string description, bool splitAtCommas = true) =>
        new(name)
        {
            HelpName = help,
            Description = description + (splitAtCommas ? " With commas between, or given again." : " May be given again."),
            AllowMultipleArgumentsPerToken = false,
        };
}
