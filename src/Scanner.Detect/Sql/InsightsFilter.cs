using System.Globalization;
using System.Text;
using Scanner.Detect.Rules;

namespace Scanner.Detect.Sql;

/// <summary>
/// Conditions of CloudWatch Logs Insights that let through every event that rules may match, and few others; the rules run over what comes
/// back, so that the matches are those of a local run. They look at the text of the event, since Logs Insights finds the first 200 fields of
/// an event alone, and names the elements of lists by number.
/// </summary>
public sealed class InsightsFilter
{
    // Of these an event has one value, which is a text.
    private static readonly HashSet<string> Narrowing = new(StringComparer.OrdinalIgnoreCase)
    {
        "eventSource", "eventName", "errorCode", "errorMessage", "userAgent", "sourceIPAddress", "eventType", "userIdentity.type", "userIdentity.userName",
        "userIdentity.arn", "userIdentity.invokedBy", "userIdentity.accessKeyId",
    };

    // Within a text of JSON.
    private const string Anything = "(?:[^\"\\\\]|\\\\.)*";
    private const string Something = "(?:[^\"\\\\]|\\\\.)+";

    private InsightsFilter(IReadOnlyList<string> filters, IReadOnlyList<DetectionRule> refused) => (Filters, Refused) = (filters, refused);

    /// <summary>Each is the condition of one query: <c>filter CONDITION</c>.</summary>
    public IReadOnlyList<string> Filters { get; }

    /// <summary>Rules of which every event may be a part, so that no condition narrows the search.</summary>
    public IReadOnlyList<DetectionRule> Refused { get; }

    /// <summary>Makes the conditions.</summary>
    /// <param name="rules">Rules and correlations about CloudTrail.</param>
    /// <param name="mostBytes">Most bytes of one condition.</param>
    public static InsightsFilter Make(IReadOnlyList<DetectionRule> rules, int mostBytes)
    {
        var refused = new List<DetectionRule>();
        var names = new SortedSet<string>(StringComparer.Ordinal);
        var others = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var rule in rules)
        {
            var needs = Parts(rule).Select(part => Narrow(part.Expression!)).ToList();
            if (needs.Exists(need => need is null))
            {
                refused.Add(rule);
                continue;
            }

            foreach (var need in needs)
            {
                if (need!.Names is { } some)
                    names.UnionWith(some);
                else
                    others.Add(need.Text);
            }
        }

        // Many rules ask for names of calls: these are one list.
        const int Room = 200;
        var conditions = Chunks(names, mostBytes - Room, "|").Select(chunk => Like("eventName", string.Join('|', chunk)));
        return new InsightsFilter([.. Chunks(conditions.Concat(others), mostBytes, " or ").Select(chunk => string.Join(" or ", chunk))], refused);
    }

    private static IEnumerable<DetectionRule> Parts(DetectionRule rule) => rule.Correlation is null ? [rule] : rule.Correlation.Rules.SelectMany(Parts);

    private static IEnumerable<List<string>> Chunks(IEnumerable<string> texts, int most, string separator)
    {
        var chunk = new List<string>();
        var size = 0;
        foreach (var text in texts)
        {
            var own = Encoding.UTF8.GetByteCount(text) + separator.Length;
            if (chunk.Count > 0 && size + own > most)
            {
                yield return chunk;
                (chunk, size) = ([], 0);
            }

            chunk.Add(text);
            size += own;
        }

        if (chunk.Count > 0)
            yield return chunk;
    }

    /// <summary>What an event needs at least to match; null: nothing that narrows.</summary>
    private static Need? Narrow(Expression expression)
    {
        switch (expression)
        {
            case Expression.And all:
                var parts = all.Parts.Select(Narrow).OfType<Need>().ToList();
                // The service says little where the name of the call is known.
                if (parts.Exists(part => part.Names is not null))
                    parts.RemoveAll(part => part.Field == "eventSource");
                return parts.Count <= 1 ? parts.FirstOrDefault() : new Need(null, "(" + string.Join(" and ", parts.Select(part => part.Text).Distinct(StringComparer.Ordinal)) + ")", null);
            case Expression.Or { Parts.Count: > 0 } any:
                var ways = any.Parts.Select(Narrow).ToList();
                if (ways.Exists(way => way is null))
                    return null;
                return ways.TrueForAll(way => way!.Names is not null)
                    ? Named([.. ways.SelectMany(way => way!.Names!).Distinct(StringComparer.Ordinal)])
                    : new Need(null, "(" + string.Join(" or ", ways.Select(way => way!.Text).Distinct(StringComparer.Ordinal)) + ")", ways.Select(way => way!.Field).Distinct(StringComparer.Ordinal).Count() == 1 ? ways[0]!.Field : null);
            case Expression.AtLeast { Count: > 0 } some:
                return Narrow(new Expression.Or(some.Parts));
            case Expression.Match { Field: { } field, Test: ValueTest.Text { Pattern: var pattern } } when Narrowing.TryGetValue(field, out var name) && Pattern(pattern) is { } text:
                return name == "eventName" ? Named([text]) : new Need(null, Like(name[(name.LastIndexOf('.') + 1)..], text), name);
            default:
                return null;
        }
    }

    private static Need Named(IReadOnlyList<string> names) => new(names, Like("eventName", string.Join('|', names)), "eventName");

    private static string Like(string key, string values) => string.Create(CultureInfo.InvariantCulture, $"@message like /(?i)\"{key}\"\\s*:\\s*\"(?:{values})\"/");

    /// <summary>A text with wildcards as a part of an expression over JSON; null: JSON may spell it in another way.</summary>
    private static string? Pattern(TextPattern pattern)
    {
        var text = new StringBuilder();
        foreach (var token in pattern.Tokens)
        {
            if (TextPattern.IsWildcard(token))
                text.Append(ReferenceEquals(token, TextPattern.Any) ? Anything : Something);
            else if (token.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or ':' or '-' or '_' or ' ' or '(' or ')' or '*'))
                text.Append(string.Concat(token.Select(c => char.IsAsciiLetterOrDigit(c) || c is '_' or ' ' or ':' or '-' ? c.ToString() : "\\" + c)));
            else
                text.Append(Anything);
        }

        // Any text at all is no test.
        return text.ToString() is "" or Anything ? null : text.ToString();
    }

    /// <param name="Names">Expressions for the names of calls, any of which is enough; null: it is about something else too.</param>
    /// <param name="Text">The condition.</param>
    /// <param name="Field">The one field that it is about; null: several.</param>
    private sealed record Need(IReadOnlyList<string>? Names, string Text, string? Field);
}
