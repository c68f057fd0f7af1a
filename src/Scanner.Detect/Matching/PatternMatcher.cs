using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using Scanner.Detect.Rules;

namespace Scanner.Detect.Matching;

/// <summary>
/// Matches a rule's regular expression. What runs without backtracking takes time in proportion to the text and has no limit. What
/// needs backtracking has a limit of the thread's own processor time: .NET's limit is by the clock, which goes on while the process
/// waits for a processor, so what exceeds it is tried again with a longer one, and more often where the clock ran and the thread did not. The first
/// attempt is short and not measured: asking for the thread's time is a call of the system, and costs more than the most of matches.
/// </summary>
internal sealed class PatternMatcher(ValueTest.Regex test)
{
    /// <summary>How much processor time one attempt may use up before the pattern is to blame.</summary>
    internal static readonly TimeSpan ProcessorTime = TimeSpan.FromMilliseconds(250);

    // The second is as long as ProcessorTime, each other twice as long as the one before.
    private const int MostAttempts = 9;

    private static readonly TimeSpan FirstTime = ProcessorTime / 4;

    // From how many texts on compiling a plain expression is made up for.
    private const int Often = 20_000;

    private readonly Regex?[] _patient = new Regex?[MostAttempts];
    private int _uses;

    /// <summary>Whether the expression is found in the text.</summary>
    /// <exception cref="RegexMatchTimeoutException">Two attempts used up their processor time.</exception>
    /// <exception cref="TimeoutException">The machine did not let the thread run.</exception>
    internal bool IsMatch(ReadOnlySpan<char> text)
    {
        // Several threads may count and compile: the number need not be right, and the expressions are the same.
        if (_uses <= Often && ++_uses > Often && RegexFactory.MakeCompiled(test) is { } compiled)
            _patient[0] = compiled;
        var spent = 0;
        for (var attempt = 0; attempt < MostAttempts; attempt++)
        {
            // Set up when an event first needs it: most expressions are behind a name that no event has.
            var regex = _patient[attempt] ??= RegexFactory.Make(test, attempt == 0 ? FirstTime : ProcessorTime * (1 << (attempt - 1)));
            var before = attempt == 0 ? TimeSpan.Zero : ThreadProcessorTime();
            try
            {
                return regex.IsMatch(text);
            }
            catch (RegexMatchTimeoutException) when (attempt == 0 || ThreadProcessorTime() - before < ProcessorTime * 0.9 || ++spent < 2)
            {
                // The clock ran and the thread did not, or the first match of all had to be compiled: once more, with more time.
            }
        }

        throw new TimeoutException();
    }

    /// <summary>Processor time of this thread; of the process where the system does not say it of a thread.</summary>
    private static TimeSpan ThreadProcessorTime()
    {
        const int OfThread = 3;
        if (OperatingSystem.IsLinux() && clock_gettime(OfThread, out var time) == 0)
            return TimeSpan.FromSeconds(time.Seconds) + TimeSpan.FromMicroseconds(time.Nanoseconds / 1000.0);
        return OperatingSystem.IsLinux() || OperatingSystem.IsMacOS() || OperatingSystem.IsWindows() ? Environment.CpuUsage.TotalTime : TimeSpan.Zero;
    }

    [DllImport("libc", EntryPoint = "clock_gettime", ExactSpelling = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int clock_gettime(int clock, out TimeSpec time);

    [StructLayout(LayoutKind.Sequential)]
    private readonly struct TimeSpec
    {
        internal readonly nint Seconds;
        internal readonly nint Nanoseconds;
    }
}
