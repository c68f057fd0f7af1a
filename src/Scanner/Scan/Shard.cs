namespace Scanner.Scan;

/// <summary>Accounts that one job of a matrix scans.</summary>
/// <param name="Accounts">Ids in ascending order.</param>
/// <param name="Resources">Resources that the last scan found in them; of an account that it did not see, as many as in the median account.</param>
internal sealed record Shard(IReadOnlyList<string> Accounts, long Resources)
{
    /// <summary>Most jobs that a matrix of GitHub Actions makes in a run of a workflow.</summary>
    public const int MostJobs = 256;

    // An account in which nothing is found is asked as many lists as any other: its share of the time of an ordinary account with about 300 resources.
    private const long BaseCost = 300;

    /// <summary>Deals accounts out so that the jobs take about as long: the largest first, each to the job with the least so far.</summary>
    /// <param name="accounts">Ids.</param>
    /// <param name="sizes">Resources by account, of the last scan; empty where there was none.</param>
    /// <param name="jobs">Number of jobs at most.</param>
    public static IReadOnlyList<Shard> Deal(IReadOnlyList<string> accounts, IReadOnlyDictionary<string, long> sizes, int jobs)
    {
        var seen = accounts.Where(sizes.ContainsKey).Select(id => sizes[id]).Order().ToList();
        var median = seen.Count > 0 ? seen[seen.Count / 2] : 0;
        var shards = Enumerable.Range(0, Math.Min(jobs, accounts.Count)).Select(_ => (Ids: new List<string>(), Resources: 0L)).ToArray();
        var queue = new PriorityQueue<int, (long Cost, int Shard)>();
        for (var i = 0; i < shards.Length; i++)
            queue.Enqueue(i, (0, i));
        foreach (var (id, size) in accounts.Select(id => (id, size: sizes.GetValueOrDefault(id, median))).OrderByDescending(one => one.size).ThenBy(one => one.id, StringComparer.Ordinal))
        {
            queue.TryDequeue(out var i, out var least);
            shards[i].Ids.Add(id);
            shards[i].Resources += size;
            queue.Enqueue(i, (least.Cost + size + BaseCost, i));
        }
        return [.. shards.Select(shard => new Shard([.. shard.Ids.Order(StringComparer.Ordinal)], shard.Resources))];
    }
}
