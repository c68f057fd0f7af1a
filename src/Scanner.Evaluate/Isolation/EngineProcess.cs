using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Scanner.Model;

namespace Scanner.Evaluate.Isolation;

/// <summary>One run of <see cref="EngineServer"/>, from its start to its end, whichever way it ends.</summary>
internal sealed class EngineProcess : IDisposable
{
    // What the runtime needs and what says how to write; no credentials, no tokens.
    private static readonly string[] Kept =
    [
        "PATH", "HOME", "TMPDIR", "TEMP", "TMP", "TZ", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "SystemRoot", "windir", "USERPROFILE", "DOTNET_ROOT", "DOTNET_ROOT_X64",
        "DOTNET_ROOT_ARM64", "DOTNET_ROLL_FORWARD", "DOTNET_BUNDLE_EXTRACT_BASE_DIR", "DOTNET_SYSTEM_GLOBALIZATION_INVARIANT",
    ];

    private readonly Process _process;
    private readonly BlockingCollection<string> _lines = [];
    private readonly Stream _input;

    /// <summary>Starts it.</summary>
    /// <param name="program">The program.</param>
    /// <param name="memory">Bytes that its own objects may take; the database has a limit of its own.</param>
    /// <exception cref="InputException">It cannot be started.</exception>
    public EngineProcess(EngineProgram program, long memory)
    {
        var start = new ProcessStartInfo(program.File, program.Arguments)
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false),
        };
        foreach (var name in start.Environment.Keys.Except(Kept, StringComparer.OrdinalIgnoreCase).ToList())
            start.Environment.Remove(name);
        start.Environment["DOTNET_GCHeapHardLimit"] = memory.ToString("x", CultureInfo.InvariantCulture);
        start.Environment["DOTNET_EnableDiagnostics"] = "0";
        try
        {
            _process = Process.Start(start)!;
        }
        catch (Exception e) when (e is System.ComponentModel.Win32Exception or IOException or InvalidOperationException)
        {
            throw new InputException($"checks of yours run in a process of their own, and it cannot be started ({program.File}: {e.Message})", e);
        }
        _input = _process.StandardInput.BaseStream;
        // What a dying runtime says there is of no use to anybody; it must be read all the same.
        _process.ErrorDataReceived += (_, _) => { };
        _process.BeginErrorReadLine();
        new Thread(Read) { IsBackground = true }.Start();
    }

    /// <summary>Why it has ended, as the reason of a query that gave no answer; null while it runs.</summary>
    public string? Ending { get; private set; }

    /// <summary>Sends a request; where the process has ended, <see cref="Receive"/> says so.</summary>
    public void Send(EngineRequest request)
    {
        try
        {
            JsonSerializer.Serialize(_input, request, EngineJson.Options);
            _input.WriteByte((byte)'\n');
        }
        catch (IOException)
        {
            // It has ended.
        }
    }

    /// <summary>The next reply; null when the process has ended, or was ended since none came in time.</summary>
    /// <param name="limit">How long to wait, while the process works (<see cref="WorkLimit"/>).</param>
    /// <param name="late">What is said of a query that takes longer.</param>
    /// <param name="cancellation">Ends the process.</param>
    public EngineReply? Receive(TimeSpan limit, string late, CancellationToken cancellation)
    {
        try
        {
            _input.Flush();
        }
        catch (IOException)
        {
            // It has ended.
        }
        try
        {
            // The process may be the one that waits for a processor.
            var work = new WorkLimit(limit, ProcessorTime);
            for (var left = work.Left; left > TimeSpan.Zero && !_lines.IsCompleted; left = work.Left)
            {
                if (_lines.TryTake(out var line, (int)Math.Min(left.TotalMilliseconds + 1, int.MaxValue), cancellation))
                    return JsonSerializer.Deserialize<EngineReply>(line, EngineJson.Options);
            }

            End(_lines.IsCompleted ? Died() : late);
        }
        catch (OperationCanceledException)
        {
            End("the scan was stopped");
        }
        catch (JsonException)
        {
            End("its answer was not understood");
        }
        return null;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        End("");
        _process.Dispose();
    }

    private TimeSpan ProcessorTime()
    {
        try
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
        catch (Exception e) when (e is InvalidOperationException or System.ComponentModel.Win32Exception or NotSupportedException)
        {
            // It has ended.
            return TimeSpan.Zero;
        }
    }

    private string Died()
    {
        // Its output is closed before it can be asked how it ended.
        if (!_process.WaitForExit(TimeSpan.FromSeconds(1)))
            return "it closed its answer";
        const int Signals = 128;
        var code = _process.ExitCode;
        return string.Create(CultureInfo.InvariantCulture,
            $"it brought down the process that it ran in ({(code == Signals + 9 ? "killed, as where memory runs out" : code > Signals ? $"signal {code - Signals}" : $"exit code {code}")})");
    }

    /// <summary>Ends it.</summary>
    /// <param name="reason">Why.</param>
    public void End(string reason)
    {
        if (Ending is not null)
            return;
        Ending = reason;
        try
        {
            _process.Kill();
        }
        catch (Exception e) when (e is InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            // It has ended by itself.
        }
        try
        {
            _input.Dispose();
        }
        catch (IOException)
        {
            // What was still to be sent is for nobody.
        }
    }

    private void Read()
    {
        try
        {
            while (_process.StandardOutput.ReadLine() is { } line)
                _lines.Add(line);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or InvalidOperationException)
        {
            // It was ended.
        }
        _lines.CompleteAdding();
    }
}
