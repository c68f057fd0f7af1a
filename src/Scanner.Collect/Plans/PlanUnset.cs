using System.Text.Json.Nodes;

namespace Scanner.Collect.Plans;

/// <summary>
/// An argument that was not set. There are two of them: <see cref="Null"/> (the plan says null, or has no such member:
/// a column without <c>unset:</c> is null) and <see cref="Computed"/> (the plan says "known after apply" of an argument without an
/// expression or whose expression gives null: the provider decides; a column without <c>unset:</c> is unknown).
/// </summary>
public sealed class PlanUnset : PlanValue
{
    /// <summary>Null in the plan.</summary>
    public static readonly PlanUnset Null = new("", "");

    private PlanUnset(string reason, string address)
    {
        Reason = reason;
        Address = address;
    }

    /// <summary>Whether the provider decides at apply.</summary>
    public bool IsComputed => Address.Length > 0;

    /// <summary>For a computed one, what to say where no <c>unset:</c> is given: <c>aws_instance.web.metadata_options is known after apply</c>.</summary>
    public string Reason { get; }

    /// <summary>For a computed one, the address of the instance; otherwise empty.</summary>
    public string Address { get; }

    /// <inheritdoc/>
    public override bool IsKnown => true;

    /// <summary>An argument that the provider sets at apply.</summary>
    /// <param name="reason">As for <see cref="PlanUnknown"/>.</param>
    /// <param name="address">Address of the instance whose attribute it is.</param>
    public static PlanUnset Computed(string reason, string address) => new(reason, address);

    /// <summary>The same as something unknown, for where nothing says what the provider does.</summary>
    public PlanUnknown ToUnknown() => new(Reason, Address);

    /// <inheritdoc/>
    public override JsonNode? ToJson(Func<PlanSymbol, string?> symbol) => null;
}
