using System.Globalization;

namespace Scanner.Detect.Matching;

/// <summary>What is to be said of one log file.</summary>
/// <param name="Events">How many events it has.</param>
/// <param name="Bytes">Bytes after unpacking.</param>
/// <param name="Errors">Why it, or a part of it, counts as not read.</param>
/// <param name="Besides">What was passed over, rightly.</param>
internal sealed record FileReport(long Events, long Bytes, IReadOnlyList<string> Errors, IReadOnlyList<string> Besides)
{
    /// <summary>The report on the file that a worker has just read.</summary>
    internal static FileReport Of(DetectionWorker worker, string? wrong)
    {
        var events = worker.Reader.Events;
        var errors = new List<string>();
        if (wrong is not null)
            errors.Add(wrong);
        var besides = worker.Reader.PassedOver.ConvertAll(name => $"{name} in the archive is no log by its name");
        foreach (var (kind, (count, first, isBesides)) in worker.Strange.OrderBy(one => one.Key, StringComparer.Ordinal))
        {
            var text = string.Create(CultureInfo.InvariantCulture, $"{(count == 1 ? $"record {first} is no event" : $"{count} records are no events, from record {first} on")}: {kind}");
            (isBesides ? besides : errors).Add(text);
        }

        if (worker.Thin > 0)
        {
            errors.Add(string.Create(CultureInfo.InvariantCulture,
                $"{worker.Thin} event{(worker.Thin == 1 ? " is" : "s are")} of the console's event history as a table, without request parameters and without who it was: most rules cannot judge them; download the history as JSON"));
        }

        // One line a file.
        return new FileReport(events, worker.Reader.Bytes, errors.Count == 0 ? [] : [string.Join("; ", errors)], besides);
    }
}

/// <summary>Records of a file that are no events.</summary>
/// <param name="Count">How many.</param>
/// <param name="First">Number of the first one.</param>
/// <param name="IsBesides">Whether they are passed over rightly.</param>
internal sealed record StrangeRecords(long Count, long First, bool IsBesides)
{
    private const int MostKinds = 20;

    /// <summary>Counts some more, that come after those which are known.</summary>
    /// <param name="known">By kind.</param>
    /// <param name="kind">What they are.</param>
    /// <param name="more">How many, with the first of them.</param>
    internal static void Add(Dictionary<string, StrangeRecords> known, string kind, StrangeRecords more)
    {
        // Hostile logs cannot fill the memory with names.
        if (!known.ContainsKey(kind) && known.Count >= MostKinds)
            kind = "something else";
        known[kind] = known.GetValueOrDefault(kind) is { } before ? more with { Count = before.Count + more.Count, First = before.First } : more;
    }
}
