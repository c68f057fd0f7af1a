using System.Text.RegularExpressions;
using Scanner.Detect.Logs;
using Scanner.Detect.Rules;

namespace Scanner.Detect.Matching;

/// <summary>Matches captured events against all rules of a source. For one thread.</summary>
internal sealed class RuleMatcher
{
    private const int MaxCombinations = 50_000;
    private const int MaxTimeouts = 10;

    private readonly CompiledRules _rules;
    private readonly Dictionary<byte[], int[]> _candidates = new(ByteKeys.Instance);
    private readonly Dictionary<byte[], int[]>.AlternateLookup<ReadOnlySpan<byte>> _lookup;
    private readonly int[] _everyRule;
    private readonly int[] _timeouts;
    private readonly Action<DetectionRule, string> _onTrouble;
    private byte[] _key = new byte[256];

    internal RuleMatcher(CompiledRules rules, Action<DetectionRule, string> onTrouble)
    {
        _rules = rules;
        _onTrouble = onTrouble;
        _lookup = _candidates.GetAlternateLookup<ReadOnlySpan<byte>>();
        _everyRule = [.. Enumerable.Range(0, rules.Rules.Count)];
        _timeouts = new int[rules.Rules.Count];
        Context = new MatchContext(rules);
    }

    internal MatchContext Context { get; }

    internal CompiledRules Rules => _rules;

    /// <summary>Indexes of the rules that the captured event passes, in rule order, into <paramref name="matched"/>.</summary>
    internal void Match(List<int> matched)
    {
        matched.Clear();
        Context.Begin();
        foreach (var rule in Candidates())
        {
            if (Holds(rule))
                matched.Add(rule);
        }
    }

    private bool Holds(int rule)
    {
        if (_timeouts[rule] >= MaxTimeouts)
            return false;
        try
        {
            return _rules.Expressions[rule].Holds(Context);
        }
        catch (RegexMatchTimeoutException)
        {
            _onTrouble(_rules.Rules[rule], ++_timeouts[rule] < MaxTimeouts
                ? "a regular expression took too long on an event, which this rule could not judge; write it without nested repetition or look-around"
                : $"a regular expression took too long on {MaxTimeouts} events; the rule was not tried on the events after them");
            return false;
        }
        catch (TimeoutException)
        {
            _onTrouble(_rules.Rules[rule], "this machine was too busy to try a regular expression on an event, which this rule could not judge; run again");
            return false;
        }
    }

    private int[] Candidates()
    {
        if (_rules.TellingSlots.Length == 0)
            return _everyRule;
        var length = 0;
        foreach (var slot in _rules.TellingSlots)
        {
            var value = Context.Capture.First(slot);
            if (value >= 0)
            {
                // Several values, or one that is no short text: too many combinations to keep.
                if (Context.Capture.Next(value) >= 0)
                    return _everyRule;
                var text = Context.Capture.TextOf(value);
                if (text.Length > 100)
                    return _everyRule;
                if (length + text.Length + 2 > _key.Length)
                    Array.Resize(ref _key, (_key.Length * 2) + text.Length);
                _key[length++] = (byte)(1 + Context.Capture.KindOf(value));
                text.CopyTo(_key.AsSpan(length));
                length += text.Length;
            }

            _key[length++] = 0;
        }

        var key = _key.AsSpan(0, length);
        if (_lookup.TryGetValue(key, out var candidates))
            return candidates;
        if (_candidates.Count >= MaxCombinations)
            return _everyRule;
        candidates = Array.FindAll(_everyRule, MayHold);
        _candidates.Add(key.ToArray(), candidates);
        return candidates;
    }

    private bool MayHold(int rule)
    {
        try
        {
            return _rules.Expressions[rule].Partly(Context) != false;
        }
        catch (Exception e) when (e is RegexMatchTimeoutException or TimeoutException)
        {
            return true;
        }
    }
}
