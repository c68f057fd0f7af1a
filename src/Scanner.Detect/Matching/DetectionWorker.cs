using System.Buffers;
using System.Globalization;
using System.Text;
using Scanner.Detect.Correlation;
using Scanner.Detect.Logs;
using Scanner.Detect.Rules;
using Scanner.Model;

namespace Scanner.Detect.Matching;

/// <summary>Matches events of one source on one thread, and makes matches and hits of what passes.</summary>
internal sealed class DetectionWorker
{
    private const int MaxEventBytes = 1 << 20;
    private const int MaxEventDepth = 60;
    private const int TimeLength = 20;
    private const int AccountLength = 12;
    private const int MaxAccounts = 10_000;

    private readonly CompiledRules _rules;
    private readonly RuleMatcher _matcher;
    private readonly HitWriter _hits;
    private readonly DetectorOptions _options;
    private readonly List<int> _matched = [];
    private readonly Dictionary<DetectionRule, int> _indexes = new(ReferenceEqualityComparer.Instance);
    private readonly int[] _hitRules;
    private readonly int[][] _hitSlots;
    private readonly int _account;
    private readonly int _region;
    private readonly Dictionary<byte[], string> _texts = new(ByteKeys.Instance);
    private readonly Dictionary<byte[], string>.AlternateLookup<ReadOnlySpan<byte>> _textLookup;
    private readonly Dictionary<byte[], byte[]> _newest = new(ByteKeys.Instance);
    private readonly Dictionary<byte[], byte[]>.AlternateLookup<ReadOnlySpan<byte>> _newestLookup;
    private readonly EventEnvelope _envelope;
    private byte[]? _inner;
    private readonly byte[] _lastAccount = new byte[AccountLength];
    private readonly byte[] _lastTime = new byte[TimeLength];

    internal DetectionWorker(CompiledRules rules, CorrelationPlan plan, HitLog log, DetectorOptions options, Action<DetectionRule, string> onTrouble)
    {
        _rules = rules;
        _textLookup = _texts.GetAlternateLookup<ReadOnlySpan<byte>>();
        _newestLookup = _newest.GetAlternateLookup<ReadOnlySpan<byte>>();
        _options = options;
        _envelope = new EventEnvelope(rules.Source);
        _matcher = new RuleMatcher(rules, onTrouble);
        _hitRules = [.. rules.Rules.Select(plan.IndexOf)];
        for (var i = 0; i < rules.Rules.Count; i++)
            _indexes[rules.Rules[i]] = i;
        // What is told of an event is no field of it: its number, from the end of what are no slots.
        _hitSlots = [.. rules.Rules.Select(rule => plan.FieldsOf(rule).Select(field => ShownFacts.Names.IndexOf(field) is >= 0 and var shown ? ~shown : rules.Trie.SlotOf(field)).ToArray())];
        _hits = log.Open(new ShownFacts(rules.Trie));
        _account = rules.Trie.SlotOf(CorrelationPlan.Account);
        _region = rules.Trie.SlotOf(CorrelationPlan.Region);
        Reader = new EventReader(Capture, rules.Source, options.LargeRecordBytes, options.MaxRecordBytes);
    }

    internal EventReader Reader { get; }

    internal EventCapture Capture => _matcher.Context.Capture;

    /// <summary>When the newest event of each account was.</summary>
    internal IEnumerable<(string Account, DateTimeOffset Time)> Newest
    {
        get
        {
            foreach (var (account, text) in _newest)
            {
                if (DateTimeOffset.TryParse(Encoding.UTF8.GetString(text), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time))
                    yield return (Encoding.UTF8.GetString(account), time);
            }
        }
    }

    /// <summary>Fields that are captured besides those that rules test.</summary>
    internal static IEnumerable<string> AlsoCaptured(CorrelationPlan plan, IEnumerable<DetectionRule> rules) =>
        rules.SelectMany(plan.FieldsOf).Except(ShownFacts.Names).Append(CorrelationPlan.Account).Append(CorrelationPlan.Region).Concat(ShownFacts.Fields);

    /// <summary>What records of the file were that are no event, and how many; by what they seem to be.</summary>
    internal Dictionary<string, StrangeRecords> Strange { get; } = new(StringComparer.Ordinal);

    /// <summary>How many events of the file lack what rules ask for most.</summary>
    internal long Thin { get; private set; }

    /// <summary>Forgets what was said of the file before.</summary>
    internal void Begin()
    {
        Strange.Clear();
        Thin = 0;
    }

    /// <summary>Takes what other threads have found strange in the file.</summary>
    internal void Add(SharedLog shared)
    {
        foreach (var (kind, strange) in shared.Strange)
            Strange[kind] = strange;
        Thin += shared.Thin;
    }

    /// <summary>Looks at the record that the capture holds.</summary>
    /// <returns>How many events are in it.</returns>
    internal int Read(int file, string fileName, EventPlace place, Action<DetectionMatch> onMatch)
    {
        if (!IsEvent() && _rules.Source == LogSource.CloudTrail)
            Unwrap();
        if (Reader.IsConverted || IsEvent())
        {
            Look(file, fileName, place, onMatch);
            return 1;
        }

        var events = _envelope.Open(Capture.Buffer.AsMemory(Capture.Start, Capture.Position - Capture.Start));
        foreach (var json in events)
        {
            if (Capture.Scan(json, 0, json.Length, wrappers: false) == JsonEnd.Complete)
                Look(file, fileName, place, onMatch);
        }

        if (_envelope.IsThin)
            Thin += events.Count;
        if (_envelope.Strange is { } kind)
            StrangeRecords.Add(Strange, kind, new StrangeRecords(1, place.Record, _envelope.IsBesides));

        return events.Count;
    }

    /// <summary>Whether the event has a name.</summary>
    internal bool HasName => Capture.IsPresent(_rules.EventName);

    private bool IsEvent()
    {
        foreach (var slot in _rules.Record)
        {
            if (Capture.IsPresent(slot))
                return true;
        }

        // A summary of data events has a source and a type too, and is none of the events that it counts.
        return _rules.Source == LogSource.CloudTrail && Capture.IsPresent(_rules.EventSource) && Capture.IsPresent(_rules.EventType)
            && !Capture.TextOf(Capture.First(_rules.EventType)).SequenceEqual(EventEnvelope.Aggregated);
    }

    /// <summary>Looks at the event that the capture holds, whatever it is.</summary>
    internal void Look(int file, string fileName, EventPlace place, Action<DetectionMatch> onMatch)
    {
        if (_rules.Source == LogSource.CloudTrail)
            NoteTime();
        _matcher.Match(_matched);
        if (_matched.Count == 0 || Capture.BrokenAt >= 0)
            return;
        string? id = null, time = null, account = null, region = null, json = null;
        bool known = false, begun = false;
        foreach (var index in _matched)
        {
            if (_hitRules[index] >= 0)
            {
                if (!begun)
                    _hits.Begin(file, place, Capture, _rules.EventId, _rules.EventTime);
                begun = true;
                _hits.Add(_hitRules[index], Capture, _hitSlots[index]);
            }

            if (!_rules.Rules[index].Reports)
                continue;
            if (!known)
            {
                known = true;
                id = _rules.EventId < 0 ? null : Capture.StringOf(_rules.EventId);
                time = Values(_rules.EventTime);
                account = Values(_account);
                region = Values(_region);
            }

            if (_options.IncludeEvents)
                json ??= Json();
            onMatch(new DetectionMatch
            {
                Rule = _rules.Rules[index],
                EventId = id,
                EventTime = time,
                File = fileName,
                Record = place.Record,
                Offset = place.Offset,
                Event = json,
                Account = account,
                Region = region,
            });
        }
    }

    /// <summary>Takes the event that the capture holds as one that matches these rules, as somebody else has found.</summary>
    internal void Take(int file, EventPlace place, IEnumerable<DetectionRule> matched)
    {
        _hits.Begin(file, place, Capture, _rules.EventId, _rules.EventTime);
        foreach (var rule in matched)
        {
            var index = _indexes[rule];
            if (_hitRules[index] >= 0)
                _hits.Add(_hitRules[index], Capture, _hitSlots[index]);
        }
    }

    /// <summary>
    /// CloudTrail writes times in one form, <c>2026-11-20T06:30:00Z</c>, whose order is that of its bytes; others are passed over.
    /// </summary>
    private void NoteTime()
    {
        var account = Capture.First(_account);
        var time = Capture.First(_rules.EventTime);
        if (account < 0 || time < 0 || Capture.KindOf(account) != EventCapture.Kind.Text || Capture.KindOf(time) != EventCapture.Kind.Text)
            return;
        var text = Capture.TextOf(time);
        var id = Capture.TextOf(account);
        // Events of one second and account stand together as a rule.
        if (text.SequenceEqual(_lastTime) && id.SequenceEqual(_lastAccount))
            return;
        if (text.Length != TimeLength || text[^1] != (byte)'Z' || id.Length != AccountLength)
            return;
        text.CopyTo(_lastTime);
        id.CopyTo(_lastAccount);
        if (!_newestLookup.TryGetValue(id, out var newest))
        {
            // Hostile logs cannot fill the memory with accounts.
            if (_newest.Count < MaxAccounts)
                _newest.Add(id.ToArray(), text.ToArray());
        }
        else if (text.SequenceCompareTo(newest) > 0)
        {
            text.CopyTo(newest);
        }
    }

    private string? Values(int slot)
    {
        var capture = Capture;
        var value = capture.First(slot);
        string? text = null;
        for (; value >= 0; value = capture.Next(value))
        {
            if (capture.KindOf(value) is EventCapture.Kind.Null or EventCapture.Kind.EmptyArray)
                continue;
            var one = Shared(capture.TextOf(value));
            text = text is null ? one : text + CorrelationPlan.Separator + one;
        }

        return text;
    }

    /// <summary>Regions, names and seconds come again and again: one string serves all events.</summary>
    private string Shared(ReadOnlySpan<byte> text)
    {
        if (_textLookup.TryGetValue(text, out var shared))
            return shared;
        shared = Encoding.UTF8.GetString(text);
        if (text.Length <= 200)
        {
            if (_texts.Count >= 20_000)
                _texts.Clear();
            _texts.Add(text.ToArray(), shared);
        }

        return shared;
    }

    private string? Json()
    {
        var json = Capture.Buffer.AsSpan(Capture.Start, Capture.Position - Capture.Start);
        if (json.Length > MaxEventBytes)
            return null;
        var reader = new System.Text.Json.Utf8JsonReader(json, new System.Text.Json.JsonReaderOptions { MaxDepth = MaxEventDepth });
        try
        {
            while (reader.Read())
            {
                // Skipped parts have not been checked for being JSON; who gets the event may rely on it.
            }
        }
        catch (System.Text.Json.JsonException)
        {
            return null;
        }

        return Encoding.UTF8.GetString(json);
    }

    /// <summary>
    /// Captures the event that is in an envelope in place of it, where it is whole. An EventBridge envelope has it under
    /// <c>detail</c>; LookupEvents gives it as text under <c>CloudTrailEvent</c>, and CloudWatch Logs under <c>message</c>.
    /// </summary>
    internal void Unwrap()
    {
        var capture = Capture;
        var value = capture.First(_rules.Detail);
        if (value >= 0 && capture.KindOf(value) == EventCapture.Kind.Container)
        {
            var (start, length) = capture.RangeOf(value);
            if (capture.Buffer[start] == (byte)'{')
                _ = capture.Scan(capture.Buffer, start, start + length, wrappers: false);
            return;
        }

        foreach (var slot in new[] { _rules.CloudTrailEvent, _rules.Message })
        {
            value = capture.First(slot);
            if (value < 0 || capture.KindOf(value) is not (EventCapture.Kind.Text or EventCapture.Kind.EscapedText))
                continue;
            var text = capture.TextOf(value);
            if (text.Length == 0 || text[0] != (byte)'{')
                continue;
            // The text stands in the capture's own scratch space, which the next scan uses again.
            if (_inner is null || _inner.Length < text.Length)
                _inner = new byte[Math.Max(text.Length, 4096)];
            text.CopyTo(_inner);
            _ = capture.Scan(_inner, 0, text.Length, wrappers: false);
            return;
        }
    }
}
