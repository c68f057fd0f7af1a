using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Amazon.Runtime;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Scanner.Aws.Models;
using Scanner.Aws.Session;

namespace Loopback.Aws;

/// <summary>
/// AWS on 127.0.0.1: all services of the models, in all five protocols, at one address (<c>AWS_ENDPOINT_URL</c>).
/// Checks every signature. What is not programmed answers as an account where there is nothing. Accounts: a key that
/// <c>AssumeRole</c> gave out belongs to the role's account, any other to <see cref="Account"/>.
/// </summary>
public sealed class AwsServer : IAsyncDisposable
{
    /// <summary>An access key that the server accepts.</summary>
    public const string AccessKeyId = "AKIALOOPBACKLOOPBACK";

    /// <summary>The secret of every access key.</summary>
    public const string SecretAccessKey = "loopback/secret+key";

    private const string SessionPrefix = "loopback-session-";

    private readonly WebApplication _app;
    private readonly ConcurrentDictionary<(string Service, string Operation), Func<AwsRequest, JsonObject>> _replies = new();
    private readonly ConcurrentQueue<AwsRequest> _requests = new();
    private readonly ConcurrentQueue<string> _problems = new();
    private readonly ConcurrentDictionary<string, ConcurrentDictionary<string, StoredObject>> _objects = new(StringComparer.Ordinal);
    private volatile Injected[] _faults = [];
    private long _count;

    private AwsServer(WebApplication app) => _app = app;

    /// <summary>Address, such as <c>http://127.0.0.1:40123/</c>.</summary>
    public Uri Url { get; private set; } = null!;

    /// <summary>Account of the keys that no role gave out.</summary>
    public string Account { get; set; } = "111111111111";

    /// <summary>Partition in the ARNs that the server makes.</summary>
    public string Partition { get; set; } = "aws";

    /// <summary>Whether requests are kept; a benchmark does without.</summary>
    public bool KeepRequests { get; set; } = true;

    /// <summary>Whether signatures are worked out; scope and presence are looked at in any case.</summary>
    public bool CheckSignatures { get; set; } = true;

    /// <summary>Time between a request and its reply, as to a server that is far away.</summary>
    public TimeSpan Delay { get; set; }

    /// <summary>How long the sessions of roles last; what comes with a token that is older is refused.</summary>
    public TimeSpan SessionLength { get; set; } = TimeSpan.FromHours(1);

    /// <summary>Headers on every reply, errors too.</summary>
    public ConcurrentDictionary<string, string> Headers { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>All requests so far, failed ones too.</summary>
    public IReadOnlyCollection<AwsRequest> Requests => _requests;

    /// <summary>How many requests came.</summary>
    public long RequestCount => Interlocked.Read(ref _count);

    /// <summary>Requests that no service would understand, replies that fit no model. <see cref="DisposeAsync"/> throws when there are any.</summary>
    public IReadOnlyCollection<string> Problems => _problems;

    /// <summary>Environment variables that point the SDK (or a process) at this server.</summary>
    public IReadOnlyDictionary<string, string> EnvironmentVariables => new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["AWS_ENDPOINT_URL"] = Url.ToString().TrimEnd('/'),
        ["AWS_ACCESS_KEY_ID"] = AccessKeyId,
        ["AWS_SECRET_ACCESS_KEY"] = SecretAccessKey,
        ["AWS_REGION"] = "us-east-1",
        ["AWS_EC2_METADATA_DISABLED"] = "true",
        ["AWS_CONFIG_FILE"] = "/dev/null",
        ["AWS_SHARED_CREDENTIALS_FILE"] = "/dev/null",
    };

    /// <summary>
    /// What a client of the program's own is opened with to ask this server: its credentials, no environment but the one given
    /// here, and waits so short that a test does not notice them.
    /// </summary>
    public AwsSessionOptions SessionOptions => new()
    {
        Endpoint = Url,
        Credentials = new BasicAWSCredentials(AccessKeyId, SecretAccessKey),
        Region = "us-east-1",
        Limits = new() { MaxBackoff = TimeSpan.FromMilliseconds(1), MaxAttempts = 4, AdaptiveRate = false },
        Environment = _ => null,
    };

    /// <summary>Starts a server on a free port.</summary>
    public static async Task<AwsServer> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(o => o.Limits.MaxRequestBodySize = null).UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var server = new AwsServer(app);
        server.Defaults();
        app.Run(server.HandleAsync);
        await app.StartAsync();
        server.Url = new Uri(app.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.First());
        return server;
    }

    /// <summary>Sets the reply of an operation. The function may throw <see cref="AwsError"/>.</summary>
    /// <param name="service">Service id as the AWS CLI spells it.</param>
    /// <param name="operation">Operation name.</param>
    /// <param name="reply">Reply in the AWS CLI's shape.</param>
    public void Reply(string service, string operation, Func<AwsRequest, JsonObject> reply)
    {
        Find(service, operation);
        _replies[(service, operation)] = reply;
    }

    /// <summary>Sets a fixed reply.</summary>
    public void Reply(string service, string operation, JsonObject reply) => Reply(service, operation, _ => reply);

    /// <summary>Sets a fixed reply, written as JSON.</summary>
    public void Reply(string service, string operation, string json)
    {
        var reply = (JsonObject)JsonNode.Parse(json)!;
        Reply(service, operation, _ => reply);
    }

    /// <summary>Puts an object into a bucket, for the official S3 client: GetObject, HeadObject and ListObjectsV2 with prefix, start-after and pages.</summary>
    /// <param name="bucket">Bucket.</param>
    /// <param name="key">Key.</param>
    /// <param name="content">Content.</param>
    /// <param name="modified">When it was written; null: now.</param>
    public void PutObject(string bucket, string key, byte[] content, DateTimeOffset? modified = null)
    {
        _objects.GetOrAdd(bucket, _ => new(StringComparer.Ordinal))[key] = new StoredObject(content, modified ?? DateTimeOffset.UtcNow);
        _replies.TryAdd(("s3", "ListObjectsV2"), ListObjects);
    }

    /// <summary>Sets the pages of an operation; the server makes tokens and flags as the service does.</summary>
    public void Pages(string service, string operation, Func<AwsRequest, IReadOnlyList<JsonObject>> pages)
    {
        var model = Find(service, operation);
        var pagination = model.Pagination ?? throw new InvalidOperationException($"{service}:{operation} has no pages.");
        Reply(service, operation, request =>
        {
            var all = pages(request);
            var number = PageNumber(pagination, request);
            var page = (JsonObject)all[number].DeepClone();
            SetMore(model, page, number + 1 < all.Count ? string.Create(CultureInfo.InvariantCulture, $"page-{number + 1}") : null);
            return page;
        });
    }

    /// <summary>Sets fixed pages.</summary>
    public void Pages(string service, string operation, params JsonObject[] pages) => Pages(service, operation, _ => pages);

    /// <summary>Whether replies of the operation come in pages.</summary>
    public static bool HasPages(string service, string operation) => Find(service, operation).Pagination is not null;

    /// <summary>Whether the fault can happen to the operation (not every one has pages, or members that could be of a wrong kind).</summary>
    public static bool CanHappen(string service, string operation, AwsFault fault)
    {
        var model = Find(service, operation);
        var hasBody = model.Method != "HEAD" && model.Output?.Shape is { } output && output.Members.Any(m => m.Location is null);
        return fault switch
        {
            AwsFault.FailedSecondPage or AwsFault.EndlessPages => model.Pagination is not null,
            AwsFault.WrongKind => ReplyWriter.WrongKind(model) is not null,
            AwsFault.TruncatedBody or AwsFault.CutOffBody => hasBody && !IsFreeText(model),
            AwsFault.NotTheProtocol or AwsFault.WrongRoot or AwsFault.EmptyBody => hasBody && !IsFreeText(model),
            _ => true,
        };
    }

    /// <summary>Makes an operation fail.</summary>
    /// <param name="service">Service, or <c>*</c> for all.</param>
    /// <param name="operation">Operation, or <c>*</c> for all.</param>
    /// <param name="fault">How.</param>
    /// <param name="times">How often, then it answers again; default always.</param>
    /// <param name="when">Only for requests that this accepts.</param>
    public void Fault(string service, string operation, AwsFault fault, int times = int.MaxValue, Func<AwsRequest, bool>? when = null)
    {
        if (service != "*" && operation != "*")
            Find(service, operation);
        _faults = [.. _faults, new Injected(service, operation, fault, when) { Left = times }];
    }

    /// <summary>Lets everything answer again.</summary>
    public void ClearFaults() => _faults = [];

    /// <summary>Forgets the requests so far.</summary>
    public void ClearRequests() => _requests.Clear();

    /// <summary>Stops the server.</summary>
    /// <exception cref="InvalidOperationException">A request or a reply was not as the models say.</exception>
    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        if (!_problems.IsEmpty)
            throw new InvalidOperationException("The loopback server saw: " + string.Join("; ", _problems));
    }

    private static OperationModel Find(string service, string operation) =>
        ServiceModel.Find(service)?.FindOperation(operation) ?? throw new InvalidOperationException($"The models have no {service}:{operation}.");

    private static bool IsFreeText(OperationModel model) =>
        model.Output?.Shape is { Payload: { } payload } shape && shape.FindMember(payload)!.Shape.Kind is ShapeKind.String or ShapeKind.Blob;

    private void Defaults()
    {
        _replies[("sts", "GetCallerIdentity")] = request => new JsonObject
        {
            ["UserId"] = request.AccessKeyId,
            ["Account"] = request.Account,
            ["Arn"] = request.AccessKeyId.StartsWith("ASIA", StringComparison.Ordinal)
                ? $"arn:{Partition}:sts::{request.Account}:assumed-role/scanner/scanner"
                : $"arn:{Partition}:iam::{request.Account}:user/loopback",
        };
        _replies[("sts", "AssumeRole")] = AssumeRole;
        _replies[("sts", "AssumeRoleWithWebIdentity")] = AssumeRole;
    }

    private JsonObject AssumeRole(AwsRequest request)
    {
        var until = DateTime.UtcNow + SessionLength;
        var role = request["RoleArn"]!.Split(':');
        return new JsonObject
        {
            ["Credentials"] = new JsonObject
            {
                ["AccessKeyId"] = "ASIA" + role[4],
                ["SecretAccessKey"] = SecretAccessKey,
                ["SessionToken"] = SessionPrefix + until.Ticks.ToString(CultureInfo.InvariantCulture),
                ["Expiration"] = until.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture),
            },
            ["AssumedRoleUser"] = new JsonObject
            {
                ["AssumedRoleId"] = "AROALOOPBACK:" + request["RoleSessionName"],
                ["Arn"] = $"arn:{role[1]}:sts::{role[4]}:assumed-role/{role[5].Split('/')[^1]}/{request["RoleSessionName"]}",
            },
        };
    }

    private static bool HasExpired(HttpContext context) =>
        context.Request.Headers["x-amz-security-token"].ToString() is var token && token.StartsWith(SessionPrefix, StringComparison.Ordinal)
        && long.Parse(token.AsSpan(SessionPrefix.Length), CultureInfo.InvariantCulture) < DateTime.UtcNow.Ticks;

    private JsonObject ListObjects(AwsRequest request)
    {
        if (!_objects.TryGetValue(request["Bucket"]!, out var bucket))
            throw new AwsError("NoSuchBucket", 404, "The specified bucket does not exist");
        var after = request["ContinuationToken"] ?? request["StartAfter"] ?? "";
        var prefix = request["Prefix"] ?? "";
        var delimiter = request["Delimiter"];
        var size = int.Parse(request["MaxKeys"] ?? "1000", CultureInfo.InvariantCulture);
        var contents = new JsonArray();
        var prefixes = new JsonArray();
        string? last = null, more = null;
        foreach (var key in bucket.Keys.Where(k => k.StartsWith(prefix, StringComparison.Ordinal) && string.CompareOrdinal(k, after) > 0).Order(StringComparer.Ordinal))
        {
            var cut = delimiter is null ? -1 : key.IndexOf(delimiter, prefix.Length, StringComparison.Ordinal);
            if (cut >= 0 && prefixes.Count > 0 && prefixes[^1]!["Prefix"]!.ToString() == key[..(cut + delimiter!.Length)])
            {
                last = key;
                continue;
            }
            if (contents.Count + prefixes.Count == size)
            {
                more = last;
                break;
            }
            last = key;
            if (cut >= 0)
                prefixes.Add(new JsonObject { ["Prefix"] = key[..(cut + delimiter!.Length)] });
            else
                contents.Add(new JsonObject { ["Key"] = key, ["Size"] = bucket[key].Content.Length, ["LastModified"] = bucket[key].Modified.UtcDateTime.ToString("O", CultureInfo.InvariantCulture), ["ETag"] = bucket[key].ETag, ["StorageClass"] = "STANDARD" });
        }
        var reply = new JsonObject { ["Name"] = request["Bucket"], ["Prefix"] = prefix, ["KeyCount"] = contents.Count + prefixes.Count, ["MaxKeys"] = size, ["IsTruncated"] = more is not null };
        if (contents.Count > 0)
            reply["Contents"] = contents;
        if (prefixes.Count > 0)
            reply["CommonPrefixes"] = prefixes;
        if (more is not null)
            reply["NextContinuationToken"] = more;
        return reply;
    }

    /// <summary>GetObject and HeadObject of the official S3 client; they are in no model, because the read client never asks them.</summary>
    private async Task<bool> ServeObjectAsync(HttpContext context, SignatureCheck.Scope? scope, string rawTarget)
    {
        var request = context.Request;
        if (scope?.Service != "s3" || request.Method is not ("GET" or "HEAD") || request.Headers.ContainsKey("x-amz-account-id"))
            return false;
        var query = request.Query;
        if (query.Keys.Any(k => k != "x-id" && !k.StartsWith("response-", StringComparison.Ordinal) && k != "versionId"))
            return false;
        var path = rawTarget.Split('?')[0].Split('/', 3);
        if (path.Length < 3 || path[2].Length == 0 || path[1].StartsWith("v2018", StringComparison.Ordinal))
            return false;
        var (bucket, key) = (Uri.UnescapeDataString(path[1]), Uri.UnescapeDataString(path[2]));
        var logged = new AwsRequest("s3", scope.Region, request.Method == "GET" ? "GetObject" : "HeadObject", new JsonObject { ["Bucket"] = bucket, ["Key"] = key }, Account, scope.AccessKeyId, request.Method, rawTarget, request.Host.Value ?? "", DateTimeOffset.UtcNow);
        if (KeepRequests)
            _requests.Enqueue(logged);
        var response = context.Response;
        response.ContentType = "application/xml";
        var fault = Array.Find(_faults, f => f.Takes(logged))?.Kind;
        if (fault == AwsFault.ConnectionReset)
        {
            context.Abort();
            return true;
        }
        var (code, status) = fault switch
        {
            AwsFault.AccessDenied => ("AccessDenied", 403),
            AwsFault.Throttling => ("SlowDown", 503),
            AwsFault.InternalError or AwsFault.BareInternalError => ("InternalError", 500),
            _ when CheckSignatures && !SignatureCheck.IsRight(scope, SecretAccessKey, request, rawTarget, []) => ("SignatureDoesNotMatch", 403),
            _ when !_objects.TryGetValue(bucket, out var known) || !known.ContainsKey(key) => ("NoSuchKey", 404),
            _ => ("", 200),
        };
        response.StatusCode = status;
        if (status != 200)
        {
            if (request.Method == "GET")
                await response.WriteAsync($"<Error><Code>{code}</Code><Message>No.</Message></Error>");
            return true;
        }
        var found = _objects[bucket][key];
        response.ContentType = "application/octet-stream";
        response.Headers.ETag = found.ETag;
        response.Headers.LastModified = found.Modified.UtcDateTime.ToString("r", CultureInfo.InvariantCulture);
        response.ContentLength = found.Content.Length;
        if (request.Method == "HEAD")
            return true;
        var content = fault is AwsFault.TruncatedBody ? found.Content.AsMemory(0, found.Content.Length / 2) : found.Content;
        await response.Body.WriteAsync(content);
        if (fault is AwsFault.TruncatedBody)
        {
            await response.Body.FlushAsync();
            context.Abort();
        }
        return true;
    }

    private async Task HandleAsync(HttpContext context)
    {
        Interlocked.Increment(ref _count);
        using var memory = new MemoryStream();
        await context.Request.Body.CopyToAsync(memory);
        var body = memory.ToArray();
        var rawTarget = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        var scope = SignatureCheck.Parse(context.Request.Headers.Authorization);
        if (await ServeObjectAsync(context, scope, rawTarget))
            return;
        OperationModel operation;
        AwsRequest request;
        try
        {
            if (RequestReader.Read(scope?.Service, context.Request, rawTarget, body) is not { } read)
                throw new InvalidOperationException($"No model knows {context.Request.Method} {rawTarget} of {scope?.Service ?? "an unsigned caller"} {context.Request.Headers["x-amz-target"]}.");
            operation = read.Operation;
            var key = scope?.AccessKeyId ?? "";
            var account = key.Length == 16 && key.StartsWith("ASIA", StringComparison.Ordinal) ? key[4..] : Account;
            request = new AwsRequest(
                operation.Service.Service, scope?.Region ?? "", operation.Name, read.Parameters, account, key,
                context.Request.Method, rawTarget, context.Request.Host.Value ?? "", DateTimeOffset.UtcNow);
            if (KeepRequests)
                _requests.Enqueue(request);
        }
        catch (Exception e) when (e is InvalidOperationException or FormatException or KeyNotFoundException or InvalidCastException or System.Text.Json.JsonException)
        {
            _problems.Enqueue(e.Message);
            context.Response.StatusCode = 400;
            await context.Response.WriteAsync("{\"__type\":\"LoopbackProblem\",\"message\":\"see AwsServer.Problems\"}");
            return;
        }
        if (Delay > TimeSpan.Zero)
            await Task.Delay(Delay);
        var reply = Answer(operation, request, context, scope, rawTarget, body, out var fault);
        if (fault == AwsFault.ConnectionReset)
        {
            context.Abort();
            return;
        }
        if (fault == AwsFault.Silence)
        {
            await Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
            return;
        }
        context.Response.StatusCode = reply.Status;
        context.Response.ContentType = reply.ContentType;
        foreach (var (name, value) in reply.Headers)
            context.Response.Headers[name] = value;
        foreach (var (name, value) in Headers)
            context.Response.Headers[name] = value;
        context.Response.Headers["x-amzn-RequestId"] = "00000000-0000-0000-0000-000000000000";
        if (context.Request.Method != "HEAD")
            context.Response.ContentLength = reply.Body.Length;
        if (fault == AwsFault.TruncatedBody)
        {
            await context.Response.Body.WriteAsync(reply.Body.AsMemory(0, reply.Body.Length / 2));
            await context.Response.Body.FlushAsync();
            context.Abort();
            return;
        }
        if (reply.Body.Length > 0 && context.Request.Method != "HEAD")
            await context.Response.Body.WriteAsync(reply.Body);
    }

    private ReplyWriter.Reply Answer(OperationModel operation, AwsRequest request, HttpContext context, SignatureCheck.Scope? scope, string rawTarget, byte[] body, out AwsFault? fault)
    {
        fault = null;
        if (scope is null ? !operation.Unsigned : CheckSignatures && !SignatureCheck.IsRight(scope, SecretAccessKey, context.Request, rawTarget, body))
            return ReplyWriter.Error(operation, scope is null ? "MissingAuthenticationToken" : "SignatureDoesNotMatch", 403, "The signature is missing or wrong.");
        if (HasExpired(context))
            return ReplyWriter.Error(operation, "ExpiredTokenException", 403, "The security token included in the request is expired");
        var paging = operation.Pagination;
        var laterPage = paging is not null && paging.InputTokens.Any(t => request[t] == "loopback-more");
        foreach (var injected in _faults)
        {
            if (injected.Takes(request))
            {
                fault = injected.Kind;
                break;
            }
        }
        var (denied, deniedStatus) = DeniedCode(operation);
        var (throttled, throttledStatus) = ThrottledCode(operation);
        switch (fault)
        {
            case AwsFault.AccessDenied:
                return ReplyWriter.Error(operation, denied, deniedStatus, $"User: loopback is not authorized to perform: {request.Service}:{request.Operation}");
            case AwsFault.Throttling:
                return ReplyWriter.Error(operation, throttled, throttledStatus, "Rate exceeded");
            case AwsFault.InternalError:
                return ReplyWriter.Error(operation, "InternalFailure", 500, "Something went wrong on our side.");
            case AwsFault.BareInternalError:
                return new(500, "text/html", "<html><body>Internal Server Error"u8.ToArray(), []);
            case AwsFault.ExpiredToken:
                return ReplyWriter.Error(operation, operation.Service.Protocol is Protocol.Json or Protocol.RestJson ? "ExpiredTokenException" : "ExpiredToken", 403, "The security token included in the request is expired");
            case AwsFault.NotEnabled:
                return ReplyWriter.Error(operation, operation.Service switch { { Service: "s3" } => "NotSignedUp", { Protocol: Protocol.Json } => "SubscriptionRequiredException", _ => "OptInRequired" }, operation.Service.Protocol == Protocol.Json ? 400 : 403, "You are not subscribed to this service. Please go to http://aws.amazon.com to subscribe.");
            case AwsFault.UnknownCaller:
                return ReplyWriter.Error(operation, operation.Service.Protocol switch { Protocol.Ec2 => "AuthFailure", Protocol.Query or Protocol.RestXml => "InvalidClientTokenId", _ => "UnrecognizedClientException" }, operation.Service.Protocol == Protocol.Ec2 ? 401 : 403, "The security token included in the request is invalid.");
            case AwsFault.NotTheProtocol:
                return new(200, "text/html", "<html><head><title>Proxy</title><body>Sign in"u8.ToArray(), []);
            case AwsFault.WrongRoot:
                return operation.Service.Protocol is Protocol.Json or Protocol.RestJson
                    ? new(200, "application/json", "[]"u8.ToArray(), [])
                    : new(200, "text/xml", "<Nonsense><Nothing>1</Nothing></Nonsense>"u8.ToArray(), []);
            case AwsFault.EmptyBody:
                return new(200, "application/json", [], []);
            case AwsFault.WrongKind:
                return ReplyWriter.WrongKind(operation) ?? throw new InvalidOperationException($"{request.Service}:{request.Operation} cannot be of a wrong kind.");
            case AwsFault.FailedSecondPage when laterPage:
                return ReplyWriter.Error(operation, denied, deniedStatus, $"User: loopback is not authorized to perform: {request.Service}:{request.Operation}");
            default:
                break;
        }

        try
        {
            var content = _replies.TryGetValue((request.Service, request.Operation), out var function) ? function(request) : ReplyWriter.Empty(operation);
            if (fault is AwsFault.FailedSecondPage or AwsFault.EndlessPages)
            {
                content = (JsonObject)content.DeepClone();
                SetMore(operation, content, "loopback-more");
            }
            var reply = ReplyWriter.Success(operation, content);
            return fault == AwsFault.CutOffBody ? reply with { Body = reply.Body[..(reply.Body.Length / 2)] } : reply;
        }
        catch (AwsError e)
        {
            return ReplyWriter.Error(operation, e.Code, e.Status, e.Message);
        }
        catch (Exception e) when (e is InvalidOperationException or InvalidCastException or FormatException or ArgumentOutOfRangeException or NullReferenceException)
        {
            _problems.Enqueue($"{request.Service}:{request.Operation}: {e.Message}");
            return ReplyWriter.Error(operation, "LoopbackProblem", 400, "see AwsServer.Problems");
        }
    }

    private static int PageNumber(Pagination pagination, AwsRequest request) =>
        request[pagination.InputTokens[0]] is { } token ? int.Parse(token.AsSpan("page-".Length), CultureInfo.InvariantCulture) : 0;

    /// <summary>Sets token and flag so that there is more, or not.</summary>
    private static void SetMore(OperationModel operation, JsonObject page, string? token)
    {
        var pagination = operation.Pagination!;
        if (token is not null)
            Set(pagination.OutputTokens[0], token);
        if (pagination.MoreResults is { } more)
            Set(more, token is not null);

        void Set(TokenExpression path, JsonNode value)
        {
            var at = page;
            for (var i = 0; i < path.Path.Count - 1; i++)
            {
                if (at[path.Path[i]] is not JsonObject inner)
                    at[path.Path[i]] = inner = [];
                at = inner;
            }
            at[path.Path[^1]] = value;
        }
    }

    private static (string Code, int Status) DeniedCode(OperationModel operation) => operation.Service.Protocol switch
    {
        Protocol.Ec2 => ("UnauthorizedOperation", 403),
        Protocol.Json => ("AccessDeniedException", 400),
        Protocol.RestJson => ("AccessDeniedException", 403),
        _ => ("AccessDenied", 403),
    };

    private static (string Code, int Status) ThrottledCode(OperationModel operation) => operation.Service switch
    {
        { Service: "s3" } => ("SlowDown", 503),
        { Protocol: Protocol.Ec2 } => ("RequestLimitExceeded", 503),
        { Protocol: Protocol.Json } => ("ThrottlingException", 400),
        { Protocol: Protocol.RestJson } => ("TooManyRequestsException", 429),
        _ => ("Throttling", 400),
    };

    private sealed record StoredObject(byte[] Content, DateTimeOffset Modified)
    {
        // S3's entity tag of an object in one part is its MD5; the official client compares it.
#pragma warning disable CA5351
        public string ETag { get; } = $"\"{Convert.ToHexStringLower(MD5.HashData(Content))}\"";
#pragma warning restore CA5351
    }

    private sealed class Injected(string service, string operation, AwsFault kind, Func<AwsRequest, bool>? when)
    {
        private int _left;

        public AwsFault Kind => kind;

        public required int Left
        {
            get => _left;
            init => _left = value;
        }

        public bool Takes(AwsRequest request) =>
            (service == "*" || service == request.Service)
            && (operation == "*" || operation == request.Operation)
            && when?.Invoke(request) != false
            && (_left == int.MaxValue || Interlocked.Decrement(ref _left) >= 0);
    }
}
