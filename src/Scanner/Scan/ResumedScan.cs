using Scanner.Model;

namespace Scanner.Scan;

/// <summary>Whether a scan that was cut off can be gone on with: only where what is missing would be asked as the rest was, and soon.</summary>
internal static class ResumedScan
{
    // What is older is no part of an answer to what the accounts are now.
    private static readonly TimeSpan Oldest = TimeSpan.FromDays(1);

    /// <summary>Compares how a scan began with how this one does.</summary>
    /// <param name="path">Store of the scan.</param>
    /// <param name="then">How it began.</param>
    /// <param name="now">How this one does.</param>
    /// <returns>When the accounts are looked at: the time of the scan that was cut off.</returns>
    /// <exception cref="InputException">They are not the same scan; one line.</exception>
    public static DateTimeOffset Require(string path, ScanBegin then, ScanBegin now)
    {
        var why = then.Version != now.Version ? $"was made by Scanner {SafeText.Line(then.Version)}, and this is {now.Version}"
            : then.Asked != now.Asked ? $"was asked '{SafeText.Line(then.Asked)}', not '{SafeText.Line(now.Asked)}'"
            : then.Tables != now.Tables ? "had other tables, or asked other details of them"
            : (now.Time - then.Time).Duration() > Oldest ? $"began at {then.Time.UtcDateTime:yyyy-MM-dd HH:mm} UTC, more than a day ago"
            : null;
        return why is null ? then.Time : throw new InputException($"--resume: the scan that was cut off while it wrote {SafeText.Line(path)} {why}; leave out --resume to scan from the beginning");
    }

    /// <summary>Fingerprint of what is collected: tables, where their rows come from, and their details.</summary>
    /// <param name="tables">Fingerprints of the tables, by name.</param>
    public static string Fingerprint(IReadOnlyDictionary<string, string> tables) =>
        TableFingerprints.Of(string.Join('\n', tables.OrderBy(table => table.Key, StringComparer.Ordinal).Select(table => $"{table.Key} {table.Value}")));
}
