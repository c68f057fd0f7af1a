using System.Globalization;
using Scanner.Catalog;
using Scanner.Model;

namespace Scanner.Evaluate;

/// <summary>
/// Applies accepted risks. Only a <c>fail</c> is muted: what could not be read stays unknown, whatever was accepted, since
/// nobody accepted what nobody saw.
/// </summary>
public static class Muting
{
    /// <summary>Mutes findings.</summary>
    /// <param name="findings">Findings of checks and detections.</param>
    /// <param name="mutes">Mutes of the catalog's files.</param>
    /// <param name="accepted">Risks accepted elsewhere, by key.</param>
    /// <param name="today">The day (UTC) that expiry is counted from.</param>
    /// <param name="checks">Checks that ran: who accepts what a check finds accepts what one within it finds.</param>
    public static MutingResult Apply(
        IReadOnlyList<Finding> findings, IReadOnlyList<Mute> mutes, IReadOnlyList<AcceptedRisk> accepted, DateOnly today, IEnumerable<CheckDefinition> checks)
    {
        ArgumentNullException.ThrowIfNull(findings);
        ArgumentNullException.ThrowIfNull(mutes);
        ArgumentNullException.ThrowIfNull(accepted);
        // Nothing is accepted: nothing is looked for in each of them.
        if (mutes.Count == 0 && accepted.Count == 0)
            return new MutingResult(findings, []);
        var valid = mutes.Where(mute => mute.Expires >= today).ToList();
        var expired = mutes.Where(mute => mute.Expires < today).ToList();
        var risks = accepted.Where(risk => risk.Until is null || risk.Until >= today)
            .GroupBy(risk => AcceptedRisk.Shorten(risk.Key), StringComparer.Ordinal)
            .ToDictionary(group => group.Key, group => group.First(), StringComparer.Ordinal);
        var lapsed = accepted.Where(risk => risk.Until < today && !risks.ContainsKey(AcceptedRisk.Shorten(risk.Key)))
            .GroupBy(risk => AcceptedRisk.Shorten(risk.Key), StringComparer.Ordinal)
            .ToDictionary(group => group.Key, group => group.MaxBy(risk => risk.Until)!, StringComparer.Ordinal);
        var within = checks.Where(check => check.Within is not null).ToDictionary(check => check.Id, check => check.Within!, StringComparer.Ordinal);
        var back = new int[expired.Count];
        var notes = new List<string>();
        var result = new FindingList();
        foreach (var finding in findings)
        {
            if (finding.Status != FindingStatus.Fail)
            {
                result.Add(finding);
                continue;
            }
            var reason = valid.Find(mute => Covers(mute, finding, within)) is { } found
                ? string.Create(CultureInfo.InvariantCulture, $"{found.Reason} (until {found.Expires:yyyy-MM-dd}, {found.File}:{found.Line})")
                : risks.GetValueOrDefault(AcceptedRisk.Shorten(finding.Key))?.Reason;
            if (reason is not null)
            {
                result.Add(finding with { Status = FindingStatus.Muted, MutedReason = reason });
                continue;
            }
            result.Add(finding);
            for (var i = 0; i < expired.Count; i++)
                back[i] += Covers(expired[i], finding, within) ? 1 : 0;
            if (lapsed.TryGetValue(AcceptedRisk.Shorten(finding.Key), out var old))
                notes.Add(string.Create(CultureInfo.InvariantCulture, $"{finding.Check} fails again for {finding.Resource}: its risk was accepted until {old.Until:yyyy-MM-dd}"));
        }
        notes.InsertRange(0, expired.Select((mute, i) => string.Create(CultureInfo.InvariantCulture,
            $"{mute.File}:{mute.Line}: the mute of {mute.Check} expired on {mute.Expires:yyyy-MM-dd}; {Again(back[i])}")));
        return new MutingResult(result, notes);
    }

    private static string Again(int findings) => findings switch
    {
        0 => "nothing fails that it would cover, so it can be removed",
        1 => "1 finding fails again",
        _ => string.Create(CultureInfo.InvariantCulture, $"{findings} findings fail again"),
    };

    private static bool Covers(Mute mute, Finding finding, Dictionary<string, string> within) =>
        (Glob.Matches(mute.Check, finding.Check) || (within.TryGetValue(finding.Check, out var wider) && Glob.Matches(mute.Check, wider)))
        && Glob.Matches(mute.Account, finding.Account)
        && Glob.Matches(mute.Region, finding.Region) && (Glob.Matches(mute.Resource, finding.Resource)
            // In a plan the address is what people know it by.
            || (finding.Address is { } address && Glob.Matches(mute.Resource, address)));
}

/// <summary>Findings after accepted risks have been applied.</summary>
/// <param name="Findings">All findings, in the order in which they came.</param>
/// <param name="Notes">One line for each mute or accepted risk that has expired.</param>
public sealed record MutingResult(IReadOnlyList<Finding> Findings, IReadOnlyList<string> Notes);
