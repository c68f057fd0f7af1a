using System.Collections.Frozen;

namespace Scanner.Store.Functions;

/// <summary>
/// Condition keys that tell who calls, or through which door, in a way that a stranger cannot choose: a statement for
/// everybody that fixes one of them is not public. The list is that of Amazon S3's "The meaning of public" with the keys
/// that other services and AWS Organizations have added for the same purpose. Other keys (user agent, referer, tags of the caller, time ...)
/// are the stranger's own choice.
/// </summary>
internal static class Pins
{
    /// <summary>The address that a request comes from.</summary>
    public const string SourceIp = "aws:SourceIp";

    // IPv4 ranges wider than /8 and IPv6 ranges wider than /32 count as public with Amazon S3.
    private const int WidestOwned4 = 8;
    private const int WidestOwned6 = 32;

    /// <summary>Who the caller is.</summary>
    private static readonly FrozenSet<string> Callers = FrozenSet.Create(StringComparer.OrdinalIgnoreCase,
        "aws:PrincipalAccount", "aws:PrincipalArn", "aws:PrincipalOrgID", "aws:PrincipalOrgPaths", "aws:userid", "aws:username",
        "aws:PrincipalServiceName", "aws:PrincipalServiceNamesList", "kms:CallerAccount", "s3:DataAccessPointAccount", "s3:DataAccessPointArn",
        "elasticfilesystem:AccessPointArn", "ec2:SourceInstanceARN", "lambda:SourceFunctionArn", "sns:Endpoint");

    /// <summary>On whose behalf, or through whose network.</summary>
    private static readonly FrozenSet<string> Doors = FrozenSet.Create(StringComparer.OrdinalIgnoreCase,
        "aws:SourceAccount", "aws:SourceOwner", "aws:SourceArn", "aws:SourceOrgID", "aws:SourceOrgPaths",
        "aws:SourceVpc", "aws:SourceVpce", "aws:SourceVpcArn", "aws:VpcSourceIp", "aws:VpceAccount", "aws:VpceOrgID", "aws:VpceOrgPaths");

    /// <summary>What a stranger's request has under a key.</summary>
    /// <param name="key">The key.</param>
    /// <param name="signedIn">Whether the stranger is a principal of another account, or nobody.</param>
    /// <param name="throughDoor">Whether the request comes through a service or a VPC endpoint of the stranger's.</param>
    public static KeyState OfStranger(string key, bool signedIn, bool throughDoor) =>
        key.Equals(SourceIp, StringComparison.OrdinalIgnoreCase) ? throughDoor ? KeyState.Absent : KeyState.AnyAddress
        : key.Equals("aws:PrincipalIsAWSService", StringComparison.OrdinalIgnoreCase) ? KeyState.Of(["false"])
        : key.Equals("elasticfilesystem:AccessedViaMountTarget", StringComparison.OrdinalIgnoreCase) ? KeyState.Of(["false"])
        : Callers.Contains(key) ? signedIn ? KeyState.Foreign : KeyState.Absent
        : Doors.Contains(key) ? throughDoor ? KeyState.Foreign : KeyState.Absent
        : KeyState.Unknown;

    /// <summary>Whether a key is one of them.</summary>
    public static bool IsPin(string key) => Callers.Contains(key) || Doors.Contains(key);

    /// <summary>Whether a stranger's value of a pinning key matches one of a condition: false where that value is fixed.</summary>
    public static bool? ForeignMatches(PolicyCondition condition, string wanted)
    {
        var wild = condition.Operator is ConditionOperator.StringLike or ConditionOperator.ArnLike;
        var pattern = wild ? WildcardPattern.Parse(wanted) : WildcardPattern.ParseFixed(wanted);
        if (pattern.IsEverything || IsWildArn(condition, wanted))
            return true;
        if (pattern.HasVariable)
            return wanted.StartsWith("${aws:Resource", StringComparison.OrdinalIgnoreCase) ? false : null;
        if (pattern.IsFixed || condition.Key.Equals("sns:Endpoint", StringComparison.OrdinalIgnoreCase))
            return false;
        if (wanted.Split(':', 6) is ["arn", _, var service, _, var account, var resource])
        {
            // A stranger has no resource in the account. A bucket's name is unique in all accounts.
            return WildcardPattern.Parse(service == "s3" || account.Length == 0 ? resource.Split('/')[0] : account).IsFixed ? false : null;
        }
        // AROA...:session, o-1234567890/r-ab12/*: what stands before the mark is unique.
        return pattern.FixedStart.AsSpan().IndexOfAny(':', '/') > 0 ? false : null;
    }

    /// <summary>Whether an address somewhere on the internet is in a range: true for all of it, not known for a wide one.</summary>
    public static bool? AnyAddressMatches(PolicyCondition condition, string wanted)
    {
        if (condition.Operator != ConditionOperator.IpAddress || !AddressRange.TryParse(wanted, out var range))
            return null;
        return range.Length == 0 ? true : range.Length < (range.IsIPv6 ? WidestOwned6 : WidestOwned4) ? null : false;
    }

    private static bool IsWildArn(PolicyCondition condition, string wanted) =>
        condition.Operator == ConditionOperator.ArnLike && wanted.Split(':', 6) is ["arn" or "*", .. var parts] && parts.All(part => part == "*");
}
