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
    public IReadOnlyList<EventLocation> Events { get; init; } = [];
    public TimeSpan Since { get; init; } = TimeSpan.FromHours(24);

    /// <summary>How long Athena and CloudTrail Lake are waited for; no option of the command line.</summary>
    public LogQueryOptions Queries { get; init; } = new();

    public string? Store { get; init; }
    public string? Record { get; init; }
    public IReadOnlyList<(string Format, string Path)> Reports { get; init; } = [];
    public PublishTargets Publish { get; init; }
    public int MaxIssues { get; init; } = 50;
    public bool DryRun { get; init; }
    public Severity? FailOn { get; init; }
    public bool FailOnUnknown { get; init; }

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
}
