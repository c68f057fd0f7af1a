using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Scanner.Aws.Client;

/// <summary>What all accounts of a scan share: the HTTP connection pool and the global limit.</summary>
internal sealed class AwsTransport : IDisposable
{
    private readonly ConcurrentDictionary<string, Lazy<Task<bool>>> _names = new(StringComparer.Ordinal);

    private readonly ConcurrentDictionary<string, SemaphoreSlim> _regions = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<(string Service, string Region), SemaphoreSlim> _services = new();

    public AwsTransport(LiveAwsOptions options, Uri? endpoint = null)
    {
        Options = options;
        Endpoint = endpoint;
        InFlight = new SemaphoreSlim(options.MaxInFlight);
        Breakers = new Breakers(options.FirstByteTimeout);
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            ConnectTimeout = options.ConnectTimeout,
            PooledConnectionIdleTimeout = TimeSpan.FromSeconds(60),
            PooledConnectionLifetime = TimeSpan.FromMinutes(10),
            MaxConnectionsPerServer = options.MaxInFlight,
            AutomaticDecompression = DecompressionMethods.None,
        };
        Http = new HttpClient(new BufferingHandler(handler, options.FirstByteTimeout), disposeHandler: true) { Timeout = options.AttemptTimeout };
    }

    /// <summary>The limits.</summary>
    public LiveAwsOptions Options { get; }

    /// <summary>Address of all services; null: as the SDK finds it.</summary>
    public Uri? Endpoint { get; }

    /// <summary>The one HTTP client.</summary>
    public HttpClient Http { get; }

    /// <summary>Slots for requests in flight.</summary>
    public SemaphoreSlim InFlight { get; }

    /// <summary>Which endpoints do not answer.</summary>
    public Breakers Breakers { get; }

    /// <summary>Time since the transport was opened.</summary>
    public Stopwatch Age { get; } = Stopwatch.StartNew();

    /// <summary>The places for requests in flight of a service in a region of an account that is new here.</summary>
    /// <param name="service">Service.</param>
    /// <param name="region">Region.</param>
    public WireSlots Slots(string service, string region)
    {
        var most = Options.InFlightOf(service);
        return new WireSlots(
            new SemaphoreSlim(most),
            _services.GetOrAdd((service, region), _ => new SemaphoreSlim(Math.Max(most, Options.MaxInFlightPerRegion - Options.MaxInFlightPerService))),
            _regions.GetOrAdd(region, _ => new SemaphoreSlim(Options.MaxInFlightPerRegion)),
            InFlight);
    }

    /// <summary>Asks the name service; tests answer themselves.</summary>
    public Func<string, CancellationToken, Task> Resolve { get; init; } = static (host, cancellation) => Dns.GetHostEntryAsync(host, cancellation);

    /// <summary>Whether a host name resolves; asked once a name.</summary>
    public Task<bool> ResolvesAsync(string host, CancellationToken cancellation) =>
        _names.GetOrAdd(host, name => new Lazy<Task<bool>>(() => AskAsync(name, cancellation))).Value;

    private async Task<bool> AskAsync(string host, CancellationToken cancellation)
    {
        try
        {
            await Resolve(host, cancellation);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    public void Dispose()
    {
        Http.Dispose();
        InFlight.Dispose();
        foreach (var slots in _regions.Values.Concat(_services.Values))
            slots.Dispose();
    }
}
