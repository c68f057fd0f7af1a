namespace Scanner.Evaluate;

/// <summary>A row that a check's query returned, as it came. Masks say which gaps something hangs on; 0 for none.</summary>
internal sealed record CheckRow(string? Account, string? Region, string? Resource, string? Status, string? Message)
{
    /// <summary>On which gaps the account hangs.</summary>
    public long AccountMask { get; init; }

    /// <summary>On which gaps the region hangs.</summary>
    public long RegionMask { get; init; }

    /// <summary>On which gaps the resource's id hangs.</summary>
    public long ResourceMask { get; init; }

    /// <summary>On which gaps the status hangs.</summary>
    public long StatusMask { get; init; }

    /// <summary>On which gaps the message hangs.</summary>
    public long MessageMask { get; init; }

    /// <summary>On which gaps it hangs whether there is such a row at all.</summary>
    public long GoneMask { get; init; }
}
