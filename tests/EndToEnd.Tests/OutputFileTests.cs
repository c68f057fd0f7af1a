using System.Diagnostics;
using DuckDB.NET.Data;
using Loopback;

namespace EndToEnd.Tests;

/// <summary>What a scan is told to write, over whatever lies there.</summary>
public sealed class OutputFileTests : IDisposable
{
    private static readonly string[] Scan = ["scan", "--from", Path.Combine(Tools.Repository, "samples/acme"), "--only", "iam-root-mfa"];

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("output");

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData("script", "is not a store of Scanner")]
    [InlineData("folder", "this is a folder")]
    [InlineData("other", "another version of Scanner")]
    [InlineData("locked", "in use by another program")]
    public async Task A_store_replaces_nothing_but_a_store_of_this_version(string what, string said)
    {
        var path = Path.Combine(_folder.FullName, "it");
        using var other = new DuckDBConnection($"DataSource={path}");
        if (what == "script")
            await File.WriteAllTextAsync(path, "#!/bin/sh\necho thesis\n", TestContext.Current.CancellationToken);
        else if (what == "folder")
            Directory.CreateDirectory(path);
        else
            await other.OpenAsync(TestContext.Current.CancellationToken);
        if (what is "other" or "locked")
        {
            using var command = other.CreateCommand();
            command.CommandText = $"create table store (version int); insert into store values ({(what == "locked" ? 1 : 99)}); checkpoint";
            await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
            if (what == "other")
                await other.CloseAsync();
        }
        var before = File.Exists(path) && what != "locked" ? await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken) : null;

        var (code, output, error) = await ScannerProgram.StartSplitAsync(_folder.FullName, [.. Scan, "--store", "it", "--report", "json=r.json"]);

        Assert.True(code == 2, output + error);
        var line = Assert.Single(error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Contains(said, line, StringComparison.Ordinal);
        Assert.Contains("name ", line, StringComparison.Ordinal);
        if (before is not null)
            Assert.Equal(before, await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken));
        Assert.Equal([path], Directory.GetFileSystemEntries(_folder.FullName));
    }

    [Fact]
    public async Task Links_pipes_and_devices_get_what_is_written_and_stay_what_they_are()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "/dev/full is Linux's");
        var target = Path.Combine(_folder.FullName, "target.json");
        await File.WriteAllTextAsync(target, "old", TestContext.Current.CancellationToken);
        File.CreateSymbolicLink(Path.Combine(_folder.FullName, "link.json"), "target.json");
        var pipe = Path.Combine(_folder.FullName, "pipe");
        await Tools.RunAsync("mkfifo", [pipe], cancellation: TestContext.Current.CancellationToken);
        var read = Task.Run(() => File.ReadAllText(pipe), TestContext.Current.CancellationToken);

        var (code, output) = await ScannerProgram.StartAsync(_folder.FullName,
            [.. Scan, "--report", "json=link.json", "--report", "markdown=pipe", "--report", "csv=/dev/null", "--store", "/dev/null"]);
        var (full, fullOutput, fullError) = await ScannerProgram.StartSplitAsync(_folder.FullName, [.. Scan, "--report", "csv=/dev/full", "--report", "html=r.html"]);

        Assert.True(code == 0, output);
        Assert.StartsWith("{", await File.ReadAllTextAsync(target, TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.NotNull(new FileInfo(Path.Combine(_folder.FullName, "link.json")).LinkTarget);
        Assert.StartsWith("# ", await read.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken), StringComparison.Ordinal);
        var (_, kinds) = await Tools.RunAsync("stat", ["-c", "%F", pipe, "/dev/null", "/dev/full"], cancellation: TestContext.Current.CancellationToken);
        Assert.Equal(["fifo", "character special file", "character special file"], kinds.Trim().Split('\n'));
        Assert.True(full == 2, fullOutput + fullError);
        Assert.Contains("--report csv=/dev/full: cannot be written: no space left on device", Assert.Single(fullError.Split('\n', StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
        // One report that cannot be written does not take the others with it.
        Assert.True(File.Exists(Path.Combine(_folder.FullName, "r.html")), fullOutput);
    }

    [Fact]
    public async Task What_a_killed_scan_left_is_gone_after_the_next()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "a killed program");
        await using (var aws = await Loopback.Aws.AwsServer.StartAsync())
        {
            var start = new ProcessStartInfo("dotnet", [ScannerProgram.Program, "scan", "--only", "iam-root-mfa", "--regions", "us-east-1", "--store", "s.duckdb"])
            {
                WorkingDirectory = _folder.FullName,
                UseShellExecute = false,
                RedirectStandardOutput = true,
            };
            foreach (var (name, value) in aws.EnvironmentVariables)
                start.Environment[name] = value;
            var asked = new TaskCompletionSource();
            aws.Reply("iam", "GetAccountSummary", _ =>
            {
                asked.TrySetResult();
                Thread.Sleep(TimeSpan.FromSeconds(30));
                return [];
            });
            using var process = Process.Start(start)!;
            await asked.Task.WaitAsync(TimeSpan.FromSeconds(120), TestContext.Current.CancellationToken);
            process.Kill();
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        }
        Assert.Contains(Directory.GetFileSystemEntries(_folder.FullName), path => path.EndsWith(".partial", StringComparison.Ordinal));

        var (code, output) = await ScannerProgram.StartAsync(_folder.FullName, [.. Scan, "--store", "s.duckdb", "--report", "json=r.json"]);

        Assert.True(code == 0, output);
        Assert.Equal(["r.json", "s.duckdb"], Directory.GetFileSystemEntries(_folder.FullName).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }
}
