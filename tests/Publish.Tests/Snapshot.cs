using System.Runtime.CompilerServices;

namespace Publish.Tests;

/// <summary>
/// Compares a text with the file kept of it. A difference leaves <c>*.received</c> beside it;
/// <c>SCANNER_UPDATE=1</c> takes what was received.
/// </summary>
internal static class Snapshot
{
    public static void Match(string name, string text, [CallerFilePath] string caller = "")
    {
        var folder = Path.Combine(RootOf(caller), "Snapshots");
        var kept = Path.Combine(folder, name);
        var received = kept + ".received";
        File.Delete(received);
        if (File.Exists(kept) && File.ReadAllText(kept) == text)
            return;
        if (Environment.GetEnvironmentVariable("SCANNER_UPDATE") == "1")
        {
            Directory.CreateDirectory(folder);
            File.WriteAllText(kept, text);
            return;
        }
        File.WriteAllText(received, text);
        Assert.Equal(File.Exists(kept) ? File.ReadAllText(kept) : "", text);
    }

    private static string RootOf(string caller)
    {
        var folder = Path.GetDirectoryName(caller);
        while (folder is not null && !File.Exists(Path.Combine(folder, "Publish.Tests.csproj")))
            folder = Path.GetDirectoryName(folder);
        return folder ?? throw new InvalidOperationException("the test project's folder is not where it was built");
    }
}
