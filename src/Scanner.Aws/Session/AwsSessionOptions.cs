using Amazon.Runtime;
using Scanner.Aws.Client;

namespace Scanner.Aws.Session;

/// <summary>How to come into an account.</summary>
public sealed record AwsSessionOptions
{
    /// <summary>Role to assume first (<c>--role-arn</c>): by web identity where GitHub offers one, else with the
    /// credentials found; null: the credentials found are used as they are.</summary>
    public string? RoleArn { get; init; }

    /// <summary>Name of the role to assume in other accounts (<c>--role-name</c>); null: other accounts are out of reach.</summary>
    public string? MemberRoleName { get; init; }

    /// <summary>External id that the trust policies ask for; null when they ask for none. Not used with web identity.</summary>
    public string? ExternalId { get; init; }

    /// <summary>Region to begin in; null: <c>AWS_REGION</c>, the profile, else us-east-1.</summary>
    public string? Region { get; init; }

    /// <summary>Credentials to begin with; null: the SDK's default chain (environment, profile, web identity, container, instance).</summary>
    public AWSCredentials? Credentials { get; init; }

    /// <summary>One address for all services; null: <c>AWS_ENDPOINT_URL_&lt;SERVICE&gt;</c>, <c>AWS_ENDPOINT_URL</c>, the profile, else AWS's own hosts.</summary>
    public Uri? Endpoint { get; init; }

    /// <summary>Limits of the client.</summary>
    public LiveAwsOptions Limits { get; init; } = new();

    /// <summary>Reads an environment variable (GitHub's OIDC variables); tests give their own.</summary>
    public Func<string, string?> Environment { get; init; } = System.Environment.GetEnvironmentVariable;
}
