using System.Text;
using CsCheck;
using Scanner.Detect.Matching;
using Scanner.Detect.Rules;
using Scanner.Model;

namespace Detect.Tests.Logs;

/// <summary>Logs in every form, and logs that are broken in every way: what is whole is matched, what is wrong is said.</summary>
public class EventReaderTests
{
    private static readonly RuleSet Rules = RuleSet.Parse("r.yml", "title: hit\nid: h\nlogsource: {product: aws, service: cloudtrail}\ndetection: {s: {eventName: Hit}, condition: s}\n");

    private static string Event(int number, string name = "Hit") => $$$"""{"eventVersion":"1.08","userIdentity":{"type":"Root","a":["x}\"]",{"b":null}]},"eventName":"{{{name}}}","eventID":"{{{number}}}","n":-1.5e3,"t":true}""";

    private static async Task<(List<string?> Ids, DetectionRunResult Result)> Read(byte[] content, DetectorOptions? options = null)
    {
        var ids = new List<string?>();
        var result = await new Detector(Rules, options).RunAsync([new LogFile("log.json", () => new Trickle(content))], match => ids.Add(match.EventId), TestContext.Current.CancellationToken);
        return (ids, result);
    }

    private static Task<(List<string?> Ids, DetectionRunResult Result)> Read(string content, DetectorOptions? options = null) => Read(Encoding.UTF8.GetBytes(content), options);

    [Theory]
    [InlineData("{\"Records\":[A,B,C]}")]
    [InlineData("{\"x\":[1],\"Records\" : [ A , B,\n C ] , \"next\":\"token\" }")]
    [InlineData("A\nB\r\nC\n")]
    [InlineData("A B C")]
    [InlineData("[A,B,C]")]
    [InlineData("[]\n{\"Records\":[]}{\"Records\":[A]}{\"Records\":[B,C]}")]
    [InlineData("{\"version\":\"0\",\"detail-type\":\"AWS API Call via CloudTrail\",\"detail\":A}\n{\"detail\":B}{\"detail\":C}")]
    [InlineData("\ufeffA\nB\nC")]
    public async Task Every_form_of_log_is_read(string form)
    {
        var text = form.Replace("A", Event(1), StringComparison.Ordinal).Replace("B", Event(2), StringComparison.Ordinal).Replace("C", Event(3), StringComparison.Ordinal);
        text = text.Replace(Event(1) + "WS", "AWS", StringComparison.Ordinal).Replace(Event(1) + "PI", "API", StringComparison.Ordinal).Replace(" " + Event(3) + "all", " Call", StringComparison.Ordinal).Replace(Event(3) + "loudTrail", "CloudTrail", StringComparison.Ordinal);
        foreach (var content in new[] { Encoding.UTF8.GetBytes(text), Gzip.Of(Encoding.UTF8.GetBytes(text)) })
        {
            var (ids, result) = await Read(content);
            Assert.Empty(result.FileErrors);
            Assert.Equal(["1", "2", "3"], ids);
            Assert.True(result.IsComplete);
        }
    }

    /// <summary>Such a part is scanned when a rule asks for it, after the event was found to be whole.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_event_with_a_part_that_is_no_JSON_is_said_and_not_counted_as_an_object_and_as_text(bool isText)
    {
        const string Broken = "{\"eventVersion\":\"1.08\",\"eventName\":\"Hit\",\"eventID\":\"1\",\"requestParameters\":{\"name\" \"x\"}}";
        var rules = RuleSet.Parse("r.yml", "title: hit\nid: h\nlogsource: {product: aws, service: cloudtrail}\ndetection: {s: {eventName: Hit, requestParameters.name|contains: x}, condition: s}\n");
        var content = Encoding.UTF8.GetBytes($"[{(isText ? System.Text.Json.JsonSerializer.Serialize(Broken) : Broken)}]");

        var result = await new Detector(rules).RunAsync([new LogFile("log.json", () => new Trickle(content))], match => Assert.Fail(match.Record.ToString(System.Globalization.CultureInfo.InvariantCulture)), TestContext.Current.CancellationToken);

        Assert.Contains("not JSON, in record 1", Assert.Single(result.FileErrors).Message, StringComparison.Ordinal);
        Assert.Equal(0, result.Events);
        Assert.False(result.IsComplete);
    }

    [Fact]
    public async Task Replies_of_LookupEvents_and_exports_of_log_groups_are_read()
    {
        var inner = System.Text.Json.JsonSerializer.Serialize(Event(1));
        var other = System.Text.Json.JsonSerializer.Serialize(Event(2));
        var (ids, result) = await Read($$"""{"Events":[{"EventId":"x","EventName":"y","CloudTrailEvent":{{inner}}}]}""" + $$"""{"logEvents":[{"id":"1","message":{{other}}}]}""");
        Assert.Empty(result.FileErrors);
        Assert.Equal(["1", "2"], ids);
    }

    [Fact]
    public async Task A_gz_file_of_several_members_is_read_whole()
    {
        var (ids, result) = await Read([.. Gzip.Of(Encoding.UTF8.GetBytes(Event(1))), .. Gzip.Of(Encoding.UTF8.GetBytes(Event(2)))]);
        Assert.Equal(["1", "2"], ids);
        Assert.True(result.IsComplete);
    }

    [Theory]
    [InlineData("{\"Records\":[A,B", "ends within its list of records")]
    [InlineData("{\"Records\":[A,B,{\"eventName\":\"Hit\",\"eventI", "ends in the middle of record 3")]
    [InlineData("A\nB\n{\"eventName\":\"Hi", "ends in the middle")]
    [InlineData("A\n{\"eventName\":\"Hit\",\nB", "not JSON")]
    [InlineData("A\n{\"eventName\":\"Hi\nB", "not JSON")]
    [InlineData("A\nnonsense\nB", "not JSON")]
    [InlineData("{\"Records\":[A,{\"eventName\":oops},B]}", "not JSON, in record 2")]
    [InlineData("{\"Records\":[A,{\"eventName\":\"x},B]}", "")]
    [InlineData("{\"Records\":[A,null,B]}", "no JSON object")]
    [InlineData("{\"Records\":[A,\"{\",B]}", "record 2 is no event")]
    [InlineData("{\"Records\":[A,B]", "")]
    public async Task What_is_whole_is_matched_and_what_is_wrong_is_one_line(string form, string expected)
    {
        var text = form.Replace("A", Event(1), StringComparison.Ordinal).Replace("B", Event(2), StringComparison.Ordinal);
        var (ids, result) = await Read(text);
        Assert.Equal(["1", "2"], ids);
        var error = Assert.Single(result.FileErrors);
        Assert.Equal("log.json", error.File);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.False(result.IsComplete);
    }

    [Fact]
    public async Task A_truncated_gz_file_gives_what_was_before_the_end()
    {
        var text = "{\"Records\":[" + string.Join(',', Enumerable.Range(0, 5_000).Select(i => Event(i))) + "]}";
        var gz = Gzip.Of(Encoding.UTF8.GetBytes(text));
        var (ids, result) = await Read(gz[..(gz.Length / 2)]);
        Assert.InRange(ids.Count, 1_000, 4_999);
        Assert.Single(result.FileErrors);
        // Cut within the check sum at the very end: every event is there, and the file is not whole.
        (ids, result) = await Read(gz[..^5]);
        Assert.Equal(5_000, ids.Count);
        Assert.Single(result.FileErrors);
    }

    [Fact]
    public async Task A_damaged_gz_file_gives_what_was_before_the_damage()
    {
        var text = string.Join('\n', Enumerable.Range(0, 50_000).Select(i => Event(i)));
        var gz = Gzip.Of(Encoding.UTF8.GetBytes(text));
        gz.AsSpan(gz.Length / 2, 50).Fill(0xff);
        var (ids, result) = await Read(gz);
        Assert.InRange(ids.Count, 1_000, 49_999);
        Assert.Single(result.FileErrors);
    }

    [Fact]
    public async Task Utf_16_is_read_and_said()
    {
        foreach (var encoding in new Encoding[] { Encoding.Unicode, Encoding.BigEndianUnicode })
        {
            foreach (var preamble in new[] { encoding.GetPreamble(), [] })
            {
                var (ids, result) = await Read([.. preamble, .. encoding.GetBytes(Event(1) + "\n" + Event(2))]);
                Assert.Equal(["1", "2"], ids);
                Assert.Contains("UTF-16", Assert.Single(result.FileErrors).Message, StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public async Task Invalid_utf_8_is_said_and_the_record_looked_at()
    {
        byte[] broken = [.. "{\"eventName\":\"Hit\",\"eventID\":\"1\",\"x\":\""u8, 0xff, 0xfe, .. "\"}\n"u8, .. Encoding.UTF8.GetBytes(Event(2))];
        var (ids, result) = await Read(broken);
        Assert.Equal(["1", "2"], ids);
        Assert.Contains("UTF-8", Assert.Single(result.FileErrors).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("<html>")]
    public async Task A_file_without_events_is_said(string content)
    {
        var (ids, result) = await Read(content);
        Assert.Empty(ids);
        Assert.Single(result.FileErrors);
    }

    [Fact]
    public async Task Depth_without_end_is_no_trouble()
    {
        var bomb = new string('[', 200_000) + new string(']', 200_000);
        var objects = string.Concat(Enumerable.Repeat("{\"eventName\":", 100_000)) + "1" + new string('}', 100_000);
        var (ids, result) = await Read($$"""{"eventName":"Hit","eventID":"1","x":{{bomb}},"requestParameters":{{objects}}}""" + "\n" + objects + "\n" + Event(2));
        Assert.Equal(["1", "2"], ids);
        Assert.Empty(result.FileErrors);
    }

    [Fact]
    public async Task A_very_large_record_is_looked_at_and_said_and_one_beyond_the_limit_is_skipped()
    {
        var options = new DetectorOptions { LargeRecordBytes = 100_000, MaxRecordBytes = 2_000_000 };
        string Large(int size) => $$"""{"eventVersion":"1","x":"{{new string('x', size)}}","eventName":"Hit","eventID":"large"}""";
        var (ids, result) = await Read($"{{\"Records\":[{Event(1)},{Large(1_000_000)},{Event(2)}]}}", options);
        Assert.Equal(["1", "large", "2"], ids);
        Assert.Contains("record 2 is", Assert.Single(result.FileErrors).Message, StringComparison.Ordinal);
        (ids, result) = await Read($"{{\"Records\":[{Event(1)},{Large(5_000_000)},{Event(2)}]}}", options);
        Assert.Equal(["1", "2"], ids);
        Assert.Contains("skipped", Assert.Single(result.FileErrors).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_cannot_be_opened_does_not_stop_the_others()
    {
        var ids = new List<string?>();
        var result = await new Detector(Rules).RunAsync(
            [
                new LogFile("gone", () => throw new FileNotFoundException("no such file")),
                new LogFile("there", () => new MemoryStream(Encoding.UTF8.GetBytes(Event(7)))),
            ], match => ids.Add(match.EventId), TestContext.Current.CancellationToken);
        Assert.Equal(["7"], ids);
        Assert.Equal("gone", Assert.Single(result.FileErrors).File);
    }

    [Fact]
    public async Task The_newest_event_of_each_account_is_told_whether_it_matched_or_not()
    {
        static LogFile Log(string name, params (string Account, string Time)[] events)
        {
            var text = string.Join('\n', events.Select(one => $$"""{"eventName":"quiet","recipientAccountId":"{{one.Account}}","eventTime":"{{one.Time}}"}"""));
            return new LogFile(name, () => new MemoryStream(Encoding.UTF8.GetBytes(text)));
        }

        var result = await new Detector(Rules).RunAsync(
            [
                Log("a", ("111111111111", "2026-01-02T00:00:00Z"), ("111111111111", "2026-01-01T00:00:00Z"), ("222222222222", "2026-01-01T00:00:00Z")),
                Log("b", ("111111111111", "2026-01-02T00:00:01Z"), ("222222222222", "yesterday"), ("", "2026-01-05T00:00:00Z")),
            ], _ => { }, TestContext.Current.CancellationToken);

        Assert.Equal(0, result.Matches);
        Assert.Equal(
            [("111111111111", new DateTimeOffset(2026, 1, 2, 0, 0, 1, TimeSpan.Zero)), ("222222222222", new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero))],
            result.NewestEvents.Select(pair => (pair.Key, pair.Value)).Order());
    }

    [Fact]
    public async Task Matches_come_in_the_order_of_the_files_whatever_the_number_of_threads()
    {
        var files = Enumerable.Range(0, 40).Select(file =>
        {
            var text = string.Join('\n', Enumerable.Range(0, file % 3 == 0 ? 3_000 : 10).Select(i => Event((file * 10_000) + i)));
            return new LogFile($"f{file}", () => new MemoryStream(Encoding.UTF8.GetBytes(text)));
        }).ToList();
        var expected = new List<string?>();
        await new Detector(Rules, new DetectorOptions { Parallelism = 1 }).RunAsync(files, match => expected.Add(match.EventId), TestContext.Current.CancellationToken);
        var ids = new List<string?>();
        var result = await new Detector(Rules, new DetectorOptions { Parallelism = 8 }).RunAsync(files, match => ids.Add(match.EventId), TestContext.Current.CancellationToken);
        Assert.Equal(expected, ids);
        Assert.Equal(expected.Count, result.Matches);
    }

    [Fact]
    public async Task An_expression_that_takes_too_long_is_one_error_and_the_run_goes_on()
    {
        var rules = RuleSet.Parse("slow.yml", """
            title: slow
            logsource: {product: aws}
            detection: {s: {x|re: '^(?=a)(a+)+$'}, condition: s}
            ---
            title: hit
            logsource: {product: aws}
            detection: {s: {eventName: Hit}, condition: s}
            """);
        Assert.Empty(rules.Errors);
        var ids = new List<string?>();
        var text = $$"""{"eventName":"Hit","eventID":"1","x":"{{new string('a', 60)}}!"}""" + "\n" + Event(2);
        var result = await new Detector(rules).RunAsync([new LogFile("f", () => new MemoryStream(Encoding.UTF8.GetBytes(text)))], match => ids.Add(match.EventId), TestContext.Current.CancellationToken);
        Assert.Equal(["1", "2"], ids);
        Assert.StartsWith("slow.yml:1: slow: a regular expression took too long", Assert.Single(result.RuleErrors), StringComparison.Ordinal);
        Assert.False(result.IsComplete);
    }

    [Fact]
    public void No_bytes_whatever_make_the_reader_fail()
    {
        var pieces = new[] { Event(1), "{\"Records\":[", "]", "}", ",", "\"", "\\", "\n", "null", "{", "[", "1", "{\"eventVersion\"", "é", "\0", " " };
        Gen.Int[0, pieces.Length - 1].Select(i => pieces[i]).List[0, 12].Select(list => string.Concat(list)).Sample(text =>
        {
            var detector = new Detector(Rules);
            var result = detector.RunAsync([new LogFile("f", () => new Trickle(Encoding.UTF8.GetBytes(text)))], _ => { }).GetAwaiter().GetResult();
            return result.FileErrors.Count <= 1;
        }, iter: 3_000);
    }

    [Fact]
    public void Many_texts_looked_for_in_one_field_are_found_as_each_of_them_alone()
    {
        var letters = Gen.Int[0, 5].Select(i => "aBbA-0"[i]);
        Gen.Select(letters.Array[1, 4].Select(c => new string(c)).List[6, 30], letters.Array[0, 40].Select(c => new string(c)).List[0, 3]).Sample((needles, values) =>
        {
            var rules = RuleSet.Parse("many.yml", string.Join("---\n", needles.Select((needle, i) =>
                $"title: t{i}\nid: t{i}\nlogsource: {{product: aws}}\ndetection: {{s: {{x|contains: '{needle}'}}, condition: s}}\n")));
            var matched = new Detector(rules).Match(System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(new { x = values })).Select(match => match.Rule.Id);
            var expected = needles.Select((needle, i) => (needle, Id: $"t{i}")).Where(pair => values.Exists(value => value.Contains(pair.needle, StringComparison.OrdinalIgnoreCase))).Select(pair => pair.Id);
            return rules.Errors.Count == 0 && matched.SequenceEqual(expected, StringComparer.Ordinal);
        }, iter: 500);
    }

    /// <summary>Gives a few bytes at a time at first, so that every event lies across the end of what was read.</summary>
    private sealed class Trickle(byte[] content) : MemoryStream(content)
    {
        public override int Read(Span<byte> buffer) => base.Read(Small(buffer));

        public override int Read(byte[] buffer, int offset, int count) => base.Read(buffer, offset, Small(buffer.AsSpan(offset, count)).Length);

        private Span<byte> Small(Span<byte> buffer) => Position < 4_000 ? buffer[..Math.Min(buffer.Length, 7)] : buffer;
    }
}
