using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Amazon;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;
using Scanner.Aws;
using Scanner.Aws.Session;
using Scanner.Model;

namespace Scanner.Collect.Events;

/// <summary>
/// Log files that AWS delivers into a bucket. Under a trail's <c>AWSLogs/</c> only the days asked for are listed, and on
/// the first of them only what is later (ListObjectsV2 with prefix and StartAfter; "CloudTrail log file names" in its user
/// guide). A part that cannot be listed, or an object that cannot be read, is a failure for itself; the others go on.
/// </summary>
public sealed partial class LogBucket : IDisposable
{
    private const string AllLogs = "AWSLogs/";
    private const int ListingsAtOnce = 16;

    // Deeper or wider than this a prefix is no trail's, and looking further would list half a data lake.
    private const int MaxDepth = 5;
    private const int MaxFolders = 500;

    private readonly LogBucketAddress _address;
    private readonly LogSource _source;
    private readonly string _table;
    private readonly string _account;
    private readonly IAmazonS3 _client;
    private readonly CancellationToken _cancellation;
    private readonly SemaphoreSlim _listings = new(ListingsAtOnce);
    private readonly ConcurrentQueue<CollectionStatus> _failures = new();
    private readonly ConcurrentDictionary<string, CollectionStatus> _unread = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, byte> _keys = new(StringComparer.Ordinal);
    private DateTimeOffset _since;
    private DateTimeOffset _until;

    private LogBucket(LogBucketAddress address, LogSource source, string table, string account, IAmazonS3 client, CancellationToken cancellation)
    {
        _address = address;
        _source = source;
        _table = table;
        _account = account;
        _client = client;
        _cancellation = cancellation;
    }

    private string Service => _source == LogSource.VpcFlow ? "vpcflowlogs" : "CloudTrail";

    /// <summary>Finds the bucket's region and makes ready to read.</summary>
    /// <param name="session">Whose credentials read the bucket.</param>
    /// <param name="address">Where the logs are.</param>
    /// <param name="source">What they are.</param>
    /// <param name="table">Table name for failures.</param>
    /// <param name="cancellation">Ends this, and everything that is read later.</param>
    public static async Task<LogBucket> OpenAsync(AwsSession session, LogBucketAddress address, LogSource source, string table, CancellationToken cancellation)
    {
        var region = address.Region ?? await RegionAsync(session, address.Bucket, cancellation);
        return new LogBucket(address, source, table, session.AccountId, CreateClient(session, region), cancellation);
    }

    /// <summary>The official S3 client, with the session's credentials, endpoint override and limits.</summary>
    internal static IAmazonS3 CreateClient(AwsSession session, string region)
    {
        var config = new AmazonS3Config
        {
            RegionEndpoint = RegionEndpoint.GetBySystemName(region),
            MaxErrorRetry = Math.Max(0, session.MaxAttempts - 1),
            DisableLogging = true,
        };
        if (session.Endpoint is { } endpoint)
            config.ServiceURL = endpoint.ToString();
        // An override is one host: the bucket cannot be in its name.
        config.ForcePathStyle = config.ServiceURL is { Length: > 0 };
        if (config.ForcePathStyle)
            config.AuthenticationRegion = region;
        return new AmazonS3Client(session.Credentials, config);
    }

    /// <summary>Lists the log files that hold events of a span of time.</summary>
    public async Task<LogListing> ListAsync(DateTimeOffset since, DateTimeOffset until)
    {
        // A file's name says when it was delivered, which is after its events, by a quarter of an hour at most in the rule.
        _since = new DateTimeOffset(since.UtcTicks - (since.UtcTicks % TimeSpan.TicksPerMinute), TimeSpan.Zero);
        _until = until.ToUniversalTime() + TimeSpan.FromHours(1);
        if (_source == LogSource.S3Access)
        {
            await ListAllAsync(_address.Prefix);
        }
        else if (("/" + _address.Prefix).Contains("/" + AllLogs, StringComparison.Ordinal))
        {
            await VisitAsync(_address.Prefix);
        }
        else
        {
            var roots = await FindRootsAsync();
            if (roots.Count > 0)
                await Task.WhenAll(roots.Select(VisitAsync));
            else if (_failures.IsEmpty)
                await ListAllAsync(_address.Prefix);
        }

        var objects = _keys.Keys.Order(StringComparer.Ordinal).Select(ToFile).ToList();
        if (objects.Count == 0 && _failures.IsEmpty)
        {
            // Nothing to read is not "nothing happened": the trail may be stopped, or the prefix wrong.
            _failures.Enqueue(new CollectionStatus(_table, _account, CollectionStatus.Global, CollectionOutcome.Error, "s3:ListObjectsV2",
                string.Create(CultureInfo.InvariantCulture, $"there is no log file from {_since:yyyy-MM-dd'T'HH:mm'Z'} on under {_address}; check the prefix, and that the log is being delivered")));
        }

        return new LogListing(objects, [.. _failures]);
    }

    /// <summary>Why an object could not be read, after reading it; null: S3 gave it whole.</summary>
    /// <param name="name">See <see cref="LogFile.Name"/>.</param>
    public CollectionStatus? FailureOf(string name) => _unread.GetValueOrDefault(name);

    /// <summary>Closes the client.</summary>
    public void Dispose()
    {
        _client.Dispose();
        _listings.Dispose();
    }

    /// <summary>GetBucketLocation, which a bucket of another account may refuse: then the SDK follows S3's redirection.</summary>
    private static async Task<string> RegionAsync(AwsSession session, string bucket, CancellationToken cancellation)
    {
        try
        {
            var reply = await session.Api.CallAsync(new AwsCall(session.Region, "s3", "GetBucketLocation", new JsonObject { ["Bucket"] = bucket }), cancellation);
            return reply["LocationConstraint"]?.ToString() switch
            {
                null or "" => session.HomeRegion,
                "EU" => "eu-west-1",
                var region => region,
            };
        }
        catch (AwsApiException)
        {
            return session.Region;
        }
    }

    /// <summary>The <c>AWSLogs/</c> below the prefix; a trail's own prefix may be any path.</summary>
    private async Task<List<string>> FindRootsAsync()
    {
        var roots = new List<string>();
        List<string> level = [_address.Prefix];
        var seen = 0;
        for (var depth = 0; depth < MaxDepth && level.Count > 0 && seen + level.Count <= MaxFolders; depth++)
        {
            seen += level.Count;
            var children = (await Task.WhenAll(level.Select(prefix => FoldersAsync(prefix)))).SelectMany(folders => folders).ToList();
            roots.AddRange(children.Where(child => child.EndsWith("/" + AllLogs, StringComparison.Ordinal) || child == AllLogs));
            if (roots.Count > 0)
                break;
            level = children;
        }

        return roots;
    }

    private async Task VisitAsync(string prefix)
    {
        var parts = prefix.Split('/', StringSplitOptions.RemoveEmptyEntries);
        var tail = parts[(Array.LastIndexOf(parts, "AWSLogs") + 1)..];
        var organization = tail is [['o', '-', ..], ..] ? 1 : 0;
        var account = tail.Length > organization ? tail[organization] : null;
        if (account is not null && !AwsAccountId.Is(account))
        {
            await ListAllAsync(prefix);
            return;
        }

        switch (tail.Length - organization)
        {
            case 0:
                var below = await FoldersAsync(prefix);
                var known = below.Where(child => NameOf(child) is var name && (AwsAccountId.Is(name) || (organization == 0 && name.StartsWith("o-", StringComparison.Ordinal)))).ToList();
                // Hive-compatible prefixes (aws-account-id=.../) and whatever comes next: by the time stamps in the names alone.
                await Task.WhenAll(known.Count > 0 || below.Count == 0 ? known.Select(VisitAsync) : [ListAllAsync(prefix)]);
                break;
            case 1:
                await VisitAsync($"{prefix}{Service}/");
                break;
            case 2 when tail[^1] == Service:
                await Task.WhenAll((await FoldersAsync(prefix)).Select(VisitAsync));
                break;
            case 3 when tail[^2] == Service:
                await Task.WhenAll(Days().Select((day, index) => ListDayAsync(prefix, account!, tail[^1], day, index == 0)));
                break;
            default:
                await ListAllAsync(prefix);
                break;
        }
    }

    private IEnumerable<DateTime> Days()
    {
        for (var day = _since.UtcDateTime.Date; day <= _until.UtcDateTime.Date; day = day.AddDays(1))
            yield return day;
    }

    private Task ListDayAsync(string prefix, string account, string region, DateTime day, bool first)
    {
        var folder = prefix + day.ToString("yyyy'/'MM'/'dd'/'", CultureInfo.InvariantCulture);
        // Flow logs may have folders for hours in between, which such a name would skip.
        var after = first && _source == LogSource.CloudTrail
            ? string.Create(CultureInfo.InvariantCulture, $"{folder}{account}_CloudTrail_{region}_{_since.UtcDateTime:yyyyMMdd'T'HHmm'Z'}")
            : null;
        return ListAllAsync(folder, after);
    }

    private Task ListAllAsync(string prefix) => ListAllAsync(prefix, null);

    private async Task ListAllAsync(string prefix, string? after)
    {
        await foreach (var page in PagesAsync(prefix, null, after))
        {
            foreach (var item in page.S3Objects ?? [])
            {
                if (IsWanted(item))
                    _keys.TryAdd(item.Key, 0);
            }
        }
    }

    private async Task<List<string>> FoldersAsync(string prefix)
    {
        var folders = new List<string>();
        await foreach (var page in PagesAsync(prefix, "/", null))
            folders.AddRange(page.CommonPrefixes ?? []);
        return folders;
    }

    private async IAsyncEnumerable<ListObjectsV2Response> PagesAsync(string prefix, string? delimiter, string? after)
    {
        string? token = null;
        do
        {
            ListObjectsV2Response page;
            await _listings.WaitAsync(_cancellation);
            try
            {
                page = await _client.ListObjectsV2Async(
                    new ListObjectsV2Request { BucketName = _address.Bucket, Prefix = prefix, Delimiter = delimiter, StartAfter = after, ContinuationToken = token }, _cancellation);
            }
            catch (Exception e) when (IsFailure(e))
            {
                _failures.Enqueue(StatusOf(prefix, "s3:ListObjectsV2", e));
                yield break;
            }
            finally
            {
                _listings.Release();
            }

            yield return page;
            var next = page.IsTruncated == true ? page.NextContinuationToken : null;
            if (next is not null && next == token)
            {
                _failures.Enqueue(Status(prefix, CollectionOutcome.Error, "s3:ListObjectsV2", "the listing does not come to an end: the same continuation token came twice"));
                yield break;
            }

            token = next;
        }
        while (token is not null);
    }

    private bool IsWanted(S3Object item)
    {
        var key = item.Key;
        if (item.Size == 0 || key.EndsWith('/') || key.Contains("/CloudTrail-Digest/", StringComparison.Ordinal) || (_source != LogSource.S3Access && !Extension().IsMatch(key)))
            return false;
        var stamp = Stamp().Match(key);
        if (stamp.Success && DateTimeOffset.TryParseExact(stamp.Groups["time"].Value, "yyyyMMdd'T'HHmm'Z'", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time))
            return time >= _since && time <= _until;
        return item.LastModified is not { } modified || new DateTimeOffset(modified.ToUniversalTime()) >= _since;
    }

    private LogFile ToFile(string key)
    {
        var name = $"{LogBucketAddress.Scheme}{_address.Bucket}/{key}";
        return new LogFile(name, () => Open(key, name), _source);
    }

    private LogObjectStream Open(string key, string name)
    {
        void Fail(Exception e) => _unread[name] = StatusOf(key, "s3:GetObject", e);
        try
        {
            // Logs are read on threads of their own, one file after the other.
            var response = _client.GetObjectAsync(new GetObjectRequest { BucketName = _address.Bucket, Key = key }, _cancellation).GetAwaiter().GetResult();
            return new LogObjectStream(response, Fail);
        }
        catch (Exception e) when (IsFailure(e) && !_cancellation.IsCancellationRequested)
        {
            Fail(e);
            throw new IOException(e.Message, e);
        }
    }

    private bool IsFailure(Exception e) =>
        e is AmazonServiceException or AmazonClientException or HttpRequestException or IOException
        || (e is OperationCanceledException && !_cancellation.IsCancellationRequested);

    private CollectionStatus StatusOf(string key, string operation, Exception e) => e is AmazonServiceException service && (int)service.StatusCode != 0
        ? Status(key, ErrorClassification.Outcome(service.ErrorCode, (int)service.StatusCode, service.Message), operation,
            $"{(service.ErrorCode is { Length: > 0 } code ? code : "HTTP " + ((int)service.StatusCode).ToString(CultureInfo.InvariantCulture))}: {service.Message} ({LogBucketAddress.Scheme}{_address.Bucket}/{key})")
        : Status(key, CollectionOutcome.Error, operation, $"{e.Message} ({LogBucketAddress.Scheme}{_address.Bucket}/{key})");

    private CollectionStatus Status(string key, CollectionOutcome outcome, string operation, string reason)
    {
        var (account, region) = PlaceOf(key);
        return new CollectionStatus(_table, account, region, outcome, operation, reason);
    }

    private (string Account, string Region) PlaceOf(string key)
    {
        var parts = key.Split('/');
        var at = Array.LastIndexOf(parts, "AWSLogs") + 1;
        if (at == 0)
            return (_account, CollectionStatus.Global);
        if (at < parts.Length && parts[at].StartsWith("o-", StringComparison.Ordinal))
            at++;
        var account = at < parts.Length && AwsAccountId.Is(parts[at]) ? parts[at] : _account;
        var region = at + 2 < parts.Length && AwsPartition.IsRegionCode(parts[at + 2]) ? parts[at + 2] : CollectionStatus.Global;
        return (account, region);
    }

    private static string NameOf(string folder) => folder.TrimEnd('/')[(folder.TrimEnd('/').LastIndexOf('/') + 1)..];


    [GeneratedRegex(@"_(?<time>[0-9]{8}T[0-9]{4}Z)_[^/]*\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Stamp();

    [GeneratedRegex(@"\.(json|jsonl|ndjson|log|txt|parquet)(\.gz)?\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Extension();
}

/// <summary>The log files of a span of time.</summary>
/// <param name="Files">In the order of their keys.</param>
/// <param name="Failures">What could not be listed. Empty: the files are all there are.</param>
public sealed record LogListing(IReadOnlyList<LogFile> Files, IReadOnlyList<CollectionStatus> Failures);
