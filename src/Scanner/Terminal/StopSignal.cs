using System.Globalization;
using System.Runtime.InteropServices;

namespace Scanner.Terminal;

/// <summary>
/// SIGINT (Ctrl-C), SIGTERM, SIGHUP and SIGQUIT: the program stops asking, writes what it knows and says what it does not, and ends with 128 plus the
/// signal's number. A runner kills soon after it asks, so what is not written by then is not waited for.
/// </summary>
internal static class StopSignal
{
    /// <summary>Environment variable with how many seconds it may take to write what is known, where whoever sends the signal waits longer.</summary>
    private const string Seconds = "SCANNER_STOP_SECONDS";

    // A GitHub runner waits 7.5 s after SIGINT and 2.5 s after SIGTERM before it kills; people wait less.
    private static readonly TimeSpan ForAll = TimeSpan.FromSeconds(
        double.TryParse(Environment.GetEnvironmentVariable(Seconds), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var given) && given is >= 1 and <= 3600 ? given : 2.5);

    // A third of it for the checks, the rest for the reports.
    private static readonly TimeSpan ForJudging = ForAll / 3;

    private static readonly CancellationTokenSource Asked = new();
    private static readonly CancellationTokenSource Late = new();
    private static readonly List<PosixSignalRegistration> Registrations = [];
    private static int Signals;

    // Held: a timer that nobody holds may be collected before it fires.
    private static Timer? Watchdog;

    /// <summary>Set when the program was asked to stop: nothing new is begun.</summary>
    public static CancellationToken Token => Asked.Token;

    /// <summary>Set a moment later: what is under way by then (a check) is left.</summary>
    public static CancellationToken Deadline => Late.Token;

    /// <summary>Name of the signal; null where there was none.</summary>
    public static string? Name { get; private set; }

    /// <summary>What the program ends with after a signal; null where there was none.</summary>
    public static int? ExitCode { get; private set; }

    /// <summary>Listens from now on; once for the whole process.</summary>
    public static void Listen()
    {
        if (Registrations.Count > 0)
            return;
        Add(PosixSignal.SIGINT, "Ctrl-C", 130);
        Add(PosixSignal.SIGTERM, "SIGTERM", 143);
        if (OperatingSystem.IsWindows())
            return;
        Add(PosixSignal.SIGHUP, "SIGHUP", 129);
        Add(PosixSignal.SIGQUIT, "SIGQUIT", 131);
    }

    private static void Add(PosixSignal signal, string name, int exitCode) =>
        Registrations.Add(PosixSignalRegistration.Create(signal, context =>
        {
            context.Cancel = true;
            if (Interlocked.Increment(ref Signals) > 1)
            {
                End();
                return;
            }
            Name = name;
            ExitCode = exitCode;
            Watchdog = new Timer(_ => End(), null, ForAll, Timeout.InfiniteTimeSpan);
            Late.CancelAfter(ForJudging);
            // Who waits on it runs in this thread: the signal's own must be free for a second one.
            _ = Asked.CancelAsync();
        }));

    /// <summary>Ends the process without waiting for what still runs.</summary>
    public static void ExitAtOnce()
    {
        if (!OperatingSystem.IsWindows())
            ExitNow(0);
        Environment.Exit(0);
    }

    private static void End()
    {
        if (!Console.IsOutputRedirected)
            Console.Out.Write("\u001b[?25h"); // The cursor, which progress bars hide.
        Consoles.Complain($"stopped by {Name} before everything was written; files are whole or as they were");
        // Not Environment.Exit, which waits for others: some may hang.
        if (!OperatingSystem.IsWindows())
            ExitNow(ExitCode!.Value);
        Environment.Exit(ExitCode!.Value);
    }

    [DllImport("libc", EntryPoint = "_exit", ExactSpelling = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern void ExitNow(int code);
}
