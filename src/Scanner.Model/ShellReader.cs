namespace Scanner.Model;

/// <summary>Follows a script of a POSIX shell letter by letter, and knows whether it is within quotes or a comment.</summary>
internal sealed class ShellReader
{
    private char _quote;
    private bool _escaped;
    private bool _comment;
    private char _last = '\n';

    /// <summary>Whether the next letter is outside of quotes and comments, and not escaped.</summary>
    public bool IsOpen => _quote == '\0' && !_escaped && !_comment;

    /// <summary>Reads a letter.</summary>
    public void Read(char letter)
    {
        if (letter == '\n' && _comment)
            _comment = false;
        else if (_escaped)
            _escaped = false;
        else if (_comment)
            return;
        else if (letter == '\\' && _quote != '\'')
            _escaped = true;
        else if (_quote != '\0')
            _quote = letter == _quote ? '\0' : _quote;
        else if (letter is '\'' or '"')
            _quote = letter;
        else if (letter == '#' && char.IsWhiteSpace(_last))
            _comment = true;
        _last = letter;
    }

    /// <summary>Reads the end of a line.</summary>
    /// <returns>Whether the command goes on in the next line.</returns>
    public bool EndsLine()
    {
        var goesOn = _escaped || _quote != '\0';
        Read('\n');
        return goesOn;
    }
}
