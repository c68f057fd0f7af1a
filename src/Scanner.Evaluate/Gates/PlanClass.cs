namespace Scanner.Evaluate.Gates;

/// <summary>What a Terraform plan alone, without a scan of the account, can say of a check.</summary>
public enum PlanClass
{
    /// <summary>Everything: the rows that it is about, and all that it asks of them, are resources.</summary>
    Plan,

    /// <summary>Passes. A fail could be excused by something of which other stacks, or AWS itself, have more than the plan shows.</summary>
    Excusable,

    /// <summary>It asks whether the account or region has something: judged where the plan has a row of it, before or after.</summary>
    Presence,

    /// <summary>Nothing: it is about what only a running account shows.</summary>
    Never,
}
