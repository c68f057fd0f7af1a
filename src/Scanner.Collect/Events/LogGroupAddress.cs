using System.Text.RegularExpressions;
using Scanner.Model;

namespace Scanner.Collect.Events;

/// <summary>
/// A log group of CloudWatch Logs that holds CloudTrail events: <c>logs:GROUP?region=eu-west-1</c>, or <c>logs:</c> and its ARN. A trail
/// fills one, and so do telemetry rules without a trail (<c>aws/cloudtrail/managementevents</c>).
/// </summary>
/// <param name="Name">Its name.</param>
/// <param name="Arn">Its ARN, without <c>:*</c> at the end; null where a name was given.</param>
/// <param name="Region">Its region; null: the session's.</param>
/// <param name="Reading">How it is read.</param>
public sealed partial record LogGroupAddress(string Name, string? Arn, string? Region, LogGroupReading Reading = LogGroupReading.AsLargeAsItIs)
{
    /// <summary>How an address begins.</summary>
    public const string Scheme = "logs:";

    /// <summary>Reads an address.</summary>
    /// <exception cref="InputException">It is not one.</exception>
    public static LogGroupAddress Parse(string text)
    {
        var (name, options) = EngineOptions.Split(text, Scheme, ["region", "read"]);
        var match = Group().Match(name);
        if (!match.Success)
            throw new InputException($"'{text}' names no log group; write logs: and its name (letters, digits and ._-/#) or its ARN");
        var region = EngineOptions.Region(text, options);
        var reading = options.GetValueOrDefault("read") switch
        {
            null => LogGroupReading.AsLargeAsItIs,
            "fetch" => LogGroupReading.Fetch,
            "insights" => LogGroupReading.Insights,
            var other => throw new InputException($"'{text}': read={other} is not known; it is fetch or insights"),
        };
        if (match.Groups["region"] is not { Success: true, Value: var own })
            return new LogGroupAddress(match.Groups["name"].Value, null, region, reading);
        if (region is not null && region != own)
            throw new InputException($"'{text}': the ARN says {own} and the option says {region}; leave the option out");
        return new LogGroupAddress(match.Groups["name"].Value, name.EndsWith(":*", StringComparison.Ordinal) ? name[..^2] : name, own, reading);
    }

    /// <summary>The address as it is written, without ARN and options.</summary>
    public override string ToString() => Scheme + Name;

    [GeneratedRegex(@"\A(arn:aws[a-z\-]{0,20}:logs:(?<region>[a-z]{2,5}(-[a-z]+)+-[0-9]{1,2}):[0-9]{12}:log-group:(?<name>[A-Za-z0-9._\-/#]{1,512})(:\*)?|(?<name>[A-Za-z0-9._\-/#]{1,512}))\z",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Group();
}

/// <summary>How the events of a log group are had.</summary>
public enum LogGroupReading
{
    /// <summary>All are fetched, and of what is too large for that only those that the rules may match (Logs Insights).</summary>
    AsLargeAsItIs,

    /// <summary>All are fetched, however many there are.</summary>
    Fetch,

    /// <summary>Logs Insights is asked for those that the rules may match.</summary>
    Insights,
}
