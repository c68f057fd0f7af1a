namespace Scanner.Model;

/// <summary>Whose a finding is, from an <c>owners.yml</c>: a person, a team, or both.</summary>
/// <param name="Assignee">Login on GitHub, without <c>@</c>; null for none.</param>
/// <param name="Team">Team on GitHub, as <c>organization/team</c>; null for none.</param>
public sealed record Owner(string? Assignee, string? Team);
