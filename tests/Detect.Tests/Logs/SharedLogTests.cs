using System.Globalization;
using System.Text;
using Scanner.Detect.Matching;
using Scanner.Detect.Rules;
using Scanner.Model;

namespace Detect.Tests.Logs;

/// <summary>One large log of JSON lines is read by several threads: what comes of it is what one thread says.</summary>
public class SharedLogTests
{
    private static readonly RuleSet Rules = RuleSet.Parse("r.yml", """
        title: hit
        id: h
        name: hit
        logsource: {product: aws, service: cloudtrail}
        detection: {s: {eventName: Hit}, condition: s}
        ---
        title: many
        id: m
        correlation: {type: event_count, rules: [hit], group-by: [userIdentity.arn], timespan: 1m, condition: {gte: 3}, generate: true}
        """);

    private static string Line(int number) => string.Create(CultureInfo.InvariantCulture,
        $$"""{"eventVersion":"1.11","userIdentity":{"type":"IAMUser","arn":"arn:aws:iam::111122223333:user/u{{number % 7}}"},"eventTime":"2026-11-24T{{number / 3600 % 24:00}}:{{number / 60 % 60:00}}:{{number % 60:00}}Z","eventSource":"iam.amazonaws.com","eventName":"{{(number % 5 == 0 ? "Hit" : "Other")}}","eventID":"{{number:00000000}}-0000-4000-8000-000000000000","requestParameters":{"text":"}\\n{","fill":"{{new string('x', number % 400)}}"},"recipientAccountId":"111122223333"}""");

    private static async Task<(List<string> Matches, DetectionRunResult Result)> Read(byte[] content, int threads, int partBytes, int maxRecord = 120 << 20)
    {
        var matches = new List<string>();
        var options = new DetectorOptions { Parallelism = threads, PartBytes = partBytes, MaxRecordBytes = maxRecord };
        var result = await new Detector(Rules, options).RunAsync(
            [new LogFile("log.jsonl", () => new MemoryStream(content))],
            match => matches.Add($"{match.Rule.Id} {match.EventId} {match.File} {match.Record} {match.Offset} {string.Join(',', match.Events.Select(e => e.Record))}"), TestContext.Current.CancellationToken);
        return (matches, result);
    }

    private static async Task Same(byte[] content, int partBytes, bool isComplete = true, int maxRecord = 120 << 20)
    {
        var (alone, one) = await Read(content, 1, partBytes, maxRecord);
        var (together, several) = await Read(content, Math.Max(2, Environment.ProcessorCount), partBytes, maxRecord);
        Assert.NotEmpty(alone);
        Assert.Equal(alone, together);
        Assert.Equal(one.Events, several.Events);
        Assert.Equal(one.Bytes, several.Bytes);
        Assert.Equal(one.Matches, several.Matches);
        Assert.Equal(one.FileErrors, several.FileErrors);
        Assert.Equal(one.Besides, several.Besides);
        Assert.Equal(one.NewestEvents, several.NewestEvents);
        Assert.Equal(isComplete, several.IsComplete);
    }

    private static byte[] Bytes(IEnumerable<string> lines, string end = "\n") => Encoding.UTF8.GetBytes(string.Concat(lines.Select(line => line + end)));

    [Theory]
    [InlineData("\n", 1 << 14)]
    [InlineData("\r\n", 1 << 16)]
    [InlineData("\n\n", 1 << 19)]
    public async Task Several_threads_find_what_one_finds(string end, int partBytes)
    {
        var content = Bytes(Enumerable.Range(0, 6_000).Select(Line), end);
        await Same(content, partBytes);
        await Same(Gzip.Of(content), partBytes);
        await Same([0xef, 0xbb, 0xbf, .. content], partBytes);
    }

    [Fact]
    public async Task What_is_wrong_has_the_number_of_its_record()
    {
        var lines = Enumerable.Range(0, 6_000).Select(Line).ToList();
        lines[4_200] = lines[4_200][..100];
        lines[5_100] = "{\"some\":\"thing\"}";
        await Same(Bytes(lines), 1 << 14, isComplete: false);
        await Same(Gzip.Of(Bytes(lines)), 1 << 14, isComplete: false);
        // Cut off in the middle, and damaged.
        await Same(Bytes(lines)[..1_000_000], 1 << 14, isComplete: false);
        await Same(Gzip.Of(Bytes(lines))[..^5], 1 << 14, isComplete: false);
    }

    [Fact]
    public async Task Reading_that_fails_is_said_at_its_place_after_what_is_wrong_before_it()
    {
        var lines = Enumerable.Range(0, 6_000).Select(Line).ToList();
        lines[1_200] = lines[1_200][..100];
        var damaged = Gzip.Of(Bytes(lines));
        damaged.AsSpan(damaged.Length * 3 / 4, 200).Clear();
        var (matches, result) = await Read(damaged, 2, 1 << 14);
        Assert.True(matches.Count > 500);
        var error = Assert.Single(result.FileErrors).Message;
        Assert.Contains("in record 1201", error, StringComparison.Ordinal);
        Assert.Contains("more defect", error, StringComparison.Ordinal);
        var (_, alone) = await Read(Gzip.Of(Bytes(lines.Skip(1_201)))[..^5_000], 2, 1 << 14);
        Assert.Matches("byte [1-9][0-9]+: ", Assert.Single(alone.FileErrors).Message);
    }

    [Fact]
    public async Task What_goes_on_without_lines_is_one_part()
    {
        var lines = Enumerable.Range(0, 6_000).Select(Line).ToList();
        var content = Encoding.UTF8.GetBytes(string.Join('\n', lines.Take(2_000)) + "\n" + $"{{\"Records\":[{string.Join(',', lines.Skip(2_000))}]}}");
        await Same(content, 1 << 14);
        await Same(Gzip.Of(content), 1 << 14);
    }
}
