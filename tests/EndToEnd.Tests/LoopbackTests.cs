using Loopback;
using Loopback.Aws;

namespace EndToEnd.Tests;

/// <summary>A test of the built program with AWS and GitHub on loopback and a folder of its own.</summary>
public abstract class LoopbackTests : IAsyncLifetime
{
    private protected DirectoryInfo Folder { get; } = Directory.CreateTempSubdirectory("scanner");

    private protected AwsServer Aws { get; private set; } = null!;

    private protected GitHubServer GitHub { get; private set; } = null!;

    public virtual async ValueTask InitializeAsync()
    {
        Aws = await AwsServer.StartAsync();
        GitHub = await GitHubServer.StartAsync();
    }

    public virtual async ValueTask DisposeAsync()
    {
        await GitHub.DisposeAsync();
        await Aws.DisposeAsync();
        Folder.Delete(recursive: true);
        GC.SuppressFinalize(this);
    }
}
