namespace Scanner.Model;

/// <summary>How far the collection of tables is, over all accounts and regions.</summary>
public sealed record CollectionProgress
{
    /// <summary>Tables that are collected, each counted in every account and region.</summary>
    public required int Tables { get; init; }

    /// <summary>Tables that there are to collect.</summary>
    public required int AllTables { get; init; }

    /// <summary>Accounts of which everything is collected that was begun.</summary>
    public required int Accounts { get; init; }

    /// <summary>Accounts that are collected from.</summary>
    public required int AllAccounts { get; init; }

    /// <summary>Calls that reached AWS so far; 0 where a recording answers.</summary>
    public required long Calls { get; init; }

    /// <summary>Questions about single items by service: those that are known and have no answer yet, and those that have one.</summary>
    public required IReadOnlyList<(string Service, long Waiting, long Answered)> Questions { get; init; }

    /// <summary>Name of the only account, or null: of several, or one without a name.</summary>
    public string? Account { get; init; }
}
