using Scanner.Aws.Session;
using Scanner.Catalog;
using Scanner.Model;

namespace Scanner.Scan;

/// <summary>The accounts that <c>scanner shard</c> deals out: those of an organization, or named ones; nothing is asked of AWS for those.</summary>
internal static class ShardAccounts
{
    /// <summary>Ids in ascending order, each once.</summary>
    /// <param name="options">What was asked.</param>
    /// <param name="note">Told of what is left out that the user may not expect.</param>
    /// <param name="cancellation">Ends the reading.</param>
    /// <exception cref="InputException">A file or an option is wrong, the organization cannot be read, nothing is left.</exception>
    public static async Task<IReadOnlyList<string>> ListAsync(ShardOptions options, Action<string> note, CancellationToken cancellation)
    {
        var listed = options.Organization
            ? await OfOrganizationAsync(options, note, cancellation)
            : [.. options.Accounts.Concat(options.AccountsFile is { } file ? OfFile(file) : [])];
        foreach (var id in options.ExcludeAccounts.Where(id => !listed.Contains(id, StringComparer.Ordinal)))
            note($"--exclude-accounts {id}: there is no such account, so nothing is left out by it");
        var left = listed.Except(options.ExcludeAccounts, StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();
        return left.Count > 0 ? left : throw new InputException("no account is left to scan: take out what leaves them all out, or name accounts");
    }

    private static IEnumerable<string> OfFile(string path)
    {
        if (!File.Exists(path))
            throw new InputException($"--accounts-file {SafeText.Line(path)}: there is no such file; it holds an account id a line");
        var found = 0;
        foreach (var (number, line) in File.ReadLines(path).Index())
        {
            // What a spreadsheet or a comment has behind the id is for people.
            var text = line.Split(['#', ',', ';', '\t', ' '], 2)[0].Trim().Trim('"', '\uFEFF');
            if (text.Length == 0)
                continue;
            if (!AwsAccountId.Is(text))
                throw new InputException(SafeText.Line(path), number + 1, $"'{SafeText.Line(SafeText.Cut(text, 60))}' is not an account id; write twelve digits");
            found++;
            yield return text;
        }
        if (found == 0)
            throw new InputException($"--accounts-file {SafeText.Line(path)} holds no account id; write one a line");
    }

    private static async Task<IReadOnlyList<string>> OfOrganizationAsync(ShardOptions options, Action<string> note, CancellationToken cancellation)
    {
        using var session = await AwsSession.OpenAsync(new AwsSessionOptions { RoleArn = options.RoleArn }, cancellation);
        var all = await session.ListOrganizationAccountsAsync(cancellation);
        foreach (var account in all.Where(account => !account.IsActive))
            note($"Account {account.Id} ({SafeText.Line(account.Name)}) is {SafeText.Line(account.Status.ToLowerInvariant())}: not scanned");
        var left = all.Where(account => account.IsActive).Select(account => account.Id).ToList();
        if (options.IncludeUnits.Count + options.ExcludeUnits.Count > 0)
        {
            var units = await session.Organization.UnitsAsync(cancellation);
            var wanted = Below(units, options.IncludeUnits, "--include-ou");
            var unwanted = Below(units, options.ExcludeUnits, "--exclude-ou");
            left = [.. left.Where(id => (options.IncludeUnits.Count == 0 || wanted.Contains(id)) && !unwanted.Contains(id))];
        }
        if (options.IncludeTags.Count + options.ExcludeTags.Count > 0)
        {
            var kept = new List<string>();
            foreach (var id in left)
            {
                var tags = await session.Organization.TagsAsync(id, cancellation);
                if ((options.IncludeTags.Count == 0 || options.IncludeTags.Any(tag => Has(tags, tag))) && !options.ExcludeTags.Any(tag => Has(tags, tag)))
                    kept.Add(id);
            }
            left = kept;
        }
        return left;
    }

    private static bool Has(IReadOnlyDictionary<string, string> tags, KeyValuePair<string, string> tag) =>
        tags.TryGetValue(tag.Key, out var value) && (tag.Value == "*" || value == tag.Value);

    private static HashSet<string> Below(IReadOnlyList<OrganizationalUnit> units, IReadOnlyList<string> named, string option)
    {
        var accounts = new HashSet<string>(StringComparer.Ordinal);
        foreach (var name in named)
        {
            var meant = units.Where(unit => unit.Id == name).DefaultIfEmpty().First() is { } byId ? [byId] : units.Where(unit => unit.Name == name).ToList();
            if (meant.Count == 0)
                throw new InputException($"{option} '{SafeText.Line(name)}': the organization has no such unit; {SafeText.Line(Spelling.Suggest(name, units.Select(unit => unit.Name)))}");
            if (meant.Count > 1)
                throw new InputException($"{option} '{SafeText.Line(name)}' is the name of {meant.Count} units; give the id: {string.Join(", ", meant.Select(unit => unit.Id))}");
            accounts.UnionWith(units.Where(unit => unit.IsIn(meant[0].Id)).SelectMany(unit => unit.Accounts));
        }
        return accounts;
    }
}
