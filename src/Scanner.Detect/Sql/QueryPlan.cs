using System.Globalization;
using System.Text;
using Scanner.Detect.Rules;
using Scanner.Model;

namespace Scanner.Detect.Sql;

/// <summary>
/// The fewest statements that ask an engine for the matches of rules: an engine reads the whole span of time for each, and
/// is paid by what it reads. Rules go together as far as the engine's limits allow; a correlation is a statement of its own.
/// </summary>
public sealed class QueryPlan
{
    /// <summary>About what a rule adds to a statement besides its condition and its id.</summary>
    private const int Overhead = 40;

    private readonly QueryPlanOptions _options;

    private QueryPlan(QueryPlanOptions options) => _options = options;

    /// <summary>What to ask.</summary>
    public IReadOnlyList<QueryStatement> Statements { get; private init; } = [];

    /// <summary>Rules that the engine cannot run with the same meaning, and why.</summary>
    public IReadOnlyList<RuleNote> Refused { get; private init; } = [];

    /// <summary>Rules that are asked for and may miss what a local run finds, and why.</summary>
    public IReadOnlyList<RuleNote> Gaps { get; private init; } = [];

    /// <summary>Other differences from a local run: where a rule can only match more, or as <see cref="ConversionNote"/> says.</summary>
    public IReadOnlyList<RuleNote> Notes { get; private init; } = [];

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
        foreach (var rule in rules)
        {
            ConvertedRule converted;
            try
            {
                converted = RuleConverter.Convert(rule, options.Dialect, options.Table, options.Condition, options.Columns);
                converted = converted with { Sql = plan.Limited(converted.Sql) };
            }
            catch (InputException e) when (e.Message.StartsWith(rule.File, StringComparison.Ordinal))
            {
                refused.Add(new RuleNote(rule, e.Message));
                continue;
            }

            var bytes = Encoding.UTF8.GetByteCount(converted.Sql);
            if (bytes > options.MostBytes)
            {
                refused.Add(new RuleNote(rule, string.Create(CultureInfo.InvariantCulture, $"its query has {bytes} bytes, and the engine takes {options.MostBytes}; run it over the log files")));
                continue;
            }

            foreach (var note in converted.Notes)
                (note.MayMiss ? gaps : notes).Add(new RuleNote(rule, note.Text));
            if (rule.IsCorrelation)
                statements.Add(new QueryStatement([rule], converted.Sql));
            else
                together.Add((rule, bytes));
        }

        statements.AddRange(plan.Grouped(together));
        return new QueryPlan(options)
        {
            Statements = [.. statements.SelectMany(plan.Fitting)],
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
        return [Statement([.. statement.Rules.Take(middle)]), Statement([.. statement.Rules.Skip(middle)])];
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
            if (group.Count > 0 && size + own > _options.TogetherBytes)
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
        ? RuleConverter.Convert(rules[0], _options.Dialect, _options.Table, _options.Condition, _options.Columns).Sql
        : RuleConverter.Convert(rules, _options.Dialect, _options.Table, _options.Condition, _options.Columns)));

    /// <summary>A statement is one select without an order or a limit of its own.</summary>
    private string Limited(string sql) => _options.MostRows is { } most ? string.Create(CultureInfo.InvariantCulture, $"{sql} limit {most}") : sql;

    /// <summary>The reckoning above is near, the limit is sharp.</summary>
    private IEnumerable<QueryStatement> Fitting(QueryStatement statement) =>
        statement.Rules.Count > 1 && Encoding.UTF8.GetByteCount(statement.Sql) > _options.MostBytes ? Halve(statement).SelectMany(Fitting) : [statement];
}

/// <summary>What an engine is asked, and how much at once.</summary>
/// <param name="Dialect">The engine.</param>
/// <param name="Table">Name of the table, quoted where that is needed, or id of the event data store.</param>
/// <param name="Condition">A SQL condition on the table that the caller answers for, such as one on time; null: none.</param>
/// <param name="TogetherBytes">Most bytes (UTF-8) of a statement for several rules.</param>
/// <param name="MostBytes">Most bytes of any statement that the engine takes.</param>
public sealed record QueryPlanOptions(SqlDialect Dialect, string Table, string? Condition, int TogetherBytes, int MostBytes)
{
    /// <summary>Of an Athena table: the columns that it has, lower case; null: not known, those that AWS documents today.</summary>
    public IReadOnlySet<string>? Columns { get; init; }

    /// <summary>Most rows that a statement gives; null: as many as match. Which ones are left out is the engine's choice.</summary>
    public long? MostRows { get; init; }
}

/// <summary>One <c>select</c> that asks an engine for the matches of one rule or correlation, or of several rules at once.</summary>
/// <param name="Rules">At least one. Several are rules, not correlations.</param>
/// <param name="Sql">Rows and columns as <see cref="ConvertedRule"/> describes; of several rules, <c>rule</c> holds the ids
/// of all that the event matches, with <see cref="Separator"/> between them. No semicolon at its end.</param>
public sealed record QueryStatement(IReadOnlyList<DetectionRule> Rules, string Sql)
{
    /// <summary>Between the ids of rules: a control character (unit separator), which no id has.</summary>
    public const char Separator = '\u001f';
}
