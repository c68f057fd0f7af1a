using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Loopback.Aws;

/// <summary>
/// A log group behind FilterLogEvents, in pages of which some are empty, and behind Logs Insights, whose queries run for a while and understand
/// <c>filter</c> with <c>@message like /.../</c>, <c>and</c>, <c>or</c> and brackets.
/// </summary>
public sealed class LogGroup
{
    private readonly ConcurrentDictionary<string, Query> _queries = new(StringComparer.Ordinal);
    private readonly string _name;
    private int _number;

    /// <summary>Stands behind the server's calls from now on.</summary>
    public LogGroup(AwsServer server, string name)
    {
        _name = name;
        server.Reply("logs", "FilterLogEvents", Page);
        server.Reply("logs", "StartQuery", Start);
        server.Reply("logs", "GetQueryResults", Results);
        server.Reply("logs", "StopQuery", request =>
        {
            Stopped.Enqueue(request["queryId"]!);
            return new JsonObject { ["success"] = true };
        });
    }

    /// <summary>What is in it.</summary>
    public List<(DateTimeOffset Time, string Message)> Events { get; } = [];

    /// <summary>Events on a page of FilterLogEvents.</summary>
    public int PageSize { get; set; } = 7;

    /// <summary>How often a query is still running when it is looked at.</summary>
    public int Looks { get; set; } = 2;

    /// <summary>The state in which queries end.</summary>
    public string EndsAs { get; set; } = "Complete";

    /// <summary>Most rows of a query, whatever it asks for.</summary>
    public int MostRows { get; set; } = 10_000;

    /// <summary>Queries in the order in which they came.</summary>
    public IReadOnlyList<string> Queries => [.. _queries.Values.OrderBy(query => query.Number).Select(query => query.Text)];

    /// <summary>Ids of the queries that were told to stop.</summary>
    public ConcurrentQueue<string> Stopped { get; } = new();

    private JsonObject Page(AwsRequest request)
    {
        Find(request["logGroupName"] ?? request["logGroupIdentifier"]);
        var (from, to) = (Number(request, "startTime"), Number(request, "endTime"));
        var all = Events.Where(one => one.Time.ToUnixTimeMilliseconds() >= from && one.Time.ToUnixTimeMilliseconds() <= to).OrderBy(one => one.Time).ToList();
        // A page without an event, and one more behind it, as CloudWatch Logs does where streams were searched in vain.
        var token = request["nextToken"];
        if (token is null)
            return new JsonObject { ["events"] = new JsonArray(), ["searchedLogStreams"] = new JsonArray(), ["nextToken"] = "0" };
        var start = int.Parse(token, CultureInfo.InvariantCulture);
        var reply = new JsonObject
        {
            ["events"] = new JsonArray([.. all.Skip(start).Take(PageSize).Select((one, i) => (JsonNode)new JsonObject
            {
                ["logStreamName"] = "stream",
                ["timestamp"] = one.Time.ToUnixTimeMilliseconds(),
                ["message"] = one.Message,
                ["eventId"] = (start + i).ToString(CultureInfo.InvariantCulture),
            })]),
            ["searchedLogStreams"] = new JsonArray(),
        };
        if (start + PageSize < all.Count)
            reply["nextToken"] = (start + PageSize).ToString(CultureInfo.InvariantCulture);
        return reply;
    }

    private JsonObject Start(AwsRequest request)
    {
        Find(request["logGroupName"] ?? (request.Parameters["logGroupIdentifiers"] as JsonArray)?[0]?.ToString());
        var text = request["queryString"] ?? "";
        if (text.Length > 10_000)
            throw new AwsError("MalformedQueryException", 400, "the query is too long");
        var number = Interlocked.Increment(ref _number);
        var id = number.ToString(CultureInfo.InvariantCulture);
        _queries[id] = new Query(number, text, Number(request, "startTime"), Number(request, "endTime"));
        return new JsonObject { ["queryId"] = id };
    }

    private JsonObject Results(AwsRequest request)
    {
        var query = _queries[request["queryId"]!];
        if (query.Look() <= Looks)
            return new JsonObject { ["status"] = query.Looked == 1 ? "Scheduled" : "Running", ["results"] = new JsonArray() };
        if (EndsAs is "Failed")
            return new JsonObject { ["status"] = EndsAs, ["results"] = new JsonArray() };
        var filter = query.Text.Split("| filter ", 2)[1].Split(" | limit ")[0];
        var within = Events.Where(one => one.Time.ToUnixTimeSeconds() >= query.From && one.Time.ToUnixTimeSeconds() <= query.To).ToList();
        var holds = new Condition(filter).Read();
        var rows = within.Where(one => holds(one.Message)).OrderByDescending(one => one.Time).Take(MostRows);
        return new JsonObject
        {
            ["status"] = EndsAs,
            ["statistics"] = new JsonObject { ["recordsScanned"] = within.Count, ["recordsMatched"] = 1, ["bytesScanned"] = within.Sum(one => one.Message.Length) },
            ["results"] = new JsonArray([.. rows.Select(one => (JsonNode)new JsonArray(
                new JsonObject { ["field"] = "@timestamp", ["value"] = one.Time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss.fff", CultureInfo.InvariantCulture) },
                new JsonObject { ["field"] = "@message", ["value"] = one.Message },
                new JsonObject { ["field"] = "@ptr", ["value"] = "p" }))]),
        };
    }

    private void Find(string? name)
    {
        if (name != _name && name?.EndsWith(":log-group:" + _name, StringComparison.Ordinal) != true)
            throw new AwsError("ResourceNotFoundException", 400, "The specified log group does not exist.");
    }

    private static long Number(AwsRequest request, string name) => long.Parse(request[name]!, CultureInfo.InvariantCulture);

    /// <summary>A condition of Logs Insights over messages, read once, as its user guide describes the operators.</summary>
    private sealed class Condition(string text)
    {
        private int _at;

        public Func<string, bool> Read()
        {
            var holds = Or();
            return _at == text.Length ? holds : throw new InvalidOperationException($"at {_at} of {text}");
        }

        private Func<string, bool> Or()
        {
            List<Func<string, bool>> some = [And()];
            while (Takes(" or "))
                some.Add(And());
            return message => some.Exists(one => one(message));
        }

        private Func<string, bool> And()
        {
            List<Func<string, bool>> all = [One()];
            while (Takes(" and "))
                all.Add(One());
            return message => all.TrueForAll(one => one(message));
        }

        private Func<string, bool> One()
        {
            if (Takes("("))
            {
                var holds = Or();
                return Takes(")") ? holds : throw new InvalidOperationException($"no bracket at {_at} of {text}");
            }

            if (!Takes("@message like /"))
                throw new InvalidOperationException($"no test at {_at} of {text}");
            var start = _at;
            for (; text[_at] != '/'; _at++)
            {
                if (text[_at] == '\\')
                    _at++;
            }

            return new Regex(text[start.._at++], RegexOptions.CultureInvariant, TimeSpan.FromSeconds(5)).IsMatch;
        }

        private bool Takes(string word)
        {
            if (string.CompareOrdinal(text, _at, word, 0, word.Length) != 0)
                return false;
            _at += word.Length;
            return true;
        }
    }

    private sealed class Query(int number, string text, long from, long to)
    {
        private int _looks;

        public int Number => number;

        public string Text => text;

        public long From => from;

        public long To => to;

        public int Looked => _looks;

        public int Look() => Interlocked.Increment(ref _looks);
    }
}
