using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Scanner.Publish.GitHub;

/// <summary>
/// What the scanner has to know of an issue at the next run, kept in the first line of its body as a comment that GitHub
/// does not show. Only that first line is read, and everything else in a body is escaped: it cannot be forged by a name.
/// </summary>
internal sealed record IssueState
{
    private const string Begin = "<!-- scanner:v1 ";
    private const string End = " -->";

    /// <summary>How many finding keys fit into an issue, with room for its text: about 11 characters each.</summary>
    public const int MaxKeys = 3_000;

    /// <summary>Id of the check or detection.</summary>
    public required string Check { get; init; }

    /// <summary>Account.</summary>
    public required string Account { get; init; }

    /// <summary>Whether the rule is a detection.</summary>
    public bool IsDetection { get; init; }

    /// <summary>What was last known.</summary>
    public IssuePhase Phase { get; init; }

    /// <summary>Counts the changes that the scanner made.</summary>
    public int Revision { get; init; } = 1;

    /// <summary>Hash of everything meaningful in the issue, without times.</summary>
    public string Hash { get; init; } = "";

    /// <summary>Findings that the issue is about now.</summary>
    public KeySet Keys { get; init; } = KeySet.Empty;

    /// <summary>Regions of those findings: only a scan of all of them can close the issue.</summary>
    public IReadOnlyList<string> Regions { get; init; } = [];

    /// <summary>Findings whose risk was accepted by closing the issue as not planned.</summary>
    public KeySet Accepted { get; init; } = KeySet.Empty;

    /// <summary>Login of whoever accepted it; null when nobody did.</summary>
    public string? AcceptedBy { get; init; }

    /// <summary>Identity of the issue: hash of check and account.</summary>
    public string Key => KeyOf(Check, Account);

    /// <summary>Computes <see cref="Key"/>.</summary>
    public static string KeyOf(string check, string account) => HashOf("issue", check, account);

    /// <summary>32 hexadecimal digits over texts, each with its length, so that they cannot be shifted.</summary>
    public static string HashOf(params ReadOnlySpan<string> parts)
    {
        var text = new StringBuilder();
        foreach (var part in parts)
            text.Append(CultureInfo.InvariantCulture, $"{part.Length}:{part}");
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())).AsSpan(0, 16));
    }

    /// <summary>Reads the first line of a body; null when it is not ours or was damaged.</summary>
    public static IssueState? Parse(string? body)
    {
        if (body is null || !body.StartsWith(Begin, StringComparison.Ordinal))
            return null;
        var end = body.AsSpan().IndexOfAny('\r', '\n');
        var line = (end < 0 ? body : body[..end]).TrimEnd();
        if (!line.EndsWith(End, StringComparison.Ordinal))
            return null;
        var members = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var member in line[Begin.Length..^End.Length].Split(' '))
        {
            var at = member.IndexOf('=', StringComparison.Ordinal);
            if (at <= 0 || !members.TryAdd(member[..at], Uri.UnescapeDataString(member[(at + 1)..])))
                return null;
        }
        if (!members.TryGetValue("check", out var check) || !members.TryGetValue("account", out var account)
            || !members.TryGetValue("key", out var key) || key != KeyOf(check, account)
            || !Enum.TryParse<IssuePhase>(members.GetValueOrDefault("phase"), ignoreCase: true, out var phase)
            || !int.TryParse(members.GetValueOrDefault("rev"), NumberStyles.None, CultureInfo.InvariantCulture, out var revision)
            || KeySet.Parse(members.GetValueOrDefault("keys", "")) is not { } keys
            || KeySet.Parse(members.GetValueOrDefault("accepted", "")) is not { } accepted)
            return null;
        return new IssueState
        {
            Check = check,
            Account = account,
            IsDetection = members.GetValueOrDefault("kind") == "detection",
            Phase = phase,
            Revision = revision,
            Hash = members.GetValueOrDefault("state", ""),
            Keys = keys,
            Regions = members.GetValueOrDefault("regions", "").Split(',', StringSplitOptions.RemoveEmptyEntries),
            Accepted = accepted,
            AcceptedBy = members.GetValueOrDefault("by"),
        };
    }

    /// <summary>The line, without a line break. Values are percent-encoded, so none can end the comment.</summary>
    public string Line()
    {
        var made = new StringBuilder(Begin);
        made.Append("key=").Append(Key);
        made.Append(" state=").Append(Hash);
        made.Append(" phase=").Append(Phase.ToString().ToLowerInvariant());
        made.Append(CultureInfo.InvariantCulture, $" rev={Revision}");
        made.Append(" check=").Append(Encode(Check));
        made.Append(" account=").Append(Encode(Account));
        if (IsDetection)
            made.Append(" kind=detection");
        if (Regions.Count > 0)
            made.Append(" regions=").AppendJoin(',', Regions.Select(Encode));
        if (Keys.Count > 0)
            made.Append(" keys=").Append(Encode(Keys.ToString()));
        if (Accepted.Count > 0)
            made.Append(" accepted=").Append(Encode(Accepted.ToString()));
        if (AcceptedBy is not null)
            made.Append(" by=").Append(Encode(AcceptedBy));
        return made.Append(End).ToString();
    }

    /// <summary>A body with another first line; the rest stays as it is.</summary>
    public string Replace(string body)
    {
        var end = body.IndexOf('\n', StringComparison.Ordinal);
        return end < 0 ? Line() : string.Concat(Line(), "\n", body.AsSpan(end + 1));
    }

    // A comment must not hold "--": the minus is encoded too, which EscapeDataString does not do.
    private static string Encode(string value) =>
        Uri.EscapeDataString(Reports.JsonText.WellFormed(value)).Replace("--", "%2D%2D", StringComparison.Ordinal);
}
