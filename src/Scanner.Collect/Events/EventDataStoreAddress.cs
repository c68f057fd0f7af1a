using System.Text.RegularExpressions;
using Scanner.Model;

namespace Scanner.Collect.Events;

/// <summary>An event data store of CloudTrail Lake: <c>lake:ID?region=eu-west-1</c>, or <c>lake:</c> and its ARN.</summary>
/// <param name="Id">Its id, a UUID.</param>
/// <param name="Owner">Account that it belongs to; null where the address does not say.</param>
/// <param name="Region">Its region; null: the session's.</param>
public sealed partial record EventDataStoreAddress(string Id, string? Owner, string? Region)
{
    /// <summary>How an address begins.</summary>
    public const string Scheme = "lake:";

    /// <summary>Reads an address.</summary>
    /// <exception cref="InputException">It is not one.</exception>
    public static EventDataStoreAddress Parse(string text)
    {
        var (name, options) = EngineOptions.Split(text, Scheme, ["region"]);
        var match = Store().Match(name);
        if (!match.Success)
            throw new InputException($"'{text}' names no event data store of CloudTrail Lake; write lake: and its id (a UUID) or its ARN");
        var region = EngineOptions.Region(text, options);
        if (match.Groups["region"] is not { Success: true, Value: var own })
            return new EventDataStoreAddress(match.Groups["id"].Value, null, region);
        if (region is not null && region != own)
            throw new InputException($"'{text}': the ARN says {own} and the option says {region}; leave the option out");
        return new EventDataStoreAddress(match.Groups["id"].Value, match.Groups["owner"].Value, own);
    }

    /// <summary>The address as it is written, without ARN and options.</summary>
    public override string ToString() => Scheme + Id;

    [GeneratedRegex(@"\A(arn:aws[a-z\-]{0,20}:cloudtrail:(?<region>[a-z]{2,5}(-[a-z]+)+-[0-9]{1,2}):(?<owner>[0-9]{12}):eventdatastore/)?(?<id>[a-f0-9]{8}(-[a-f0-9]{4}){3}-[a-f0-9]{12})\z",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Store();
}
