using System.Text.Json.Nodes;
using Loopback.Aws;
using Scanner.Aws;
using Scanner.Aws.Client;
using Scanner.Aws.Models;
using Scanner.Model;

namespace Aws.Tests.Client;

/// <summary>The client's own limit, which comes on when a service throttles, in each of the five protocols.</summary>
public sealed class AdaptiveRateTests : IAsyncLifetime
{
    private AwsServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await AwsServer.StartAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task Callers_that_wait_together_for_a_service_that_throttles_are_all_answered()
    {
        // Of IAM AWS documents no rate.
        var service = new SlowService("iam", "ListUsers", [], "Throttling", 400);
        var result = await AskAsync(adaptive: true, calls: 110, service);

        TestContext.Current.TestOutputHelper?.WriteLine(result.ToString());
        Assert.Equal([], result.Failures);
    }

    [Fact]
    public async Task A_server_that_holds_to_the_documented_rates_refuses_nothing()
    {
        // Half as much again as what each takes at once, of operations that are counted together and alone.
        var slow = new[]
        {
            new SlowService("lambda", "GetPolicy", new() { ["FunctionName"] = "f" }, "TooManyRequestsException", 429, 15),
            new SlowService("lambda", "ListFunctions", [], "TooManyRequestsException", 429, 15),
            new SlowService("cloudtrail", "ListTrails", [], "ThrottlingException", 400, 10),
            new SlowService("ec2", "DescribeVpcs", [], "RequestLimitExceeded", 503, 20, 100),
            new SlowService("ec2", "DescribeVolumes", [], "RequestLimitExceeded", 503, 10, 50),
            new SlowService("route53", "ListHostedZones", [], "Throttling", 400, 5),
        };
        foreach (var service in slow)
            _server.Reply(service.Name, service.Operation, service.Answer);
        using var session = await LiveServer.OpenAsync(_server, options => options with { Limits = new LiveAwsOptions { MaxBackoff = TimeSpan.FromMilliseconds(20) } });

        await Task.WhenAll(slow.SelectMany(service => Enumerable.Range(0, (int)(service.Burst * 1.5)).Select(_ =>
            session.Api.CallAsync(new AwsCall("eu-west-1", service.Name, service.Operation, service.Parameters), TestContext.Current.CancellationToken))));

        TestContext.Current.TestOutputHelper?.WriteLine($"{slow.Sum(service => service.Throttled)} of {_server.RequestCount} refused");
        Assert.InRange(slow.Sum(service => service.Throttled), 0, _server.RequestCount / 100);
    }

    [Fact]
    public async Task A_service_that_is_busy_keeps_no_other_waiting()
    {
        _server.Fault("s3", "*", AwsFault.Silence);
        using var session = await LiveServer.OpenAsync(_server, options => options with { Limits = new LiveAwsOptions() });
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var waiting = Enumerable.Range(0, 500).Select(i => session.Api.CallAsync(new AwsCall("us-east-1", "s3", "GetBucketAcl", new() { ["Bucket"] = $"bucket-{i}" }), stop.Token)).ToList();

        await session.AskAsync("iam", "ListUsers", region: "us-east-1");

        Assert.DoesNotContain(waiting, call => call.IsCompletedSuccessfully);
        await stop.CancelAsync();
        await Task.WhenAll(waiting.Select(call => call.ContinueWith(_ => { }, TaskScheduler.Default)));
    }

    [Fact]
    public async Task A_service_that_throttles_for_good_is_given_up_as_throttled_and_in_time()
    {
        var service = new SlowService("iam", "ListUsers", [], "Throttling", 400, perSecond: 0);

        var result = await AskAsync(adaptive: true, calls: 30, service, maxWait: TimeSpan.FromSeconds(1));

        TestContext.Current.TestOutputHelper?.WriteLine(result.ToString());
        Assert.Equal(30, result.Failures.Count);
        Assert.All(result.Failures, failure => Assert.Matches("^Throttled (Throttling: Rate exceeded|ThrottledBeforeSending: The service throttles)", failure));
        // Far from the 1 s that is asked for, because the machine may be busy; 200 attempts a call would take minutes.
        Assert.InRange(result.Time, TimeSpan.Zero, TimeSpan.FromSeconds(60));
    }

    [Theory]
    [InlineData("cloudtrail", "ListTrails", "{}", "ThrottlingException", 400)]
    [InlineData("cloudtrail", "ListTrails", "{}", "LimitExceededException", 400)]
    [InlineData("guardduty", "ListDetectors", "{}", "TooManyRequestsException", 429)]
    [InlineData("eks", "ListClusters", "{}", "ThrottlingException", 429)]
    [InlineData("iam", "ListUsers", "{}", "Throttling", 400)]
    [InlineData("iam", "ListUsers", "{}", "RequestThrottled", 400)]
    [InlineData("ec2", "DescribeVpcs", "{}", "RequestLimitExceeded", 503)]
    [InlineData("ec2", "DescribeVpcs", "{}", "Client.RequestLimitExceeded", 503)]
    [InlineData("s3", "ListObjectVersions", """{"Bucket":"b-1"}""", "SlowDown", 503)]
    [InlineData("route53", "ListHostedZones", "{}", "PriorRequestNotComplete", 400)]
    [InlineData("route53", "ListHostedZones", "{}", "Unheard", 429)]
    public async Task Every_way_to_say_too_fast_is_retried_told_and_slows_the_client_down(string service, string operation, string parameters, string code, int status)
    {
        _server.Reply(service, operation, _ => throw new AwsError(code, status, "Slower, please"));
        using var session = await LiveServer.OpenAsync(_server);

        var error = await Assert.ThrowsAsync<AwsApiException>(() => session.AskAsync(service, operation, parameters));

        Assert.Equal(CollectionOutcome.Throttled, error.Outcome);
        Assert.Equal(_server.SessionOptions.Limits.MaxAttempts, _server.Requests.Count);
        // What the policy calls throttling is what the SDK's bucket takes as the word to slow down.
        using var transport = new AwsTransport(new LiveAwsOptions());
        Assert.True(new SdkRetryPolicy(new SdkClientConfig(ServiceModel.Find(service)!, transport), transport.Options, transport.Breakers.Of(service, "us-east-1")).IsThrottlingError(error.InnerException!));
    }

    private async Task<Result> AskAsync(bool adaptive, int calls, SlowService service, TimeSpan? maxWait = null)
    {
        _server.Reply(service.Name, service.Operation, service.Answer);
        using var session = await LiveServer.OpenAsync(_server, options => options with
        {
            Limits = new LiveAwsOptions { MaxBackoff = TimeSpan.FromMilliseconds(20), MaxAttempts = 200, AdaptiveRate = adaptive, MaxThrottledWait = maxWait ?? TimeSpan.FromMinutes(1) },
        });
        var watch = System.Diagnostics.Stopwatch.StartNew();
        var failures = new System.Collections.Concurrent.ConcurrentBag<string>();
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = 48, CancellationToken = TestContext.Current.CancellationToken };
        await Parallel.ForEachAsync(Enumerable.Range(0, calls), parallel, async (_, cancellation) =>
        {
            try
            {
                await session.Api.CallAsync(new AwsCall("eu-west-1", service.Name, service.Operation, service.Parameters), cancellation);
            }
            catch (AwsApiException e)
            {
                failures.Add($"{e.Outcome} {e.Message}");
            }
        });
        return new Result([.. failures], service.Throttled, watch.Elapsed);
    }

    private sealed record Result(IReadOnlyList<string> Failures, int Throttled, TimeSpan Time)
    {
        public override string ToString() => $"{Failures.Count} failed ({Failures.FirstOrDefault()}), {Throttled} throttled, {Time.TotalSeconds:0.0} s";
    }

    /// <summary>Takes so many requests a second, as AWS does: what is beyond is refused.</summary>
    private sealed class SlowService(string name, string operation, JsonObject parameters, string code, int status, double perSecond = 20, double? burst = null)
    {
        private readonly Lock _gate = new();
        private double? _left;
        private long _last = Environment.TickCount64;

        public string Name => name;

        public string Operation => operation;

        public JsonObject Parameters => parameters;

        public double Burst => burst ?? perSecond;

        public int Throttled { get; private set; }

        public JsonObject Answer(AwsRequest request)
        {
            lock (_gate)
            {
                var now = Environment.TickCount64;
                var left = Math.Min(Burst, (_left ?? Burst) + ((now - _last) * perSecond / 1000));
                _last = now;
                _left = left < 1 ? left : left - 1;
                if (left < 1)
                {
                    Throttled++;
                    throw new AwsError(code, status, "Rate exceeded");
                }
                return [];
            }
        }
    }
}
