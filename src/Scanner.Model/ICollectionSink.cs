namespace Scanner.Model;

/// <summary>
/// Where a collection goes while it runs. Calls come from many threads but never two at a time, so an implementation
/// needs no lock of its own; while it works, the collection waits.
/// </summary>
public interface ICollectionSink
{
    /// <summary>Takes one row. Rows of a table come in no particular order.</summary>
    void Add(Resource resource);

    /// <summary>Takes what is to be said of one table, account and region, after all its rows.</summary>
    void Add(CollectionStatus status);
}
