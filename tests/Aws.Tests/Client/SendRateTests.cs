using Scanner.Aws.Client;

namespace Aws.Tests.Client;

/// <summary>The client's own rate, minute by minute of a clock that is set, against services that take so much.</summary>
public sealed class SendRateTests
{
    private readonly Clock _clock = new();
    private int _number;

    [Fact]
    public void A_service_that_refuses_three_of_ten_whatever_the_rate_is_not_slowed_down_for()
    {
        var rate = new SendRate(_clock);

        // Eight in flight, a reply in 40 ms.
        var sent = Run(rate, seconds: 60, most: 200, takes: () => _number++ % 10 is not (2 or 5 or 8));

        Assert.InRange(sent, 60 * 150, 60 * 200);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(20)]
    public void A_service_that_takes_so_many_a_second_is_sent_half_as_much_again(int perSecond)
    {
        var rate = new SendRate(_clock);
        var left = 0.0;
        bool Takes() => left >= 1 && left-- >= 1;

        Run(rate, 30, 200, Takes, () => left = Math.Min(perSecond, left + (perSecond / 100.0)));
        var sent = Run(rate, 60, 200, Takes, () => left = Math.Min(perSecond, left + (perSecond / 100.0)));

        Assert.InRange(sent / 60.0, perSecond, perSecond * 1.75);
    }

    [Fact]
    public void A_service_that_takes_nothing_is_asked_every_two_seconds_and_as_before_soon_after_it_takes_again()
    {
        var rate = new SendRate(_clock);
        Run(rate, 10, 200, () => false);

        Assert.InRange(Run(rate, 60, 200, () => false), 29, 31);
        Run(rate, 60, 200, () => true);
        Assert.Null(rate.Current);
        Assert.Equal(60 * 200, Run(rate, 60, 200, () => true), tolerance: 1.0);
    }

    [Fact]
    public void A_refusal_after_a_pause_is_no_word_on_the_rate()
    {
        var rate = new SendRate(_clock);
        rate.Replied(throttled: false);
        _clock.Pass(TimeSpan.FromMinutes(5));

        rate.Replied(throttled: true);

        Assert.Null(rate.Current);
    }

    // In hundredths of a second; the reply comes at once.
    private int Run(SendRate rate, int seconds, int most, Func<bool> takes, Action? each = null)
    {
        var sent = 0;
        for (var i = 0; i < seconds * 100; i++)
        {
            _clock.Pass(TimeSpan.FromMilliseconds(10));
            each?.Invoke();
            for (var n = 0; n < most / 100 && rate.TryTake(); n++)
            {
                sent++;
                rate.Replied(!takes());
            }
        }
        return sent;
    }

    private sealed class Clock : TimeProvider
    {
        private long _now = 1;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => _now;

        public void Pass(TimeSpan time) => _now += time.Ticks;
    }
}
