namespace Scanner.Catalog;

/// <summary>Finds what somebody may have meant.</summary>
public static class Spelling
{
    /// <summary>"did you mean 'x'?" when one of the words is near, otherwise the list of words.</summary>
    /// <param name="word">What was written.</param>
    /// <param name="known">What would have been right.</param>
    public static string Suggest(string word, IEnumerable<string> known)
    {
        var words = known.Order(StringComparer.Ordinal).ToList();
        var nearest = words
            .Select(candidate => (candidate, distance: Distance(word, candidate)))
            .OrderBy(pair => pair.distance)
            .FirstOrDefault();
        if (nearest.candidate is not null && IsNear(word, nearest.candidate))
            return $"did you mean '{nearest.candidate}'?";
        return words.Count is > 0 and <= 30 ? $"known are {string.Join(", ", words)}" : "check the spelling";
    }

    /// <summary>Whether somebody who wrote a word may have meant another.</summary>
    /// <param name="word">What was written.</param>
    /// <param name="meant">What would have been right.</param>
    public static bool IsNear(string word, string meant) => Distance(word, meant) <= Math.Max(2, word.Length / 4);

    /// <summary>How many letters must be put in, taken out or changed to make one word of another.</summary>
    internal static int Distance(string a, string b)
    {
        // Levenshtein with one row; words here are short.
        var row = new int[b.Length + 1];
        for (var j = 0; j <= b.Length; j++)
            row[j] = j;
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var above = row[j];
                row[j] = Math.Min(Math.Min(row[j] + 1, row[j - 1] + 1), diagonal + (a[i - 1] == b[j - 1] ? 0 : 1));
                diagonal = above;
            }
        }
        return row[b.Length];
    }
}
