using System.Text.Json.Nodes;
using Scanner.Aws;
using Scanner.Catalog;
using Scanner.Collect.Tables;
using Scanner.Model;

namespace Collect.Tests;

/// <summary>Keeps what a collection hands over, and runs one from the text of table files.</summary>
internal sealed class Collected : ICollectionSink
{
    private int _inside;

    public List<Resource> Rows { get; } = [];

    public List<CollectionStatus> Statuses { get; } = [];

    public CollectionResult Result { get; private set; } = null!;

    public void Add(Resource resource) => Alone(() => Rows.Add(resource));

    public void Add(CollectionStatus status) => Alone(() => Statuses.Add(status));

    public IEnumerable<Resource> Of(string table) => Rows.Where(row => row.Table == table);

    public CollectionStatus Status(string table) => Assert.Single(Statuses, status => status.Table == table);

    public JsonObject Item(string table) => (JsonObject)JsonNode.Parse(Assert.Single(Of(table)).Item)!;

    public static async Task<Collected> FromAsync(IAwsApi api, string tables, CollectorOptions? options = null) =>
        await FromAsync([new CollectionAccount(api)], Tables(tables), options);

    public static async Task<Collected> FromAsync(IReadOnlyList<CollectionAccount> accounts, IEnumerable<TableDefinition> tables, CollectorOptions? options = null)
    {
        var collected = new Collected();
        var collector = new Collector(tables, (options ?? new()) with { PrepareDelay = TimeSpan.Zero });
        collected.Result = await collector.CollectAsync(accounts, collected, TestContext.Current.CancellationToken);
        return collected;
    }

    /// <summary>Reads table files, divided by <c>---</c>, through the loader that the program uses.</summary>
    public static IReadOnlyList<TableDefinition> Tables(string text)
    {
        using var folder = new TemporaryFolder();
        var number = 0;
        foreach (var file in text.Split("\n---\n"))
            File.WriteAllText(Path.Combine(folder.Path, $"{number++}.yml"), file);
        return [.. CatalogLoader.Load([folder.Path], []).Tables.Values];
    }

    private void Alone(Action action)
    {
        Assert.Equal(1, Interlocked.Increment(ref _inside));
        action();
        Interlocked.Decrement(ref _inside);
    }
}
