using System.Diagnostics;

namespace Loopback;

/// <summary>Programs and packages that some tests call. Where one is missing a test skips, and fails in CI.</summary>
public static class Tools
{
    /// <summary>Whether a missing tool is an error.</summary>
    public static bool InContinuousIntegration => string.Equals(Environment.GetEnvironmentVariable("CI"), "true", StringComparison.OrdinalIgnoreCase);

    /// <summary>Root folder of the repository, found from the test's own place.</summary>
    public static string Repository { get; } = FindRepository();

    /// <summary>Folder with the npm packages of tests/node/package.json; null when they are not installed.</summary>
    public static string? NodeModules { get; } = FindNodeModules();

    /// <summary>Full path of a program on PATH; null when it is not there.</summary>
    public static string? Find(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .Select(folder => Path.Combine(folder, program))
            .FirstOrDefault(File.Exists);

    /// <summary>Runs a program and returns its exit code with what it printed on both streams.</summary>
    public static async Task<(int ExitCode, string Output)> RunAsync(
        string program, IEnumerable<string> arguments, string? folder = null, IReadOnlyDictionary<string, string?>? environment = null, CancellationToken cancellation = default)
    {
        var (code, output, error) = await RunSplitAsync(program, arguments, folder, environment, cancellation);
        return (code, output + error);
    }

    /// <summary>Runs a program and returns its exit code with what it printed, each stream apart.</summary>
    public static async Task<(int ExitCode, string Output, string Error)> RunSplitAsync(
        string program, IEnumerable<string> arguments, string? folder = null, IReadOnlyDictionary<string, string?>? environment = null, CancellationToken cancellation = default)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder ?? Repository,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            UseShellExecute = false,
        };
        foreach (var (name, value) in environment ?? new Dictionary<string, string?>(StringComparer.Ordinal))
            start.Environment[name] = value;
        using var process = Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start");
        process.StandardInput.Close();
        // Nothing that a test started outlives it.
        await using var stop = cancellation.Register(() => Kill(process));
        var output = process.StandardOutput.ReadToEndAsync(cancellation);
        var error = process.StandardError.ReadToEndAsync(cancellation);
        await process.WaitForExitAsync(cancellation);
        return (process.ExitCode, await output, await error);
    }

    /// <summary>Ends a program and all that it started; one that has ended is left alone.</summary>
    public static void Kill(Process process)
    {
        ArgumentNullException.ThrowIfNull(process);
        try
        {
            process.Kill(entireProcessTree: true);
        }
        catch (InvalidOperationException)
        {
            // It has ended.
        }
    }

    private static string FindRepository()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Scanner.sln")))
                return folder.FullName;
        }
        throw new InvalidOperationException("the tests do not run inside the repository");
    }

    private static string? FindNodeModules()
    {
        string?[] candidates =
        [
            Environment.GetEnvironmentVariable("SCANNER_NODE_MODULES"),
            Path.Combine(Repository, "tests", "node", "node_modules"),
            Path.Combine(Repository, "node_modules"),
        ];
        return candidates.FirstOrDefault(folder => !string.IsNullOrEmpty(folder) && Directory.Exists(folder));
    }
}
