using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using Amazon.Runtime;
using Scanner.Aws.Models;
using Scanner.Aws.Wire;
using Scanner.Model;

namespace Scanner.Aws.Client;

/// <summary>AWS over HTTP, in one account. Made by <c>AwsSession</c>.</summary>
public sealed class LiveAwsApi : IAwsApi, IDisposable
{
    private readonly AWSCredentials _credentials;
    private readonly AwsTransport _transport;
    private readonly ConcurrentDictionary<(string Service, string Region), Lazy<SdkClient>> _clients = new();
    private readonly ConcurrentDictionary<string, string> _bucketRegions = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _renewal = new(1);
    private int _renewed;
    private string? _expired;
    private long _calls;

    internal LiveAwsApi(string account, AWSCredentials credentials, AwsTransport transport)
    {
        Account = account;
        _credentials = credentials;
        _transport = transport;
    }

    /// <inheritdoc/>
    public string Account { get; }

    /// <inheritdoc/>
    public long CallCount => Interlocked.Read(ref _calls);

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">The operation is not one that reads; nothing was sent.</exception>
    public async Task<JsonObject> CallAsync(AwsCall call, CancellationToken cancellation)
    {
        var operation = ReadOnlyGuard.Find(call.Service, call.Operation);
        JsonObject? joined = null;
        try
        {
            await foreach (var page in PagesAsync(call, operation, cancellation))
            {
                if (joined is null)
                    joined = page;
                else if (call.RequiresLists && operation.Pagination!.Results.FirstOrDefault(result => result.Find(page) is null) is { } missing)
                    throw new AwsApiException(call, CollectionOutcome.Error, ErrorClassification.MalformedReply, $"A page has no {missing.Text}.");
                else
                    Join(operation.Pagination!, joined, page);
            }
        }
        catch (AwsApiException e) when (joined is not null)
        {
            throw new AwsApiException(e.Call, e.Outcome, e.Code, e.Detail, WithoutTokens(operation, joined), e.InnerException ?? e);
        }
        return WithoutTokens(operation, joined!);
    }

    /// <summary>Closes what is open.</summary>
    public void Dispose()
    {
        foreach (var client in _clients.Values)
        {
            if (client.IsValueCreated)
                client.Value.Dispose();
        }
        _renewal.Dispose();
    }

    /// <summary>One request without guard and pages; for opening sessions.</summary>
    internal Task<JsonObject> SendUnguardedAsync(AwsCall call, CancellationToken cancellation) =>
        SendAsync(call, ReadOnlyGuard.FindUnguarded(call.Service, call.Operation), call.Parameters, cancellation);

    /// <summary>Imports findings into Security Hub of this account: the one call that changes something.</summary>
    internal Task<JsonObject> ImportFindingsAsync(string region, JsonArray findings, CancellationToken cancellation)
    {
        var operation = ReadOnlyGuard.Import;
        var parameters = new JsonObject { ["Findings"] = findings };
        return SendAsync(new AwsCall(region, operation.Service.Service, operation.Name, parameters), operation, parameters, cancellation);
    }

    private async IAsyncEnumerable<JsonObject> PagesAsync(AwsCall call, OperationModel operation, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var reply = await SendAsync(call, operation, call.Parameters, cancellation);
        // A caller that gives a token itself wants that one page.
        if (call.FirstPageOnly || operation.Pagination is not { } pagination || pagination.InputTokens.Any(call.Parameters.ContainsKey))
        {
            yield return reply;
            yield break;
        }

        HashSet<string>? seen = null;
        for (var pages = 1; ; pages++)
        {
            var tokens = NextTokens(pagination, reply);
            yield return reply;
            if (tokens is null)
                yield break;
            if (pages == call.MostPages)
                throw new AwsApiException(call, CollectionOutcome.Error, ErrorClassification.TooManyPages, $"There are more than {pages} pages.");
            if (!(seen ??= new(StringComparer.Ordinal)).Add(tokens.ToJsonString()))
                throw new AwsApiException(call, CollectionOutcome.Error, ErrorClassification.PaginationLoop, "AWS gave the same page token twice.");
            var parameters = (JsonObject)call.Parameters.DeepClone();
            foreach (var (name, value) in tokens)
                parameters[name] = value?.DeepClone();
            reply = await SendAsync(call, operation, parameters, cancellation);
        }
    }

    private static JsonObject? NextTokens(Pagination pagination, JsonObject reply)
    {
        if (pagination.MoreResults is { } more && !(more.Find(reply) is JsonValue value && value.TryGetValue<bool>(out var isMore) && isMore))
            return null;
        JsonObject? tokens = null;
        for (var i = 0; i < pagination.InputTokens.Count && i < pagination.OutputTokens.Count; i++)
        {
            if (pagination.OutputTokens[i].Find(reply) is { } token)
                (tokens ??= [])[pagination.InputTokens[i]] = token.DeepClone();
        }
        return tokens;
    }

    private static void Join(Pagination pagination, JsonObject joined, JsonObject page)
    {
        foreach (var result in pagination.Results)
        {
            JsonObject? from = page, to = joined;
            var path = result.Path;
            for (var i = 0; i < path.Count - 1; i++)
            {
                from = from?[path[i]] as JsonObject;
                if (from is null)
                    break;
                if (to![path[i]] is not JsonObject inner)
                    to[path[i]] = inner = [];
                to = inner;
            }
            if (from is null || from[path[^1]] is not { } more)
                continue;
            switch (more, to![path[^1]])
            {
                case (JsonArray list, JsonArray before):
                    // A node has one parent: it must leave its page before it can join the others.
                    var items = list.ToArray();
                    list.Clear();
                    foreach (var item in items)
                        before.Add(item);
                    break;
                case (JsonObject map, JsonObject before):
                    foreach (var (key, value) in map)
                        before[key] = value?.DeepClone();
                    break;
                case (_, null):
                    to[path[^1]] = more.DeepClone();
                    break;
                default:
                    break;
            }
        }
    }

    private static JsonObject WithoutTokens(OperationModel operation, JsonObject reply)
    {
        foreach (var token in operation.Pagination?.OutputTokens ?? [])
            token.Remove(reply);
        // "There is more" is the first page's word and not true of the whole.
        operation.Pagination?.MoreResults?.Remove(reply);
        return reply;
    }

    private async Task<JsonObject> SendAsync(AwsCall call, OperationModel operation, JsonObject parameters, CancellationToken cancellation)
    {
        if (_expired is { } over)
            throw new AwsApiException(call, CollectionOutcome.Expired, ErrorClassification.CredentialsExpired, over);
        var generation = Volatile.Read(ref _renewed);
        try
        {
            return await AskAsync(call, operation, parameters, cancellation);
        }
        catch (AwsApiException e) when (Account.Length > 0 && CallerErrors.IsExpired((e.InnerException as InputException)?.InnerException is AwsApiException renewal ? renewal.Code : e.Code))
        {
            if (e.Code != ErrorClassification.RoleNotRenewed && await RenewAsync(generation, cancellation))
                return await SendAsync(call, operation, parameters, cancellation);
            throw Expired(call, e);
        }
    }

    private async Task<JsonObject> AskAsync(AwsCall call, OperationModel operation, JsonObject parameters, CancellationToken cancellation)
    {
        WireRequest wire;
        try
        {
            wire = RequestWriter.Write(operation, parameters);
        }
        catch (ParameterException e)
        {
            throw new AwsApiException(call, CollectionOutcome.Error, ErrorClassification.ParameterValidation, e.Message);
        }

        var bucket = call.Service == "s3" ? parameters["Bucket"]?.ToString() : null;
        var region = bucket is not null && _bucketRegions.TryGetValue(bucket, out var known) ? known : call.Region;
        try
        {
            try
            {
                return await Client(call.Service, region).SendAsync(new SdkRequest(operation, wire, bucket), cancellation);
            }
            catch (AmazonServiceException e) when (bucket is not null && RedirectRegion(e, region) is { } other)
            {
                _bucketRegions[bucket] = other;
                return await Client(call.Service, other).SendAsync(new SdkRequest(operation, wire, bucket), cancellation);
            }
        }
        catch (AmazonServiceException e) when (e is not AmazonUnmarshallingException)
        {
            throw new AwsApiException(call, CallerErrors.Outcome(e.ErrorCode, (int)e.StatusCode, e.Message, region), e.ErrorCode, e.Message, null, e);
        }
        catch (InputException e) when (Account.Length > 0)
        {
            // The session is open, so this is a role that could not be renewed in the midst of a scan.
            throw new AwsApiException(call, (e.InnerException as AwsApiException)?.Outcome ?? CollectionOutcome.Denied, ErrorClassification.RoleNotRenewed, e.Message, null, e);
        }
        catch (MalformedReplyException e)
        {
            throw new AwsApiException(call, CollectionOutcome.Error, ErrorClassification.MalformedReply, e.Message, null, e);
        }
        catch (Exception e) when (cancellation.IsCancellationRequested)
        {
            throw new OperationCanceledException("The call was cancelled.", e, cancellation);
        }
        catch (Exception e) when (ConnectionFailure.Socket(e) is SocketError.HostNotFound or SocketError.NoData)
        {
            throw await NoSuchHostAsync(call, region, e, cancellation);
        }
        catch (Exception e) when (ConnectionFailure.IsSilence(e))
        {
            throw new AwsApiException(call, CollectionOutcome.Unanswered, ErrorClassification.NoAnswer, Silence(e), null, e);
        }
        catch (Exception e) when (ConnectionFailure.Is(e))
        {
            throw new AwsApiException(call, CollectionOutcome.Error, ErrorClassification.ConnectionFailed, "No complete answer: " + Innermost(e).Message, null, e);
        }
        catch (AmazonClientException e)
        {
            throw new AwsApiException(call, CollectionOutcome.Error, ErrorClassification.ClientFailure, Innermost(e).Message, null, e);
        }
    }

    private static string Silence(Exception e)
    {
        // The outermost of ours says which service and how long.
        for (var at = e; at is not null; at = at.InnerException)
        {
            if (at is NoAnswerException)
                return at.Message + ".";
        }
        return e.Message;
    }

    /// <summary>Said once and the same of every call, so that it is one line in reports.</summary>
    private AwsApiException Expired(AwsCall call, Exception e)
    {
        Interlocked.CompareExchange(ref _expired, string.Create(System.Globalization.CultureInfo.InvariantCulture,
            $"The credentials expired {_transport.Age.Elapsed.TotalSeconds:0} s after the scan began; nothing was asked after that."), null);
        return new AwsApiException(call, CollectionOutcome.Expired, ErrorClassification.CredentialsExpired, _expired!, null, e);
    }

    /// <summary>Lets a source that can (a role, a web identity file, a container, SSO) give new credentials; once a generation.</summary>
    /// <returns>Whether it is worth asking again.</returns>
    private async Task<bool> RenewAsync(int generation, CancellationToken cancellation)
    {
        const int Most = 3;
        if (_credentials is not RefreshingAWSCredentials source)
            return false;
        await _renewal.WaitAsync(cancellation);
        try
        {
            if (_renewed > generation)
                return true;
            if (_renewed >= Most)
                return false;
            var before = await source.GetCredentialsAsync();
            source.ClearCredentials();
            var after = await source.GetCredentialsAsync();
            Interlocked.Increment(ref _renewed);
            // The same credentials again, from a file that nobody renews, are as expired as before.
            return after.AccessKey != before.AccessKey || after.Token != before.Token;
        }
        catch (Exception e) when (e is AmazonClientException or InputException)
        {
            return false;
        }
        finally
        {
            _renewal.Release();
        }
    }

    /// <summary>
    /// A name that does not resolve is AWS not having the service there only where all witnesses agree: the address is AWS's own, AWS's list
    /// has no such service in the region, and names of the region resolve at all. A broken or filtering name service must not look like it.
    /// </summary>
    internal async Task<AwsApiException> NoSuchHostAsync(AwsCall call, string region, Exception e, CancellationToken cancellation)
    {
        var prefix = ServiceModel.Find(call.Service)?.EndpointPrefix ?? call.Service;
        var why = _transport.Endpoint is not null || IsOverridden() ? "the name of the endpoint that is set does not resolve"
            : !UnofferedServices.MayLack(prefix, region) ? $"the name of {call.Service} in {region} does not resolve, though AWS offers the service there; see the name service and its filters"
            : !await _transport.ResolvesAsync(EndpointTable.Default.Resolve("ec2", region).Host, cancellation) ? $"no name of {region} resolves; see the name service"
            : null;
        return why is null
            ? new AwsApiException(call, CollectionOutcome.NotOffered, ErrorClassification.EndpointNotFound, $"{call.Service} has no endpoint in {region}.", null, e)
            : new AwsApiException(call, CollectionOutcome.Error, ErrorClassification.ConnectionFailed, $"No complete answer: {why}.", null, e);
    }

    // As the SDK takes them: AWS_ENDPOINT_URL, and AWS_ENDPOINT_URL_SERVICE.
    private static bool IsOverridden() =>
        Environment.GetEnvironmentVariables().Keys.OfType<string>().Any(name => name.StartsWith("AWS_ENDPOINT_URL", StringComparison.Ordinal));

    private static Exception Innermost(Exception e)
    {
        while (e.InnerException is { } inner)
            e = inner;
        return e;
    }

    /// <summary>S3 says in several ways that a bucket lives elsewhere; each names the region in a header or in the body.</summary>
    private static string? RedirectRegion(AmazonServiceException e, string asked)
    {
        var status = (int)e.StatusCode;
        return (status is 301 or 307 or 400)
            && e.Data["bucket-region"] is string region
            && region != asked
            && region.Length <= 32
            && region.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-')
            ? region
            : null;
    }

    private SdkClient Client(string service, string region) =>
        _clients.GetOrAdd(
            (service, region),
            static (key, self) => new Lazy<SdkClient>(() => SdkClient.Create(
                ServiceModel.Find(key.Service)!,
                key.Region,
                self._credentials,
                self._transport,
                () => Interlocked.Increment(ref self._calls))),
            this).Value;
}
