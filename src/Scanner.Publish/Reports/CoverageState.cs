namespace Scanner.Publish.Reports;

/// <summary>How a logging source is in a place; the greater is the worse.</summary>
internal enum CoverageState
{
    /// <summary>There is nothing there that could log.</summary>
    Nothing,

    /// <summary>On, and its log was seen to arrive.</summary>
    Delivering,

    /// <summary>On; that its log arrives was not seen, or nobody looked.</summary>
    On,

    /// <summary>Off or silent, and somebody accepted that.</summary>
    Accepted,

    /// <summary>It could not be read whether it is on.</summary>
    Unknown,

    /// <summary>Off.</summary>
    Off,

    /// <summary>On, and nothing arrives although there was something to log, or AWS says that it cannot deliver: nobody expects that.</summary>
    Silent,
}
