using System.Text;
using Scanner.Detect.Logs;
using Scanner.Detect.Rules;
using Scanner.Model;

namespace Scanner.Detect.Matching;

/// <summary>
/// All rules of one event source, compiled together: one field tree, tests that several rules share made once. Immutable
/// and shared by threads.
/// </summary>
internal sealed class CompiledRules
{
    /// <summary>
    /// Fields of few different values by which most rules tell their events: what is left of each rule once they are
    /// known is worked out once for each combination of their values and kept, so that the cost of an event hardly
    /// depends on the number of rules.
    /// </summary>
    private static readonly string[] Telling = ["eventName", "eventSource", "userIdentity.type", "errorCode", "eventType", "awsRegion", "action", "dstport", "operation"];

    /// <summary>From how many texts in a list a set is quicker.</summary>
    private const int SetSize = 4;

    /// <summary>From how many texts that are looked for in one field an index is quicker.</summary>
    private const int IndexSize = 6;

    private readonly Dictionary<Expression.Match, CompiledExpression> _atoms = [];
    private readonly Dictionary<(string, string), (ContainsIndex Index, int Needle)> _indexed = [];

    internal CompiledRules(LogSource source, IEnumerable<DetectionRule> rules, IEnumerable<string> alsoCaptured)
    {
        Source = source;
        Trie = new FieldTrie(hyphens: source == LogSource.VpcFlow, others: source == LogSource.S3Access ? AccessLogFormat.VendedNames : null);
        EventId = EventTimes.IdFieldOf(source) is { } id ? Trie.SlotOf(id) : -1;
        EventTime = Trie.SlotOf(EventTimes.FieldOf(source));
        EventName = Trie.SlotOf("eventName");
        EventSource = Trie.SlotOf("eventSource");
        EventType = Trie.SlotOf("eventType");
        Record = source switch
        {
            LogSource.VpcFlow => [.. FlowLogFormat.Telling.Select(Trie.SlotOf)],
            LogSource.S3Access => [.. AccessLogFormat.Telling.Select(Trie.SlotOf)],
            _ => [EventName],
        };
        Detail = Trie.SlotOf("detail");
        CloudTrailEvent = Trie.SlotOf("CloudTrailEvent");
        Message = Trie.SlotOf("message");
        foreach (var field in alsoCaptured)
            Trie.SlotOf(field);
        Rules = [.. rules];
        IndexContains();
        Expressions = [.. Rules.Select(rule => Compile(rule.Expression!))];
        var used = Rules.SelectMany(rule => rule.Expression!.Matches()).Select(match => match.Field).ToHashSet(StringComparer.Ordinal);
        TellingSlots = [.. Telling.Where(used.Contains).Select(Trie.SlotOf)];
    }

    internal LogSource Source { get; }

    /// <summary>Texts that many rules look for in one field.</summary>
    internal List<ContainsIndex> Indexes { get; } = [];

    internal FieldTrie Trie { get; }

    internal IReadOnlyList<DetectionRule> Rules { get; }

    internal CompiledExpression[] Expressions { get; }

    internal int[] TellingSlots { get; }

    internal int AtomCount { get; private set; }

    internal int EventId { get; }

    internal int EventTime { get; }

    internal int EventName { get; }

    internal int EventSource { get; }

    internal int EventType { get; }

    /// <summary>Fields of which any tells a record of this source.</summary>
    internal int[] Record { get; }

    internal int Detail { get; }

    internal int CloudTrailEvent { get; }

    internal int Message { get; }

    private CompiledExpression Compile(Expression expression)
    {
        switch (expression)
        {
            case Expression.And and:
                return new CompiledExpression.All([.. and.Parts.Select(Compile)]);
            case Expression.Not not:
                return new CompiledExpression.Not(Compile(not.Part));
            case Expression.AtLeast some:
                return new CompiledExpression.AtLeast(some.Count, [.. some.Parts.Select(Compile)]);
            case Expression.Match match:
                return Atom(match);
            case Expression.Or or:
                return CompileOr(or);
            default:
                throw new InvalidOperationException($"unknown expression {expression.GetType().Name}");
        }
    }

    private CompiledExpression CompileOr(Expression.Or or)
    {
        var parts = new List<CompiledExpression>();
        var sets = or.Parts.OfType<Expression.Match>()
            .Where(match => match.Field is not null && Exact(match) is not null)
            .GroupBy(match => match.Field!, StringComparer.Ordinal)
            .Where(group => group.Count() >= SetSize)
            .ToList();
        foreach (var set in sets)
            parts.Add(new CompiledExpression.Atom(AtomCount++, Trie.SlotOf(set.Key), new CompiledExpression.InSet(set.Select(match => Exact(match)!).DistinctBy(text => Encoding.UTF8.GetString(text).ToLowerInvariant(), StringComparer.Ordinal))));
        var inSets = sets.SelectMany(set => set).ToHashSet<Expression>(ReferenceEqualityComparer.Instance);
        parts.AddRange(or.Parts.Where(part => !inSets.Contains(part)).Select(Compile));
        return parts.Count == 1 ? parts[0] : new CompiledExpression.Any([.. parts]);
    }

    private void IndexContains()
    {
        var fields = Rules.SelectMany(rule => rule.Expression!.Matches())
            .Where(match => match.Field is not null && match.Test is ValueTest.Text)
            .Select(match => (Field: match.Field!, Needle: Needle((ValueTest.Text)match.Test)))
            .Where(pair => pair.Needle is not null)
            .Distinct()
            .GroupBy(pair => pair.Field, pair => pair.Needle!, StringComparer.Ordinal)
            .Where(field => field.Count() >= IndexSize);
        foreach (var field in fields)
        {
            List<string> needles = [.. field];
            var index = new ContainsIndex(Indexes.Count, needles);
            Indexes.Add(index);
            for (var i = 0; i < needles.Count; i++)
                _indexed.Add((field.Key, needles[i]), (index, i));
        }
    }

    /// <summary>What a test looks for anywhere in a text, where that is ASCII and without case.</summary>
    private static string? Needle(ValueTest.Text test) =>
        !test.Cased && test.Pattern.Tokens is [var before, var needle, var after] && ReferenceEquals(before, TextPattern.Any) && ReferenceEquals(after, TextPattern.Any)
        && !TextPattern.IsWildcard(needle) && Ascii.IsValid(needle)
            ? needle.ToLowerInvariant()
            : null;

    private static byte[]? Exact(Expression.Match match) =>
        match.Test is ValueTest.Text { Cased: false } text && text.Pattern.Literal is not null ? new TextMatcher(text.Pattern, cased: false).Exact : null;

    private CompiledExpression Atom(Expression.Match match)
    {
        if (_atoms.TryGetValue(match, out var atom))
            return atom;
        var slot = match.Field is null ? -1 : Trie.SlotOf(match.Field);
        CompiledExpression.Probe probe = match.Test switch
        {
            ValueTest.Text text when match.Field is not null && Needle(text) is { } needle && _indexed.TryGetValue((match.Field, needle), out var place) =>
                new CompiledExpression.IndexedProbe(place.Index, place.Needle),
            ValueTest.Text text => new CompiledExpression.TextProbe(new TextMatcher(text.Pattern, text.Cased)),
            ValueTest.Regex regex => new CompiledExpression.RegexProbe(new PatternMatcher(regex)),
            ValueTest.Cidr cidr => new CompiledExpression.CidrProbe(cidr.Network),
            ValueTest.Number number => new CompiledExpression.NumberProbe(number.Operator, number.Value, null, number.Exact),
            ValueTest.SameNumber number => new CompiledExpression.NumberProbe("=", number.Value, Encoding.UTF8.GetBytes(number.Written)),
            ValueTest.TimePart time => new CompiledExpression.TimePartProbe(time.Part, time.Operator, time.Value),
            ValueTest.FieldReference reference => new CompiledExpression.ReferenceProbe(Trie.SlotOf(reference.Other), reference.Kind, reference.Cased),
            ValueTest.IsNull => new CompiledExpression.NullProbe(),
            ValueTest.Exists => new CompiledExpression.ExistsProbe(),
            _ => throw new InvalidOperationException($"unknown test {match.Test.GetType().Name}"),
        };
        atom = new CompiledExpression.Atom(AtomCount++, slot, probe);
        _atoms.Add(match, atom);
        return atom;
    }
}
