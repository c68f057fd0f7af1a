using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

using Scanner.Model;

using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Scanner.Detect.Rules;

/// <summary>
/// Reads the documents of one Sigma file: rules, correlations, filters, and collections with <c>action</c> as Sigma 1 had
/// them. What is wrong is collected, one error a document; the other documents stand.
/// </summary>
internal sealed partial class RuleFileParser
{
    private const int MaxTests = 100_000;
    private static readonly TimeSpan DefaultTimeFrame = TimeSpan.FromDays(1);

    private readonly string _file;
    private readonly RuleSetOptions _options;

    private RuleFileParser(string file, RuleSetOptions options)
    {
        _file = file;
        _options = options;
    }

    internal List<DetectionRule> Rules { get; } = [];

    internal List<DetectionFilter> Filters { get; } = [];

    internal List<InputException> Errors { get; } = [];

    [GeneratedRegex(@"^(?<number>[0-9]{1,9})(?<unit>[smhdw])$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Duration();

    [GeneratedRegex(@"^(?<function>count|sum|avg|min|max)\s*\(\s*(?<field>[^()]*?)\s*\)\s*(by\s+(?<by>.+?)\s*)?(?<operator><=|>=|==|!=|=|<|>)\s*(?<value>-?[0-9]+(\.[0-9]+)?)$",
        RegexOptions.CultureInvariant | RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Aggregation();

    [GeneratedRegex(@"^near\s+(?<condition>.+)$", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase | RegexOptions.Singleline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Near();

    internal static RuleFileParser Parse(string file, string text, RuleSetOptions options)
    {
        var parser = new RuleFileParser(file, options);
        parser.Read(text);
        return parser;
    }

    private static FormatException At(YamlNode node, string message) => new PlacedException(node.Start.Line, message);

    private void Read(string text)
    {
        var stream = new YamlStream();
        try
        {
            stream.Load(new StringReader(text));
        }
        catch (YamlException e)
        {
            // Documents before the broken one are read; it and those behind it cannot be.
            Errors.Add(new InputException(_file, e.Start.Line, $"not valid YAML: {e.Message}"));
        }

        YamlMappingNode? global = null;
        YamlMappingNode? last = null;
        var found = false;
        foreach (var document in stream.Documents)
        {
            if (document.RootNode.IsNull())
                continue;
            found = true;
            try
            {
                if (document.RootNode is not YamlMappingNode root)
                    throw At(document.RootNode, "a Sigma document is a map with title, logsource and detection; this one is not");
                var action = Optional(root, "action");
                switch (action)
                {
                    case "global":
                        global = global is null ? Without(root, "action") : Merge(global, Without(root, "action"));
                        continue;
                    case "reset":
                        global = null;
                        continue;
                    case "repeat":
                        root = last is null ? throw At(root, "'action: repeat' has no rule before it") : Merge(last, Without(root, "action"));
                        break;
                    case null:
                        if (global is not null)
                            root = Merge(global, root);
                        break;
                    default:
                        throw At(root, $"unknown action '{action}'; it is global, reset or repeat");
                }

                last = root;
                Document(root);
            }
            catch (FormatException e)
            {
                Errors.Add(new InputException(_file, (e as PlacedException)?.Line ?? document.RootNode.Start.Line, e.Message));
            }
        }

        if (!found && Errors.Count == 0)
            Errors.Add(new InputException(_file, 0, "there is no rule in the file"));
    }

    private void Document(YamlMappingNode root)
    {
        if (Node(root, "correlation") is { } correlation)
            Rules.Add(CorrelationRule(root, correlation));
        else if (Node(root, "filter") is { } filter)
            Filters.Add(Filter(root, filter));
        else if (Node(root, "detection") is { } detection)
            Detection(root, detection);
        else
            throw At(root, "no 'detection', 'correlation' or 'filter': this is not a Sigma rule");
    }

    private DetectionRule Common(YamlMappingNode root)
    {
        var title = Optional(root, "title");
        if (string.IsNullOrWhiteSpace(title))
            throw At(root, "the rule has no 'title'");
        var name = Optional(root, "name");
        var level = Severity.Medium;
        var levelWord = Optional(root, "level");
        if (levelWord is not null && !Names.TryParse(levelWord, out level))
            throw At(Node(root, "level")!, $"unknown level '{levelWord}'; it is informational, low, medium, high or critical");
        var id = Optional(root, "id");
        return new DetectionRule
        {
            Id = !string.IsNullOrWhiteSpace(id) ? id : name ?? title,
            Name = name,
            Title = title,
            Status = Optional(root, "status"),
            Description = Optional(root, "description")?.Trim() ?? "",
            Author = Optional(root, "author") ?? "",
            Level = level,
            HasLevel = levelWord is not null,
            Tags = Texts(root, "tags"),
            References = Texts(root, "references"),
            FalsePositives = Texts(root, "falsepositives"),
            Fields = Texts(root, "fields"),
            Response = Texts(root, "response"),
            Tests = Tests(root),
            LogSource = LogSource(root),
            File = _file,
            Line = (int)root.Start.Line,
        };
    }

    private static SigmaLogSource LogSource(YamlMappingNode root)
    {
        switch (Node(root, "logsource"))
        {
            case null:
                return new SigmaLogSource(null, null, null);
            case YamlMappingNode map:
                return new SigmaLogSource(Lower(map, "product"), Lower(map, "service"), Lower(map, "category"));
            case var other:
                throw At(other, "'logsource' must be a map with product, service or category");
        }

        static string? Lower(YamlMappingNode map, string key) => Optional(map, key)?.Trim().ToLowerInvariant() is { Length: > 0 } text ? text : null;
    }

    private void Detection(YamlMappingNode root, YamlNode section)
    {
        var rule = Common(root);
        if (Node(root, "logsource") is null)
            throw At(root, "the rule has no 'logsource'");
        if (section is not YamlMappingNode detection)
            throw At(section, "'detection' must be a map of search identifiers and a condition");
        var identifiers = Identifiers(detection, "condition", "timeframe");
        var conditionNode = Node(detection, "condition") ?? throw At(detection, "the detection has no 'condition'");
        var conditions = conditionNode switch
        {
            YamlSequenceNode { Children.Count: > 0 } list => list.Children.Select(Scalar).ToList(),
            YamlScalarNode scalar when !scalar.IsNull() => [scalar.Value!],
            _ => throw At(conditionNode, "'condition' must be a text, or a list of texts"),
        };
        var pipe = conditions.FindIndex(text => text.Contains('|', StringComparison.Ordinal));
        if (pipe < 0)
        {
            Rules.Add(rule with { Expression = Expression.Any([.. conditions.Select(text => Condition(conditionNode, text, identifiers))]) });
            return;
        }

        if (conditions.Count > 1)
            throw At(conditionNode, "a condition with an aggregation ('|') cannot be one of several");
        Aggregate(rule, detection, conditionNode, conditions[0], identifiers);
    }

    /// <summary>An aggregation of Sigma 1 (<c>selection | count() by user &gt; 5</c>) is a correlation and the rule that it counts.</summary>
    private void Aggregate(DetectionRule rule, YamlMappingNode detection, YamlNode node, string text, Dictionary<string, Expression> identifiers)
    {
        var pipe = text.IndexOf('|', StringComparison.Ordinal);
        var search = Condition(node, text[..pipe], identifiers);
        var aggregation = text[(pipe + 1)..].Trim();
        var time = Node(detection, "timeframe") is { } frame ? TimeSpanOf(frame) : DefaultTimeFrame;
        var first = Part("", search);
        if (Aggregation().Match(aggregation) is { Success: true } match)
        {
            var field = match.Groups["field"].Value;
            var kind = match.Groups["function"].Value.ToLowerInvariant() switch
            {
                "count" => field.Length == 0 ? CorrelationKind.EventCount : CorrelationKind.ValueCount,
                "sum" => CorrelationKind.ValueSum,
                "avg" => CorrelationKind.ValueAverage,
                var other => throw At(node, $"the aggregation '{other}' is not supported; count, sum, avg and near are"),
            };
            if (kind is CorrelationKind.ValueSum or CorrelationKind.ValueAverage && field.Length == 0)
                throw At(node, $"'{match.Groups["function"].Value}' needs a field");
            var value = double.Parse(match.Groups["value"].Value, CultureInfo.InvariantCulture);
            Rules.Add(first);
            Rules.Add(rule with
            {
                Correlation = new RuleCorrelation
                {
                    Kind = kind,
                    References = [first.Id],
                    GroupBy = match.Groups["by"].Success ? match.Groups["by"].Value.Split([',', ' '], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) : [],
                    TimeSpan = time,
                    Conditions = [(match.Groups["operator"].Value == "==" ? "=" : match.Groups["operator"].Value, value)],
                    Fields = field.Length == 0 ? [] : [field],
                    Line = (int)node.Start.Line,
                },
            });
            return;
        }

        if (Near().Match(aggregation) is { Success: true } near)
        {
            var condition = ParseCondition(node, near.Groups["condition"].Value);
            var parts = condition.Names().Distinct(StringComparer.Ordinal)
                .Select(name => Part(name, identifiers.TryGetValue(name, out var found) ? found : throw At(node, $"the condition names '{name}', which is not in the detection")))
                .ToList();
            Rules.Add(first);
            Rules.AddRange(parts);
            Rules.Add(rule with
            {
                Correlation = new RuleCorrelation
                {
                    Kind = CorrelationKind.Temporal,
                    References = [first.Id, .. parts.Select(part => part.Id)],
                    TimeSpan = time,
                    Extended = new RuleCondition.And([new RuleCondition.Name(first.Id), Renamed(condition)]),
                    Line = (int)node.Start.Line,
                },
            });
            return;
        }

        throw At(node, $"the aggregation '{aggregation}' is neither 'count(field) by fields > number' nor 'near'");

        DetectionRule Part(string name, Expression expression) => rule with
        {
            Id = $"{rule.Id}#{(name.Length == 0 ? "events" : name)}",
            Name = null,
            Tests = [],
            Expression = expression,
            PartOf = rule.Id,
            Reports = false,
        };

        RuleCondition Renamed(RuleCondition condition) => condition switch
        {
            RuleCondition.And and => new RuleCondition.And([.. and.Parts.Select(Renamed)]),
            RuleCondition.Or or => new RuleCondition.Or([.. or.Parts.Select(Renamed)]),
            RuleCondition.Not not => new RuleCondition.Not(Renamed(not.Part)),
            RuleCondition.Name name => new RuleCondition.Name($"{rule.Id}#{name.Text}"),
            _ => throw At(node, "'near' takes names of search identifiers, not 'of'"),
        };
    }

    private DetectionFilter Filter(YamlMappingNode root, YamlNode section)
    {
        var title = Optional(root, "title") ?? throw At(root, "the filter has no 'title'");
        if (section is not YamlMappingNode filter)
            throw At(section, "'filter' must be a map with rules, search identifiers and a condition");
        var identifiers = Identifiers(filter, "condition", "rules");
        var conditionNode = Node(filter, "condition") ?? throw At(filter, "the filter has no 'condition'");
        var condition = ParseCondition(conditionNode, Scalar(conditionNode));
        var rulesNode = Node(filter, "rules") ?? throw At(filter, "the filter has no 'rules': the ids or names of the rules that it tunes, or 'any'");
        List<string> rules = rulesNode is YamlSequenceNode list ? [.. list.Children.Select(Scalar)] : [Scalar(rulesNode)];
        var expression = Resolve(conditionNode, condition, identifiers);
        return new DetectionFilter
        {
            Title = title,
            File = _file,
            Line = (int)root.Start.Line,
            LogSource = LogSource(root),
            Rules = rules is ["any"] ? null : rules,
            Keep = Narrows(condition) ? expression : new Expression.Not(expression),
        };
    }

    /// <summary>
    /// A filter's condition is written in two ways: as what must hold besides (<c>not selection</c>, as pySigma reads it) and
    /// as what is to be suppressed (<c>selection</c>, the example of the specification). The negation tells which.
    /// </summary>
    private static bool Narrows(RuleCondition condition) => condition switch
    {
        RuleCondition.Not => true,
        RuleCondition.And and => and.Parts.All(Narrows),
        RuleCondition.Or or => or.Parts.All(Narrows),
        _ => false,
    };

    private DetectionRule CorrelationRule(YamlMappingNode root, YamlNode section)
    {
        var rule = Common(root);
        if (section is not YamlMappingNode map)
            throw At(section, "'correlation' must be a map with type, rules and timespan");
        foreach (var key in map.Children.Keys)
        {
            if (Scalar(key) is not ("type" or "rules" or "aliases" or "group-by" or "timespan" or "timeframe" or "condition" or "generate"))
                throw At(key, $"unknown key '{Scalar(key)}' in the correlation");
        }

        var type = Optional(map, "type") ?? throw At(map, "the correlation has no 'type'");
        double? percentile = null;
        var kind = type switch
        {
            "event_count" => CorrelationKind.EventCount,
            "value_count" => CorrelationKind.ValueCount,
            "value_sum" => CorrelationKind.ValueSum,
            "value_avg" => CorrelationKind.ValueAverage,
            "value_percentile" or "value_median" => CorrelationKind.ValuePercentile,
            "temporal" or "temporal_extended" => CorrelationKind.Temporal,
            "temporal_ordered" or "temporal_ordered_extended" => CorrelationKind.TemporalOrdered,
            _ => throw At(Node(map, "type")!, $"unknown correlation type '{type}'; it is event_count, value_count, value_sum, value_avg, value_percentile, value_median, temporal or temporal_ordered"),
        };
        if (type == "value_median")
            percentile = 50;
        var timeNode = Node(map, "timespan") ?? Node(map, "timeframe") ?? throw At(map, "the correlation has no 'timespan'");
        var aliases = new Dictionary<string, IReadOnlyDictionary<string, string>>(StringComparer.Ordinal);
        if (Node(map, "aliases") is { } aliasNode)
        {
            if (aliasNode is not YamlMappingNode aliasMap)
                throw At(aliasNode, "'aliases' must be a map of alias to rule to field");
            foreach (var (alias, fields) in aliasMap.Children)
            {
                if (fields is not YamlMappingNode fieldMap)
                    throw At(fields, $"the alias '{Scalar(alias)}' must be a map of rule to field");
                aliases[Scalar(alias)] = fieldMap.Children.ToDictionary(pair => Scalar(pair.Key), pair => Scalar(pair.Value), StringComparer.Ordinal);
            }
        }

        var conditions = new List<(string, double)>();
        IReadOnlyList<string> fieldsCounted = [];
        RuleCondition? extended = null;
        var conditionNode = Node(map, "condition");
        switch (conditionNode)
        {
            case null:
                break;
            case YamlMappingNode conditionMap:
                foreach (var (key, value) in conditionMap.Children)
                {
                    switch (Scalar(key))
                    {
                        case "field":
                            fieldsCounted = value is YamlSequenceNode list ? [.. list.Children.Select(Scalar)] : [Scalar(value)];
                            break;
                        case "percentile":
                            percentile = NumberOf(value);
                            if (percentile is < 0 or > 100)
                                throw At(value, "'percentile' must be from 0 to 100");
                            break;
                        case "gt": conditions.Add((">", NumberOf(value))); break;
                        case "gte": conditions.Add((">=", NumberOf(value))); break;
                        case "lt": conditions.Add(("<", NumberOf(value))); break;
                        case "lte": conditions.Add(("<=", NumberOf(value))); break;
                        case "eq": conditions.Add(("=", NumberOf(value))); break;
                        case "neq": conditions.Add(("!=", NumberOf(value))); break;
                        case var other: throw At(key, $"unknown key '{other}' in the correlation's condition; it has gt, gte, lt, lte, eq, neq and field");
                    }
                }

                break;
            case YamlScalarNode scalar when kind == CorrelationKind.Temporal:
                extended = ParseCondition(scalar, Scalar(scalar));
                break;
            default:
                throw At(conditionNode, kind == CorrelationKind.TemporalOrdered
                    ? "a temporal_ordered correlation cannot have a condition over rules: their order is that of 'rules'"
                    : "the correlation's 'condition' must be a map such as 'gte: 10'");
        }

        var needsField = kind is CorrelationKind.ValueCount or CorrelationKind.ValueSum or CorrelationKind.ValueAverage or CorrelationKind.ValuePercentile;
        if (needsField && fieldsCounted.Count == 0)
            throw At(conditionNode ?? map, $"a {type} correlation needs 'field' in its condition");
        if (fieldsCounted.Count > 1 && kind != CorrelationKind.ValueCount)
            throw At(conditionNode ?? map, $"a {type} correlation is about one field, not {fieldsCounted.Count}");
        if ((needsField || kind == CorrelationKind.EventCount) && conditions.Count == 0)
            throw At(conditionNode ?? map, $"a {type} correlation needs a condition such as 'gte: 10'");
        IReadOnlyList<string> references;
        if (Node(map, "rules") is { } rules)
            references = rules is YamlSequenceNode list ? [.. list.Children.Select(Scalar)] : [Scalar(rules)];
        else if (extended is not null)
            references = [.. extended.Names().Distinct(StringComparer.Ordinal)];
        else
            throw At(map, "the correlation has no 'rules'");
        if (references.Count == 0)
            throw At(map, "the correlation's 'rules' is empty");
        if (extended is not null && extended.Names().FirstOrDefault(name => !references.Contains(name, StringComparer.Ordinal)) is { } missing)
            throw At(conditionNode!, $"the condition names '{missing}', which is not among the correlation's rules");

        return rule with
        {
            Correlation = new RuleCorrelation
            {
                Kind = kind,
                References = references,
                GroupBy = Texts(map, "group-by"),
                TimeSpan = TimeSpanOf(timeNode),
                Conditions = conditions,
                Fields = fieldsCounted,
                Percentile = percentile,
                Aliases = aliases,
                Generate = Node(map, "generate") is { } generate && (generate.AsBool() ?? throw At(generate, "'generate' must be true or false")),
                Extended = extended,
                Line = (int)section.Start.Line,
            },
        };
    }

    private Dictionary<string, Expression> Identifiers(YamlMappingNode section, params string[] reserved)
    {
        var identifiers = new Dictionary<string, Expression>(StringComparer.Ordinal);
        foreach (var (key, value) in section.Children)
        {
            var name = Scalar(key);
            if (!reserved.Contains(name))
                identifiers[name] = Selection(name, value);
        }

        return identifiers;
    }

    private Expression Selection(string name, YamlNode node)
    {
        switch (node)
        {
            case YamlMappingNode map:
                if (map.Children.Count == 0)
                    throw At(node, $"'{name}' is empty");
                return Expression.All([.. map.Children.Select(pair => Test(pair.Key, pair.Value))]);
            case YamlSequenceNode list:
                if (list.Children.Count == 0)
                    throw At(node, $"'{name}' is empty");
                return Expression.Any([.. list.Children.Select(item => item is YamlSequenceNode
                    ? throw At(item, $"'{name}' has a list in a list")
                    : Selection(name, item))]);
            case YamlScalarNode scalar when scalar.IsNull():
                throw At(node, $"'{name}' is empty");
            case YamlScalarNode scalar:
                return FieldTests.Keyword(scalar);
            default:
                throw At(node, $"'{name}' is neither a map nor a list");
        }
    }

    private Expression Test(YamlNode key, YamlNode value)
    {
        try
        {
            var expression = FieldTests.Parse(Scalar(key), value, _options);
            return expression.Matches().Take(MaxTests + 1).Count() > MaxTests
                ? throw At(key, $"'{Scalar(key)}' stands for more than {MaxTests} values")
                : expression;
        }
        catch (FormatException e) when (e is not PlacedException)
        {
            throw At(key, e.Message);
        }
    }

    private static Expression Condition(YamlNode node, string text, Dictionary<string, Expression> identifiers) =>
        Resolve(node, ParseCondition(node, text), identifiers);

    private static RuleCondition ParseCondition(YamlNode node, string text)
    {
        try
        {
            return ConditionParser.Parse(text);
        }
        catch (FormatException e) when (e is not PlacedException)
        {
            throw At(node, e.Message);
        }
    }

    private static Expression Resolve(YamlNode node, RuleCondition condition, Dictionary<string, Expression> identifiers)
    {
        switch (condition)
        {
            case RuleCondition.And and:
                return Expression.All([.. and.Parts.Select(part => Resolve(node, part, identifiers))]);
            case RuleCondition.Or or:
                return Expression.Any([.. or.Parts.Select(part => Resolve(node, part, identifiers))]);
            case RuleCondition.Not not:
                return new Expression.Not(Resolve(node, not.Part, identifiers));
            case RuleCondition.Name name:
                return identifiers.TryGetValue(name.Text, out var found)
                    ? found
                    : throw At(node, $"the condition names '{name.Text}', which is not in the detection");
            case RuleCondition.Of some:
                var chosen = identifiers.Where(pair => some.Pattern is null
                    ? !pair.Key.StartsWith('_')
                    : Like(some.Pattern, pair.Key) && (some.Pattern[0] == '_' || !pair.Key.StartsWith('_'))).Select(pair => pair.Value).ToList();
                if (chosen.Count == 0)
                    throw At(node, $"no search identifier in the detection matches '{some.Pattern ?? "them"}' of the condition");
                if (some.Count > chosen.Count)
                    throw At(node, $"the condition asks for {some.Count} of '{some.Pattern ?? "them"}', and the detection has {chosen.Count}");
                return some.Count is null || some.Count == chosen.Count ? Expression.All(chosen)
                    : some.Count == 1 ? Expression.Any(chosen) : new Expression.AtLeast(some.Count.Value, chosen);
            default:
                throw new InvalidOperationException("unknown condition");
        }
    }

    private static bool Like(string pattern, string name) =>
        System.IO.Enumeration.FileSystemName.MatchesSimpleExpression(pattern, name, ignoreCase: false);

    private List<DetectionTest> Tests(YamlMappingNode root)
    {
        if (Node(root, "tests") is not { } node)
            return [];
        if (node is not YamlSequenceNode list)
            throw At(node, "'tests' must be a list");
        var tests = new List<DetectionTest>();
        foreach (var item in list.Children)
        {
            if (item is not YamlMappingNode map)
                throw At(item, "a test must be a map with name, event or events, and expect");
            foreach (var key in map.Children.Keys)
            {
                if (Scalar(key) is not ("name" or "event" or "events" or "expect"))
                    throw At(key, $"unknown key '{Scalar(key)}' in a test; it has name, event, events and expect");
            }

            var name = Optional(map, "name") ?? throw At(map, "the test has no 'name'");
            var expect = Node(map, "expect") ?? throw At(map, $"the test '{name}' has no 'expect'");
            int? matches = expect switch
            {
                YamlScalarNode { Value: "match" } => null,
                YamlScalarNode { Value: "no match" } => 0,
                YamlMappingNode { Children.Count: 1 } counted when Node(counted, "matches") is { } count && count.AsNumber() is { } number and >= 0 => (int)number,
                _ => throw At(expect, "'expect' must be 'match', 'no match' or {matches: number}"),
            };
            var one = Node(map, "event");
            var several = Node(map, "events");
            if (one is null == several is null)
                throw At(map, $"the test '{name}' needs either 'event' or 'events'");
            IEnumerable<YamlNode> nodes = one is not null ? [one] : several is YamlSequenceNode { Children.Count: > 0 } events ? events.Children : throw At(several!, "'events' must be a list of events");
            tests.Add(new DetectionTest(name, (int)map.Start.Line, [.. nodes.Select(Event)], matches));
        }

        return tests;

        static JsonObject Event(YamlNode node)
        {
            try
            {
                return YamlValues.ToJson(node) as JsonObject ?? throw At(node, "an event must be a map");
            }
            catch (FormatException e) when (e is not PlacedException)
            {
                throw At(node, e.Message);
            }
        }
    }

    private static TimeSpan TimeSpanOf(YamlNode node)
    {
        var text = Scalar(node);
        var match = Duration().Match(text);
        if (!match.Success)
            throw At(node, $"'{text}' is not a time span: a number and s, m, h, d or w, such as 90m");
        var number = double.Parse(match.Groups["number"].Value, CultureInfo.InvariantCulture);
        var seconds = number * match.Groups["unit"].Value switch { "s" => 1, "m" => 60, "h" => 3600, "d" => 86_400, _ => 604_800 };
        return seconds is > 0 and < 3e9 ? TimeSpan.FromSeconds(seconds) : throw At(node, $"'{text}' is not a usable time span: it must be from 1s to about 95 years");
    }

    private static double NumberOf(YamlNode node) =>
        double.TryParse(Scalar(node), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number)
            ? number
            : throw At(node, $"'{Scalar(node)}' is not a number");

    private static string Scalar(YamlNode node) =>
        node is YamlScalarNode { Value: { } text } ? text : throw At(node, "a text was expected here");

    private static YamlNode? Node(YamlMappingNode map, string key) =>
        map.Children.TryGetValue(new YamlScalarNode(key), out var node) ? node : null;

    private static string? Optional(YamlMappingNode map, string key) =>
        Node(map, key) is { } node && !node.IsNull() ? Scalar(node) : null;

    private static List<string> Texts(YamlMappingNode map, string key) => Node(map, key) switch
    {
        null => [],
        YamlSequenceNode list => [.. list.Children.Where(item => !item.IsNull()).Select(Scalar)],
        YamlScalarNode scalar when scalar.IsNull() => [],
        YamlScalarNode scalar => [scalar.Value!],
        var other => throw At(other, $"'{key}' must be a list of texts"),
    };

    private static YamlMappingNode Without(YamlMappingNode map, string key)
    {
        var copy = new YamlMappingNode();
        foreach (var (name, value) in map.Children)
        {
            if (name is not YamlScalarNode scalar || scalar.Value != key)
                copy.Add(name, value);
        }

        return copy;
    }

    private static YamlMappingNode Merge(YamlMappingNode under, YamlMappingNode over)
    {
        var merged = new YamlMappingNode();
        foreach (var (key, value) in under.Children)
            merged.Add(key, over.Children.TryGetValue(key, out var other) && value is YamlMappingNode a && other is YamlMappingNode b ? Merge(a, b) : other ?? value);
        foreach (var (key, value) in over.Children)
        {
            if (!under.Children.ContainsKey(key))
                merged.Add(key, value);
        }

        return merged;
    }

    private sealed class PlacedException(long line, string message) : FormatException(message)
    {
        internal long Line { get; } = line;
    }
}
