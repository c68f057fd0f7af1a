using Scanner.Model;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Scanner.Catalog;

/// <summary>
/// A YAML parser that stops at a bomb. The representation model resolves aliases to shared nodes, and reads recursively:
/// neither kind is handed on to it.
/// </summary>
internal sealed class BoundedParser(IParser inner, string file) : IParser
{
    private const int MostDepth = 64;
    private int _depth;

    public ParsingEvent? Current => inner.Current;

    public bool MoveNext()
    {
        if (!Advance())
            return false;
        _depth += inner.Current!.NestingIncrease;
        if (_depth > MostDepth)
            throw new InputException(file, inner.Current.Start.Line, "nested deeper than 64 levels; flatten it");
        if (inner.Current is AnchorAlias)
            throw new InputException(file, inner.Current.Start.Line, "YAML aliases (*name) are not supported; write the value out");
        return true;
    }

    private bool Advance()
    {
        try
        {
            return inner.MoveNext();
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException or FormatException or OverflowException or IndexOutOfRangeException)
        {
            // The scanner underneath leaves some broken texts with exceptions of its own, which know no line.
            throw new InputException(file, inner.Current?.End.Line ?? 1, "not valid YAML near here; look for an open bracket, brace or quote");
        }
    }
}
