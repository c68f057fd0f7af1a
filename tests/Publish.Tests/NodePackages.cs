using Loopback;
using NJsonSchema;

namespace Publish.Tests;

/// <summary>
/// Schemas that npm packages ship (@octokit/openapi, @microsoft/jest-sarif). Their folder is
/// <see cref="Tools.NodeModules"/>.
/// </summary>
internal static class NodePackages
{
    /// <summary>Path of a file of a package; null when the package is not installed.</summary>
    public static string? TryFind(string path)
    {
        var file = Path.Combine(Tools.NodeModules ?? "", path);
        return File.Exists(file) ? file : null;
    }

    /// <summary>Path of a file of a package; without the package the test is skipped, in CI it fails.</summary>
    public static string Find(string path)
    {
        var found = TryFind(path);
        var said = $"npm package {string.Join('/', path.Split('/').Take(2))} is not installed: run `npm ci --prefix tests/node`, or set SCANNER_NODE_MODULES to a folder that has it";
        Assert.False(found is null && Tools.InContinuousIntegration, said);
        Assert.SkipUnless(found is not null, said);
        return found!;
    }

    public static async Task<JsonSchema> SarifSchemaAsync() =>
        await JsonSchema.FromFileAsync(Find("@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json"));
}
