namespace Scanner.Model;

/// <summary>
/// Gives back what a large plan no longer needs. Its values, its rows, and the rows and findings of each check are most of what the whole run
/// takes, one after the other: without this the runtime would let all of them grow first. A run of usual size never comes to it.
/// </summary>
public static class LargeHeap
{
    private const long Large = 96 << 20;
    private const long Growth = 32 << 20;

    /// <summary>At a seam where much is let go: collects where the heap is large.</summary>
    public static void LetGo()
    {
        if (GC.GetTotalMemory(forceFullCollection: false) > Large)
            Collect();
    }

    /// <summary>Within a step that makes much and keeps little of it: collects where the heap is large and has grown since it was collected last.</summary>
    public static void LetGrown()
    {
        // In proportion, so that a heap that is meant to grow, that of hundreds of accounts, is not collected at each step of it.
        var kept = GC.GetGCMemoryInfo(GCKind.FullBlocking).HeapSizeBytes;
        if (GC.GetTotalMemory(forceFullCollection: false) > Math.Max(Large, kept + Math.Max(Growth, kept / 3)))
            Collect();
    }

    private static void Collect() => GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
}
