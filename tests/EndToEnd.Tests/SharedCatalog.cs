using Scanner.Scan;

namespace EndToEnd.Tests;

/// <summary>The shipped catalog, read once for all scans within this process: to read it takes as long as a small scan.</summary>
internal static class SharedCatalog
{
    private static readonly Lazy<CatalogFolders> Shipped = new(() => new CatalogFolders([]));

    /// <summary>What the scan would read itself; null where it has folders of its own.</summary>
    public static CatalogFolders? For(ScanOptions options) => options.Checks.Count == 0 && !options.LockChecks ? Shipped.Value : null;
}
