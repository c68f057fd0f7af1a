namespace Scanner.Model;

/// <summary>A finding whose risk somebody accepted outside of the files, such as by closing its issue as not planned.</summary>
/// <param name="Key"><see cref="Finding.Key"/> of the finding.</param>
/// <param name="Reason">Who accepted it, where and why; may hold text from outside: hostile.</param>
/// <param name="Until">Last day on which it holds (UTC); null for no end.</param>
public sealed record AcceptedRisk(string Key, string Reason, DateOnly? Until = null);
