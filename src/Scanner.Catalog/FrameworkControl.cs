namespace Scanner.Catalog;

/// <summary>A control of a framework. It names checks, or says why a person has to look, or both.</summary>
/// <param name="Id">Control id within the framework.</param>
/// <param name="Title">Title in our words.</param>
/// <param name="Checks">Ids of the posture checks that answer it; empty where only a person can.</param>
public sealed record FrameworkControl(string Id, string Title, IReadOnlyList<string> Checks)
{
    /// <summary>Ids of detections that watch what the control is about. They run with the framework; that one fires does not fail the control.</summary>
    public IReadOnlyList<string> Detections { get; init; } = [];

    /// <summary>Where the control is a logging source: ids of the checks that tell whether it logs at all; empty for any other control.</summary>
    public IReadOnlyList<string> On { get; init; } = [];

    /// <summary>Of a logging source: ids of the checks that tell whether its log arrives. They answer the control only where they are among <see cref="Checks"/> too.</summary>
    public IReadOnlyList<string> Arrives { get; init; } = [];

    /// <summary>Why a person has to look, and at what; null where the checks answer the control alone.</summary>
    public string? Manual { get; init; }

    /// <summary>The benchmark's profile, 1 or 2; null where it has none.</summary>
    public int? Level { get; init; }
}
