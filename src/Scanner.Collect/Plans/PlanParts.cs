using Scanner.Catalog.Terraform;

namespace Scanner.Collect.Plans;

/// <summary>
/// Which instances are parts of which rows (<c>with:</c>). A part whose reference is not known may belong to any row in its account
/// and region: those rows have a doubt about the part, unless they can have one only and have it for sure.
/// </summary>
internal sealed class PlanParts
{
    private readonly PlanSide _side;
    private readonly TerraformPart _part;
    private readonly Dictionary<string, List<PlanInstance>> _sure = new(StringComparer.Ordinal);
    private readonly List<(PlanInstance Part, PlanUnknown Why, string? Only)> _doubts = [];
    private readonly Dictionary<(TerraformPath Path, string Address), PlanValue> _own = [];
    private readonly Func<PlanInstance, string, PlanValue>? _column;
    private readonly bool _refers;

    /// <summary>Finds the parts of one kind.</summary>
    /// <param name="side">The side of the plan.</param>
    /// <param name="mapping">The rows that they are parts of.</param>
    /// <param name="part">The kind.</param>
    /// <param name="column">A column of an instance's row, where a part is compared with one.</param>
    public PlanParts(PlanSide side, TerraformMapping mapping, TerraformPart part, Func<PlanInstance, string, PlanValue>? column = null)
    {
        _column = column;
        _side = side;
        _part = part;
        if (part.To is { } to)
        {
            _refers = true;
            foreach (var row in side.OfTypes(mapping.Resources))
                Refer(row, new PlanScope(side, row).Find(to));
            return;
        }
        foreach (var instance in side.OfTypes(part.Resources))
        {
            var scope = new PlanScope(side, instance);
            switch (scope.Holds(part.When))
            {
                case true:
                    Belong(mapping, instance, scope);
                    break;
                case null:
                    Doubt(instance, scope.WhyNot(part.When));
                    break;
            }
        }
    }

    /// <summary>The parts of a row that are known for sure, in the order of the plan.</summary>
    public IReadOnlyList<PlanInstance> Of(PlanInstance row) => _sure.TryGetValue(row.Address, out var list) ? list : [];

    /// <summary>Why the row may have other parts; empty when it has no others.</summary>
    public IEnumerable<PlanDoubt> DoubtsOf(PlanInstance row)
    {
        if (!_part.Many && _sure.TryGetValue(row.Address, out var parts) && parts.Exists(part => part.IsCertain))
            yield break;
        foreach (var (part, why, only) in _doubts)
        {
            if (only is null ? PlanSide.SamePlace(part, row) : only == row.Address)
                yield return new PlanDoubt(why, _refers ? null : part);
        }
    }

    // The row names the part.
    private void Refer(PlanInstance row, PlanValue value)
    {
        if (_part.Composed && value is PlanUnknown { References: [var only] })
            value = only;
        if (value is PlanUnknown unknown)
            _doubts.Add((row, unknown, row.Address));
        foreach (var part in Referents(value, _part.Resources, row))
            Add(row, part);
    }

    // The part names the row.
    private void Belong(TerraformMapping mapping, PlanInstance part, PlanScope scope)
    {
        if (!part.IsCertain)
        {
            Doubt(part, new PlanUnknown($"whether {part.Address} will be there is known after apply" + (part.Uncertainty is { } why ? $" ({why})" : ""), part.Address));
            return;
        }
        IEnumerable<PlanInstance>? rows = null;
        foreach (var (theirs, ours) in _part.By)
        {
            var value = scope.Find(theirs);
            if (_part.Composed && value is PlanUnknown { References: [var only] })
                value = only;
            // Its own name stands for nothing else, and may turn out to be any.
            if ((value is PlanSymbol { } name && ours is not null && name.Address == part.Address ? new PlanUnknown($"{part.Address}.{name.Attribute} is known after apply", part.Address) : Unknown(value)) is { } unknown)
            {
                // Of some rows it is certain already that they are not meant.
                if (rows is null && unknown.Among is not null)
                    _doubts.AddRange(_side.Meant(unknown, _side.OfTypes(mapping.Resources).Where(row => PlanSide.SamePlace(row, part))).Select(row => (part, unknown, (string?)row.Address)));
                else if (rows is null)
                    Doubt(part, unknown);
                else
                    _doubts.AddRange(rows.Select(row => (part, unknown, (string?)row.Address)));
                if (value is not PlanList)
                    return;
            }
            rows = ours is null
                ? Referents(value, mapping.Resources, part).Where(row => rows is null || rows.Contains(row)).ToList()
                : Equal(value, ours, rows ?? _side.OfTypes(mapping.Resources).Where(row => PlanSide.SamePlace(row, part)), part).ToList();
        }
        foreach (var row in rows ?? [])
            Add(row, part);
    }

    private IEnumerable<PlanInstance> Equal(PlanValue value, TerraformPath ours, IEnumerable<PlanInstance> rows, PlanInstance part)
    {
        var text = _side.TextOf(value);
        foreach (var row in rows)
        {
            // An argument that is made of an attribute of the row's own instance means it.
            if (_part.Composed && value is PlanSymbol symbol && symbol.Address == row.Address)
            {
                yield return row;
                continue;
            }
            if (!_own.TryGetValue((ours, row.Address), out var own))
                _own[(ours, row.Address)] = own = ours.Root == TerraformPathRoot.Column ? _column!(row, ours.Name) : new PlanScope(_side, row).Find(ours);
            if (Unknown(own) is { } unknown)
                _doubts.Add((part, unknown, row.Address));
            else if (text is not null && _side.TextOf(own) == text)
                yield return row;
        }
    }

    private IEnumerable<PlanInstance> Referents(PlanValue value, IReadOnlyList<string> types, PlanInstance near) => value switch
    {
        PlanSymbol symbol => _side.At(symbol.Address) is { } instance && types.Contains(instance.Type, StringComparer.Ordinal) ? [instance] : [],
        PlanScalar { Text.Length: > 0 } scalar => _side.Named(types, scalar.Text, near),
        PlanList list => list.Items.SelectMany(item => Referents(item, types, near)).Distinct(),
        _ => [],
    };

    private static PlanUnknown? Unknown(PlanValue value) => value switch
    {
        PlanUnknown unknown => unknown,
        PlanUnset { IsComputed: true } unset => unset.ToUnknown(),
        PlanList list => list.Items.Select(Unknown).FirstOrDefault(unknown => unknown is not null),
        _ => null,
    };

    private void Doubt(PlanInstance part, PlanUnknown why) => _doubts.Add((part, why, null));

    private void Add(PlanInstance row, PlanInstance part)
    {
        if (!_sure.TryGetValue(row.Address, out var list))
            _sure[row.Address] = list = [];
        if (!list.Contains(part))
            list.Add(part);
    }
}
