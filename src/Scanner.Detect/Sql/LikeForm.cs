namespace Scanner.Detect.Sql;

/// <summary>Where the wildcards of a text are.</summary>
internal enum LikeForm
{
    /// <summary>Anywhere.</summary>
    Pattern,

    /// <summary>Before and behind it.</summary>
    Contains,

    /// <summary>Behind it.</summary>
    StartsWith,

    /// <summary>Before it.</summary>
    EndsWith,
}
