using System.Text;

namespace Scanner.Catalog;

/// <summary>The unit tests in a file of a check or of Sigma rules: the most of each shipped file, which only <c>checks test</c> reads.</summary>
public static class TestSection
{
    /// <summary>A file without the values of the key <c>tests</c> at the start of a line, with as many lines: parsing them takes time.</summary>
    /// <param name="text">Text of a check, or of Sigma rules.</param>
    public static string CutFrom(string text)
    {
        var rest = new StringBuilder(text.Length);
        var isTest = false;
        foreach (var line in text.AsSpan().EnumerateLines())
        {
            // A list may stand at the start of the line too; a document's end does not begin with an item.
            var isInside = line.IsEmpty || line[0] is ' ' or '#' || (line[0] == '-' && !line.StartsWith("---", StringComparison.Ordinal));
            isTest = line.StartsWith("tests:", StringComparison.Ordinal) || (isTest && isInside);
            if (!isTest)
                rest.Append(line);
            rest.Append('\n');
        }
        return rest.ToString();
    }
}
