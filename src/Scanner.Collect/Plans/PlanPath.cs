using System.Collections.Concurrent;
using System.Globalization;

namespace Scanner.Collect.Plans;

/// <summary>A path into a <see cref="PlanValue"/>; its meaning is told at <see cref="PlanValue.Find"/>.</summary>
public sealed class PlanPath
{
    private static readonly ConcurrentDictionary<string, PlanPath> Parsed = new(StringComparer.Ordinal);

    // A step has a name, or an index; all elements are the index -1.
    private readonly (string? Name, int Index)[] _steps;

    private PlanPath(string text, (string? Name, int Index)[] steps)
    {
        Text = text;
        _steps = steps;
    }

    /// <summary>The path as it was written.</summary>
    public string Text { get; }

    /// <summary>Names of the path without indexes, such as <c>access_logs</c>, <c>enabled</c>.</summary>
    public IEnumerable<string> Names => _steps.Where(step => step.Name is not null).Select(step => step.Name!);

    /// <summary>Reads a path of a table file; each distinct text is parsed once.</summary>
    /// <param name="text">Such as <c>access_logs[0].enabled</c>.</param>
    /// <exception cref="FormatException">It is no path.</exception>
    public static PlanPath Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return Parsed.GetOrAdd(text, static t => TryParse(t, out var path) ? path : throw new FormatException($"'{t}' is not a path"));
    }

    /// <summary>Reads a path; false when the text is none.</summary>
    public static bool TryParse(string text, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out PlanPath? path)
    {
        ArgumentNullException.ThrowIfNull(text);
        path = null;
        var steps = new List<(string?, int)>();
        var at = 0;
        while (at < text.Length)
        {
            if (text[at] == '[')
            {
                var close = text.IndexOf(']', at);
                if (close < 0)
                    return false;
                var inside = text.AsSpan(at + 1, close - at - 1);
                var index = -1;
                if (!inside.IsEmpty && !int.TryParse(inside, NumberStyles.None, CultureInfo.InvariantCulture, out index))
                    return false;
                steps.Add((null, index));
                at = close + 1;
                continue;
            }
            if (text[at] == '.' && (steps.Count == 0 || ++at == text.Length))
                return false;
            var end = text.AsSpan(at).IndexOfAny('.', '[');
            end = end < 0 ? text.Length : at + end;
            if (end == at)
                return false;
            steps.Add((text[at..end], 0));
            at = end;
        }
        path = new PlanPath(text, [.. steps]);
        return true;
    }

    /// <summary>The value at this path below another.</summary>
    /// <param name="value">Where to look.</param>
    public PlanValue In(PlanValue value) => In(value, 0);

    private PlanValue In(PlanValue value, int step)
    {
        for (; step < _steps.Length; step++)
        {
            if (value is PlanUnknown)
                return value;
            var (name, index) = _steps[step];
            // All elements of a value are that value; a member or one element is a part of it.
            if (value is PlanUnset unset)
                return name is null && index < 0 && step == _steps.Length - 1 ? value : unset.Part();
            if (name is not null)
            {
                value = value is PlanObject o ? o[name] : PlanUnset.Null;
                continue;
            }
            IReadOnlyList<PlanValue> items = value switch
            {
                PlanList list => list.Items,
                PlanObject => [value],
                _ => [],
            };
            if (index >= 0)
            {
                value = index < items.Count ? items[index] : PlanUnset.Null;
                continue;
            }
            if (step == _steps.Length - 1)
                return value is PlanList ? value : new PlanList(items);
            return new PlanList(Flattened(items, step + 1));
        }
        return value;
    }

    private IEnumerable<PlanValue> Flattened(IReadOnlyList<PlanValue> items, int step)
    {
        // Elements of lists further down become elements of the one result; a list that is a leaf stays whole.
        var flat = Array.Exists(_steps[step..], one => one is { Name: null, Index: -1 });
        foreach (var found in items.Select(item => In(item, step)))
        {
            if (flat && found is PlanList list)
            {
                foreach (var item in list.Items)
                    yield return item;
            }
            else if (!(flat && found is PlanUnset { IsComputed: false }))
            {
                yield return found;
            }
        }
    }
}
