using System.Diagnostics;
using System.Globalization;
using Scanner.Model;

namespace Scanner.Commands;

/// <summary>How far <c>scanner detect</c> is: files opened, matches, seconds.</summary>
internal sealed class ReadingProgress
{
    private readonly Stopwatch _watch = Stopwatch.StartNew();
    private int _opened;
    private int _matches;

    /// <summary>Counts the opening of files.</summary>
    /// <param name="files">The files that will be read.</param>
    public ReadingProgress(IReadOnlyList<LogFile> files) =>
        Files = [.. files.Select(file => file with { Open = () => { Interlocked.Increment(ref _opened); return file.Open(); } })];

    /// <summary>The files, to be read in the place of the ones that were given.</summary>
    public IReadOnlyList<LogFile> Files { get; }

    /// <summary>Counts a match.</summary>
    public void Matched() => Interlocked.Increment(ref _matches);

    /// <summary>One line; null where matches come into the same terminal, which are sign enough.</summary>
    public string? Text() => !Console.IsOutputRedirected && _matches > 0 ? null
        : string.Create(CultureInfo.InvariantCulture, $"Reading file {Math.Min(_opened, Files.Count):N0} of {Files.Count:N0}, {_matches:N0} {(_matches == 1 ? "match" : "matches")}, {_watch.Elapsed.TotalSeconds:0} s");
}
