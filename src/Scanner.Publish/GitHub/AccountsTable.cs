using System.Text;
using Scanner.Model;
using Scanner.Publish.Reports;
using Scanner.Publish.Text;

namespace Scanner.Publish.GitHub;

/// <summary>The table of an issue that is about many accounts: a row each, and folded below it every resource as far as an issue holds them.</summary>
internal static class AccountsTable
{
    private const int MostNames = 3;

    /// <summary>The table, of at most so many characters.</summary>
    /// <param name="group">A check in many accounts.</param>
    /// <param name="scan">The scan, for names of accounts.</param>
    /// <param name="room">What is left of the issue.</param>
    /// <param name="whole">Where everything is kept; safe markdown.</param>
    public static string Of(IssueGroup group, ScanSummary scan, int room, string whole)
    {
        // Room for the words about the rest, of both tables.
        room -= 2 * (300 + whole.Length);
        var owned = group.Owners.Count > 0;
        var made = new StringBuilder(owned ? "| Account | Fails | Where | Owner |\n|---|--:|---|---|\n" : "| Account | Fails | Where |\n|---|--:|---|\n");
        var accounts = group.FailingAccounts;
        var shown = 0;
        foreach (var account in accounts)
        {
            var owners = account.Select(finding => finding.Owner).OfType<Owner>().Distinct().Take(MostNames).Select(IssueText.Name);
            var row = $"| {Markdown.Code(scan.Called(account.Key))} | {Wording.Number(account.Count())} | {Where([.. account])} |{(owned ? $" {string.Join("; ", owners)} |" : "")}\n";
            if (made.Length + row.Length > room)
                break;
            made.Append(row);
            shown++;
        }
        if (shown < accounts.Count)
            made.Append('\n').Append(Wording.Count(accounts.Count - shown, "more account", "more accounts")).Append(": an issue holds no more; all of them are in ").Append(whole).Append(".\n");
        else if (group.Fails.Any(finding => finding.Resource != finding.Account))
            made.Append('\n').Append(Resources(group, scan, room - made.Length, whole));
        return made.Append('\n').ToString();
    }

    // A check of the account itself has no name to tell but where.
    private static string Where(IReadOnlyList<Finding> findings)
    {
        var names = findings.Where(finding => finding.Resource != finding.Account).Select(finding => StartHere.ShortName(finding.Resource)).Distinct(StringComparer.Ordinal).ToList();
        var regions = findings.Select(finding => finding.Region).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();
        return (names.Count == 0 ? "" : Some(names) + " in ") + Some(regions);
    }

    private static string Some(List<string> values) =>
        string.Join(", ", values.Take(MostNames).Select(value => Markdown.Code(SafeText.Cut(value, 100)))) + (values.Count > MostNames ? $" and {Wording.Number(values.Count - MostNames)} more" : "");

    private static string Resources(IssueGroup group, ScanSummary scan, int room, string whole)
    {
        const string Head = "| Account | Region | Resource | What is wrong |\n|---|---|---|---|\n";
        var made = new StringBuilder(Head);
        var shown = 0;
        foreach (var finding in group.Fails)
        {
            var row = $"| {Markdown.Code(scan.Called(finding.Account))} | {Markdown.Code(finding.Region)} | {Markdown.Code(SafeText.Cut(finding.Resource, 1_000))} | {Markdown.Text(SafeText.Cut(finding.Message, 1_000))} |\n";
            if (made.Length + row.Length > room - 200)
                break;
            made.Append(row);
            shown++;
        }
        if (shown == 0)
            return "";
        if (shown < group.Fails.Count)
            made.Append('\n').Append(Wording.Count(group.Fails.Count - shown, "more resource", "more resources")).Append(": an issue holds no more; all of them are in ").Append(whole).Append(".\n");
        return RuleMarkdown.Details(shown == group.Fails.Count ? Wording.Count(shown, "resource", "resources") : $"{Wording.Number(shown)} of {Wording.Count(group.Fails.Count, "resource", "resources")}", made.ToString().TrimEnd('\n')) + "\n";
    }
}
