using System.Globalization;
using System.Runtime.InteropServices;

namespace Scanner.Store.Sql;

/// <summary>
/// Bounds what the process may allocate while a query runs. DuckDB's own <c>memory_limit</c> counts its buffers, but not
/// the vectors and strings of a running expression: <c>repeat('x', 3000000000)</c> passes it. RLIMIT_DATA makes the
/// allocation fail inside DuckDB, which reports it as an out-of-memory error of that query. Linux only; elsewhere
/// <c>memory_limit</c> stands alone. Queries that overlap share the largest limit asked for.
/// </summary>
internal static class NativeMemoryLimit
{
    private const int Data = 2; // RLIMIT_DATA in <bits/resource.h>

    private static readonly Lock Gate = new();
    private static int Users;
    private static Limit Before;

    /// <summary>Lets the process grow by so many bytes until the result is disposed of.</summary>
    public static IDisposable Allow(long bytes)
    {
        if (!OperatingSystem.IsLinux())
            return new Release(active: false);
        lock (Gate)
        {
            if (getrlimit(Data, out var current) != 0)
                return new Release(active: false);
            if (Users == 0)
                Before = current;
            var wanted = Math.Min(Before.Soft, (ulong)(Used() + bytes));
            if (Users == 0 || wanted > current.Soft)
            {
                var limit = new Limit { Soft = wanted, Hard = current.Hard };
                if (setrlimit(Data, ref limit) != 0 && Users == 0)
                    return new Release(active: false);
            }
            Users++;
            return new Release(active: true);
        }
    }

    private static long Used()
    {
        foreach (var line in File.ReadLines("/proc/self/status"))
        {
            if (line.StartsWith("VmData:", StringComparison.Ordinal))
                return long.Parse(line.AsSpan(7).TrimEnd("kB").Trim(), NumberStyles.None, CultureInfo.InvariantCulture) * 1024;
        }
        return Environment.WorkingSet;
    }

    private sealed class Release(bool active) : IDisposable
    {
        private bool _active = active;

        public void Dispose()
        {
            lock (Gate)
            {
                if (!_active)
                    return;
                _active = false;
                if (--Users == 0)
                    _ = setrlimit(Data, ref Before);
            }
        }
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct Limit
    {
        public ulong Soft;
        public ulong Hard;
    }

    [DllImport("libc")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int getrlimit(int resource, out Limit limit);

    [DllImport("libc")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int setrlimit(int resource, ref Limit limit);
}
