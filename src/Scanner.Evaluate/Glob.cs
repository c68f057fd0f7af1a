namespace Scanner.Evaluate;

/// <summary>Patterns in which <c>*</c> stands for any run of characters, and everything else for itself.</summary>
internal static class Glob
{
    /// <summary>Whether a pattern matches a whole text. Takes time in proportion to both lengths multiplied, at worst.</summary>
    public static bool Matches(ReadOnlySpan<char> pattern, ReadOnlySpan<char> text)
    {
        int p = 0, t = 0, star = -1, retry = 0;
        while (t < text.Length)
        {
            if (p < pattern.Length && pattern[p] == '*')
            {
                star = p++;
                retry = t;
            }
            else if (p < pattern.Length && pattern[p] == text[t])
            {
                p++;
                t++;
            }
            else if (star >= 0)
            {
                // Only the last star needs to grow: what the earlier ones took is as short as can be.
                p = star + 1;
                t = ++retry;
            }
            else
            {
                return false;
            }
        }
        while (p < pattern.Length && pattern[p] == '*')
            p++;
        return p == pattern.Length;
    }
}
