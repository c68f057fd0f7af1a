using Scanner.Model;
using Scanner.Publish.Text;

namespace Scanner.Publish.Reports;

/// <summary>The same fault of all instances of one block of Terraform (<c>count</c>, <c>for_each</c>, a module called several times): one thing to fix.</summary>
/// <param name="Findings">At least one, of one check, in the report's order.</param>
internal sealed record GateGroup(IReadOnlyList<Finding> Findings)
{
    /// <summary>The one whose words stand for all.</summary>
    public Finding First => Findings[0];

    /// <summary>Where the block is written; null when that is not known.</summary>
    public SourceLocation? Location => First.Location;

    /// <summary>Whether the pull request changes the line.</summary>
    public bool IsInDiff => First.Location?.IsInDiff == true;

    /// <summary>Groups findings; the order is that of the first of each group.</summary>
    /// <param name="findings">Findings of one kind of change.</param>
    public static IReadOnlyList<GateGroup> Of(IEnumerable<Finding> findings) =>
        [.. findings.GroupBy(Block).Select(group => new GateGroup([.. group]))];

    // A module call in the repository may stand for several resources of a module outside of it: type and name tell them apart.
    private static (string, string?, string) Block(Finding finding)
    {
        if (finding.Address is not { } address)
            return (finding.Check, finding.Plan, finding.Key);
        if (finding.Location is not { } at)
            return (finding.Check, finding.Plan, TerraformAddress.WithoutKeys(address));
        var (type, name) = TerraformAddress.Resource(address) ?? ("", address);
        return (finding.Check, at.File, FormattableString.Invariant($"{at.BlockLine} {at.Line} {type}.{name}"));
    }
}
