using System.Globalization;

namespace Scanner.Collect.Plans;

/// <summary>The way to a value in an instance: names (which may hold any character) and places in lists.</summary>
internal sealed record LeafPath(LeafPath? Parent, string? Name, int Index)
{
    public static readonly LeafPath Root = new(null, null, -1);

    /// <summary>The last name on the way.</summary>
    public string LastName => Name ?? Parent?.LastName ?? "";

    /// <summary>Whether it is the whole of an argument at the top.</summary>
    public bool IsTop => Name is not null && ReferenceEquals(Parent, Root);

    public LeafPath Member(string name) => new(this, name, -1);

    public LeafPath Element(int index) => new(this, null, index);

    /// <summary>Steps from the top.</summary>
    public IReadOnlyList<LeafPath> Steps
    {
        get
        {
            var steps = new List<LeafPath>();
            for (var at = this; !ReferenceEquals(at, Root); at = at.Parent!)
                steps.Add(at);
            steps.Reverse();
            return steps;
        }
    }

    /// <summary>The value at this place; <see cref="PlanUnset.Null"/> when there is none.</summary>
    public PlanValue In(PlanValue value)
    {
        if (ReferenceEquals(this, Root))
            return value;
        var above = Parent!.In(value);
        return Name is not null ? above is PlanObject o ? o[Name] : PlanUnset.Null
            : above is PlanList list && Index < list.Items.Count ? list.Items[Index] : PlanUnset.Null;
    }

    /// <inheritdoc/>
    public override string ToString() => ReferenceEquals(this, Root) ? ""
        : Name is null ? string.Create(CultureInfo.InvariantCulture, $"{Parent}[{Index}]")
        : ReferenceEquals(Parent, Root) ? Name : $"{Parent}.{Name}";
}
