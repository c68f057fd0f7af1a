using System.Globalization;
using Scanner.Model;

namespace Scanner.Terminal;

/// <summary>An exception that nobody expected, as the user is told it: one line and an exit code; where it happened only on request.</summary>
internal static class Failure
{
    /// <summary>Environment variable that asks for the stack trace.</summary>
    public const string Trace = "SCANNER_TRACE";

    /// <summary>Says what happened, on standard error.</summary>
    /// <returns>The exit code to end with.</returns>
    public static int Report(Exception? e)
    {
        try
        {
            Consoles.Complain(Describe(e));
            if (Environment.GetEnvironmentVariable(Trace) is { Length: > 0 })
                Console.Error.WriteLine(e);
        }
        catch (Exception again) when (again is IOException or TypeInitializationException or OutOfMemoryException)
        {
            // Nothing can be said any more.
        }
        return ExitCode.BadInput;
    }

    /// <summary>What happened and what to do, one line.</summary>
    internal static string Describe(Exception? e)
    {
        while (e is (AggregateException or TypeInitializationException or System.Reflection.TargetInvocationException) and { InnerException: not null })
            e = e.InnerException;
        return e switch
        {
            InputException => e.Message,
            OutOfMemoryException => "out of memory; give it more (a scan of a large account takes up to 2 GB), or scan fewer accounts or regions at once",
            DllNotFoundException or FileLoadException or BadImageFormatException => Unloadable(e),
            FileNotFoundException { FileName: { } name } when name.Contains("Version=", StringComparison.Ordinal) => Unloadable(e),
            UnauthorizedAccessException or IOException => $"the system refused: {e.Message}",
            null => "stopped by an unknown fault",
            _ => string.Create(CultureInfo.InvariantCulture,
                $"a fault of Scanner: {e.GetType().Name}: {e.Message}; please report it with the command and its version ({Trace}=1 shows where it happened)"),
        };
    }

    // The runtime says "not found" of a file that lies there where files, memory or address space have run out.
    private static string Unloadable(Exception e)
    {
        var name = e is FileNotFoundException { FileName: { } file } ? file.Split(',')[0] : e is DllNotFoundException ? "the database engine" : "a library";
        return $"a part of the program could not be loaded ({name}): memory or open files are too few here (ulimit -v: it needs 8 GB of address space; ulimit -n: 256 open files), or the installation is not whole";
    }
}
