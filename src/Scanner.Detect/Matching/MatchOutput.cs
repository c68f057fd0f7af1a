namespace Scanner.Detect.Matching;

/// <summary>Takes the matches of files that are read at the same time.</summary>
internal abstract class MatchOutput
{
    /// <summary>Makes of a match what is passed on. Several threads may do so at the same time.</summary>
    internal abstract MadeMatch Make(DetectionMatch match);

    /// <param name="file">Number of the file.</param>
    /// <param name="match">What was found in it.</param>
    /// <param name="mayWait">False while the thread holds what the first file's thread may be waiting for.</param>
    internal abstract void Add(int file, MadeMatch match, bool mayWait);

    /// <summary>Says that there is nothing more in a file.</summary>
    internal abstract void Complete(int file);

    /// <summary>Another thread failed: nobody waits any more.</summary>
    internal abstract void Abandon();
}

/// <summary>A match, and what was made of it.</summary>
/// <param name="Match">The match.</param>
internal abstract record MadeMatch(DetectionMatch Match);
