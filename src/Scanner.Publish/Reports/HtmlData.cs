using System.Globalization;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Scanner.Model;
using Place = (Scanner.Model.Finding Shared, string Account, string Region);
using Scanner.Publish.Text;

namespace Scanner.Publish.Reports;

/// <summary>
/// The findings of the HTML report as data for its script (report.js): JSON in columns, of which what recurs is a place in a list; packed with gzip, written
/// as Base64. Nothing of it is markup, and nothing in it can end the element that it stands in.
/// </summary>
internal sealed class HtmlData
{
    private static readonly JsonWriterOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    // What is decoded in one piece: a browser draws between them.
    private const int FindingsInPiece = 10_000;

    private readonly Utf8JsonWriter _json;
    private readonly ScanReport _report;
    private readonly CancellationToken _cancellation;

    private HtmlData(Utf8JsonWriter json, ScanReport report, CancellationToken cancellation) => (_json, _report, _cancellation) = (json, report, cancellation);

    /// <summary>Writes the elements with the data, streamed: first what the table is chosen, grouped and sorted by, then the texts, some thousands of findings in each.</summary>
    /// <param name="output">Where to; left open.</param>
    /// <param name="report">Of a scan or a gate.</param>
    /// <param name="findings">Its findings in the order of the table.</param>
    /// <param name="cancellation">Ends it.</param>
    public static async Task WriteAsync(Stream output, ScanReport report, IReadOnlyList<Finding> findings, CancellationToken cancellation)
    {
        await ElementAsync("id=\"data\"", data => data.WriteColumnsAsync(findings));
        var from = 0;
        foreach (var piece in findings.Chunk(FindingsInPiece).DefaultIfEmpty([]))
        {
            await ElementAsync("class=\"texts\"", data => data.WriteTextsAsync(piece, from));
            from += piece.Length;
        }

        async Task ElementAsync(string named, Func<HtmlData, Task> write)
        {
            await output.WriteAsync(Encoding.ASCII.GetBytes($"<script type=\"application/gzip\" {named}>"), cancellation);
            await using (var base64 = new CryptoStream(output, new ToBase64Transform(), CryptoStreamMode.Write, leaveOpen: true))
            {
                await using var packed = new GZipStream(base64, CompressionLevel.Optimal);
                await using var json = new Utf8JsonWriter(packed, Relaxed);
                await write(new HtmlData(json, report, cancellation));
            }
            await output.WriteAsync("</script>\n"u8.ToArray(), cancellation);
        }
    }

    private async Task WriteColumnsAsync(IReadOnlyList<Finding> findings)
    {
        _json.WriteStartObject();
        _json.WriteNumber("count", findings.Count);
        _json.Texts("severities", Enum.GetValues<Severity>().Select(Names.Of));
        await NumbersAsync("severity", FindingList.Places(findings).Select(place => (int)place.Shared.Severity));
        await ListedAsync(findings, "accounts", "account", place => place.Account, place => _report.Scan.Called(place.Account));
        await ListedAsync(findings, "regions", "region", place => place.Region, place => place.Region);
        await ListedAsync(findings, "titles", "title", place => (place.Shared.Check, place.Shared.Status), place => HtmlFindings.Title(_report, place.Shared));
        await ListedAsync(findings, "owners", "owner", place => ValueTuple.Create(place.Shared.Owner), place => OwnerText.Of(place.Shared.Owner));
        await EachAsync(findings, "rules", "rule", place => place.Shared.Check, place => WriteRule(place.Shared));
        await EachAsync(findings, "looks", "look", place => (place.Shared.Status, place.Shared.Change), place => WriteLook(place.Shared));
        _json.WriteEndObject();
    }

    private async Task WriteTextsAsync(Finding[] findings, int from)
    {
        _json.WriteStartObject();
        await TextsAsync("key", finding => finding.PlanKey);
        await TextsAsync("resource", finding => HtmlGate.Resource(finding).Data());
        await TextsAsync("message", finding => HtmlFindings.Message(_report, finding).Data());
        _json.WriteStartObject("events");
        foreach (var (i, finding) in findings.Index())
        {
            if (finding.Event is { } happened)
                _json.WriteString((from + i).ToString(CultureInfo.InvariantCulture), SafeText.Lines(happened));
            await FlushAsync();
        }
        _json.WriteEndObject();
        _json.WriteStartObject("timelines");
        foreach (var (i, finding) in findings.Index())
        {
            if (HtmlTimeline.Of(finding) is not { } timeline)
                continue;
            _json.Texts((from + i).ToString(CultureInfo.InvariantCulture), [timeline.Summary, timeline.Lines.Data()]);
            await FlushAsync();
        }
        _json.WriteEndObject();
        _json.WriteEndObject();

        async Task TextsAsync(string column, Func<Finding, string> value)
        {
            _json.WriteStartArray(column);
            foreach (var finding in findings)
            {
                _json.WriteStringValue(value(finding));
                await FlushAsync();
            }
            _json.WriteEndArray();
        }
    }

    private Task ListedAsync<TKey>(IReadOnlyList<Finding> findings, string list, string column, Func<Place, TKey> key, Func<Place, string> value)
        where TKey : notnull =>
        EachAsync(findings, list, column, key, place => SafeText.Line(value(place)), place => _json.WriteStringValue(JsonText.WellFormed(SafeText.Line(value(place)))));

    private Task EachAsync<T>(IReadOnlyList<Finding> findings, string list, string column, Func<Place, T> value, Action<Place> write)
        where T : notnull =>
        EachAsync(findings, list, column, value, value, write);

    // A list of what there is, each as the first finding that has it tells, and a column with the places in that list. Of findings with one key the value is one.
    private async Task EachAsync<TKey, T>(
        IReadOnlyList<Finding> findings, string list, string column, Func<Place, TKey> key, Func<Place, T> value, Action<Place> write)
        where TKey : notnull
        where T : notnull
    {
        var (places, known) = (new Dictionary<T, int>(), new Dictionary<TKey, int>());
        var numbers = new List<int>(findings.Count);
        _json.WriteStartArray(list);
        foreach (var place in FindingList.Places(findings))
        {
            var own = key(place);
            if (!known.TryGetValue(own, out var number))
            {
                var said = value(place);
                if (places.TryAdd(said, places.Count))
                    write(place);
                known[own] = number = places[said];
            }
            numbers.Add(number);
        }
        _json.WriteEndArray();
        await NumbersAsync(column, numbers);
    }

    private async Task NumbersAsync(string column, IEnumerable<int> numbers)
    {
        _json.WriteStartArray(column);
        foreach (var number in numbers)
        {
            _json.WriteNumberValue(number);
            await FlushAsync();
        }
        _json.WriteEndArray();
    }

    private async ValueTask FlushAsync()
    {
        if (_json.BytesPending > JsonText.FlushAt)
            await _json.FlushAsync(_cancellation);
    }

    // What a rule is chosen and searched by: the anchor of its section, kind, service, frameworks, and ids in lower case.
    private void WriteRule(Finding finding)
    {
        var (json, rule) = (_json, _report.Rules.GetValueOrDefault(finding.Check));
        var controls = rule?.Controls ?? [];
        json.WriteStartObject();
        json.WriteString("a", HtmlReport.Anchor(finding.Check));
        json.WriteString("k", HtmlFindings.Kind(finding));
        json.WriteString("s", SafeText.Line(rule?.Service));
        json.Texts("f", controls.Select(control => SafeText.Line(control.Framework)).Distinct(StringComparer.Ordinal));
        json.WriteString("i", SafeText.Line(string.Join(' ', controls.Select(control => control.ToString()).Concat(rule?.Mitre ?? []).Prepend(rule?.Service).Prepend(finding.Check))).ToLowerInvariant());
        json.WriteEndObject();
    }

    // What a finding is chosen by (s: status, in a gate change; c: change since the baseline), its place in the order of statuses, and the words at its head.
    private void WriteLook(Finding finding)
    {
        var json = _json;
        json.WriteStartObject();
        json.WriteString("s", HtmlFindings.Shown(_report, finding));
        json.WriteString("c", finding.Change is { } change ? Names.Of(change) : "");
        json.WriteNumber("o", HtmlFindings.Order(finding.Status));
        json.WriteStartArray("p");
        foreach (var (look, word) in HtmlFindings.Pills(_report, finding))
        {
            json.WriteStartArray();
            json.WriteStringValue(look);
            json.WriteStringValue(word);
            json.WriteEndArray();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }
}
