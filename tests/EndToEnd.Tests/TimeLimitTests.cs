using Loopback;

namespace EndToEnd.Tests;

/// <summary>The time limit that tests/TimeLimit.cs lays on every test, tried on tests that never end.</summary>
public sealed class TimeLimitTests
{
    [Fact]
    public async Task A_test_that_hears_its_token_fails_by_name_at_the_limit()
    {
        var (code, output) = await RunAsync(nameof(Waits_for_its_token));
        Assert.NotEqual(0, code);
        Assert.Contains($"{nameof(Waits_for_its_token)} [FAIL]", output, StringComparison.Ordinal);
        Assert.Contains("the test was stopped after 1 s", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_test_that_hears_nothing_ends_the_run_and_is_named()
    {
        var (code, output) = await RunAsync(nameof(Waits_for_nothing));
        Assert.NotEqual(0, code);
        Assert.Contains($"{nameof(Waits_for_nothing)}' still runs 3 s after it was stopped at its limit of 1 s", output, StringComparison.Ordinal);
    }

    // Explicit: only the tests above start these, in a program of their own.
    [Fact(Explicit = true)]
    public async Task Waits_for_its_token() => await Task.Delay(Timeout.Infinite, TestContext.Current.CancellationToken);

    [Fact(Explicit = true)]
    public void Waits_for_nothing() => Thread.Sleep(Timeout.Infinite);

    private static Task<(int Code, string Output)> RunAsync(string test) => Tools.RunAsync(
        Path.ChangeExtension(typeof(TimeLimitTests).Assembly.Location, null), ["-noColor", "-explicit", "only", "-method", $"{typeof(TimeLimitTests).FullName}.{test}"],
        environment: new Dictionary<string, string?>(StringComparer.Ordinal) { ["SCANNER_TEST_SECONDS"] = "1" }, cancellation: TestContext.Current.CancellationToken);
}
