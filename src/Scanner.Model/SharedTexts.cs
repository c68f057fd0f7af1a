namespace Scanner.Model;

/// <summary>Texts that come again and again, such as regions and the names of tables, each kept once. Not for several threads.</summary>
/// <param name="most">How many are known at a time. Those that come once only are not worth a place: when there are so many, those are kept that come next.</param>
public sealed class SharedTexts(int most)
{
    private readonly Dictionary<string, string> _texts = new(StringComparer.Ordinal);

    /// <summary>The same text, in the memory of the first that was like it.</summary>
    /// <param name="text">A text.</param>
    public string Of(string text)
    {
        if (_texts.TryGetValue(text, out var known))
            return known;
        if (_texts.Count == most)
            _texts.Clear();
        return _texts[text] = text;
    }
}
