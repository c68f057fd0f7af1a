using System.Globalization;
using Scanner.Catalog;
using Scanner.Model;
using YamlDotNet.RepresentationModel;
using static Scanner.Detect.Rules.RuleYaml;

namespace Scanner.Detect.Rules;

/// <summary>
/// Reads the documents of one Sigma file: rules, correlations, filters, and collections with <c>action</c> as Sigma 1 had
/// them. What is wrong is collected, one error a document; the other documents stand.
/// </summary>
internal sealed class RuleFileParser
{
    private const int MaxTests = 100_000;

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

    /// <summary>Tags that name nothing of ATT&amp;CK, each with its line. The rules stand: what they match does not hang on it.</summary>
    internal List<(string Tag, int Line)> UnknownTags { get; } = [];

    /// <summary>Whether there is a document of something else than Sigma, which is no rule with a mistake.</summary>
    internal bool LeftOut { get; private set; }

    internal static RuleFileParser Parse(string file, string text, RuleSetOptions options)
    {
        var parser = new RuleFileParser(file, options);
        parser.Read(text);
        return parser;
    }

    private void Read(string text)
    {
        var stream = new YamlStream();
        try
        {
            BoundedParser.Load(stream, text, _file, allowsAliases: true);
        }
        catch (InputException e)
        {
            // Documents before the broken one are read; it and those behind it cannot be.
            Errors.Add(e);
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

    /// <summary>The newest version of Sigma whose rules mean here what they mean there.</summary>
    private const int KnownVersion = 2;

    private void Document(YamlMappingNode root)
    {
        if (Optional(root, "sigma-version") is { } version
            && (!int.TryParse(version.Split('.')[0], NumberStyles.None, CultureInfo.InvariantCulture, out var major) || major > KnownVersion))
            throw At(Node(root, "sigma-version")!, string.Create(CultureInfo.InvariantCulture, $"sigma-version {version} is not supported: rules of Sigma up to version {KnownVersion} are; the rule is not run"));
        if (Node(root, "correlation") is { } correlation)
            Rules.Add(Common(root) with { Correlation = CorrelationParser.Read(correlation) });
        else if (Node(root, "filter") is { } filter)
            Filters.Add(Filter(root, filter));
        else if (Node(root, "detection") is { } detection)
            Detection(root, detection);
        else if (IsOfSomethingElse(root))
            LeftOut = true;
        else
            throw At(root, "no 'detection', 'correlation' or 'filter': this is not a Sigma rule");
    }

    /// <summary>A workflow or a chart that lies beside rules has nothing that a rule has; what has some of it is a rule with a mistake.</summary>
    private static bool IsOfSomethingElse(YamlMappingNode root) =>
        !root.Children.Keys.OfType<YamlScalarNode>().Any(key => key.Value is "title" or "logsource" or "level" or "falsepositives" or "detections" or "correlations" or "filters" or "selection" or "condition");

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
        if (Node(root, "tags") is YamlSequenceNode tags)
            UnknownTags.AddRange(tags.Children.Where(tag => AttackTags.Fault(Scalar(tag)) is not null).Select(tag => (Scalar(tag), (int)tag.Start.Line)));
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
            Tests = RuleTestParser.Read(root),
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
        Rules.AddRange(AggregationParser.Read(rule, detection, conditionNode, conditions[0], identifiers));
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
            // An empty list is any rule, as pySigma reads it.
            Rules = rules is [] or ["any"] ? null : rules,
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

    internal static Expression Condition(YamlNode node, string text, Dictionary<string, Expression> identifiers) =>
        Resolve(node, ParseCondition(node, text), identifiers);

    internal static RuleCondition ParseCondition(YamlNode node, string text)
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
}
