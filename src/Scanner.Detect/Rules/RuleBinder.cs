using Scanner.Model;

namespace Scanner.Detect.Rules;

/// <summary>
/// Gives correlations the rules that they refer to, and rules the filters that are laid over them. The rules as they were
/// parsed stay as they are: what is bound are copies.
/// </summary>
internal sealed class RuleBinder
{
    private readonly List<InputException> _errors;
    private readonly ILookup<string, DetectionRule> _byId;
    private readonly ILookup<string, DetectionRule> _byName;
    private readonly List<DetectionRule> _rules;

    // By the parsed rule: two rules with the same contents are still two.
    private readonly Dictionary<DetectionRule, IReadOnlyList<DetectionRule>?> _parts = new(ReferenceEqualityComparer.Instance);
    private readonly HashSet<DetectionRule> _open = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<DetectionRule, Expression> _filtered = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<DetectionRule, DetectionRule> _bound = new(ReferenceEqualityComparer.Instance);

    private readonly Dictionary<DetectionRule, Expression> _kept = new(ReferenceEqualityComparer.Instance);
    private readonly List<DetectionRule> _ofOneCorrelation = [];

    /// <summary>Resolves the references; what refers to nothing is an error, and not among what is bound.</summary>
    internal RuleBinder(List<DetectionRule> rules, List<InputException> errors)
    {
        _errors = errors;
        _byId = rules.ToLookup(rule => rule.Id, StringComparer.OrdinalIgnoreCase);
        _byName = rules.Where(rule => rule.Name is not null).ToLookup(rule => rule.Name!, StringComparer.Ordinal);
        _rules = rules.FindAll(IsGood);
    }

    /// <summary>Lays a filter over its rules; what it says of rules that are not there is returned as notes.</summary>
    internal List<string> Apply(DetectionFilter filter)
    {
        foreach (var rule in _rules.Where(rule => rule.Expression is not null && Concerns(filter, rule)))
            _filtered[rule] = new Expression.And([_filtered.GetValueOrDefault(rule, rule.Expression!), filter.Keep]);
        // A filter that names a correlation leaves events out of what it counts; the rules that it counts by go on as they are.
        foreach (var correlation in _rules.Where(rule => rule.IsCorrelation && filter.Rules is not null && Concerns(filter, rule)))
            _kept[correlation] = _kept.TryGetValue(correlation, out var before) ? new Expression.And([before, filter.Keep]) : filter.Keep;
        return
        [
            .. (filter.Rules ?? []).Where(reference => !_rules.Exists(rule => rule.IsCalled(reference)))
                .Select(missing => $"{filter.File}:{filter.Line}: the filter '{filter.Title}' is for '{missing}', which is not among the rules"),
        ];
    }

    /// <summary>The rules, bound, in the order in which they were given.</summary>
    internal List<DetectionRule> Bind()
    {
        var reports = new Dictionary<DetectionRule, bool>(ReferenceEqualityComparer.Instance);
        foreach (var generates in new[] { false, true })
        {
            foreach (var part in _rules.Where(rule => rule.Correlation?.Generate == generates).SelectMany(rule => _parts[rule]!))
                reports[part] = generates && part.PartOf is null;
        }
        var copies = _rules.ConvertAll(Copy);
        return [.. copies, .. _ofOneCorrelation];

        DetectionRule Copy(DetectionRule rule)
        {
            if (_bound.TryGetValue(rule, out var bound))
                return bound;
            bound = rule with
            {
                Reports = reports.GetValueOrDefault(rule, rule.Reports),
                Expression = _filtered.GetValueOrDefault(rule, rule.Expression!),
            };
            if (rule.Correlation is { } correlation)
            {
                var parts = _parts[rule]!.Select(Copy).ToList();
                if (_kept.TryGetValue(rule, out var keep))
                    parts = Narrowed(rule, parts, keep);
                bound = bound with
                {
                    Correlation = correlation with { Rules = parts },
                    LogSource = rule.LogSource is { Product: null, Service: null, Category: null } ? parts[0].LogSource : rule.LogSource,
                };
            }
            return _bound[rule] = bound;
        }
    }

    /// <summary>Copies of a correlation's rules, for it alone, that only take events which an expression keeps.</summary>
    private List<DetectionRule> Narrowed(DetectionRule correlation, List<DetectionRule> parts, Expression keep)
    {
        var copies = new Dictionary<DetectionRule, DetectionRule>(ReferenceEqualityComparer.Instance);
        return parts.ConvertAll(part =>
        {
            if (copies.TryGetValue(part, out var copy))
                return copy;
            copy = part with { PartOf = correlation.Id, Reports = false };
            copy = part.Correlation is { } inner
                ? copy with { Correlation = inner with { Rules = Narrowed(correlation, [.. inner.Rules], keep) } }
                : copy with { Expression = new Expression.And([part.Expression!, keep]) };
            _ofOneCorrelation.Add(copy);
            return copies[part] = copy;
        });
    }

    private static bool Concerns(DetectionFilter filter, DetectionRule rule) => filter.Rules is null
        ? filter.LogSource.Kind == rule.LogSource.Kind
        : filter.Rules.Any(reference => rule.IsCalled(reference) || string.Equals(rule.PartOf, reference, StringComparison.OrdinalIgnoreCase));

    private bool IsGood(DetectionRule rule)
    {
        if (rule.Correlation is not { } correlation)
            return true;
        if (_parts.TryGetValue(rule, out var known))
            return known is not null;
        if (!_open.Add(rule))
            return Fail(rule, $"the correlation '{rule.Title}' refers to itself, through {string.Join(", ", correlation.References)}");
        var found = new List<DetectionRule>();
        var good = true;
        foreach (var reference in correlation.References)
        {
            if ((_byId[reference].FirstOrDefault() ?? _byName[reference].FirstOrDefault()) is not { } target)
            {
                good = Fail(rule, $"the correlation refers to the rule '{reference}', which is not among the rules that could be read");
                break;
            }
            if (!IsGood(target))
            {
                good = !_parts.ContainsKey(rule) && Fail(rule, $"the correlation refers to '{reference}', which is wrong itself");
                break;
            }
            found.Add(target);
        }
        _open.Remove(rule);
        if (good && correlation.Aliases.SelectMany(alias => alias.Value.Keys).FirstOrDefault(alias => !found.Exists(part => part.IsCalled(alias))) is { } stray)
            good = Fail(rule, $"an alias is about the rule '{stray}', which is not among the correlation's rules");
        _parts[rule] = good ? found : null;
        return good;
    }

    private bool Fail(DetectionRule rule, string message)
    {
        _errors.Add(new InputException(rule.File, rule.Correlation!.Line, message));
        _parts[rule] = null;
        return false;
    }
}

/// <summary>A Sigma filter: tuning that is laid over rules without changing their files (Sigma filters specification).</summary>
internal sealed record DetectionFilter
{
    internal required string Title { get; init; }

    internal required string File { get; init; }

    internal required int Line { get; init; }

    internal required SigmaLogSource LogSource { get; init; }

    /// <summary>Ids or names of rules; null: every rule of the same log source.</summary>
    internal required IReadOnlyList<string>? Rules { get; init; }

    /// <summary>What an event must be besides, for a match to stand.</summary>
    internal required Expression Keep { get; init; }
}
