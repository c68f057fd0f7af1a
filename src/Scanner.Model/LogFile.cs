namespace Scanner.Model;

/// <summary>
/// A log of events to read, plain or gz: <c>{"Records":[...]}</c>, a JSON array, JSON lines, a bare event, an EventBridge
/// envelope (<c>detail</c>), the reply of LookupEvents or a CloudWatch Logs export (<c>message</c>). Flow logs and S3
/// access logs may also be the text that AWS delivers.
/// </summary>
/// <param name="Name">As matches and messages name it.</param>
/// <param name="Open">Opens it for reading from its start; called once, from any thread. The stream is disposed after use.</param>
/// <param name="Source">What kind of events are in it.</param>
public sealed record LogFile(string Name, Func<Stream> Open, LogSource Source = LogSource.CloudTrail)
{
    /// <summary>
    /// The log files under paths (files, or folders with all below them), sorted. In folders, <c>*.json</c>, <c>*.jsonl</c>,
    /// <c>*.ndjson</c>, <c>*.log</c> and each of them with <c>.gz</c> are logs, but for CloudTrail's digest files; a file
    /// that is named itself is one whatever it is called.
    /// </summary>
    /// <exception cref="InputException">A path does not exist.</exception>
    public static IReadOnlyList<LogFile> Find(IEnumerable<string> paths, LogSource source = LogSource.CloudTrail)
    {
        var files = new List<LogFile>();
        foreach (var path in paths)
        {
            if (File.Exists(path))
            {
                files.Add(Of(path, isNamed: true));
            }
            else if (Directory.Exists(path))
            {
                files.AddRange(Directory.EnumerateFiles(path, "*", SearchOption.AllDirectories).Where(file => IsLog(file, source)).Order(StringComparer.Ordinal).Select(file => Of(file, isNamed: false)));
            }
            else
            {
                throw new InputException(path, 0, "there is no such file or folder of event logs");
            }
        }

        return files;

        LogFile Of(string path, bool isNamed) => new(path, () => OpenFile(path, isNamed), source);
    }

    private static FileStream OpenFile(string path, bool isNamed)
    {
        // A pipe that is named itself is meant (a shell's <(zcat ...)); one that lies in a folder may wait for its writer for ever.
        if (!isNamed && FileEntry.Look(path).Kind == FileKind.Special)
            throw new IOException("it is a pipe or device, and no file; name it itself if it is to be read");
        return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, 1, FileOptions.SequentialScan);
    }

    private static bool IsLog(string path, LogSource source)
    {
        // S3 gives access logs no extension: any file may be one.
        if (source == LogSource.S3Access)
            return !Path.GetFileName(path).StartsWith('.');
        var name = path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? path[..^3] : path;
        return Path.GetExtension(name).ToLowerInvariant() is ".json" or ".jsonl" or ".ndjson" or ".log" or ".txt"
            && !path.Replace('\\', '/').Contains("/CloudTrail-Digest/", StringComparison.Ordinal);
    }
}
