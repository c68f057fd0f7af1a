using System.Runtime.InteropServices;

namespace Scanner.Store.Sql;

/// <summary>
/// What a fault inside the engine does. .NET tries to write out the stack of a thread that overflowed it, and may hang for ever in that where the
/// stack is the engine's; a process that was started to be brought down is better off without.
/// </summary>
public static class EngineFaults
{
    private const int BusError = 7; // SIGBUS; another number on macOS, where .NET does not take it.
    private const int Segmentation = 11; // SIGSEGV
    private const int MostBytes = 512; // of struct sigaction, which has 152 on Linux and 16 on macOS

    private static readonly Lock Gate = new();
    private static readonly byte[][] Before = [new byte[MostBytes], new byte[MostBytes]];
    private static bool IsFatal;
    private static int Users;

    /// <summary>From now on a fault in a query ends the process at once, and silently.</summary>
    public static void EndTheProcess() => IsFatal = !OperatingSystem.IsWindows();

    /// <summary>Around a query. Between queries faults are .NET's again, which needs them for what it throws itself.</summary>
    internal static IDisposable? Guard()
    {
        if (!IsFatal)
            return null;
        lock (Gate)
        {
            if (Users++ == 0)
            {
                for (var i = 0; i < Numbers.Length; i++)
                {
                    _ = sigaction(Numbers[i], null, Before[i]);
                    _ = signal(Numbers[i], IntPtr.Zero);
                }
            }
        }
        return new Release();
    }

    private static int[] Numbers { get; } = OperatingSystem.IsLinux() ? [Segmentation, BusError] : [Segmentation];

    private sealed class Release : IDisposable
    {
        public void Dispose()
        {
            lock (Gate)
            {
                if (--Users > 0)
                    return;
                for (var i = 0; i < Numbers.Length; i++)
                    _ = sigaction(Numbers[i], Before[i], null);
            }
        }
    }

    [DllImport("libc")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int sigaction(int number, byte[]? action, byte[]? before);

    // Zero: what the system does by itself.
    [DllImport("libc")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern IntPtr signal(int number, IntPtr handler);
}
