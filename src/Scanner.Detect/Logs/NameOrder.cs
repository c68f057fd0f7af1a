namespace Scanner.Detect.Logs;

/// <summary>
/// The names in the objects at one place of the events, in the order in which they stand there. CloudTrail writes its members in one order, with
/// some left out: the name that follows is compared with what it should be, instead of being looked for. For one thread.
/// </summary>
internal sealed class NameOrder
{
    // A place with more names has no order (parameters of all operations, tags).
    private const int MostNames = 64;

    // So many members may be left out before the name is looked for.
    private const int MostLeftOut = 4;

    private (byte[] Text, FieldTrie.Node? Child)[] _names = new (byte[], FieldTrie.Node?)[8];
    private int _count;
    private int _at;
    private bool _isFree;

    /// <summary>At the start of an object.</summary>
    internal void Begin() => _at = 0;

    /// <summary>The name that starts at a place, where it is one of those that are expected there.</summary>
    /// <param name="json">The event.</param>
    /// <param name="quote">Index of the quote before the name.</param>
    /// <param name="child">Its node; null where no rule uses it.</param>
    /// <returns>Index of the quote behind the name, which a colon follows; 0: it is another name.</returns>
    internal int Next(ReadOnlySpan<byte> json, int quote, out FieldTrie.Node? child)
    {
        var rest = json[quote..];
        var end = Math.Min(_count, _at + MostLeftOut);
        var names = _names;
        for (var i = _at; i < end; i++)
        {
            var text = names[i].Text;
            if (!rest.StartsWith(text))
                continue;
            _at = i + 1;
            child = names[i].Child;
            return quote + text.Length - 2;
        }

        child = null;
        return 0;
    }

    /// <summary>Takes note of a name that was not expected.</summary>
    /// <param name="name">The name as it stands in the event, with its quotes.</param>
    /// <param name="child">Its node.</param>
    internal void Learn(ReadOnlySpan<byte> name, FieldTrie.Node? child)
    {
        if (_isFree)
            return;
        for (var i = 0; i < _count; i++)
        {
            if (!_names[i].Text.AsSpan(..^1).SequenceEqual(name))
                continue;
            _at = i + 1;
            return;
        }

        // What has dots is looked for each time: it may stand for a field under another name.
        if (name.Contains((byte)'.'))
            return;
        if (_count == MostNames)
        {
            (_isFree, _count, _names) = (true, 0, []);
            return;
        }

        if (_count == _names.Length)
            Array.Resize(ref _names, _count * 2);
        // After the name before it, where it belongs.
        Array.Copy(_names, _at, _names, _at + 1, _count - _at);
        _names[_at] = ([.. name, (byte)':'], child);
        _count++;
        _at++;
    }
}
