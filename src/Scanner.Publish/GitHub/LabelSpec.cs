using Scanner.Model;

namespace Scanner.Publish.GitHub;

/// <summary>A label that our issues carry.</summary>
/// <param name="Name">At most 50 characters.</param>
/// <param name="Color">Six hexadecimal digits.</param>
/// <param name="Description">At most 100 characters.</param>
internal sealed record LabelSpec(string Name, string Color, string Description)
{
    /// <summary>The label that all our issues carry, and by which they are found.</summary>
    public static LabelSpec Scanner { get; } = new("scanner", "5319e7", "Found by Scanner; the issue is kept up to date by it");

    /// <summary>Beginning of the label that ends an accepted risk: <c>accepted-until:2026-12-31</c>.</summary>
    public const string AcceptedUntil = "accepted-until:";

    /// <summary>Beginning of the label with the day until which something is to be fixed.</summary>
    public const string Due = "due:";

    /// <summary><c>due:2026-12-31</c>, where the organization has no field for it.</summary>
    public static LabelSpec OfDue(DateOnly due) => new(Due + due.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture), "fbca04", "Day until which this should be fixed; change it as you like");

    /// <summary><c>overdue</c>: open, and its day is past.</summary>
    public static LabelSpec Overdue { get; } = new("overdue", "b60205", "Open past the day that its label or field says; goes when that moves");

    /// <summary><c>severity:high</c>.</summary>
    public static LabelSpec Of(Severity severity) => new(
        "severity:" + Names.Of(severity),
        severity switch
        {
            Severity.Critical => "86198f",
            Severity.High => "b42318",
            Severity.Medium => "d97706",
            Severity.Low => "e3c54f",
            _ => "c5cdd6",
        },
        $"Severity of the check: {Names.Of(severity)}");

    /// <summary><c>incident</c>.</summary>
    public static LabelSpec Incident { get; } = new("incident", "b60205", "Matches of detections that belong together");

    /// <summary>Beginning of the label of a team: GitHub assigns issues to people only.</summary>
    public const string Owner = "owner:";

    /// <summary><c>owner:acme/network</c>; of a name too long for a label its beginning.</summary>
    public static LabelSpec OfTeam(string team) => new((Owner + team) is { Length: > 50 } name ? name[..50] : Owner + team, "0e8a16", "Team that the findings belong to, from owners.yml");

    /// <summary><c>service:cloudtrail</c>.</summary>
    public static LabelSpec OfService(string service)
    {
        var name = new string([.. service.ToLowerInvariant().Select(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' or '_' ? c : '-').Take(40)]);
        return new LabelSpec("service:" + (name.Length > 0 ? name : "aws"), "1d76db", "AWS service that the check is about");
    }
}
