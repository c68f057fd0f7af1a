using System.Collections.Frozen;
using Scanner.Model;

namespace Scanner.Aws.Client;

/// <summary>What only the live client knows of errors: which are about the caller, and where that means that the region is off.</summary>
internal static class CallerErrors
{
    /// <summary>The credentials themselves are no good, whatever is asked.</summary>
    private static readonly FrozenSet<string> Credentials = new[]
    {
        "ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired", "InvalidClientTokenId", "UnrecognizedClientException", "AuthFailure",
        "InvalidAccessKeyId", "InvalidToken", "SignatureDoesNotMatch", "InvalidSignatureException", "MissingAuthenticationToken", "MissingAuthenticationTokenException",
        "IncompleteSignature", "IncompleteSignatureException", "InvalidSecurity", "RequestTimeTooSkewed",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    private static readonly FrozenSet<string> Expired = new[] { "ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired" }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    /// <summary>What an opt-in region answers where the account has not enabled it: it does not know the caller.</summary>
    private static readonly FrozenSet<string> UnknownCaller = new[]
    {
        "InvalidClientTokenId", "UnrecognizedClientException", "AuthFailure", "InvalidToken", "InvalidAccessKeyId",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    /// <summary>Whether the code says that the credentials were good and are no longer.</summary>
    public static bool IsExpired(string? code) => code is not null && Expired.Contains(ErrorClassification.Normalize(code));

    /// <summary>Whether the code says that the credentials themselves are no good.</summary>
    public static bool IsCredentials(string? code) => code is not null && Credentials.Contains(code);

    /// <summary>How a collection ends that failed with this in this region.</summary>
    public static CollectionOutcome Outcome(string code, int status, string message, string region) =>
        UnknownCaller.Contains(code) && AwsPartition.OfRegion(region).IsOptIn(region)
            ? CollectionOutcome.Disabled
            : ErrorClassification.Outcome(code, status, message);
}
