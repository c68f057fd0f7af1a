using Scanner.Model;

namespace Catalog.Tests;

/// <summary>A machine that is busy or stands still uses up no limit.</summary>
public sealed class WorkLimitTests
{
    [Theory]
    [InlineData(10, 3, 3, 7)]
    [InlineData(10, 9.5, 9.5, 0.5)]
    [InlineData(10, 10, 9, 0)]
    [InlineData(10, 300, 12, 0)]
    [InlineData(10, 100, 0, 0)]
    [InlineData(600, 1800, 0, 0)]
    public void It_is_over_when_the_clock_and_the_processor_say_so_or_the_clock_many_times(double limit, double clock, double worked, double left) =>
        Assert.Equal(left, new WorkLimit(TimeSpan.FromSeconds(limit)).LeftOf(TimeSpan.FromSeconds(clock), TimeSpan.FromSeconds(worked)).TotalSeconds, 3);

    [Theory]
    [InlineData(10, 10, 0)]
    [InlineData(10, 99, 8.9)]
    [InlineData(600, 1_700, 500)]
    public void It_is_not_over_while_the_process_waits_for_a_processor(double limit, double clock, double worked) =>
        Assert.True(new WorkLimit(TimeSpan.FromSeconds(limit)).LeftOf(TimeSpan.FromSeconds(clock), TimeSpan.FromSeconds(worked)) > TimeSpan.Zero);

    [Fact]
    public void Work_that_needs_no_processor_ends_by_the_clock()
    {
        var limit = new WorkLimit(TimeSpan.FromMilliseconds(5), () => TimeSpan.Zero);
        while (limit.Left is { } left && left > TimeSpan.Zero)
            Thread.Sleep(left);
        Assert.Equal(TimeSpan.Zero, limit.Left);
    }
}
