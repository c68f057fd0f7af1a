namespace Scanner.Store;

/// <summary>The tables of a store file. They are an interface: people query them with the plain duckdb program too.</summary>
internal static class StoreSchema
{
    /// <summary>Raised when a table changes in a way that older readers do not understand. 2: <c>findings.resource_id</c> of a detection is
    /// what was touched, and its identity between runs stands in a column of its own.</summary>
    public const int Version = 2;

    /// <summary>The oldest version that is still read.</summary>
    public const int OldestRead = 1;

    public static readonly string[] Create =
    [
        "CREATE TABLE store (version INTEGER)",
        $"INSERT INTO store VALUES ({Version})",
        "CREATE TABLE begun (info JSON)",
        "CREATE TABLE resources (table_name VARCHAR, account_id VARCHAR, region VARCHAR, resource_id VARCHAR, item JSON, failures JSON)",
        "CREATE TABLE collection (table_name VARCHAR, account_id VARCHAR, region VARCHAR, status VARCHAR, operation VARCHAR, reason VARCHAR, resources VARCHAR[], read_at TIMESTAMP WITH TIME ZONE)",
        """
        CREATE TABLE findings (check_id VARCHAR, kind VARCHAR, status VARCHAR, severity VARCHAR, account_id VARCHAR, region VARCHAR,
            resource_id VARCHAR, message VARCHAR, controls VARCHAR[], mitre VARCHAR[], causes JSON, muted_reason VARCHAR, event JSON, key VARCHAR, seen JSON,
            identity VARCHAR, first_time TIMESTAMP WITH TIME ZONE, time TIMESTAMP WITH TIME ZONE,
            actors VARCHAR[], sources VARCHAR[], actions VARCHAR[], touched VARCHAR[], event_ids VARCHAR[],
            change VARCHAR, failing_since TIMESTAMP WITH TIME ZONE, began VARCHAR[])
        """,
        "CREATE TABLE rules (id VARCHAR, kind VARCHAR, title VARCHAR, severity VARCHAR, service VARCHAR, file VARCHAR, info JSON)",
        """
        CREATE TABLE scan (time TIMESTAMP WITH TIME ZONE, source VARCHAR, version VARCHAR, accounts VARCHAR[], regions VARCHAR[],
            resources BIGINT, api_calls BIGINT, events BIGINT, duration_seconds DOUBLE, info JSON)
        """,
        // One row a scan, this one last; and the settings that failed in earlier scans and do not now, or were not looked at.
        """
        CREATE TABLE history (time TIMESTAMP WITH TIME ZONE, scope VARCHAR, accounts BIGINT, regions BIGINT, pass BIGINT, fail BIGINT, unknown BIGINT, muted BIGINT,
            critical BIGINT, high BIGINT, medium BIGINT, low BIGINT, informational BIGINT, matches BIGINT, new BIGINT, fixed BIGINT, still BIGINT, fixed_days DOUBLE)
        """,
        """
        CREATE TABLE finding_history (key VARCHAR, check_id VARCHAR, account_id VARCHAR, region VARCHAR, resource_id VARCHAR, began VARCHAR[],
            last_seen TIMESTAMP WITH TIME ZONE, is_fixed BOOLEAN)
        """,
        // On which days the log of a source was seen to arrive: a letter a day, the last of last_day. a: it did, s: silent, k: not known, q: nothing to log, -: no scan looked.
        """
        CREATE TABLE evidence_history (check_id VARCHAR, account_id VARCHAR, region VARCHAR, resource_id VARCHAR, last_day DATE, days VARCHAR, days_alive BIGINT, days_counted BIGINT)
        """,
        "CREATE MACRO scan_time() AS (SELECT max(time) FROM main.scan)",
    ];

    /// <summary>Names that are taken in the main schema.</summary>
    public static readonly IReadOnlySet<string> Names =
        new HashSet<string>(["store", "begun", "resources", "collection", "findings", "rules", "scan", "history", "finding_history", "evidence_history"], StringComparer.OrdinalIgnoreCase);
}
