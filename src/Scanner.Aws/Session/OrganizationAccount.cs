namespace Scanner.Aws.Session;

/// <summary>An account of an organization (organizations ListAccounts).</summary>
/// <param name="Id">Twelve-digit id.</param>
/// <param name="Name">Name as its owner gave it; hostile text.</param>
/// <param name="Status"><c>ACTIVE</c>, <c>SUSPENDED</c>, <c>PENDING_CLOSURE</c> ...</param>
public sealed record OrganizationAccount(string Id, string Name, string Status)
{
    /// <summary>Only active accounts can be read; the others are reported as not scanned.</summary>
    public bool IsActive => Status == "ACTIVE";
}
