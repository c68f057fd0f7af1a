using System.Security.Cryptography;
using System.Text;
using Scanner.Aws;
using Scanner.Catalog;
using Scanner.Collect.Tables;

namespace Scanner.Scan;

/// <summary>How tables are asked, each as a short text: the same text, the same questions and the same rows of the same answers.</summary>
internal static class TableFingerprints
{
    // Between two releases the version stays the same: what asks, and the service models in it, are told apart by what they were built of.
    private static readonly string Asker = $"{typeof(IAwsApi).Module.ModuleVersionId} {typeof(Collector).Module.ModuleVersionId}";

    /// <summary>Fingerprints by name: of the program that asks, the file, the details that are asked, and what is secret anywhere, which no row holds.</summary>
    /// <param name="tables">Tables as they are collected.</param>
    /// <param name="catalog">All tables.</param>
    public static IReadOnlyDictionary<string, string> Of(IEnumerable<TableDefinition> tables, CheckCatalog catalog)
    {
        var secret = string.Join('\n', catalog.Tables.Values.OrderBy(table => table.Name, StringComparer.Ordinal)
            .SelectMany(table => table.ForEach.Append(table.List).Concat(table.Each).Concat(table.NotAsked))
            .SelectMany(call => call.Secret.Select(path => $"{call.Service} {call.Operation} {path}")));
        return tables.Where(table => table.Path.Length > 0).ToDictionary(table => table.Name,
            table => Of($"{File.ReadAllText(table.Path)}\n{string.Join('\n', table.Each.Select(detail => detail.As))}\n{secret}\n{Asker}"), StringComparer.Ordinal);
    }

    /// <summary>Fingerprint of a text: 32 hexadecimal digits.</summary>
    public static string Of(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, 16));
}
