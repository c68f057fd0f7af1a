using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Amazon.Runtime;
using Scanner.Aws.Client;
using Scanner.Model;

namespace Scanner.Aws.Session;

/// <summary>
/// Credentials of an assumed role, fetched again five minutes before they expire, or when a third of a short session is left. The SDK's own class would ask STS
/// through a client of its own; this one asks through ours, so that endpoint overrides, limits and errors are the same.
/// </summary>
internal sealed class AssumedRole : RefreshingAWSCredentials
{
    private static readonly TimeSpan Before = TimeSpan.FromMinutes(5);

    // The SDK takes a minute off every session by itself, and fetches one of a minute anew for each request.
    private static readonly TimeSpan TakenOff = TimeSpan.FromMinutes(1);

    private readonly string _roleArn;
    private readonly Func<CancellationToken, Task<AwsCall>> _call;
    private readonly LiveAwsApi _sts;

    public AssumedRole(string roleArn, LiveAwsApi sts, Func<CancellationToken, Task<AwsCall>> call)
    {
        _roleArn = roleArn;
        _sts = sts;
        _call = call;
        PreemptExpiryTime = Before;
    }

    protected override CredentialsRefreshState GenerateNewCredentials() =>
        // The SDK asks synchronously only from code that cannot wait; there is no synchronization context to deadlock on.
        Task.Run(GenerateNewCredentialsAsync).GetAwaiter().GetResult();

    protected override async Task<CredentialsRefreshState> GenerateNewCredentialsAsync()
    {
        JsonObject reply;
        try
        {
            reply = await _sts.SendUnguardedAsync(await _call(CancellationToken.None), CancellationToken.None);
        }
        catch (AwsApiException e)
        {
            throw new InputException($"The role {_roleArn} cannot be assumed: {e.Code}: {Reason(e)} {Remedy(e)}", e);
        }
        if (reply["Credentials"] is JsonObject credentials
            && credentials["AccessKeyId"]?.ToString() is { Length: > 0 } id
            && credentials["SecretAccessKey"]?.ToString() is { Length: > 0 } secret
            && credentials["SessionToken"]?.ToString() is { Length: > 0 } token
            && credentials["Expiration"]?.ToString() is { } expiration
            && DateTime.TryParse(expiration, CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal | DateTimeStyles.AssumeUniversal, out var until))
        {
            var left = until - DateTime.UtcNow;
            if (left > TimeSpan.Zero)
                PreemptExpiryTime = left / 3 < Before ? left / 3 : Before;
            return new CredentialsRefreshState(new ImmutableCredentials(id, secret, token), left > TimeSpan.Zero ? until + TakenOff : until);
        }
        throw new InputException($"The role {_roleArn} cannot be assumed: the answer of AWS STS holds no credentials; run again.");
    }

    private static string Reason(AwsApiException e)
    {
        var text = e.Detail.TrimEnd();
        return text.EndsWith('.') ? text : text + ".";
    }

    /// <summary>
    /// The subject of the token that was sent, to be compared with the trust policy: since July 2026 it names ids that older policies lack.
    /// Nothing else of the token is said.
    /// </summary>
    private static string Subject(AwsCall call)
    {
        var parts = call.Parameters["WebIdentityToken"]?.ToString().Split('.') ?? [];
        if (parts.Length != 3)
            return "";
        try
        {
            var claims = JsonNode.Parse(Convert.FromBase64String(parts[1].Replace('-', '+').Replace('_', '/').PadRight((parts[1].Length + 3) / 4 * 4, '=')));
            return claims is JsonObject && claims["sub"] is JsonValue value && value.TryGetValue<string>(out var subject) && subject.Length is > 0 and <= 1000 ? $": `{subject}`" : "";
        }
        catch (Exception e) when (e is FormatException or JsonException or ArgumentException or InvalidOperationException)
        {
            return "";
        }
    }

    private static string Remedy(AwsApiException e) => e.Outcome switch
    {
        CollectionOutcome.Denied when e.Call.Operation == "AssumeRoleWithWebIdentity" =>
            $"Let the role's trust policy name GitHub's OIDC provider, sts.amazonaws.com in `aud`, and in `sub` the subject of this job's token, whole{Subject(e.Call)} (terraform/README.md, \"The repository's ids\").",
        CollectionOutcome.Denied => "Let the role's trust policy name the caller (and its external id), and the caller's policy allow sts:AssumeRole.",
        CollectionOutcome.Throttled => "Run again later.",
        _ when e.Call.Operation == "AssumeRoleWithWebIdentity" && e.Code is "InvalidIdentityToken" or "IDPCommunicationError" =>
            "Add GitHub's OIDC provider (token.actions.githubusercontent.com) to the account.",
        _ => "Check the role's ARN and name.",
    };
}
