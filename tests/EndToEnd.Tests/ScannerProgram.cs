using Loopback;

namespace EndToEnd.Tests;

/// <summary>Runs the built program as a user does: arguments and environment in, exit code and text out.</summary>
internal static class ScannerProgram
{
    private static readonly string Program = Path.Combine(AppContext.BaseDirectory, "scanner.dll");

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
    public static Task<(int ExitCode, string Output, string Error)> RunSplitAsync(string folder, IEnumerable<string> arguments, params (string Name, string Value)[] environment)
    {
        var variables = Cleared.ToDictionary(name => name, _ => (string?)null, StringComparer.Ordinal);
        variables["AWS_EC2_METADATA_DISABLED"] = "true";
        variables["AWS_SHARED_CREDENTIALS_FILE"] = Path.Combine(folder, "no-credentials");
        variables["AWS_CONFIG_FILE"] = Path.Combine(folder, "no-config");
        foreach (var (name, value) in environment)
            variables[name] = value;
        return Tools.RunSplitAsync("dotnet", [Program, .. arguments], folder, variables, TestContext.Current.CancellationToken);
    }
}
