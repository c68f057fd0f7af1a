using System.Globalization;
using Scanner.Model;

namespace Scanner.Publish.Reports;

/// <summary>A logging source in one place, or in several.</summary>
/// <param name="State">The worst of it.</param>
/// <param name="Count">How many are in that state: things of the source in one place, or places.</param>
/// <param name="Of">How many there are.</param>
/// <param name="LastSeen">When the newest of its log was put that was seen; null where that is not known.</param>
/// <param name="ArrivalUnread">Whether of some it could not be told that their log arrives.</param>
internal sealed record CoverageCell(CoverageState State, int Count, int Of, DateTimeOffset? LastSeen, bool ArrivalUnread)
{
    /// <summary>There is nothing there.</summary>
    public static CoverageCell None { get; } = new(CoverageState.Nothing, 0, 0, null, false);

    /// <summary>What the findings of one place say.</summary>
    /// <param name="findings">Each with what its check tells.</param>
    /// <param name="lastSeen">When the newest of its log was put.</param>
    public static CoverageCell From(IReadOnlyList<(FindingStatus Status, bool Arrives)> findings, DateTimeOffset? lastSeen)
    {
        var (fails, passes) = (Number(FindingStatus.Fail), Number(FindingStatus.Pass));
        var all = fails + passes + Number(FindingStatus.Unknown) + Number(FindingStatus.Muted);
        var silent = Number(FindingStatus.Fail, arrives: true);
        var seen = Number(FindingStatus.Pass, arrives: true);
        var unread = Number(FindingStatus.Unknown, arrives: true);
        var sources = seen + silent + unread + Number(FindingStatus.Muted, arrives: true);
        var (state, count, of) = (fails, passes) switch
        {
            ( > 0, 0) => (CoverageState.Off, fails, all),
            _ when silent > 0 => (CoverageState.Silent, silent, sources),
            ( > 0, _) => (CoverageState.Off, fails, all),
            _ when Number(FindingStatus.Unknown) > 0 => (CoverageState.Unknown, Number(FindingStatus.Unknown), all),
            _ when Number(FindingStatus.Muted) + Number(FindingStatus.Muted, arrives: true) > 0 => (CoverageState.Accepted, 1, 1),
            (_, 0) when seen == 0 && unread > 0 => (CoverageState.Unknown, unread, sources),
            _ when seen > 0 && unread == 0 => (CoverageState.Delivering, seen, seen),
            _ when passes + seen > 0 => (CoverageState.On, Math.Max(passes, seen), Math.Max(passes, sources)),
            _ => (CoverageState.Nothing, 0, 0),
        };
        return new CoverageCell(state, count, of, lastSeen, unread > 0);

        int Number(FindingStatus status, bool arrives = false) => findings.Count(finding => finding.Status == status && finding.Arrives == arrives);
    }

    /// <summary>Several places together: the worst, and in how many of them that has something.</summary>
    /// <param name="cells">The places.</param>
    public static CoverageCell Together(IEnumerable<CoverageCell> cells)
    {
        var all = cells.Where(cell => cell.State != CoverageState.Nothing).ToList();
        if (all.Count == 0)
            return None;
        var worst = all.Max(cell => cell.State);
        return new CoverageCell(worst, all.Count(cell => cell.State == worst), all.Count, all.Max(cell => cell.LastSeen), all.Exists(cell => cell.ArrivalUnread));
    }

    /// <summary>The state in a word or two, with how many of how many: <c>off 2/5</c>, <c>silent</c>, <c>06:21</c>. Never a color alone.</summary>
    /// <param name="scanned">When the scan looked: of that day the hour is enough.</param>
    public string Words(DateTimeOffset scanned)
    {
        var part = Of > 1 && State is not (CoverageState.Delivering or CoverageState.On or CoverageState.Nothing) ? string.Create(CultureInfo.InvariantCulture, $" {Count}/{Of}") : "";
        return State switch
        {
            CoverageState.Delivering when LastSeen is { } seen => seen.UtcDateTime.ToString(seen.UtcDateTime.Date == scanned.UtcDateTime.Date ? "HH:mm" : "MM-dd HH:mm", CultureInfo.InvariantCulture),
            CoverageState.Delivering => "arrives",
            CoverageState.Nothing => "",
            _ => Word(State) + part,
        };
    }

    /// <summary>The same as a sentence for who points at it, or hears it.</summary>
    public string Sentence()
    {
        var made = State switch
        {
            CoverageState.Silent => string.Create(CultureInfo.InvariantCulture, $"on, but of {Count} of {Of} nothing arrives"),
            CoverageState.Off => string.Create(CultureInfo.InvariantCulture, $"off or incomplete, {Count} of {Of}"),
            CoverageState.Unknown => string.Create(CultureInfo.InvariantCulture, $"could not be read, {Count} of {Of}"),
            CoverageState.Accepted => "off or silent, which somebody accepted",
            CoverageState.On => ArrivalUnread ? "on; whether its log arrives could not be told" : "on; that its log arrives was not seen",
            CoverageState.Delivering => "on, and its log arrives",
            _ => "nothing there to log",
        };
        return made + (LastSeen is { } seen ? string.Create(CultureInfo.InvariantCulture, $"; the newest that was seen is of {seen.UtcDateTime:yyyy-MM-dd HH:mm} UTC") : "");
    }

    /// <summary>The word of a state, as tables and legends have it.</summary>
    /// <param name="state">A state.</param>
    public static string Word(CoverageState state) => state switch
    {
        CoverageState.Silent => "silent",
        CoverageState.Off => "off",
        CoverageState.Unknown => "unread",
        CoverageState.Accepted => "accepted",
        CoverageState.On => "on",
        CoverageState.Delivering => "arrives",
        _ => "",
    };
}
