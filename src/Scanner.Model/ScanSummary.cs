namespace Scanner.Model;

/// <summary>The run itself: when, of what, with what.</summary>
public sealed record ScanSummary
{
    /// <summary>When the scan looked; a recorded account keeps the time of its recording.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>Where the resources came from: <c>aws</c>, or the path given to <c>--from</c>.</summary>
    public required string Source { get; init; }

    /// <summary>Accounts that were scanned, twelve digits each.</summary>
    public IReadOnlyList<string> Accounts { get; init; } = [];

    /// <summary>Names of accounts, by id, where Organizations or an alias tells them. Hostile text.</summary>
    public IReadOnlyDictionary<string, string> AccountNames { get; init; } = new Dictionary<string, string>();

    /// <summary><c>acme-prod (111122223333)</c>; the id alone where no name is known. Hostile text.</summary>
    /// <param name="account">Twelve-digit id.</param>
    public string Called(string account) => AccountNames.TryGetValue(account, out var name) && !string.IsNullOrWhiteSpace(name) ? $"{SafeText.Cut(name, 60)} ({account})" : account;

    /// <summary>Regions that were scanned.</summary>
    public IReadOnlyList<string> Regions { get; init; } = [];

    /// <summary>Number of resources in the store.</summary>
    public long Resources { get; init; }

    /// <summary>Number of AWS API calls made (attempts that reached the wire, retries included).</summary>
    public long ApiCalls { get; init; }

    /// <summary>Number of events that detections looked at.</summary>
    public long Events { get; init; }

    /// <summary>Wall time of the scan.</summary>
    public TimeSpan Duration { get; init; }

    /// <summary>ARN of the identity that asked AWS (<c>sts:GetCallerIdentity</c>); empty where nobody did.</summary>
    public string Caller { get; init; } = "";

    /// <summary>What was asked, as options of the command line, without secrets; empty where it is not known.</summary>
    public string Parameters { get; init; } = "";

    /// <summary>What was asked, in words that stay the same from day to day whatever is found (<c>cis-aws-5.0/regions-eu-west-1</c>): scans
    /// that were asked the same are of one kind. Letters, digits, <c>. _ + -</c> and slashes; empty where everything was asked.</summary>
    public string Scope { get; init; } = "";

    /// <summary>The framework whose controls were asked for; null for none.</summary>
    public string? Framework { get; init; }

    /// <summary>The workflow run that it was a job of, as <c>owner/name/id</c>; empty where it ran elsewhere.</summary>
    public string Run { get; init; } = "";

    /// <summary>File of the workflow that ran it, as its repository has it (<c>.github/workflows/scan.yml</c>); empty where it ran elsewhere.</summary>
    public string Workflow { get; init; } = "";

    /// <summary>Whether the accounts were named (<c>--accounts</c>): then each of them is a scan of its own kind.</summary>
    public bool AccountsNamed { get; init; }

    /// <summary>When the program began; null where it is not known. For a recorded account later than <see cref="Time"/>.</summary>
    public DateTimeOffset? Started { get; init; }

    /// <summary>When it had read and judged everything.</summary>
    public DateTimeOffset? Ended => Started + Duration;

    /// <summary>AWS services that were asked or that the rules are about, in alphabetical order.</summary>
    public IReadOnlyList<string> Services { get; init; } = [];

    /// <summary>Whether it ended before it had asked everything: its credentials expired, or its time was over.</summary>
    public bool EndedEarly { get; init; }

    /// <summary>How each table was asked, by name, as a fingerprint: a later scan takes rows of this one (<c>--since-last</c>) only where it would ask the same.</summary>
    public IReadOnlyDictionary<string, string> Tables { get; init; } = new Dictionary<string, string>();

    /// <summary>Version of the program.</summary>
    public string Version { get; init; } = "";
}
