namespace Scanner.Detect.Correlation;

/// <summary>Hits of a run, to be read in <see cref="Hit.Order"/>. For one thread.</summary>
internal abstract class SortedHits : IDisposable
{
    /// <summary>How many there are.</summary>
    internal abstract long Count { get; }

    /// <summary>All hits in order; may be asked for several times.</summary>
    internal abstract IEnumerable<Hit> InOrder();

    public abstract void Dispose();
}
