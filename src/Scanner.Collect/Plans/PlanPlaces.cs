using System.Text.Json;
using System.Text.RegularExpressions;

namespace Scanner.Collect.Plans;

/// <summary>
/// Accounts and regions of a plan's instances. Account: what the caller says, else <c>data.aws_caller_identity</c> of the same
/// provider, else ARNs of that provider's instances before, else <c>allowed_account_ids</c> or <c>assume_role</c> of the provider. Region: the
/// instance's own <c>region</c> (AWS provider 6), else the provider's, else the instance's ARN or availability zone, else what all others of the provider have.
/// </summary>
internal sealed partial class PlanPlaces
{
    // Attributes that tell where an object is, in this order.
    private static readonly string[] Telling = ["region", "availability_zone", "arn", "owner_id", "account_id"];

    private readonly PlanConfiguration _configuration;
    private readonly Func<string, string?> _region;
    private readonly string? _account;
    private readonly Dictionary<string, string> _regions = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _accounts = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Dictionary<string, int>> _seenRegions = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Dictionary<string, int>> _seenAccounts = new(StringComparer.Ordinal);

    /// <summary>Looks at the providers and at every instance.</summary>
    /// <param name="configuration">The plan's configuration.</param>
    /// <param name="account">Account to take for all; null to find it.</param>
    /// <param name="entries">All instances and data sources.</param>
    /// <param name="region">Region of a provider, by its key, as the source tells it; null when it does not.</param>
    public PlanPlaces(PlanConfiguration configuration, string? account, IReadOnlyList<RawChange> entries, Func<string, string?> region)
    {
        _configuration = configuration;
        _account = account;
        _region = region;
        foreach (var (key, provider) in configuration.Providers)
        {
            if (!IsAws(key, provider))
                continue;
            var expressions = ConfigModule.Member(provider, "expressions");
            if ((Constant(key, ConfigModule.Member(expressions, "region")) ?? _region(key)) is { } told && Region().IsMatch(told))
                _regions[key] = told;
        }
        var identities = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var entry in entries)
            See(entry, identities);
        foreach (var (key, provider) in configuration.Providers)
        {
            if (!_regions.ContainsKey(key) && Most(_seenRegions, key) is { } seen)
                _regions[key] = seen;
            if ((identities.GetValueOrDefault(key) ?? Most(_seenAccounts, key) ?? Declared(key, provider)) is { } found)
                _accounts[key] = found;
        }
    }

    /// <summary>Region by provider key.</summary>
    public IReadOnlyDictionary<string, string> Regions => _regions;

    /// <summary>Account by provider key.</summary>
    public IReadOnlyDictionary<string, string> Accounts => _accounts;

    /// <summary>The provider of an instance; empty when nothing tells.</summary>
    public string ProviderOf(RawChange entry)
    {
        var key = _configuration.Resource(entry.Parts)?.Provider ?? "";
        if (key.Length == 0 || _configuration.Providers.ContainsKey(key))
            return key;
        // Before Terraform 1.1 a module's own key was written where the provider comes from the parent.
        var plain = key[(key.LastIndexOf(':') + 1)..];
        for (var steps = entry.Parts.Steps.Count; steps > 0; steps--)
        {
            var module = string.Join('.', entry.Parts.Steps.Take(steps).Select(step => $"module.{step.Name}"));
            if (_configuration.Providers.ContainsKey($"{module}:{plain}"))
                return $"{module}:{plain}";
        }
        return plain;
    }

    /// <summary>Account of an instance, and <see cref="Plan.UnknownAccount"/> when nothing tells.</summary>
    public string AccountOf(RawChange entry, string provider)
    {
        if (_account is not null)
            return _account;
        if (_accounts.TryGetValue(provider, out var account))
            return account;
        if (Own(entry).Account is { } own)
            return own;
        // The only account of a plan is everything's.
        return _accounts.Values.Distinct(StringComparer.Ordinal).ToList() is [var only] ? only : Most(_seenAccounts, provider) ?? Plan.UnknownAccount;
    }

    /// <summary>Region of an instance, and <see cref="Plan.UnknownRegion"/> when nothing tells.</summary>
    public string RegionOf(RawChange entry, string provider)
    {
        var (declared, told, _) = Own(entry);
        return declared ?? _regions.GetValueOrDefault(provider) ?? told ?? Most(_seenRegions, provider)
            ?? (provider.Length == 0 && entry.Type.StartsWith("aws_", StringComparison.Ordinal) && _regions.Values.Distinct(StringComparer.Ordinal).ToList() is [var only] ? only : Plan.UnknownRegion);
    }

    private void See(RawChange entry, Dictionary<string, string> identities)
    {
        if (!entry.Type.StartsWith("aws_", StringComparison.Ordinal))
            return;
        var provider = ProviderOf(entry);
        if (entry.Type == "aws_caller_identity" && Top(entry.After ?? entry.Before, "account_id") is { } account && AccountId().IsMatch(account))
            identities[provider] = account;
        if (entry.Type == "aws_region" && entry.Parts.IsData)
        {
            if ((Top(entry.After ?? entry.Before, "region") ?? Top(entry.After ?? entry.Before, "name")) is { } name && Region().IsMatch(name))
                Count(_seenRegions, provider, name, 1000);
            return;
        }
        var (declared, told, own) = Own(entry);
        if ((declared ?? told) is { } region)
            Count(_seenRegions, provider, region, 1);
        if (own is not null && entry.IsManaged)
            Count(_seenAccounts, provider, own, 1);
    }

    private static (string? Declared, string? Told, string? Account) Own(RawChange entry)
    {
        var found = new string?[Telling.Length];
        Texts(entry.After, found);
        if (!ReferenceEquals(entry.After, entry.Before))
            Texts(entry.Before, found);
        // The account's own settings name it where an object's ARN (a bucket's) does not.
        var (declared, zone, arn, owner) = (found[0], found[1], found[2], found[3] ?? (entry.Type == "aws_s3_account_public_access_block" ? found[4] : null));
        var parts = arn?.Split(':', 6) ?? [];
        var account = parts.Length == 6 && AccountId().IsMatch(parts[4]) ? parts[4] : owner is not null && AccountId().IsMatch(owner) ? owner : null;
        var told = parts.Length == 6 && Region().IsMatch(parts[3]) ? parts[3] : zone is not null && Zone().Match(zone) is { Success: true } match ? match.Groups["region"].Value : null;
        return (declared is not null && Region().IsMatch(declared) ? declared : null, told, account);
    }

    private string? Declared(string key, JsonElement provider)
    {
        var expressions = ConfigModule.Member(provider, "expressions");
        var allowed = ConfigExpression.Constant(ConfigModule.Member(expressions, "allowed_account_ids"));
        if (allowed.ValueKind == JsonValueKind.Array && allowed.GetArrayLength() == 1 && JsonTexts.Of(allowed[0]) is { } only && AccountId().IsMatch(only))
            return only;
        var role = ConfigModule.Member(expressions, "assume_role");
        if (role.ValueKind == JsonValueKind.Array && role.GetArrayLength() > 0)
            role = role[0];
        var parts = Constant(key, ConfigModule.Member(role, "role_arn"))?.Split(':', 6) ?? [];
        return parts.Length == 6 && AccountId().IsMatch(parts[4]) ? parts[4] : null;
    }

    private string? Constant(string key, JsonElement expression)
    {
        var constant = ConfigExpression.Constant(expression);
        if (constant.ValueKind == JsonValueKind.String)
            return JsonTexts.Of(constant);
        // A provider block is in the root module nearly always: var.region is in the plan.
        if (ConfigExpression.References(expression) is [var one] && one.StartsWith("var.", StringComparison.Ordinal) && !key.Contains(':', StringComparison.Ordinal)
            && JsonTexts.Of(_configuration.Variable(one["var.".Length..])) is { } value)
        {
            return value;
        }
        return null;
    }

    private static bool IsAws(string key, JsonElement provider)
    {
        var full = JsonTexts.Of(ConfigModule.Member(provider, "full_name"));
        return full is null ? (JsonTexts.Of(ConfigModule.Member(provider, "name")) ?? key) == "aws" : full.EndsWith("/aws", StringComparison.Ordinal);
    }

    private static void Count(Dictionary<string, Dictionary<string, int>> seen, string provider, string word, int weight)
    {
        if (!seen.TryGetValue(provider, out var counts))
            seen[provider] = counts = new Dictionary<string, int>(StringComparer.Ordinal);
        counts[word] = counts.GetValueOrDefault(word) + weight;
    }

    private static string? Most(Dictionary<string, Dictionary<string, int>> seen, string provider) =>
        seen.TryGetValue(provider, out var counts) ? counts.OrderByDescending(pair => pair.Value).ThenBy(pair => pair.Key, StringComparer.Ordinal).First().Key : null;

    // Fills in the texts at the top of an object that were not found yet.
    private static void Texts(byte[]? json, string?[] found)
    {
        if (json is null)
            return;
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = 512 });
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            return;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var at = -1;
            for (var i = 0; i < Telling.Length && at < 0; i++)
                at = found[i] is null && reader.ValueTextEquals(Telling[i]) ? i : -1;
            reader.Read();
            if (at >= 0 && reader.TokenType == JsonTokenType.String)
                found[at] = JsonTexts.Of(in reader);
            reader.Skip();
        }
    }

    /// <summary>A text at the top of an object; null when there is none.</summary>
    private static string? Top(byte[]? json, string name)
    {
        if (json is null)
            return null;
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = 512 });
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            return null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var meant = reader.ValueTextEquals(name);
            reader.Read();
            if (meant)
                return reader.TokenType == JsonTokenType.String ? JsonTexts.Of(in reader) : null;
            reader.Skip();
        }
        return null;
    }

    [GeneratedRegex("^[a-z]{2,4}(-[a-z]{2,10}){1,3}-[0-9]{1,2}$", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: -1)]
    private static partial Regex Region();

    [GeneratedRegex("^(?<region>[a-z]{2,4}(-[a-z]{2,10}){1,3}-[0-9]{1,2})[a-z]$", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: -1)]
    private static partial Regex Zone();

    [GeneratedRegex("^[0-9]{12}$", RegexOptions.None, matchTimeoutMilliseconds: -1)]
    private static partial Regex AccountId();
}
