namespace Scanner.Aws.Session;

/// <summary>An organizational unit, or the root, of an organization (organizations ListRoots, ListOrganizationalUnitsForParent).</summary>
/// <param name="Id">Such as <c>ou-ab12-11112222</c> or <c>r-ab12</c>.</param>
/// <param name="Name">Name as its owner gave it; hostile text.</param>
/// <param name="Above">The unit that it lies in; null for a root.</param>
/// <param name="Accounts">Ids of the accounts that lie in it directly.</param>
public sealed record OrganizationalUnit(string Id, string Name, OrganizationalUnit? Above, IReadOnlyList<string> Accounts)
{
    /// <summary>Whether it is a unit, or lies in it at any depth.</summary>
    /// <param name="id">Id of the unit.</param>
    public bool IsIn(string id) => Id == id || (Above?.IsIn(id) ?? false);
}
