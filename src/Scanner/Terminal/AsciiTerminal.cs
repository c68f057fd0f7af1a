using System.Text;

namespace Scanner.Terminal;

/// <summary>
/// A terminal whose locale has no UTF-8 (<c>LC_ALL=C</c>): signs outside of ASCII become the nearest inside, one for one, so that tables stay in line.
/// </summary>
internal sealed class AsciiTerminal : EncoderFallback
{
    private AsciiTerminal()
    {
    }

    /// <inheritdoc />
    public override int MaxCharCount => 1;

    /// <summary>The encoding of such a terminal.</summary>
    public static Encoding Encoding { get; } = Encoding.GetEncoding("us-ascii", new AsciiTerminal(), DecoderFallback.ReplacementFallback);

    /// <summary>Whether the locale says that the terminal takes no UTF-8. One that says nothing does: most containers have none.</summary>
    /// <param name="environment">Environment variables.</param>
    public static bool Is(Func<string, string?> environment)
    {
        var locale = new[] { "LC_ALL", "LC_CTYPE", "LANG" }.Select(environment).FirstOrDefault(text => !string.IsNullOrEmpty(text));
        if (locale is null)
            return false;
        var charset = locale.Split('@')[0].Split('.');
        return charset.Length > 1
            ? charset[1].Replace("-", "", StringComparison.Ordinal).ToUpperInvariant() is not "UTF8"
            : locale is "C" or "POSIX";
    }

    /// <inheritdoc />
    public override EncoderFallbackBuffer CreateFallbackBuffer() => new Buffer();

    private static char Nearest(char sign) => sign switch
    {
        '─' or '━' or '═' or '–' or '—' or '·' or '╌' => '-',
        '│' or '┃' or '║' => '|',
        >= '\u2500' and <= '\u257F' => '+',
        >= '\u2580' and <= '\u259F' => '#',
        '…' => '.',
        '‘' or '’' => '\'',
        '“' or '”' => '"',
        '→' => '>',
        '←' => '<',
        '✓' or '✔' => '+',
        '✗' or '✘' or '×' => 'x',
        '\u00A0' => ' ',
        _ => '?',
    };

    private sealed class Buffer : EncoderFallbackBuffer
    {
        private char? _sign;

        public override int Remaining => _sign is null ? 0 : 1;

        public override bool Fallback(char charUnknown, int index) => Put(Nearest(charUnknown));

        public override bool Fallback(char charUnknownHigh, char charUnknownLow, int index) => Put('?');

        public override char GetNextChar()
        {
            var sign = _sign ?? '\0';
            _sign = null;
            return sign;
        }

        public override bool MovePrevious() => false;

        public override void Reset() => _sign = null;

        private bool Put(char sign)
        {
            _sign = sign;
            return true;
        }
    }
}
