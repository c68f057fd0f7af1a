namespace Scanner.Catalog;

/// <summary>Type of a table's column, as the table file names it.</summary>
public enum ColumnType
{
    /// <summary>VARCHAR.</summary>
    Text,

    /// <summary>BOOLEAN; the texts <c>true</c> and <c>false</c> are read too.</summary>
    Bool,

    /// <summary>BIGINT.</summary>
    Int,

    /// <summary>DOUBLE.</summary>
    Double,

    /// <summary>TIMESTAMP WITH TIME ZONE, from ISO 8601.</summary>
    Timestamp,

    /// <summary>JSON, for whatever is nested.</summary>
    Json,

    /// <summary>VARCHAR[].</summary>
    TextList,
}
