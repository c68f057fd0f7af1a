using System.IO.Compression;

namespace Detect.Tests.Logs;

/// <summary>Content as gz.</summary>
internal static class Gzip
{
    internal static byte[] Of(byte[] content)
    {
        using var memory = new MemoryStream();
        using (var gz = new GZipStream(memory, CompressionLevel.Fastest))
            gz.Write(content);
        return memory.ToArray();
    }
}
