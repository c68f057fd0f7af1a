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
                files.Add(Of(path));
            }
            else if (Directory.Exists(path))
            {
                files.AddRange(Directory.EnumerateFiles(path, "*", SearchOption.AllDirectories).Where(file => IsLog(file, source)).Order(StringComparer.Ordinal).Select(Of));
            }
            else
            {
                throw new InputException(path, 0, "there is no such file or folder of event logs");
            }
        }

        return files;

        LogFile Of(string path) => new(path, () => new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, 1, FileOptions.SequentialScan), source);
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
