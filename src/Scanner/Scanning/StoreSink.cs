using Scanner.Collect.Tables;
using Scanner.Evaluate.Store;
using Scanner.Model;

namespace Scanner.Scanning;

/// <summary>Puts what is collected into the store as it comes.</summary>
internal sealed class StoreSink(ScanStore store) : ICollectionSink
{
    public void Add(Resource resource) => store.Add(resource);

    public void Add(CollectionStatus status) => store.Add(status);
}
