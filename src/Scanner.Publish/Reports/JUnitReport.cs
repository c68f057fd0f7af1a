using System.Globalization;
using System.Text;
using System.Xml;
using Scanner.Model;

namespace Scanner.Publish.Reports;

/// <summary>
/// JUnit XML: one suite a check, one test case a finding. Fail is a failure, unknown an error, muted and not
/// applicable are skipped. Of a gate only what the change introduces is a failure; what was there before, or cannot be told before apply, is skipped
/// with that reason.
/// </summary>
internal sealed class JUnitReport : IReportFormat
{
    /// <inheritdoc />
    public string Name => "junit";

    /// <inheritdoc />
    public async Task WriteAsync(ScanReport report, Stream output, CancellationToken cancellation)
    {
        var settings = new XmlWriterSettings { Async = true, Indent = true, Encoding = new UTF8Encoding(false) };
        await using var xml = XmlWriter.Create(output, settings);
        await xml.WriteStartDocumentAsync();
        xml.WriteStartElement("testsuites");
        xml.WriteAttributeString("name", "Scanner");
        var all = report.Findings;
        WriteCounts(xml, all);
        // Findings of a check stand together: those of one check at a time are held.
        for (var (from, to) = (0, 0); from < all.Count; from = to)
        {
            cancellation.ThrowIfCancellationRequested();
            var suite = new List<Finding> { all[from] };
            for (to = from + 1; to < all.Count && all[to] is var next && next.Check == suite[0].Check; to++)
                suite.Add(next);
            xml.WriteStartElement("testsuite");
            xml.WriteAttributeString("name", Line($"{suite[0].Check}: {report.Rules.GetValueOrDefault(suite[0].Check)?.Title}"));
            xml.WriteAttributeString("timestamp", report.Scan.Time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss", CultureInfo.InvariantCulture));
            WriteCounts(xml, suite);
            foreach (var finding in suite)
                WriteCase(xml, finding);
            xml.WriteEndElement();
            await xml.FlushAsync();
        }
        xml.WriteEndElement();
        await xml.WriteEndDocumentAsync();
    }

    private static void WriteCounts(XmlWriter xml, IReadOnlyCollection<Finding> findings)
    {
        var outcomes = findings.CountBy(Outcome).ToDictionary();
        xml.WriteAttributeString("tests", Number(findings.Count));
        xml.WriteAttributeString("failures", Number(outcomes.GetValueOrDefault(FindingStatus.Fail)));
        xml.WriteAttributeString("errors", Number(outcomes.GetValueOrDefault(FindingStatus.Unknown)));
        xml.WriteAttributeString("skipped", Number(outcomes.GetValueOrDefault(FindingStatus.Muted) + outcomes.GetValueOrDefault(FindingStatus.NotApplicable)));
        xml.WriteAttributeString("time", "0");
    }

    private static void WriteCase(XmlWriter xml, Finding finding)
    {
        xml.WriteStartElement("testcase");
        xml.WriteAttributeString("classname", Line($"{finding.Check}.{finding.Account}"));
        xml.WriteAttributeString("name", Line($"{(finding.Plan is { } plan ? plan + ": " : "")}{finding.Address ?? EventText.Of(finding)} ({finding.Region})"));
        if (finding.Location is { } at)
        {
            xml.WriteAttributeString("file", Line(at.File));
            xml.WriteAttributeString("line", Number(at.Line));
        }
        xml.WriteAttributeString("time", "0");
        WriteEvent(xml, finding);
        switch (Outcome(finding))
        {
            case FindingStatus.Fail:
                xml.WriteStartElement("failure");
                xml.WriteAttributeString("type", Names.Of(finding.Severity));
                xml.WriteAttributeString("message", Line(finding.Message));
                xml.WriteEndElement();
                break;
            case FindingStatus.Unknown:
                xml.WriteStartElement("error");
                xml.WriteAttributeString("type", "unknown");
                xml.WriteAttributeString("message", Line(finding.Message));
                xml.WriteString(string.Join('\n', finding.Causes.Select(c => Line($"{c.Operation}: {c.Reason}"))));
                xml.WriteEndElement();
                break;
            case FindingStatus.Muted or FindingStatus.NotApplicable:
                xml.WriteStartElement("skipped");
                xml.WriteAttributeString("message", Line($"{Why(finding)}: {finding.MutedReason ?? finding.Message}"));
                xml.WriteEndElement();
                break;
        }
        xml.WriteEndElement();
    }

    // When, who, from where, what and on what, of a detection.
    private static void WriteEvent(XmlWriter xml, Finding finding)
    {
        if (EventFacts.Of(finding) is not { } facts)
            return;
        xml.WriteStartElement("properties");
        Put("first_time", [EventText.Utc(finding.Seen?.First ?? facts.Time)]);
        Put("time", [EventText.Utc(finding.Seen?.Last ?? facts.Time)]);
        Put("actor", facts.Actors);
        Put("source", facts.Sources);
        Put("action", facts.Actions);
        Put("touched", facts.AllTouched);
        Put("event_id", finding.Seen?.EventIds ?? []);
        xml.WriteEndElement();

        void Put(string name, IEnumerable<string> values)
        {
            foreach (var value in values.Where(value => value.Length > 0))
            {
                xml.WriteStartElement("property");
                xml.WriteAttributeString("name", name);
                xml.WriteAttributeString("value", Line(value));
                xml.WriteEndElement();
            }
        }
    }

    private static FindingStatus Outcome(Finding finding) =>
        finding is { Change: FindingChange.Existing or FindingChange.Unknown, Status: FindingStatus.Fail or FindingStatus.Unknown } ? FindingStatus.NotApplicable : finding.Status;

    private static string Why(Finding finding) => finding.Status switch
    {
        FindingStatus.Fail => "was there before",
        FindingStatus.Unknown => "cannot be told before apply",
        var status => Names.Of(status),
    };

    // U+FFFE and U+FFFF are not characters of XML; everything else that is not has been made visible.
    private static string Line(string text) =>
        SafeText.Line(text).Replace('\uFFFE', '\uFFFD').Replace('\uFFFF', '\uFFFD');

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);
}
