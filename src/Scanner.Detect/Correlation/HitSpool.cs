using System.Text;
using Scanner.Detect.Logs;
using Scanner.Model;

namespace Scanner.Detect.Correlation;

/// <summary>
/// Hits of a run, to be read in order of time. Beyond a bound they are sorted and written to temporary files, and merged
/// when read: logs may be of any size. For one thread.
/// </summary>
internal sealed class HitSpool(string? folder, int maxBytes = 48 << 20) : SortedHits
{
    private readonly List<FileStream> _runs = [];
    private List<Hit> _hits = [];
    private long _bytes;
    private long _count;

    internal override long Count => _count;

    internal int Runs => _runs.Count;

    /// <param name="hit">The hit.</param>
    /// <param name="textBytes">Memory of those of its texts that no other hit shares.</param>
    internal void Add(Hit hit, int textBytes = 0)
    {
        _count++;
        _hits.Add(hit);
        _bytes += 130 + (hit.Fields * 8) + textBytes;
        if (_bytes > maxBytes)
            Spill();
    }

    internal override IEnumerable<Hit> InOrder()
    {
        _hits.Sort(Hit.Order);
        if (_runs.Count == 0)
            return _hits;
        return Merge();
    }

    public override void Dispose()
    {
        foreach (var run in _runs)
            run.Dispose();
    }

    internal static InputException CannotWrite(Exception cause) =>
        new($"matches could not be put aside for correlation in the temporary folder: {cause.Message}", cause);

    private void Spill()
    {
        _hits.Sort(Hit.Order);
        try
        {
            var file = TemporaryFile.Create(folder);
            _runs.Add(file);
            using var writer = new BinaryWriter(file, Encoding.UTF8, leaveOpen: true);
            foreach (var hit in _hits)
                Write(writer, hit);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw CannotWrite(e);
        }

        _hits = [];
        _bytes = 0;
    }

    private IEnumerable<Hit> Merge()
    {
        var sources = new List<IEnumerator<Hit>> { _hits.GetEnumerator() };
        sources.AddRange(_runs.Select(run => Read(run).GetEnumerator()));
        var queue = new PriorityQueue<IEnumerator<Hit>, Hit>(Hit.Order);
        foreach (var source in sources)
        {
            if (source.MoveNext())
                queue.Enqueue(source, source.Current);
        }

        while (queue.TryDequeue(out var source, out var hit))
        {
            yield return hit;
            if (source.MoveNext())
                queue.Enqueue(source, source.Current);
        }
    }

    private static IEnumerable<Hit> Read(FileStream file)
    {
        file.Position = 0;
        using var reader = new BinaryReader(new BufferedStream(file, 1 << 16), Encoding.UTF8, leaveOpen: true);
        while (true)
        {
            Hit hit;
            try
            {
                hit = new Hit
                {
                    Ticks = reader.ReadInt64(),
                    File = reader.ReadInt32(),
                    Record = reader.ReadInt64(),
                    Offset = reader.ReadInt64(),
                    Rule = reader.ReadInt32(),
                    EventId = Text(reader),
                    EventTime = Text(reader),
                    Values = Texts(reader),
                };
            }
            catch (EndOfStreamException)
            {
                yield break;
            }

            yield return hit;
        }
    }

    private static void Write(BinaryWriter writer, Hit hit)
    {
        writer.Write(hit.Ticks);
        writer.Write(hit.File);
        writer.Write(hit.Record);
        writer.Write(hit.Offset);
        writer.Write(hit.Rule);
        Text(writer, hit.EventId);
        Text(writer, hit.EventTime);
        writer.Write(hit.Fields);
        for (var field = 0; field < hit.Fields; field++)
            Text(writer, hit[field]);
    }

    private static string?[] Texts(BinaryReader reader)
    {
        var texts = new string?[reader.ReadInt32()];
        for (var i = 0; i < texts.Length; i++)
            texts[i] = Text(reader);
        return texts;
    }

    private static string? Text(BinaryReader reader) => reader.ReadBoolean() ? reader.ReadString() : null;

    private static void Text(BinaryWriter writer, string? text)
    {
        writer.Write(text is not null);
        if (text is not null)
            writer.Write(text);
    }
}
