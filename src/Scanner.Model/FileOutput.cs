using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace Scanner.Model;

/// <summary>
/// One file that the program writes; the only place that decides how.
/// <list type="bullet">
/// <item>A new file, or one of this user's own: written beside it and renamed. It is there whole or not at all, and what was there before
/// stays until then.</item>
/// <item>A symbolic link: what it points at is written, as the first item says.</item>
/// <item>A pipe or device, a file of another user's, one with several names, or one in a folder that takes no new files: its content is
/// made elsewhere and then written into it.</item>
/// </list>
/// What a killed process left beside a file is removed by the next that writes it.
/// </summary>
public sealed partial class FileOutput : IDisposable
{
    private const string Ending = ".partial";
    private const string LockName = "lock";
    private const int MostLinks = 40;
    private const int Digits = 32;

    // Files that this process writes at the moment: a lock of our own would not keep us out.
    private static readonly ConcurrentDictionary<string, bool> Unfinished = new(StringComparer.Ordinal);

    private readonly string _label;
    private readonly string _target;
    private readonly FileAudience _audience;
    private readonly bool _writesInto;
    private readonly bool _appends;
    private readonly string _place;
    private FileStream? _held;
    private bool _isDone;

    private FileOutput(string label, string target, FileAudience audience, bool inFolder, bool writesInto, bool appends, string folder)
    {
        _label = label;
        _target = target;
        _audience = audience;
        _writesInto = writesInto;
        _appends = appends;
        var name = Path.GetFileName(target);
        _place = Path.Combine(folder, $".{name}.{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(Digits / 2))}{Ending}");
        Unfinished[_place] = true;
        try
        {
            if (inFolder)
            {
                MakeFolder(_place, FileAudience.Owner);
                _held = Create(Path.Combine(_place, LockName), FileAudience.Owner);
                WorkPath = Path.Combine(_place, name);
            }
            else
            {
                _held = Create(_place, writesInto ? FileAudience.Owner : audience);
                WorkPath = _place;
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Where the content is made before <see cref="Commit"/>.</summary>
    public string WorkPath { get; }

    /// <summary>The open file at <see cref="WorkPath"/>; none where the content is made in a folder.</summary>
    private FileStream Stream => _held!;

    /// <summary>Writes a file whole.</summary>
    /// <param name="path">Where; missing folders are made.</param>
    /// <param name="label">How messages call it, such as <c>--report json=r.json</c>.</param>
    /// <param name="audience">Who may read it.</param>
    /// <param name="write">Writes the content; the stream is not its to close.</param>
    /// <param name="cancellation">Ends it; the file is then as it was.</param>
    /// <exception cref="InputException">It cannot be written there.</exception>
    public static async Task WriteAsync(string path, string label, FileAudience audience, Func<Stream, CancellationToken, Task> write, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(write);
        using var output = Begin(path, label, audience, inFolder: false);
        try
        {
            await write(output.Stream, cancellation);
            await output.Stream.FlushAsync(cancellation);
        }
        catch (Exception e) when (IsOfFiles(e))
        {
            throw output.Failed(e);
        }
        output.Commit();
    }

    /// <summary>Writes a file whole.</summary>
    /// <param name="path">Where; missing folders are made.</param>
    /// <param name="label">How messages call it.</param>
    /// <param name="audience">Who may read it.</param>
    /// <param name="content">The content.</param>
    /// <exception cref="InputException">It cannot be written there.</exception>
    public static void Write(string path, string label, FileAudience audience, ReadOnlySpan<byte> content)
    {
        using var output = Begin(path, label, audience, inFolder: false);
        try
        {
            output.Stream.Write(content);
            output.Stream.Flush();
        }
        catch (Exception e) when (IsOfFiles(e))
        {
            throw output.Failed(e);
        }
        output.Commit();
    }

    /// <summary>Adds text to a file that others write too (the summary and outputs of a step).</summary>
    /// <param name="path">Where.</param>
    /// <param name="label">How messages call it.</param>
    /// <param name="text">The text, added in one piece.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="InputException">It cannot be written there.</exception>
    public static async Task AppendAsync(string path, string label, string text, CancellationToken cancellation = default)
    {
        try
        {
            var there = FileEntry.Look(path).Kind;
            var mode = there == FileKind.Special ? FileMode.Open : FileMode.Append;
            var file = new FileStream(path, mode, FileAccess.Write, FileShare.ReadWrite, 1, FileOptions.Asynchronous);
            await using (file)
                await file.WriteAsync(Encoding.UTF8.GetBytes(text), cancellation);
        }
        catch (Exception e) when (IsOfFiles(e))
        {
            throw new InputException($"{label}: cannot be written: {Reason(e)}", e);
        }
    }

    /// <summary>
    /// Begins a file that a library writes by its path (<see cref="WorkPath"/>), in a private folder of its own, where files that the
    /// library puts beside it are private too.
    /// </summary>
    /// <param name="path">Where; missing folders are made.</param>
    /// <param name="label">How messages call it.</param>
    /// <param name="audience">Who may read it.</param>
    /// <exception cref="InputException">It cannot be written there.</exception>
    public static FileOutput Begin(string path, string label, FileAudience audience) => Begin(path, label, audience, inFolder: true);

    /// <summary>As <see cref="Begin(string, string, FileAudience)"/>, with the files that a killed process left of it, if any.</summary>
    /// <param name="path">Where; missing folders are made.</param>
    /// <param name="label">How messages call it.</param>
    /// <param name="audience">Who may read it.</param>
    /// <exception cref="InputException">It cannot be written there.</exception>
    public static FileOutput Resume(string path, string label, FileAudience audience) => Begin(path, label, audience, inFolder: true, takesOver: true);

    /// <summary>Refuses, before any work is done, what cannot be written afterwards. Makes missing folders; leaves what is there alone.</summary>
    /// <param name="path">Where.</param>
    /// <param name="label">How messages call it.</param>
    /// <exception cref="InputException">It cannot be written there.</exception>
    public static void Probe(string path, string label) => Begin(path, label, FileAudience.Everybody, inFolder: false).Dispose();

    /// <summary>The file that writing to a path writes: what its links lead to, whether or not that is there.</summary>
    /// <param name="path">The path.</param>
    /// <exception cref="InputException">The links lead nowhere.</exception>
    public static string TargetOf(string path)
    {
        try
        {
            return Resolve(Path.GetFullPath(path), out _);
        }
        catch (Exception e) when (IsOfFiles(e))
        {
            throw new InputException($"{path}: cannot be written: {Reason(e)}", e);
        }
    }

    /// <summary>Makes a folder and those above it that are missing.</summary>
    /// <param name="path">The folder.</param>
    /// <param name="audience">Who may look into the folders that are made.</param>
    /// <exception cref="IOException">It cannot be made.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be made.</exception>
    public static void MakeFolder(string path, FileAudience audience)
    {
        if (audience == FileAudience.Everybody || OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
            return;
        }
        // .NET gives the mode to the last one only.
        var missing = new Stack<string>();
        for (var folder = Path.GetFullPath(path); folder is not null && FileEntry.Look(folder).Kind == FileKind.Missing; folder = Path.GetDirectoryName(folder))
            missing.Push(folder);
        while (missing.TryPop(out var folder))
            Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    /// <summary>Puts the content in its place. Whoever made it has closed the file at <see cref="WorkPath"/>.</summary>
    /// <exception cref="InputException">It cannot be put there; the file is then as it was, unless the disk ended while it was written into.</exception>
    public void Commit()
    {
        try
        {
            if (_writesInto)
                CopyInto();
            else
                Replace();
            _isDone = true;
        }
        catch (Exception e) when (IsOfFiles(e))
        {
            throw Failed(e);
        }
        finally
        {
            Dispose();
        }
    }

    /// <summary>Throws the content away unless it was put in its place.</summary>
    public void Dispose()
    {
        if (!Unfinished.ContainsKey(_place))
            return;
        try
        {
            // The lock goes with the handle: first the name goes, so that nobody takes it for a leftover.
            if (!OperatingSystem.IsWindows())
                Remove(_place);
            _held?.Dispose();
            _held = null;
            Remove(_place);
        }
        catch (Exception e) when (IsOfFiles(e))
        {
            // A leftover like that of a killed process: the next run removes it.
        }
        finally
        {
            Unfinished.TryRemove(_place, out _);
        }
        if (_isDone)
            RemoveLeftovers(Path.GetDirectoryName(_place)!, Path.GetFileName(_target));
    }

    /// <summary>The error as the user is told it.</summary>
    internal InputException Failed(Exception e) => new($"{_label}: cannot be written: {Reason(e)}", e);

    private static FileOutput Begin(string path, string label, FileAudience audience, bool inFolder, bool takesOver = false)
    {
        try
        {
            if (string.IsNullOrWhiteSpace(path))
                throw new InputException($"{label}: the path is missing; name a file");
            var full = Path.GetFullPath(path);
            var there = FileEntry.Look(full);
            if (there.Kind == FileKind.Folder || Path.EndsInDirectorySeparator(path))
                throw new InputException($"{label}: this is a folder; name a file in it");
            var target = Resolve(full, out var isOpen);
            if (there.Kind == FileKind.Special || isOpen)
                return Into(full, label, audience, inFolder, appends: isOpen);
            var folder = Path.GetDirectoryName(target)!;
            var isOthers = there.Kind == FileKind.Regular && (there.Names > 1 || there.Owner != FileEntry.CurrentUser);
            if (isOthers)
                return Into(target, label, audience, inFolder, appends: false);
            MakeFolder(folder, audience);
            var left = takesOver ? LeftoversOf(folder, Path.GetFileName(target)).Where(Directory.Exists).MaxBy(Directory.GetLastWriteTimeUtc) : null;
            if (left is null)
                RemoveLeftovers(folder, Path.GetFileName(target));
            try
            {
                var output = new FileOutput(label, target, audience, inFolder, writesInto: false, appends: false, folder);
                return left is null ? output : TakeOver(left, output);
            }
            catch (Exception e) when (IsOfFiles(e) && there.Kind == FileKind.Regular && FileEntry.IsWritable(target))
            {
                // The folder takes no new files, the file itself can be written.
                return Into(target, label, audience, inFolder, appends: false);
            }
        }
        catch (Exception e) when (IsOfFiles(e) || e is ArgumentException or NotSupportedException)
        {
            throw new InputException($"{label}: cannot be written: {Reason(e)}", e);
        }
    }

    private static FileOutput Into(string target, string label, FileAudience audience, bool inFolder, bool appends)
    {
        if (!FileEntry.IsWritable(target))
            throw new UnauthorizedAccessException("permission denied");
        var folder = Path.GetTempPath();
        RemoveLeftovers(folder, Path.GetFileName(target));
        return new FileOutput(label, target, audience, inFolder, writesInto: true, appends, folder);
    }

    /// <summary>Follows the links at the end of a path by hand: what they point at need not be there yet.</summary>
    /// <param name="path">Full path.</param>
    /// <param name="isOpen">Whether it is one of the process's open files (/dev/stdout): the shell has it open too, so it cannot be replaced.</param>
    private static string Resolve(string path, out bool isOpen)
    {
        isOpen = false;
        for (var links = 0; links < MostLinks; links++)
        {
            if (path.StartsWith("/dev/fd/", StringComparison.Ordinal) || path.StartsWith("/proc/", StringComparison.Ordinal) && path.Contains("/fd/", StringComparison.Ordinal))
            {
                isOpen = true;
                return path;
            }
            if (new FileInfo(path).LinkTarget is not { } next)
                return path;
            path = Path.GetFullPath(next, Path.GetDirectoryName(path)!);
        }
        throw new IOException("too many symbolic links, or links in a circle");
    }

    private static FileStream Create(string path, FileAudience audience)
    {
        // Nobody else opens it before it is in its place; that it is locked tells the next run that it is no leftover.
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.ReadWrite, Share = FileShare.None, BufferSize = 1 << 16 };
        if (audience == FileAudience.Owner && !OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        return new FileStream(path, options);
    }

    private void Replace()
    {
        var isFile = WorkPath == _place;
        if (!OperatingSystem.IsWindows())
        {
            if (_audience == FileAudience.Owner)
                File.SetUnixFileMode(WorkPath, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            else if (FileEntry.Look(_target).Kind == FileKind.Regular)
                File.SetUnixFileMode(WorkPath, File.GetUnixFileMode(_target));
        }
        else if (isFile)
        {
            _held?.Dispose();
            _held = null;
        }
        try
        {
            File.Move(WorkPath, _target, overwrite: true);
        }
        catch (IOException) when (FileEntry.Look(_target).Kind == FileKind.Regular && FileEntry.IsWritable(_target) && File.Exists(WorkPath))
        {
            // A file that is mounted by itself (docker -v file:file) can be written, but not replaced.
            CopyInto();
        }
    }

    private void CopyInto()
    {
        var isFile = WorkPath == _place;
        using var made = isFile ? null : new FileStream(WorkPath, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        var from = made ?? _held!;
        from.Position = 0;
        using var into = new FileStream(_target, _appends && FileEntry.Look(_target).Kind == FileKind.Regular ? FileMode.Append : FileMode.Open, FileAccess.Write, FileShare.ReadWrite, 1);
        from.CopyTo(into);
        into.Flush();
        if (!_appends && into.CanSeek && FileEntry.Look(_target).Kind == FileKind.Regular)
            into.SetLength(into.Position);
    }

    private static FileOutput TakeOver(string left, FileOutput output)
    {
        foreach (var file in Directory.EnumerateFiles(left).Where(file => Path.GetFileName(file) != LockName).ToList())
            File.Move(file, Path.Combine(output._place, Path.GetFileName(file)));
        RemoveLeftovers(Path.GetDirectoryName(output._place)!, Path.GetFileName(output._target));
        return output;
    }

    private static IEnumerable<string> LeftoversOf(string folder, string name) =>
        Directory.EnumerateFileSystemEntries(folder, ".*" + Ending).Where(path => IsLeftover(Path.GetFileName(path), name) && !Unfinished.ContainsKey(path) && !IsHeld(path));

    /// <summary>Removes what killed processes left of a file.</summary>
    private static void RemoveLeftovers(string folder, string name)
    {
        try
        {
            foreach (var path in LeftoversOf(folder, name))
                Remove(path);
        }
        catch (Exception e) when (IsOfFiles(e))
        {
            // A folder that cannot be listed holds what it holds.
        }
    }

    private static bool IsLeftover(string file, string name) =>
        file.Length == name.Length + Digits + Ending.Length + 2
        && file.StartsWith($".{name}.", StringComparison.Ordinal)
        && file.AsSpan(name.Length + 2, Digits).IndexOfAnyExcept("0123456789abcdef") < 0;

    private static bool IsHeld(string path)
    {
        var held = Directory.Exists(path) ? Path.Combine(path, LockName) : path;
        try
        {
            // Made this moment, it may not be locked yet.
            if (DateTime.UtcNow - File.GetLastWriteTimeUtc(held) < TimeSpan.FromSeconds(1))
                return true;
            if (!File.Exists(held))
                return false;
            using (new FileStream(held, FileMode.Open, FileAccess.ReadWrite, FileShare.None))
                return false;
        }
        catch (Exception e) when (IsOfFiles(e))
        {
            return true;
        }
    }

    private static void Remove(string path)
    {
        if (Directory.Exists(path) && new DirectoryInfo(path).LinkTarget is null)
        {
            // Only what we put there: the file, and what a database puts beside it.
            foreach (var file in Directory.EnumerateFiles(path))
                File.Delete(file);
            Directory.Delete(path);
            return;
        }
        File.Delete(path);
    }

    private static bool IsOfFiles(Exception e) => e is IOException or UnauthorizedAccessException;

    // .NET's messages name the path that failed, which is not the one that the user knows.
    private static string Reason(Exception e)
    {
        if (e is UnauthorizedAccessException)
            return "permission denied";
        if (e is FileNotFoundException)
            return "no file can be made in this folder";
        var message = WorkName().Replace(AtPath().Replace(e.Message, ""), "${name}").TrimEnd('.');
        return message.Length > 0 ? char.ToLowerInvariant(message[0]) + message[1..] : e.GetType().Name;
    }

    [GeneratedRegex(@" : '[^']*'\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex AtPath();

    [GeneratedRegex(@"\.(?<name>[^/\\']*)\.[0-9a-f]{32}\.partial([/\\][^/\\']*)?", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex WorkName();
}

/// <summary>Who may read a file that the program writes.</summary>
public enum FileAudience
{
    /// <summary>Whoever the user's umask lets read new files: reports.</summary>
    Everybody,

    /// <summary>The user alone (0600, folders 0700): what was collected from an account.</summary>
    Owner,
}
