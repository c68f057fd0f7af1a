using Loopback;

namespace EndToEnd.Tests;

/// <summary>A chat that is told, or cannot be: the exit code is that of the scan.</summary>
public sealed class WebhookTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("scanner-webhook-tests-");

    [Fact]
    public async Task A_chat_that_refuses_is_said_and_the_scan_ends_as_it_would()
    {
        await using var server = await GitHubServer.StartAsync();

        // It answers what it does not know with 404.
        var (code, output) = await ScanAsync([], ("SCANNER_WEBHOOK", new Uri(server.ApiUrl, "/hooks/very-secret").AbsoluteUri));

        Assert.True(code == 0, output);
        Assert.Contains("was not told: it answered 4", output, StringComparison.Ordinal);
        Assert.DoesNotContain("very-secret", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_dry_run_prints_what_it_would_be_told_and_an_address_is_needed()
    {
        var (code, output) = await ScanAsync(["--dry-run"], ("SCANNER_WEBHOOK", "https://example.invalid/very-secret"));
        Assert.True(code == 0, output);
        Assert.Contains("would tell the webhook: {\"text\":\"1 setting fails\\n1. Root user has no MFA: acme-dev (444455556666)", output, StringComparison.Ordinal);
        Assert.DoesNotContain("very-secret", output, StringComparison.Ordinal);

        (code, output) = await ScanAsync([]);
        Assert.Equal(2, code);
        Assert.Contains("SCANNER_WEBHOOK", output, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private Task<(int ExitCode, string Output)> ScanAsync(string[] more, params (string Name, string Value)[] environment) => ScannerProgram.RunAsync(_folder.FullName,
        ["scan", "--from", Path.Combine(Tools.Repository, "samples/acme"), "--only", "iam-root-mfa", "--publish", "webhook", .. more], environment);
}
