using System.Text.Json.Nodes;

namespace Scanner.Collect.Plans;

/// <summary>A value that is known only after apply, and of which nothing tells what it will be.</summary>
/// <param name="reason">A sentence without a full stop that names the address and the expression:
/// <c>aws_flow_log.main.vpc_id is known after apply (local.vpc_id)</c>. Names in it come from the plan: hostile.</param>
/// <param name="address">Address of the instance whose attribute it is.</param>
/// <param name="references">The instances that it is made of for certain, when there are some: a text composed of
/// one object's name, a list of several objects, one of several. Never proof of identity; a table may accept a single one
/// for a column that it calls composed.</param>
public sealed class PlanUnknown(string reason, string address, IReadOnlyList<PlanSymbol>? references = null) : PlanValue
{
    /// <summary>Why, with the address and the expression.</summary>
    public string Reason { get; } = reason;

    /// <summary>Address of the instance whose attribute it is.</summary>
    public string Address { get; } = address;

    /// <summary>The objects that its expression names; often none.</summary>
    public IReadOnlyList<PlanSymbol> References { get; } = references ?? [];

    /// <summary>
    /// Values between which the answer to every question about it lies, when there are such: for a policy that is put together during
    /// apply, it with what is not known at its narrowest, and at its widest. One alone is what it will be. Often none.
    /// </summary>
    public IReadOnlyList<PlanValue> Choices { get; init; } = [];

    /// <summary>Addresses of everything that it can refer to; null when that may be anything.</summary>
    internal IReadOnlySet<string>? Among { get; init; }

    /// <summary>Name of the argument, where it names one other object as a whole; null elsewhere.</summary>
    internal string? Refers { get; init; }

    /// <summary>For the text of a policy, what is known of it.</summary>
    internal PlanPolicy? Policy { get; init; }

    /// <summary>For the text of a policy that is one of several, what is known of each; empty where nothing tells which they are.</summary>
    internal IReadOnlyList<PlanPolicy> Policies { get; init; } = [];

    /// <summary>Whether AWS decides it by itself, and the plan has no word in it.</summary>
    public bool IsAwsOwn { get; init; }

    /// <inheritdoc/>
    public override bool IsKnown => false;

    /// <inheritdoc/>
    public override IEnumerable<PlanUnknown> Unknowns => [this];

    /// <inheritdoc/>
    public override JsonNode? ToJson(Func<PlanSymbol, string?> symbol) => null;
}
