using Scanner.Catalog;
using Scanner.Model;

namespace Scanner.Evaluate.Isolation;

/// <summary>What <see cref="IsolatedEvaluator"/> asks of <see cref="EngineServer"/>: one line of JSON.</summary>
internal sealed record EngineRequest
{
    public required EngineTask Task { get; init; }

    /// <summary>With <see cref="EngineTask.Begin"/>: all tables of the catalog, and the limits of a query.</summary>
    public IReadOnlyList<TableDefinition> Tables { get; init; } = [];

    /// <summary>With <see cref="EngineTask.Begin"/>: seconds, bytes, rows.</summary>
    public EngineLimits? Limits { get; init; }

    /// <summary>With <see cref="EngineTask.Define"/>: a check under a number.</summary>
    public CheckDefinition? Check { get; init; }

    /// <summary>Number of <see cref="Check"/>, or of the one to compile.</summary>
    public int Number { get; init; }

    /// <summary>With <see cref="EngineTask.CompileFrom"/> and <see cref="EngineTask.Rows"/>: the table.</summary>
    public string Table { get; init; } = "";

    /// <summary>With <see cref="EngineTask.Row"/>: an item of the account, for the task that follows.</summary>
    public Resource? Row { get; init; }

    /// <summary>With <see cref="EngineTask.Judge"/>: numbers of the checks, in order.</summary>
    public IReadOnlyList<int> Checks { get; init; } = [];

    /// <summary>What <c>scan_time()</c> gives.</summary>
    public DateTimeOffset Time { get; init; }

    /// <summary>Regions by account.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Scope { get; init; } = new Dictionary<string, IReadOnlyList<string>>();

    /// <summary>How collections ended.</summary>
    public IReadOnlyList<CollectionStatus> Collection { get; init; } = [];

    /// <summary>Whether the rows are of a plan.</summary>
    public bool Planned { get; init; }
}

/// <summary>Limits of each query, as <see cref="Store.Sql.SandboxLimits"/>.</summary>
/// <param name="Seconds">Time.</param>
/// <param name="Bytes">Memory.</param>
/// <param name="Rows">Rows.</param>
internal sealed record EngineLimits(double Seconds, long Bytes, int Rows);
