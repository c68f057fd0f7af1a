using System.Buffers;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Scanner.Model;

/// <summary>
/// Secrets that are told by their form wherever they stand: private keys, AWS secret keys and key ids, tokens of well-known services,
/// passwords in connection strings. What is kept says what was there, and never the secret.
/// </summary>
public static partial class SecretText
{
    /// <summary>What stands in the place of a secret that is told by its member.</summary>
    public const string Mark = "(redacted)";

    // Most texts hold none of these: only the others are looked at closely.
    private static readonly string[] OtherSigns =
        ["PRIVATE KEY", "ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "glpat-", "xox", "hooks.slack.com", "_live_", "AIza", "npm_", "eyJ", "://", "password", "passwd", "pwd", "secret", "sig=", "accountkey"];

    private static readonly SearchValues<string> Signs = SearchValues.Create([.. OtherSigns, "AKIA", "ASIA"], StringComparison.OrdinalIgnoreCase);

    // Nearly every event has the id of a key: where these stay, they are no reason to look closer.
    private static readonly SearchValues<string> SignsWithoutKeyIds = SearchValues.Create(OtherSigns, StringComparison.OrdinalIgnoreCase);

    /// <summary>A text without its secrets.</summary>
    /// <param name="text">Any text of AWS's.</param>
    /// <param name="keyIds">Whether ids of AWS access keys go too; where they tell who acted, they stay.</param>
    public static string Of(string text, bool keyIds = true)
    {
        if (!text.AsSpan().ContainsAny(keyIds ? Signs : SignsWithoutKeyIds))
            return text;
        text = PrivateKey().Replace(text, "(redacted: private key)");
        text = AwsSecret().Replace(text, "${name}(redacted: AWS secret key)");
        if (keyIds)
            text = AwsKeyId().Replace(text, "(redacted: AWS access key id)");
        text = Token().Replace(text, "(redacted: token)");
        text = InAddress().Replace(text, "${before}(redacted: password)@");
        return Named().Replace(text, "${name}(redacted: password)");
    }

    /// <summary>JSON text without the secrets in its texts; as it is where it is no JSON.</summary>
    /// <param name="json">One value.</param>
    /// <param name="keyIds">As in <see cref="Of"/>.</param>
    public static string OfJson(string json, bool keyIds = true)
    {
        if (!json.AsSpan().ContainsAny(keyIds ? Signs : SignsWithoutKeyIds))
            return json;
        try
        {
            // A sign alone is no secret ("https://", the name of a service): most texts with one stay as they are, and no tree is made of them.
            using (var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 256 }))
            {
                if (!HasSecret(document.RootElement, keyIds))
                    return json;
            }
            var node = JsonNode.Parse(json, documentOptions: new JsonDocumentOptions { MaxDepth = 256 });
            return Replace(node, text => Of(text, keyIds)) ? node!.ToJsonString() : json;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or ArgumentException)
        {
            return Of(json, keyIds);
        }
    }

    /// <summary>Whether <see cref="OfJson"/> would leave the text as it is, for one that has been parsed already.</summary>
    /// <param name="json">The text.</param>
    /// <param name="root">What it was parsed to.</param>
    /// <param name="keyIds">As in <see cref="Of"/>.</param>
    public static bool IsFree(string json, JsonElement root, bool keyIds = true)
    {
        ArgumentNullException.ThrowIfNull(json);
        try
        {
            return !json.AsSpan().ContainsAny(keyIds ? Signs : SignsWithoutKeyIds) || !HasSecret(root, keyIds);
        }
        catch (InvalidOperationException)
        {
            // A text in it is none.
            return false;
        }
    }

    private static bool HasSecret(JsonElement value, bool keyIds)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.String:
                return value.GetString() is { } text && Of(text, keyIds) != text;
            case JsonValueKind.Object:
                foreach (var member in value.EnumerateObject())
                {
                    if (HasSecret(member.Value, keyIds))
                        return true;
                }
                return false;
            case JsonValueKind.Array:
                foreach (var item in value.EnumerateArray())
                {
                    if (HasSecret(item, keyIds))
                        return true;
                }
                return false;
            default:
                return false;
        }
    }

    /// <summary>Replaces the texts within a JSON value.</summary>
    /// <param name="node">Object or list.</param>
    /// <param name="replace">Gives another text, or the same one.</param>
    /// <returns>Whether there was another text.</returns>
    private static bool Replace(JsonNode? node, Func<string, string> replace)
    {
        var changed = false;
        switch (node)
        {
            case JsonObject o:
                foreach (var (name, value) in o.ToList())
                {
                    if (Other(value, replace) is { } other)
                        o[name] = other;
                    changed |= value is JsonValue ? Other(value, replace) is not null : Replace(value, replace);
                }
                break;
            case JsonArray list:
                for (var i = 0; i < list.Count; i++)
                {
                    var value = list[i];
                    if (Other(value, replace) is { } other)
                    {
                        list[i] = other;
                        changed = true;
                    }
                    else
                    {
                        changed |= Replace(value, replace);
                    }
                }
                break;
        }
        return changed;
    }

    private static string? Other(JsonNode? value, Func<string, string> replace) =>
        value is JsonValue scalar && scalar.TryGetValue<string>(out var text) && replace(text) is { } other && !ReferenceEquals(other, text) && other != text ? other : null;

    [GeneratedRegex(@"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY( BLOCK)?-----[\s\S]*?(-----END [A-Z0-9 ]{0,40}PRIVATE KEY( BLOCK)?-----|\z)", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: -1)]
    private static partial Regex PrivateKey();

    // Forty characters of base64 are a secret where something before them says so; alone they may be any hash.
    [GeneratedRegex(@"(?<name>(secret[ _-]?(access)?[ _-]?key|aws[ _-]?secret)[""']?\s{0,3}[=:]\s{0,3}[""']?)[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+])", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture | RegexOptions.IgnoreCase, matchTimeoutMilliseconds: -1)]
    private static partial Regex AwsSecret();

    [GeneratedRegex(@"(?<![A-Za-z0-9])(AKIA|ASIA)[A-Z2-7]{16}(?![A-Za-z0-9])", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: -1)]
    private static partial Regex AwsKeyId();

    [GeneratedRegex(@"(?<![A-Za-z0-9])(gh[pousr]_[A-Za-z0-9_.-]{30,4096}|github_pat_[A-Za-z0-9_]{22,255}|glpat-[A-Za-z0-9_-]{20,64}|xox[abeoprs]-[A-Za-z0-9-]{10,255}|[srp]k_live_[A-Za-z0-9]{16,255}|AIza[A-Za-z0-9_-]{35}|npm_[A-Za-z0-9]{36}|eyJ[A-Za-z0-9_-]{10,4096}\.eyJ[A-Za-z0-9_-]{10,8192}\.[A-Za-z0-9_-]{10,4096}|https://hooks\.slack\.com/(services|workflows)/[A-Za-z0-9/_+-]{10,255})|(?<=[?&]sig=)[A-Za-z0-9%/+=]{20,255}", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: -1)]
    private static partial Regex Token();

    [GeneratedRegex(@"(?<before>[a-z][a-z0-9+.-]{1,30}://[^\s:/@?#""']{0,128}:)[^\s/@?#""']{1,512}@", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture | RegexOptions.IgnoreCase, matchTimeoutMilliseconds: -1)]
    private static partial Regex InAddress();

    // As connection strings, command lines and .env files write them; a colon would take half of every policy too.
    [GeneratedRegex(@"(?<name>(?<![A-Za-z])([A-Za-z_]{0,40}(password|passwd|pwd)|client_?secret|api_?secret|accountkey)\s{0,3}=\s{0,3}[""']?)(?![$%(*{<])[^\s;,&""'<>]{4,512}", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture | RegexOptions.IgnoreCase, matchTimeoutMilliseconds: -1)]
    private static partial Regex Named();
}
