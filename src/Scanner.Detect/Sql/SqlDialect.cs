namespace Scanner.Detect.Sql;

/// <summary>The SQL that rules are converted to.</summary>
public enum SqlDialect
{
    /// <summary>DuckDB, over a table with one column <c>event</c> of type JSON.</summary>
    DuckDb,

    /// <summary>Amazon Athena (engine version 3: Trino), over a CloudTrail table as AWS documents it.</summary>
    Athena,

    /// <summary>CloudTrail Lake (Trino), over an event data store.</summary>
    CloudTrailLake,
}
