using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using Loopback;

[assembly: AssemblyFixture(typeof(EndToEnd.Tests.ScannerWorkers))]

namespace EndToEnd.Tests;

/// <summary>Takes the workers and their files away when all tests have run.</summary>
public sealed class ScannerWorkers : IDisposable
{
    public void Dispose() => ScannerWorker.EndAll();
}

/// <summary>
/// A process of the program that serves one run after the other (<see cref="StartupHook"/>). A start costs a second of processor time, most of it
/// for compiling the same code again; there are hundreds. As many as tests run side by side; one that dies, or hangs until its test is stopped,
/// fails that test with what it said, and the next test has another. One that was given AWS credentials keeps them, so that it serves no run without
/// them, or with others.
/// </summary>
internal sealed class ScannerWorker : IDisposable
{
    private const long MostBytes = 1L << 30;

    // By what they have read once.
    private static readonly ConcurrentDictionary<string, ConcurrentBag<ScannerWorker>> Idle = new(StringComparer.Ordinal);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("scanner-worker");
    private readonly Process _process;
    private readonly Task<string> _said;
    private readonly string _output;
    private readonly string _error;

    /// <summary>Starts one; whoever does disposes of it.</summary>
    internal ScannerWorker()
    {
        _output = Path.Combine(_folder.FullName, "output");
        _error = Path.Combine(_folder.FullName, "error");
        var start = new ProcessStartInfo("dotnet", [ScannerProgram.Program])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        start.Environment["DOTNET_STARTUP_HOOKS"] = typeof(StartupHook).Assembly.Location;
        _process = Process.Start(start) ?? throw new InvalidOperationException("dotnet did not start");
        // Read as it comes: a full pipe would stop the process.
        _said = _process.StandardError.ReadToEndAsync(CancellationToken.None);
    }

    /// <summary>Runs the program in a process that has run it before, or in a new one.</summary>
    /// <param name="folder">The working folder.</param>
    /// <param name="arguments">Arguments.</param>
    /// <param name="environment">All environment variables.</param>
    /// <param name="kept">What a process keeps of them for its life: it serves the runs alone that agree in this.</param>
    /// <param name="cancellation">Ends the process.</param>
    /// <exception cref="InvalidOperationException">The process died; the message has what it said.</exception>
    public static async Task<(int ExitCode, string Output, string Error)> RunAsync(string folder, string[] arguments, IReadOnlyDictionary<string, string> environment, string kept, CancellationToken cancellation)
    {
        var idling = Idle.GetOrAdd(kept, _ => []);
        var worker = idling.TryTake(out var idle) ? idle : new ScannerWorker();
        try
        {
            var ran = await worker.ServeAsync(folder, arguments, environment, cancellation);
            if (ran.Bytes <= MostBytes)
            {
                idling.Add(worker);
                worker = null;
            }
            return (ran.ExitCode, ran.Output, ran.Error);
        }
        finally
        {
            worker?.Dispose();
        }
    }

    /// <summary>Ends all that wait for work.</summary>
    public static void EndAll()
    {
        foreach (var idling in Idle.Values)
        {
            while (idling.TryTake(out var worker))
                worker.Dispose();
        }
    }

    public void Dispose()
    {
        Tools.Kill(_process);
        _process.Dispose();
        _folder.Delete(recursive: true);
    }

    /// <summary>Number of the process.</summary>
    internal int ProcessId => _process.Id;

    /// <summary>One run, with how many bytes the process holds after it.</summary>
    internal async Task<(int ExitCode, string Output, string Error, long Bytes)> ServeAsync(string folder, string[] arguments, IReadOnlyDictionary<string, string> environment, CancellationToken cancellation)
    {
        await File.WriteAllBytesAsync(_output, [], cancellation);
        await File.WriteAllBytesAsync(_error, [], cancellation);
        await using var stop = cancellation.Register(() => Tools.Kill(_process));
        var reply = new byte[sizeof(int) + sizeof(long)];
        try
        {
            var request = new StartupHook.Request(folder, _output, _error, arguments, environment).Written();
            await _process.StandardInput.BaseStream.WriteAsync(request, CancellationToken.None);
            await _process.StandardInput.BaseStream.FlushAsync(CancellationToken.None);
            await _process.StandardOutput.BaseStream.ReadExactlyAsync(reply, CancellationToken.None);
        }
        catch (IOException e)
        {
            cancellation.ThrowIfCancellationRequested();
            await _process.WaitForExitAsync(CancellationToken.None);
            var said = await _said + await File.ReadAllTextAsync(_error, CancellationToken.None);
            throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture, $"the process that ran 'scanner {string.Join(' ', arguments)}' died (exit code {_process.ExitCode}): {said}"), e);
        }
        cancellation.ThrowIfCancellationRequested();
        return (
            BitConverter.ToInt32(reply),
            await File.ReadAllTextAsync(_output, Encoding.UTF8, CancellationToken.None),
            await File.ReadAllTextAsync(_error, Encoding.UTF8, CancellationToken.None),
            BitConverter.ToInt64(reply, sizeof(int)));
    }
}
