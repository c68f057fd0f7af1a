namespace Scanner.Collect.Plans;

/// <summary>What the text of the source says of an argument. (Filled in by the reader of <c>--source</c>.)</summary>
internal abstract class SourceExpressions
{
    /// <summary>Where the value of an argument comes from; null when the source does not tell.</summary>
    public abstract Trace? Trace(RawChange entry, Scope scope, string path);
}
