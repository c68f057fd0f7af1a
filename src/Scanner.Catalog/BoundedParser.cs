using Scanner.Model;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;
using YamlDotNet.RepresentationModel;

namespace Scanner.Catalog;

/// <summary>
/// A YAML parser that stops at a bomb. The representation model resolves aliases to shared nodes, and reads, compares and hashes
/// recursively: what is nested too deep, or would be too large with its aliases written out, is not handed on to it.
/// </summary>
public sealed class BoundedParser : IParser
{
    private const int MostDepth = 64;
    private const int MostNodes = 1_000_000;

    private readonly IParser _inner;
    private readonly string _file;
    private readonly bool _allowsAliases;
    private readonly Dictionary<AnchorName, long> _sizes = [];
    private readonly Stack<(AnchorName Anchor, long Before, bool IsMap, long Children)> _open = new();
    private long _nodes;

    /// <summary>Makes a parser of a text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="file">How messages call it.</param>
    /// <param name="allowsAliases">Whether <c>*name</c> is understood or refused.</param>
    public BoundedParser(string text, string file, bool allowsAliases = false)
    {
        _inner = new Parser(new StringReader(text));
        _file = file;
        _allowsAliases = allowsAliases;
    }

    /// <inheritdoc/>
    public ParsingEvent? Current => _inner.Current;

    /// <inheritdoc/>
    /// <exception cref="InputException">It is too deep, too large, or no YAML.</exception>
    public bool MoveNext()
    {
        if (!Advance())
            return false;
        switch (_inner.Current)
        {
            case DocumentStart:
                _sizes.Clear();
                _open.Clear();
                break;
            case AnchorAlias alias:
                Child(isText: true);
                Count(SizeOf(alias));
                break;
            case MappingStart or SequenceStart:
                Child(isText: false);
                Count(1);
                _open.Push((((NodeEvent)_inner.Current).Anchor, _nodes, _inner.Current is MappingStart, 0));
                if (_open.Count > MostDepth)
                    throw Error("nested deeper than 64 levels; flatten it");
                break;
            case MappingEnd or SequenceEnd:
                var (anchor, before, _, _) = _open.Pop();
                Note(anchor, _nodes - before + 1);
                break;
            case Scalar scalar:
                Child(isText: true);
                Count(1);
                Note(scalar.Anchor, 1);
                break;
        }
        return true;
    }

    // A mapping's children are key and value in turn. Nothing that is read here has a list or a mapping for a key, and who reads keys
    // takes them for texts. What an alias stands for is its reader's to look at: only Sigma has them.
    private void Child(bool isText)
    {
        if (_open.Count == 0)
            return;
        var parent = _open.Pop();
        if (parent.IsMap && parent.Children % 2 == 0 && !isText)
            throw Error("a key must be plain text, not a list or a mapping");
        _open.Push(parent with { Children = parent.Children + 1 });
    }

    /// <summary>Reads all documents of a text; those before a broken one stay in the stream.</summary>
    /// <param name="stream">Where they go.</param>
    /// <param name="text">The text.</param>
    /// <param name="file">How messages call it.</param>
    /// <param name="allowsAliases">Whether <c>*name</c> is understood or refused.</param>
    /// <exception cref="InputException">It is too deep, too large, or no YAML.</exception>
    public static void Load(YamlStream stream, string text, string file, bool allowsAliases = false)
    {
        ArgumentNullException.ThrowIfNull(stream);
        var parser = new BoundedParser(text, file, allowsAliases);
        try
        {
            stream.Load(parser);
        }
        catch (YamlException e)
        {
            throw new InputException(file, e.Start.Line, $"not valid YAML: {Reason(e)}");
        }
        catch (Exception e) when (IsOfBrokenText(e))
        {
            throw new InputException(file, parser.Current?.Start.Line ?? 1, "not valid YAML near here; look for a key that is no plain text, or an open bracket, brace or quote");
        }
    }

    private static string Reason(YamlException e)
    {
        var message = (e.InnerException ?? e).Message;
        var colon = message.IndexOf("): ", StringComparison.Ordinal);
        return colon >= 0 ? message[(colon + 3)..] : message;
    }

    // How the library leaves a broken text, without naming a line.
    private static bool IsOfBrokenText(Exception e) =>
        e is InvalidOperationException or ArgumentException or FormatException or OverflowException or IndexOutOfRangeException or NullReferenceException or KeyNotFoundException;

    private bool Advance()
    {
        try
        {
            return _inner.MoveNext();
        }
        catch (Exception e) when (IsOfBrokenText(e))
        {
            throw new InputException(_file, _inner.Current?.End.Line ?? 1, "not valid YAML near here; look for an open bracket, brace or quote");
        }
    }

    private long SizeOf(AnchorAlias alias)
    {
        if (!_allowsAliases)
            throw Error("YAML aliases (*name) are not supported; write the value out");
        if (_open.Any(one => one.Anchor == alias.Value))
            throw Error($"the alias *{alias.Value} is inside of what it names; write the value out");
        return _sizes.TryGetValue(alias.Value, out var size)
            ? size
            : throw Error($"there is no anchor &{alias.Value} before the alias *{alias.Value}");
    }

    private void Count(long nodes)
    {
        _nodes += nodes;
        if (_nodes > MostNodes)
            throw Error("more than a million values once its aliases are written out; split the file");
    }

    private void Note(AnchorName anchor, long size)
    {
        if (!anchor.IsEmpty)
            _sizes[anchor] = size;
    }

    private InputException Error(string message) => new(_file, _inner.Current!.Start.Line, message);
}
