using System.Collections;
using Loopback;

namespace EndToEnd.Tests;

/// <summary>
/// Runs the built program as a user does: arguments, environment and folder in, exit code and text out.
/// <c>RunAsync</c> lets a process run it that has run it before (<see cref="ScannerWorker"/>): a start costs a second of processor time,
/// and there are hundreds. What .NET, the AWS SDK or the program read once in the life of a process cannot be given to such a run: then it
/// is a process of its own by itself, but for the settings of AWS on loopback, with which a process serves those alone that have the same ones.
/// <c>StartAsync</c> always is one: for the commands of the README, and for tests about streams, signals,
/// users, memory and whatever else belongs to a process. <c>SCANNER_TESTS_START=process</c>, as at night, makes every run one.
/// </summary>
internal static class ScannerProgram
{
    /// <summary>The program that is built with the tests.</summary>
    public static readonly string Program = Path.Combine(AppContext.BaseDirectory, "scanner.dll");

    private static readonly bool IsStartedAlways = OperatingSystem.IsWindows() || Environment.GetEnvironmentVariable("SCANNER_TESTS_START") == "process";

    // Read once: by .NET (settings, time zone, language, home and temporary folder, proxies, terminal), by the AWS SDK (all of its own, and it
    // keeps credentials and how often it may retry), by the program (root is given up for good).
    private static readonly string[] ReadOnce =
    [
        "AWS_", "DOTNET_", "COMPlus_", "TZ", "LC_", "LANG", "HOME", "XDG_", "TMPDIR", "PATH", "LD_", "SSL_", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY",
        "TERM", "COLUMNS", "LINES", "SCANNER_CONTAINER", "SCANNER_STOP_SECONDS",
    ];

    // What the AWS SDK and the client keep of a test's settings and most tests have alike. The address differs from test to test, and is asked for anew by each client.
    private static readonly string[] Alike =
    [
        "AWS_ENDPOINT_URL", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION", "AWS_EC2_METADATA_DISABLED", "AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE", "AWS_MAX_ATTEMPTS",
    ];

    /// <summary>Nothing of the machine's own AWS or GitHub settings may reach a test.</summary>
    private static readonly string[] Cleared =
    [
        "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ENDPOINT_URL",
        "AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_ROLE_ARN", "ACTIONS_ID_TOKEN_REQUEST_URL", "ACTIONS_ID_TOKEN_REQUEST_TOKEN", "GITHUB_ACTIONS",
        "GITHUB_TOKEN", "GITHUB_REPOSITORY", "GITHUB_WORKFLOW", "GITHUB_WORKFLOW_REF", "GITHUB_WORKSPACE", "GITHUB_JOB", "GITHUB_RUN_NUMBER", "GITHUB_RUN_ID", "GITHUB_SERVER_URL", "GITHUB_API_URL", "GITHUB_STEP_SUMMARY", "GITHUB_OUTPUT", "GITHUB_EVENT_PATH", "GITHUB_REF", "GITHUB_SHA",
    ];

    public static async Task<(int ExitCode, string Output)> RunAsync(string folder, IEnumerable<string> arguments, params (string Name, string Value)[] environment)
    {
        var (code, output, error) = await RunSplitAsync(folder, arguments, environment);
        return (code, output + error);
    }

    /// <summary>The same with standard output and standard error apart.</summary>
    public static Task<(int ExitCode, string Output, string Error)> RunSplitAsync(string folder, IEnumerable<string> arguments, params (string Name, string Value)[] environment) =>
        IsStartedAlways || Kept(environment) is not { } kept
            ? StartSplitAsync(folder, arguments, environment)
            : ScannerWorker.RunAsync(folder, [.. arguments], Whole(folder, environment), kept, TestContext.Current.CancellationToken);

    /// <summary>Starts the program in a process of its own.</summary>
    public static async Task<(int ExitCode, string Output)> StartAsync(string folder, IEnumerable<string> arguments, params (string Name, string Value)[] environment)
    {
        var (code, output, error) = await StartSplitAsync(folder, arguments, environment);
        return (code, output + error);
    }

    /// <summary>The same with standard output and standard error apart.</summary>
    public static Task<(int ExitCode, string Output, string Error)> StartSplitAsync(string folder, IEnumerable<string> arguments, params (string Name, string Value)[] environment) =>
        Tools.RunSplitAsync("dotnet", [Program, .. arguments], folder, Changes(folder, environment), TestContext.Current.CancellationToken);

    /// <summary>All environment variables of a run: those of the tests, but for what <see cref="Cleared"/> says, and the given ones.</summary>
    internal static IReadOnlyDictionary<string, string> Whole(string folder, (string Name, string Value)[] environment)
    {
        var whole = Environment.GetEnvironmentVariables().Cast<DictionaryEntry>().ToDictionary(one => (string)one.Key, one => (string)one.Value!, StringComparer.Ordinal);
        foreach (var (name, value) in Changes(folder, environment))
        {
            if (value is null)
                whole.Remove(name);
            else
                whole[name] = value;
        }
        return whole;
    }

    /// <summary>What a process that gets an environment keeps of it; null where it is one that no other test has.</summary>
    private static string? Kept((string Name, string Value)[] environment)
    {
        var kept = environment.Where(variable => IsReadOnce(variable.Name)).ToList();
        return kept.Exists(variable => !Alike.Contains(variable.Name, StringComparer.Ordinal)) ? null
            : string.Join('\n', kept.Where(variable => variable.Name != "AWS_ENDPOINT_URL").Select(variable => $"{variable.Name}={variable.Value}").Order(StringComparer.Ordinal));
    }

    private static bool IsReadOnce(string name) =>
        ReadOnce.Any(begin => begin[^1] == '_' ? name.StartsWith(begin, StringComparison.OrdinalIgnoreCase) : name.Equals(begin, StringComparison.OrdinalIgnoreCase));

    private static Dictionary<string, string?> Changes(string folder, (string Name, string Value)[] environment)
    {
        var variables = Cleared.ToDictionary(name => name, _ => (string?)null, StringComparer.Ordinal);
        variables["AWS_EC2_METADATA_DISABLED"] = "true";
        variables["AWS_SHARED_CREDENTIALS_FILE"] = Path.Combine(folder, "no-credentials");
        variables["AWS_CONFIG_FILE"] = Path.Combine(folder, "no-config");
        foreach (var (name, value) in environment)
            variables[name] = value;
        return variables;
    }
}
