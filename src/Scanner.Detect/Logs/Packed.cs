using System.Formats.Tar;
using System.IO.Compression;

namespace Scanner.Detect.Logs;

/// <summary>How a log is packed, told by its first bytes and not by its name.</summary>
internal static class Packed
{
    /// <summary>So many first bytes tell every packing: a tar archive says what it is in byte 257.</summary>
    internal const int HeadLength = 4096;

    /// <summary>What the first bytes say.</summary>
    internal static Packing Of(ReadOnlySpan<byte> head) => head switch
    {
        [0x1f, 0x8b, ..] => Packing.Gzip,
        [0x28, 0xb5, 0x2f, 0xfd, ..] => Packing.Zstandard,
        [(byte)'P', (byte)'K', 3, 4, ..] or [(byte)'P', (byte)'K', 5, 6, ..] => Packing.Zip,
        [(byte)'P', (byte)'A', (byte)'R', (byte)'1', ..] => Packing.Parquet,
        [(byte)'B', (byte)'Z', (byte)'h', >= (byte)'1' and <= (byte)'9', 0x31, 0x41, 0x59, 0x26, ..] => Packing.Unknown("bzip2"),
        [0xfd, (byte)'7', (byte)'z', (byte)'X', (byte)'Z', 0, ..] => Packing.Unknown("xz"),
        [(byte)'7', (byte)'z', 0xbc, 0xaf, 0x27, 0x1c, ..] => Packing.Unknown("7-Zip"),
        [0x04, 0x22, 0x4d, 0x18, ..] => Packing.Unknown("LZ4"),
        [0xff, 6, 0, 0, (byte)'s', (byte)'N', (byte)'a', (byte)'P', ..] => Packing.Unknown("Snappy"),
        [(byte)'O', (byte)'b', (byte)'j', 1, ..] => Packing.Unknown("Avro"),
        [(byte)'O', (byte)'R', (byte)'C', ..] => Packing.Unknown("ORC"),
        _ => head.Length > 262 && head.Slice(257, 5).SequenceEqual("ustar"u8) ? Packing.Tar : Packing.None,
    };

    /// <summary>The files of an archive, one after the other. Each stream is used up before the next is asked for.</summary>
    internal static IEnumerable<(string Name, Stream Content)> Members(Packing packing, Stream archive)
    {
        if (packing == Packing.Zip)
        {
            using var seekable = Seekable(archive);
            using var zip = new ZipArchive(seekable, ZipArchiveMode.Read);
            foreach (var entry in zip.Entries.Where(entry => !entry.FullName.EndsWith('/')))
            {
                using var content = entry.Open();
                yield return (entry.FullName, content);
            }
        }
        else
        {
            using var tar = new TarReader(archive);
            while (tar.GetNextEntry() is { } entry)
            {
                if (entry.EntryType is TarEntryType.RegularFile or TarEntryType.V7RegularFile or TarEntryType.ContiguousFile && entry.DataStream is { } content)
                    yield return (entry.Name, content);
            }
        }
    }

    /// <summary>A stream that can be read in any order: this one, or a copy of it in a temporary file that is gone when it is closed.</summary>
    /// <exception cref="IOException">The temporary folder cannot be written to.</exception>
    internal static Stream Seekable(Stream stream)
    {
        if (stream.CanSeek)
            return stream;
        var file = TemporaryFile.Create(null);
        try
        {
            stream.CopyTo(file);
            file.Position = 0;
            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
        finally
        {
            stream.Dispose();
        }
    }
}

/// <summary>A packing of logs.</summary>
/// <param name="Name">For messages.</param>
/// <param name="IsKnown">Whether it is read here.</param>
internal sealed record Packing(string Name, bool IsKnown = true)
{
    internal static readonly Packing None = new("none");
    internal static readonly Packing Gzip = new("gz");
    internal static readonly Packing Zstandard = new("zst");
    internal static readonly Packing Zip = new("zip");
    internal static readonly Packing Tar = new("tar");
    internal static readonly Packing Parquet = new("Parquet");

    /// <summary>Whether it holds several files.</summary>
    internal bool IsArchive => this == Zip || this == Tar;

    internal static Packing Unknown(string name) => new(name, IsKnown: false);
}
