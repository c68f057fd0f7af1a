using Scanner.Aws;
using Scanner.Aws.Session;
using Scanner.Catalog;
using Scanner.Collect.Recording;
using Scanner.Collect.Tables;
using Scanner.Model;

namespace Scanner.Scan;

/// <summary>Where a scan reads from: AWS itself through a session, or a recorded account.</summary>
internal sealed class AccountSource : IDisposable
{
    /// <summary>What a scan of AWS itself is called.</summary>
    public const string LiveName = "aws";

    private readonly List<CollectionStatus> _unreachable = [];
    private readonly Dictionary<string, string> _names = new(StringComparer.Ordinal);

    private AccountSource(string name, DateTimeOffset time, IReadOnlyList<CollectionAccount> accounts)
    {
        Name = name;
        Time = time;
        Accounts = accounts;
        foreach (var account in accounts.Where(account => account.Name is { Length: > 0 }))
            _names[account.Api.Account] = account.Name!;
    }

    /// <summary><see cref="LiveName"/>, or the recorded folder.</summary>
    public string Name { get; }

    /// <summary>When the account was looked at: now, or when it was recorded; of a scan that is gone on with, when that began.</summary>
    public DateTimeOffset Time { get; set; }

    public IReadOnlyList<CollectionAccount> Accounts { get; }

    /// <summary>Accounts of an organization that could not be entered: unknown as a whole.</summary>
    public IReadOnlyList<CollectionStatus> Unreachable => _unreachable;

    /// <summary>What the accounts are called, by id, those too that could not be entered.</summary>
    public IReadOnlyDictionary<string, string> Names => _names;

    /// <summary>The live session; null for a recorded account.</summary>
    public AwsSession? Session { get; private init; }

    /// <summary>Folder of recorded events; null when there is none.</summary>
    public string? RecordedEvents { get; private init; }

    public static async Task<AccountSource> OpenAsync(ScanOptions options, IProgressSink progress, CancellationToken cancellation)
    {
        if (options.From is { } folder)
            return Recorded(folder, options);
        var session = await OpenSessionAsync(options, cancellation);
        try
        {
            return await LiveAsync(session, options, progress, cancellation);
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    public void Dispose() => Session?.Dispose();

    /// <summary>The way into AWS that the options name.</summary>
    public static Task<AwsSession> OpenSessionAsync(ScanOptions options, CancellationToken cancellation) =>
        AwsSession.OpenAsync(new AwsSessionOptions { RoleArn = options.RoleArn, MemberRoleName = options.RoleName, ExternalId = options.ExternalId }, cancellation);

    private static AccountSource Recorded(string folder, ScanOptions options)
    {
        var recording = RecordedScan.Open(folder);
        var accounts = recording.Accounts;
        if (options.Accounts.Count > 0)
        {
            accounts = [.. accounts.Where(account => options.Accounts.Contains(account.Api.Account, StringComparer.Ordinal))];
            var missing = options.Accounts.FirstOrDefault(id => accounts.All(account => account.Api.Account != id));
            if (missing is not null)
                throw new InputException($"{folder} holds no account {missing}; it holds {string.Join(", ", recording.Accounts.Select(account => account.Api.Account))}");
        }
        var events = Path.Combine(folder, "events");
        return new AccountSource(folder, recording.RecordedAt, accounts) { RecordedEvents = Directory.Exists(events) ? events : null };
    }

    /// <summary>The accounts that the options ask for, through an open session, which belongs to the source from then on.</summary>
    public static async Task<AccountSource> LiveAsync(AwsSession session, ScanOptions options, IProgressSink progress, CancellationToken cancellation)
    {
        if (!options.Organization && options.Accounts.Count == 0)
            return Live(session, [await NamedAsync(session, session.Api, cancellation)]);

        if (!options.Organization)
        {
            // The user named these accounts: one that cannot be entered is a mistake to correct, before anything is published.
            var named = new List<IAwsApi>();
            foreach (var id in options.Accounts)
                named.Add(await session.ForAccountAsync(id, cancellation));
            // Nothing else is asked before all of them are entered.
            return Live(session, await Task.WhenAll(named.Select(api => NamedAsync(session, api, cancellation))));
        }

        var members = await session.ListOrganizationAccountsAsync(cancellation);
        if (options.Accounts.Count > 0)
        {
            // A part of the organization: what one job of a matrix scans.
            if (options.Accounts.Except(members.Select(member => member.Id), StringComparer.Ordinal).FirstOrDefault() is { } stranger)
                throw new InputException($"--accounts {stranger}: the organization has no such account; leave it out, or scan it without --organization");
            members = [.. members.Where(member => options.Accounts.Contains(member.Id, StringComparer.Ordinal))];
        }
        var entered = new List<CollectionAccount>();
        var refused = new List<CollectionStatus>();
        foreach (var member in members)
        {
            if (!member.IsActive)
            {
                progress.Note($"Account {member.Id} ({member.Name}) is {member.Status.ToLowerInvariant()}: not scanned");
                continue;
            }
            try
            {
                var api = await session.ForAccountAsync(member.Id, cancellation);
                entered.Add(new CollectionAccount(api) { Name = member.Name, Partition = session.Partition });
            }
            catch (InputException e)
            {
                // One account of many, perhaps new and without the role: the others are scanned, this one is unknown.
                var outcome = (e.InnerException as AwsApiException)?.Outcome ?? CollectionOutcome.Denied;
                refused.Add(new CollectionStatus(BuiltInTables.Account, member.Id, CollectionStatus.Global, outcome, "sts:AssumeRole", e.Message));
            }
        }
        if (entered.Count == 0)
            throw new InputException($"no account of the organization could be entered: {refused.FirstOrDefault()?.Reason ?? "it has no active account"}");
        var source = Live(session, entered);
        source._unreachable.AddRange(refused);
        foreach (var member in members.Where(member => member.Name.Length > 0))
            source._names[member.Id] = member.Name;
        return source;
    }

    private static async Task<CollectionAccount> NamedAsync(AwsSession session, IAwsApi api, CancellationToken cancellation) =>
        new(api) { Name = await session.AliasAsync(api, cancellation), Partition = session.Partition };

    private static AccountSource Live(AwsSession session, IReadOnlyList<CollectionAccount> accounts) =>
        new(LiveName, DateTimeOffset.UtcNow, accounts) { Session = session };
}
