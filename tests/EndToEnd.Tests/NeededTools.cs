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

    private static void Need(bool there, string reason)
    {
        if (Tools.InContinuousIntegration)
            Assert.True(there, reason);
        Assert.SkipUnless(there, reason);
    }
}
