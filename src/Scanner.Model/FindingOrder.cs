namespace Scanner.Model;

/// <summary>The one order of findings: worst severity first, then check, account, region and resource.</summary>
public static class FindingOrder
{
    /// <summary>Sorts findings of any origin, so that two runs over the same account print the same text.</summary>
    /// <param name="findings">Findings in any order.</param>
    public static IReadOnlyList<Finding> Sorted(IEnumerable<Finding> findings) => (findings as FindingList ?? new FindingList(findings)).InOrder();
}
