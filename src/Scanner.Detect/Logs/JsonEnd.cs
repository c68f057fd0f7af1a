namespace Scanner.Detect.Logs;

/// <summary>How the scan of one JSON value ended.</summary>
internal enum JsonEnd
{
    /// <summary>The value is whole.</summary>
    Complete,

    /// <summary>The buffer ends before the value does.</summary>
    NeedMore,

    /// <summary>Not JSON.</summary>
    Malformed,

    /// <summary>The object holds an array of events under a name such as <c>Records</c>.</summary>
    Wrapper,
}
