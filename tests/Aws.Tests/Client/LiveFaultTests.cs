using System.Net.Sockets;
using System.Text.Json.Nodes;
using Loopback.Aws;
using Scanner.Aws;
using Scanner.Aws.Client;
using Scanner.Aws.Models;
using Scanner.Aws.Session;
using Scanner.Model;

namespace Aws.Tests.Client;

public sealed class LiveFaultTests : IAsyncLifetime
{
    private AwsServer _server = null!;
    private AwsSession _session = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await AwsServer.StartAsync();
        _session = await LiveServer.OpenAsync(_server);
    }

    public async ValueTask DisposeAsync()
    {
        _session.Dispose();
        await _server.DisposeAsync();
    }

    public static TheoryData<string, string, string> OneOfEachProtocol => new()
    {
        { "cloudtrail", "ListTrails", "{}" },
        { "sqs", "ListQueues", "{}" },
        { "eks", "ListClusters", "{}" },
        { "guardduty", "ListDetectors", "{}" },
        { "iam", "ListUsers", "{}" },
        { "elbv2", "DescribeLoadBalancers", "{}" },
        { "ec2", "DescribeVpcs", "{}" },
        { "route53", "ListHostedZones", "{}" },
        { "s3", "ListObjectVersions", """{"Bucket":"b-1"}""" },
        { "cloudfront", "ListDistributions", "{}" },
        { "s3control", "ListAccessPoints", """{"AccountId":"111111111111"}""" },
        { "wafv2", "ListWebACLs", """{"Scope":"REGIONAL"}""" },
        { "apigateway", "GetRestApis", "{}" },
    };

    public static TheoryData<string, string, string, AwsFault, CollectionOutcome, string?> Faults
    {
        get
        {
            var data = new TheoryData<string, string, string, AwsFault, CollectionOutcome, string?>();
            foreach (var row in OneOfEachProtocol)
            {
                var (service, operation, parameters) = row.Data;
                foreach (var (fault, outcome, code) in new (AwsFault, CollectionOutcome, string?)[]
                {
                    (AwsFault.AccessDenied, CollectionOutcome.Denied, null),
                    (AwsFault.Throttling, CollectionOutcome.Throttled, null),
                    (AwsFault.InternalError, CollectionOutcome.Error, "InternalFailure"),
                    (AwsFault.BareInternalError, CollectionOutcome.Error, "Http500"),
                    (AwsFault.ConnectionReset, CollectionOutcome.Error, "ConnectionFailed"),
                    (AwsFault.TruncatedBody, CollectionOutcome.Error, "ConnectionFailed"),
                    (AwsFault.CutOffBody, CollectionOutcome.Error, "MalformedReply"),
                    (AwsFault.NotTheProtocol, CollectionOutcome.Error, "MalformedReply"),
                    (AwsFault.WrongRoot, CollectionOutcome.Error, "MalformedReply"),
                    (AwsFault.WrongKind, CollectionOutcome.Error, "MalformedReply"),
                    (AwsFault.EmptyBody, CollectionOutcome.Error, "MalformedReply"),
                    (AwsFault.FailedSecondPage, CollectionOutcome.Denied, null),
                    (AwsFault.EndlessPages, CollectionOutcome.Error, "PaginationLoop"),
                    (AwsFault.ExpiredToken, CollectionOutcome.Expired, "CredentialsExpired"),
                    (AwsFault.UnknownCaller, CollectionOutcome.Denied, null),
                    (AwsFault.NotEnabled, CollectionOutcome.Disabled, null),
                })
                {
                    data.Add(service, operation, parameters, fault, outcome, code);
                }
            }
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task Every_fault_has_its_outcome_in_every_protocol(string service, string operation, string parameters, AwsFault fault, CollectionOutcome outcome, string? code)
    {
        Assert.True(AwsServer.CanHappen(service, operation, fault));
        _server.Fault(service, operation, fault);

        var error = await Assert.ThrowsAsync<AwsApiException>(() => _session.AskAsync(service, operation, parameters));

        Assert.Equal(outcome, error.Outcome);
        if (code is not null)
            Assert.Equal(code, error.Code);
        Assert.NotEmpty(error.Message);
        Assert.Equal(fault is AwsFault.FailedSecondPage or AwsFault.EndlessPages, error.Partial is not null);
    }

    [Theory]
    [MemberData(nameof(OneOfEachProtocol))]
    public async Task What_passes_is_waited_out(string service, string operation, string parameters)
    {
        foreach (var fault in new[] { AwsFault.Throttling, AwsFault.InternalError, AwsFault.ConnectionReset, AwsFault.TruncatedBody })
        {
            _server.ClearFaults();
            _server.ClearRequests();
            _server.Fault(service, operation, fault, times: 2);
            Assert.NotNull(await _session.AskAsync(service, operation, parameters));
            Assert.Equal(3, _server.Requests.Count);
        }
        Assert.Equal(12, _session.Api.CallCount);
    }

    /// <summary>A reply may be damaged on its way; one that comes damaged twice is what the service sends.</summary>
    [Theory]
    [MemberData(nameof(OneOfEachProtocol))]
    public async Task A_reply_that_makes_no_sense_is_asked_for_once_more_and_not_again(string service, string operation, string parameters)
    {
        var faults = new[] { AwsFault.CutOffBody, AwsFault.NotTheProtocol, AwsFault.WrongKind, AwsFault.EmptyBody }.Where(fault => AwsServer.CanHappen(service, operation, fault)).ToList();
        Assert.NotEmpty(faults);
        foreach (var fault in faults)
        {
            _server.ClearFaults();
            _server.ClearRequests();
            _server.Fault(service, operation, fault, times: 1);
            Assert.NotNull(await _session.AskAsync(service, operation, parameters));
            Assert.Equal(2, _server.Requests.Count);

            _server.ClearFaults();
            _server.ClearRequests();
            _server.Fault(service, operation, fault);
            await Assert.ThrowsAsync<AwsApiException>(() => _session.AskAsync(service, operation, parameters));
            Assert.Equal(2, _server.Requests.Count);
        }
    }

    [Fact]
    public async Task Attempts_end_at_their_number()
    {
        _server.Fault("cloudtrail", "ListTrails", AwsFault.Throttling);
        await Assert.ThrowsAsync<AwsApiException>(() => _session.AskAsync("cloudtrail", "ListTrails"));
        Assert.Equal(4, _server.Requests.Count);
    }

    [Theory]
    [MemberData(nameof(OneOfEachProtocol))]
    public async Task Pages_are_followed_to_the_end_and_joined(string service, string operation, string parameters)
    {
        var results = PageLists(service, operation);
        JsonObject Page(int first, int count)
        {
            var page = new JsonObject();
            foreach (var (path, make) in results)
            {
                var at = page;
                foreach (var name in path[..^1])
                    at = (JsonObject)(at[name] ??= new JsonObject());
                at[path[^1]] = new JsonArray([.. Enumerable.Range(first, count).Select(make)]);
            }
            return page;
        }
        _server.Pages(service, operation, Page(0, 2), Page(2, 3), Page(5, 1));

        var reply = await _session.AskAsync(service, operation, parameters);

        Assert.Equal(3, _server.Requests.Count);
        foreach (var (path, make) in results)
        {
            JsonNode? at = reply;
            foreach (var name in path)
                at = at![name];
            Assert.Equal(Enumerable.Range(0, 6).Select(i => make(i)!.ToJsonString()), at!.AsArray().Select(i => i!.ToJsonString()));
        }
    }

    [Fact]
    public async Task A_failed_later_page_keeps_the_pages_before()
    {
        _server.Reply("ec2", "DescribeVpcs", """{"Vpcs":[{"VpcId":"vpc-1"}]}""");
        _server.Fault("ec2", "DescribeVpcs", AwsFault.FailedSecondPage);

        var error = await Assert.ThrowsAsync<AwsApiException>(() => _session.AskAsync("ec2", "DescribeVpcs"));

        Assert.Equal("UnauthorizedOperation", error.Code);
        LiveServer.Same("""{"Vpcs":[{"VpcId":"vpc-1"}]}""", error.Partial!);
    }

    [Fact]
    public async Task A_region_that_is_not_enabled_is_disabled()
    {
        _server.Fault("*", "*", AwsFault.UnknownCaller, when: r => r.Region == "ap-east-1");
        foreach (var (service, operation) in new[] { ("ec2", "DescribeVpcs"), ("cloudtrail", "ListTrails"), ("elbv2", "DescribeLoadBalancers"), ("eks", "ListClusters") })
        {
            var error = await Assert.ThrowsAsync<AwsApiException>(() => _session.AskAsync(service, operation, region: "ap-east-1"));
            Assert.Equal(CollectionOutcome.Disabled, error.Outcome);
        }
    }

    [Fact]
    public async Task An_endpoint_of_the_users_own_that_does_not_resolve_is_an_error_and_not_a_service_that_is_not_offered()
    {
        using var transport = new AwsTransport(_server.SessionOptions.Limits, new Uri("http://no-such-host.invalid"));
        using var api = new LiveAwsApi("111111111111", _server.SessionOptions.Credentials!, transport);
        var error = await Assert.ThrowsAsync<AwsApiException>(() =>
            api.CallAsync(new AwsCall("eu-west-1", "macie2", "ListFindings", []), TestContext.Current.CancellationToken));
        Assert.Equal((CollectionOutcome.Error, "ConnectionFailed"), (error.Outcome, error.Code));
        Assert.Equal(0, api.CallCount);
    }

    [Theory]
    // macie2 is not in Mexico by AWS's list, and names of Mexico resolve.
    [InlineData("macie2", "mx-central-1", "ec2.mx-central-1.amazonaws.com", CollectionOutcome.NotOffered)]
    // Nothing resolves: that says something of the name service alone.
    [InlineData("macie2", "mx-central-1", "", CollectionOutcome.Error)]
    // AWS's list has it there: a filter, perhaps.
    [InlineData("macie2", "eu-west-1", "ec2.eu-west-1.amazonaws.com", CollectionOutcome.Error)]
    // A region that the list is too old for.
    [InlineData("macie2", "eu-west-9", "ec2.eu-west-9.amazonaws.com", CollectionOutcome.NotOffered)]
    [InlineData("cloudfront", "cn-north-1", "ec2.cn-north-1.amazonaws.com.cn", CollectionOutcome.Error)]
    [InlineData("shield", "cn-north-1", "ec2.cn-north-1.amazonaws.com.cn", CollectionOutcome.NotOffered)]
    public async Task A_name_that_does_not_resolve_is_a_service_that_is_not_offered_only_where_all_witnesses_agree(string service, string region, string resolves, CollectionOutcome outcome)
    {
        using var transport = new AwsTransport(_server.SessionOptions.Limits)
        {
            Resolve = (host, _) => host == resolves ? Task.CompletedTask : Task.FromException(new SocketException((int)SocketError.HostNotFound)),
        };
        using var api = new LiveAwsApi("111111111111", _server.SessionOptions.Credentials!, transport);

        var error = await api.NoSuchHostAsync(new AwsCall(region, service, "ListX", []), region, new InvalidOperationException(), TestContext.Current.CancellationToken);

        Assert.Equal((outcome, outcome == CollectionOutcome.NotOffered ? "EndpointNotFound" : "ConnectionFailed"), (error.Outcome, error.Code));
    }

    [Fact]
    public async Task A_cancelled_call_is_cancelled_and_not_an_error()
    {
        using var cancel = new CancellationTokenSource();
        _server.Reply("cloudtrail", "ListTrails", _ =>
        {
            cancel.Cancel();
            return [];
        });
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            _session.Api.CallAsync(new AwsCall("eu-west-1", "cloudtrail", "ListTrails", []), cancel.Token));
    }

    [Fact]
    public async Task No_more_requests_are_in_flight_than_allowed()
    {
        var now = 0;
        var most = 0;
        using var session = await LiveServer.OpenAsync(_server, o => o with { Limits = _server.SessionOptions.Limits with { MaxInFlight = 5, MaxInFlightPerService = 3 } });
        foreach (var (service, operation) in new[] { ("cloudtrail", "ListTrails"), ("ec2", "DescribeVpcs"), ("iam", "ListUsers") })
        {
            _server.Reply(service, operation, _ =>
            {
                var current = Interlocked.Increment(ref now);
                InterlockedMax(ref most, current);
                Thread.Sleep(5);
                Interlocked.Decrement(ref now);
                return [];
            });
        }
        await Task.WhenAll(Enumerable.Range(0, 60).Select(i => (i % 3) switch
        {
            0 => session.AskAsync("cloudtrail", "ListTrails"),
            1 => session.AskAsync("ec2", "DescribeVpcs"),
            _ => session.AskAsync("iam", "ListUsers"),
        }));
        Assert.InRange(most, 1, 5);
        Assert.Equal(60, _server.Requests.Count);
    }

    private static void InterlockedMax(ref int target, int value)
    {
        int seen;
        while ((seen = Volatile.Read(ref target)) < value && Interlocked.CompareExchange(ref target, value, seen) != seen)
        {
        }
    }

    /// <summary>Where the pages of an operation bring lists, and how to make the n-th item.</summary>
    private static List<(string[] Path, Func<int, JsonNode?> Make)> PageLists(string service, string operation)
    {
        var model = ServiceModel.Find(service)!.FindOperation(operation)!;
        var lists = new List<(string[], Func<int, JsonNode?>)>();
        foreach (var result in model.Pagination!.Results)
        {
            var shape = model.Output!.Shape;
            foreach (var name in result.Path)
                shape = shape.FindMember(name)!.Shape;
            if (shape.Kind != ShapeKind.List)
                continue;
            var element = shape.Member!.Shape;
            if (element.Kind == ShapeKind.String)
                lists.Add(([.. result.Path], i => $"item-{i}"));
            else if (element.Members.FirstOrDefault(m => m.Shape.Kind == ShapeKind.String && !m.XmlAttribute) is { } member)
                lists.Add(([.. result.Path], i => new JsonObject { [member.Name] = $"item-{i}" }));
        }
        Assert.NotEmpty(lists);
        return lists;
    }

    [Fact]
    public async Task A_service_that_throttles_is_asked_more_slowly_until_all_is_read()
    {
        var plain = await ThrottledAsync(adaptive: false);
        var adaptive = await ThrottledAsync(adaptive: true);

        TestContext.Current.TestOutputHelper?.WriteLine($"throttled: {adaptive.Throttled} with the client's own limit, {plain.Throttled} without");
        Assert.Equal((Calls, 0), (adaptive.Read, adaptive.Failed));
        Assert.True(adaptive.Throttled * 3 < plain.Throttled, $"{adaptive.Throttled} of {Calls} calls were throttled with the client's own limit, {plain.Throttled} without");
    }

    private const int Calls = 40;

    /// <summary>Many calls at once to a service that takes ten a second, as AWS does: what is beyond is refused.</summary>
    private async Task<(int Read, int Failed, int Throttled)> ThrottledAsync(bool adaptive)
    {
        var throttled = 0;
        var bucket = 10.0;
        var last = Environment.TickCount64;
        var gate = new Lock();
        _server.Reply("cloudtrail", "ListTrails", _ =>
        {
            lock (gate)
            {
                var now = Environment.TickCount64;
                bucket = Math.Min(10, bucket + ((now - last) / 100.0));
                last = now;
                if (bucket < 1)
                {
                    throttled++;
                    throw new AwsError("ThrottlingException", 400, "Rate exceeded");
                }
                bucket--;
                return new JsonObject { ["Trails"] = new JsonArray() };
            }
        });
        using var session = await LiveServer.OpenAsync(_server, options => options with
        {
            Limits = new LiveAwsOptions { MaxBackoff = TimeSpan.FromMilliseconds(20), MaxAttempts = 200, AdaptiveRate = adaptive },
        });
        var failed = 0;
        await Parallel.ForEachAsync(Enumerable.Range(0, Calls), new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (_, _) =>
        {
            try
            {
                await session.AskAsync("cloudtrail", "ListTrails");
            }
            catch (AwsApiException)
            {
                Interlocked.Increment(ref failed);
            }
        });
        return (Calls - failed, failed, throttled);
    }
}
