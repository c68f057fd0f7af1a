namespace Scanner.Evaluate.Gaps;

/// <summary>A query uses something through which columns are not followed. What was not read then spoils the whole check.</summary>
/// <param name="what">What it uses, in a few words, for authors of checks.</param>
internal sealed class NotFollowedException(string what) : Exception(what);
