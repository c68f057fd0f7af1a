namespace Scanner.Model;

/// <summary>A finding whose risk somebody accepted outside of the files, such as by closing its issue as not planned.</summary>
/// <param name="Key"><see cref="Finding.Key"/> of the finding, or its first <see cref="KeyDigits"/> digits, which is what
/// an issue has room to remember.</param>
/// <param name="Reason">Who accepted it, where and why; may hold text from outside: hostile.</param>
/// <param name="Until">Last day on which it holds (UTC); null for no end.</param>
public sealed record AcceptedRisk(string Key, string Reason, DateOnly? Until = null)
{
    /// <summary>
    /// How many digits of a key tell findings apart here: 64 bits. Check, account and region are part of what is hashed,
    /// so to be taken for one of 3,000 accepted resources takes some 2^52 names tried within the same check and account.
    /// </summary>
    public const int KeyDigits = 16;

    /// <summary>The digits of a key that count.</summary>
    public static string Shorten(string key) => key.Length > KeyDigits ? key[..KeyDigits] : key;
}
