namespace Scanner.Detect.Logs;

/// <summary>Files for what is too large for memory.</summary>
internal static class TemporaryFile
{
    /// <summary>Creates a file that is gone when it is closed.</summary>
    /// <param name="folder">Null: the system's temporary folder.</param>
    /// <exception cref="IOException">It cannot be created.</exception>
    /// <exception cref="UnauthorizedAccessException">Nor written to.</exception>
    internal static FileStream Create(string? folder)
    {
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.ReadWrite,
            BufferSize = 1 << 16,
            Options = FileOptions.DeleteOnClose | FileOptions.SequentialScan,
        };
        // The temporary folder is everybody's, and logs are not.
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        return new FileStream(Path.Combine(folder ?? Path.GetTempPath(), $"scanner-{Guid.NewGuid():N}.hits"), options);
    }
}
