using Scanner.Collect;
using Scanner.Evaluate;
using Scanner.Model;

namespace Scanner.Scanning;

/// <summary>Puts what is collected into the store as it comes.</summary>
internal sealed class StoreSink(Store store) : ICollectionSink
{
    public void Add(Resource resource) => store.Add(resource);

    public void Add(CollectionStatus status) => store.Add(status);
}
