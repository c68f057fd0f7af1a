using System.Text.Json;

namespace Scanner.Collect.Plans;

/// <summary>
/// One entry of <c>resource_changes</c> or <c>deferred_changes</c>, or one resource of <c>prior_state</c>, with its values as the bytes that the file
/// has: most are never looked at, and a tree of them all would not fit.
/// </summary>
internal sealed class RawChange
{
    public required string Address { get; init; }

    public required PlanAddress Parts { get; init; }

    public bool IsManaged { get; init; }

    public string? Previous { get; init; }

    public string? Deposed { get; init; }

    /// <summary>Key of the instance: a text as it is, a number in digits; null for neither.</summary>
    public string? Index { get; init; }

    public PlanActions Actions { get; init; }

    public bool IsImported { get; init; }

    /// <summary>JSON of the values; null for none. The same array on both sides when nothing changes.</summary>
    public byte[]? Before { get; init; }

    public byte[]? After { get; init; }

    /// <summary>JSON with true where a value is known after apply; null when all is known.</summary>
    public byte[]? Unknown { get; init; }

    /// <summary>JSON with true where a value is sensitive; null when nothing is.</summary>
    public byte[]? BeforeSensitive { get; init; }

    public byte[]? AfterSensitive { get; init; }

    /// <summary>Why the plan could not say more: <c>deferred_changes[].reason</c>; null for others.</summary>
    public string? Deferred { get; init; }

    public string Type => Parts.Type;

    /// <summary>Address with the key of a deposed object.</summary>
    public string FullAddress => Deposed is null ? Address : $"{Address} (deposed {Deposed})";

    /// <summary>Reads an entry of <c>resource_changes</c>.</summary>
    /// <exception cref="FormatException">It has no address, or one that is none.</exception>
    public static RawChange OfChange(byte[] json, string? deferred = null)
    {
        var members = RawMembers.Of(json);
        var change = members.Slice("change") is { } inner ? RawMembers.Of(inner) : null;
        var (address, parts) = AddressOf(members);
        var before = change?.Value("before");
        var after = change?.Value("after");
        return new RawChange
        {
            Address = address,
            Parts = parts,
            IsManaged = members.Text("mode") is null or "managed" && !parts.IsData,
            Previous = members.Text("previous_address") is { } previous && previous != address ? previous : null,
            Deposed = members.Text("deposed"),
            Index = members.Scalar("index") ?? PlanAddress.Plain(parts.Key),
            Actions = ActionsOf(change?.Slice("actions")),
            IsImported = change?.Value("importing") is not null,
            Before = before,
            After = before is not null && after is not null && before.AsSpan().SequenceEqual(after) ? before : after,
            Unknown = Mask(change?.Value("after_unknown")),
            BeforeSensitive = Mask(change?.Value("before_sensitive")),
            AfterSensitive = Mask(change?.Value("after_sensitive")),
            Deferred = deferred,
        };
    }

    /// <summary>Reads a resource of <c>prior_state</c>: it stays as it is.</summary>
    /// <exception cref="FormatException">It has no address, or one that is none.</exception>
    public static RawChange OfState(byte[] json)
    {
        var members = RawMembers.Of(json);
        var (address, parts) = AddressOf(members);
        var values = members.Value("values");
        var sensitive = Mask(members.Value("sensitive_values"));
        return new RawChange
        {
            Address = address,
            Parts = parts,
            IsManaged = members.Text("mode") is null or "managed" && !parts.IsData,
            Deposed = members.Text("deposed_key"),
            Index = members.Scalar("index") ?? PlanAddress.Plain(parts.Key),
            Before = values,
            After = values,
            BeforeSensitive = sensitive,
            AfterSensitive = sensitive,
        };
    }

    private static (string Address, PlanAddress Parts) AddressOf(RawMembers members)
    {
        var address = members.Text("address") ?? throw new FormatException("has no address");
        return (address, PlanAddress.Parse(TrimSplat(address)) ?? throw new FormatException("has an address that is none"));
    }

    // An address that is deferred ends in [*]: all instances, however many.
    private static string TrimSplat(string address) => address.Replace("[*]", "", StringComparison.Ordinal);

    private static byte[]? Mask(byte[]? json) => json is not null && json.AsSpan().IndexOf("true"u8) >= 0 ? json : null;

    private static PlanActions ActionsOf(byte[]? json)
    {
        if (json is null)
            return PlanActions.Unknown;
        var actions = PlanActions.None;
        var reader = new Utf8JsonReader(json);
        while (reader.Read())
        {
            if (reader.TokenType != JsonTokenType.String)
                continue;
            actions |= JsonTexts.Of(in reader) switch
            {
                "no-op" => PlanActions.None,
                "create" => PlanActions.Create,
                "read" => PlanActions.Read,
                "update" => PlanActions.Update,
                "delete" => PlanActions.Delete,
                "forget" => PlanActions.Forget,
                _ => PlanActions.Unknown,
            };
        }
        return actions;
    }
}
