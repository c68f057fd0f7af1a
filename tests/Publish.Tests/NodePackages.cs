using NJsonSchema;

namespace Publish.Tests;

/// <summary>
/// Schemas that npm packages ship (@octokit/openapi, @microsoft/jest-sarif). Their folder is named by
/// <c>SCANNER_NODE_MODULES</c>, or is <c>tests/node/node_modules</c> or <c>node_modules</c> of the repository.
/// </summary>
internal static class NodePackages
{
    /// <summary>The root of the repository.</summary>
    public static string Root()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Scanner.sln")))
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("the tests do not run within the repository");
        return folder;
    }

    /// <summary>Path of a file of a package; null when the package is not installed.</summary>
    public static string? TryFind(string path)
    {
        var root = Root();
        var folders = new[] { Environment.GetEnvironmentVariable("SCANNER_NODE_MODULES"), Path.Combine(root, "tests", "node", "node_modules"), Path.Combine(root, "node_modules") };
        return folders.OfType<string>().Select(f => Path.Combine(f, path)).FirstOrDefault(File.Exists);
    }

    /// <summary>Path of a file of a package; without the package the test is skipped, in CI it fails.</summary>
    public static string Find(string path)
    {
        var found = TryFind(path);
        var said = $"npm package {string.Join('/', path.Split('/').Take(2))} is not installed: run `npm ci --prefix tests/node`, or set SCANNER_NODE_MODULES to a folder that has it";
        Assert.False(found is null && Environment.GetEnvironmentVariable("CI") == "true", said);
        Assert.SkipUnless(found is not null, said);
        return found!;
    }

    public static async Task<JsonSchema> SarifSchemaAsync() =>
        await JsonSchema.FromFileAsync(Find("@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json"));
}
