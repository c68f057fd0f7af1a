using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Scanner.Collect.Tables;
using Scanner.Model;

namespace Scanner.Collect.Recording;

/// <summary>
/// A folder in which a scan's answers from AWS are kept: <c>scan.json</c> and
/// <c>ACCOUNT/REGION/SERVICE.OPERATION.json</c>. It is scanned like AWS itself, without credentials or a server.
/// </summary>
public sealed class RecordedScan
{
    internal const string FileName = "scan.json";

    /// <summary>Lies in a recording that is being written, or whose writing was cut off.</summary>
    internal const string UnfinishedName = "scan.json.unfinished";

    private RecordedScan(string folder, DateTimeOffset recordedAt, IReadOnlyList<CollectionAccount> accounts, IReadOnlyList<string> regions, string partition)
    {
        Folder = folder;
        RecordedAt = recordedAt;
        Accounts = accounts;
        Regions = regions;
        Partition = partition;
    }

    /// <summary>The folder, as it was given.</summary>
    public string Folder { get; }

    /// <summary>When AWS gave the answers: the time of the scan for every check.</summary>
    public DateTimeOffset RecordedAt { get; }

    /// <summary>The recorded accounts, ready to be collected from.</summary>
    public IReadOnlyList<CollectionAccount> Accounts { get; }

    /// <summary>Regions that were scanned, in any account.</summary>
    public IReadOnlyList<string> Regions { get; }

    /// <summary>Partition of the accounts.</summary>
    public string Partition { get; }

    /// <summary>Reads <c>scan.json</c>; the answers are read when they are asked for.</summary>
    /// <param name="folder">The folder.</param>
    /// <exception cref="InputException">There is no such folder, or its <c>scan.json</c> is missing or broken.</exception>
    public static RecordedScan Open(string folder)
    {
        var path = Path.Combine(folder, FileName);
        if (!Directory.Exists(folder))
            throw new InputException($"{folder}: no such folder; give the folder of a recorded account, or leave --from out to scan AWS");
        if (File.Exists(Path.Combine(folder, UnfinishedName)))
            throw new InputException($"{folder}: this recording was cut off before its end; record it again with scan --record");
        if (!File.Exists(path))
            throw new InputException($"{folder}: not a recorded account, it has no {FileName}; record one with scan --record");
        try
        {
            var root = JsonNode.Parse(File.ReadAllBytes(path)) as JsonObject ?? throw new FormatException("it is not a JSON object");
            OnlyKeys(root, "recorded_at", "accounts", "regions", "partition");
            var partition = root["partition"] is null ? "aws" : Text(root["partition"], "partition");
            var regions = RegionCodes(root["regions"]) ?? throw new FormatException("'regions' must be a list of region codes");
            if (root["accounts"] is not JsonArray { Count: > 0 } list)
                throw new FormatException("'accounts' must be a list of {\"id\": \"...\", \"name\": \"...\"}");
            if (!DateTimeOffset.TryParse(Text(root["recorded_at"], "recorded_at"), CultureInfo.InvariantCulture,
                    DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var recordedAt))
                throw new FormatException("'recorded_at' must be a time such as 2026-11-24T12:00:00Z");
            var accounts = list.Select(account => Account(folder, account, regions, partition)).ToList();
            if (accounts.Select(account => account.Api.Account).Distinct(StringComparer.Ordinal).Count() != accounts.Count)
                throw new FormatException("an account is named twice");
            return new RecordedScan(folder, recordedAt, accounts, regions, partition);
        }
        catch (JsonException e)
        {
            throw new InputException(path, (e.LineNumber ?? 0) + 1, "not valid JSON; correct it or record again");
        }
        catch (Exception e) when (e is FormatException or ArgumentException or InvalidOperationException)
        {
            throw new InputException(path, 0, $"{e.Message}; correct it or record again");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"{path}: cannot be read ({e.Message}); check path and permissions", e);
        }
    }

    private static CollectionAccount Account(string folder, JsonNode? node, IReadOnlyList<string> regions, string partition)
    {
        if (node is not JsonObject account)
            throw new FormatException("an account must be {\"id\": \"...\", \"name\": \"...\"}");
        OnlyKeys(account, "id", "name", "is_management", "regions");
        var id = Text(account["id"], "id");
        // It becomes a folder's name.
        if (!AwsAccountId.Is(id))
            throw new FormatException("an account's 'id' must have twelve digits, in quotes");
        return new CollectionAccount(new RecordedAwsApi(folder, id))
        {
            Name = account["name"] is null ? null : Text(account["name"], "name"),
            IsManagement = account["is_management"]?.GetValue<bool>(),
            Partition = partition,
            RecordedRegions = account["regions"] is null ? regions : RegionCodes(account["regions"]) ?? throw new FormatException("'regions' must be a list of region codes"),
        };
    }

    private static List<string>? RegionCodes(JsonNode? node)
    {
        if (node is not JsonArray list)
            return null;
        var regions = list.Select(region => Tables.TextTemplate.ScalarText(region)).ToList();
        return regions.TrueForAll(AwsPartition.IsRegionCode) ? [.. regions.Select(region => region!).Order(StringComparer.Ordinal)] : null;
    }

    private static string Text(JsonNode? node, string name) =>
        node is JsonValue value && value.GetValueKind() == JsonValueKind.String
            ? value.GetValue<string>()
            : throw new FormatException($"'{name}' must be a text");

    private static void OnlyKeys(JsonObject o, params string[] known)
    {
        foreach (var (name, _) in o)
        {
            if (!known.Contains(name, StringComparer.Ordinal))
                throw new FormatException($"unknown key '{name}'; {Catalog.Spelling.Suggest(name, known)}");
        }
    }
}
