using System.Net;

namespace Scanner.Detect.Rules;

/// <summary>
/// One test of one value of a field. A field of which an event has several values (it is, or goes through, an array)
/// passes when any of them does; a field that is missing or null passes none, but for <see cref="IsNull"/> and
/// <see cref="Exists"/>.
/// </summary>
internal abstract record ValueTest
{
    /// <summary>A text with wildcards. Objects are compared as their JSON text, numbers and booleans as they are written.</summary>
    internal sealed record Text(TextPattern Pattern, bool Cased) : ValueTest;

    /// <summary>A regular expression that is found anywhere in the value.</summary>
    internal sealed record Regex(string Pattern, bool IgnoreCase, bool MultiLine, bool SingleLine) : ValueTest;

    /// <summary>An IP address in a network.</summary>
    internal sealed record Cidr(IPNetwork Network) : ValueTest;

    /// <summary>A number compared with a number: <paramref name="Operator"/> is &lt;, &lt;=, &gt;, &gt;= or =.
    /// <paramref name="Exact"/>: the number as a decimal, where it is one.</summary>
    internal sealed record Number(string Operator, double Value, decimal? Exact = null) : ValueTest;

    /// <summary>A number: the same text, or the same number otherwise written.</summary>
    internal sealed record SameNumber(string Written, double Value) : ValueTest;

    /// <summary>A part of a date compared with a number.</summary>
    internal sealed record TimePart(string Part, string Operator, double Value) : ValueTest;

    /// <summary>Compared with the values of another field of the same event.</summary>
    internal sealed record FieldReference(string Other, FieldReferenceKind Kind, bool Cased) : ValueTest;

    /// <summary>Missing or null.</summary>
    internal sealed record IsNull : ValueTest;

    /// <summary>There at all, be it null or empty.</summary>
    internal sealed record Exists : ValueTest;
}

/// <summary>How a field is compared with another one.</summary>
internal enum FieldReferenceKind
{
    Equal,
    StartsWith,
    EndsWith,
    Contains,
}
