namespace Scanner.Model;

/// <summary>What a check tells of a logging source: a row of the coverage matrix.</summary>
/// <param name="Source">Id of the source: that of the framework's control.</param>
/// <param name="Title">Its title, such as <c>VPC flow logs: who talked to whom</c>.</param>
/// <param name="Place">Its place among the sources, from 0.</param>
/// <param name="Arrives">Whether the check tells that the log arrives; otherwise, that the source logs at all.</param>
public sealed record CoverageRole(string Source, string Title, int Place, bool Arrives)
{
    /// <summary>The title without what the source is for: <c>VPC flow logs</c>.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public string Name => Title.Split(':')[0];
}
