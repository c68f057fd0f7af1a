namespace Scanner.Scan;

/// <summary>What <c>scanner shard</c> was asked.</summary>
internal sealed record ShardOptions
{
    public bool Organization { get; init; }
    public IReadOnlyList<string> Accounts { get; init; } = [];

    /// <summary>A file with an account id a line; null for none.</summary>
    public string? AccountsFile { get; init; }

    /// <summary>Ids or names of organizational units.</summary>
    public IReadOnlyList<string> IncludeUnits { get; init; } = [];
    public IReadOnlyList<string> ExcludeUnits { get; init; } = [];

    /// <summary>Tags of accounts.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> IncludeTags { get; init; } = [];
    public IReadOnlyList<KeyValuePair<string, string>> ExcludeTags { get; init; } = [];

    public IReadOnlyList<string> ExcludeAccounts { get; init; } = [];
    public string? RoleArn { get; init; }

    /// <summary>Store or JSON report of the last scan; null for none.</summary>
    public string? Baseline { get; init; }

    public int Jobs { get; init; } = 20;
}
