namespace Scanner.Collect.Plans;

/// <summary>
/// One instance of a managed resource, on one side of a plan: as it was (<see cref="Plan.Before"/>) or as it will be
/// (<see cref="Plan.After"/>). An instance that stays has one on each side with the same <see cref="Address"/>.
/// </summary>
public sealed class PlanInstance
{
    private Func<PlanValue> _attributes;
    private readonly WeakReference<PlanValue?> _made = new(null);

    /// <summary>Makes an instance.</summary>
    /// <param name="attributes">Makes its attributes when they are asked for, each time the same.</param>
    public PlanInstance(Func<PlanValue> attributes) => _attributes = attributes;

    /// <summary>
    /// Address after all moves, on both sides: <c>module.net["a"].aws_vpc.this[0]</c>; a deposed object's ends in
    /// <c> (deposed KEY)</c>, that of an instance which the plan defers in <c>[*]</c>. Hostile text.
    /// </summary>
    public required string Address { get; init; }

    /// <summary>Address before it was moved; null when it was not.</summary>
    public string? PreviousAddress { get; init; }

    /// <summary>Resource type, such as <c>aws_flow_log</c>.</summary>
    public required string Type { get; init; }

    /// <summary>Name in the configuration: <c>main</c> of <c>aws_flow_log.main</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Address of the module with its keys, such as <c>module.net["a"].module.logs</c>; empty in the root module.</summary>
    public string Module { get; init; } = "";

    /// <summary>Key of <c>for_each</c> (text) or <c>count</c> (digits) without brackets and quotes; null when the resource has neither.</summary>
    public string? Index { get; init; }

    /// <summary>Key of a deposed object; null for the living one.</summary>
    public string? Deposed { get; init; }

    /// <summary>Provider configuration, such as <c>aws</c>, <c>aws.us</c> or <c>module.m:aws</c>; empty when the plan does not say.</summary>
    public string Provider { get; init; } = "";

    /// <summary>Twelve-digit account id, or <see cref="Plan.UnknownAccount"/>.</summary>
    public required string Account { get; init; }

    /// <summary>Region code, or <see cref="Plan.UnknownRegion"/>. Tables of scope account use <c>global</c> themselves.</summary>
    public required string Region { get; init; }

    /// <summary>Everything that the plan does to it.</summary>
    public PlanActions Actions { get; init; }

    /// <summary>Whether it is made new by this plan, replaced ones included: what AWS does for new objects applies afterwards.</summary>
    public bool IsCreated => Actions.HasFlag(PlanActions.Create);

    /// <summary>Whether the plan changes anything about it: not for no-op, and not for <c>forget</c> alone.</summary>
    public bool IsChanged => (Actions & ~(PlanActions.Forget | PlanActions.Read)) != PlanActions.None;

    /// <summary>Whether it is gone afterwards. Never for a replaced one.</summary>
    public bool IsDeleted => (Actions & (PlanActions.Create | PlanActions.Delete)) == PlanActions.Delete;

    /// <summary>
    /// Whether it is certain that the instance is there on this side. Not for one that the plan defers, that an errored plan
    /// did not come to, or that something unknown is done to: it, more of its kind, or none may be there.
    /// </summary>
    public bool IsCertain { get; init; } = true;

    /// <summary>For one that is not certain, why; a sentence without a full stop. Null otherwise.</summary>
    public string? Uncertainty { get; init; }

    /// <summary>Paths that the plan calls sensitive, such as <c>password</c> or <c>tags.token</c>; empty for the whole.
    /// Their texts are in <see cref="Plan.Secrets"/>, and reach nobody.</summary>
    public IReadOnlyList<string> SensitivePaths { get; init; } = [];

    /// <summary>
    /// All arguments and attributes: a <see cref="PlanObject"/>, or <see cref="PlanUnknown"/> where nothing is known. They are made when they
    /// are asked for and let go afterwards, since those of a large plan do not fit into memory together: hold on to them while you read several.
    /// </summary>
    public PlanValue Attributes
    {
        get
        {
            if (_made.TryGetTarget(out var made) && made is not null)
                return made;
            made = _attributes();
            _made.SetTarget(made);
            return made;
        }
    }

    /// <summary>The attribute at a path, as <see cref="PlanValue.Find"/> tells.</summary>
    /// <param name="path">Such as <c>access_logs[0].enabled</c>.</param>
    public PlanValue Find(string path) => Attributes.Find(path);

    /// <summary>Lets what its attributes are made of go. They cannot be asked for afterwards.</summary>
    internal void LetGo() => _attributes = () => throw new InvalidOperationException($"the values of {Address} were let go");

    /// <inheritdoc/>
    public override string ToString() => Address;
}
