using Scanner.Collect.Events;
using Scanner.Model;

namespace Scanner.Scan;

/// <summary>Everything that <c>scan</c> was asked, as it was understood: words that mean nothing do not get this far.</summary>
internal sealed record ScanOptions
{
    public string? From { get; init; }
    public IReadOnlyList<string> Regions { get; init; } = [];
    public IReadOnlyList<string> Accounts { get; init; } = [];
    public string? RoleArn { get; init; }
    public string? RoleName { get; init; }
    public string? ExternalId { get; init; }
    public bool Organization { get; init; }
    public IReadOnlyList<string> Checks { get; init; } = [];

    /// <summary>Whether the folders of <see cref="Checks"/> may only add.</summary>
    public bool LockChecks { get; init; }

    public IReadOnlyList<string> Only { get; init; } = [];
    public string? Framework { get; init; }
    public Severity? Severity { get; init; }
    /// <summary>Whether it is looked for proof that logs arrive.</summary>
    public bool Evidence { get; init; } = true;

    public IReadOnlyList<EventLocation> Events { get; init; } = [];
    public TimeSpan Since { get; init; } = TimeSpan.FromHours(24);

    /// <summary>Whether <see cref="Since"/> was given where only files are read, which are read whole.</summary>
    public bool SinceIsIdle { get; init; }

    /// <summary>How long Athena and CloudTrail Lake are waited for; no option of the command line.</summary>
    public LogQueryOptions Queries { get; init; } = new();

    public string? Store { get; init; }

    /// <summary>Whether a scan that was cut off while it wrote <see cref="Store"/> is gone on with.</summary>
    public bool Resume { get; init; }

    public string? Record { get; init; }

    /// <summary>Terraform states that tell which resource is whose block.</summary>
    public IReadOnlyList<string> TerraformStates { get; init; } = [];

    /// <summary>Folder of the <c>.tf</c> files of all <see cref="TerraformStates"/>, or of each.</summary>
    public IReadOnlyList<string> Sources { get; init; } = [];

    public IReadOnlyList<(string Format, string Path)> Reports { get; init; } = [];
    public PublishTargets Publish { get; init; }
    public int MaxIssues { get; init; } = 50;

    /// <summary>In how many accounts a check may fail before they share one issue; 0: never.</summary>
    public int GroupIssues { get; init; } = 10;

    /// <summary>Address of a picture that the dashboard shows; null for none.</summary>
    public Uri? DashboardImage { get; init; }

    public bool DryRun { get; init; }

    /// <summary>Whether findings are imported into Security Hub: the one write into AWS.</summary>
    public bool SendSecurityHub { get; init; }

    public Severity? FailOn { get; init; }
    public bool FailOnUnknown { get; init; }

    /// <summary>Store or JSON report of an earlier scan to compare with; null for none.</summary>
    public string? Baseline { get; init; }

    /// <summary>How old a reading of <see cref="Baseline"/> may be to be taken where CloudTrail tells of no change since; null: everything is read.</summary>
    public TimeSpan? SinceLast { get; init; }

    /// <summary>Longest time that the scan asks AWS; what is not known by then is unknown. Null: as long as it takes.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>What was asked, as options of the command line: what hangs on it is what the scan says, so no output is in it, and no secret.</summary>
    public string Asked
    {
        get
        {
            var words = new List<string>();
            Add("--from", From is null ? [] : [From]);
            Add("--regions", Regions);
            Add("--accounts", Accounts);
            Add("--role-arn", RoleArn is null ? [] : [RoleArn]);
            Add("--role-name", RoleName is null ? [] : [RoleName]);
            if (Organization)
                words.Add("--organization");
            Add("--checks", Checks);
            if (LockChecks)
                words.Add("--lock-checks");
            Add("--only", Only);
            Add("--framework", Framework is null ? [] : [Framework]);
            Add("--severity", Severity is { } severity ? [Names.Of(severity)] : []);
            if (!Evidence)
                words.Add("--evidence off");
            if (SinceLast is { } age)
                words.Add(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"--since-last --max-age {age.TotalMinutes:0}m"));
            Add("--events", [.. Events.Select(location => location.Text)]);
            if (Events.Count > 0)
                words.Add(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"--since {Since.TotalMinutes:0}m"));
            return string.Join(' ', words);

            void Add(string option, IReadOnlyList<string> values)
            {
                if (values.Count > 0)
                    words.Add($"{option} {string.Join(',', values)}");
            }
        }
    }

    /// <summary>Kind of the scan (<see cref="ScanSummary.Scope"/>). Never from what was found: one more account in an organization is the same scan.</summary>
    /// <param name="account">The account of the credentials; null where a recording or an organization is scanned.</param>
    public string ScopeOf(string? account)
    {
        var parts = new List<string>();
        Add("", Framework is null ? [] : [Framework]);
        Add("only-", Only);
        Add("severity-", Severity is { } severity ? [Names.Of(severity)] : []);
        Add("regions-", Regions);
        Add("events-", [.. Events.Select(location => location.Text)]);
        if (Organization)
            parts.Add("organization");
        else if (From is not null)
            Add("from-", [Path.GetFileName(Path.TrimEndingDirectorySeparator(From))]);
        else if (account is not null && Accounts.Count == 0)
            parts.Add("account-" + account);
        return string.Join('/', parts);

        void Add(string name, IReadOnlyList<string> values)
        {
            if (values.Count == 0)
                return;
            var text = string.Join('+', values.Order(StringComparer.Ordinal));
            // What does not read as one word, or is long, is told apart by its hash.
            parts.Add(name + (text.Length <= 60 && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '+' or '-')
                ? text
                : Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(text)).AsSpan(0, 6))));
        }
    }
}
