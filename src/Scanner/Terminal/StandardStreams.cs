using System.Runtime.InteropServices;
using System.Text;

namespace Scanner.Terminal;

/// <summary>
/// Standard output and error that may be closed or on a full disk: the work goes on (reports, issues, the store), what was not shown is
/// said on standard error, and the exit code tells.
/// </summary>
internal static class StandardStreams
{
    private const int Descriptors = 3;
    private const int GetFlags = 1; // F_GETFD
    private const int ReadAndWrite = 2; // O_RDWR

    private static string? Lost;

    /// <summary>Gives closed descriptors to /dev/null, before a file of ours gets the number and what is printed is written into it.</summary>
    public static void Prepare()
    {
        Lost = null;
        if (OperatingSystem.IsWindows())
            return;
        for (var number = 0; number < Descriptors; number++)
        {
            if (Control(number, GetFlags, 0) >= 0)
                continue;
            if (number == 1)
                Lost = "it is closed";
            _ = Open(Encoding.UTF8.GetBytes("/dev/null\0"), ReadAndWrite);
        }
    }

    /// <summary>Lets no failure of standard output or error reach whoever writes there.</summary>
    public static void Guard()
    {
        Console.SetOut(new GuardedWriter(Console.Out, NoteLost));
        Console.SetError(new GuardedWriter(Console.Error, _ => { }));
    }

    /// <summary>Standard output for bytes, guarded as the text is. Whoever gets it disposes of it.</summary>
    public static Stream OpenOutput() => new GuardedStream(Console.OpenStandardOutput(), NoteLost);

    /// <summary>The exit code, that of bad input where the user did not get what was printed.</summary>
    public static int Settle(int exitCode)
    {
        if (Lost is null)
            return exitCode;
        Consoles.Complain($"standard output could not be written: {Lost}");
        return exitCode is ExitCode.Clean or ExitCode.Findings or ExitCode.Incomplete ? ExitCode.BadInput : exitCode;
    }

    private static void NoteLost(Exception e)
    {
        if (Lost is not null)
            return;
        var message = (e.InnerException ?? e).Message.TrimEnd('.');
        var path = message.LastIndexOf(" : '", StringComparison.Ordinal);
        Lost = path > 0 ? message[..path] : message;
    }

    private static bool IsLoss(Exception e) => e is IOException or UnauthorizedAccessException or ObjectDisposedException;

    [DllImport("libc", EntryPoint = "fcntl", ExactSpelling = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Control(int descriptor, int command, int argument);

    [DllImport("libc", EntryPoint = "open", ExactSpelling = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Open(byte[] path, int flags);

    private sealed class GuardedWriter(TextWriter inner, Action<Exception> lost) : TextWriter
    {
        private bool _isLost;

        public override Encoding Encoding => inner.Encoding;

        public override void Write(char value) => Do(() => inner.Write(value));

        public override void Write(char[] buffer, int index, int count) => Do(() => inner.Write(buffer, index, count));

        public override void Write(string? value) => Do(() => inner.Write(value));

        public override void WriteLine(string? value) => Do(() => inner.WriteLine(value));

        public override void Flush() => Do(inner.Flush);

        private void Do(Action write)
        {
            if (_isLost)
                return;
            try
            {
                write();
            }
            catch (Exception e) when (IsLoss(e))
            {
                _isLost = true;
                lost(e);
            }
        }
    }

    private sealed class GuardedStream(Stream inner, Action<Exception> lost) : Stream
    {
        private bool _isLost;

        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            if (_isLost)
                return;
            try
            {
                inner.Write(buffer);
            }
            catch (Exception e) when (IsLoss(e))
            {
                _isLost = true;
                lost(e);
            }
        }

        public override void Flush()
        {
            // What the console takes is written at once.
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                inner.Dispose();
            base.Dispose(disposing);
        }
    }
}
