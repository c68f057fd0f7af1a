namespace Scanner.Aws.Client;

/// <summary>Limits of the live client. The defaults suit AWS; tests shorten the waits.</summary>
public sealed record LiveAwsOptions
{
    /// <summary>Attempts in all for one request; null: <c>AWS_MAX_ATTEMPTS</c> or the profile, else 8.</summary>
    public int? MaxAttempts { get; init; }

    /// <summary>Longest wait between two attempts; waits grow as 2^n seconds with jitter up to here. The SDK's own is 20 seconds.</summary>
    public TimeSpan MaxBackoff { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>Whether the adaptive mode's client-side rate limit is on (retry mode <c>adaptive</c>, the default here).</summary>
    public bool AdaptiveRate { get; init; } = true;

    /// <summary>Longest time that one call waits for that limit, over all attempts; then it is throttled. A service that throttles for good must not hold a scan up for hours.</summary>
    public TimeSpan MaxThrottledWait { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Requests in flight at once, over all accounts, services and regions.</summary>
    public int MaxInFlight { get; init; } = 256;

    /// <summary>Requests in flight at once to one service in one region of one account; how fast they follow each other is another limit (<see cref="DocumentedRate"/>).</summary>
    public int MaxInFlightPerService { get; init; } = 16;

    /// <summary>
    /// The same of S3, which has a question for each bucket and setting, no documented limit of them, and takes thousands of requests a second. What it
    /// does refuse slows the client down.
    /// </summary>
    public int MaxInFlightOfS3 { get; init; } = 96;

    /// <summary>CloudTrail LookupEvents a second, account and region: AWS allows two.</summary>
    public double LookupEventsPerSecond { get; init; } = 2;

    /// <summary>CloudWatch Logs FilterLogEvents a second, account and region: AWS allows five in its smaller regions, and others ask too.</summary>
    public double FilterLogEventsPerSecond { get; init; } = 5;

    /// <summary>Requests in flight at once in one region, over all accounts: a region that is slow leaves the others their places.</summary>
    public int MaxInFlightPerRegion { get; init; } = 128;

    /// <summary>Longest time from a request to the first byte of its reply. AWS answers a read in seconds; what is silent so long is silent.</summary>
    public TimeSpan FirstByteTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Longest time for one attempt, from connecting to the last byte.</summary>
    public TimeSpan AttemptTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Longest time to connect.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Requests in flight at once to a service in one region of one account.</summary>
    internal int InFlightOf(string service) => service is "s3" or "s3control" ? Math.Max(MaxInFlightOfS3, MaxInFlightPerService) : MaxInFlightPerService;
}
