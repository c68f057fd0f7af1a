using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Scanner.Detect.Correlation;
using Scanner.Detect.Logs;
using Scanner.Detect.Rules;
using Scanner.Model;

namespace Scanner.Detect.Sql;

/// <summary>Writes the query of a rule or correlation for an engine.</summary>
internal sealed class SqlWriter(SqlFields fields, string table, string? condition)
{
    private const string NumberPattern = "^-?[0-9]+([.][0-9]+)?([eE][+-]?[0-9]+)?$";
    private const string TimePattern = "^[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}";

    private int _tables;

    /// <summary>The events of a rule, or the last events of a correlation; see <see cref="ConvertedRule"/> for the columns.</summary>
    internal string Query(DetectionRule rule)
    {
        if (rule.Correlation is not { } correlation)
            return $"select {SqlFields.Literal(rule.Id)} as rule, {Event(SourceOf(rule), about: true)}{TouchedColumns()}{From(rule)}";
        // A group-by name is one of the correlation's own, whatever its rules call it.
        var groups = string.Concat(correlation.GroupBy.Select((name, i) => string.Create(CultureInfo.InvariantCulture, $", g{i}")));
        return $"select {SqlFields.Literal(rule.Id)} as rule, event_id, event_time, account, region{groups}, event_count, first_event_id, first_event_time from ({Correlate(rule, correlation, [], outermost: true)}) as matches";
    }

    /// <summary>
    /// The events of several rules of one source in one pass over the table: column rule holds the ids of all rules that an
    /// event matches. A join with an unnested array would give a row for each; CloudTrail Lake's guide names no such join.
    /// </summary>
    internal string Query(IReadOnlyList<DetectionRule> rules)
    {
        var source = SourceOf(rules[0]);
        var tests = string.Join(", ", rules.Select(rule => $"case when {Condition(rule.Expression!)} then {SqlFields.Literal(rule.Id)} end"));
        return $"select * from (select {fields.Joined(fields.Array(tests), QueryStatement.Separator)} as rule, {Event(source, about: true)}{TouchedColumns()} from {table}{(condition is null ? "" : $" where ({condition})")}) as matches where rule <> ''";
    }

    /// <summary>
    /// The same with what correlations need to be judged here, and so many events at the most of each combination of rules that matches: an
    /// engine counts rows without an order as they come, and holds none of them.
    /// </summary>
    /// <param name="rules">The rules, and what stands for each.</param>
    /// <param name="kept">What is needed of their events.</param>
    /// <param name="told">What stands for those whose matches are told, besides being counted.</param>
    /// <param name="most">So many events.</param>
    internal string Query(IReadOnlyList<(DetectionRule Rule, string Label)> rules, IReadOnlyList<KeptColumn> kept, IReadOnlyList<string> told, long most)
    {
        var source = SourceOf(rules[0].Rule);
        var tests = string.Join(", ", rules.Select(one => $"case when {Condition(one.Rule.Expression!)} then {SqlFields.Literal(one.Label)} end"));
        var names = Columns(source) + string.Concat(kept.Select(column => ", " + column.Name));
        var touched = "";
        if (told.Count > 0 && Touched().Any())
        {
            var isTold = string.Join(" or ", told.Select(label => $"strpos(rule, {SqlFields.Literal(label)}) > 0"));
            names += string.Concat(Touched().Select(column => $", case when {isTold} then {column.Name} end as {column.Name}"));
            touched = TouchedColumns();
        }

        var events = $"select {fields.Joined(fields.Array(tests), QueryStatement.Separator)} as rule, {Event(source, about: true)}{string.Concat(kept.Select(column => $", {column.Sql} as {column.Name}"))}{touched} from {table}{(condition is null ? "" : $" where ({condition})")}";
        return string.Create(CultureInfo.InvariantCulture, $"select rule, {names} from (select *, row_number() over (partition by rule) as n from ({events}) as matches where rule <> '') as numbered where n <= {most}");
    }

    private static LogSource SourceOf(DetectionRule rule) => rule.LogSource.Kind ?? LogSource.CloudTrail;

    private string Columns(LogSource source) =>
        "event_id, event_time, account, region" + string.Concat(About(source).Select(column => ", " + column.Name));

    // In DuckDB the whole event stands in the table, which is read by people.
    private IReadOnlyList<(string Name, string Field)> About(LogSource source) => source == LogSource.CloudTrail || fields is TrinoFields ? EventColumns.Of(source) : [];

    private IEnumerable<(string Name, string Sql)> Touched() =>
        EventColumns.Touched.Select(column => (column.Name, Sql: fields.Touched(column.Field))).Where(column => column.Sql is not null).Select(column => (column.Name, column.Sql!));

    private string TouchedColumns() => string.Concat(Touched().Select(column => $", {column.Sql} as {column.Name}"));

    private string Event(LogSource source, bool about)
    {
        var id = EventTimes.IdFieldOf(source) is { } field ? fields.First(field) : "cast(null as varchar)";
        return $"{id} as event_id, {fields.First(EventTimes.FieldOf(source))} as event_time, {fields.First(CorrelationPlan.Account)} as account, {fields.First(CorrelationPlan.Region)} as region"
            + (about ? string.Concat(About(source).Select(column => $", {fields.First(column.Field)} as {column.Name}")) : "");
    }

    /// <summary>The events of a rule: event_id, event_time, account, region, t (seconds), f0, f1 ... as asked for.</summary>
    private string Rows(DetectionRule rule, IReadOnlyList<string> names)
    {
        if (rule.Correlation is { } correlation)
            return Correlate(rule, correlation, names);
        return $"select {Event(SourceOf(rule), about: false)}, {fields.Seconds()} as t"
            + string.Concat(names.Select((name, i) => string.Create(CultureInfo.InvariantCulture, $", {Column(name)} as f{i}")))
            + From(rule);
    }

    private string From(DetectionRule rule)
    {
        var where = Condition(rule.Expression!);
        return $" from {table} where {(condition is null ? "" : $"({condition}) and ")}{where}";
    }

    /// <summary>Names with a leading plus ask for all values of the field, as an array.</summary>
    private string Column(string name) => name.StartsWith('+') ? fields.All(name[1..]) : fields.First(name);

    private string Correlate(DetectionRule rule, RuleCorrelation correlation, IReadOnlyList<string> passOn, bool outermost = false)
    {
        if (!correlation.IsGrowing)
            throw new NotSupportedException("its condition can only be judged when a time span is over (lt, lte, eq, neq, an average, a percentile or 'not'); run it locally");
        var groups = correlation.GroupBy.Count;
        var hits = string.Join(" union all ", correlation.Rules.Select((part, i) => Hits(correlation, part, i, passOn)));
        var once = "1";
        if (correlation.Rules.Count > 1)
        {
            // An event that matches several of the rules is one event of a group; by aliases it may be in several groups.
            var same = "event_id" + string.Concat(Enumerable.Range(0, groups).Select(g => string.Create(CultureInfo.InvariantCulture, $", g{g}")));
            var copies = string.Create(CultureInfo.InvariantCulture, $"select *, row_number() over (partition by {same} order by src) as copy from ({hits}) as s{_tables++}");
            if (correlation.Kind is CorrelationKind.EventCount or CorrelationKind.ValueCount or CorrelationKind.ValueSum)
                hits = string.Create(CultureInfo.InvariantCulture, $"select * from ({copies}) as s{_tables++} where event_id is null or copy = 1");
            else if (outermost)
                (hits, once) = (copies, "case when event_id is null or copy = 1 then 1 else 0 end");
        }

        var group = string.Join(", ", Enumerable.Range(0, groups).Select(g => string.Create(CultureInfo.InvariantCulture, $"g{g}")));
        var partition = groups == 0 ? "" : $"partition by {group} ";
        var span = SqlFields.Number(correlation.TimeSpan.TotalSeconds);
        var window = $"({partition}order by t range between {span} preceding and current row)";
        var since = $"({partition}order by t range between unbounded preceding and current row)";
        var judged = Judged(correlation, hits, window, since, span);
        // It matches when it becomes true; while it stays true within the time span, that is the same match.
        // Of the events of one moment the one with the greatest id comes first, and is the one that is named.
        var order = $"({partition}order by t, event_id desc)";
        var about = outermost
            ? $", cast(sum({once}) over {window} as bigint) as event_count, first_value(event_id) over {window} as first_event_id, first_value(event_time) over {window} as first_event_time"
            : "";
        var lagged = $"select *, lag(holds) over {order} as held, lag(t) over {order} as before{about} from ({judged}) as s{_tables++}";
        var output = "event_id, event_time, account, region, t"
            + (outermost ? ", event_count, first_event_id, first_event_time" : "")
            + string.Concat(Enumerable.Range(0, groups).Select(g => string.Create(CultureInfo.InvariantCulture, $", g{g}")))
            + string.Concat(passOn.Select((_, p) => string.Create(CultureInfo.InvariantCulture, $", p{p} as f{p}")));
        return $"select {output} from ({lagged}) as s{_tables++} where holds and not coalesce(held and t - before <= {span}, false)";
    }

    /// <summary>The events of one of a correlation's rules, under the names that all of them have: src, g0 ..., v, p0 ...</summary>
    private string Hits(RuleCorrelation correlation, DetectionRule part, int number, IReadOnlyList<string> passOn)
    {
        var groups = correlation.GroupBy.Count;
        List<string> names = [.. correlation.GroupBy.Select(name => correlation.FieldOf(name, part))];
        // Each value of a list is a group of its own.
        var joins = new StringBuilder();
        var lists = new HashSet<int>();
        for (var g = 0; g < groups && !part.IsCorrelation; g++)
        {
            if (fields.IsOneText(names[g]) || fields.OneOrMore(string.Create(CultureInfo.InvariantCulture, $"f{g}")) is not { } values)
                continue;
            names[g] = "+" + names[g];
            lists.Add(g);
            joins.Append(CultureInfo.InvariantCulture, $" cross join unnest({values}) as u{_tables++}(e{g})");
        }
        foreach (var name in correlation.Fields)
            names.Add((correlation is { Kind: CorrelationKind.ValueCount, Fields.Count: 1 } && !part.IsCorrelation ? "+" : "") + correlation.FieldOf(name, part));
        names.AddRange(passOn.Select(name => correlation.FieldOf(name, part)));
        var columns = new StringBuilder();
        for (var g = 0; g < groups; g++)
            columns.Append(CultureInfo.InvariantCulture, $", {(lists.Contains(g) ? "e" : "f")}{g} as g{g}");
        if (correlation.Kind is CorrelationKind.ValueCount or CorrelationKind.ValueSum)
            columns.Append(CultureInfo.InvariantCulture, $", {Value(correlation, part, groups)} as v");
        for (var p = 0; p < passOn.Count; p++)
            columns.Append(CultureInfo.InvariantCulture, $", f{groups + correlation.Fields.Count + p} as p{p}");
        return string.Create(CultureInfo.InvariantCulture, $"select {number} as src, event_id, event_time, account, region, t{columns} from ({Rows(part, names)}) as s{_tables++}{joins}");
    }

    /// <summary>The hits with whether the correlation holds at each of them.</summary>
    private string Judged(RuleCorrelation correlation, string hits, string window, string since, string span)
    {
        switch (correlation.Kind)
        {
            case CorrelationKind.EventCount:
                return $"select *, {Meets(correlation, $"count(*) over {window}")} as holds from ({hits}) as s{_tables++}";
            case CorrelationKind.ValueCount:
                return $"select *, {Meets(correlation, fields.CountDistinct("v", window))} as holds from ({hits}) as s{_tables++}";
            case CorrelationKind.ValueSum:
                return $"select *, {Meets(correlation, $"sum(v) over {window}")} as holds from ({hits}) as s{_tables++}";
            case CorrelationKind.Temporal:
                string There(int i) => string.Create(CultureInfo.InvariantCulture, $"max(case when src = {i} then 1 else 0 end) over {window}");
                string holds;
                if (correlation.Extended is { } extended)
                    holds = Extended(extended, name => $"{There(correlation.References.ToList().IndexOf(name))} = 1");
                else if (correlation.Conditions.Count > 0)
                    holds = Meets(correlation, string.Join(" + ", Enumerable.Range(0, correlation.Rules.Count).Select(There)));
                else
                    holds = string.Join(" and ", Enumerable.Range(0, correlation.Rules.Count).Select(i => $"{There(i)} = 1"));
                return $"select *, {holds} as holds from ({hits}) as s{_tables++}";
            default:
                if (correlation.Conditions.Count > 0)
                    throw new NotSupportedException("a temporal_ordered correlation with a condition cannot be converted; run it locally");
                var judged = hits;
                for (var i = 0; i < correlation.Rules.Count; i++)
                {
                    // The latest start of a chain of hits of the rules up to this one, in their order.
                    var start = i == 0 ? "t" : string.Create(CultureInfo.InvariantCulture, $"b{i - 1}");
                    judged = string.Create(CultureInfo.InvariantCulture, $"select *, max(case when src = {i} then {start} end) over {since} as b{i} from ({judged}) as s{_tables++}");
                }

                return string.Create(CultureInfo.InvariantCulture, $"select *, coalesce(t - b{correlation.Rules.Count - 1} <= {span}, false) as holds from ({judged}) as s{_tables++}");
        }
    }

    private string Value(RuleCorrelation correlation, DetectionRule part, int groups)
    {
        var columns = Enumerable.Range(groups, correlation.Fields.Count).Select(i => string.Create(CultureInfo.InvariantCulture, $"f{i}")).ToList();
        if (correlation.Kind == CorrelationKind.ValueSum)
            return NumberOf(columns[0]);
        return columns.Count == 1 && !part.IsCorrelation
            ? columns[0]
            : fields.Array(string.Join(" || chr(30) || ", columns));
    }

    private static string Meets(RuleCorrelation correlation, string number) =>
        "coalesce(" + string.Join(" and ", correlation.Conditions.Select(one => $"{number} {one.Operator} {SqlFields.Number(one.Value)}")) + ", false)";

    private static string Extended(RuleCondition rule, Func<string, string> there) => rule switch
    {
        RuleCondition.And and => "(" + string.Join(" and ", and.Parts.Select(part => Extended(part, there))) + ")",
        RuleCondition.Or or => "(" + string.Join(" or ", or.Parts.Select(part => Extended(part, there))) + ")",
        RuleCondition.Not not => $"not {Extended(not.Part, there)}",
        RuleCondition.Name name => there(name.Text),
        _ => throw new NotSupportedException("'of' in a condition over rules"),
    };

    internal string Condition(Expression expression) => expression switch
    {
        Expression.And { Parts.Count: 0 } => "true",
        Expression.Or { Parts.Count: 0 } => "false",
        Expression.And and => "(" + string.Join(" and ", and.Parts.Select(Condition)) + ")",
        Expression.Or or => "(" + string.Join(" or ", Few([.. OrParts(or)])) + ")",
        Expression.Not not => $"not ({fields.Negated(() => Condition(not.Part))})",
        Expression.AtLeast some => string.Create(CultureInfo.InvariantCulture, $"({string.Join(" + ", some.Parts.Select(part => $"case when {Condition(part)} then 1 else 0 end"))} >= {some.Count})"),
        Expression.Match match => Test(match),
        _ => throw new NotSupportedException("an unknown expression"),
    };

    /// <summary>Alternatives that no list could hold, as many as the engine's compiler takes.</summary>
    private IReadOnlyList<string> Few(IReadOnlyList<string> alternatives) => fields.MostAlternatives is { } most && alternatives.Count > most
        ? throw new NotSupportedException(string.Create(CultureInfo.InvariantCulture, $"it has {alternatives.Count:N0} alternatives that are no list of texts, numbers or networks of one field, and the engine compiles about {most} (measured on Trino 483); run it over the log files"))
        : alternatives;

    /// <summary>Many texts of one field are one list: shorter to read, and quicker to run.</summary>
    private IEnumerable<string> OrParts(Expression.Or or)
    {
        var lists = or.Parts.OfType<Expression.Match>()
            .Where(match => match.Field is not null && match.Test is ValueTest.Text { Pattern.Literal: not null })
            .GroupBy(match => (match.Field, ((ValueTest.Text)match.Test).Cased))
            .Where(group => group.Count() > 1)
            .ToList();
        var listed = lists.SelectMany(list => list).ToHashSet<Expression>(ReferenceEqualityComparer.Instance);
        foreach (var list in lists)
        {
            var cased = list.Key.Cased;
            var texts = string.Join(", ", list.Select(match => SqlFields.FoldedLiteral(((ValueTest.Text)match.Test).Pattern.Literal!, cased)));
            yield return fields.Any(list.Key.Field!, text => $"{Folded(text, cased)} in ({texts})");
        }

        // Networks in one array, and other tests of texts of one field together: the field is taken apart once, and the engines'
        // compilers give up at some hundreds of conditions side by side.
        var networks = or.Parts.OfType<Expression.Match>().Where(match => match.Field is not null && match.Test is ValueTest.Cidr)
            .GroupBy(match => match.Field!, StringComparer.Ordinal).Where(group => group.Count() > 1).ToList();
        foreach (var group in networks)
        {
            listed.UnionWith(group);
            yield return fields.Any(group.Key, text => fields.AnyCidr(text, [.. group.Select(match => (ValueTest.Cidr)match.Test)]));
        }

        var others = or.Parts.OfType<Expression.Match>().Where(match => match.Field is not null && !listed.Contains(match) && match.Test is ValueTest.Text or ValueTest.Regex or ValueTest.SameNumber)
            .GroupBy(match => match.Field!, StringComparer.Ordinal).Where(group => group.Count() > 1).ToList();
        foreach (var group in others)
        {
            listed.UnionWith(group);
            yield return fields.Any(group.Key, text => "(" + string.Join(" or ", Few([.. AnyOf([.. group.Select(match => match.Test)], text)])) + ")");
        }

        foreach (var part in or.Parts.Where(part => !listed.Contains(part)))
            yield return Condition(part);
    }

    /// <summary>Tests of one text: those by wildcards, of which a rule may have thousands, as one.</summary>
    private IEnumerable<string> AnyOf(IReadOnlyList<ValueTest> tests, string text)
    {
        var together = tests.OfType<ValueTest.Text>().Where(IsLike).GroupBy(test => (Form: FormOf(test), test.Cased)).Where(group => group.Count() > 1).ToList();
        foreach (var likes in together)
            yield return fields.AnyLike(Folded(text, likes.Key.Cased), likes.Key.Form, [.. likes.Select(test => likes.Key.Form == LikeForm.Pattern ? LikePattern(test) : test.Pattern.Tokens.Single(token => !TextPattern.IsWildcard(token)))], likes.Key.Cased);
        var numbers = tests.OfType<ValueTest.SameNumber>().ToList();
        if (numbers.Count > 1)
            yield return $"({text} in ({string.Join(", ", numbers.Select(number => SqlFields.Literal(number.Written)))}) or coalesce({NumberOf(text)} in ({string.Join(", ", numbers.Select(number => SqlFields.Number(number.Value)))}), false))";
        foreach (var test in tests.Except(together.SelectMany(likes => likes).Concat<ValueTest>(numbers.Count > 1 ? numbers : []), ReferenceEqualityComparer.Instance).Cast<ValueTest>())
            yield return TextTest(test, text);
    }

    private static bool IsLike(ValueTest.Text test) =>
        test.Pattern.Literal is null && !IsAnything(test) && !test.Pattern.Tokens.Any(token => ReferenceEquals(token, TextPattern.Dash));

    private static bool IsAnything(ValueTest.Text test) => test.Pattern.Tokens.Count == 1 && ReferenceEquals(test.Pattern.Tokens[0], TextPattern.Any);

    private static string LikePattern(ValueTest.Text test) => string.Concat(test.Pattern.Tokens.Select(token =>
        ReferenceEquals(token, TextPattern.Any) ? "%" : ReferenceEquals(token, TextPattern.One) ? "_" :
        SqlFields.Escaped(token)));

    private static LikeForm FormOf(ValueTest.Text test) => test.Pattern.Tokens switch
    {
        [var before, var text, var after] when ReferenceEquals(before, TextPattern.Any) && ReferenceEquals(after, TextPattern.Any) && !TextPattern.IsWildcard(text) => LikeForm.Contains,
        [var text, var after] when ReferenceEquals(after, TextPattern.Any) && !TextPattern.IsWildcard(text) => LikeForm.StartsWith,
        [var before, var text] when ReferenceEquals(before, TextPattern.Any) && !TextPattern.IsWildcard(text) => LikeForm.EndsWith,
        _ => LikeForm.Pattern,
    };

    private static string Folded(string text, bool cased) => SqlFields.Folded(text, cased);

    private string Test(Expression.Match match)
    {
        switch (match.Test)
        {
            case ValueTest.IsNull:
                return fields.IsNull(match.Field!);
            case ValueTest.Exists:
                return fields.Exists(match.Field!);
            case ValueTest.FieldReference reference:
                return fields.AnyPair(match.Field!, reference.Other, (left, right) => Compare(reference, left, right));
            default:
                return match.Field is null ? fields.AnyLeaf(text => TextTest(match.Test, text)) : fields.Any(match.Field, text => TextTest(match.Test, text));
        }
    }

    private static string Compare(ValueTest.FieldReference reference, string left, string right)
    {
        left = Folded(left, reference.Cased);
        right = Folded(right, reference.Cased);
        return reference.Kind switch
        {
            FieldReferenceKind.StartsWith => $"starts_with({left}, {right})",
            FieldReferenceKind.EndsWith => $"(length({left}) >= length({right}) and substr({left}, length({left}) - length({right}) + 1) = {right})",
            FieldReferenceKind.Contains => $"strpos({left}, {right}) > 0",
            _ => $"{left} = {right}",
        };
    }

    private string TextTest(ValueTest test, string text)
    {
        switch (test)
        {
            case ValueTest.Text one:
                return Like(one, text);
            case ValueTest.Regex regex:
                return fields.Matches(text, Portable(regex));
            case ValueTest.Cidr cidr:
                return fields.Cidr(text, cidr);
            case ValueTest.Number number:
                return $"{NumberOf(text)} {number.Operator} {SqlFields.Number(number.Value)}";
            case ValueTest.SameNumber number:
                return $"({text} = {SqlFields.Literal(number.Written)} or coalesce({NumberOf(text)} = {SqlFields.Number(number.Value)}, false))";
            case ValueTest.TimePart part:
                var at = part.Part switch { "minute" => "15, 2", "hour" => "12, 2", "day" => "9, 2", "month" => "6, 2", "year" => "1, 4", _ => null };
                var date = $"try_cast(substr({text}, 1, 10) as date)";
                var value = at is null ? $"week({date})" : $"try_cast(substr({text}, {at}) as integer)";
                return $"({fields.Matches(text, TimePattern)} and {date} is not null and {value} {part.Operator} {SqlFields.Number(part.Value)})";
            default:
                throw new NotSupportedException("an unknown test");
        }
    }

    private string NumberOf(string text) => $"try_cast(case when {fields.Matches(text, NumberPattern)} and length({text}) <= 40 then {text} end as double)";

    private string Like(ValueTest.Text test, string text)
    {
        if (test.Pattern.Literal is { } literal)
            return $"{Folded(text, test.Cased)} = {SqlFields.FoldedLiteral(literal, test.Cased)}";
        if (IsAnything(test))
            return $"{text} is not null";
        if (IsLike(test))
            return SqlFields.Like(Folded(text, test.Cased), SqlFields.FoldedLiteral(LikePattern(test), test.Cased));
        // \z and not $, which some engines let stand before a last line break.
        var pattern = string.Concat(test.Pattern.Tokens.Select(token =>
            ReferenceEquals(token, TextPattern.Any) ? ".*" : ReferenceEquals(token, TextPattern.One) ? "." :
            ReferenceEquals(token, TextPattern.Dash) ? "[-/–—―]" : Escaped(token)));
        return fields.Matches(text, $"(?s{(test.Cased ? "" : "i")})^{pattern}\\z");
    }

    /// <summary>Literal text in an expression, for RE2 and Java alike: what is not a letter or a digit is escaped.</summary>
    private static string Escaped(string text) =>
        string.Concat(text.Select(c => c is > ' ' and < '\u007f' and not '_' && !char.IsAsciiLetterOrDigit(c) ? $"\\{c}" : c.ToString()));

    private string Portable(ValueTest.Regex regex)
    {
        if (fields is DuckDbFields)
        {
            try
            {
                _ = new Regex(regex.Pattern, RegexOptions.CultureInvariant | RegexOptions.NonBacktracking, Regex.InfiniteMatchTimeout);
            }
            catch (NotSupportedException e)
            {
                throw new NotSupportedException($"its regular expression needs backtracking (look-around or back-references), which RE2 does not do: {e.Message}", e);
            }
        }

        var flags = (regex.IgnoreCase ? "i" : "") + (regex.MultiLine ? "m" : "") + (regex.SingleLine ? "s" : "");
        return (flags.Length > 0 ? $"(?{flags})" : "") + regex.Pattern;
    }
}
