using EndToEnd.Tests;
using Xunit.Sdk;
using Xunit.v3;

[assembly: TestCollectionOrderer(typeof(LongestFirst))]

namespace EndToEnd.Tests;

/// <summary>Begins the classes that take minutes, whose tests run one after the other: one that begins last keeps one processor busy, and the others idle.</summary>
public sealed class LongestFirst : ITestCollectionOrderer
{
    private static readonly string[] Longest =
    [
        nameof(UnreadableOperationTests), nameof(MergeTests), nameof(EvidenceTests), nameof(SinceLastTests), nameof(EngineSourceTests), nameof(ResumeTests), nameof(ScannerWorkerTests),
        nameof(SampleAccountTests), nameof(PullRequestCommentTests), nameof(CatalogSchemaTests), nameof(SecretsTests), nameof(GateMetamorphicTests), nameof(TerraformStateTests), nameof(DetailsInUseTests),
    ];

    /// <inheritdoc/>
    public IReadOnlyCollection<TTestCollection> OrderTestCollections<TTestCollection>(IReadOnlyCollection<TTestCollection> testCollections)
        where TTestCollection : ITestCollection =>
        [.. testCollections.OrderBy(Place).ThenBy(collection => collection.TestCollectionDisplayName, StringComparer.Ordinal)];

    // xunit names the collection of a class "Test collection for NAMESPACE.CLASS (id: ...)".
    private static int Place<TTestCollection>(TTestCollection collection)
        where TTestCollection : ITestCollection
    {
        var place = Array.FindIndex(Longest, name => collection.TestCollectionDisplayName.Contains($".{name} ", StringComparison.Ordinal));
        return place < 0 ? Longest.Length : place;
    }
}
