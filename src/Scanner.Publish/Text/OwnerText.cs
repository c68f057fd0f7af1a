using Scanner.Model;

namespace Scanner.Publish.Text;

/// <summary>Whose a finding is, as plain text that may hold anything.</summary>
internal static class OwnerText
{
    /// <summary><c>ana</c>, <c>team acme/network</c> or both; empty for nobody.</summary>
    public static string Of(Owner? owner) =>
        string.Join(", ", new[] { owner?.Assignee, owner?.Team is { } team ? "team " + team : null }.OfType<string>());
}
