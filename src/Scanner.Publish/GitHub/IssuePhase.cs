namespace Scanner.Publish.GitHub;

/// <summary>What the scanner last knew of an issue; with the issue's state it tells what people did in between.</summary>
internal enum IssuePhase
{
    /// <summary>Something fails. When the issue is closed, somebody else closed it.</summary>
    Open,

    /// <summary>Open; the last scan could not look, and said so.</summary>
    Unassessed,

    /// <summary>Closed by the scanner: nothing fails any more.</summary>
    Fixed,

    /// <summary>Closed by the scanner: everything in it is muted by file.</summary>
    Muted,

    /// <summary>Closed by a person as not planned, and noted by the scanner.</summary>
    Accepted,

    /// <summary>Closed by the scanner: an older issue has the same key.</summary>
    Duplicate,
}
