using System.Globalization;
using System.Text;
using Scanner.Detect.Rules;
using Scanner.Model;

namespace Scanner.Detect.Sql;

/// <summary>
/// The fewest statements that ask an engine for the matches of rules: an engine reads the whole span of time for each, and
/// is paid by what it reads. Rules go together as far as the engine's limits allow. The events that correlations count come to here with
/// what is needed of them (<see cref="QueriedCorrelations"/>); a correlation for which that cannot be is a statement of its own.
/// </summary>
public sealed class QueryPlan
{
    /// <summary>About what a rule adds to a statement besides its condition and its id.</summary>
    private const int Overhead = 40;

    /// <summary>Most rules of a statement: their ids are an array, which in Trino has 254 elements at most.</summary>
    internal const int MostTogether = 250;

    private readonly QueryPlanOptions _options;
    private PartStatements _parts;

    private QueryPlan(QueryPlanOptions options)
    {
        _options = options;
        _parts = new PartStatements([], [], [], options);
    }

    /// <summary>What to ask.</summary>
    public IReadOnlyList<QueryStatement> Statements { get; private init; } = [];

    /// <summary>Rules that the engine cannot run with the same meaning, and why.</summary>
    public IReadOnlyList<RuleNote> Refused { get; private init; } = [];

    /// <summary>Rules that are asked for and may miss what a local run finds, and why.</summary>
    public IReadOnlyList<RuleNote> Gaps { get; private init; } = [];

    /// <summary>Other differences from a local run: where a rule can only match more, or as <see cref="ConversionNote"/> says.</summary>
    public IReadOnlyList<RuleNote> Notes { get; private init; } = [];

    /// <summary>The correlations that are judged here, over the events of <see cref="QueryStatement.Kept"/>.</summary>
    internal IReadOnlyList<DetectionRule> Fetched { get; private init; } = [];

    /// <summary>Makes the plan.</summary>
    /// <param name="rules">Rules and correlations about CloudTrail.</param>
    /// <param name="options">The engine, its table and its limits.</param>
    /// <exception cref="InputException">The table's name is not one.</exception>
    public static QueryPlan Make(IReadOnlyList<DetectionRule> rules, QueryPlanOptions options)
    {
        var statements = new List<QueryStatement>();
        var refused = new List<RuleNote>();
        var gaps = new List<RuleNote>();
        var notes = new List<RuleNote>();
        var plan = new QueryPlan(options);
        var together = new List<(DetectionRule Rule, int Bytes)>();
        var fetched = plan.Fetch(rules, gaps, notes);
        var parts = new PartStatements(fetched, plan.Guessed(rules, gaps, notes), rules, options);
        foreach (var rule in rules.Except(fetched).Where(rule => !parts.Guessed.Contains(rule)))
        {
            ConvertedRule converted;
            try
            {
                converted = RuleConverter.Convert(rule, options.Dialect, options.Table, options.Condition, options.Columns, options.Nesting);
                converted = converted with { Sql = plan.Limited(converted.Sql) };
            }
            catch (InputException e) when (e.Message.StartsWith(rule.File, StringComparison.Ordinal))
            {
                refused.Add(new RuleNote(rule, e.Message));
                continue;
            }

            var bytes = Encoding.UTF8.GetByteCount(converted.Sql);
            if (bytes <= options.MostBytes && RuleConverter.WhyTooLong(options.Dialect, converted.Sql) is { } why)
            {
                refused.Add(new RuleNote(rule, why));
                continue;
            }

            if (bytes > options.MostBytes)
            {
                refused.Add(new RuleNote(rule, string.Create(CultureInfo.InvariantCulture, $"its query has {bytes} bytes, and the engine takes {options.MostBytes}; run it over the log files")));
                continue;
            }

            foreach (var note in converted.Notes)
                (note.MayMiss ? gaps : notes).Add(new RuleNote(rule, note.Text));
            if (rule.IsCorrelation)
                statements.Add(new QueryStatement([rule], converted.Sql) { HasMaps = options.HasMaps });
            else if (!parts.Rules.Contains(rule))
                together.Add((rule, bytes));
        }

        statements.AddRange(plan.Grouped(together));
        return new QueryPlan(options)
        {
            _parts = parts,
            Fetched = fetched,
            Statements = [.. statements.SelectMany(plan.Fitting), .. parts.All()],
            Refused = refused,
            Gaps = gaps,
            Notes = notes,
        };
    }

    /// <summary>The same rules in two statements: one that the engine does not take need not take the others with it.</summary>
    /// <param name="statement">One of several rules.</param>
    public IReadOnlyList<QueryStatement> Halve(QueryStatement statement)
    {
        var middle = statement.Rules.Count / 2;
        Func<IReadOnlyList<DetectionRule>, QueryStatement> write = statement.IsOfParts ? _parts.Statement : Statement;
        return [write([.. statement.Rules.Take(middle)]), write([.. statement.Rules.Skip(middle)])];
    }

    /// <summary>Whether matches of a rule are wanted, besides those of correlations that count it.</summary>
    internal bool IsAsked(DetectionRule rule) => _parts.IsAsked(rule);

    /// <summary>Whether more events match one combination of rules than are fetched.</summary>
    internal bool IsTooMany(long events) => events > _options.PartRows;

    /// <summary>Whether the engine gives events that rules may match, and not only those that they do.</summary>
    internal bool IsGuess => _options.Nesting == LakeNesting.Java;

    /// <summary>The rules whose events are fetched.</summary>
    internal IReadOnlySet<DetectionRule> Parts => _parts.Rules;

    /// <summary>Statements for rules and correlations each by itself, where more events match than are fetched.</summary>
    /// <param name="rules">Rules of the plan.</param>
    internal (IReadOnlyList<QueryStatement> Statements, IReadOnlyList<RuleNote> Refused) Alone(IEnumerable<DetectionRule> rules)
    {
        var statements = new List<QueryStatement>();
        var refused = new List<RuleNote>();
        foreach (var rule in rules)
        {
            var plan = Make([rule], _options with { PartRows = null });
            statements.AddRange(plan.Statements);
            refused.AddRange(plan.Refused);
        }

        return (statements, refused);
    }

    /// <summary>The rules that are judged here, over the events that the engine can only guess, each with what is lost on the way.</summary>
    private List<DetectionRule> Guessed(IReadOnlyList<DetectionRule> rules, List<RuleNote> gaps, List<RuleNote> notes)
    {
        var guessed = new List<DetectionRule>();
        if (_options.PartRows is null || _options.Nesting != LakeNesting.Java)
            return guessed;
        foreach (var rule in rules.Where(rule => !rule.IsCorrelation && rule.LogSource.Kind == LogSource.CloudTrail))
        {
            try
            {
                var (_, lost, isGuess) = RuleConverter.Keep([rule], [], _options);
                if (!isGuess || !Fits(new PartStatements([], [rule], [rule], _options), rule))
                    continue;
                foreach (var note in lost)
                    (note.MayMiss ? gaps : notes).Add(new RuleNote(rule, note.Text));
                guessed.Add(rule);
            }
            catch (NotSupportedException)
            {
                // Converting it alone says why.
            }
        }

        return guessed;
    }

    private bool Fits(PartStatements parts, DetectionRule rule) => Encoding.UTF8.GetByteCount(parts.Statement([rule]).Sql) <= _options.MostBytes;

    /// <summary>The correlations whose events can be fetched, each with what is lost on the way.</summary>
    private List<DetectionRule> Fetch(IReadOnlyList<DetectionRule> rules, List<RuleNote> gaps, List<RuleNote> notes)
    {
        var fetched = new List<DetectionRule>();
        if (_options.PartRows is null)
            return fetched;
        foreach (var rule in rules.Where(rule => rule.IsCorrelation))
        {
            var parts = PartStatements.PartsOf(rule);
            var sources = parts.Select(part => part.LogSource.Kind).Distinct().ToList();
            // Events of other logs have no id by which one that matches several rules would be known again. CloudTrail Lake holds CloudTrail's.
            if (sources is not [{ } source] || (source != LogSource.CloudTrail && (parts.Count > 1 || _options.Dialect == SqlDialect.CloudTrailLake)))
                continue;
            try
            {
                var lost = RuleConverter.Keep(parts, PartStatements.FieldsOf([rule], shown: false), _options).Notes;
                var alone = new PartStatements([rule], [], [rule], _options);
                if (!parts.TrueForAll(part => Fits(alone, part)))
                    continue;
                foreach (var note in lost)
                    (note.MayMiss ? gaps : notes).Add(new RuleNote(rule, note.Text));
                fetched.Add(rule);
            }
            catch (NotSupportedException)
            {
                // Converting it alone says why.
            }
        }

        return fetched;
    }

    /// <summary>As few statements as the engine takes.</summary>
    private List<QueryStatement> Grouped(List<(DetectionRule Rule, int Bytes)> together)
    {
        // A statement for one rule is that rule and what every statement has: what is shared is counted once.
        var shared = Shared(this, together);
        var statements = new List<QueryStatement>();
        var group = new List<DetectionRule>();
        var size = shared;
        foreach (var (rule, bytes) in together)
        {
            var own = bytes - shared + rule.Id.Length + Overhead;
            if (group.Count > 0 && (size + own > _options.TogetherBytes || group.Count == MostTogether))
            {
                statements.Add(Statement(group));
                (group, size) = ([], shared);
            }

            group.Add(rule);
            size += own;
        }

        if (group.Count > 0)
            statements.Add(Statement(group));
        return statements;
    }

    private static int Shared(QueryPlan plan, List<(DetectionRule Rule, int Bytes)> together) =>
        together.Count == 0 ? 0 : together[0].Bytes - Encoding.UTF8.GetByteCount(RuleConverter.Condition(together[0].Rule, plan._options.Dialect, plan._options.Columns));

    private QueryStatement Statement(IReadOnlyList<DetectionRule> rules) => new([.. rules], Limited(rules.Count == 1
        ? RuleConverter.Convert(rules[0], _options.Dialect, _options.Table, _options.Condition, _options.Columns, _options.Nesting).Sql
        : RuleConverter.Convert(rules, _options.Dialect, _options.Table, _options.Condition, _options.Columns, _options.Nesting))) { HasMaps = _options.HasMaps };

    private string Limited(string sql) => _options.Limited(sql);

    /// <summary>The reckoning above is near, the limit is sharp.</summary>
    private IEnumerable<QueryStatement> Fitting(QueryStatement statement) =>
        statement.Rules.Count > 1 && Encoding.UTF8.GetByteCount(statement.Sql) > _options.MostBytes ? Halve(statement).SelectMany(Fitting) : [statement];
}
