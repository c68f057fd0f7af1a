using System.Text.Json.Nodes;

namespace Scanner.Collect.Plans;

/// <summary>
/// An argument that was not set. There are two of them: <see cref="Null"/> (the plan says null, or has no such member:
/// a column without <c>unset:</c> is null) and <see cref="Computed"/> (the plan says "known after apply" of an argument without an
/// expression or whose expression gives null: the provider decides; a column without <c>unset:</c> is unknown).
/// <para>Of a computed one <see cref="IsPart"/> tells whether it is the very value that was asked for or something on the way to
/// it. <c>unset:</c> applies to the former. For the latter, <c>access_logs[0].enabled</c> where all of <c>access_logs</c> is unknown,
/// it depends on the provider's schema: a block that only the author can write is unknown because a <c>dynamic</c> block makes it, so
/// the answer is unknown; a block that the provider computes (<c>logging</c> of <c>aws_s3_bucket</c>) was not set. The table file must
/// say the second, since the plan does not.</para>
/// </summary>
public sealed class PlanUnset : PlanValue
{
    /// <summary>Null in the plan.</summary>
    public static readonly PlanUnset Null = new("", "", false);

    private PlanUnset(string reason, string address, bool part)
    {
        Reason = reason;
        Address = address;
        IsPart = part;
    }

    /// <summary>Whether the provider decides at apply.</summary>
    public bool IsComputed => Address.Length > 0;

    /// <summary>Whether a path led through it: the block or object is what was not set.</summary>
    public bool IsPart { get; }

    /// <summary>For a computed one, what to say where no <c>unset:</c> is given: <c>aws_instance.web.metadata_options is known after apply</c>.</summary>
    public string Reason { get; }

    /// <summary>For a computed one, the address of the instance; otherwise empty.</summary>
    public string Address { get; }

    /// <inheritdoc/>
    public override bool IsKnown => true;

    /// <summary>An argument that the provider sets at apply.</summary>
    /// <param name="reason">As for <see cref="PlanUnknown"/>.</param>
    /// <param name="address">Address of the instance whose attribute it is.</param>
    public static PlanUnset Computed(string reason, string address) => new(reason, address, false);

    /// <summary>What a path below this one finds.</summary>
    internal PlanUnset Part() => IsComputed && !IsPart ? new(Reason, Address, true) : this;

    /// <summary>The same as something unknown, for where nothing says what the provider does.</summary>
    public PlanUnknown ToUnknown() => new(Reason, Address);

    /// <inheritdoc/>
    public override JsonNode? ToJson(Func<PlanSymbol, string?> symbol) => null;
}
