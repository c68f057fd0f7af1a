using System.Text;
using Scanner.Model;

namespace Scanner.Collect.Plans;

/// <summary>
/// Reads what <c>terraform show -json</c> (Terraform 0.12 to 1.x, OpenTofu, CDKTF, Terragrunt) writes. The file is streamed;
/// <c>planned_values</c> is passed over. Format: https://developer.hashicorp.com/terraform/internals/json-format.
/// </summary>
public static class PlanReader
{
    private const long MostBytes = 4L << 30;

    /// <summary>Reads a file, or every plan below a folder (Terragrunt's <c>--json-out-dir</c>, a matrix of stacks).</summary>
    /// <param name="path">A file, or a folder: its <c>*.json</c> files, each named by its path below the folder.</param>
    /// <param name="options">How to read; with a folder, <see cref="PlanReadOptions.Name"/> comes before each name.</param>
    /// <returns>The plans in the order of their names; at least one.</returns>
    /// <exception cref="InputException">There is no such file, a file is no plan (every <c>.json</c> in a folder must be one), or a folder holds none.</exception>
    public static IReadOnlyList<Plan> ReadAll(string path, PlanReadOptions options)
    {
        ArgumentNullException.ThrowIfNull(path);
        ArgumentNullException.ThrowIfNull(options);
        if (!Directory.Exists(path))
            return [Read(path, options)];
        var walk = new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint };
        var files = Directory.EnumerateFiles(path, "*.json", walk)
            .Where(file => !InHidden(path, file) && !file.EndsWith(".tf.json", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)
            .ToList();
        if (files.Count == 0)
            throw new InputException($"{path}: there is no plan in this folder (no .json file); {WrongFile.Remedy}");
        return [.. files.Select(file => Read(file, options with { Name = NameOf(path, file, options.Name) }))];
    }

    /// <summary>Whether a plan, or one of a folder, is so large that it counts how much of it is kept (over 4 MiB), or nobody can tell.</summary>
    /// <param name="path">As in <see cref="ReadAll"/>.</param>
    public static bool IsLarge(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        try
        {
            return Directory.Exists(path)
                ? Directory.EnumerateFiles(path, "*.json", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint }).Any(IsLargeFile)
                : IsLargeFile(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return true;
        }

        static bool IsLargeFile(string file) => new FileInfo(file) is not { Exists: true, Length: > 0 and <= 4 << 20 };
    }

    /// <summary>Reads one plan.</summary>
    /// <param name="file">The file.</param>
    /// <param name="options">How to read.</param>
    /// <exception cref="InputException">There is no such file, or it is no plan: says what it is and the command that makes the right one.</exception>
    public static Plan Read(string file, PlanReadOptions options)
    {
        ArgumentNullException.ThrowIfNull(file);
        ArgumentNullException.ThrowIfNull(options);
        if (!File.Exists(file))
            throw new InputException($"{file}: there is no such file; {WrongFile.Remedy}");
        try
        {
            using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16, FileOptions.SequentialScan);
            if (stream.CanSeek && stream.Length > MostBytes)
                throw new InputException($"{file}: is larger than {MostBytes >> 30} GiB; is it a plan? {WrongFile.Remedy}");
            return Read(stream, file, options);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"{file}: cannot be read ({e.Message})", e);
        }
    }

    /// <summary>Reads one plan from a stream.</summary>
    /// <param name="stream">Its bytes: UTF-8, or UTF-16 as Windows PowerShell's <c>&gt;</c> writes it, with or without a byte order mark.</param>
    /// <param name="file">Its name for people.</param>
    /// <param name="options">How to read.</param>
    /// <exception cref="InputException">It is no plan.</exception>
    public static Plan Read(Stream stream, string file, PlanReadOptions options)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(options);
        using var text = Utf8(stream, out var start);
        if (WrongFile.Sniff(file, start) is { } wrong)
            throw wrong;
        return new PlanBuilder(PlanDocument.Read(text, file), file, options).Build();
    }

    /// <summary>The same text as UTF-8 without a byte order mark.</summary>
    /// <param name="stream">UTF-8, UTF-16 or UTF-32.</param>
    /// <param name="start">Its first bytes, as UTF-8.</param>
    internal static Stream Utf8(Stream stream, out byte[] start)
    {
        var first = new byte[512];
        var length = stream.ReadAtLeast(first, first.Length, throwOnEndOfStream: false);
        var head = first.AsSpan(0, length);
        var (encoding, mark) = EncodingOf(head);
        var whole = new StartedStream(head[mark..].ToArray(), stream);
        start = encoding is null ? head[mark..].ToArray() : Encoding.UTF8.GetBytes(encoding.GetString(head[mark..]));
        return encoding is null ? whole : Encoding.CreateTranscodingStream(whole, encoding, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
    }

    // Null for UTF-8. Without a mark, UTF-16 is told by the zero byte beside the first character, which is ASCII in any JSON.
    private static (Encoding? Encoding, int Mark) EncodingOf(ReadOnlySpan<byte> start)
    {
        if (start.StartsWith((ReadOnlySpan<byte>)[0xEF, 0xBB, 0xBF]))
            return (null, 3);
        if (start.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xFE, 0, 0]))
            return (Encoding.UTF32, 4);
        if (start.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xFE]))
            return (Encoding.Unicode, 2);
        if (start.StartsWith((ReadOnlySpan<byte>)[0xFE, 0xFF]))
            return (Encoding.BigEndianUnicode, 2);
        if (start.Length >= 2 && start[0] != 0 && start[1] == 0)
            return (Encoding.Unicode, 0);
        return start.Length >= 2 && start[0] == 0 && start[1] != 0 ? (Encoding.BigEndianUnicode, 0) : (null, 0);
    }

    private static bool InHidden(string folder, string file) =>
        Path.GetRelativePath(folder, file).Split(Path.DirectorySeparatorChar, Path.AltDirectorySeparatorChar).Any(part => part.StartsWith('.'));

    private static string NameOf(string folder, string file, string? name)
    {
        var below = Path.GetRelativePath(folder, file).Replace('\\', '/');
        return name is null ? below : $"{name}/{below}";
    }
}
