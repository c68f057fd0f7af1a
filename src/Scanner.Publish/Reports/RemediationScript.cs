using System.Text;
using Scanner.Model;
using Scanner.Publish.Text;

namespace Scanner.Publish.Reports;

/// <summary>The commands of a check's remediation for what fails, with the real names, accounts and regions in them, ready to paste.</summary>
internal static class RemediationScript
{
    private const int MaxScript = 5_000;

    /// <summary>The part of an issue, behind a click; null where the check has no commands, or they are running text.</summary>
    /// <param name="rule">A check.</param>
    /// <param name="fails">What fails, in the order of the issue.</param>
    /// <param name="scan">The scan, for names of accounts.</param>
    public static string? Of(RuleInfo rule, IReadOnlyList<Finding> fails, ScanSummary scan)
    {
        if (rule.Fix.Cli is not { Length: > 0 } cli || fails.Count == 0 || cli.Contains("```", StringComparison.Ordinal) || cli.Contains("~~~", StringComparison.Ordinal))
            return null;
        var patterns = rule.Fix.Resource.Select(ResourcePattern.Parse).ToList();
        var made = new StringBuilder();
        var told = 0;
        var said = new HashSet<(string Account, string Command)>();
        foreach (var place in fails.GroupBy(finding => (finding.Account, finding.Region)))
        {
            var head = $"# {SafeText.Line(scan.Called(place.Key.Account))}{(place.Key.Region == CollectionStatus.Global ? "" : ", " + SafeText.Line(place.Key.Region))}\n";
            var lines = new StringBuilder();
            foreach (var finding in place)
            {
                var own = string.Concat(Commands(cli, patterns, finding).Where(command => said.Add((finding.Account, command))).Select(command => command + "\n"));
                if (made.Length + head.Length + lines.Length + own.Length > MaxScript && told > 0)
                    break;
                lines.Append(own);
                told++;
            }
            if (lines.Length > 0)
                made.Append(head).Append(lines);
            if (made.Length + head.Length > MaxScript)
                break;
        }
        var left = told < fails.Count ? $"\n\nFor {Wording.Count(fails.Count - told, "more resource", "more resources")} the same, with their names." : "";
        return RuleMarkdown.Details("Remediation with the AWS CLI", "Look at each line before you paste it: some are alternatives. Words in capitals that are left, and `...`, are yours to choose.\n\n" + Markdown.Fence(made.ToString(), "sh") + left);
    }

    private static IEnumerable<string> Commands(string cli, List<ResourcePattern> patterns, Finding finding)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in patterns.SelectMany(pattern => pattern.Match(finding.Resource)))
            values.TryAdd(name, value);
        // Of a check of users and roles, a role needs no commands for users.
        var strange = values.Count == 0 ? [] : patterns.SelectMany(pattern => pattern.Names).Where(name => !values.ContainsKey(name)).ToList();
        values["ACCOUNT_ID"] = finding.Account;
        var region = finding.Region == CollectionStatus.Global ? null : finding.Region;
        if (region is not null)
            values["REGION"] = region;
        return ShellText.Commands(cli).Where(command => !strange.Exists(name => ShellText.Holds(command, name)))
            .Select(command => ShellText.Fill(command, values)).Select(command => region is null ? command : ShellText.WithRegion(command, region));
    }
}
