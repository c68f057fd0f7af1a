using System.Runtime.CompilerServices;
using NJsonSchema;

namespace Publish.Tests;

/// <summary>
/// Schemas that npm packages ship (@octokit/openapi, @microsoft/jest-sarif). Their folder is named by
/// <c>SCANNER_NODE_MODULES</c>, or is <c>tests/node/node_modules</c> or <c>node_modules</c> of the repository.
/// </summary>
internal static class NodePackages
{
    public static string Find(string path, [CallerFilePath] string caller = "")
    {
        var root = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(caller)!, "..", ".."));
        var folders = new[] { Environment.GetEnvironmentVariable("SCANNER_NODE_MODULES"), Path.Combine(root, "tests", "node", "node_modules"), Path.Combine(root, "node_modules") };
        var found = folders.OfType<string>().Select(f => Path.Combine(f, path)).FirstOrDefault(File.Exists);
        if (found is not null)
            return found;
        var package = string.Join('/', path.Split('/').Take(2));
        var said = $"npm package {package} is not installed: run `npm ci --prefix tests/node`, or set SCANNER_NODE_MODULES to a folder that has it";
        Assert.False(Environment.GetEnvironmentVariable("CI") == "true", said);
        Assert.Skip(said);
        return "";
    }

    public static async Task<JsonSchema> SarifSchemaAsync() =>
        await JsonSchema.FromFileAsync(Find("@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json"));
}
