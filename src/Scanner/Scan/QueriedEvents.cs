using System.Collections.Concurrent;
using System.Globalization;
using System.Text.RegularExpressions;
using Scanner.Collect.Events;
using Scanner.Detect.Matching;
using Scanner.Detect.Rules;
using Scanner.Detect.Sql;
using Scanner.Model;

namespace Scanner.Scan;

/// <summary>
/// Detections that run where the log is: the rules go to the engine as SQL, only their matches come back. A statement that
/// the engine cannot run is tried again in halves, so that one rule does not take the others with it.
/// </summary>
internal sealed partial class QueriedEvents(LogQueries queries, SqlDialect dialect, LogQueryOptions options, IProgressSink progress)
{
    /// <summary>
    /// Most bytes of a statement for several rules. Athena takes five times that, but compiles a statement's conditions into
    /// methods of the Java machine, which have a limit of their own: on Trino 483, 54,000 bytes of 72 rules ran and 98,000 did not. What is
    /// refused is tried again in halves, before any data is read.
    /// </summary>
    private const int TogetherBytes = 48_000;

    /// <summary>Most statements that are halved, for one engine: when everything fails, trying goes on for so long only.</summary>
    private const int MostHalved = 24;

    private const int MostNames = 10;

    private readonly ConcurrentQueue<(QueryFailure Failure, IReadOnlyList<DetectionRule> Rules)> _failures = new();
    private readonly ConcurrentQueue<DetectionRule> _answered = new();
    private int _halved;
    private long _bytes;
    private long _queries;
    private bool _hasRead;

    /// <summary>Asks for the matches of rules in a span of time.</summary>
    /// <param name="rules">Rules and correlations about CloudTrail.</param>
    /// <param name="since">First moment.</param>
    /// <param name="until">Last moment.</param>
    /// <param name="onMatch">Called for each match, from several threads.</param>
    /// <param name="cancellation">Ends it, and the queries with it.</param>
    /// <returns>What could not be asked or was not answered, and which rules that concerns. Empty: everything was.</returns>
    public async Task<IReadOnlyList<(QueryFailure Failure, string Rules)>> RunAsync(
        IReadOnlyList<DetectionRule> rules, DateTimeOffset since, DateTimeOffset until, Action<DetectionMatch> onMatch, CancellationToken cancellation)
    {
        var span = await queries.SpanAsync(since, until, cancellation);
        if (span.Note is { } note)
            progress.Note(SafeText.Line(note));
        var nesting = dialect == SqlDialect.CloudTrailLake ? await NestingAsync(rules, span.Condition, cancellation) : LakeNesting.Json;
        var plan = QueryPlan.Make(rules, new QueryPlanOptions(dialect, queries.Table, span.Condition, Math.Min(TogetherBytes, queries.MostBytes), queries.MostBytes)
        {
            MostRows = options.MostRows + 1L,
            PartRows = options.MostPartRows,
            Columns = span.Columns,
            Nesting = nesting,
        });
        var correlations = new QueriedCorrelations(plan, queries.Place);
        foreach (var group in plan.Notes.GroupBy(one => one.Text, StringComparer.Ordinal))
            progress.Note(SafeText.Line($"{queries.Place}: {group.Key} ({Names([.. group.Select(one => one.Rule)])})"));
        foreach (var refused in plan.Refused)
            _failures.Enqueue((new QueryFailure(CollectionOutcome.Error, "convert", refused.Text, false), [refused.Rule]));

        // Its matches are worth having, but without any it is not known that there was nothing.
        foreach (var gap in plan.Gaps)
            _failures.Enqueue((new QueryFailure(CollectionOutcome.Error, "convert", $"matches may be missed, run it over the log files: {gap.Text}", false), [gap.Rule]));

        await AskAllAsync(plan, plan.Statements, correlations, onMatch, cancellation);
        var (beyond, undone) = correlations.Beyond();
        foreach (var refused in undone)
            _failures.Enqueue((new QueryFailure(CollectionOutcome.Error, "convert", string.Create(CultureInfo.InvariantCulture, $"more than {options.MostPartRows} events match its rules, so that {queries.Engine} would have to count them, and {refused.Text}"), false), [refused.Rule]));
        if (beyond.Count > 0)
        {
            progress.Note(SafeText.Line(string.Create(CultureInfo.InvariantCulture,
                $"{queries.Place}: more than {options.MostPartRows} events match what some detections count, so that {queries.Engine} counts them itself, at a pass over the span and more for each: {Names([.. beyond.SelectMany(one => one.Rules)])}")));
            await AskAllAsync(plan, beyond, correlations, onMatch, cancellation);
        }

        foreach (var match in correlations.Complete())
            onMatch(match);
        // An empty table and a quiet account answer alike, and only one of them is good news.
        if (!_hasRead && !_answered.IsEmpty)
            _failures.Enqueue((new QueryFailure(CollectionOutcome.Error, "read", $"{queries.Engine} read no data for this span of time: {queries.WhyEmpty}", false), [.. _answered]));
        if (_bytes > 0)
            progress.Note(string.Create(CultureInfo.InvariantCulture, $"{queries.Engine} read {_bytes / 1e9:0.###} GB in {_queries} {(_queries == 1 ? "query" : "queries")}"));
        return
        [
            .. _failures.GroupBy(one => (one.Failure.Outcome, one.Failure.Operation, Reason: Bare(one.Failure.Reason)))
                .OrderBy(group => group.Key.Operation, StringComparer.Ordinal).ThenBy(group => group.Key.Reason, StringComparer.Ordinal)
                .Select(group => (group.First().Failure, Names([.. group.SelectMany(one => one.Rules)]))),
        ];
    }

    /// <summary>
    /// Looks at the first request that holds a nested value: AWS does not document how CloudTrail Lake writes one. Where there is none, no rule
    /// about nested values can match.
    /// </summary>
    private async Task<LakeNesting> NestingAsync(IReadOnlyList<DetectionRule> rules, string condition, CancellationToken cancellation)
    {
        if (RuleConverter.NestingQuery(rules, queries.Table, condition) is not { } sql)
            return LakeNesting.Json;
        var answer = await queries.RunAsync(sql, cancellation);
        Interlocked.Increment(ref _queries);
        Interlocked.Add(ref _bytes, answer.BytesRead);
        // What keeps an answer from this statement alone leaves it open; anything else the others will say themselves.
        if (answer.Failure is { } failure)
            return failure.IsOfStatement ? LakeNesting.Unknown : LakeNesting.Json;
        var nesting = answer.Rows.Count == 0 ? LakeNesting.Json : answer.Rows[0].GetValueOrDefault("nested") is { } nested ? MapText.NestingOf(nested) ?? LakeNesting.Unknown : LakeNesting.Unknown;
        if (nesting == LakeNesting.Java)
            progress.Note(SafeText.Line($"{queries.Place} holds nested values as {{name=value}}: the events that detections about them may match are judged here"));
        return nesting;
    }

    private async Task AskAllAsync(QueryPlan plan, IReadOnlyList<QueryStatement> statements, QueriedCorrelations correlations, Action<DetectionMatch> onMatch, CancellationToken cancellation)
    {
        var task = $"Asking {queries.Engine}";
        var done = 0;
        progress.Report(task, 0, statements.Count);
        await Parallel.ForEachAsync(
            statements,
            new ParallelOptions { MaxDegreeOfParallelism = options.AtOnce, CancellationToken = cancellation },
            async (statement, token) =>
            {
                await AskAsync(plan, statement, correlations, onMatch, token);
                progress.Report(task, Interlocked.Increment(ref done), statements.Count);
            });
    }

    private async Task AskAsync(QueryPlan plan, QueryStatement statement, QueriedCorrelations correlations, Action<DetectionMatch> onMatch, CancellationToken cancellation)
    {
        var answer = await queries.RunAsync(statement.Sql, cancellation);
        Interlocked.Increment(ref _queries);
        Interlocked.Add(ref _bytes, answer.BytesRead);
        if (answer.Failure is { IsOfStatement: true } && statement.Rules.Count > 1 && Interlocked.Increment(ref _halved) <= MostHalved)
        {
            foreach (var half in plan.Halve(statement))
                await AskAsync(plan, half, correlations, onMatch, cancellation);
            return;
        }

        if (answer.Failure is { } failure)
        {
            _failures.Enqueue((failure, statement.Concerns));
            correlations.Miss(statement);
        }
        else
        {
            statement.Concerns.ToList().ForEach(_answered.Enqueue);
        }

        // The one row more tells that there are more.
        if (answer.Rows.Count > options.MostRows && statement.IsOfParts)
        {
            correlations.Exceed(statement);
        }
        else if (answer.Rows.Count > options.MostRows)
        {
            _failures.Enqueue((new QueryFailure(CollectionOutcome.Error, "match", string.Create(CultureInfo.InvariantCulture,
                $"there are more than {options.MostRows} matches, and these alone are told; narrow --since, or ask for fewer rules with --only"), false), statement.Rules));
        }

        if (answer.HasRead)
            _hasRead = true;
        var number = 0L;
        foreach (var row in answer.Rows.Take(options.MostRows))
        {
            IReadOnlyList<DetectionMatch> matches = [];
            try
            {
                number++;
                if (statement.IsOfParts)
                    correlations.Add(statement, row, number);
                else
                    matches = MatchRow.Read(statement, row, queries.Place, number);
            }
            catch (FormatException e)
            {
                _failures.Enqueue((new QueryFailure(CollectionOutcome.Error, "match", $"{queries.Engine} answered with something else than was asked: {e.Message}", false), statement.Concerns));
                correlations.Miss(statement);
                break;
            }

            foreach (var match in matches)
                onMatch(match);
        }
    }

    /// <summary>A reason without what differs from query to query.</summary>
    private static string Bare(string reason) => OfOneQuery().Replace(reason, "");

    private static string Names(IReadOnlyList<DetectionRule> rules)
    {
        var named = rules.Distinct().Take(MostNames).Select(rule => $"'{rule.Title}'");
        var more = rules.Distinct().Count() - MostNames;
        return string.Join(", ", named) + (more > 0 ? string.Create(CultureInfo.InvariantCulture, $" and {more} more") : "");
    }

    [GeneratedRegex(@"\bline [0-9]{1,9}:[0-9]{1,9}: ?|(Request|Query|Execution) ID: [A-Za-z0-9\-]{1,80}", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture | RegexOptions.IgnoreCase | RegexOptions.NonBacktracking)]
    private static partial Regex OfOneQuery();
}
