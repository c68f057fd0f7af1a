using System.Globalization;
using Octokit;

namespace Scanner.Publish.GitHub;

/// <summary>An issue of ours as it is on GitHub.</summary>
/// <param name="Issue">The issue.</param>
/// <param name="State">What its hidden line says.</param>
/// <param name="Duplicates">Younger issues with the same key.</param>
internal sealed record TrackedIssue(IssueReply Issue, IssueState State, IReadOnlyList<(IssueReply Issue, IssueState State)> Duplicates)
{
    /// <summary>Whether it is closed.</summary>
    public bool IsClosed => Issue.State == "closed";

    /// <summary>Whether it was closed as not planned.</summary>
    public bool IsNotPlanned => IsClosed && Issue.StateReason == "not_planned";

    /// <summary>Who closed it, where that had to be asked for; the list of issues does not say.</summary>
    public User? ClosedBy { get; init; }

    /// <summary>Closed by somebody else than the scanner.</summary>
    public bool IsClosedByOthers => IsClosed && State.Phase is (IssuePhase.Open or IssuePhase.Unassessed);

    /// <summary>
    /// Closed by a person, which for a posture issue as not planned means: accepted. Bots that tidy up (actions/stale
    /// closes as not planned) cannot accept a risk.
    /// </summary>
    public bool IsClosedByPerson => IsClosedByOthers && ClosedBy is { Type: AccountType.User } and not { Login: null };

    /// <summary>Last day of an acceptance, from the label; null when there is no label, or it cannot be read.</summary>
    public DateOnly? Until =>
        UntilTexts.Select(t => DateOnly.TryParseExact(t, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) ? day : (DateOnly?)null).Min();

    /// <summary>Whether a label that should end the acceptance holds no date.</summary>
    public bool IsUntilUnreadable =>
        UntilTexts.Any(t => !DateOnly.TryParseExact(t, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _));

    /// <summary>Findings that somebody accepted by closing the issue, whether or not it still holds.</summary>
    public KeySet Accepted()
    {
        if (IsClosedByPerson && (State.IsDetection || IsNotPlanned))
            return State.Accepted.Union(State.Keys);
        // Reopened by a person: taken back.
        if (!IsClosed && State.Phase == IssuePhase.Accepted)
            return KeySet.Empty;
        return State.Accepted;
    }

    /// <summary>Whether an acceptance holds on that day.</summary>
    public bool Holds(DateOnly day) => !IsUntilUnreadable && (Until is not { } until || day <= until);

    /// <summary>Who accepted: who closed it now, or who is noted.</summary>
    public string By => IsClosedByPerson ? ClosedBy!.Login : State.AcceptedBy ?? "unknown";

    // The organization's field, where somebody filled it in, and labels.
    private IEnumerable<string> UntilTexts => (Issue.IssueFieldValues ?? [])
        .Where(value => string.Equals(value.IssueFieldName.Trim(), IssueFields.AcceptedUntil, StringComparison.OrdinalIgnoreCase)).Select(value => value.Text ?? "").Where(text => text.Length > 0)
        .Concat(Issue.Labels.Select(l => l.Name).Where(n => n.StartsWith(LabelSpec.AcceptedUntil, StringComparison.OrdinalIgnoreCase))
            .Select(n => n[LabelSpec.AcceptedUntil.Length..].Trim()));
}
