using System.Globalization;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text.Encodings.Web;
using System.Text.Json;
using Scanner.Model;
using Scanner.Publish.Text;

namespace Scanner.Publish.Reports;

/// <summary>
/// The findings of the HTML report as data for its script (report.js): JSON in columns, of which what recurs is a place in a list; packed with gzip, written
/// as Base64. Nothing of it is markup, and nothing in it can end the element that it stands in.
/// </summary>
internal sealed class HtmlData
{
    private static readonly JsonWriterOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly Utf8JsonWriter _json;
    private readonly ScanReport _report;
    private readonly IReadOnlyList<Finding> _findings;
    private readonly CancellationToken _cancellation;

    private HtmlData(Utf8JsonWriter json, ScanReport report, IReadOnlyList<Finding> findings, CancellationToken cancellation) =>
        (_json, _report, _findings, _cancellation) = (json, report, findings, cancellation);

    /// <summary>Writes the data, streamed.</summary>
    /// <param name="output">Where to; left open.</param>
    /// <param name="report">Of a scan or a gate.</param>
    /// <param name="findings">Its findings in the order of the table.</param>
    /// <param name="cancellation">Ends it.</param>
    public static async Task WriteAsync(Stream output, ScanReport report, IReadOnlyList<Finding> findings, CancellationToken cancellation)
    {
        await using var base64 = new CryptoStream(output, new ToBase64Transform(), CryptoStreamMode.Write, leaveOpen: true);
        await using var packed = new GZipStream(base64, CompressionLevel.Optimal);
        await using var json = new Utf8JsonWriter(packed, Relaxed);
        await new HtmlData(json, report, findings, cancellation).WriteAsync();
    }

    private async Task WriteAsync()
    {
        _json.WriteStartObject();
        _json.Texts("severities", Enum.GetValues<Severity>().Select(Names.Of));
        await NumbersAsync("severity", _findings.Select(finding => (int)finding.Severity));
        await ListedAsync("accounts", "account", finding => SafeText.Line(_report.Scan.Called(finding.Account)));
        await ListedAsync("regions", "region", finding => SafeText.Line(finding.Region));
        await ListedAsync("titles", "title", finding => SafeText.Line(HtmlFindings.Title(_report, finding)));
        await ListedAsync("owners", "owner", finding => SafeText.Line(OwnerText.Of(finding.Owner)));
        await EachAsync("rules", "rule", finding => finding.Check, WriteRule);
        await EachAsync("looks", "look", finding => (finding.Status, finding.Change), WriteLook);
        await TextsAsync("key", finding => finding.PlanKey);
        await TextsAsync("resource", finding => HtmlGate.Resource(finding).Data());
        await TextsAsync("message", finding => HtmlFindings.Message(_report, finding).Data());
        _json.WriteStartObject("events");
        foreach (var (i, finding) in _findings.Index())
        {
            if (finding.Event is { } happened)
                _json.WriteString(i.ToString(CultureInfo.InvariantCulture), SafeText.Lines(happened));
            await FlushAsync();
        }
        _json.WriteEndObject();
        _json.WriteEndObject();
    }

    private Task ListedAsync(string list, string column, Func<Finding, string> value) =>
        EachAsync(list, column, value, finding => _json.WriteStringValue(JsonText.WellFormed(value(finding))));

    // A list of what there is, each as the first finding that has it tells, and a column with the places in that list.
    private async Task EachAsync<T>(string list, string column, Func<Finding, T> value, Action<Finding> write)
        where T : notnull
    {
        var places = new Dictionary<T, int>();
        var numbers = new List<int>(_findings.Count);
        _json.WriteStartArray(list);
        foreach (var finding in _findings)
        {
            var own = value(finding);
            if (places.TryAdd(own, places.Count))
                write(finding);
            numbers.Add(places[own]);
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

    private async Task TextsAsync(string column, Func<Finding, string> value)
    {
        _json.WriteStartArray(column);
        foreach (var finding in _findings)
        {
            _json.WriteStringValue(value(finding));
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
