using System.Collections.Concurrent;

namespace Scanner.Aws.Client;

/// <summary>The paces of one service in one region of one account.</summary>
/// <param name="service">Service id, as the AWS CLI spells it.</param>
/// <param name="options">What they are held to.</param>
internal sealed class Paces(string service, LiveAwsOptions options)
{
    private readonly ConcurrentDictionary<string, Pace?> _byOperation = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Pace> _byGroup = new(StringComparer.Ordinal);

    /// <summary>Waits until the operation may be asked.</summary>
    public Task WaitAsync(string operation, CancellationToken cancellation) =>
        _byOperation.GetOrAdd(operation, static (name, self) => self.Find(name), this)?.WaitAsync(cancellation) ?? Task.CompletedTask;

    private Pace? Find(string operation)
    {
        // Reads of events are held to their rate in any case: whoever is refused there is refused for long.
        var rate = (service, operation) switch
        {
            ("cloudtrail", "LookupEvents") => new DocumentedRate(operation, options.LookupEventsPerSecond, 1),
            ("logs", "FilterLogEvents") => new DocumentedRate(operation, options.FilterLogEventsPerSecond, 1),
            _ when options.AdaptiveRate && DocumentedRate.Of(service, operation) is { } documented =>
                // Not all of the burst: the rate may be that of a second which began before this one.
                documented with { PerSecond = documented.PerSecond * DocumentedRate.Share, Burst = documented.Burst / 2 },
            _ => null,
        };
        return rate is null ? null : _byGroup.GetOrAdd(rate.Group, _ => new Pace(rate.PerSecond, rate.Burst, TimeProvider.System));
    }
}
