using System.Text.Json;

namespace Scanner.Collect.Plans;

/// <summary>
/// Collects the texts that a plan calls sensitive. They stand in clear text in the file (gate.md 1.9), and older versions do not mark what the
/// provider's schema calls sensitive, so a few argument names count too.
/// </summary>
internal sealed class SecretTexts
{
    // A shorter text would black out half of every message, and is no secret worth the name.
    private const int Least = 4;

    private static readonly HashSet<string> Names = new(
        ["password", "master_password", "master_user_password", "admin_password", "passphrase", "secret", "secret_string", "secret_key", "client_secret", "auth_token", "private_key", "private_key_pem", "private_key_openssh"],
        StringComparer.Ordinal);

    public HashSet<string> Found { get; } = new(StringComparer.Ordinal);

    /// <summary>Takes the values where a mask says true; returns the paths.</summary>
    public List<string> Take(byte[]? values, byte[]? mask)
    {
        var paths = new List<string>();
        if (values is null)
            return paths;
        if (mask is not null)
        {
            using var value = JsonDocument.Parse(values, new JsonDocumentOptions { MaxDepth = 512 });
            using var flags = JsonDocument.Parse(mask, new JsonDocumentOptions { MaxDepth = 512 });
            Masked(value.RootElement, flags.RootElement, "", paths);
        }
        return paths;
    }

    /// <summary>Takes the values of arguments whose name says that they are secret.</summary>
    public void TakeNamed(byte[]? values)
    {
        if (values is null)
            return;
        var reader = new Utf8JsonReader(values, new JsonReaderOptions { MaxDepth = 512 });
        while (reader.Read())
        {
            if (reader.TokenType != JsonTokenType.PropertyName || reader.ValueSpan.Length is < 6 or > 20 || !Names.Contains(JsonTexts.Of(in reader)))
                continue;
            reader.Read();
            if (reader.TokenType == JsonTokenType.String)
                Add(JsonTexts.Of(in reader));
        }
    }

    /// <summary>Takes all texts of a value.</summary>
    public void Take(JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.String:
                Add(JsonTexts.Of(value) ?? "");
                break;
            case JsonValueKind.Array:
                foreach (var item in value.EnumerateArray())
                    Take(item);
                break;
            case JsonValueKind.Object:
                foreach (var member in value.EnumerateObject())
                    Take(member.Value);
                break;
            default:
                break;
        }
    }

    private void Masked(JsonElement value, JsonElement mask, string path, List<string> paths)
    {
        switch (mask.ValueKind)
        {
            case JsonValueKind.True:
                paths.Add(path);
                Take(value);
                break;
            case JsonValueKind.Object when value.ValueKind == JsonValueKind.Object:
                foreach (var member in mask.EnumerateObject())
                {
                    if (value.TryGetProperty(member.Name, out var inner))
                        Masked(inner, member.Value, path.Length == 0 ? member.Name : $"{path}.{member.Name}", paths);
                }
                break;
            case JsonValueKind.Array when value.ValueKind == JsonValueKind.Array:
                foreach (var (inner, flag) in value.EnumerateArray().Zip(mask.EnumerateArray()))
                    Masked(inner, flag, path + "[]", paths);
                break;
            default:
                break;
        }
    }

    private void Add(string text)
    {
        if (text.Length >= Least)
            Found.Add(text);
    }
}
