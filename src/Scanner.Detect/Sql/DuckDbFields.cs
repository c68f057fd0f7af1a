using System.Buffers.Binary;
using System.Globalization;
using System.Net.Sockets;
using Scanner.Detect.Rules;
using Scanner.Model;

namespace Scanner.Detect.Sql;

/// <summary>DuckDB: the whole event is one JSON column, so that every field is there.</summary>
internal sealed class DuckDbFields(LogSource source) : SqlFields
{
    /// <summary>Fields that AWS always writes as one value: no need to look for arrays in their path.</summary>
    private static readonly HashSet<string> Single = new(StringComparer.Ordinal)
    {
        "eventName", "eventSource", "eventType", "eventTime", "eventID", "awsRegion", "errorCode", "errorMessage", "sourceIPAddress", "userAgent",
        "recipientAccountId", "userIdentity.type", "userIdentity.arn", "userIdentity.userName", "userIdentity.accountId",
        "userIdentity.principalId", "userIdentity.invokedBy",
    };

    // Lambda parameters need names of their own, or an inner one would hide an outer one.
    private int _names;

    internal override string Any(string field, TextTest test)
    {
        if (Single.Contains(field))
            return True(test($"(event->>'{Path(field)}')"));
        var x = Name();
        return $"len(list_filter({All(field)}, lambda {x}: {test(x)})) > 0";
    }

    internal override string AnyLeaf(TextTest test) =>
        $"exists (select 1 from json_tree(event) as leaf where leaf.type not in ('OBJECT', 'ARRAY', 'NULL') and {test("(leaf.atom->>'$')")})";

    internal override string IsNull(string field)
    {
        if (Single.Contains(field))
            return $"(event->>'{Path(field)}') is null";
        var x = Name();
        return $"len(list_filter({Leaves(field)}, lambda {x}: json_type({x}) <> 'NULL')) = 0";
    }

    internal override string Exists(string field) => $"len({Found(field)}) > 0";

    internal override string AnyPair(string field, string other, Func<string, string, string> test)
    {
        var x = Name();
        var y = Name();
        return $"len(list_filter({All(field)}, lambda {x}: len(list_filter({All(other)}, lambda {y}: {test(x, y)})) > 0)) > 0";
    }

    internal override string First(string field) => Single.Contains(field) ? $"(event->>'{Path(field)}')" : $"({All(field)})[1]";

    internal override string All(string field)
    {
        var x = Name();
        var y = Name();
        return $"list_transform(list_filter({Leaves(field)}, lambda {x}: json_type({x}) not in ('NULL', 'ARRAY')), lambda {y}: {y}->>'$')";
    }

    internal override bool IsOneText(string field) => Single.Contains(field);

    internal override string OneOrMore(string array) => $"case when len({array}) > 0 then list_distinct({array}) else [null::varchar] end";

    internal override string Seconds() => source switch
    {
        LogSource.VpcFlow => "coalesce(try_cast(event->>'$.\"start\"' as double), 0)",
        LogSource.S3Access => "coalesce(epoch(try_strptime(trim(event->>'$.\"time\"', '[]'), '%d/%b/%Y:%H:%M:%S %z')), epoch(try_cast(event->>'$.\"time\"' as timestamptz)), 0)",
        _ => "coalesce(epoch(try_cast(event->>'$.\"eventTime\"' as timestamptz)), 0)",
    };

    internal override string Matches(string text, string pattern) => $"regexp_matches({text}, {Literal(pattern)})";

    internal override string CountDistinct(string arrays, string window) => $"len(list_distinct(flatten(list({arrays}) over {window})))";

    internal override string Array(string elements) => $"[{elements}]";

    internal override IReadOnlyList<KeptColumn> Kept(IReadOnlyCollection<string> names) => [new KeptColumn("kept_event", "", KeptForm.Event, "event::varchar")];

    internal override string Joined(string array, char separator) => $"array_to_string({array}, {Literal(separator.ToString())})";

    internal override string Cidr(string text, ValueTest.Cidr cidr)
    {
        var (low, high) = Range(cidr);
        if (cidr.Network.BaseAddress.AddressFamily == AddressFamily.InterNetwork)
        {
            var octets = Enumerable.Range(1, 4).Select(i => $"try_cast(split_part({text}, '.', {i}) as bigint)").ToList();
            return string.Create(CultureInfo.InvariantCulture,
                $"(regexp_full_match({text}, '(0|[1-9][0-9]{{0,2}})([.](0|[1-9][0-9]{{0,2}})){{3}}') and greatest({string.Join(", ", octets)}) <= 255 and {octets[0]} * 16777216 + {octets[1]} * 65536 + {octets[2]} * 256 + {octets[3]} between {BinaryPrimitives.ReadUInt32BigEndian(low)} and {BinaryPrimitives.ReadUInt32BigEndian(high)})");
        }

        // There is no address type without an extension: groups are filled up to eight of four digits, and compared as text.
        var g = Name();
        string Groups(int part) => $"case when split_part({text}, '::', {part}) = '' then []::varchar[] else string_split(split_part({text}, '::', {part}), ':') end";
        var left = Groups(1);
        var right = Groups(2);
        var groups = $"list_concat({left}, list_resize([]::varchar[], greatest(0, 8 - len({left}) - len({right})), '0'), {right})";
        return $"(regexp_full_match({text}, '[0-9a-fA-F]{{0,4}}(:[0-9a-fA-F]{{0,4}}){{2,8}}') and len({groups}) = 8 and array_to_string(list_transform({groups}, lambda {g}: lpad(lower({g}), 4, '0')), '') between '{Convert.ToHexStringLower(low)}' and '{Convert.ToHexStringLower(high)}')";
    }

    internal static (byte[] Low, byte[] High) Range(ValueTest.Cidr cidr)
    {
        var low = cidr.Network.BaseAddress.GetAddressBytes();
        var high = (byte[])low.Clone();
        for (var bit = cidr.Network.PrefixLength; bit < high.Length * 8; bit++)
            high[bit / 8] |= (byte)(0x80 >> (bit % 8));
        return (low, high);
    }

    private static string Path(string field) => "$" + string.Concat(Segments(field).Select(segment => $".\"{segment}\""));

    private string Name() => string.Create(CultureInfo.InvariantCulture, $"x{_names++}");

    /// <summary>What stands under the field's name; arrays on the way are gone through, one at the end is itself.</summary>
    private string Found(string field)
    {
        var list = "[event]";
        foreach (var segment in Segments(field))
        {
            var x = Name();
            var y = Name();
            list = $"list_filter(list_transform({Flat(list)}, lambda {x}: json_extract({x}, '$.\"{segment}\"')), lambda {y}: {y} is not null)";
        }

        return list;
    }

    private string Leaves(string field) => Flat(Found(field));

    /// <summary>Arrays as their elements, two levels of them; an empty one stays.</summary>
    private string Flat(string list)
    {
        for (var level = 0; level < 2; level++)
        {
            var x = Name();
            list = $"flatten(list_transform({list}, lambda {x}: case when json_type({x}) = 'ARRAY' and json_array_length({x}) > 0 then json_extract({x}, '$[*]') else [{x}] end))";
        }

        return list;
    }
}
