using System.Globalization;
using System.Text;
using Scanner.Detect.Correlation;
using Scanner.Detect.Rules;
using Scanner.Model;

namespace Scanner.Detect.Sql;

/// <summary>
/// The statements that fetch the events which correlations count, once for all correlations. Each has the same columns, so that an event that
/// comes with several of them is known again.
/// </summary>
internal sealed class PartStatements
{
    private static readonly string[] Wholes = ["userIdentity", "tlsDetails", "resources", "eventID", "eventTime", CorrelationPlan.Account, CorrelationPlan.Region];

    private readonly IReadOnlyList<DetectionRule> _correlations;
    private readonly IReadOnlyList<DetectionRule> _asked;
    private readonly IReadOnlyList<DetectionRule> _rules;
    private readonly QueryPlanOptions _options;
    private readonly Dictionary<LogSource, IReadOnlyList<KeptColumn>> _kept = [];

    // A filter for one correlation makes copies of its rules, with the same ids.
    private readonly Dictionary<string, DetectionRule> _labels = new(StringComparer.Ordinal);

    /// <param name="correlations">The correlations.</param>
    /// <param name="guessed">Rules that are judged here too, since the engine can only say which events they may match.</param>
    /// <param name="asked">The rules and correlations whose matches are wanted.</param>
    /// <param name="options">The engine, its table and its limits.</param>
    internal PartStatements(IReadOnlyList<DetectionRule> correlations, IReadOnlyList<DetectionRule> guessed, IReadOnlyList<DetectionRule> asked, QueryPlanOptions options)
    {
        _correlations = correlations;
        Guessed = guessed;
        _asked = asked;
        _options = options;
        _rules = [.. correlations.SelectMany(PartsOf).Concat(guessed).Distinct(ReferenceEqualityComparer.Instance).Cast<DetectionRule>()];
        Rules = _rules.ToHashSet<DetectionRule>(ReferenceEqualityComparer.Instance);
        foreach (var rule in Rules.OrderByDescending(rule => rule.Reports).ThenBy(rule => rule.PartOf is not null))
        {
            var label = rule.Id;
            for (var copy = 2; !_labels.TryAdd(label, rule); copy++)
                label = string.Create(CultureInfo.InvariantCulture, $"{rule.Id}#{copy}");
        }

        foreach (var source in _rules.GroupBy(rule => rule.LogSource.Kind!.Value))
        {
            var fields = FieldsOf([.. correlations.Where(rule => PartsOf(rule)[0].LogSource.Kind == source.Key)], shown: source.Key == LogSource.CloudTrail);
            // To judge events here takes all that the rules ask for, and documents as they are: there is no knowing what is in them.
            if (options.Nesting == LakeNesting.Java)
                fields = [.. fields.Concat(source.SelectMany(Asked)).Select(field => TrinoFields.DocumentOf(field) ?? field).Except(Wholes, StringComparer.Ordinal).Distinct(StringComparer.Ordinal)];
            _kept[source.Key] = RuleConverter.Keep([source.First()], fields, options).Kept;
        }
    }

    /// <summary>Rules that are judged here.</summary>
    internal IReadOnlyList<DetectionRule> Guessed { get; }

    /// <summary>The rules whose events are asked for.</summary>
    internal IReadOnlySet<DetectionRule> Rules { get; }

    /// <summary>Whether matches of a rule are wanted, besides those of correlations that count it.</summary>
    internal bool IsAsked(DetectionRule rule) => _asked.Contains(rule, ReferenceEqualityComparer.Instance);

    /// <summary>The rules that a correlation refers to, through others too, each once.</summary>
    internal static List<DetectionRule> PartsOf(DetectionRule rule) =>
        rule.Correlation is { } correlation ? [.. correlation.Rules.SelectMany(PartsOf).Distinct(ReferenceEqualityComparer.Instance).Cast<DetectionRule>()] : [rule];

    /// <summary>What correlations need of their events.</summary>
    /// <param name="correlations">The correlations.</param>
    /// <param name="shown">Also what people are told of the events.</param>
    internal static IReadOnlyCollection<string> FieldsOf(IReadOnlyList<DetectionRule> correlations, bool shown)
    {
        var plan = new CorrelationPlan(RuleSet.Of(correlations));
        var fields = correlations.SelectMany(PartsOf).SelectMany(plan.FieldsOf).Except(ShownFacts.Names)
            .Except([CorrelationPlan.Account, CorrelationPlan.Region, "eventID", "eventTime"]);
        return [.. (shown ? fields.Concat(["resources.ARN", "requestParameters", "responseElements"]) : fields).Distinct(StringComparer.Ordinal)];
    }

    private static IEnumerable<string> Asked(DetectionRule rule) =>
        rule.Expression!.Matches().SelectMany(match => match.Test is ValueTest.FieldReference reference ? [match.Field, reference.Other] : new[] { match.Field }).OfType<string>();

    /// <summary>As few statements as the engine takes, parts of one correlation beside each other.</summary>
    internal IEnumerable<QueryStatement> All()
    {
        foreach (var source in _rules.GroupBy(rule => rule.LogSource.Kind))
        {
            var group = new List<DetectionRule>();
            var written = default(QueryStatement);
            foreach (var rule in source)
            {
                group.Add(rule);
                var next = Statement(group);
                if (written is not null && (Encoding.UTF8.GetByteCount(next.Sql) > _options.TogetherBytes || group.Count > QueryPlan.MostTogether))
                {
                    yield return written;
                    group = [rule];
                    next = Statement(group);
                }

                written = next;
            }

            if (written is not null)
                yield return written;
        }
    }

    internal QueryStatement Statement(IReadOnlyList<DetectionRule> rules)
    {
        var kept = _kept[rules[0].LogSource.Kind!.Value];
        var labels = _labels.Where(pair => rules.Contains(pair.Value, ReferenceEqualityComparer.Instance)).ToDictionary(StringComparer.Ordinal);
        return new QueryStatement([.. rules], _options.Limited(RuleConverter.Convert([.. labels.Select(pair => (pair.Value, pair.Key))], kept, [.. labels.Where(pair => IsAsked(pair.Value)).Select(pair => pair.Key)], _options)))
        {
            Kept = kept,
            HasMaps = _options.HasMaps,
            Labels = labels,
            Concerns = [.. _correlations.Where(correlation => PartsOf(correlation).Intersect(rules).Any()), .. rules.Where(IsAsked)],
        };
    }
}
