using System.Globalization;

namespace Scanner.Model;

/// <summary>
/// What to do first: at most five things, attacks that were seen before what a stranger can reach, that before logging that is off, that before
/// other settings. No kind takes all places while another has something as severe to say.
/// </summary>
public static class StartHere
{
    /// <summary>How many lines there are at most.</summary>
    public const int Most = 5;

    private const int Names = 3;

    private const int Steps = 6;

    private static readonly (Urgency Urgency, int Places)[] Shares = [(Urgency.Attack, 2), (Urgency.Exposure, 2), (Urgency.Logging, 1)];

    /// <summary>The lines, the most urgent first; none where nothing fails.</summary>
    /// <param name="report">Of a scan.</param>
    public static IReadOnlyList<StartLine> Of(ScanReport report) => Of(report, Incident.Of(report.Findings));

    /// <summary>The lines, the most urgent first; none where nothing fails.</summary>
    /// <param name="report">Of a scan.</param>
    /// <param name="incidents">Its incidents.</param>
    public static IReadOnlyList<StartLine> Of(ScanReport report, IReadOnlyList<Incident> incidents)
    {
        var told = incidents.SelectMany(incident => incident.Findings).Select(finding => finding.Identity).ToHashSet();
        var all = incidents.Select(incident => Line(incident, report))
            .Concat(FindingList.Where(report.Findings, finding => finding.Status == FindingStatus.Fail)
                .Where(finding => !told.Contains(finding.Identity))
                .GroupBy(finding => finding.Check, StringComparer.Ordinal)
                .Select(group => Line([.. group], report)))
            .OrderByDescending(line => line.Urgency).ThenByDescending(line => line.Severity)
            // Of logging, the record of who did what comes first.
            .ThenByDescending(line => line.Urgency == Urgency.Logging && report.Rules.GetValueOrDefault(line.Check)?.Service == "cloudtrail")
            .ThenByDescending(line => line.Findings.Count)
            .ThenBy(line => line.What, StringComparer.Ordinal).ToList();
        var pressing = all.Where(line => line.Severity >= Severity.High).ToList();
        var chosen = new HashSet<StartLine>(ReferenceEqualityComparer.Instance);
        // A bucket that is public is one thing to do, though two checks say so.
        var named = new HashSet<(Urgency, string, string)>();
        foreach (var (urgency, places) in Shares)
        {
            foreach (var line in pressing.Where(line => line.Urgency == urgency))
            {
                if (chosen.Count(one => one.Urgency == urgency) < places)
                    Choose(line);
            }
        }
        foreach (var line in pressing.Concat(all.OrderByDescending(line => line.Severity).ThenByDescending(line => line.Urgency)))
            Choose(line);
        return [.. all.Where(chosen.Contains)];

        void Choose(StartLine line)
        {
            var names = line.Findings.Where(finding => finding.Resource != finding.Account).Select(finding => (line.Urgency, finding.Account, finding.Resource)).ToList();
            if (chosen.Count >= Most || chosen.Contains(line) || (names.Count == line.Findings.Count && line.Urgency == Urgency.Exposure && names.TrueForAll(named.Contains)))
                return;
            chosen.Add(line);
            named.UnionWith(names);
        }
    }

    /// <summary>The time of an event as people read it beside a date: <c>04:28</c>, with the day where it is not that of the scan.</summary>
    internal static string Clock(DateTimeOffset time, DateTimeOffset day) =>
        time.UtcDateTime.ToString(time.UtcDateTime.Date == day.UtcDateTime.Date ? "HH:mm" : "yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);

    private static StartLine Line(Incident incident, ScanReport report)
    {
        var who = incident.Actors.Count > 0 ? Some(incident.Actors, 2) : "Somebody";
        var from = incident.Addresses.Count > 0 ? " from " + Some(incident.Addresses, 2) : "";
        var last = incident.Last;
        var span = incident.First is { } first && last is { } end
            ? Clock(first, end) == Clock(end, end) ? $", {first.UtcDateTime:yyyy-MM-dd HH:mm} UTC" : $", {first.UtcDateTime:yyyy-MM-dd HH:mm}-{Clock(end, first)} UTC"
            : "";
        // The worst of what was done, told in the order in which it was.
        var steps = incident.Findings.Select((finding, i) => (finding.Severity, Action: incident.Facts[i].Action ?? "", Number: i))
            .Where(step => step.Severity >= Severity.High && step.Action.Length > 0)
            .OrderByDescending(step => step.Severity).ThenBy(step => step.Number).DistinctBy(step => step.Action, StringComparer.Ordinal).ToList();
        var told = steps.Take(Steps).OrderBy(step => step.Number).Select(step => step.Action);
        var did = steps.Count > 0 ? ": " + string.Join(", ", told) + (steps.Count > Steps ? string.Create(CultureInfo.InvariantCulture, $" and {steps.Count - Steps} more") : "") : "";
        var counts = string.Join(", ", Enum.GetValues<Severity>().Reverse().Where(severity => severity >= Severity.High)
            .Select(severity => (Severity: severity, Count: incident.Findings.Count(finding => finding.Severity == severity))).Where(pair => pair.Count > 0)
            .Select(pair => string.Create(CultureInfo.InvariantCulture, $"{pair.Count} {Model.Names.Of(pair.Severity)}")));
        var what = incident.Findings.Count == 1 ? report.Rules.GetValueOrDefault(incident.Findings[0].Check)?.Title ?? incident.Findings[0].Check : counts.Length > 0 ? $"Attack seen ({counts})" : string.Create(CultureInfo.InvariantCulture, $"Several detections match together ({incident.Findings.Count} matches)");
        return new StartLine(Urgency.Attack, incident.Severity, what, $"{who}{from} in {Some([.. incident.Accounts.Select(report.Scan.Called)], 2)}{span}{did}", incident.Findings, incident);
    }

    private static StartLine Line(IReadOnlyList<Finding> findings, ScanReport report)
    {
        var rule = report.Rules.GetValueOrDefault(findings[0].Check);
        var accounts = findings.Select(finding => finding.Account).Distinct(StringComparer.Ordinal).Select(report.Scan.Called).ToList();
        var first = findings[0];
        var names = findings.Where(finding => EventFacts.ThingOf(finding) != finding.Account).Select(finding => ShortName(EventFacts.ThingOf(finding))).Distinct(StringComparer.Ordinal).ToList();
        var regions = findings.Select(finding => finding.Region).Where(region => region != CollectionStatus.Global).Distinct(StringComparer.Ordinal).ToList();
        // The id of somebody else's finding says nothing; its title does.
        var where = rule?.Urgency == Urgency.Attack && findings.Count == 1 && first.Message.Length > 0 ? first.Message + ", in "
            : names.Count > 0 ? Some(names, Names) + " in " : "";
        where += Some(accounts, 2);
        if (regions.Count > 0)
            where += ", " + Some(regions, Names);
        if (findings.Count == 1 && first.Kind == FindingKind.Detection && first.Seen?.Last is { } time)
            where += $", {time.UtcDateTime:yyyy-MM-dd HH:mm} UTC";
        return new StartLine(rule?.Urgency ?? Urgency.None, findings.Max(finding => finding.Severity), rule?.Fault ?? first.Check, where, findings, null);
    }

    /// <summary>The name at the end of an ARN, as people say it; other ids as they are.</summary>
    public static string ShortName(string resource)
    {
        if (!resource.StartsWith("arn:", StringComparison.Ordinal) || resource.Split(':', 6) is not [_, _, _, _, _, { Length: > 0 } rest])
            return resource;
        var name = rest[(rest.LastIndexOfAny(['/', ':']) + 1)..];
        return name.Length > 0 ? name : rest;
    }

    private static string Some(IReadOnlyList<string> values, int most) => values.Count <= most
        ? string.Join(" and ", values.Count > 1 ? [string.Join(", ", values.Take(values.Count - 1)), values[^1]] : values)
        : string.Create(CultureInfo.InvariantCulture, $"{string.Join(", ", values.Take(most))} and {values.Count - most} more");
}
