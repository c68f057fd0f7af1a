using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Unicode;

namespace Scanner.Model;

/// <summary>What one rule says of one resource (or of a whole account and region).</summary>
public sealed record Finding
{
    /// <summary>Id of the check or Sigma rule.</summary>
    public required string Check { get; init; }

    /// <summary>Posture check or detection.</summary>
    public FindingKind Kind { get; init; }

    /// <summary>What it says.</summary>
    public required FindingStatus Status { get; init; }

    /// <summary>The rule's severity.</summary>
    public required Severity Severity { get; init; }

    /// <summary>Twelve-digit account id.</summary>
    public required string Account { get; init; }

    /// <summary>Region code or <c>global</c>.</summary>
    public required string Region { get; init; }

    /// <summary>ARN or id of the resource; the account id when the finding is about the account or region as a
    /// whole; the event id for a detection.</summary>
    public required string Resource { get; init; }

    /// <summary>One sentence. May hold text from AWS: hostile.</summary>
    public string Message { get; init; } = "";

    /// <summary>Controls that map to the rule, as <c>framework/control</c>.</summary>
    public IReadOnlyList<string> Controls { get; init; } = [];

    /// <summary>MITRE ATT&amp;CK ids of the rule.</summary>
    public IReadOnlyList<string> Mitre { get; init; } = [];

    /// <summary>For <see cref="FindingStatus.Unknown"/>: what could not be read; otherwise empty.</summary>
    public IReadOnlyList<CollectionStatus> Causes { get; init; } = [];

    /// <summary>For <see cref="FindingStatus.Muted"/>: who accepted it and why.</summary>
    public string? MutedReason { get; init; }

    /// <summary>Whose it is, where an <c>owners.yml</c> says it; null otherwise.</summary>
    public Owner? Owner { get; init; }

    /// <summary>What became of it between the two sides of a plan or since an earlier scan; null where nothing changed that
    /// is worth a word, and for a scan without a baseline.</summary>
    public FindingChange? Change { get; init; }

    /// <summary>Of a setting that fails: when scans first saw it fail, each time that it began to, the oldest first; empty where no history is kept.</summary>
    public IReadOnlyList<DateTimeOffset> Began { get; init; } = [];

    /// <summary>In a gate over several plans: name of the plan (<see cref="GatePlan.Name"/>); null for one plan, and for a scan. Hostile text.</summary>
    public string? Plan { get; init; }

    /// <summary>In a plan: address of the resource after all moves, such as <c>module.net["a"].aws_vpc.this[0]</c>; null otherwise. Hostile text.</summary>
    public string? Address { get; init; }

    /// <summary>In a plan: the address before the resource was moved; null when it was not.</summary>
    public string? PreviousAddress { get; init; }

    /// <summary>In a plan: addresses of the changes that the finding comes from (a destroyed flow log behind an unchanged VPC), or of
    /// what cannot be told yet for an unknown one; otherwise empty.</summary>
    public IReadOnlyList<string> CausedBy { get; init; } = [];

    /// <summary>In a plan with a source, and in a scan whose Terraform state names the resource: where it is written; null otherwise.</summary>
    public SourceLocation? Location { get; init; }

    /// <summary>In a plan: whether the pass or fail rests on something that only the running account can tell (delivery);
    /// the next scan sees it.</summary>
    public bool Assumed { get; init; }

    /// <summary>The oldest reading that it may rest on, where that is an earlier scan's (<see cref="CollectionStatus.ReadAt"/>); null where this scan read everything.</summary>
    public DateTimeOffset? ReadAt { get; init; }

    /// <summary>For a detection: when it was seen, and in which events; null otherwise.</summary>
    public Sighting? Seen { get; init; }

    /// <summary>For a detection: the event as a JSON object; null otherwise.</summary>
    public string? Event { get; init; }

    /// <summary>
    /// Identity of the finding between runs: the first 32 hexadecimal digits of the SHA-256 of check, account, region
    /// and resource. Message, severity and status do not take part, so a finding keeps its key while it changes.
    /// </summary>
    public string Key => KeyOf(Check, Account, Region, Resource);

    /// <summary>As <see cref="Key"/>, and of several plans in one report that of each: what stands in two of them is two alerts, and two links.</summary>
    public string PlanKey => Plan is null ? Key : KeyOf(Key, Plan, "", "");

    /// <summary>What <see cref="Key"/> is made of: tells findings of one run apart without the cost of a hash.</summary>
    public (string Check, string Account, string Region, string Resource) Identity => (Check, Account, Region, Resource);

    /// <summary>Computes <see cref="Key"/> from its parts.</summary>
    public static string KeyOf(string check, string account, string region, string resource)
    {
        // Lengths are part of the input, so that no two different quadruples give the same text. Most fit: a key is asked for many times a finding.
        Span<byte> room = stackalloc byte[384];
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        if (Utf8.TryWrite(room, CultureInfo.InvariantCulture, $"{check.Length}:{check}{account.Length}:{account}{region.Length}:{region}{resource}", out var length))
            SHA256.HashData(room[..length], hash);
        else
            SHA256.HashData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{check.Length}:{check}{account.Length}:{account}{region.Length}:{region}{resource}")), hash);
        return Convert.ToHexStringLower(hash[..16]);
    }
}
