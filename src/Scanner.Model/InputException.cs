namespace Scanner.Model;

/// <summary>
/// Something that the user gave is wrong and only the user can correct it: a flag, a file, a credential, a role.
/// The program prints <see cref="Exception.Message"/> as one line and ends with exit code 2, without a stack trace.
/// </summary>
public sealed class InputException : Exception
{
    /// <summary>Makes the error for a problem with no place in a file.</summary>
    /// <param name="message">What is wrong and how to correct it, one line.</param>
    public InputException(string message) : base(OneLine(message))
    {
    }

    /// <summary>Makes the error for a problem with no place in a file, and keeps what caused it.</summary>
    /// <param name="message">What is wrong and how to correct it, one line.</param>
    /// <param name="cause">The technical cause; not printed.</param>
    public InputException(string message, Exception cause) : base(OneLine(message), cause)
    {
    }

    /// <summary>Makes the error for a place in a file: <c>file:line: message</c>.</summary>
    /// <param name="file">Path as the user knows it.</param>
    /// <param name="line">Line number, from 1; 0 when there is none to name.</param>
    /// <param name="message">What is wrong and how to correct it, one line.</param>
    public InputException(string file, long line, string message)
        : base(OneLine(line > 0 ? $"{file}:{line}: {message}" : $"{file}: {message}"))
    {
    }

    private static string OneLine(string text) =>
        text.ReplaceLineEndings(" ");
}
