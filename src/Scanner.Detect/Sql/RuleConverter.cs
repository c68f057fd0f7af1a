using System.Text.RegularExpressions;
using Scanner.Detect.Rules;
using Scanner.Model;

namespace Scanner.Detect.Sql;

/// <summary>
/// Converts rules to SQL or to the language of Logs Insights, for logs that outgrow one machine: the engine runs there, only matches come back. Every test
/// is two-valued (a missing field fails it, and its negation passes), as it is in a local run.
/// </summary>
public static partial class RuleConverter
{
    /// <summary>Behind the condition on time and partition of a statement to paste.</summary>
    private const string Mark = "-- <== TIME AND PARTITION";

    private const int MostCompiled = 104_000;

    /// <summary>The table that is read where none is named.</summary>
    public static string DefaultTable(SqlDialect dialect) => dialect switch
    {
        SqlDialect.DuckDb => "events",
        SqlDialect.Athena => "cloudtrail_logs",
        _ => "event_data_store_id",
    };

    /// <summary>The same for a log: as AWS's guides call the tables.</summary>
    internal static string DefaultTableOf(SqlDialect dialect, LogSource source) => (dialect, source) switch
    {
        (SqlDialect.Athena, LogSource.VpcFlow) => "vpc_flow_logs",
        (SqlDialect.Athena, LogSource.S3Access) => "s3_access_logs",
        _ => DefaultTable(dialect),
    };

    /// <summary>Converts one rule or correlation.</summary>
    /// <param name="rule">A rule about CloudTrail (for DuckDB and Athena: about any source).</param>
    /// <param name="dialect">The engine.</param>
    /// <param name="table">Name of the table, or id of the event data store; null: <see cref="DefaultTable"/>.</param>
    /// <param name="condition">A further SQL condition on the table that the caller answers for, such as one on its
    /// partitions; null: none.</param>
    /// <param name="columns">Of an Athena table: the columns that it has, lower case, with <c>useridentity.onbehalfof</c> where the structure has it; null: those that AWS documents today.</param>
    /// <exception cref="InputException">The rule uses something that the engine cannot do with the same meaning, or the table's name
    /// is not one.</exception>
    public static ConvertedRule Convert(DetectionRule rule, SqlDialect dialect, string? table = null, string? condition = null, IReadOnlySet<string>? columns = null) =>
        Convert(rule, dialect, table, condition, columns, LakeNesting.Json);

    /// <summary>The same for a store that may hold nested values in another way.</summary>
    internal static ConvertedRule Convert(DetectionRule rule, SqlDialect dialect, string? table, string? condition, IReadOnlySet<string>? columns, LakeNesting nesting)
    {
        if (dialect != SqlDialect.LogsInsights)
            table = Checked(dialect, table ?? DefaultTableOf(dialect, rule.LogSource.Kind ?? LogSource.CloudTrail));
        if (dialect is not (SqlDialect.DuckDb or SqlDialect.Athena) && rule.LogSources.FirstOrDefault(source => source.Kind is not LogSource.CloudTrail) is { } other)
            throw new InputException(rule.File, rule.Line, $"the rule is about {other}, and {dialect} is asked for CloudTrail events only");
        // A correlation may count rules about several logs: over one of them alone it would never, or wrongly, match.
        if (dialect == SqlDialect.Athena && (rule.LogSources.Any(source => source.Kind is null) || rule.LogSources.Select(source => source.Kind).Distinct().Count() != 1))
            throw new InputException(rule.File, rule.Line, $"the rule is about {string.Join(" and ", rule.LogSources)}, and a statement for {dialect} asks one table of CloudTrail events, VPC flow logs or S3 access logs");
        try
        {
            if (dialect == SqlDialect.LogsInsights)
            {
                var writer = new InsightsWriter();
                var query = writer.Query(rule);
                return new ConvertedRule(rule, query, writer.Notes);
            }

            var fields = FieldsOf(rule, dialect, columns, nesting);
            var sql = new SqlWriter(fields, table!, condition).Query(rule);
            if (fields.IsGuess)
                throw new NotSupportedException("it is about nested values, which the event data store holds as {name=value} and not as JSON; run it over the log files");
            return new ConvertedRule(rule, sql, fields.Notes);
        }
        catch (NotSupportedException e)
        {
            throw new InputException(rule.File, rule.Line, $"'{rule.Title}' cannot be converted to {dialect}: {e.Message}");
        }
    }

    /// <summary>Why an engine does not take a statement, with the figure; null: it does.</summary>
    /// <param name="dialect">The engine.</param>
    /// <param name="sql">The statement.</param>
    public static string? WhyTooLong(SqlDialect dialect, string sql)
    {
        // "Service Quotas", Athena user guide: 262,144 bytes; StartQuery, CloudTrail API: 10,000 characters.
        var (size, most, unit) = dialect switch
        {
            SqlDialect.Athena => (System.Text.Encoding.UTF8.GetByteCount(sql), 262_144, "bytes"),
            SqlDialect.CloudTrailLake => (sql.Length, 10_000, "characters"),
            _ => (0, 0, ""),
        };
        if (size > most)
            return string.Create(System.Globalization.CultureInfo.InvariantCulture, $"its statement has {size:N0} {unit}, and the engine takes {most:N0}; run it over the log files");
        // Lists are data, however long; what is left is compiled. On Trino 483, 104,000 bytes of it were and 139,000 were not.
        var compiled = most == 0 ? 0 : Quoted().Replace(sql, "").Length;
        return compiled <= MostCompiled ? null
            : string.Create(System.Globalization.CultureInfo.InvariantCulture, $"its statement has {compiled:N0} characters besides texts, and the engine compiles about {MostCompiled:N0} (measured on Trino 483); run it over the log files");
    }

    /// <summary>
    /// Converts a rule to a statement for people to paste: with a condition on time and partition as a line of its own, which is marked, wherever
    /// the table is read. Engines are paid by what they read.
    /// </summary>
    /// <param name="rule">As for <see cref="Convert(DetectionRule, SqlDialect, string?, string?, IReadOnlySet{string}?)"/>.</param>
    /// <param name="dialect">The engine.</param>
    /// <param name="table">As there.</param>
    /// <param name="columns">As there.</param>
    /// <returns>The rule, and what its statement reads, in words; null where there is nothing to pay.</returns>
    public static (ConvertedRule Converted, string? Reads) ToPaste(DetectionRule rule, SqlDialect dialect, string? table = null, IReadOnlySet<string>? columns = null)
    {
        if (dialect is not (SqlDialect.Athena or SqlDialect.CloudTrailLake))
            return (Convert(rule, dialect, table, columns: columns), null);
        var source = rule.LogSource.Kind ?? LogSource.CloudTrail;
        var (condition, partition) = (dialect, source) switch
        {
            (SqlDialect.CloudTrailLake, _) => ("eventtime > cast(current_timestamp - interval '7' day as timestamp)", null),
            (_, LogSource.VpcFlow) => ("\"date\" >= current_date - interval '7' day", "date"),
            (_, LogSource.S3Access) => ("\"timestamp\" >= date_format(current_timestamp - interval '7' day, '%Y/%m/%d')", "timestamp"),
            _ when columns?.Contains("timestamp") == false => ("eventtime >= date_format(current_timestamp - interval '7' day, '%Y-%m-%dT%H:%i:%sZ')", null),
            _ => ("\"timestamp\" >= date_format(current_timestamp - interval '7' day, '%Y/%m/%d') and eventtime >= date_format(current_timestamp - interval '7' day, '%Y-%m-%dT%H:%i:%sZ')", "timestamp"),
        };
        var converted = Convert(rule, dialect, table, $"\n  {condition} {Mark}\n", columns);
        var times = Math.Max(1, converted.Sql.Split(Mark).Length - 1);
        var how = dialect == SqlDialect.CloudTrailLake ? "the last 7 days of"
            : partition is null ? "all of (it has no partition by day that AWS documents)"
            : $"the partitions (\"{partition}\") of the last 7 days of";
        return (converted, string.Create(System.Globalization.CultureInfo.InvariantCulture,
            $"reads {how} {table ?? DefaultTableOf(dialect, source)}{(times == 1 ? " once" : $" {times} times")}, which is paid by bytes: set the days in the marked line{(times == 1 ? "" : "s")}"));
    }

    /// <summary>Converts several rules of one source to one statement, which passes over the table once.</summary>
    /// <param name="rules">At least one; rules that <see cref="Convert(DetectionRule, SqlDialect, string?, string?, IReadOnlySet{string}?)"/> takes, and no correlations.</param>
    /// <param name="dialect">The engine.</param>
    /// <param name="table">As there.</param>
    /// <param name="condition">As there.</param>
    /// <param name="columns">As there.</param>
    /// <param name="nesting">Of CloudTrail Lake: how nested values are held.</param>
    internal static string Convert(IReadOnlyList<DetectionRule> rules, SqlDialect dialect, string? table = null, string? condition = null, IReadOnlySet<string>? columns = null, LakeNesting nesting = LakeNesting.Json) =>
        new SqlWriter(FieldsOf(rules[0], dialect, columns, nesting), Checked(dialect, table), condition).Query(rules);

    /// <summary>The same with what correlations need of the events.</summary>
    internal static string Convert(IReadOnlyList<(DetectionRule Rule, string Label)> rules, IReadOnlyList<KeptColumn> kept, IReadOnlyList<string> told, QueryPlanOptions options) =>
        new SqlWriter(FieldsOf(rules[0].Rule, options.Dialect, options.Columns, options.Nesting), Checked(options.Dialect, options.Table), options.Condition).Query(rules, kept, told, options.PartRows!.Value + 1);

    /// <summary>
    /// The statement by which a store of CloudTrail Lake tells how it holds nested values (<see cref="MapText.NestingOf"/> of its column
    /// <c>nested</c>); null: no rule asks for what is nested in a value.
    /// </summary>
    /// <param name="rules">Rules and correlations.</param>
    /// <param name="table">Id of the event data store.</param>
    /// <param name="condition">A condition on time.</param>
    public static string? NestingQuery(IReadOnlyList<DetectionRule> rules, string table, string? condition)
    {
        if (!rules.SelectMany(PartStatements.PartsOf).Any(rule => rule.Expression!.Matches().Any(match => match.Field is { } field && TrinoFields.DocumentOf(field) is not null && field.Count(c => c == '.') > 1)))
            return null;
        const string Nested = "map_filter(requestparameters, (k, v) -> substr(v, 1, 1) in ('{', '[') and v not in ('{}', '[]'))";
        return $"select json_format(cast({Nested} as json)) as nested from {Checked(SqlDialect.CloudTrailLake, table)} where {(condition is null ? "" : $"({condition}) and ")}cardinality({Nested}) > 0 limit 1";
    }

    /// <summary>The columns that hold fields of a rule's events, and what the conditions of rules and these columns lose.</summary>
    /// <exception cref="NotSupportedException">The engine cannot do it with the same meaning.</exception>
    internal static (IReadOnlyList<KeptColumn> Kept, IReadOnlyList<ConversionNote> Notes, bool IsGuess) Keep(IReadOnlyList<DetectionRule> rules, IReadOnlyCollection<string> names, QueryPlanOptions options)
    {
        var fields = FieldsOf(rules[0], options.Dialect, options.Columns, options.Nesting);
        var kept = fields.Kept(names);
        foreach (var rule in rules)
            _ = new SqlWriter(fields, DefaultTable(options.Dialect), null).Condition(rule.Expression!);
        return (kept, fields.Notes, fields.IsGuess);
    }

    /// <summary>What an event must be, as a condition that is true or false.</summary>
    internal static string Condition(DetectionRule rule, SqlDialect dialect, IReadOnlySet<string>? columns = null) =>
        new SqlWriter(FieldsOf(rule, dialect, columns), DefaultTable(dialect), null).Condition(rule.Expression!);

    /// <summary>Refuses what is no name of a table or of an event data store.</summary>
    /// <param name="table">Null: the usual one is meant.</param>
    /// <exception cref="InputException">It is none.</exception>
    public static void RequireTable(string? table)
    {
        if (table is not null)
            _ = Checked(SqlDialect.Athena, table);
    }

    private static string Checked(SqlDialect dialect, string? table)
    {
        table ??= DefaultTable(dialect);
        return TableName().IsMatch(table) ? table : throw new InputException($"'{table}' is not the name of a table or the id of an event data store");
    }

    private static SqlFields FieldsOf(DetectionRule rule, SqlDialect dialect, IReadOnlySet<string>? columns, LakeNesting nesting = LakeNesting.Json) => dialect == SqlDialect.DuckDb
        ? new DuckDbFields(rule.LogSource.Kind ?? LogSource.CloudTrail)
        : new TrinoFields(dialect == SqlDialect.CloudTrailLake, columns, rule.LogSource.Kind ?? LogSource.CloudTrail, nesting);

    [GeneratedRegex("'[^']*'", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Quoted();

    [GeneratedRegex("""^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+){0,2}$|^"[A-Za-z0-9_. -]+"(\."[A-Za-z0-9_. -]+"){0,2}$""", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: -1)]
    private static partial Regex TableName();
}

/// <summary>
/// A rule as SQL: one <c>select</c> whose rows are the matches, with the columns <c>rule</c>, <c>event_id</c>,
/// <c>event_time</c> (text, as CloudTrail writes it), <c>account</c> and <c>region</c>. Of a rule about CloudTrail also what
/// the event says of itself (<c>event_source</c>, <c>event_name</c>, <c>source_ip</c>, <c>error_code</c>, <c>actor_type</c>,
/// <c>actor_arn</c> ...). Of a correlation also <c>g0</c>, <c>g1</c> ... (values of its group-by fields), <c>event_count</c>,
/// <c>first_event_id</c> and <c>first_event_time</c>.
/// </summary>
/// <param name="Rule">The rule.</param>
/// <param name="Sql">One statement without a semicolon at its end.</param>
/// <param name="Notes">Where the meaning differs from that of a local run, because the table does not hold what the log holds.</param>
public sealed record ConvertedRule(DetectionRule Rule, string Sql, IReadOnlyList<ConversionNote> Notes);

/// <summary>Where a rule's SQL means something else than a local run.</summary>
/// <param name="Text">One line.</param>
/// <param name="MayMiss">Whether the SQL may pass over an event that a local run matches. False: it can only match more, or differ on events that AWS does not write.</param>
public sealed record ConversionNote(string Text, bool MayMiss);

/// <summary>The SQL that rules are converted to.</summary>
public enum SqlDialect
{
    /// <summary>DuckDB, over a table with one column <c>event</c> of type JSON.</summary>
    DuckDb,

    /// <summary>Amazon Athena (engine version 3: Trino), over a CloudTrail table as AWS documents it.</summary>
    Athena,

    /// <summary>CloudTrail Lake (Trino), over an event data store.</summary>
    CloudTrailLake,

    /// <summary>CloudWatch Logs Insights: no SQL but its own query language, over a log group that is chosen where the query runs.</summary>
    LogsInsights,
}
