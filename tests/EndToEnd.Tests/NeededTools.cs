using Loopback;

namespace EndToEnd.Tests;

/// <summary>Programs that a test cannot do without: where one is missing the test skips with the reason, and fails in CI.</summary>
internal static class NeededTools
{
    public static string Node()
    {
        var node = Tools.Find("node");
        Need(node is not null && Tools.NodeModules is not null, "node or the packages of tests/node are missing (npm ci --prefix tests/node)");
        return node!;
    }

    public static string Terraform()
    {
        var terraform = Tools.Find("terraform");
        Need(terraform is not null, "terraform is not on PATH");
        return terraform!;
    }

    /// <summary>The names of version 5 of the AWS provider, which <c>npm ci</c> fetches besides.</summary>
    public static void ProviderFive() =>
        Need(Tools.NodeModules is { } modules && File.Exists(Path.Combine(modules, ".provider-5.json")), "the names of provider 5 are missing (npm ci --prefix tests/node, with its scripts)");

    private static void Need(bool there, string reason)
    {
        if (Tools.InContinuousIntegration)
            Assert.True(there, reason);
        Assert.SkipUnless(there, reason);
    }
}
