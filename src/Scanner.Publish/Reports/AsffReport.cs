using System.Globalization;
using System.Text.Json;
using Scanner.Model;
using Scanner.Publish.Text;

namespace Scanner.Publish.Reports;

/// <summary>
/// AWS Security Finding Format 2018-10-08: an array that <c>securityhub batch-import-findings</c> takes in portions of
/// 100. Field lengths are those of the AwsSecurityFinding data type (Security Hub API reference).
/// </summary>
internal sealed class AsffReport : IReportFormat
{
    private const int MostResources = 32;

    /// <inheritdoc />
    public string Name => "asff";

    /// <inheritdoc />
    public async Task WriteAsync(ScanReport report, Stream output, CancellationToken cancellation)
    {
        await using var json = new Utf8JsonWriter(output, JsonText.Indented);
        json.WriteStartArray();
        foreach (var finding in report.Findings)
        {
            WriteFinding(json, report.Scan, finding, report.Rules.GetValueOrDefault(finding.Check));
            if (json.BytesPending > JsonText.FlushAt)
                await json.FlushAsync(cancellation);
        }
        json.WriteEndArray();
        await json.FlushAsync(cancellation);
    }

    /// <summary>Writes one finding as an object.</summary>
    /// <param name="json">Where to.</param>
    /// <param name="scan">The run.</param>
    /// <param name="finding">Of that run.</param>
    /// <param name="rule">Its rule; null where the report has none.</param>
    internal static void WriteFinding(Utf8JsonWriter json, ScanSummary scan, Finding finding, RuleInfo? rule)
    {
        var partition = AwsPlace.Partition(finding, scan);
        var region = AwsPlace.Region(finding, scan);
        var time = Utc(scan.Time);
        var (detection, key) = (finding.Kind == FindingKind.Detection, finding.Key);
        json.WriteStartObject();
        json.WriteString("SchemaVersion", "2018-10-08");
        json.Text("Id", $"scanner/{finding.Account}/{region}/{key}");
        json.Text("ProductArn", $"arn:{partition}:securityhub:{region}:{finding.Account}:product/{finding.Account}/default");
        json.WriteString("ProductName", "Scanner");
        json.WriteString("CompanyName", "Scanner");
        json.Text("GeneratorId", Cut("scanner/" + finding.Check, 512));
        json.Text("AwsAccountId", finding.Account);
        json.Text("Region", region);
        json.Texts("Types", [detection ? "TTPs" : "Software and Configuration Checks/AWS Security Best Practices"]);
        json.WriteString("CreatedAt", time);
        json.WriteString("UpdatedAt", time);
        var facts = EventFacts.Of(finding);
        // When it was seen: an event in its own time, a setting when the account was looked at.
        if ((finding.Seen?.First ?? facts?.Time) is { } first)
            json.WriteString("FirstObservedAt", Utc(first));
        json.WriteString("LastObservedAt", (finding.Seen?.Last ?? facts?.Time) is { } last ? Utc(last) : time);
        json.WriteStartObject("Severity");
        // Security Hub: a finding that passed is informational.
        var open = finding.Status is FindingStatus.Fail or FindingStatus.Muted or FindingStatus.Unknown;
        json.WriteString("Label", open ? Names.Of(finding.Severity).ToUpperInvariant() : "INFORMATIONAL");
        json.WriteString("Original", Names.Of(finding.Severity));
        json.WriteEndObject();
        var title = rule?.TitleOf(finding.Status) ?? finding.Check;
        json.Text("Title", Cut(title, 256));
        json.Text("Description", Cut(finding.Message.Length > 0 ? finding.Message : title, 1024));
        WriteRemediation(json, rule);
        WriteFields(json, scan, finding, key);
        WriteResources(json, finding, facts, partition, region);
        if (facts is not null)
            WriteAction(json, finding, facts);
        if (!detection)
            WriteCompliance(json, finding);
        json.WriteStartObject("Workflow");
        json.WriteString("Status", finding.Status switch
        {
            FindingStatus.Muted => "SUPPRESSED",
            FindingStatus.Pass => "RESOLVED",
            _ => "NEW",
        });
        json.WriteEndObject();
        json.WriteString("RecordState", finding.Status == FindingStatus.NotApplicable ? "ARCHIVED" : "ACTIVE");
        if (finding.MutedReason is { Length: > 0 } reason)
        {
            json.WriteStartObject("Note");
            json.Text("Text", Cut(reason, 512));
            json.WriteString("UpdatedBy", "scanner");
            json.WriteString("UpdatedAt", time);
            json.WriteEndObject();
        }
        json.WriteEndObject();
    }

    private static void WriteFields(Utf8JsonWriter json, ScanSummary scan, Finding finding, string key)
    {
        json.WriteStartObject("ProductFields");
        json.WriteString("aws/securityhub/ProductName", "Scanner");
        json.WriteString("ScannerKey", key);
        json.WriteString("ScannerStatus", Names.Of(finding.Status));
        if (finding.Change is { } change)
            json.WriteString("ScannerChange", Names.Of(change));
        if (finding.ReadAt is { } read)
            json.WriteString("ScannerReadAt", Utc(read));
        if (finding.Address is { Length: > 0 } address)
            json.Text("ScannerAddress", Cut(address, 1024));
        if (scan.Version.Length > 0)
            json.Text("ScannerVersion", Cut(scan.Version, 2048));
        if (scan.Caller.Length > 0)
            json.Text("ScannerCaller", Cut(scan.Caller, 2048));
        if (scan.Parameters.Length > 0)
            json.Text("ScannerParameters", Cut(scan.Parameters, 2048));
        if (finding.Seen is { EventIds.Count: > 0 } seen)
            json.Text("ScannerEventIds", Cut(string.Join(' ', seen.EventIds), 2048));
        // The action has room for one address and one call.
        if (finding.Seen is { Sources.Count: > 1 } from)
            json.Text("ScannerSources", Cut(string.Join(' ', from.Sources), 2048));
        if (finding.Seen is { Actions.Count: > 1 } called)
            json.Text("ScannerActions", Cut(string.Join(' ', called.Actions), 2048));
        json.WriteEndObject();
    }

    // Of an event: what it was done to, then who did it. The event itself is no resource.
    private static void WriteResources(Utf8JsonWriter json, Finding finding, EventFacts? facts, string partition, string region)
    {
        var ids = facts is null ? [finding.Resource] : facts.AllTouched.Append(facts.PrincipalArn).Concat(facts.Actors.Where(actor => actor.StartsWith("arn:", StringComparison.Ordinal))).OfType<string>().DefaultIfEmpty(finding.Account);
        json.WriteStartArray("Resources");
        foreach (var (type, id) in ids.Select(id => AsffType.Of(id, finding.Account, region, partition)).DistinctBy(resource => resource.Id, StringComparer.Ordinal).Take(MostResources))
        {
            json.WriteStartObject();
            json.WriteString("Type", type);
            json.Text("Id", Cut(id, 512));
            json.WriteString("Partition", partition);
            json.Text("Region", region);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private static void WriteAction(Utf8JsonWriter json, Finding finding, EventFacts facts)
    {
        if (facts is not { Action: { } action, Service: { } service })
            return;
        json.WriteStartObject("Action");
        json.WriteString("ActionType", "AWS_API_CALL");
        json.WriteStartObject("AwsApiCallAction");
        json.Text("Api", Cut(action, 128));
        json.Text("ServiceName", Cut(service, 128));
        if (System.Net.IPAddress.TryParse(facts.Source, out var address))
        {
            json.WriteString("CallerType", "remoteIp");
            if (address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork)
            {
                json.WriteStartObject("RemoteIpDetails");
                json.WriteString("IpAddressV4", address.ToString());
                json.WriteEndObject();
            }
        }
        else if (facts.Source is { } domain)
        {
            json.WriteString("CallerType", "domain");
            json.WriteStartObject("DomainDetails");
            json.Text("Domain", Cut(domain, 128));
            json.WriteEndObject();
        }
        if ((finding.Seen?.First ?? facts.Time) is { } first)
            json.WriteString("FirstSeen", Utc(first));
        if ((finding.Seen?.Last ?? facts.Time) is { } last)
            json.WriteString("LastSeen", Utc(last));
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static string Utc(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    private static void WriteCompliance(Utf8JsonWriter json, Finding finding)
    {
        json.WriteStartObject("Compliance");
        json.WriteString("Status", finding.Status switch
        {
            FindingStatus.Pass => "PASSED",
            FindingStatus.Fail or FindingStatus.Muted => "FAILED",
            _ => "NOT_AVAILABLE",
        });
        if (finding.Controls.Count > 0)
            json.Texts("RelatedRequirements", finding.Controls.Select(c => Cut(c, 64)).Take(32));
        if (finding.Causes.Count > 0)
        {
            json.WriteStartArray("StatusReasons");
            foreach (var cause in finding.Causes.Take(10))
            {
                json.WriteStartObject();
                json.WriteString("ReasonCode", "SCANNER_" + Names.Of(cause.Outcome).ToUpperInvariant());
                json.Text("Description", Cut($"{cause.Operation}: {cause.Reason}", 1024));
                json.WriteEndObject();
            }
            json.WriteEndArray();
        }
        json.WriteEndObject();
    }

    private static void WriteRemediation(Utf8JsonWriter json, RuleInfo? rule)
    {
        var text = rule?.Fix.Console ?? rule?.Response.FirstOrDefault() ?? rule?.Fix.Cli;
        var url = rule?.References.FirstOrDefault(r => Markdown.Target(r) is not null);
        if (string.IsNullOrEmpty(text) && url is null)
            return;
        json.WriteStartObject("Remediation");
        json.WriteStartObject("Recommendation");
        if (!string.IsNullOrEmpty(text))
            json.Text("Text", Cut(text, 512));
        if (url is not null)
            json.Text("Url", url);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    // Security Hub refuses empty strings.
    private static string Cut(string text, int length)
    {
        var line = SafeText.Words(text);
        return line.Length == 0 ? "-" : SafeText.Cut(line, length);
    }
}
