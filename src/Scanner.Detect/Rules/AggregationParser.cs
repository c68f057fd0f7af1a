using System.Globalization;
using System.Text.RegularExpressions;
using YamlDotNet.RepresentationModel;
using static Scanner.Detect.Rules.RuleYaml;

namespace Scanner.Detect.Rules;

/// <summary>An aggregation of Sigma 1 (<c>selection | count() by user &gt; 5</c>): a correlation, and the rules that it counts.</summary>
internal static partial class AggregationParser
{
    private static readonly TimeSpan DefaultTimeFrame = TimeSpan.FromDays(1);

    [GeneratedRegex(@"^(?<function>count|sum|avg|min|max)\s*\(\s*(?<field>[^()]*?)\s*\)\s*(by\s+(?<by>.+?)\s*)?(?<operator><=|>=|==|!=|=|<|>)\s*(?<value>-?[0-9]+(\.[0-9]+)?)$",
        RegexOptions.CultureInvariant | RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Aggregation();

    [GeneratedRegex(@"^near\s+(?<condition>.+)$", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase | RegexOptions.Singleline | RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Near();

    /// <summary>Takes the aggregation apart.</summary>
    /// <param name="rule">What the file says besides.</param>
    /// <param name="detection">The detection, for its timeframe.</param>
    /// <param name="node">The condition, for messages.</param>
    /// <param name="text">The condition, with its pipe.</param>
    /// <param name="identifiers">The search identifiers of the detection.</param>
    /// <returns>The parts, then the correlation.</returns>
    internal static IEnumerable<DetectionRule> Read(DetectionRule rule, YamlMappingNode detection, YamlNode node, string text, Dictionary<string, Expression> identifiers)
    {
        var pipe = text.IndexOf('|', StringComparison.Ordinal);
        var aggregation = text[(pipe + 1)..].Trim();
        var time = Node(detection, "timeframe") is { } frame ? TimeSpanOf(frame) : DefaultTimeFrame;
        var first = Part(rule, "events", RuleFileParser.Condition(node, text[..pipe], identifiers));
        if (Aggregation().Match(aggregation) is { Success: true } match)
            return [first, rule with { Correlation = Counted(node, match, first, time) }];
        if (Near().Match(aggregation) is not { Success: true } near)
            throw At(node, $"the aggregation '{aggregation}' is neither 'count(field) by fields > number' nor 'near'");
        var condition = RuleFileParser.ParseCondition(node, near.Groups["condition"].Value);
        var parts = condition.Names().Distinct(StringComparer.Ordinal)
            .Select(name => Part(rule, name, identifiers.TryGetValue(name, out var found) ? found : throw At(node, $"the condition names '{name}', which is not in the detection")))
            .ToList();
        var correlation = new RuleCorrelation
        {
            Kind = CorrelationKind.Temporal,
            References = [first.Id, .. parts.Select(part => part.Id)],
            TimeSpan = time,
            Extended = new RuleCondition.And([new RuleCondition.Name(first.Id), Renamed(rule, node, condition)]),
            Line = (int)node.Start.Line,
        };
        return [first, .. parts, rule with { Correlation = correlation }];
    }

    private static RuleCorrelation Counted(YamlNode node, Match match, DetectionRule counted, TimeSpan time)
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
        return new RuleCorrelation
        {
            Kind = kind,
            References = [counted.Id],
            GroupBy = match.Groups["by"].Success ? match.Groups["by"].Value.Split([',', ' '], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) : [],
            TimeSpan = time,
            Conditions = [(match.Groups["operator"].Value == "==" ? "=" : match.Groups["operator"].Value, value)],
            Fields = field.Length == 0 ? [] : [field],
            Line = (int)node.Start.Line,
        };
    }

    private static DetectionRule Part(DetectionRule rule, string name, Expression expression) => rule with
    {
        Id = $"{rule.Id}#{name}",
        Name = null,
        Tests = [],
        Expression = expression,
        PartOf = rule.Id,
        Reports = false,
    };

    private static RuleCondition Renamed(DetectionRule rule, YamlNode node, RuleCondition condition) => condition switch
    {
        RuleCondition.And and => new RuleCondition.And([.. and.Parts.Select(part => Renamed(rule, node, part))]),
        RuleCondition.Or or => new RuleCondition.Or([.. or.Parts.Select(part => Renamed(rule, node, part))]),
        RuleCondition.Not not => new RuleCondition.Not(Renamed(rule, node, not.Part)),
        RuleCondition.Name name => new RuleCondition.Name($"{rule.Id}#{name.Text}"),
        _ => throw At(node, "'near' takes names of search identifiers, not 'of'"),
    };
}
