namespace Scanner.Model;

/// <summary>What was found under paths that were given as event logs.</summary>
/// <param name="Files">To be read, sorted.</param>
/// <param name="Missing">Folders in which nothing is that could be a log, or that cannot be read: one line each.</param>
/// <param name="PassedOver">Files that are no logs by their names: notes, code, digests.</param>
public sealed record LogFiles(IReadOnlyList<LogFile> Files, IReadOnlyList<string> Missing, IReadOnlyList<string> PassedOver)
{
    // Linux takes 4,095 bytes in a path, and says of a longer one that it is not there.
    private const int MostPath = 4000;

    /// <summary>
    /// The log files under paths (files, or folders with all below them), each once however many links lead to it. In folders, every file is
    /// one but for hidden ones, CloudTrail's digests and Insights, and what is text for people or programs by its name
    /// (<see cref="IsLog"/>): what is in it says how it is read. A file that is named itself is one whatever it is called.
    /// </summary>
    /// <exception cref="InputException">A path does not exist, or a folder cannot be read.</exception>
    public static LogFiles Find(IEnumerable<string> paths, LogSource source = LogSource.CloudTrail)
    {
        var files = new List<LogFile>();
        var missing = new List<string>();
        var passedOver = new List<string>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var path in paths)
        {
            if (File.Exists(path))
            {
                if (seen.Add(Real(new FileInfo(path))))
                    files.Add(Of(path, isNamed: true));
            }
            else if (Directory.Exists(path))
            {
                var found = new List<string>();
                Walk(new DirectoryInfo(path), path, isNamed: true, seen, found, missing);
                var logs = found.Where(IsLog).Order(StringComparer.Ordinal).ToList();
                passedOver.AddRange(found.Where(file => !IsLog(file) && !Path.GetFileName(file).StartsWith('.')).Order(StringComparer.Ordinal));
                files.AddRange(logs.Select(file => Of(file, isNamed: false)));
                if (logs.Count == 0)
                    missing.Add($"{path}: there is no event log in this folder, nor in those below it");
            }
            else
            {
                throw new InputException(path, 0, "there is no such file or folder of event logs");
            }
        }

        return new LogFiles(files, missing, passedOver);

        LogFile Of(string path, bool isNamed) => new(path, () => OpenFile(path, isNamed), source);
    }

    /// <summary>Whether a file in a folder or an archive may be a log. Names without an extension may be: Firehose and S3 give none.</summary>
    public static bool IsLog(string path)
    {
        path = path.Replace('\\', '/');
        var name = path[(path.LastIndexOf('/') + 1)..];
        return !name.StartsWith('.')
            && !path.Contains("/CloudTrail-Digest/", StringComparison.Ordinal) && !path.Contains("/CloudTrail-Insight/", StringComparison.Ordinal)
            && !path.StartsWith("__MACOSX/", StringComparison.Ordinal)
            && Path.GetExtension(name).ToLowerInvariant() is not (".md" or ".yml" or ".yaml" or ".html" or ".htm" or ".xml" or ".pdf" or ".png" or ".svg" or ".jpg"
                or ".py" or ".sh" or ".tf" or ".tfvars" or ".sql" or ".cs" or ".js" or ".ts" or ".go" or ".toml" or ".ini" or ".sha256" or ".md5" or ".sig" or ".xlsx");
    }

    private static void Walk(DirectoryInfo folder, string path, bool isNamed, HashSet<string> seen, List<string> found, List<string> missing)
    {
        // A link that leads back up would be followed for ever.
        var real = Real(folder);
        if (!seen.Add(real))
            return;
        FileSystemInfo[] entries;
        try
        {
            entries = folder.GetFileSystemInfos();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The one that was named is a mistake of whoever named it; of those below, the others are read.
            if (isNamed)
                throw new InputException(path, 0, $"the folder cannot be read: {e.Message}");
            missing.Add($"{SafeText.Cut(path, 200)}: the folder cannot be read: {(path.Length > MostPath ? "its path is too long" : e.Message)}");
            return;
        }

        foreach (var entry in entries)
        {
            var own = Path.Combine(path, entry.Name);
            // Of a link, what it leads to counts; one that leads nowhere is a file that cannot be opened, which is said.
            // Asking each of a hundred thousand files where it leads to takes longer than reading some of them.
            var isLink = entry.Attributes.HasFlag(FileAttributes.ReparsePoint);
            if (entry is DirectoryInfo below || (isLink && entry.LinkTarget is not null && Directory.Exists(own) && (below = new DirectoryInfo(own)) is not null))
            {
                if (!entry.Name.StartsWith('.'))
                    Walk(below, own, isNamed: false, seen, found, missing);
            }
            else if (seen.Add(isLink ? Real(entry) : Path.Combine(real, entry.Name)))
            {
                found.Add(own);
            }
        }
    }

    /// <summary>The place itself, whatever links lead to it.</summary>
    private static string Real(FileSystemInfo entry)
    {
        try
        {
            if (entry.ResolveLinkTarget(returnFinalTarget: true) is { } target)
                return Real(target);
        }
        catch (IOException)
        {
            // A link to itself, or to nowhere.
        }

        var parent = Path.GetDirectoryName(entry.FullName.TrimEnd(Path.DirectorySeparatorChar));
        return string.IsNullOrEmpty(parent) ? entry.FullName : Path.Combine(Real(new DirectoryInfo(parent)), entry.Name);
    }

    private static FileStream OpenFile(string path, bool isNamed)
    {
        // A pipe that is named itself is meant (a shell's <(zcat ...)); one that lies in a folder may wait for its writer for ever.
        if (!isNamed && FileEntry.Look(path).Kind == FileKind.Special)
            throw new IOException("it is a pipe or device, and no file; name it itself if it is to be read");
        return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, 1, FileOptions.SequentialScan);
    }
}
