using Scanner.Model;

namespace Scanner.Evaluate.Isolation;

/// <summary>What the server answers: one line of JSON.</summary>
internal sealed record EngineReply
{
    /// <summary>The check whose query runs from now on, as its place in the request; null otherwise.</summary>
    public int? Judging { get; init; }

    /// <summary>Findings of the check that was judged last.</summary>
    public IReadOnlyList<Finding>? Findings { get; init; }

    /// <summary>Rows of a table's select.</summary>
    public IReadOnlyList<string>? Rows { get; init; }

    /// <summary>What compiling found.</summary>
    public CompiledFacts? Facts { get; init; }

    /// <summary>Message of an <see cref="InputException"/>; null where there was none.</summary>
    public string? Refused { get; init; }

    /// <summary>Whether the task has ended.</summary>
    public bool IsLast { get; init; }
}
