using System.Text.RegularExpressions;
using Scanner.Model;

namespace Scanner.Catalog;

/// <summary>Reads an <c>owners.yml</c>: whose findings are, and until when they are to be fixed.</summary>
internal static partial class OwnersFile
{
    /// <exception cref="InputException">The file is broken, with file and line.</exception>
    public static (IReadOnlyList<OwnerRule> Owners, IReadOnlyDictionary<Severity, int> DueDays) Read(YamlFile file)
    {
        file.Root.Schema("owners");
        var owners = file.Root.Maps("owners").Select(ReadOwner).ToList();
        var days = new Dictionary<Severity, int>();
        if (file.Root.Map("due") is { } due)
        {
            foreach (var severity in Enum.GetValues<Severity>())
            {
                // Asked for whether it is there or not, so that a misspelled one is told from it.
                if (due.Text(Names.Of(severity)) is not null)
                    days[severity] = due.Number(Names.Of(severity), 1, 3650);
            }
            due.Done();
        }
        file.Root.Done();
        return (owners, days);
    }

    private static OwnerRule ReadOwner(YamlMap map)
    {
        var (account, resource, check, tag) = (map.Text("account"), map.Text("resource"), map.Text("check"), map.Text("tag"));
        var assignee = map.Text("assignee")?.TrimStart('@');
        var team = map.Text("team")?.TrimStart('@');
        map.Done();
        if ((account ?? resource ?? check ?? tag) is null)
            throw map.Error("it says of nothing whose it is; name an account, tag, resource or check (account: \"*\" for all that is left)");
        if ((assignee ?? team) is null)
            throw map.Error("it names nobody; add an assignee or a team");
        if (account is not null && !AccountPattern().IsMatch(account))
            throw map.Error($"'account' is twelve digits in quotes, or a pattern such as \"*\", not '{account}'", map.Node("account"));
        if (assignee is not null && !Login().IsMatch(assignee))
            throw map.Error($"'assignee' is a login on GitHub, not '{assignee}'; a team goes under 'team'", map.Node("assignee"));
        if (team is not null && !TeamName().IsMatch(team))
            throw map.Error($"'team' is an organization and a team on GitHub, such as acme/network, not '{team}'", map.Node("team"));
        var at = tag?.IndexOf('=', StringComparison.Ordinal) ?? -1;
        if (tag is not null && at < 1)
            throw map.Error($"'tag' is a key and a value, such as team=network or team=*, not '{tag}'", map.Node("tag"));
        return new OwnerRule(account ?? "*", resource ?? "*", check ?? "*", tag is null ? null : KeyValuePair.Create(tag[..at], tag[(at + 1)..]), new Owner(assignee, team));
    }

    [GeneratedRegex(@"^([0-9]{12}|[0-9]*\*[0-9*]*)\z", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex AccountPattern();

    // With an underscore: of managed users (short code of the enterprise).
    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9_-]{0,38}\z", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Login();

    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9-]{0,38}/[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}\z", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex TeamName();
}
