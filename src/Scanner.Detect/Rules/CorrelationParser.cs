using YamlDotNet.RepresentationModel;
using static Scanner.Detect.Rules.RuleYaml;

namespace Scanner.Detect.Rules;

/// <summary>Reads the <c>correlation</c> section of a rule (Sigma correlation rules specification).</summary>
internal sealed class CorrelationParser
{
    private readonly YamlMappingNode _map;
    private readonly string _type;
    private readonly CorrelationKind _kind;
    private readonly YamlNode? _condition;
    private readonly List<(string, double)> _conditions = [];
    private IReadOnlyList<string> _fields = [];
    private double? _percentile;
    private RuleCondition? _extended;

    private CorrelationParser(YamlMappingNode map)
    {
        _map = map;
        _type = Optional(map, "type") ?? throw At(map, "the correlation has no 'type'");
        _kind = _type switch
        {
            "event_count" => CorrelationKind.EventCount,
            "value_count" => CorrelationKind.ValueCount,
            "value_sum" => CorrelationKind.ValueSum,
            "value_avg" => CorrelationKind.ValueAverage,
            "value_percentile" or "value_median" => CorrelationKind.ValuePercentile,
            "temporal" or "temporal_extended" => CorrelationKind.Temporal,
            "temporal_ordered" or "temporal_ordered_extended" => CorrelationKind.TemporalOrdered,
            _ => throw At(Node(map, "type")!, $"unknown correlation type '{_type}'; it is event_count, value_count, value_sum, value_avg, value_percentile, value_median, temporal or temporal_ordered"),
        };
        _percentile = _type == "value_median" ? 50 : null;
        _condition = Node(map, "condition");
    }

    /// <summary>Reads the section; the rules that it refers to are found when all files are read.</summary>
    internal static RuleCorrelation Read(YamlNode section)
    {
        if (section is not YamlMappingNode map)
            throw At(section, "'correlation' must be a map with type, rules and timespan");
        foreach (var key in map.Children.Keys)
        {
            if (Scalar(key) is not ("type" or "rules" or "aliases" or "group-by" or "timespan" or "timeframe" or "condition" or "generate"))
                throw At(key, $"unknown key '{Scalar(key)}' in the correlation");
        }
        return new CorrelationParser(map).Read();
    }

    private RuleCorrelation Read()
    {
        var time = Node(_map, "timespan") ?? Node(_map, "timeframe") ?? throw At(_map, "the correlation has no 'timespan'");
        var aliases = Aliases();
        ReadCondition();
        CheckFields();
        return new RuleCorrelation
        {
            Kind = _kind,
            References = References(),
            GroupBy = Texts(_map, "group-by"),
            TimeSpan = TimeSpanOf(time),
            Conditions = _conditions,
            Fields = _fields,
            Percentile = _percentile,
            Aliases = aliases,
            Generate = Node(_map, "generate") is { } generate && (generate.AsBool() ?? throw At(generate, "'generate' must be true or false")),
            Extended = _extended,
            Line = (int)_map.Start.Line,
        };
    }

    private Dictionary<string, IReadOnlyDictionary<string, string>> Aliases()
    {
        var aliases = new Dictionary<string, IReadOnlyDictionary<string, string>>(StringComparer.Ordinal);
        if (Node(_map, "aliases") is not { } node)
            return aliases;
        if (node is not YamlMappingNode map)
            throw At(node, "'aliases' must be a map of alias to rule to field");
        foreach (var (alias, fields) in map.Children)
        {
            if (fields is not YamlMappingNode byRule)
                throw At(fields, $"the alias '{Scalar(alias)}' must be a map of rule to field");
            aliases[Scalar(alias)] = byRule.Children.ToDictionary(pair => Scalar(pair.Key), pair => Scalar(pair.Value), StringComparer.Ordinal);
        }
        return aliases;
    }

    private void ReadCondition()
    {
        switch (_condition)
        {
            case null:
                break;
            case YamlMappingNode map:
                foreach (var (key, value) in map.Children)
                    ReadCondition(key, value);
                break;
            case YamlScalarNode scalar when _kind == CorrelationKind.Temporal:
                _extended = RuleFileParser.ParseCondition(scalar, Scalar(scalar));
                break;
            default:
                throw At(_condition, _kind == CorrelationKind.TemporalOrdered
                    ? "a temporal_ordered correlation cannot have a condition over rules: their order is that of 'rules'"
                    : "the correlation's 'condition' must be a map such as 'gte: 10'");
        }
    }

    private void ReadCondition(YamlNode key, YamlNode value)
    {
        switch (Scalar(key))
        {
            case "field":
                _fields = value is YamlSequenceNode list ? [.. list.Children.Select(Scalar)] : [Scalar(value)];
                break;
            case "percentile":
                _percentile = NumberOf(value);
                if (_percentile is < 0 or > 100)
                    throw At(value, "'percentile' must be from 0 to 100");
                break;
            case "gt": _conditions.Add((">", NumberOf(value))); break;
            case "gte": _conditions.Add((">=", NumberOf(value))); break;
            case "lt": _conditions.Add(("<", NumberOf(value))); break;
            case "lte": _conditions.Add(("<=", NumberOf(value))); break;
            case "eq": _conditions.Add(("=", NumberOf(value))); break;
            case "neq": _conditions.Add(("!=", NumberOf(value))); break;
            case var other: throw At(key, $"unknown key '{other}' in the correlation's condition; it has gt, gte, lt, lte, eq, neq and field");
        }
    }

    private void CheckFields()
    {
        var needsField = _kind is CorrelationKind.ValueCount or CorrelationKind.ValueSum or CorrelationKind.ValueAverage or CorrelationKind.ValuePercentile;
        if (needsField && _fields.Count == 0)
            throw At(_condition ?? _map, $"a {_type} correlation needs 'field' in its condition");
        if (_fields.Count > 1 && _kind != CorrelationKind.ValueCount)
            throw At(_condition ?? _map, $"a {_type} correlation is about one field, not {_fields.Count}");
        if ((needsField || _kind == CorrelationKind.EventCount) && _conditions.Count == 0)
            throw At(_condition ?? _map, $"a {_type} correlation needs a condition such as 'gte: 10'");
    }

    private IReadOnlyList<string> References()
    {
        IReadOnlyList<string> references;
        if (Node(_map, "rules") is { } rules)
            references = rules is YamlSequenceNode list ? [.. list.Children.Select(Scalar)] : [Scalar(rules)];
        else if (_extended is not null)
            references = [.. _extended.Names().Distinct(StringComparer.Ordinal)];
        else
            throw At(_map, "the correlation has no 'rules'");
        if (references.Count == 0)
            throw At(_map, "the correlation's 'rules' is empty");
        if (_extended is not null && _extended.Names().FirstOrDefault(name => !references.Contains(name, StringComparer.Ordinal)) is { } missing)
            throw At(_condition!, $"the condition names '{missing}', which is not among the correlation's rules");
        return references;
    }
}
