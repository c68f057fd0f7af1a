using Scanner.Model;

namespace Scanner.Scan;

/// <summary>Everything that <c>gate</c> was asked, as it was understood.</summary>
internal sealed record GateOptions
{
    /// <summary>A plan's file, or a folder of plans.</summary>
    public required string Plan { get; init; }

    /// <summary>Store of an earlier scan.</summary>
    public string? Scan { get; init; }

    /// <summary>Folder of the root module's <c>.tf</c> files.</summary>
    public string? Source { get; init; }

    /// <summary>Folder of the repository, below which lines are told; null for the checkout, or the folder that the run was started in.</summary>
    public string? Repository { get; init; }

    public string? Name { get; init; }
    public string? Account { get; init; }
    public IReadOnlyList<string> Checks { get; init; } = [];

    /// <summary>Whether the folders of <see cref="Checks"/> may only add.</summary>
    public bool LockChecks { get; init; }

    public IReadOnlyList<string> Only { get; init; } = [];
    public string? Framework { get; init; }
    public Severity? Severity { get; init; }
    public IReadOnlyList<(string Format, string Path)> Reports { get; init; } = [];
    public PublishTargets Publish { get; init; }
    public bool DryRun { get; init; }
    public Severity FailOn { get; init; } = Model.Severity.Low;
    public bool FailOnUnknown { get; init; }

    /// <summary>File with faults that are known and do not count.</summary>
    public string? Baseline { get; init; }

    /// <summary>Where to write such a file.</summary>
    public string? WriteBaseline { get; init; }

    /// <summary>Whether <c># checkov:skip</c> and <c>#trivy:ignore</c> count.</summary>
    public bool ForeignIgnores { get; init; } = true;
}
