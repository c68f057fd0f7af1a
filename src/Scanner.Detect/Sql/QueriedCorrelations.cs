using System.Text;
using Scanner.Detect.Logs;
using Scanner.Detect.Matching;
using Scanner.Detect.Rules;
using Scanner.Model;

namespace Scanner.Detect.Sql;

/// <summary>
/// Correlates the events that an engine gave (<see cref="QueryStatement.IsOfParts"/>) with the code that correlates those of log files, and tells
/// which correlations the engine must be asked for because more events match than are fetched. Rows may be added by several threads.
/// </summary>
/// <param name="plan">What was asked.</param>
/// <param name="place">What was asked about, as <see cref="DetectionMatch.File"/>.</param>
public sealed class QueriedCorrelations(QueryPlan plan, string place)
{
    private readonly Lock _lock = new();
    private readonly List<FetchedEvent> _events = [];
    private readonly Dictionary<string, FetchedEvent> _known = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> _counts = new(StringComparer.Ordinal);
    private readonly HashSet<DetectionRule> _beyond = new(ReferenceEqualityComparer.Instance);
    private readonly HashSet<DetectionRule> _missed = new(ReferenceEqualityComparer.Instance);

    private sealed record FetchedEvent(LogSource Source, string Json, DateTimeOffset? Time, string? Id, List<DetectionRule> Rules, List<DetectionMatch> Matches);

    /// <summary>Takes a row.</summary>
    /// <param name="statement">What was asked; one of parts.</param>
    /// <param name="row">Column to value; hostile text, null for none.</param>
    /// <param name="number">Number of the row, from 1.</param>
    /// <exception cref="FormatException">It is not a row of that statement.</exception>
    public void Add(QueryStatement statement, IReadOnlyDictionary<string, string?> row, long number)
    {
        var labels = MatchRow.RulesOf(row);
        var rules = labels.Split(QueryStatement.Separator)
            .Select(label => statement.Labels.GetValueOrDefault(label) ?? throw new FormatException("the row names a rule that was not asked for")).ToList();
        var source = rules[0].LogSource.Kind ?? LogSource.CloudTrail;
        var json = MatchRow.Kept(statement, row, source);
        var id = row["event_id"];
        var matches = rules.Where(plan.IsAsked).Select(rule => MatchRow.Read(rule, row, place, number, statement.HasMaps)).ToList();
        lock (_lock)
        {
            _counts[labels] = _counts.GetValueOrDefault(labels) + 1;
            if (plan.IsTooMany(_counts[labels]))
                _beyond.UnionWith(rules);
            // An event of CloudTrail that comes with several statements, or that was delivered twice, is one.
            var isNamed = source == LogSource.CloudTrail && !string.IsNullOrEmpty(id);
            if (isNamed && _known.TryGetValue(json, out var known))
            {
                known.Matches.AddRange(matches);
                known.Rules.AddRange(rules.Except(known.Rules, ReferenceEqualityComparer.Instance).Cast<DetectionRule>());
                return;
            }

            var added = new FetchedEvent(source, json, EventTimes.Parse(row["event_time"]), id, rules, matches);
            _events.Add(added);
            if (isNamed)
                _known.Add(json, added);
        }
    }

    /// <summary>Says that a statement was not answered, or not whole.</summary>
    public void Miss(QueryStatement statement)
    {
        lock (_lock)
            _missed.UnionWith(statement.Rules);
    }

    /// <summary>Says that a statement has more rows than are read.</summary>
    public void Exceed(QueryStatement statement)
    {
        lock (_lock)
            _beyond.UnionWith(statement.Rules);
    }

    /// <summary>
    /// The statements for what more events match than are fetched, each for one rule or correlation, and the correlations that the engine cannot do.
    /// No row may be added any more.
    /// </summary>
    public (IReadOnlyList<QueryStatement> Statements, IReadOnlyList<RuleNote> Refused) Beyond() =>
        plan.Alone([.. plan.Fetched.Where(IsBeyond), .. _beyond.Where(rule => plan.IsAsked(rule) && !_missed.Contains(rule))]);

    /// <summary>
    /// The matches of correlations, and of rules that report besides being counted, but for those that <see cref="Beyond"/> names. Of a statement
    /// without a whole answer, what more events could not undo.
    /// </summary>
    public IReadOnlyList<DetectionMatch> Complete()
    {
        if (plan.IsGuess)
            Judge();
        var rules = RuleSet.Of([.. plan.Fetched, .. plan.Fetched.SelectMany(PartStatements.PartsOf).Distinct(ReferenceEqualityComparer.Instance).Cast<DetectionRule>()]);
        var counted = rules.All.ToHashSet<DetectionRule>(ReferenceEqualityComparer.Instance);
        using var session = new Detector(rules).Begin();
        foreach (var one in _events.OrderBy(one => one.Time).ThenBy(one => one.Id, StringComparer.Ordinal))
            session.AddMatched(Encoding.UTF8.GetBytes(one.Json), place, one.Source, one.Rules.Where(counted.Contains));
        var reported = plan.Fetched.Where(rule => !IsBeyond(rule) && (rule.Correlation!.IsGrowing || !PartStatements.PartsOf(rule).Exists(_missed.Contains))).ToHashSet<DetectionRule>(ReferenceEqualityComparer.Instance);
        return
        [
            .. _events.SelectMany(one => one.Matches).Where(match => _missed.Contains(match.Rule) || !_beyond.Contains(match.Rule)),
            .. session.Complete().Where(match => reported.Contains(match.Rule)),
        ];
    }

    /// <summary>Takes off the events the rules that they do not match: the engine could only tell what they may match.</summary>
    private void Judge()
    {
        var parts = plan.Parts.ToList();
        var copies = parts.ConvertAll(rule => rule with { Reports = true });
        using var session = new Detector(RuleSet.Of(copies)).Begin();
        foreach (var one in _events)
        {
            var matched = session.Add(Encoding.UTF8.GetBytes(one.Json), place, one.Source).Select(match => parts[copies.FindIndex(copy => ReferenceEquals(copy, match.Rule))])
                .ToHashSet<DetectionRule>(ReferenceEqualityComparer.Instance);
            one.Rules.RemoveAll(rule => !matched.Contains(rule));
            one.Matches.RemoveAll(match => !matched.Contains(match.Rule));
        }
    }

    private bool IsBeyond(DetectionRule correlation)
    {
        var parts = PartStatements.PartsOf(correlation);
        return parts.Exists(_beyond.Contains) && !parts.Exists(_missed.Contains);
    }
}
