using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Amazon.Runtime;
using Amazon.Runtime.Credentials;
using Scanner.Aws.Client;
using Scanner.Model;

namespace Scanner.Aws.Session;

/// <summary>
/// A way into AWS: the SDK's default credential chain, then an optional role, then roles in other accounts. STS is
/// asked in the region of the session, at AWS's host or the override that the environment names.
/// </summary>
public sealed partial class AwsSession : IDisposable
{
    private const string SessionName = "scanner";

    private readonly AwsSessionOptions _options;
    private readonly AwsTransport _transport;
    private readonly List<LiveAwsApi> _owned;
    private readonly ConcurrentDictionary<string, Lazy<Task<LiveAwsApi>>> _members = new(StringComparer.Ordinal);
    private readonly LiveAwsApi _api;

    private AwsSession(AwsSessionOptions options, AwsTransport transport, List<LiveAwsApi> owned, LiveAwsApi api, AWSCredentials credentials, string region, string partition, string arn)
    {
        _options = options;
        _transport = transport;
        _owned = owned;
        _api = api;
        Credentials = credentials;
        Region = region;
        Partition = partition;
        CallerArn = arn;
    }

    /// <summary>Twelve-digit id of the account that the session is in.</summary>
    public string AccountId => _api.Account;

    /// <summary><c>aws</c>, <c>aws-cn</c>, <c>aws-us-gov</c>, as the caller's ARN says.</summary>
    public string Partition { get; }

    /// <summary>ARN of the user or the role's session that asks.</summary>
    public string CallerArn { get; }

    /// <summary>Region that the session began in.</summary>
    public string Region { get; }

    /// <summary>Region in which the partition's global services are asked, such as us-east-1.</summary>
    public string HomeRegion => AwsPartition.Named(Partition).HomeRegion;

    /// <summary>Credentials of the session's own account, refreshed by themselves.</summary>
    public AWSCredentials Credentials { get; }

    /// <summary>What the environment says instead of AWS's own endpoints (AWS_ENDPOINT_URL); null for AWS's.</summary>
    public Uri? Endpoint => _options.Endpoint;

    /// <summary>How often a request is tried, the first time included.</summary>
    public int MaxAttempts => _options.Limits.MaxAttempts ?? 8;

    /// <summary>The account that the session is in.</summary>
    public IAwsApi Api => _api;

    /// <summary>Finds credentials, assumes the role if there is one, and asks who that is.</summary>
    /// <exception cref="InputException">There are no credentials, they are not good, or the role cannot be assumed; one line with the remedy.</exception>
    public static async Task<AwsSession> OpenAsync(AwsSessionOptions options, CancellationToken cancellation)
    {
        if (options.RoleArn is { } given && !RoleArnPattern().IsMatch(given))
            throw new InputException($"{given} is not a role's ARN; it looks like arn:aws:iam::111111111111:role/scanner.");
        if (options.MemberRoleName is { } name && !RoleNamePattern().IsMatch(name))
            throw new InputException($"{name} is not a role's name; give the name alone, such as scanner.");

        var region = options.Region ?? DefaultRegion(options);
        var transport = new AwsTransport(options.Limits, options.Endpoint);
        var owned = new List<LiveAwsApi>();
        try
        {
            AWSCredentials credentials;
            if (options.RoleArn is { } roleArn)
            {
                if (GitHubOidc.Find(options, transport.Http) is { } oidc)
                {
                    var sts = new LiveAwsApi("", new AnonymousAWSCredentials(), transport);
                    owned.Add(sts);
                    credentials = new AssumedRole(roleArn, sts, async c => new AwsCall(region, "sts", "AssumeRoleWithWebIdentity", new JsonObject
                    {
                        ["RoleArn"] = roleArn,
                        ["RoleSessionName"] = SessionName,
                        ["WebIdentityToken"] = await oidc.TokenAsync(c),
                    }));
                }
                else
                {
                    var sts = new LiveAwsApi("", FindCredentials(options), transport);
                    owned.Add(sts);
                    credentials = Role(sts, region, roleArn, options.ExternalId);
                }
            }
            else
            {
                credentials = FindCredentials(options);
            }

            if (credentials is AssumedRole role)
                await EnterAsync(role, options.RoleArn!);

            // The account is not known before the first question, which is who we are.
            var first = new LiveAwsApi("", credentials, transport);
            owned.Add(first);
            var identity = await WhoAsync(first, region, cancellation);
            var arn = identity["Arn"]?.ToString() ?? "";
            var account = identity["Account"]?.ToString() ?? "";
            var parts = arn.Split(':');
            if (!AwsAccountId.Is(account) || parts.Length < 6 || parts[0] != "arn")
                throw new InputException("AWS STS did not say which account this is (GetCallerIdentity); check AWS_ENDPOINT_URL.");
            var api = new LiveAwsApi(account, credentials, transport);
            owned.Add(api);
            return new AwsSession(options, transport, owned, api, credentials, region, parts[1], arn);
        }
        catch
        {
            foreach (var api in owned)
                api.Dispose();
            transport.Dispose();
            throw;
        }
    }

    /// <summary>The same client for another account, through the role <see cref="AwsSessionOptions.MemberRoleName"/> there.</summary>
    /// <param name="accountId">Twelve-digit id; the session's own account gives <see cref="Api"/>, without a role.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="InputException">The role cannot be assumed; the line names role, reason and remedy.</exception>
    public async Task<IAwsApi> ForAccountAsync(string accountId, CancellationToken cancellation)
    {
        if (accountId == AccountId)
            return _api;
        if (!AwsAccountId.Is(accountId))
            throw new InputException($"{accountId} is not an account id; it has twelve digits.");
        if (_options.MemberRoleName is not { } roleName)
            throw new InputException($"The account {accountId} needs a role to come in; give its name with --role-name.");
        var member = _members.GetOrAdd(accountId, id => new Lazy<Task<LiveAwsApi>>(() => OpenMemberAsync(id, roleName)));
        try
        {
            return await member.Value.WaitAsync(cancellation);
        }
        catch
        {
            _members.TryRemove(accountId, out _);
            throw;
        }
    }

    /// <summary>
    /// Imports findings into Security Hub (BatchImportFindings), in the account that they are about: the one write that Scanner knows, for whoever asks for it.
    /// </summary>
    /// <param name="accountId">Account of all of the findings.</param>
    /// <param name="region">Region of all of them.</param>
    /// <param name="findings">At most 100, in AWS's format (ASFF).</param>
    /// <param name="cancellation">Ends it.</param>
    /// <returns><c>SuccessCount</c>, <c>FailedCount</c> and <c>FailedFindings</c>, as AWS answers.</returns>
    /// <exception cref="InputException">The account cannot be entered.</exception>
    /// <exception cref="AwsApiException">Security Hub took none: it is off there, the right is missing, or it did not answer.</exception>
    public async Task<JsonObject> ImportFindingsAsync(string accountId, string region, JsonArray findings, CancellationToken cancellation) =>
        await ((LiveAwsApi)await ForAccountAsync(accountId, cancellation)).ImportFindingsAsync(region, findings, cancellation);

    /// <summary>All accounts of the organization, suspended ones too (organizations ListAccounts; the management account or a delegated administrator may ask).</summary>
    /// <exception cref="InputException">The organization cannot be listed.</exception>
    public async Task<IReadOnlyList<OrganizationAccount>> ListOrganizationAccountsAsync(CancellationToken cancellation)
    {
        JsonObject reply;
        try
        {
            reply = await _api.CallAsync(new AwsCall(HomeRegion, "organizations", "ListAccounts", []), cancellation);
        }
        catch (AwsApiException e)
        {
            throw new InputException(
                $"The organization's accounts cannot be listed: {e.Message} Run in the management account or as a delegated administrator with organizations:ListAccounts, or name the accounts with --accounts.", e);
        }
        if (reply["Accounts"] is not JsonArray accounts)
            throw new InputException("The organization's accounts cannot be listed: the answer holds none; run again.");
        return
        [
            .. accounts.OfType<JsonObject>()
                .Select(a => new OrganizationAccount(a["Id"]?.ToString() ?? "", a["Name"]?.ToString() ?? "", a["Status"]?.ToString() ?? a["State"]?.ToString() ?? ""))
                .OrderBy(a => a.Id, StringComparer.Ordinal),
        ];
    }

    /// <summary>The alias of an account, by which people know it where no organization tells its name; null where it has none, or may not be asked for it: nothing hangs on it.</summary>
    /// <param name="api">The account.</param>
    /// <param name="cancellation">Ends it.</param>
    public async Task<string?> AliasAsync(IAwsApi api, CancellationToken cancellation)
    {
        // Nobody waits for a name.
        using var soon = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        soon.CancelAfter(TimeSpan.FromSeconds(5));
        try
        {
            // An account has one at most (IAM User Guide, "Use an alias for your AWS account ID").
            return (await api.CallAsync(new AwsCall(HomeRegion, "iam", "ListAccountAliases", []), soon.Token))["AccountAliases"] is JsonArray { Count: > 0 } aliases ? aliases[0]?.ToString() : null;
        }
        catch (Exception e) when (e is AwsApiException || e is OperationCanceledException && !cancellation.IsCancellationRequested)
        {
            return null;
        }
    }

    /// <summary>What the organization says of its accounts beyond their list.</summary>
    public AwsOrganization Organization => new(_api, HomeRegion);

    /// <summary>Closes clients and connections.</summary>
    public void Dispose()
    {
        foreach (var member in _members.Values)
        {
            if (member.IsValueCreated && member.Value.IsCompletedSuccessfully)
                member.Value.Result.Dispose();
        }
        foreach (var api in _owned)
            api.Dispose();
        _transport.Dispose();
    }

    private async Task<LiveAwsApi> OpenMemberAsync(string accountId, string roleName)
    {
        var credentials = Role(_api, Region, $"arn:{Partition}:iam::{accountId}:role/{roleName}", _options.ExternalId);
        await EnterAsync(credentials, $"arn:{Partition}:iam::{accountId}:role/{roleName}");
        return new LiveAwsApi(accountId, credentials, _transport);
    }

    /// <summary>Now and not in the midst of the first call, which would try again and again: a role that cannot be assumed is one
    /// clear line.</summary>
    private static async Task EnterAsync(AssumedRole role, string arn)
    {
        try
        {
            await role.GetCredentialsAsync();
        }
        catch (AmazonClientException e)
        {
            throw new InputException($"The role {arn} cannot be used: {e.Message}; check this machine's clock.", e);
        }
    }

    private static AssumedRole Role(LiveAwsApi sts, string region, string roleArn, string? externalId)
    {
        var parameters = new JsonObject { ["RoleArn"] = roleArn, ["RoleSessionName"] = SessionName };
        if (externalId is not null)
            parameters["ExternalId"] = externalId;
        return new AssumedRole(roleArn, sts, _ => Task.FromResult(new AwsCall(region, "sts", "AssumeRole", parameters)));
    }

    private static async Task<JsonObject> WhoAsync(LiveAwsApi api, string region, CancellationToken cancellation)
    {
        try
        {
            return await api.CallAsync(new AwsCall(region, "sts", "GetCallerIdentity", []), cancellation);
        }
        catch (AwsApiException e) when (e.Code is "ExpiredToken" or "ExpiredTokenException" or "RequestExpired")
        {
            throw new InputException($"The AWS credentials have expired ({e.Code}); sign in again (aws sso login, or new keys) and run again.", e);
        }
        catch (AwsApiException e) when (CallerErrors.IsCredentials(e.Code))
        {
            throw new InputException($"AWS does not accept the credentials ({e.Code}); check AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN or AWS_PROFILE.", e);
        }
        catch (AwsApiException e) when (e.Code is ErrorClassification.ConnectionFailed or ErrorClassification.NoAnswer or ErrorClassification.EndpointNotFound)
        {
            throw new InputException($"AWS STS cannot be reached in {region} ({e.Message}); check the network, AWS_REGION and AWS_ENDPOINT_URL.", e);
        }
        catch (AwsApiException e)
        {
            throw new InputException($"AWS STS does not say which account this is: {e.Message}; check the credentials and AWS_ENDPOINT_URL.", e);
        }
        catch (AmazonClientException e)
        {
            throw new InputException($"AWS credentials cannot be used: {e.Message}; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, AWS_PROFILE, or --role-arn.", e);
        }
    }

    private static AWSCredentials FindCredentials(AwsSessionOptions options)
    {
        if (options.Credentials is { } given)
            return given;
        try
        {
            return DefaultAWSCredentialsIdentityResolver.GetCredentials(null);
        }
        catch (AmazonClientException e)
        {
            throw new InputException("No AWS credentials found; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, AWS_PROFILE, or run with a role (--role-arn), or scan a recorded account with --from DIR.", e);
        }
    }

    private static string DefaultRegion(AwsSessionOptions options)
    {
        if (options.Environment("AWS_REGION") is { Length: > 0 } region)
            return region;
        if (options.Environment("AWS_DEFAULT_REGION") is { Length: > 0 } older)
            return older;
        try
        {
            return FallbackRegionFactory.GetRegionEndpoint(false)?.SystemName ?? "us-east-1";
        }
        catch (AmazonClientException)
        {
            return "us-east-1";
        }
    }

    [GeneratedRegex(@"^arn:aws[a-z-]*:iam::\d{12}:role/[\w+=,.@/-]{1,576}$", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex RoleArnPattern();

    [GeneratedRegex(@"^[\w+=,.@/-]{1,576}$", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex RoleNamePattern();
}

/// <summary>An account of an organization (organizations ListAccounts).</summary>
/// <param name="Id">Twelve-digit id.</param>
/// <param name="Name">Name as its owner gave it; hostile text.</param>
/// <param name="Status"><c>ACTIVE</c>, <c>SUSPENDED</c>, <c>PENDING_CLOSURE</c> ...</param>
public sealed record OrganizationAccount(string Id, string Name, string Status)
{
    /// <summary>Only active accounts can be read; the others are reported as not scanned.</summary>
    public bool IsActive => Status == "ACTIVE";
}
