using System.Globalization;
using System.Runtime.InteropServices;
using Scanner.Detect.Rules;

namespace Scanner.Detect.Correlation;

/// <summary>
/// Runs one correlation over its hits in order of time.
/// <para>A correlation that more events can only make true (counts and sums with gt or gte, temporal ones without not) is
/// judged at every moment at which there are hits, over the time span that ends there, both ends included. It matches when
/// it becomes true: while it stays true from one moment to the next within the time span, that is the same match.</para>
/// <para>Any other correlation is judged once for each window: the first hit of a group opens it, the time span later it
/// is over, and the next hit opens another.</para>
/// Events that lack a group-by field are a group of their own, as in SQL.
/// </summary>
internal sealed class CorrelationRunner
{
    private const int MaxReferences = 50;
    private const string Missing = "\u001e";

    private readonly DetectionRule _rule;
    private readonly RuleCorrelation _correlation;
    private readonly CorrelationPlan _plan;
    private readonly Action<Hit, CorrelationMatch> _onMatch;
    private readonly long _span;
    private readonly bool _growing;
    private readonly Dictionary<string, Group> _groups = new(StringComparer.Ordinal);
    private readonly List<Group> _touched = [];
    private readonly Dictionary<string, int> _positions = new(StringComparer.Ordinal);
    private readonly Places?[] _places;
    private readonly PriorityQueue<Group, long> _closing = new();
    private long _now = long.MinValue;
    private int _sweepAt = 2_000;

    internal CorrelationRunner(DetectionRule rule, CorrelationPlan plan, Action<Hit, CorrelationMatch> onMatch)
    {
        _rule = rule;
        _correlation = rule.Correlation!;
        _plan = plan;
        _onMatch = onMatch;
        _span = _correlation.TimeSpan.Ticks;
        _growing = _correlation.IsGrowing;
        _places = new Places?[plan.Rules.Count];
        for (var i = 0; i < _correlation.References.Count; i++)
            _positions.TryAdd(_correlation.References[i], i);
        foreach (var source in _correlation.Rules.Distinct(ReferenceEqualityComparer.Instance).Cast<DetectionRule>())
        {
            var fields = plan.FieldsOf(source).ToList();
            _places[plan.IndexOf(source)] = new Places(
                [.. Enumerable.Range(0, _correlation.Rules.Count).Where(i => ReferenceEquals(_correlation.Rules[i], source))],
                [.. _correlation.GroupBy.Select(name => fields.IndexOf(_correlation.FieldOf(name, source)))],
                [.. _correlation.Fields.Select(name => fields.IndexOf(_correlation.FieldOf(name, source)))],
                [.. plan.FieldsOf(rule).Select(name => fields.IndexOf(_correlation.FieldOf(name, source)))]);
        }
    }

    internal DetectionRule Rule => _rule;

    /// <summary>Whether hits of that rule take part.</summary>
    internal bool Takes(int rule) => _places[rule] is not null;

    /// <summary>Takes the next hit; times never fall.</summary>
    internal void Add(Hit hit)
    {
        if (hit.Ticks != _now)
            Advance(hit.Ticks);
        var places = _places[hit.Rule]!;
        if (HasList(hit, places.Group))
        {
            foreach (var values in HitCount.Combinations([.. places.Group.Select(at => hit[at]?.Split(CorrelationPlan.Separator))]))
                Add(hit, places, Key(values), values);
        }
        else
        {
            Add(hit, places, Key(hit, places.Group), null);
        }
    }

    /// <summary>Takes a hit into one of its groups.</summary>
    /// <param name="hit">The hit.</param>
    /// <param name="places">Where its values are.</param>
    /// <param name="key">The group's key.</param>
    /// <param name="values">The group's values, where the hit has several in a field; null: its own.</param>
    private void Add(Hit hit, Places places, string key, string?[]? values)
    {
        if (!_groups.TryGetValue(key, out var group))
        {
            group = new Group(_correlation) { Start = hit.Ticks, GroupValues = values };
            _groups.Add(key, group);
            if (!_growing)
                _closing.Enqueue(group, hit.Ticks + _span);
        }

        group.Key = key;
        // The last hit may have several values where the first had one.
        if (values is not null)
            group.GroupValues = values;
        group.Add(hit, places.Positions, places.Fields);
        if (_growing && !group.Touched)
        {
            group.Touched = true;
            _touched.Add(group);
        }
    }

    /// <summary>Says that there is nothing more.</summary>
    internal void Complete() => Advance(long.MaxValue);

    private static bool HasList(Hit hit, int[] group)
    {
        foreach (var at in group)
        {
            if (hit[at] is { } text && text.Contains(CorrelationPlan.Separator, StringComparison.Ordinal))
                return true;
        }

        return false;
    }

    private static string Key(string?[] values) => values.Length == 1 ? values[0] ?? Missing : string.Join("\u001e\u001f", values.Select(value => value ?? Missing));

    private static string Key(Hit hit, int[] group)
    {
        switch (group.Length)
        {
            case 0:
                return "";
            case 1:
                return First(hit[group[0]]) ?? Missing;
            case 2:
                return string.Concat(First(hit[group[0]]) ?? Missing, "\u001e\u001f", First(hit[group[1]]) ?? Missing);
            default:
                return string.Join("\u001e\u001f", group.Select(at => First(hit[at]) ?? Missing));
        }
    }

    private static string? First(string? values)
    {
        var at = values?.IndexOf(CorrelationPlan.Separator) ?? -1;
        return at < 0 ? values : values![..at];
    }

    private void Advance(long now)
    {
        foreach (var group in _touched)
        {
            group.Touched = false;
            group.Evict(_now - _span);
            var holds = Holds(group);
            if (holds && !(group.Held && _now - group.Before <= _span))
                Report(group);
            group.Held = holds;
            group.Before = _now;
        }

        _touched.Clear();
        while (!_growing && _closing.TryPeek(out var open, out var end) && end < now)
        {
            _closing.Dequeue();
            if (Holds(open))
                Report(open);
            _groups.Remove(open.Key);
        }

        _now = now;
        if (_growing && _groups.Count >= _sweepAt)
        {
            // Groups whose time is over: they are most of them where a session's name is part of the group.
            foreach (var (key, group) in _groups)
            {
                if (group.Last!.Ticks < now - _span)
                    _groups.Remove(key);
            }

            _sweepAt = Math.Max(2_000, _groups.Count * 2);
        }
    }

    private bool Holds(Group group)
    {
        switch (_correlation.Kind)
        {
            case CorrelationKind.EventCount:
                return Meets(group.Count);
            case CorrelationKind.ValueCount:
                return Meets(group.Values.Count);
            case CorrelationKind.ValueSum:
                return group.Numbers > 0 && Meets(group.Sum);
            case CorrelationKind.ValueAverage:
                return group.Numbers > 0 && Meets(group.Sum / group.Numbers);
            case CorrelationKind.ValuePercentile when _correlation.Percentile is { } percentile:
                return group.Numbers > 0 && Meets(group.PercentileOf(percentile));
            case CorrelationKind.ValuePercentile:
                double total = group.Values.Values.Sum();
                return group.Values.Values.Any(count => Meets(100 * count / total));
            case CorrelationKind.Temporal when _correlation.Extended is { } extended:
                return extended.Holds(name => IsThere(group, _positions[name]));
            case CorrelationKind.Temporal:
                var there = Enumerable.Range(0, _correlation.Rules.Count).Count(i => IsThere(group, i));
                return _correlation.Conditions.Count == 0 ? there == _correlation.Rules.Count : Meets(there);
            case CorrelationKind.TemporalOrdered:
                var longest = 0;
                for (var i = 0; i < group.ChainStart.Length && group.ChainStart[i] != long.MinValue && group.Last!.Ticks - group.ChainStart[i] <= _span; i++)
                    longest = i + 1;
                return _correlation.Conditions.Count == 0 ? longest == _correlation.Rules.Count : Meets(longest);
            default:
                throw new InvalidOperationException("unknown correlation");
        }
    }

    private bool IsThere(Group group, int position) =>
        group.LastOf[position] != long.MinValue && (!_growing || group.LastOf[position] >= _now - _span);

    private bool Meets(double number)
    {
        foreach (var (@operator, value) in _correlation.Conditions)
        {
            var meets = @operator switch
            {
                ">" => number > value,
                ">=" => number >= value,
                "<" => number < value,
                "<=" => number <= value,
                "!=" => number != value,
                _ => number == value,
            };
            if (!meets)
                return false;
        }

        return true;
    }

    private void Report(Group group)
    {
        var last = group.Last!;
        var places = _places[last.Rule]!;
        var index = _plan.IndexOf(_rule);
        var passedOn = new Hit
        {
            Ticks = last.Ticks,
            File = last.File,
            Record = last.Record,
            Offset = last.Offset,
            Rule = index,
            EventId = last.EventId,
            EventTime = last.EventTime,
            Values = index < 0 ? [] : [.. places.PassedOn.Select(at => last[at])],
        };
        _onMatch(passedOn, new CorrelationMatch(
            [.. _correlation.GroupBy.Select((name, i) => KeyValuePair.Create(name, group.GroupValues is { } own ? own[i] : First(last[places.Group[i]])))],
            [.. group.Recent],
            group.Count));
    }

    /// <summary>Of a rule that takes part: at which positions, and where among its hits' values are those that the correlation groups by, counts and passes on.</summary>
    private sealed record Places(int[] Positions, int[] Group, int[] Fields, int[] PassedOn);

    private sealed class Group(RuleCorrelation correlation)
    {
        private readonly Queue<(long Ticks, int Values, double Number)> _window = new();
        private readonly Queue<string>? _texts = CountsTexts(correlation) ? new() : null;
        private static readonly Dictionary<string, int> None = [];

        private Queue<Hit>? _recent;

        // Of the hits of one event, which may match several of the rules, the first.
        private Hit? _counted;
        private long _lastRecord = -1;
        private int _lastFile = -1;

        internal string Key { get; set; } = "";

        internal long Start { get; init; }

        /// <summary>Values of the group-by fields, where the first hit has several; null: those of any hit.</summary>
        internal string?[]? GroupValues { get; set; }

        internal bool Touched { get; set; }

        internal bool Held { get; set; }

        /// <summary>The moment at which it was judged before.</summary>
        internal long Before { get; set; } = long.MinValue;

        internal long Count => _window.Count;

        internal Hit? Last { get; private set; }

        /// <summary>The last hits. Most groups have one, and need no queue for it.</summary>
        internal IEnumerable<Hit> Recent => _recent ?? (IEnumerable<Hit>)(_counted is null ? [] : [_counted]);

        internal Dictionary<string, int> Values { get; } = CountsTexts(correlation) ? new(StringComparer.Ordinal) : None;

        internal long Numbers { get; private set; }

        internal double Sum { get; private set; }

        internal long[] LastOf { get; } = Never(correlation, CorrelationKind.Temporal);

        /// <summary>By position of the rule: the latest start of a chain of hits of the rules up to it, in their order.</summary>
        internal long[] ChainStart { get; } = Never(correlation, CorrelationKind.TemporalOrdered);

        /// <summary>By position of the rule: whether it has a hit at the moment of the last hit.</summary>
        private bool[] Moment { get; } = correlation.Kind == CorrelationKind.TemporalOrdered ? new bool[correlation.Rules.Count] : [];

        private long MomentTicks { get; set; } = long.MinValue;

        internal void Add(Hit hit, int[] positions, int[] fields)
        {
            Last = hit;
            if (correlation.Kind == CorrelationKind.Temporal)
            {
                foreach (var position in positions)
                    LastOf[position] = hit.Ticks;
            }

            if (correlation.Kind == CorrelationKind.TemporalOrdered)
                Chain(hit, positions);
            // An event that matches several of the rules is one event.
            if (hit.Record == _lastRecord && hit.File == _lastFile)
                return;
            _lastRecord = hit.Record;
            _lastFile = hit.File;
            var before = _counted;
            _counted = hit;
            if (before is not null)
            {
                if (_recent is null)
                {
                    _recent = new Queue<Hit>();
                    _recent.Enqueue(before);
                }

                _recent.Enqueue(hit);
                if (_recent.Count > MaxReferences)
                    _recent.Dequeue();
            }

            var values = 0;
            var number = double.NaN;
            if (_texts is not null)
            {
                values = TakeTexts(hit, fields);
            }
            else if (fields.Length == 1 && First(hit[fields[0]]) is { } text
                && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var parsed) && double.IsFinite(parsed))
            {
                number = parsed;
                Numbers++;
                Sum += parsed;
            }

            _window.Enqueue((hit.Ticks, values, number));
        }

        /// <returns>How many values the hit has.</returns>
        private int TakeTexts(Hit hit, int[] fields)
        {
            // Mostly one field with one value.
            if (fields.Length == 1 && hit[fields[0]] is { } one && !one.Contains(CorrelationPlan.Separator, StringComparison.Ordinal))
            {
                Take(one);
                return 1;
            }

            var values = 0;
            foreach (var text in Texts([.. fields.Select(at => hit[at])]))
            {
                Take(text);
                values++;
            }

            return values;
        }

        private void Take(string text)
        {
            CollectionsMarshal.GetValueRefOrAddDefault(Values, text, out _)++;
            _texts!.Enqueue(text);
        }

        internal void Evict(long before)
        {
            while (_window.TryPeek(out var oldest) && oldest.Ticks < before)
            {
                _window.Dequeue();
                for (var i = 0; i < oldest.Values; i++)
                {
                    var text = _texts!.Dequeue();
                    if (--Values[text] == 0)
                        Values.Remove(text);
                }

                if (!double.IsNaN(oldest.Number))
                {
                    Numbers--;
                    Sum = Numbers == 0 ? 0 : Sum - oldest.Number;
                }
            }

            while (_recent is not null && _recent.TryPeek(out var hit) && hit.Ticks < before)
                _recent.Dequeue();
        }

        internal double PercentileOf(double percentile)
        {
            double[] numbers = [.. _window.Select(entry => entry.Number).Where(number => !double.IsNaN(number)).Order()];
            // Between the two nearest ranks, as percentile_cont of SQL.
            var rank = percentile / 100 * (numbers.Length - 1);
            var below = (int)Math.Floor(rank);
            var above = (int)Math.Ceiling(rank);
            return numbers[below] + ((numbers[above] - numbers[below]) * (rank - below));
        }

        private static bool CountsTexts(RuleCorrelation correlation) =>
            correlation.Kind == CorrelationKind.ValueCount || correlation is { Kind: CorrelationKind.ValuePercentile, Percentile: null };

        private static long[] Never(RuleCorrelation correlation, CorrelationKind kind)
        {
            if (correlation.Kind != kind)
                return [];
            var never = new long[correlation.Rules.Count];
            Array.Fill(never, long.MinValue);
            return never;
        }

        /// <summary>Several fields make one value; a field with several values counts as each of them.</summary>
        private static IEnumerable<string> Texts(string?[] fields)
        {
            if (fields.Any(field => field is null))
                return [];
            return fields.Length == 1
                ? fields[0]!.Split(CorrelationPlan.Separator).Distinct(StringComparer.Ordinal)
                : [string.Join("\u001e", fields)];
        }

        /// <summary>Hits of one moment have no order of their own: any that makes a chain will do.</summary>
        private void Chain(Hit hit, int[] positions)
        {
            if (MomentTicks != hit.Ticks)
                Array.Clear(Moment);
            MomentTicks = hit.Ticks;
            foreach (var position in positions)
                Moment[position] = true;
            for (var position = 0; position < ChainStart.Length; position++)
            {
                if (!Moment[position])
                    continue;
                var start = position == 0 ? hit.Ticks : ChainStart[position - 1];
                ChainStart[position] = Math.Max(ChainStart[position], start);
            }
        }
    }
}
