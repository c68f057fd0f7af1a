namespace Scanner.Detect.Logs;

/// <summary>What is wrong with a log file: events of it may not have been looked at, or not as its writer meant them.</summary>
/// <param name="File">Name of the file.</param>
/// <param name="Message">Where and what, one line; the first defect, and how many there are besides.</param>
public sealed record EventFileError(string File, string Message)
{
    /// <summary><c>file: message</c>.</summary>
    public override string ToString() => $"{File}: {Message}".ReplaceLineEndings(" ");
}
