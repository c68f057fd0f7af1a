using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Scanner.Aws;
using Scanner.Catalog;
using Scanner.Model;

namespace Scanner.Collect.Tables;

/// <summary>Collects one table in one account and region: rows go out as they are complete, failures into the log.</summary>
internal sealed class TableRun
{
    // Within one unit; the memo bounds the calls of a service.
    private const int ItemsAtOnce = 48;

    // AWS's messages are short; a hostile endpoint's need not be.
    private const int LongestReason = 1000;

    private static readonly JsonWriterOptions WriterOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly CollectionUnit _unit;
    private readonly CompiledTable _table;
    private readonly CallMemo _memo;
    private readonly CollectorOptions _options;
    private readonly Action<Resource> _emit;
    private readonly GivenRows _given;
    private readonly FailureLog _log;
    private readonly CollectionMeter _meter;
    private readonly Dictionary<(string Region, string Id), UInt128> _ids = [];
    private readonly Dictionary<(CompiledCall Call, JsonObject Item), (JsonNode? Answer, ResourceFailure? Failure)> _together = [];

    public TableRun(CollectionUnit unit, CallMemo memo, CollectorOptions options, Action<Resource> emit, GivenRows given, CollectionMeter meter)
    {
        _meter = meter;
        _given = given;
        _unit = unit;
        _table = unit.Table;
        _memo = memo;
        _options = options;
        _emit = emit;
        _log = new FailureLog(unit);
    }

    /// <summary>Collects; throws only when it is cancelled.</summary>
    public async Task<IReadOnlyList<CollectionStatus>> RunAsync(CancellationToken cancellation)
    {
        try
        {
            var scope = new ItemScope(_unit.Account.Api.Account, _unit.Region, _unit.Account.Partition);
            if (_table.Table.From is not null)
                await GivenAsync(scope, cancellation);
            else if (await PrepareAsync(cancellation))
                await ExpandAsync(scope, 0, cancellation);
        }
        catch (Exception e) when (!cancellation.IsCancellationRequested)
        {
            // Whatever goes wrong with one table must not take the others with it.
            _log.Table(_table.List.Operation, CollectionOutcome.Error, Reason($"{ErrorClassification.InternalError}: {e.GetType().Name}: {e.Message}"));
        }
        return _log.Statuses();
    }

    private async Task GivenAsync(ItemScope scope, CancellationToken cancellation)
    {
        var items = _given.Of(_unit, out var missing);
        foreach (var (outcome, operation, reason) in missing)
            _log.Table(operation, outcome, Reason(reason));
        foreach (var detail in _table.Each.Where(detail => detail.Call.ItemBatch is not null))
            await AskTogetherAsync(detail, items, scope, cancellation);
        await RowsAsync(items, scope, cancellation);
    }

    private async Task RowsAsync(IReadOnlyList<JsonObject> items, ItemScope scope, CancellationToken cancellation)
    {
        foreach (var detail in _table.Each)
            _meter.Expect(detail.Call.Service, items.Count);
        await ForEachAsync(items, (item, token) => RowAsync(item, scope, token), cancellation);
    }

    // Items that need the same call but for their elements share it, as many as AWS takes.
    private async Task AskTogetherAsync(CompiledCall compiled, IReadOnlyList<JsonObject> items, ItemScope outer, CancellationToken cancellation)
    {
        var batch = compiled.Call.ItemBatch!;
        var calls = new Dictionary<string, List<(JsonObject Item, AwsCall Call, JsonNode Element)>>(StringComparer.Ordinal);
        foreach (var item in items)
        {
            var scope = outer.WithItem(item);
            if (!compiled.BatchFrom!.TryFill(scope, out var element, out _) || element is null || !compiled.Parameters.TryFill(scope, out var parameters, out _))
                continue;
            var region = compiled.Region is not null && compiled.Region.TryFillText(scope, out var named, out _) && AwsPartition.IsRegionCode(named) ? named : _unit.Region;
            var call = new AwsCall(region, compiled.Call.Service, compiled.Call.Operation, parameters);
            var key = region + " " + ParameterText.Of(parameters);
            if (!calls.TryGetValue(key, out var same))
                calls[key] = same = [];
            same.Add((item, call, element));
        }
        foreach (var chunk in calls.Values.SelectMany(same => same.Chunk(batch.Size)))
        {
            ResourceFailure? failure = null;
            Dictionary<string, JsonNode?> answers = new(StringComparer.Ordinal);
            try
            {
                var parameters = (JsonObject)chunk[0].Call.Parameters.DeepClone();
                parameters[batch.Parameter] = new JsonArray([.. chunk.Select(one => one.Element.DeepClone())]);
                var reply = await _memo.CallAsync(_unit.Account.Api, chunk[0].Call with { Parameters = parameters });
                foreach (var answer in batch.Items.Find(reply) as JsonArray ?? throw new FormatException($"the reply has no list '{batch.Items}'"))
                    answers[TextTemplate.ScalarText((answer as JsonObject)?[batch.Key]) ?? ""] = answer;
            }
            catch (FormatException e)
            {
                failure = MalformedDetail(compiled, e.Message);
            }
            catch (Exception e) when (!cancellation.IsCancellationRequested)
            {
                var (outcome, reason) = Explain(e);
                failure = new ResourceFailure(compiled.Call.As!, outcome, compiled.Operation, reason);
            }
            foreach (var (item, _, element) in chunk)
            {
                var key = TextTemplate.ScalarText((element as JsonObject)?[batch.Key]) ?? "";
                _together[(compiled, item)] = failure is not null ? (null, failure)
                    : answers.TryGetValue(key, out var answer) ? (answer, null)
                    : (null, MalformedDetail(compiled, $"the reply says nothing of '{key}'"));
            }
        }
    }

    private async Task<bool> PrepareAsync(CancellationToken cancellation)
    {
        if (_table.Table.List.Prepare is not { } prepare)
            return true;
        var operation = $"{_table.Table.List.Service}:{prepare.Operation}";
        var call = new AwsCall(_unit.Region, _table.Table.List.Service, prepare.Operation, []);
        try
        {
            await _memo.OnceAsync(_unit.Account.Api, call, () => PollAsync(call, prepare, cancellation));
            return true;
        }
        catch (Exception e) when (!cancellation.IsCancellationRequested)
        {
            var (outcome, reason) = Explain(e);
            _log.Table(operation, outcome, reason);
            return false;
        }
    }

    private async Task<JsonObject> PollAsync(AwsCall call, TablePrepare prepare, CancellationToken cancellation)
    {
        for (var attempt = 1; ; attempt++)
        {
            var reply = await _memo.AskAsync(_unit.Account.Api, call);
            var waitingFor = prepare.Until.FirstOrDefault(pair =>
                !(ItemPath.TryParse(pair.Key, out var path) && TextTemplate.ScalarText(path.Find(reply)) is { } value && value == pair.Value));
            if (waitingFor.Key is null)
                return reply;
            if (attempt >= _options.PrepareAttempts)
            {
                throw new AwsApiException(call, CollectionOutcome.Error, ErrorClassification.NotReady,
                    $"{waitingFor.Key} was not {waitingFor.Value} after {attempt} calls");
            }
            await Task.Delay(_options.PrepareDelay, cancellation);
        }
    }

    private async Task ExpandAsync(ItemScope scope, int level, CancellationToken cancellation)
    {
        if (level == _table.Parents.Count)
        {
            await ListAsync(scope, null, cancellation);
            return;
        }
        var call = _table.Parents[level];
        var parents = await ReadAsync(call, scope, null, cancellation);
        if (_table.Table.List.Batch is { } batch && level + 1 == _table.Parents.Count)
        {
            var values = new List<JsonNode>();
            foreach (var parent in parents)
            {
                // {value} and {name.value} both: the parent's own members, and the parent by its name.
                if (_table.BatchFrom!.TryFill(scope.WithParent(call.Call.As!, parent).WithItem(parent), out var value, out var missing))
                    values.Add(value!);
                else
                    Malformed(call.Operation, $"a reply's item has no '{missing}', which {_table.List.Operation} needs");
            }
            await ForEachAsync(values.Chunk(batch.Size), (chunk, token) => ListAsync(scope, chunk, token), cancellation);
            return;
        }
        await ForEachAsync(parents, (parent, token) => ExpandAsync(scope.WithParent(call.Call.As!, parent), level + 1, token), cancellation);
    }

    private async Task ListAsync(ItemScope scope, JsonNode[]? batch, CancellationToken cancellation)
    {
        var items = await ReadAsync(_table.List, scope, batch, cancellation);
        if (_table.Each.Count > 0)
        {
            await RowsAsync(items, scope, cancellation);
            return;
        }
        foreach (var item in items)
            await RowAsync(item, scope, cancellation);
    }

    private static Task ForEachAsync<T>(IEnumerable<T> elements, Func<T, CancellationToken, Task> action, CancellationToken cancellation) =>
        Parallel.ForEachAsync(elements, new ParallelOptions { MaxDegreeOfParallelism = ItemsAtOnce, CancellationToken = cancellation },
            (element, token) => new ValueTask(action(element, token)));

    /// <summary>Makes a list or parent call. What failed is in the log; what was read before it failed is returned.</summary>
    private async Task<List<JsonObject>> ReadAsync(CompiledCall compiled, ItemScope scope, JsonNode[]? batch, CancellationToken cancellation)
    {
        var call = compiled.Call;
        JsonObject reply;
        try
        {
            if (!compiled.Parameters.TryFill(scope, out var parameters, out var missing))
            {
                Malformed(compiled.Operation, $"no '{missing}' to call it with");
                return [];
            }
            if (batch is not null)
            {
                parameters = (JsonObject)parameters.DeepClone();
                parameters[call.Batch!.Parameter] = new JsonArray([.. batch.Select(value => value.DeepClone())]);
            }
            reply = await _memo.CallAsync(_unit.Account.Api, new AwsCall(_unit.Region, call.Service, call.Operation, parameters));
        }
        catch (AwsApiException e) when (e.Partial is null && call.EmptyOn.Contains(e.Code, StringComparer.Ordinal))
        {
            return [];
        }
        catch (Exception e) when (!cancellation.IsCancellationRequested)
        {
            var (outcome, reason) = Explain(e);
            _log.Table(compiled.Operation, outcome, reason);
            if (e is not AwsApiException { Partial: { } partial })
                return [];
            reply = partial;
        }
        try
        {
            ReportFailures(compiled, reply);
            return ReplyItems.Read(reply, call);
        }
        catch (Exception e) when (e is FormatException or InvalidOperationException or ArgumentException or JsonException)
        {
            Malformed(compiled.Operation, e.Message);
            return [];
        }
    }

    // Some operations say with HTTP 200 what they could not read (ECS DescribeClusters).
    private void ReportFailures(CompiledCall compiled, JsonObject reply)
    {
        if (compiled.Call.Failures?.Find(reply) is not JsonArray { Count: > 0 } failures)
            return;
        var reasons = failures.Select(failure =>
            TextTemplate.ScalarText((failure as JsonObject)?["reason"]) ?? failure?.ToJsonString() ?? "no reason given");
        _log.Table(compiled.Operation, CollectionOutcome.Error, Reason("not read: " + string.Join(", ", reasons.Distinct(StringComparer.Ordinal))));
    }

    private async Task RowAsync(JsonObject item, ItemScope outer, CancellationToken cancellation)
    {
        Resource? resource;
        try
        {
            resource = await MakeRowAsync(item, outer, cancellation);
        }
        catch (Exception e) when (!cancellation.IsCancellationRequested)
        {
            // One broken item (a member twice, half a surrogate pair) costs the table its status, not the other rows.
            Malformed(_table.List.Operation, $"an item cannot be read: {e.Message}");
            return;
        }
        if (resource is null)
            return;
        foreach (var failure in resource.Failures)
            _log.Row(resource.Id, failure);
        // No fault of this scan, so that its statuses say nothing of it; who asks the store for more must hear of it.
        _emit(_table.NotAsked.Count == 0 ? resource : resource with { Failures = [.. resource.Failures, .. _table.NotAsked] });
    }

    private async Task<Resource?> MakeRowAsync(JsonObject item, ItemScope outer, CancellationToken cancellation)
    {
        var scope = outer.WithItem(item);
        var failures = await DetailsAsync(item, scope, cancellation);
        if (!_table.Id.TryFillText(scope, out var id, out var missing))
        {
            if (failures.Find(f => _table.Id.Paths.Any(path => path.Segments[0].Name == f.Detail)) is { } cause)
                _log.Table(cause.Operation, cause.Outcome, cause.Reason);
            else
                Malformed(_table.List.Operation, $"an item has no '{missing}', which identifies it");
            return null;
        }
        var region = _unit.StatusRegion;
        string? named = null;
        // A select says where its rows stand.
        if (_table.Table.From is not null ? (named = TextTemplate.ScalarText(item["region"])) is not null : _table.RowRegion is not null && _table.RowRegion.TryFillText(scope, out named, out _))
        {
            if (!AwsPartition.IsRegionCode(named) && named != CollectionStatus.Global)
            {
                Malformed(_table.List.Operation, $"'{named}' is not a region code");
                return null;
            }
            region = named;
        }
        var text = ItemText(item, scope);
        var digest = BinaryPrimitives.ReadUInt128LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
        lock (_ids)
        {
            if (!_ids.TryAdd((region, id), digest))
            {
                // Pages of a list that changes meanwhile can bring the same item again. Two that differ cannot both be true.
                if (_ids[(region, id)] != digest)
                    Malformed(_table.List.Operation, $"two items have the id '{id}'");
                return null;
            }
        }
        return new Resource(_table.Table.Name, _unit.Account.Api.Account, region, id, text, failures);
    }

    /// <summary>Asks for an item's details and gives them their names; those that failed, in the table's order.</summary>
    private async Task<List<ResourceFailure>> DetailsAsync(JsonObject item, ItemScope scope, CancellationToken cancellation)
    {
        var failures = new List<ResourceFailure>();
        foreach (var wave in _table.Waves)
        {
            // Their names are theirs from here on, whatever members the item has.
            foreach (var detail in wave)
                scope.SetDetail(detail.Call.As!, null);
            var answers = new Task<(JsonNode? Value, ResourceFailure? Failure)>[wave.Count];
            for (var i = 0; i < wave.Count; i++)
            {
                var detail = wave[i];
                // A detail that depends on one that failed was not left out because of what AWS said: it is not known either.
                answers[i] = failures.Find(f => detail.DependsOn.Contains(f.Detail, StringComparer.Ordinal)) is { } cause
                    ? Task.FromResult<(JsonNode?, ResourceFailure?)>((null, cause with { Detail = detail.Call.As! }))
                    : detail.Call.ItemBatch is not null ? Task.FromResult(_together.GetValueOrDefault((detail, item)))
                    : DetailAsync(detail, scope, cancellation);
            }
            await Task.WhenAll(answers);
            for (var i = 0; i < wave.Count; i++)
            {
                var (value, failure) = await answers[i];
                _meter.Answered(wave[i].Call.Service);
                scope.SetDetail(wave[i].Call.As!, value);
                if (failure is not null)
                    failures.Add(failure);
            }
        }
        if (failures.Count > 1)
            failures.Sort((one, other) => _table.OrderOf(one.Detail) - _table.OrderOf(other.Detail));
        return failures;
    }

    private async Task<(JsonNode? Value, ResourceFailure? Failure)> DetailAsync(CompiledCall compiled, ItemScope scope, CancellationToken cancellation)
    {
        var call = compiled.Call;
        foreach (var (path, values) in compiled.When)
        {
            // A value is a text, or one with {account}: what belongs to this account is asked here and nowhere else.
            if (TextTemplate.ScalarText(scope.Find(path)) is not { } value
                || !values.Any(wanted => wanted.TryFillText(scope, out var text, out _) && string.Equals(text, value, StringComparison.Ordinal)))
            {
                return (null, null);
            }
        }
        try
        {
            var region = _unit.Region;
            // A member that is not there means the region that is asked anyway (S3 of old leaves BucketRegion out), and so does what a select makes of that.
            if (compiled.Region is not null && compiled.Region.TryFillText(scope, out var named, out _) && named != CollectionStatus.Global)
            {
                if (!AwsPartition.IsRegionCode(named))
                    return (null, MalformedDetail(compiled, $"'{named}' is not a region code"));
                region = named;
            }
            if (!compiled.Parameters.TryFill(scope, out var parameters, out var missing))
                return (null, MalformedDetail(compiled, $"the item has no '{missing}' to call it with"));
            var api = _unit.Account.Api;
            if (compiled.Account is not null)
            {
                // Whose it is, is not known, or somebody's that is not part of the scan: not asked, and null.
                if (!compiled.Account.TryFillText(scope, out var owner, out _) || _given.Account(owner) is not { } other)
                    return (null, null);
                api = other;
            }
            var reply = await _memo.CallAsync(api, new AwsCall(region, call.Service, call.Operation, parameters) { FirstPageOnly = call.FirstPageOnly });
            return (ValueOf(call, reply), null);
        }
        catch (AwsApiException e) when (e.Partial is null && call.EmptyOn.Contains(e.Code, StringComparer.Ordinal))
        {
            return (call.ErrorIsValue ? new JsonObject { ["ErrorCode"] = e.Code } : null, null);
        }
        catch (FormatException e)
        {
            return (null, MalformedDetail(compiled, e.Message));
        }
        catch (Exception e) when (!cancellation.IsCancellationRequested)
        {
            var (outcome, reason) = Explain(e);
            return (null, new ResourceFailure(call.As!, outcome, compiled.Operation, reason));
        }
    }

    private static JsonNode? ValueOf(TableCall call, JsonObject reply)
    {
        if (call.Pairs is not { } pairs)
            return call.Take is null ? reply : call.Take.Find(reply);
        if (pairs.Items.Find(reply) is not JsonArray list)
            throw new FormatException($"the reply has no list '{pairs.Items}'");
        var o = new JsonObject();
        foreach (var pair in list)
        {
            if (TextTemplate.ScalarText((pair as JsonObject)?[pairs.Key]) is not { } key)
                throw new FormatException($"an element of '{pairs.Items}' has no '{pairs.Key}'");
            o[key] = ((JsonObject)pair!)[pairs.Value]?.DeepClone();
        }
        return o;
    }

    private string ItemText(JsonObject item, ItemScope scope)
    {
        var names = new Dictionary<string, JsonNode?>(StringComparer.Ordinal);
        scope.Names(names);
        var buffer = new ArrayBufferWriter<byte>(1024);
        using var writer = new Utf8JsonWriter(buffer, WriterOptions);
        writer.WriteStartObject();
        foreach (var (name, value) in item)
        {
            if (!names.ContainsKey(name))
                Write(name, value);
        }
        // Details in the table's order, whichever were asked first.
        foreach (var (name, value) in names.Where(pair => _table.OrderOf(pair.Key) < 0))
            Write(name, value);
        foreach (var call in _table.Each.DistinctBy(call => call.Call.As, StringComparer.Ordinal))
            Write(call.Call.As!, names[call.Call.As!]);
        writer.WriteEndObject();
        writer.Flush();
        return Encoding.UTF8.GetString(buffer.WrittenSpan);

        void Write(string name, JsonNode? value)
        {
            writer.WritePropertyName(name);
            if (value is null)
                writer.WriteNullValue();
            else
                value.WriteTo(writer);
        }
    }

    private void Malformed(string operation, string what) =>
        _log.Table(operation, CollectionOutcome.Error, Reason($"{ErrorClassification.MalformedReply}: {what}"));

    private static ResourceFailure MalformedDetail(CompiledCall call, string what) =>
        new(call.Call.As!, CollectionOutcome.Error, call.Operation, Reason($"{ErrorClassification.MalformedReply}: {what}"));

    private static (CollectionOutcome Outcome, string Reason) Explain(Exception e) => e is AwsApiException aws
        ? (aws.Outcome == CollectionOutcome.Ok ? CollectionOutcome.Error : aws.Outcome, Reason(aws.Message))
        : (CollectionOutcome.Error, Reason($"{ErrorClassification.InternalError}: {e.GetType().Name}: {e.Message}"));

    private static string Reason(string text) =>
        text.Length <= LongestReason ? text : string.Concat(text.AsSpan(0, LongestReason), "...");
}
