using System.Globalization;

namespace Scanner.Publish.GitHub;

// The label `overdue`: it goes with each change of an issue, and where nothing else changes it is a change of its own.
internal sealed partial class IssuePublisher
{
    // Labels of issues that this run changed, by number.
    private readonly Dictionary<int, IReadOnlyList<string>> _sent = [];

    /// <summary>Changes an issue; what is closed is no longer overdue, and what stays open is from the day after its day.</summary>
    private async Task SendAsync(IssueReply issue, Dictionary<string, object> members)
    {
        var there = _sent.GetValueOrDefault(issue.Number) ?? [.. issue.Labels.Select(label => label.Name)];
        var labels = members.GetValueOrDefault("labels") as IReadOnlyList<string> ?? there;
        var wanted = WithOverdue(issue, labels, (members.GetValueOrDefault("state") as string ?? issue.State) == "closed");
        if (!ReferenceEquals(wanted, there))
            members["labels"] = wanted.ToArray();
        if (wanted.Contains(LabelSpec.Overdue.Name, StringComparer.OrdinalIgnoreCase))
            await api.EnsureLabelsAsync([LabelSpec.Overdue]);
        await api.PatchIssueAsync(issue.Number, members);
        _sent[issue.Number] = wanted;
    }

    private async Task FollowDueAsync(IssueReply issue)
    {
        if (_sent.ContainsKey(issue.Number))
            return;
        var labels = issue.Labels.Select(label => label.Name).ToList();
        if (ReferenceEquals(WithOverdue(issue, labels, issue.State == "closed"), labels))
            return;
        await SendAsync(issue, new Dictionary<string, object>(StringComparer.Ordinal));
        _updated++;
        _actions.Add(string.Create(CultureInfo.InvariantCulture, $"mark #{issue.Number} as {(labels.Contains(LabelSpec.Overdue.Name, StringComparer.OrdinalIgnoreCase) ? "no longer " : "")}overdue: {issue.Title}"));
    }

    // The same list where nothing changes. To GitHub labels that differ by case alone are one.
    private IReadOnlyList<string> WithOverdue(IssueReply issue, IReadOnlyList<string> labels, bool closed)
    {
        var has = labels.Contains(LabelSpec.Overdue.Name, StringComparer.OrdinalIgnoreCase);
        var isOver = !closed && IssueFields.DueOf(issue) is { } day && day < Today;
        return has == isOver ? labels
            : isOver ? [.. labels, LabelSpec.Overdue.Name]
            : [.. labels.Where(name => !name.Equals(LabelSpec.Overdue.Name, StringComparison.OrdinalIgnoreCase))];
    }
}
