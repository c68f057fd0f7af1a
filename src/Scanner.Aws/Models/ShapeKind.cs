namespace Scanner.Aws.Models;

/// <summary>What a shape of a service model is on the wire and in JSON.</summary>
public enum ShapeKind
{
    /// <summary>Members by name; a JSON object.</summary>
    Structure,

    /// <summary>A JSON array.</summary>
    List,

    /// <summary>Free keys; a JSON object.</summary>
    Map,

    /// <summary>Text.</summary>
    String,

    /// <summary>Whole number (integer, long).</summary>
    Integer,

    /// <summary>Number (float, double, bigdecimal).</summary>
    Number,

    /// <summary>true or false.</summary>
    Boolean,

    /// <summary>A point in time; ISO 8601 text in JSON.</summary>
    Timestamp,

    /// <summary>Bytes; base64 in JSON.</summary>
    Blob,

    /// <summary>Free JSON.</summary>
    Document,
}
