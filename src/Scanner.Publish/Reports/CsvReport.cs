using System.Globalization;
using System.Text;
using Scanner.Model;
using Scanner.Publish.Text;

namespace Scanner.Publish.Reports;

/// <summary>
/// Comma-separated values (RFC 4180), one line a finding, each as <see cref="CsvLine"/> writes it.
/// </summary>
internal sealed class CsvReport : IReportFormat
{
    private static readonly string[] Header =
    [
        "check", "title", "status", "severity", "kind", "service", "account", "region", "resource", "message",
        "controls", "mitre", "causes", "muted_reason", "key",
        "change", "plan", "address", "file", "line", "caused_by",
        // An account id that begins with 0 stays whole in programs that take a column of digits for numbers.
        "time", "account_arn", "actor", "source", "action", "touched",
        // Of a correlation, whose last event is the time; otherwise the same.
        "first_time",
        "event_ids",
        "owner",
        "account_name",
        // Where the finding rests on what an earlier scan read (--since-last): when the oldest of it was.
        "read_at",
    ];

    /// <inheritdoc />
    public string Name => "csv";

    /// <inheritdoc />
    public async Task WriteAsync(ScanReport report, Stream output, CancellationToken cancellation)
    {
        await using var writer = new StreamWriter(output, new UTF8Encoding(false), 1 << 16, leaveOpen: true);
        await LineAsync(Header);
        foreach (var f in report.Findings)
        {
            var rule = report.Rules.GetValueOrDefault(f.Check);
            var facts = EventFacts.Of(f);
            await LineAsync(
            [
                f.Check, rule?.Title ?? "", Names.Of(f.Status), Names.Of(f.Severity), Names.Of(f.Kind), rule?.Service ?? "",
                f.Account, f.Region, EventFacts.ThingOf(f), f.Message, string.Join(' ', f.Controls), string.Join(' ', f.Mitre),
                string.Join("; ", f.Causes.Select(c => $"{c.Operation}: {c.Reason}")), f.MutedReason ?? "", f.Key,
                f.Change is { } change ? Names.Of(change) : "", f.Plan ?? "", f.Address ?? "", f.Location?.File ?? "",
                f.Location?.Line.ToString(CultureInfo.InvariantCulture) ?? "", string.Join(' ', f.CausedBy),
                EventText.Utc(f.Seen?.Last ?? facts?.Time ?? report.Scan.Time),
                $"arn:{AwsPlace.Partition(f, report.Scan)}:iam::{f.Account}:root",
                Several(facts?.Actors), Several(facts?.Sources), Several(facts?.Actions), Several(facts?.AllTouched),
                EventText.Utc(f.Seen?.First ?? facts?.Time ?? report.Scan.Time), string.Join(' ', f.Seen?.EventIds ?? []), OwnerText.Of(f.Owner), report.Scan.AccountNames.GetValueOrDefault(f.Account, ""),
                f.ReadAt is { } read ? EventText.Utc(read) : "",
            ]);
        }

        static string Several(IReadOnlyList<string>? all) => string.Join("; ", all ?? []);

        Task LineAsync(string[] cells) => writer.WriteAsync((CsvLine.Of(cells) + "\r\n").AsMemory(), cancellation);
    }
}
