using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Scanner.Aws;
using Scanner.Collect.Tables;
using Scanner.Model;

namespace Scanner.Collect.Recording;

/// <summary>
/// Keeps the answers of a scan in a folder for <see cref="RecordedScan"/>. Secrets are
/// replaced before (<see cref="SecretlessAwsApi"/>); all else that AWS said is there, account ids, names, policies and addresses included.
/// Treat it as you treat the account's inventory.
/// </summary>
public sealed partial class ScanRecorder
{
    private readonly string _folder;
    private readonly FileAudience _audience;
    private readonly ConcurrentDictionary<string, ConcurrentDictionary<string, RecordedAnswer>> _files = new(StringComparer.Ordinal);

    /// <summary>Prepares a recording; nothing is written before <see cref="Save"/>.</summary>
    /// <param name="folder">A folder that does not exist, is empty, or holds an earlier recording, whole or not, which is replaced.</param>
    /// <param name="audience">Who may read it.</param>
    /// <exception cref="InputException">The folder holds something else.</exception>
    public ScanRecorder(string folder, FileAudience audience = FileAudience.Owner)
    {
        _folder = folder;
        _audience = audience;
        if (FileEntry.Look(folder).Kind is FileKind.Regular or FileKind.Special)
            throw new InputException($"{folder}: is a file; name a folder to record into");
        try
        {
            if (Directory.Exists(folder) && !File.Exists(At(RecordedScan.FileName)) && !File.Exists(At(RecordedScan.UnfinishedName)) && Directory.EnumerateFileSystemEntries(folder).Any())
                throw new InputException($"{folder}: holds files and is no recording; name a new or empty folder");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw CannotWrite(e);
        }
    }

    /// <summary>An account whose answers are kept.</summary>
    public CollectionAccount Record(CollectionAccount account) => account with { Api = new RecordingAwsApi(account.Api, this) };

    internal void Keep(string account, AwsCall call, RecordedAnswer answer)
    {
        if (RecordedFile.PathOf(account, call) is not { } file)
            return;
        // A call that is repeated until it says something else (a prepare) is recorded as it ended.
        _files.GetOrAdd(file, _ => new(StringComparer.Ordinal))[ParameterText.Of(call.Parameters)] = answer;
    }

    /// <summary>
    /// Writes the recording, each file whole or not at all, <c>scan.json</c> last: a folder without it is no recording.
    /// </summary>
    /// <param name="time">When the scan looked.</param>
    /// <param name="accounts">The accounts that were scanned.</param>
    /// <param name="result">What the collection covered.</param>
    /// <exception cref="InputException">The folder cannot be written.</exception>
    public void Save(DateTimeOffset time, IReadOnlyList<CollectionAccount> accounts, CollectionResult result)
    {
        try
        {
            FileOutput.MakeFolder(_folder, _audience);
            if (_audience == FileAudience.Owner && !OperatingSystem.IsWindows())
                File.SetUnixFileMode(_folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            WriteFile(RecordedScan.UnfinishedName, "{}\n"u8);
            RemoveEarlier();
            foreach (var (file, answers) in _files)
                WriteFile(file, RecordedFile.Write(answers.Values));
            WriteFile(RecordedScan.FileName, ScanFile(time, accounts, result));
            File.Delete(At(RecordedScan.UnfinishedName));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw CannotWrite(e);
        }
    }

    private InputException CannotWrite(Exception e) =>
        new($"{_folder}: cannot be written ({(e is UnauthorizedAccessException ? "permission denied" : e.Message)}); check path, space and permissions", e);

    private string At(string name) => Path.Combine(_folder, name);

    private void RemoveEarlier()
    {
        File.Delete(At(RecordedScan.FileName));
        // Only what a recording holds, by its place and name; what links lead to belongs to somebody else.
        foreach (var account in Folders(_folder, AwsAccountId.Is))
        {
            foreach (var region in Folders(account, AwsPartition.IsRegionCode))
            {
                foreach (var file in Directory.EnumerateFiles(region).Where(path => Answer().IsMatch(Path.GetFileName(path))))
                    File.Delete(file);
            }
        }
    }

    private static IEnumerable<string> Folders(string folder, Func<string, bool> isOurs) =>
        new DirectoryInfo(folder).EnumerateDirectories().Where(found => found.LinkTarget is null && isOurs(found.Name)).Select(found => found.FullName);

    private static byte[] ScanFile(DateTimeOffset time, IReadOnlyList<CollectionAccount> accounts, CollectionResult result)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true, NewLine = "\n" }))
        {
            writer.WriteStartObject();
            writer.WriteString("recorded_at", time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture));
            writer.WriteString("partition", accounts.Count > 0 ? accounts[0].Partition : "aws");
            // With the regions that were named in vain: a replay has to say so again.
            var byAccount = result.Regions.ToDictionary(
                pair => pair.Key, pair => pair.Value.Concat(result.Disabled.GetValueOrDefault(pair.Key, [])).Order(StringComparer.Ordinal).ToList(), StringComparer.Ordinal);
            var all = byAccount.Values.SelectMany(regions => regions).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();
            WriteList("regions", all);
            writer.WriteStartArray("accounts");
            foreach (var account in accounts.OrderBy(account => account.Api.Account, StringComparer.Ordinal))
            {
                writer.WriteStartObject();
                writer.WriteString("id", account.Api.Account);
                if (account.Name is not null)
                    writer.WriteString("name", account.Name);
                if (account.IsManagement is { } management)
                    writer.WriteBoolean("is_management", management);
                if (byAccount.TryGetValue(account.Api.Account, out var own) && !own.SequenceEqual(all, StringComparer.Ordinal))
                    WriteList("regions", own);
                writer.WriteEndObject();
            }
            writer.WriteEndArray();
            writer.WriteEndObject();

            void WriteList(string name, IEnumerable<string> texts)
            {
                writer.WriteStartArray(name);
                foreach (var text in texts)
                    writer.WriteStringValue(text);
                writer.WriteEndArray();
            }
        }
        buffer.WriteByte((byte)'\n');
        return buffer.ToArray();
    }

    private void WriteFile(string name, ReadOnlySpan<byte> content)
    {
        var path = At(name);
        FileOutput.MakeFolder(Path.GetDirectoryName(path)!, _audience);
        FileOutput.Write(path, path, _audience, content);
    }

    // An answer, or what a killed run left of one.
    [GeneratedRegex(@"^[A-Za-z0-9-]+\.[A-Za-z0-9-]+\.json\z|^\.[A-Za-z0-9-]+\.[A-Za-z0-9-]+\.json\.[0-9a-f]{32}\.partial\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Answer();
}
