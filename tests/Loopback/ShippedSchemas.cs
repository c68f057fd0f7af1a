using System.Text.Json;

namespace Loopback;

/// <summary>The JSON Schemas in <c>schemas/</c>, as ajv, a validator of other people's, and so an editor, understands them.</summary>
public static class ShippedSchemas
{
    /// <summary>What is wrong with files of ours, a line a fault; the last line says how many files were looked at.</summary>
    /// <param name="node">Path of node.</param>
    /// <param name="files">Kind of the schema (check, table, framework, mutes, report), what the fault's line calls the file, and its text.</param>
    /// <param name="cancellation">Ends node.</param>
    public static async Task<IReadOnlyList<string>> FaultsAsync(string node, IEnumerable<(string Schema, string Name, string Text)> files, CancellationToken cancellation)
    {
        var list = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(list, JsonSerializer.Serialize(files.Select(file => new { schema = file.Schema, name = file.Name, text = file.Text })), cancellation);
            var (_, output) = await Tools.RunAsync(node, ["tests/node/check-schemas.mjs", Tools.NodeModules!, "schemas", list], cancellation: cancellation);
            return output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        }
        finally
        {
            File.Delete(list);
        }
    }
}
