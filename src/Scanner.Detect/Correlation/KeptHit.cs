using System.Runtime.InteropServices;

namespace Scanner.Detect.Correlation;

/// <summary>A hit whose values stay bytes in its block until somebody asks: most correlations look at two or three of them.</summary>
/// <param name="block">Its block.</param>
/// <param name="time">Place of the text of the event's time.</param>
/// <param name="values">Byte in the block's hits at which the places of the texts begin.</param>
/// <param name="fields">How many they are.</param>
internal sealed class KeptHit(HitBlock block, int time, int values, int fields) : Hit
{
    internal override string? EventTime => block.TextAt(time);

    internal override int Fields => fields;

    internal override string? this[int field] => block.TextAt(MemoryMarshal.Read<int>(block.Hits.AsSpan(values + (field * sizeof(int)))));
}

/// <summary>Hits in memory, as <see cref="HitWriter"/> writes them.</summary>
/// <param name="Number">Number of the block.</param>
/// <param name="Hits">The hits.</param>
/// <param name="Texts">Their texts.</param>
/// <param name="Strings">Texts that were asked for lately.</param>
internal sealed record HitBlock(int Number, byte[] Hits, byte[] Texts, HitStrings Strings)
{
    /// <summary>A text of a hit; null where it has none.</summary>
    internal string? TextAt(int at) => Strings.Of(Number, Texts, at);
}
