using Scanner.Model;

namespace Scanner.Aws;

/// <summary>
/// Which outcome an AWS error is. The codes are those of the AWS service models and of the "Common Errors" pages; both
/// the live client and the recorded account ask here, so that a replay ends as the scan did.
/// </summary>
public static class ErrorClassification
{
    /// <summary>Our own code: a reply that is not what the operation's model says (no JSON, a member missing, an id twice).</summary>
    public const string MalformedReply = "MalformedReply";

    /// <summary>Our own code: the recorded account holds no answer to this call.</summary>
    public const string NotRecorded = "NotRecorded";

    /// <summary>Our own code: no reply at all (connection refused, reset, timed out).</summary>
    public const string ConnectionFailed = "ConnectionFailed";

    /// <summary>Our own code: the endpoint sent nothing in the time that there is for the first byte, or is not asked again because of that.</summary>
    public const string NoAnswer = "NoAnswer";

    /// <summary>Our own code: the credentials of the scan expired in its midst and cannot be renewed; nothing was sent after that.</summary>
    public const string CredentialsExpired = "CredentialsExpired";

    /// <summary>Our own code: AWS has no endpoint for the service in the region, so that there is nothing of it to read.</summary>
    public const string EndpointNotFound = "EndpointNotFound";

    /// <summary>Our own code: something that had to be made first (a credential report) was not ready in time.</summary>
    public const string NotReady = "NotReady";

    /// <summary>Our own code: AWS gave the same page token twice.</summary>
    public const string PaginationLoop = "PaginationLoop";

    /// <summary>Our own code: there are more pages than the caller wants to read.</summary>
    public const string TooManyPages = "TooManyPages";

    /// <summary>Our own code: a parameter does not fit the operation's model; nothing was sent.</summary>
    public const string ParameterValidation = "ParameterValidation";

    /// <summary>Our own code: the role of the session could not be assumed again in the midst of a scan.</summary>
    public const string RoleNotRenewed = "RoleNotRenewed";

    /// <summary>Our own code: the AWS SDK's runtime failed before there was an answer.</summary>
    public const string ClientFailure = "ClientFailure";

    /// <summary>Our own code: the program itself failed in the midst of a table.</summary>
    public const string InternalError = "InternalError";

    // Credentials that AWS does not take are a refusal too: in a region that is not enabled, valid ones look like that.
    private static readonly HashSet<string> DeniedCodes = new(StringComparer.OrdinalIgnoreCase)
    {
        "AccessDenied", "AccessDeniedException", "AccessDeniedFault", "AccessDeniedForDependencyException", "AccessForbidden",
        "AccountProblem", "AllAccessDisabled", "AuthFailure", "AuthorizationError", "AuthorizationErrorException",
        "AuthorizationHeaderMalformed", "Blocked", "DependentServiceAccessDenied", "DependentServiceAccessDeniedFault",
        "ExpiredToken", "ExpiredTokenException", "Forbidden", "ForbiddenException", "IncompleteSignature", "IncompleteSignatureException",
        "InsufficientPrivileges", "InsufficientPrivilegesException", "InvalidAccessKeyId", "InvalidClientTokenId", "InvalidSecurity",
        "InvalidSignatureException", "InvalidToken", "InvalidTokenException", "KMSAccessDeniedException", "KMS.AccessDeniedException",
        "MissingAuthenticationToken", "MissingAuthenticationTokenException", "NotAuthorized", "NotAuthorizedException",
        "OrganizationAccessDeniedException", "OrganizationAccessDenied", "RequestExpired", "RequestTimeTooSkewed", "SignatureDoesNotMatch",
        "TokenRefreshRequired", "Unauthorized", "UnauthorizedAccess", "UnauthorizedAccessException", "UnauthorizedClientException",
        "UnauthorizedException", "UnauthorizedOperation", "UnauthorizedOperationException", "UnrecognizedClientException",
    };

    // PriorRequestNotComplete and LimitExceededException are in the retry lists of the AWS SDKs.
    private static readonly HashSet<string> ThrottledCodes = new(StringComparer.OrdinalIgnoreCase)
    {
        "BandwidthLimitExceeded", "CallRateLimitExceededException", "EC2ThrottledException", "EKSRequestThrottledException",
        "LambdaThrottledException", "LimitExceededException", "MaxConcurrentQueriesException", "PriorRequestNotComplete", "ProvisionedThroughputExceededException",
        "RateExceeded", "RateLimitError", "RateLimitExceeded", "RequestLimitExceeded", "RequestThrottled", "RequestThrottledException",
        "SlowDown", "Throttled", "ThrottledClientException", "ThrottledException", "ThrottledRequestException", "Throttling",
        "ThrottlingException", "TooManyRequestException", "TooManyRequests", "TooManyRequestsError", "TooManyRequestsException",
        "TransactionInProgressException",
    };

    // OptInRequired comes from EC2 and others; SubscriptionRequiredException from json services; NotSignedUp from S3;
    // RegionDisabledException from STS; InvalidAccessException from Security Hub ("not subscribed to AWS Security Hub").
    private static readonly HashSet<string> DisabledCodes = new(StringComparer.OrdinalIgnoreCase)
    {
        "InvalidAccessException", "KMSOptInRequired", "NotSignedUp", "OptInRequired", "OptInRequiredException",
        "RegionDisabledException", "RegionNotEnabled", "RegionNotSupportedException", "SubscriptionRequired", "SubscriptionRequiredException",
        "UnsupportedRegion", "UnsupportedRegionException",
    };

    /// <summary>Takes the bare code out of what the protocols send: <c>com.amazonaws.x#AccessDeniedException:http://...</c>.</summary>
    /// <param name="code">As it came; null or empty when there was none.</param>
    /// <returns>The code; empty when there was none.</returns>
    public static string Normalize(string? code)
    {
        var text = (code ?? "").AsSpan().Trim();
        if (text.IndexOf(':') is >= 0 and var colon)
            text = text[..colon];
        if (text.LastIndexOf('#') is >= 0 and var hash)
            text = text[(hash + 1)..];
        // EC2's older replies and CloudTrail put the side at fault before it.
        foreach (var prefix in (ReadOnlySpan<string>)["Client.", "Server.", "Sender."])
        {
            if (text.StartsWith(prefix, StringComparison.Ordinal))
                text = text[prefix.Length..];
        }
        return text.Trim().ToString();
    }

    /// <summary>Classifies an error reply.</summary>
    /// <param name="code">Error code, normalized or not; may be empty.</param>
    /// <param name="status">HTTP status; 0 when there was no reply.</param>
    /// <param name="message">Message as AWS gave it; may be null.</param>
    /// <returns>Never <see cref="CollectionOutcome.Ok"/>.</returns>
    public static CollectionOutcome Outcome(string? code, int status, string? message)
    {
        var name = Normalize(code);
        if (ThrottledCodes.Contains(name))
            return CollectionOutcome.Throttled;
        // UnknownEndpoint is what the AWS SDK for JavaScript calls it, in recordings that others made.
        if (name.Equals(EndpointNotFound, StringComparison.OrdinalIgnoreCase) || name.Equals("UnknownEndpoint", StringComparison.OrdinalIgnoreCase))
            return CollectionOutcome.NotOffered;
        if (name.Equals(CredentialsExpired, StringComparison.Ordinal))
            return CollectionOutcome.Expired;
        if (name.Equals(NoAnswer, StringComparison.Ordinal))
            return CollectionOutcome.Unanswered;
        if (DisabledCodes.Contains(name))
            return CollectionOutcome.Disabled;
        if (DeniedCodes.Contains(name))
            return CollectionOutcome.Denied;
        // Codes that no list has yet, by the way AWS builds their names.
        if (name.Contains("Throttl", StringComparison.OrdinalIgnoreCase))
            return CollectionOutcome.Throttled;
        if (name.Contains("AccessDenied", StringComparison.OrdinalIgnoreCase) || name.Contains("NotAuthorized", StringComparison.OrdinalIgnoreCase))
            return CollectionOutcome.Denied;
        // Some services refuse with a ValidationException or BadRequestException; the sentence is IAM's own.
        if (message is not null
            && (message.Contains("is not authorized to perform", StringComparison.OrdinalIgnoreCase)
                || message.Contains("explicit deny in", StringComparison.OrdinalIgnoreCase)))
            return CollectionOutcome.Denied;
        return status switch
        {
            401 or 403 => CollectionOutcome.Denied,
            429 => CollectionOutcome.Throttled,
            _ => CollectionOutcome.Error,
        };
    }
}
