using System.Runtime.Versioning;
using System.Text;
using Loopback;
using Scanner.Model;

namespace Publish.Tests.Reports;

/// <summary>What is at a path before something is written there decides how it is written.</summary>
public sealed class FileOutputTests : IDisposable
{
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly string _folder = Directory.CreateTempSubdirectory("scanner-output-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string At(string name) => Path.Combine(_folder, name);

    private static void Write(string path, string text, FileAudience audience = FileAudience.Everybody) =>
        FileOutput.Write(path, path, audience, Encoding.UTF8.GetBytes(text));

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_link_stays_and_what_it_leads_to_is_written(bool isThere)
    {
        Directory.CreateDirectory(At("data"));
        if (isThere)
            File.WriteAllText(At("data/target"), "old");
        File.CreateSymbolicLink(At("second"), "data/target");
        File.CreateSymbolicLink(At("first"), At("second"));

        Write(At("first"), "new");

        Assert.Equal("new", File.ReadAllText(At("data/target")));
        Assert.Equal(At("second"), new FileInfo(At("first")).LinkTarget);
        Assert.Equal("data/target", new FileInfo(At("second")).LinkTarget);
        Assert.Equal(3, Directory.GetFileSystemEntries(_folder).Length);
    }

    [Fact]
    public void Links_in_a_circle_are_one_line()
    {
        File.CreateSymbolicLink(At("a"), At("b"));
        File.CreateSymbolicLink(At("b"), At("a"));

        Assert.Contains("links", Assert.Throws<InputException>(() => Write(At("a"), "x")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_pipe_gets_the_content_and_stays_a_pipe()
    {
        var (made, said) = await Tools.RunAsync("mkfifo", [At("pipe")], cancellation: TestContext.Current.CancellationToken);
        Assert.True(made == 0, said);
        FileOutput.Probe(At("pipe"), "pipe");
        var read = Task.Run(() => File.ReadAllText(At("pipe")), TestContext.Current.CancellationToken);

        await Task.Run(() => Write(At("pipe"), new string('x', 200_000)), TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);

        Assert.Equal(200_000, (await read.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken)).Length);
        Assert.Equal(FileKind.Special, FileEntry.Look(At("pipe")).Kind);
    }

    [Fact]
    public void A_device_stays_a_device_and_a_full_one_is_one_line()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "/dev/full is Linux's");
        File.CreateSymbolicLink(At("link"), "/dev/full");
        foreach (var path in new[] { "/dev/full", At("link") })
        {
            FileOutput.Probe(path, path);
            var full = Assert.Throws<InputException>(() => Write(path, "text"));
            Assert.Equal($"{path}: cannot be written: no space left on device", full.Message);
        }
        Write("/dev/null", "text");

        Assert.Equal(FileKind.Special, FileEntry.Look("/dev/full").Kind);
        Assert.Equal(FileKind.Special, FileEntry.Look("/dev/null").Kind);
    }

    [Fact]
    public async Task A_file_with_two_names_keeps_both()
    {
        await File.WriteAllTextAsync(At("one"), "a longer old text", TestContext.Current.CancellationToken);
        await Tools.RunAsync("ln", [At("one"), At("two")], cancellation: TestContext.Current.CancellationToken);

        Write(At("one"), "new");

        Assert.Equal("new", await File.ReadAllTextAsync(At("two"), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_file_of_another_user_stays_that_users()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess, "only root can give a file away");
        await File.WriteAllTextAsync(At("theirs"), "old", TestContext.Current.CancellationToken);
        await Tools.RunAsync("chown", ["1234:1234", At("theirs")], cancellation: TestContext.Current.CancellationToken);

        Write(At("theirs"), "new");

        Assert.Equal(1234u, FileEntry.Look(At("theirs")).Owner);
        Assert.Equal("new", await File.ReadAllTextAsync(At("theirs"), TestContext.Current.CancellationToken));
    }

    [Fact]
    [UnsupportedOSPlatform("windows")]
    public void The_mode_of_a_report_stays_and_what_is_private_is_so_from_its_first_byte()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Unix modes");
        File.WriteAllText(At("report"), "old");
        File.SetUnixFileMode(At("report"), Private | UnixFileMode.GroupRead);
        File.WriteAllText(At("store"), "old");
        File.SetUnixFileMode(At("store"), Private | UnixFileMode.OtherRead);

        Write(At("report"), "new");
        using (var output = FileOutput.Begin(At("store"), "store", FileAudience.Owner))
        {
            Assert.Equal(Private | UnixFileMode.UserExecute, File.GetUnixFileMode(Path.GetDirectoryName(output.WorkPath)!));
            File.WriteAllText(output.WorkPath, "new");
            output.Commit();
        }
        Write(At("new/folder/recording"), "x", FileAudience.Owner);

        Assert.Equal(Private | UnixFileMode.GroupRead, File.GetUnixFileMode(At("report")));
        Assert.Equal(Private, File.GetUnixFileMode(At("store")));
        Assert.Equal(Private, File.GetUnixFileMode(At("new/folder/recording")));
        Assert.Equal(Private | UnixFileMode.UserExecute, File.GetUnixFileMode(At("new/folder")));
    }

    [Fact]
    public async Task An_open_file_of_the_shell_is_added_to_and_not_replaced()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "/proc/self/fd is Linux's");
        await File.WriteAllTextAsync(At("out"), "before\n", TestContext.Current.CancellationToken);
        await using var open = new FileStream(At("out"), FileMode.Append, FileAccess.Write, FileShare.ReadWrite);

        Write($"/proc/self/fd/{open.SafeFileHandle.DangerousGetHandle()}", "after\n");

        Assert.Equal("before\nafter\n", await File.ReadAllTextAsync(At("out"), TestContext.Current.CancellationToken));
    }

    [Fact]
    public void What_a_killed_process_left_is_removed_and_what_another_writes_is_not()
    {
        var left = At($".r.json.{new string('a', 32)}.partial");
        var leftFolder = At($".r.json.{new string('b', 32)}.partial");
        var held = At($".r.json.{new string('c', 32)}.partial");
        var others = At($".other.r.json.{new string('d', 32)}.partial");
        Directory.CreateDirectory(leftFolder);
        string[] made = [left, Path.Combine(leftFolder, "lock"), Path.Combine(leftFolder, "r.json"), Path.Combine(leftFolder, "r.json.wal"), others];
        foreach (var path in made)
        {
            File.WriteAllText(path, "x");
            File.SetLastWriteTimeUtc(path, DateTime.UtcNow.AddMinutes(-1));
        }
        using (new FileStream(held, FileMode.CreateNew, FileAccess.Write, FileShare.None))
        {
            File.SetLastWriteTimeUtc(held, DateTime.UtcNow.AddMinutes(-1));
            Write(At("r.json"), "new");
            Assert.True(File.Exists(held));
        }

        Assert.Equal([others, held, At("r.json")], Directory.GetFileSystemEntries(_folder).Order(StringComparer.Ordinal));
        Write(At("r.json"), "new");
        Assert.Equal([others, At("r.json")], Directory.GetFileSystemEntries(_folder).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("/proc/r.html")]
    [InlineData("/proc/nowhere/r.html")]
    [InlineData("/dev/null/r.html")]
    public void What_cannot_be_written_names_the_path_that_was_given_and_no_other(string path)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "/proc is Linux's");
        var refused = Assert.Throws<InputException>(() => FileOutput.Probe(path, path));

        Assert.StartsWith($"{path}: cannot be written: ", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("partial", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("/.", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Content_that_fails_half_way_leaves_the_old_file_and_nothing_else()
    {
        await File.WriteAllTextAsync(At("r"), "old", TestContext.Current.CancellationToken);

        var full = await Assert.ThrowsAsync<InputException>(() => FileOutput.WriteAsync(At("r"), "r", FileAudience.Everybody, async (stream, token) =>
        {
            await stream.WriteAsync(new byte[100_000], token);
            throw new IOException($"No space left on device : '{At("r")}'");
        }, TestContext.Current.CancellationToken));

        Assert.Equal("r: cannot be written: no space left on device", full.Message);
        Assert.Equal("old", await File.ReadAllTextAsync(At("r"), TestContext.Current.CancellationToken));
        Assert.Equal([At("r")], Directory.GetFileSystemEntries(_folder));
    }

    [Fact]
    public async Task Adding_goes_to_the_end_of_a_file_and_into_a_device()
    {
        await FileOutput.AppendAsync(At("log"), "log", "a\n", TestContext.Current.CancellationToken);
        await FileOutput.AppendAsync(At("log"), "log", "b\n", TestContext.Current.CancellationToken);
        await FileOutput.AppendAsync("/dev/null", "log", "b\n", TestContext.Current.CancellationToken);

        Assert.Equal("a\nb\n", await File.ReadAllTextAsync(At("log"), TestContext.Current.CancellationToken));
        Assert.Contains("GITHUB_OUTPUT: cannot be written", (await Assert.ThrowsAsync<InputException>(() => FileOutput.AppendAsync(_folder, "GITHUB_OUTPUT", "x", TestContext.Current.CancellationToken))).Message, StringComparison.Ordinal);
    }
}
