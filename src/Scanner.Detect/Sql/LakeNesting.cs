namespace Scanner.Detect.Sql;

/// <summary>
/// How an event data store of CloudTrail Lake holds what is nested in the maps of a request and its answer. AWS documents the type alone,
/// <c>map&lt;string,string&gt;</c> ("Supported schema for event record fields", CloudTrail user guide).
/// </summary>
public enum LakeNesting
{
    /// <summary>As JSON: <c>{"a":"b"}</c>.</summary>
    Json,

    /// <summary>As Java prints a map: <c>{a=b}</c>.</summary>
    Java,

    /// <summary>In neither way.</summary>
    Unknown,
}
