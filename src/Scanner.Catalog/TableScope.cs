namespace Scanner.Catalog;

/// <summary>Where a table is collected.</summary>
public enum TableScope
{
    /// <summary>In each scanned region.</summary>
    Region,

    /// <summary>Once per account; its rows are in region <c>global</c> unless the table says otherwise.</summary>
    Account,
}
