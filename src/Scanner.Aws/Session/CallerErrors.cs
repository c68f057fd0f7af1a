using System.Collections.Frozen;

using Scanner.Model;

namespace Scanner.Aws.Session;

/// <summary>What only the live client knows of errors: which are about the caller, and where that means that the region is off.</summary>
internal static class CallerErrors
{
    /// <summary>The credentials themselves are no good, whatever is asked.</summary>
    private static readonly FrozenSet<string> s_credentials = new[]
    {
        "ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired", "InvalidClientTokenId", "UnrecognizedClientException", "AuthFailure",
        "InvalidAccessKeyId", "InvalidToken", "SignatureDoesNotMatch", "InvalidSignatureException", "MissingAuthenticationToken", "MissingAuthenticationTokenException",
        "IncompleteSignature", "IncompleteSignatureException", "InvalidSecurity", "RequestTimeTooSkewed",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    /// <summary>What an opt-in region answers where the account has not enabled it: it does not know the caller.</summary>
    private static readonly FrozenSet<string> s_unknownCaller = new[]
    {
        "InvalidClientTokenId", "UnrecognizedClientException", "AuthFailure", "InvalidToken", "InvalidAccessKeyId",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    /// <summary>Regions that every account has from the start (AWS account management guide: those before 2019-03-20, and Osaka).</summary>
    private static readonly FrozenSet<string> s_enabledByDefault = new[]
    {
        "us-east-1", "us-east-2", "us-west-1", "us-west-2", "ap-south-1", "ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-southeast-1", "ap-southeast-2",
        "ca-central-1", "eu-central-1", "eu-west-1", "eu-west-2", "eu-west-3", "eu-north-1", "sa-east-1",
    }.ToFrozenSet(StringComparer.Ordinal);

    /// <summary>Whether the code says that the credentials themselves are no good.</summary>
    public static bool IsCredentials(string? code) => code is not null && s_credentials.Contains(code);

    /// <summary>Whether an account has to enable the region before it answers.</summary>
    public static bool IsOptIn(string region) =>
        !s_enabledByDefault.Contains(region) && EndpointTable.Default.PartitionOf(region) == "aws";

    /// <summary>How a collection ends that failed with this in this region.</summary>
    public static CollectionOutcome Outcome(string code, int status, string message, string region) =>
        s_unknownCaller.Contains(code) && IsOptIn(region)
            ? CollectionOutcome.Disabled
            : ErrorClassification.Outcome(code, status, message);
}
