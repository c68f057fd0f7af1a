using System.Collections.Concurrent;
using System.Globalization;

namespace Scanner.Aws.Client;

/// <summary>
/// Remembers which endpoints do not answer, over all accounts of a scan: after two silent attempts in a row a service is not asked again in its
/// region, and where four services of a region are silent and none has ever answered, the region is not. A region that hangs costs seconds, not
/// a wait for each of its calls.
/// </summary>
internal sealed class Breakers(TimeSpan firstByte)
{
    private const int SilentAttempts = 2;
    private const int SilentServices = 4;

    private readonly ConcurrentDictionary<string, Region> _regions = new(StringComparer.Ordinal);

    /// <summary>The breaker of a service in a region.</summary>
    /// <param name="service">Service.</param>
    /// <param name="region">Region.</param>
    public Breaker Of(string service, string region) => new(service, region, _regions.GetOrAdd(region, _ => new Region()), firstByte);

    /// <summary>What is known of a region.</summary>
    internal sealed class Region
    {
        private readonly ConcurrentDictionary<string, bool> _silent = new(StringComparer.Ordinal);

        /// <summary>Silent attempts in a row, by service.</summary>
        public ConcurrentDictionary<string, int> InARow { get; } = new(StringComparer.Ordinal);

        /// <summary>Whether anything there has answered.</summary>
        public bool HasAnswered { get; set; }

        /// <summary>Whether nothing there is asked any more.</summary>
        public bool IsSilent => !HasAnswered && _silent.Count >= SilentServices;

        /// <summary>Notes a service that was silent once.</summary>
        public void Silent(string service) => _silent[service] = true;
    }

    /// <summary>The breaker of one service in one region.</summary>
    internal sealed class Breaker(string service, string region, Region known, TimeSpan firstByte)
    {
        /// <summary>What a call is told that went unanswered.</summary>
        public NoAnswerException Unanswered(Exception? cause = null) =>
            new(string.Create(CultureInfo.InvariantCulture, $"{service} in {region} did not answer within {firstByte.TotalSeconds:0.###} s"), cause);

        /// <summary>Whether the service is not asked any more.</summary>
        public bool IsOpen => known.IsSilent || known.InARow.GetValueOrDefault(service) >= SilentAttempts;

        /// <summary>Refuses a call to what does not answer.</summary>
        /// <exception cref="NoAnswerException">It is not asked any more.</exception>
        public void ThrowIfOpen()
        {
            if (known.IsSilent)
                throw new NoAnswerException(string.Create(CultureInfo.InvariantCulture, $"no service in {region} answered within {firstByte.TotalSeconds:0.###} s, so the region was not asked again"));
            if (IsOpen)
                throw new NoAnswerException(string.Create(CultureInfo.InvariantCulture, $"{service} in {region} did not answer within {firstByte.TotalSeconds:0.###} s, twice, and was not asked again"));
        }

        /// <summary>Something came, were it an error.</summary>
        public void Answered()
        {
            known.HasAnswered = true;
            known.InARow[service] = 0;
        }

        /// <summary>Nothing came.</summary>
        public void Silent()
        {
            known.Silent(service);
            known.InARow.AddOrUpdate(service, 1, static (_, count) => count + 1);
        }
    }
}
