namespace Scanner.Collect.Events;

/// <summary>How long engines are waited for. The defaults suit AWS; tests shorten the waits.</summary>
public sealed record LogQueryOptions
{
    /// <summary>First wait between two looks at a running query; each is half as long again as the one before.</summary>
    public TimeSpan FirstWait { get; init; } = TimeSpan.FromSeconds(0.5);

    /// <summary>Longest wait between two looks.</summary>
    public TimeSpan LongestWait { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Longest time from asking to the end of a query, queueing included; then it is stopped and counts as failed.</summary>
    public TimeSpan TimeLimit { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>Longest time, after a cancellation, for the reply to a query that was just being started.</summary>
    public TimeSpan StartLimit { get; init; } = TimeSpan.FromSeconds(0.7);

    /// <summary>Longest time to stop a query in. After Ctrl-C a program has two seconds in all, <see cref="StartLimit"/> included.</summary>
    public TimeSpan StopLimit { get; init; } = TimeSpan.FromSeconds(1.2);

    /// <summary>Queries under way at once. CloudTrail Lake runs ten for an account, Athena from twenty on; other people ask too.</summary>
    public int AtOnce { get; init; } = 5;

    /// <summary>Most rows of one statement, all of whose pages are held at once; beyond them the answer counts as not whole.</summary>
    public int MostRows { get; init; } = 50_000;

    /// <summary>
    /// Most events that are fetched to be correlated here, of each combination of the rules that they match: so many that twenty combinations fit
    /// into <see cref="MostRows"/>.
    /// </summary>
    public int MostPartRows { get; init; } = 2_500;

    /// <summary>Most events of a log group that are fetched; of the others Logs Insights gives those that the rules may match. Each is held, at about
    /// 150 bytes.</summary>
    public int MostFetched { get; init; } = 500_000;

    /// <summary>The clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;
}
