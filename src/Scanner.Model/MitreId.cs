namespace Scanner.Model;

/// <summary>Ids of MITRE ATT&amp;CK.</summary>
public static class MitreId
{
    /// <summary>Whether a text is a technique's id, such as <c>T1562</c>, or a sub-technique's, such as <c>T1562.008</c>.</summary>
    public static bool IsTechnique(ReadOnlySpan<char> text) =>
        text.Length is 5 or 9 && text[0] == 'T' && AreDigits(text[1..5]) && (text.Length == 5 || (text[5] == '.' && AreDigits(text[6..])));

    private static bool AreDigits(ReadOnlySpan<char> text) => !text.ContainsAnyExceptInRange('0', '9');
}
