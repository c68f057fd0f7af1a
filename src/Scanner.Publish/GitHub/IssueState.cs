using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Scanner.Publish.GitHub;

/// <summary>
/// What the scanner has to know of an issue at the next run, kept as comments that GitHub does not show: a line with all of it where our
/// text begins, and one with the key where it ends. What people write above and below is theirs and stays. All text of others within ours
/// is escaped, so no name can forge these lines.
/// </summary>
internal sealed record IssueState
{
    private const string Begin = "<!-- scanner:v1 ";
    private const string End = " -->";
    private const string LastBegin = "<!-- scanner:end key=";
    private const string Footer = "<sub>Kept up to date by Scanner.";

    /// <summary>How many finding keys fit into an issue, with room for its text: about 11 characters each.</summary>
    public const int MaxKeys = 3_000;

    /// <summary>How many keys the id of an account takes the place of.</summary>
    public const double KeysAnAccount = 1.5;

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

    /// <summary>Hash of the title as the scanner wrote it; empty in issues of older versions. Another title is a person's.</summary>
    public string TitleHash { get; init; } = "";

    /// <summary>Findings that the issue is about now.</summary>
    public KeySet Keys { get; init; } = KeySet.Empty;

    /// <summary>Of an issue about many accounts: <see cref="Keys"/> by account, so that only a scan of an account can take its findings off.</summary>
    public IReadOnlyDictionary<string, KeySet> Accounts { get; init; } = new Dictionary<string, KeySet>();

    /// <summary>Regions of those findings: only a scan of all of them can close the issue.</summary>
    public IReadOnlyList<string> Regions { get; init; } = [];

    /// <summary>Findings whose risk was accepted by closing the issue as not planned.</summary>
    public KeySet Accepted { get; init; } = KeySet.Empty;

    /// <summary>Login of whoever accepted it; null when nobody did.</summary>
    public string? AcceptedBy { get; init; }

    /// <summary>Labels of teams that the scanner put on the issue: it takes them off again, and no others.</summary>
    public IReadOnlyList<string> Teams { get; init; } = [];

    /// <summary>Of an incident: hashes of what its matches share (<see cref="Model.Incident.Joins"/>).</summary>
    public KeySet Joins { get; init; } = KeySet.Empty;

    /// <summary>Of an incident: time of its last event.</summary>
    public DateTimeOffset? Last { get; init; }

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

    /// <summary>Reads the line in a body where our text begins; null when there is none or it was damaged.</summary>
    public static IssueState? Parse(string? body)
    {
        if (body is null || LineAt(body, Begin) is not { } start)
            return null;
        var end = body.AsSpan(start).IndexOfAny('\r', '\n');
        var line = (end < 0 ? body[start..] : body.Substring(start, end)).TrimEnd();
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
            || KeySet.Parse(members.GetValueOrDefault("accepted", "")) is not { } accepted
            || KeySet.Parse(members.GetValueOrDefault("joins", "")) is not { } joins
            || ParseAccounts(members.GetValueOrDefault("accounts", "")) is not { } accounts)
            return null;
        return new IssueState
        {
            Check = check,
            Account = account,
            IsDetection = members.GetValueOrDefault("kind") == "detection",
            Phase = phase,
            Revision = revision,
            Hash = members.GetValueOrDefault("state", ""),
            TitleHash = members.GetValueOrDefault("title", ""),
            Keys = accounts.Values.Aggregate(keys, (all, one) => all.Union(one)),
            Accounts = accounts,
            Regions = members.GetValueOrDefault("regions", "").Split(',', StringSplitOptions.RemoveEmptyEntries),
            Accepted = accepted,
            Joins = joins,
            Last = DateTimeOffset.TryParseExact(members.GetValueOrDefault("last"), "o", CultureInfo.InvariantCulture, DateTimeStyles.None, out var last) ? last : null,
            AcceptedBy = members.GetValueOrDefault("by"),
            Teams = [.. members.GetValueOrDefault("teams", "").Split(',', StringSplitOptions.RemoveEmptyEntries).Select(Uri.UnescapeDataString)],
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
        if (TitleHash.Length > 0)
            made.Append(" title=").Append(TitleHash);
        if (IsDetection)
            made.Append(" kind=detection");
        if (Regions.Count > 0)
            made.Append(" regions=").AppendJoin(',', Regions.Select(Encode));
        if (Keys.Count > 0 && Accounts.Count > 0)
            made.Append(" accounts=").Append(Encode(string.Join('~', Accounts.OrderBy(one => one.Key, StringComparer.Ordinal).Select(one => $"{one.Key}.{one.Value}"))));
        else if (Keys.Count > 0)
            made.Append(" keys=").Append(Encode(Keys.ToString()));
        if (Accepted.Count > 0)
            made.Append(" accepted=").Append(Encode(Accepted.ToString()));
        if (AcceptedBy is not null)
            made.Append(" by=").Append(Encode(AcceptedBy));
        if (Joins.Count > 0)
            made.Append(" joins=").Append(Encode(Joins.ToString()));
        if (Last is { } last)
            made.Append(" last=").Append(Encode(last.ToString("o", CultureInfo.InvariantCulture)));
        // Encoded once more: a label may hold a comma.
        if (Teams.Count > 0)
            made.Append(" teams=").Append(Encode(string.Join(',', Teams.Select(Encode))));
        return made.Append(End).ToString();
    }

    /// <summary>The line that ends our text.</summary>
    public string LastLine() => LastBegin + Key + End;

    /// <summary>The key that a body's last line tells, where somebody took the first away; null when there is none.</summary>
    public static string? KeyAtEnd(string? body) =>
        body is not null && LineAt(body, LastBegin) is { } at && body.IndexOf(End, at, StringComparison.Ordinal) is > 0 and var end ? body[(at + LastBegin.Length)..end] : null;

    /// <summary>How a title is remembered.</summary>
    public static string HashOfTitle(string title) => HashOf("title", title)[..12];

    /// <summary>A body with this state; all text stays as it is.</summary>
    public string Replace(string body)
    {
        if (LineAt(body, Begin) is not { } at)
            return $"{Line()}\n{body}";
        var end = body.IndexOf('\n', at);
        return string.Concat(body.AsSpan(0, at), Line(), end < 0 ? "" : body.AsSpan(end));
    }

    /// <summary>What people wrote around our text.</summary>
    /// <param name="body">The whole.</param>
    /// <returns>What stands above, and what stands below; both with their line breaks.</returns>
    public static (string Above, string Below) Theirs(string body)
    {
        var begin = LineAt(body, Begin);
        var from = begin ?? 0;
        int end;
        if (LineAt(body, LastBegin, from) is { } last)
            end = body.IndexOf('\n', last);
        else if (begin is null)
            // Neither line is left: none of it is known to be ours.
            return ("", body.Length == 0 ? "" : "\n" + body);
        else
            // Issues of older versions end with the words of the footer.
            end = LineAt(body, Footer, from) is { } footer ? body.IndexOf('\n', footer) : -1;
        return (body[..from], end < 0 ? "" : body[(end + 1)..]);
    }

    private static int? LineAt(string body, string text, int from = 0)
    {
        for (var at = body.IndexOf(text, from, StringComparison.Ordinal); at >= 0; at = body.IndexOf(text, at + 1, StringComparison.Ordinal))
        {
            if (at == 0 || body[at - 1] is '\n' or '\r')
                return at;
        }
        return null;
    }

    private static Dictionary<string, KeySet>? ParseAccounts(string text)
    {
        var accounts = new Dictionary<string, KeySet>(StringComparer.Ordinal);
        foreach (var part in text.Split('~', StringSplitOptions.RemoveEmptyEntries))
        {
            if (part.Split('.') is not [{ Length: > 0 } account, var digits] || KeySet.Parse(digits) is not { } keys || !accounts.TryAdd(account, keys))
                return null;
        }
        return accounts;
    }

    // A comment must not hold "--": the minus is encoded too, which EscapeDataString does not do.
    private static string Encode(string value) =>
        Uri.EscapeDataString(Reports.JsonText.WellFormed(value)).Replace("--", "%2D%2D", StringComparison.Ordinal);
}
