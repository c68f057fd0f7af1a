namespace Scanner.Publish;

/// <summary>In a dry run: an issue or comment as it would have been written. Texts may hold text from AWS and check files: hostile.</summary>
/// <param name="Title">Title of an issue; of a comment, what it is on.</param>
/// <param name="Labels">Labels of the issue; empty where they do not change.</param>
/// <param name="Assignees">Logins that it would be assigned to.</param>
/// <param name="Body">Markdown.</param>
public sealed record PublishDraft(string Title, IReadOnlyList<string> Labels, IReadOnlyList<string> Assignees, string Body);
