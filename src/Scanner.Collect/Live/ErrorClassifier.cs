using System.Collections.Frozen;
using System.Net;

using Scanner.Model;

namespace Scanner.Collect.Live;

/// <summary>From AWS's error codes to the outcomes that a collection can have.</summary>
internal static class ErrorClassifier
{
    private static readonly FrozenSet<string> s_throttling = new[]
    {
        "Throttling", "ThrottlingException", "ThrottledException", "RequestThrottled", "RequestThrottledException", "TooManyRequestsException",
        "TooManyRequests", "RequestLimitExceeded", "BandwidthLimitExceeded", "SlowDown", "PriorRequestNotComplete", "TransactionInProgressException",
        "ProvisionedThroughputExceededException", "EC2ThrottledException", "Http429", "RateExceededException",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    private static readonly FrozenSet<string> s_denied = new[]
    {
        "AccessDenied", "AccessDeniedException", "AccessDeniedFault", "AuthorizationError", "AuthorizationErrorException", "UnauthorizedOperation", "UnauthorizedException",
        "UnauthorizedAccess", "NotAuthorized", "NotAuthorizedException", "ForbiddenException", "Forbidden", "AllAccessDisabled", "AccountProblem",
        "ExplicitDeny", "AccessForbidden", "OrganizationAccessDeniedException", "InsufficientPrivilegesException", "KMSAccessDeniedException", "Http401", "Http403",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    /// <summary>The credentials themselves are no good, whatever is asked.</summary>
    private static readonly FrozenSet<string> s_credentials = new[]
    {
        "ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired", "InvalidClientTokenId", "UnrecognizedClientException", "AuthFailure",
        "InvalidAccessKeyId", "InvalidToken", "SignatureDoesNotMatch", "InvalidSignatureException", "MissingAuthenticationToken", "MissingAuthenticationTokenException",
        "IncompleteSignature", "IncompleteSignatureException", "InvalidSecurity",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    /// <summary>What an opt-in region answers where the account has not enabled it: it does not know the caller.</summary>
    private static readonly FrozenSet<string> s_unknownCaller = new[]
    {
        "InvalidClientTokenId", "UnrecognizedClientException", "AuthFailure", "InvalidToken", "InvalidAccessKeyId",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    private static readonly FrozenSet<string> s_disabled = new[]
    {
        "OptInRequired", "SubscriptionRequired", "SubscriptionRequiredException", "NotSignedUp", "RegionDisabledException", "RegionNotEnabled", "UnsupportedRegion",
        "InvalidRegionException",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    /// <summary>Regions that every account has from the start (AWS account management guide: regions before 2019-03-20).</summary>
    private static readonly FrozenSet<string> s_enabledByDefault = new[]
    {
        "us-east-1", "us-east-2", "us-west-1", "us-west-2", "ap-south-1", "ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-southeast-1", "ap-southeast-2",
        "ca-central-1", "eu-central-1", "eu-west-1", "eu-west-2", "eu-west-3", "eu-north-1", "sa-east-1",
    }.ToFrozenSet(StringComparer.Ordinal);

    /// <summary>Whether the code says: too fast.</summary>
    public static bool IsThrottling(string? code) => code is not null && s_throttling.Contains(code);

    /// <summary>Whether the code says that the credentials themselves are no good.</summary>
    public static bool IsCredentials(string? code) => code is not null && s_credentials.Contains(code);

    /// <summary>Whether an account has to enable the region before it answers.</summary>
    public static bool IsOptIn(string region) =>
        !s_enabledByDefault.Contains(region) && EndpointTable.Default.PartitionOf(region) == "aws";

    /// <summary>How a collection ends that failed with this.</summary>
    public static CollectionOutcome Classify(string code, HttpStatusCode status, string region)
    {
        if (IsThrottling(code) || status == HttpStatusCode.TooManyRequests)
            return CollectionOutcome.Throttled;
        if (s_disabled.Contains(code))
            return CollectionOutcome.Disabled;
        if (s_unknownCaller.Contains(code))
            return IsOptIn(region) ? CollectionOutcome.Disabled : CollectionOutcome.Denied;
        if (s_denied.Contains(code) || s_credentials.Contains(code))
            return CollectionOutcome.Denied;
        return status is HttpStatusCode.Forbidden or HttpStatusCode.Unauthorized ? CollectionOutcome.Denied : CollectionOutcome.Error;
    }
}
