using System.Diagnostics;
using System.Globalization;
using System.Text;
using Scanner.Evaluate.Isolation;
using Scanner.Model;
using Scanner.Terminal;

namespace Scanner.Scan;

/// <summary>
/// This program started once more, by its own file or by <c>dotnet</c> with its library: SQL that people write runs in a process whose end is
/// not the end of everything.
/// </summary>
internal static class OwnProgram
{
    private const string Name = "scanner";
    private const char Mark = '\u0001';
    private const int MostText = 1 << 16;

    /// <summary>The program that checks of users run in.</summary>
    public static EngineProgram Engine { get; } = With(EngineServer.Command);

    /// <summary>Says, in the process that was started, what it is about to do.</summary>
    public static void Begin(string what) => Console.Error.WriteLine(Mark + SafeText.LogLine(what));

    /// <summary>Runs the program with the same standard input and output.</summary>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="what">What it is about to do; <see cref="Begin"/> says otherwise.</param>
    /// <param name="limit">Longest time for it.</param>
    /// <param name="isTold">Whether a terminal is told what it does.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <returns>Its exit code; that of bad input where it was brought down, or was ended after its time.</returns>
    public static async Task<int> RunAsync(IReadOnlyList<string> arguments, string what, TimeSpan limit, bool isTold, CancellationToken cancellation)
    {
        var program = With([.. arguments]);
        var start = new ProcessStartInfo(program.File, program.Arguments) { UseShellExecute = false, RedirectStandardError = true, StandardErrorEncoding = Encoding.UTF8 };
        using var late = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        late.CancelAfter(limit);
        using var process = Started(start);
        // Of a query the rows are what is seen.
        using var ticker = new Ticker(() => isTold ? what : null);
        var said = new StringBuilder();
        try
        {
            while (await process.StandardError.ReadLineAsync(late.Token) is { } line)
            {
                if (line.StartsWith(Mark))
                {
                    what = line[1..];
                    late.CancelAfter(limit);
                }
                else if (said.Length < MostText)
                    said.Append(line).Append('\n');
            }
            await process.WaitForExitAsync(late.Token);
        }
        catch (OperationCanceledException e)
        {
            process.Kill();
            cancellation.ThrowIfCancellationRequested();
            throw new InputException(string.Create(CultureInfo.InvariantCulture, $"{what} took longer than {limit.TotalSeconds:0} s and was ended"), e);
        }
        // Anything else is how a process ends that was brought down; what the runtime says then is for nobody.
        if (process.ExitCode is < 0 or > 3)
            throw new InputException($"{what} brought down the database engine, through a fault of it or a want of memory; ask for less at once");
        Console.Error.Write(said.ToString());
        return process.ExitCode;
    }

    private static Process Started(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start)!;
        }
        catch (Exception e) when (e is System.ComponentModel.Win32Exception or IOException)
        {
            throw new InputException($"the process that runs SQL cannot be started ({start.FileName}: {e.Message})", e);
        }
    }

    private static EngineProgram With(params IReadOnlyList<string> arguments)
    {
        if (Environment.ProcessPath is { } own && string.Equals(Path.GetFileNameWithoutExtension(own), Name, StringComparison.OrdinalIgnoreCase))
            return new EngineProgram(own, arguments);
        // Run as dotnet scanner.dll, or as a part of a test.
        var beside = Path.Combine(AppContext.BaseDirectory, Name + (OperatingSystem.IsWindows() ? ".exe" : ""));
        return File.Exists(beside) ? new EngineProgram(beside, arguments) : new EngineProgram("dotnet", [Path.Combine(AppContext.BaseDirectory, Name + ".dll"), .. arguments]);
    }
}
