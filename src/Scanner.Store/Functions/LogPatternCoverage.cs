using System.Globalization;

namespace Scanner.Store.Functions;

/// <summary>
/// Whether filter patterns together find every event that another pattern finds. Decided by trying: of each field, every value that
/// the patterns tell apart, and that it is missing. Order, spacing, quotes and parentheses so do not matter, nor whether a pattern says more
/// than it must.
/// </summary>
internal static class LogPatternCoverage
{
    // Events that are tried at most; the patterns of the CIS benchmark need some hundreds.
    private const int MaxEvents = 200_000;

    /// <summary>Whether they do; null where there are too many combinations to try.</summary>
    /// <param name="patterns">What filters find, each for itself.</param>
    /// <param name="wanted">What must be found.</param>
    public static bool? Covers(IReadOnlyList<LogPattern> patterns, LogPattern wanted)
    {
        if (patterns.Any(pattern => pattern is LogPattern.Everything))
            return true;
        var domains = patterns.Append(wanted).SelectMany(pattern => pattern.Tests)
            .GroupBy(test => test.Field, StringComparer.Ordinal)
            .Select(group => new Domain(group.Key, [.. group.Distinct()]))
            .ToList();
        long events = 1;
        foreach (var domain in domains)
        {
            events *= domain.Values.Count;
            if (events > MaxEvents)
                return null;
        }
        var chosen = new Dictionary<string, FieldValue>(StringComparer.Ordinal);
        bool Holds(LogPattern.Test test) => chosen[test.Field].Satisfies(test);
        var digits = new int[domains.Count];
        while (true)
        {
            for (var i = 0; i < domains.Count; i++)
                chosen[domains[i].Field] = domains[i].Values[digits[i]];
            if (wanted.Matches(Holds) && !patterns.Any(pattern => pattern.Matches(Holds)))
                return false;
            var at = 0;
            while (at < digits.Length && ++digits[at] == domains[at].Values.Count)
                digits[at++] = 0;
            if (at == digits.Length)
                return true;
        }
    }

    // The values of a field that the patterns tell apart.
    private sealed class Domain
    {
        public Domain(string field, IReadOnlyList<LogPattern.Test> tests)
        {
            Field = field;
            var compared = tests.Where(test => test.Operator is LogPatternOperator.Equal or LogPatternOperator.NotEqual)
                .Select(test => test.Value).Distinct(StringComparer.Ordinal).ToList();
            var globs = compared.Where(value => value.Contains('*', StringComparison.Ordinal)).ToList();
            var texts = compared.Except(globs, StringComparer.Ordinal);
            Values.Add(new FieldValue(FieldKind.Missing, "", []));
            foreach (var (kind, needed) in new[] { (FieldKind.Null, LogPatternOperator.IsNull), (FieldKind.True, LogPatternOperator.IsTrue), (FieldKind.False, LogPatternOperator.IsFalse) })
            {
                if (tests.Any(test => test.Operator == needed))
                    Values.Add(new FieldValue(kind, "", []));
            }
            foreach (var text in texts.Concat(Numbers(tests)).Distinct(StringComparer.Ordinal))
                Values.Add(new FieldValue(FieldKind.Text, text, [.. globs.Where(glob => Matches(glob, text))]));
            // Any other text: it may fit each pattern or not, as long as it fits those that a pattern is part of.
            foreach (var chosen in Subsets(globs))
                Values.Add(new FieldValue(FieldKind.Text, null, chosen));
        }

        public string Field { get; }

        public List<FieldValue> Values { get; } = [];

        // Each number that is compared with, and one below, between and above.
        private static IEnumerable<string> Numbers(IReadOnlyList<LogPattern.Test> tests)
        {
            var numbers = tests.Where(test => test.Operator is LogPatternOperator.Less or LogPatternOperator.LessOrEqual or LogPatternOperator.Greater or LogPatternOperator.GreaterOrEqual)
                .Select(test => double.Parse(test.Value, NumberStyles.Float, CultureInfo.InvariantCulture)).Distinct().Order().ToList();
            for (var i = 0; i < numbers.Count; i++)
            {
                yield return (i == 0 ? numbers[0] - 1 : (numbers[i - 1] + numbers[i]) / 2).ToString("R", CultureInfo.InvariantCulture);
                yield return numbers[i].ToString("R", CultureInfo.InvariantCulture);
            }
            if (numbers.Count > 0)
                yield return (numbers[^1] + 1).ToString("R", CultureInfo.InvariantCulture);
        }

        private static IEnumerable<HashSet<string>> Subsets(List<string> globs)
        {
            // So many patterns on one field are nobody's; more would be tried for long.
            var count = Math.Min(globs.Count, 10);
            for (var bits = 0; bits < 1 << count; bits++)
            {
                var chosen = globs.Where((_, i) => i < count && (bits & (1 << i)) != 0).ToHashSet(StringComparer.Ordinal);
                // A star alone fits any text.
                if (globs.All(other => chosen.Contains(other) || (other.Trim('*').Length > 0 && !chosen.Any(one => Within(one, other)))))
                    yield return chosen;
            }
        }
    }

    // Text that fits the pattern, where * stands for any text.
    private static bool Matches(string glob, string text)
    {
        var parts = glob.Split('*');
        if (!text.StartsWith(parts[0], StringComparison.Ordinal) || text.Length < parts[0].Length)
            return false;
        var at = parts[0].Length;
        for (var i = 1; i < parts.Length - 1; i++)
        {
            var found = text.IndexOf(parts[i], at, StringComparison.Ordinal);
            if (found < 0)
                return false;
            at = found + parts[i].Length;
        }
        return text.Length - at >= parts[^1].Length && text.EndsWith(parts[^1], StringComparison.Ordinal);
    }

    // Whether all that fits one fits the other: a star of the one can only be taken by a star of the other.
    private static bool Within(string one, string other) => Matches(other, one.Replace('*', '\uffff'));

    private enum FieldKind
    {
        Missing,
        Null,
        True,
        False,
        Text,
    }

    // A value of a field: a certain text, or (null) some other text that fits these patterns and no text of the patterns.
    private sealed record FieldValue(FieldKind Kind, string? Text, HashSet<string> Fits)
    {
        public bool Satisfies(LogPattern.Test test) => test.Operator switch
        {
            LogPatternOperator.Missing => Kind == FieldKind.Missing,
            LogPatternOperator.IsNull => Kind == FieldKind.Null,
            LogPatternOperator.IsTrue => Kind == FieldKind.True,
            LogPatternOperator.IsFalse => Kind == FieldKind.False,
            LogPatternOperator.Equal => Is(test.Value),
            LogPatternOperator.NotEqual => Kind != FieldKind.Missing && !Is(test.Value),
            _ => Kind == FieldKind.Text && Text is not null
                && double.TryParse(Text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
                && Compare(number, double.Parse(test.Value, NumberStyles.Float, CultureInfo.InvariantCulture), test.Operator),
        };

        private bool Is(string value) => Kind switch
        {
            FieldKind.Text => value.Contains('*', StringComparison.Ordinal) ? Fits.Contains(value) : string.Equals(Text, value, StringComparison.Ordinal),
            FieldKind.True => value == "true",
            FieldKind.False => value == "false",
            _ => false,
        };

        private static bool Compare(double number, double limit, LogPatternOperator way) => way switch
        {
            LogPatternOperator.Less => number < limit,
            LogPatternOperator.LessOrEqual => number <= limit,
            LogPatternOperator.Greater => number > limit,
            _ => number >= limit,
        };
    }
}
