using System.Text.Json;
using Scanner.Model;

namespace Scanner.Scan;

/// <summary>The matrix that <c>scanner shard</c> printed: which job was to scan which accounts.</summary>
/// <param name="Shards">The name of each account's job, by account id.</param>
internal sealed record ShardPlan(IReadOnlyDictionary<string, string> Shards)
{
    /// <summary>Reads a matrix.</summary>
    /// <param name="text">The JSON itself, as an output of a workflow's step is, or the file that holds it.</param>
    /// <exception cref="InputException">There is no such file, or it is no matrix, or names an account twice.</exception>
    public static ShardPlan Read(string text)
    {
        var isFile = !text.TrimStart().StartsWith('{');
        var name = isFile ? $"--shards {SafeText.Line(text)}" : "--shards";
        if (isFile && !File.Exists(text))
            throw new InputException($"{name}: there is no such file; it is the JSON that 'scanner shard' prints");
        var shards = new Dictionary<string, string>(StringComparer.Ordinal);
        try
        {
            using var document = JsonDocument.Parse(isFile ? File.ReadAllText(text) : text);
            foreach (var job in document.RootElement.GetProperty("include").EnumerateArray())
            {
                foreach (var id in job.GetProperty("accounts").GetString()!.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
                {
                    if (!AwsAccountId.Is(id))
                        throw new InputException($"{name}: '{SafeText.Line(SafeText.Cut(id, 60))}' is not an account id");
                    if (!shards.TryAdd(id, job.GetProperty("shard").GetString()!))
                        throw new InputException($"{name} names account {id} twice");
                }
            }
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or NullReferenceException or IOException or UnauthorizedAccessException)
        {
            throw new InputException($"{name} is not the JSON that 'scanner shard' prints: {{\"include\": [{{\"shard\": \"000\", \"accounts\": \"111122223333,...\"}}]}}", e);
        }
        return shards.Count > 0 ? new ShardPlan(shards) : throw new InputException($"{name} names no account");
    }
}
