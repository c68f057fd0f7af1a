namespace Scanner.Aws.Client;

/// <summary>
/// The places for requests in flight that one service in one region of one account needs: who waits for a busy service or a slow region holds
/// nobody else's place.
/// </summary>
/// <param name="narrowestFirst">Places of the service in the account and region, of the service in the region, of the region, and all.</param>
internal sealed class WireSlots(params IReadOnlyList<SemaphoreSlim> narrowestFirst)
{
    /// <summary>Does something while it holds a place of each.</summary>
    public async Task<T> HoldAsync<T>(Func<Task<T>> work, CancellationToken cancellation)
    {
        var held = 0;
        try
        {
            for (; held < narrowestFirst.Count; held++)
                await narrowestFirst[held].WaitAsync(cancellation);
            return await work();
        }
        finally
        {
            while (held > 0)
                narrowestFirst[--held].Release();
        }
    }
}
