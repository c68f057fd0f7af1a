using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using Xunit.v3;

[assembly: Tests.TimeLimit]

namespace Tests;

/// <summary>
/// No test runs for ever: after <c>SCANNER_TEST_SECONDS</c> (300) its cancellation token is set and it fails by name. One that does
/// not hear the token, and a fixture in which nothing begins or ends, takes the process with it a little later, which fails the run.
/// Every project of tests compiles this file, so that no test has to ask for it.
/// </summary>
[AttributeUsage(AttributeTargets.Assembly)]
internal sealed class TimeLimitAttribute : BeforeAfterTestAttribute
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(
        int.TryParse(Environment.GetEnvironmentVariable("SCANNER_TEST_SECONDS"), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) ? seconds : 300);

    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(Math.Min(20, 3 * Limit.TotalSeconds));
    private static readonly ConcurrentDictionary<string, Running> Tests = new(StringComparer.Ordinal);
    private static readonly Lazy<Thread> Watch = new(StartWatch);
    private static long LastStep = Stopwatch.GetTimestamp();

    public override void Before(MethodInfo methodUnderTest, IXunitTest test)
    {
        _ = Watch.Value;
        Volatile.Write(ref LastStep, Stopwatch.GetTimestamp());
        Tests[test.UniqueID] = new Running(test.TestDisplayName, TestContext.Current, Stopwatch.GetTimestamp());
    }

    public override void After(MethodInfo methodUnderTest, IXunitTest test)
    {
        Volatile.Write(ref LastStep, Stopwatch.GetTimestamp());
        if (Tests.TryRemove(test.UniqueID, out var running) && running.Stopped)
            throw new TimeoutException($"the test was stopped after {Limit.TotalSeconds} s (SCANNER_TEST_SECONDS)");
    }

    // A thread of its own: tests that block may hold all the threads of the pool.
    private static Thread StartWatch()
    {
        var thread = new Thread(Look) { IsBackground = true, Name = "time limit of the tests" };
        thread.Start();
        return thread;
    }

    private static void Look()
    {
        while (true)
        {
            Thread.Sleep(TimeSpan.FromSeconds(1));
            foreach (var test in Tests.Values)
            {
                var age = Stopwatch.GetElapsedTime(test.Begin);
                if (age > Limit && !test.Stopped)
                {
                    test.Stop();
                    // What hears the token runs on this thread otherwise, and may block it.
                    _ = Task.Run(test.Context.CancelCurrentTest);
                }
                // From when it was told, which may have been late.
                if (test.Stopped && Stopwatch.GetElapsedTime(test.End) > Grace)
                    Environment.FailFast($"The test '{test.Name}' still runs {Grace.TotalSeconds} s after it was stopped at its limit of {Limit.TotalSeconds} s.");
            }
            if (Stopwatch.GetElapsedTime(Volatile.Read(ref LastStep)) > 2 * Limit + Grace)
                Environment.FailFast($"No test began or ended for {(2 * Limit + Grace).TotalSeconds} s: a fixture does not end.");
        }
    }

    private sealed class Running(string name, ITestContext context, long begin)
    {
        public string Name => name;

        public ITestContext Context => context;

        public long Begin => begin;

        public long End { get; private set; }

        public volatile bool Stopped;

        public void Stop()
        {
            End = Stopwatch.GetTimestamp();
            Stopped = true;
        }
    }
}
