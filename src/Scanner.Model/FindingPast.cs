namespace Scanner.Model;

/// <summary>What earlier scans knew of a setting that fails or failed.</summary>
/// <param name="Key"><see cref="Finding.Key"/>.</param>
/// <param name="Check">Id of the check.</param>
/// <param name="Account">Account.</param>
/// <param name="Region">Region.</param>
/// <param name="Resource">ARN or id of the resource.</param>
/// <param name="Began">When it was first seen to fail, each time that it began to, the oldest first; never empty.</param>
/// <param name="At">When a scan looked at it last: it failed then, or was fixed.</param>
/// <param name="IsFixed">Whether it no longer failed then.</param>
public sealed record FindingPast(string Key, string Check, string Account, string Region, string Resource, IReadOnlyList<DateTimeOffset> Began, DateTimeOffset At, bool IsFixed)
{
    /// <summary>A fault that returns within this time flaps.</summary>
    public static readonly TimeSpan FlapsWithin = TimeSpan.FromDays(30);

    private const int MostBegins = 10;

    /// <summary>How often a fault began within the last <see cref="FlapsWithin"/>, where that is more than once: it flaps. 0 otherwise.</summary>
    /// <param name="began">When it began to fail, each time.</param>
    /// <param name="now">When the scan looked.</param>
    public static int Flaps(IReadOnlyList<DateTimeOffset> began, DateTimeOffset now)
    {
        if (began.Count < 2 || now - began[^2] > FlapsWithin)
            return 0;
        return began.Count(time => now - time <= FlapsWithin);
    }

    /// <summary>One more beginning; of many the newest are kept.</summary>
    /// <param name="now">When it was seen to fail again.</param>
    public IReadOnlyList<DateTimeOffset> AgainAt(DateTimeOffset now) => [.. Began.TakeLast(MostBegins - 1), now];
}
