using Loopback;
using Scanner.Catalog;

namespace EndToEnd.Tests;

/// <summary>
/// A part of the shipped checks, for a scan that is to show something of any of them: every fourth by its file, and so some of each folder, kind
/// and service. <c>SCANNER_GAPS=all</c>, as at night, takes them all.
/// </summary>
internal static class SomeChecks
{
    private const int Step = 4;

    private static readonly bool All = Environment.GetEnvironmentVariable("SCANNER_GAPS") == "all";

    /// <summary>Files of checks and detections; none for all.</summary>
    public static IReadOnlyList<string> Files() =>
        All ? [] : [.. new[] { "checks/cis", "checks/logging", "checks/monitoring", "checks/detections" }.SelectMany(folder => Directory
            .EnumerateFiles(Path.Combine(Tools.Repository, folder), "*.yml", SearchOption.AllDirectories).Order(StringComparer.Ordinal).Where((_, i) => i % (2 * Step) == 0))];

    /// <summary>Arguments of a scan.</summary>
    /// <param name="also">Checks that are among them in any case.</param>
    public static IReadOnlyList<string> Only(params string[] also)
    {
        if (All)
            return [];
        var checks = CatalogLoader.Load([Path.Combine(Tools.Repository, "checks")], BuiltInTables.All).Checks.Values.OrderBy(check => check.Info.File, StringComparer.Ordinal);
        return ["--only", string.Join(',', checks.Where((_, i) => i % Step == 0).Select(check => check.Id).Union(also, StringComparer.Ordinal))];
    }
}
