using System.Text.Json;
using Scanner.Model;
using Scanner.Store;

namespace Scanner.Scan;

/// <summary>Reads <c>--baseline</c>: a store, or a JSON report, of an earlier scan.</summary>
internal static class BaselineFile
{
    /// <exception cref="InputException">There is no such file, or it is no store or report of Scanner; one line.</exception>
    public static Baseline Read(string path) => IsStore(path) ? OfStore(path) : OfReport(path);

    /// <summary>Whether it is a store, and no report.</summary>
    /// <exception cref="InputException">There is no such file.</exception>
    public static bool IsStore(string path)
    {
        if (!File.Exists(path))
            throw new InputException($"--baseline {SafeText.Line(path)}: there is no such file; it is the store or the JSON report of an earlier scan");
        var start = new byte[12];
        using (var file = File.OpenRead(path))
            _ = file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        // DuckDB writes its name behind a checksum of eight bytes.
        return start.AsSpan(8).SequenceEqual("DUCK"u8);
    }

    /// <summary>How large accounts were in an earlier scan: resources of a store, findings of a report.</summary>
    /// <exception cref="InputException">As of <see cref="Read"/>.</exception>
    public static IReadOnlyDictionary<string, long> Sizes(string path)
    {
        if (IsStore(path))
        {
            using var store = ScanStore.Open(path);
            return store.CountResourcesByAccount();
        }
        return OfReport(path).Findings.GroupBy(finding => finding.Account, StringComparer.Ordinal).ToDictionary(group => group.Key, group => (long)group.Count(), StringComparer.Ordinal);
    }

    private static Baseline OfStore(string path)
    {
        using var store = ScanStore.Open(path);
        return Baseline.Of(store.ReadReport());
    }

    private static Baseline OfReport(string path)
    {
        try
        {
            using var file = File.OpenRead(path);
            using var document = JsonDocument.Parse(file, new JsonDocumentOptions { MaxDepth = 256 });
            if (document.RootElement.TryGetProperty("$schema", out var schema) && !SchemaAddress.IsKnown("report", schema.GetString() ?? ""))
                throw new InputException($"--baseline {SafeText.Line(path)} is of the format {SafeText.Line(SafeText.Cut(schema.GetString() ?? "", 200))}; this version of Scanner reads {SchemaAddress.FileOf("report")}");
            var scan = document.RootElement.GetProperty("scan");
            if (document.RootElement.TryGetProperty("gate", out _))
                throw new InputException($"--baseline {SafeText.Line(path)} is the report of a gate; it takes that of a scan");
            return new Baseline(scan.GetProperty("time").GetDateTimeOffset(), Texts(scan, "accounts"), Texts(scan, "regions"),
                [.. document.RootElement.GetProperty("findings").EnumerateArray().Select(Finding)])
            { History = document.RootElement.TryGetProperty("history", out var history) ? History(history) : null };
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new InputException($"--baseline {SafeText.Line(path)} is no store and no JSON report of Scanner; write one with --store FILE or --report json=FILE", e);
        }
    }

    private static BaselineFinding Finding(JsonElement json) => new(
        Text(json, "key"), Text(json, "check"),
        json.TryGetProperty("kind", out var kind) && kind.GetString() == Names.Of(FindingKind.Detection) ? FindingKind.Detection : FindingKind.Posture,
        // A word that we do not know is not "pass".
        Names.TryParse(Text(json, "status"), out FindingStatus status) ? status : FindingStatus.Unknown,
        Text(json, "account"), Text(json, "region"))
    {
        Severity = json.TryGetProperty("severity", out var word) && Names.TryParse(word.GetString() ?? "", out Severity severity) ? severity : Severity.High,
        Resource = Text(json, "resource"),
        Began = json.TryGetProperty("began", out var began) ? Times(began) : json.TryGetProperty("failing_since", out var since) ? [since.GetDateTimeOffset()] : [],
    };

    private static ScanHistory History(JsonElement json) => new(
        [.. json.GetProperty("scans").EnumerateArray().Select(Point)],
        [.. json.GetProperty("findings").EnumerateArray().Select(past => new FindingPast(
            Text(past, "key"), Text(past, "check"), Text(past, "account"), Text(past, "region"), Text(past, "resource"),
            Times(past.GetProperty("began")), past.GetProperty("last_seen").GetDateTimeOffset(), past.GetProperty("fixed").GetBoolean()))])
    {
        Evidence = json.TryGetProperty("evidence", out var evidence)
            ? [.. evidence.EnumerateArray().Select(one => EvidenceDays.Read(Text(one, "check"), Text(one, "account"), Text(one, "region"), Text(one, "resource"), Text(one, "last_day"), Text(one, "days"))).OfType<EvidenceDays>()]
            : [],
    };

    private static ScanPoint Point(JsonElement json) => new()
    {
        Time = json.GetProperty("time").GetDateTimeOffset(),
        Scope = Text(json, "scope"),
        Accounts = Number(json, "accounts") ?? 0,
        Regions = Number(json, "regions") ?? 0,
        Pass = Number(json, "pass") ?? 0,
        Fail = Number(json, "fail") ?? 0,
        Unknown = Number(json, "unknown") ?? 0,
        Muted = Number(json, "muted") ?? 0,
        Critical = Number(json, "critical") ?? 0,
        High = Number(json, "high") ?? 0,
        Medium = Number(json, "medium") ?? 0,
        Low = Number(json, "low") ?? 0,
        Informational = Number(json, "informational") ?? 0,
        Matches = Number(json, "matches") ?? 0,
        New = Number(json, "new"),
        Fixed = Number(json, "fixed"),
        Still = Number(json, "still"),
        FixedDays = json.TryGetProperty("fixed_days", out var days) ? days.GetDouble() : 0,
    };

    private static int? Number(JsonElement json, string name) => json.TryGetProperty(name, out var number) ? number.GetInt32() : null;

    private static List<DateTimeOffset> Times(JsonElement json) => [.. json.EnumerateArray().Select(time => time.GetDateTimeOffset()).Order()];

    private static string Text(JsonElement json, string name) => json.GetProperty(name).GetString() ?? "";

    private static List<string> Texts(JsonElement json, string name) => [.. json.GetProperty(name).EnumerateArray().Select(text => text.GetString() ?? "")];
}
