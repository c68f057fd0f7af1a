using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using DuckDB.NET.Data;
using DuckDB.NET.Data.DataChunk.Reader;
using DuckDB.NET.Data.DataChunk.Writer;

namespace Scanner.Store.Functions;

/// <summary>
/// The functions that queries of checks can call (checks/README.md, "Functions"): IAM policies, networks and log filters by their meaning.
/// They are pure, so that a recorded account gives the same answer tomorrow. What cannot be read gives NULL, never an
/// answer; a request that the author of a check wrote wrongly is an error of the query.
/// <para>Each is a scalar function over texts with a macro around it that takes JSON, texts, lists, structs and maps alike.</para>
/// </summary>
internal static class SqlFunctions
{
    private static readonly JsonSerializerOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>All of them, in the order of the documentation.</summary>
    public static IReadOnlyList<SqlFunction> All { get; } =
    [
        new("policy_decision", "policy, request", "VARCHAR", "What the policy does with requests: allow, some, depends, none or deny"),
        new("policy_denies_plain_http", "policy, bucket_arn", "BOOLEAN", "Whether a bucket policy denies everybody every action on the objects over plain HTTP"),
        new("policy_is_admin", "policy", "BOOLEAN", "Whether an identity policy allows every action on every resource"),
        new("policy_is_public", "policy", "BOOLEAN", "Whether a resource policy lets a stranger do anything"),
        new("policy_public_actions", "policy", "VARCHAR[]", "The actions that it lets a stranger do, as written"),
        new("policy_grantees", "policy", "VARCHAR[]", "Whom it lets in: account ids, organizations, services, providers, * for anybody"),
        new("policy_wildcard_services", "policy", "VARCHAR[]", "Services of which it allows every action, * for all"),
        new("policy_problem", "policy", "VARCHAR", "Why the other functions give NULL for a policy; NULL when they do not"),
        new("world_open", "cidrs", "BOOLEAN", "Whether the ranges together are half of the internet or more"),
        new("cidrs_cover", "cidrs, cidr", "BOOLEAN", "Whether the ranges together cover a range or an address"),
        new("ports_open", "rules, protocol, ports, [prefix_lists]", "BOOLEAN", "Whether security group rules open one of the ports to the internet"),
        new("open_port_ranges", "rules, protocol, [prefix_lists]", "VARCHAR[]", "All ports that security group rules open to the internet"),
        new("nacl_open", "entries, protocol, ports", "BOOLEAN", "Whether a network ACL lets the internet reach one of the ports"),
        new("nacl_open_ranges", "entries, protocol", "VARCHAR[]", "All ports that a network ACL lets the internet reach"),
        new("log_pattern_covers", "patterns, wanted", "BOOLEAN", "Whether CloudWatch Logs filter patterns together find all events that another pattern finds"),
        new("log_pattern_problem", "pattern", "VARCHAR", "Why a filter pattern is not understood; NULL where it is"),
        new("network_problem", "rules, [prefix_lists]", "VARCHAR", "Why the functions about rules and ACL entries give NULL; NULL when they do not"),
    ];

    private static readonly string[] Macros =
    [
        "policy_decision(policy, request) AS \"raw policy_decision\"(to_json(policy), to_json(request))",
        // S3 answers plain HTTP for data, so that the objects count; aws:SecureTransport is in every request.
        """
        policy_denies_plain_http(policy, bucket_arn) AS "raw policy_decision"(to_json(policy), CASE WHEN bucket_arn IS NOT NULL THEN
            to_json({'action': 's3:*', 'resource': bucket_arn || '/*', 'context': {'aws:SecureTransport': false}}) END) = 'deny'
        """,
        "policy_is_admin(policy) AS \"raw policy_is_admin\"(to_json(policy))",
        "policy_is_public(policy) AS \"raw policy_is_public\"(to_json(policy))",
        List("policy_public_actions(policy)", "\"raw policy_public_actions\"(to_json(policy))"),
        List("policy_grantees(policy)", "\"raw policy_grantees\"(to_json(policy))"),
        List("policy_wildcard_services(policy)", "\"raw policy_wildcard_services\"(to_json(policy))"),
        "policy_problem(policy) AS \"raw policy_problem\"(to_json(policy))",
        "world_open(cidrs) AS \"raw world_open\"(to_json(cidrs))",
        "cidrs_cover(cidrs, cidr) AS \"raw cidrs_cover\"(to_json(cidrs), CAST(cidr AS VARCHAR))",
        "ports_open(rules, protocol, ports, prefix_lists := NULL) AS \"raw ports_open\"(to_json(rules), CAST(protocol AS VARCHAR), to_json(ports), to_json(prefix_lists))",
        List("open_port_ranges(rules, protocol, prefix_lists := NULL)", "\"raw open_port_ranges\"(to_json(rules), CAST(protocol AS VARCHAR), to_json(prefix_lists))"),
        "nacl_open(entries, protocol, ports) AS \"raw nacl_open\"(to_json(entries), CAST(protocol AS VARCHAR), to_json(ports))",
        List("nacl_open_ranges(entries, protocol)", "\"raw nacl_open_ranges\"(to_json(entries), CAST(protocol AS VARCHAR))"),
        "log_pattern_covers(patterns, wanted) AS \"raw log_pattern_covers\"(to_json(patterns), CAST(wanted AS VARCHAR))",
        "log_pattern_problem(pattern) AS \"raw log_pattern_problem\"(CAST(pattern AS VARCHAR))",
        "network_problem(rules, prefix_lists := NULL) AS \"raw network_problem\"(to_json(rules), to_json(prefix_lists))",
    ];

    /// <summary>Makes them known to an instance.</summary>
    /// <param name="connection">The instance.</param>
    public static void Register(DuckDBConnection connection)
    {
        // A policy's functions, of which NULL and a document that is not understood are alike: there is no answer.
        Text(connection, "raw policy_decision", 2, values => Policy(values[0]) is { } policy && values[1] is { } text && PolicyRequest.Parse(text) is { } request
            ? PolicyEvaluator.Decide(policy, request) : null);
        Truth(connection, "raw policy_is_admin", 1, values => Policy(values[0]) is { } policy ? PolicyEvaluator.IsAdmin(policy) : null);
        Truth(connection, "raw policy_is_public", 1, values => Policy(values[0]) is { } policy ? PolicyEvaluator.PublicActions(policy).Count > 0 : null);
        Text(connection, "raw policy_public_actions", 1, values => Policy(values[0]) is { } policy ? Write(PolicyEvaluator.PublicActions(policy)) : null);
        Text(connection, "raw policy_grantees", 1, values => Policy(values[0]) is { } policy ? Write(PolicyEvaluator.Grantees(policy)) : null);
        Text(connection, "raw policy_wildcard_services", 1, values => Policy(values[0]) is { } policy ? Write(PolicyEvaluator.WildcardServices(policy)) : null);
        Text(connection, "raw policy_problem", 1, values => PolicyProblem(values[0]));

        Truth(connection, "raw world_open", 1, values => Ranges(values[0]) is var (four, six, all) ? four.IsWorld(six: false) || six.IsWorld(six: true) ? true : all ? false : null : null);
        Truth(connection, "raw cidrs_cover", 2, values => Ranges(values[0]) is var (four, six, all) && AddressRange.TryParse(values[1], out var range)
            ? (range.IsIPv6 ? six : four).Covers(range) ? true : all ? false : null : null);
        Truth(connection, "raw ports_open", 4, values => values[0] is { } rules ? IsOpen(NetworkRules.OfGroup(rules, values[3]), values[1], values[2]) : null);
        Text(connection, "raw open_port_ranges", 3, values => values[0] is { } rules ? Open(NetworkRules.OfGroup(rules, values[2]), values[1]) : null);
        Truth(connection, "raw nacl_open", 3, values => values[0] is { } entries ? IsOpen(NetworkRules.OfAcl(entries), values[1], values[2]) : null);
        Text(connection, "raw nacl_open_ranges", 2, values => values[0] is { } entries ? Open(NetworkRules.OfAcl(entries), values[1]) : null);
        Text(connection, "raw network_problem", 2, values => values[0] is { } rules
            ? (IsAcl(rules) ? NetworkRules.OfAcl(rules) : NetworkRules.OfGroup(rules, values[1])).Problem : null);

        Truth(connection, "raw log_pattern_covers", 2, values => values[0] is { } patterns && values[1] is { } wanted ? Covers(patterns, wanted) : null);
        Text(connection, "raw log_pattern_problem", 1, values => values[0] is { } pattern ? LogPatternProblem(pattern) : null);

        using var command = connection.CreateCommand();
        command.CommandText = string.Join(";\n", Macros.Select(macro => "CREATE OR REPLACE TEMP MACRO " + macro));
        command.ExecuteNonQuery();
    }

    private static string List(string signature, string call) => $"{signature} AS from_json({call}, '[\"VARCHAR\"]')";

    private static PolicyDocument? Policy(string? json)
    {
        try
        {
            return json is null ? null : PolicyDocument.Parse(json);
        }
        catch (PolicyFormatException)
        {
            return null;
        }
    }

    private static string? PolicyProblem(string? json)
    {
        try
        {
            _ = json is null ? null : PolicyDocument.Parse(json);
            return null;
        }
        catch (PolicyFormatException error)
        {
            return error.Message;
        }
    }

    // One range or a list of them; All is false where one of them is no range.
    private static (AddressSet Four, AddressSet Six, bool All)? Ranges(string? json)
    {
        if (json is null || JsonNode.Parse(json) is not { } node)
            return null;
        var ranges = new List<AddressRange>();
        var all = true;
        foreach (var element in Elements(node))
        {
            // A missing one says nothing, as in every aggregate of SQL.
            if (element is null)
                continue;
            if (element is JsonValue value && value.TryGetValue<string>(out var text) && AddressRange.TryParse(text, out var range))
                ranges.Add(range);
            else
                all = false;
        }
        return (AddressSet.Of(ranges.Where(range => !range.IsIPv6).Select(range => (range.Start, range.End))),
            AddressSet.Of(ranges.Where(range => range.IsIPv6).Select(range => (range.Start, range.End))), all);
    }

    private static JsonNode?[] Elements(JsonNode node) => node is JsonArray list ? [.. list] : [node];

    private static bool? IsOpen(NetworkRules rules, string? protocol, string? ports)
    {
        if (protocol is null || ports is null || JsonNode.Parse(ports) is not { } node)
            return null;
        bool? answer = false;
        foreach (var element in Elements(node))
        {
            if (element is not JsonValue value || !value.TryGetValue<int>(out var port) || port is < 0 or > PortRange.Highest)
                throw new ArgumentException($"'{element?.ToJsonString() ?? "NULL"}' is no port", nameof(ports));
            var open = rules.IsOpen(Protocol(protocol), port);
            if (open == true)
                return true;
            answer = open is null ? null : answer;
        }
        return answer;
    }

    private static string? Open(NetworkRules rules, string? protocol) =>
        protocol is null ? null : rules.OpenRanges(Protocol(protocol)) is { } ranges ? Write(ranges.Select(range => range.ToString())) : null;

    private static int Protocol(string text) => IpProtocol.Parse(text) is { } protocol and not IpProtocol.All
        ? protocol
        : throw new ArgumentException($"'{text}' is no protocol; it is tcp, udp, icmp, icmpv6 or a number", nameof(text));

    // A pattern that is not understood finds what it finds: where the others are not enough, there is no answer.
    private static bool? Covers(string patterns, string wanted)
    {
        LogPattern needed;
        try
        {
            needed = LogPatternParser.Parse(wanted);
        }
        catch (LogPatternFormatException error)
        {
            throw new ArgumentException($"the wanted pattern is not understood: {error.Message}", nameof(wanted), error);
        }
        var known = new List<LogPattern>();
        var all = true;
        foreach (var element in JsonNode.Parse(patterns) is { } node ? Elements(node) : [])
        {
            try
            {
                if (element is JsonValue value && value.TryGetValue<string>(out var text))
                    known.Add(LogPatternParser.Parse(text));
            }
            catch (LogPatternFormatException)
            {
                all = false;
            }
        }
        return LogPatternCoverage.Covers(known, needed) is { } covers && (covers || all) ? covers : null;
    }

    private static string? LogPatternProblem(string pattern)
    {
        try
        {
            LogPatternParser.Parse(pattern);
            return null;
        }
        catch (LogPatternFormatException error)
        {
            return error.Message;
        }
    }

    private static bool IsAcl(string json) => json.Contains("\"RuleAction\"", StringComparison.Ordinal);

    private static string Write(IEnumerable<string> values) => JsonSerializer.Serialize(values, Json);

    private static void Text(DuckDBConnection connection, string name, int count, Func<string?[], string?> answer) =>
        Register<string>(connection, name, count, (values, writer, row) =>
        {
            if (answer(values) is { } text)
                writer.WriteValue(text, row);
            else
                writer.WriteNull(row);
        });

    private static void Truth(DuckDBConnection connection, string name, int count, Func<string?[], bool?> answer) =>
        Register<bool>(connection, name, count, (values, writer, row) =>
        {
            if (answer(values) is { } truth)
                writer.WriteValue(truth, row);
            else
                writer.WriteNull(row);
        });

    private static void Register<T>(DuckDBConnection connection, string name, int count, Action<string?[], IDuckDBDataWriter, ulong> row)
    {
        var options = new ScalarFunctionOptions { IsPureFunction = true, HandlesNulls = true };
        void Run(IReadOnlyList<IDuckDBDataReader> readers, IDuckDBDataWriter writer, ulong rows)
        {
            var values = new string?[count];
            for (ulong i = 0; i < rows; i++)
            {
                for (var column = 0; column < count; column++)
                    values[column] = readers[column].IsValid(i) ? readers[column].GetValue<string>(i) : null;
                row(values, writer, i);
            }
        }

        switch (count)
        {
            case 1:
                connection.RegisterScalarFunction<string, T>(name, Run, options, false);
                break;
            case 2:
                connection.RegisterScalarFunction<string, string, T>(name, Run, options);
                break;
            case 3:
                connection.RegisterScalarFunction<string, string, string, T>(name, Run, options);
                break;
            default:
                connection.RegisterScalarFunction<string, string, string, string, T>(name, Run, options);
                break;
        }
    }
}
