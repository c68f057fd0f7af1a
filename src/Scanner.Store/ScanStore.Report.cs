using System.Globalization;
using System.Text.Json;
using DuckDB.NET.Data;
using Scanner.Model;
using Scanner.Store.Sql;

namespace Scanner.Store;

public sealed partial class ScanStore
{
    private static readonly JsonSerializerOptions Json = new() { MaxDepth = 256 };

    /// <summary>Keeps what a scan found, in place of an earlier report: tables <c>scan</c>, <c>rules</c>, <c>findings</c>, <c>history</c>, <c>finding_history</c> and <c>evidence_history</c>.</summary>
    /// <param name="report">The report; its collection is not written, since <see cref="Add(CollectionStatus)"/> did that.</param>
    public void Save(ScanReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        lock (_gate)
        {
            Flush();
            Write(() => Replace(report));
        }
    }

    // What is not committed is held in memory, of hundreds of accounts hundreds of megabytes. The row in scan comes last: what is cut off before is no finished scan.
    private void Replace(ScanReport report)
    {
        InTransaction(() =>
        {
            foreach (var table in new[] { "scan", "rules", "findings", "history", "finding_history", "evidence_history" })
                Sandbox.Execute(Connection, $"DELETE FROM main.{table}");
        });
        using var findings = FindingList.Parts(report.Findings).GetEnumerator();
        for (var hasMore = true; hasMore;)
            InTransaction(() => hasMore = WriteFindings(findings, report.Scan.Time));
        InTransaction(() =>
        {
            WriteRules(report.Rules.Values);
            WriteHistory(report.History ?? ScanHistory.None);
            WriteScan(report.Scan);
        });
    }

    private void InTransaction(Action write)
    {
        Sandbox.Execute(Connection, "BEGIN TRANSACTION");
        try
        {
            write();
            Sandbox.Execute(Connection, "COMMIT");
        }
        catch (Exception e)
        {
            try
            {
                Sandbox.Execute(Connection, "ROLLBACK");
            }
            catch (DuckDBException) when (e is DuckDBException)
            {
                // A commit that failed has ended the transaction; what made it fail is the news.
            }
            throw;
        }
    }

    /// <summary>Reads back what <see cref="Save"/> kept, with the collection.</summary>
    /// <exception cref="InputException">The scan that made the store did not come to its end.</exception>
    public ScanReport ReadReport()
    {
        lock (_gate)
        {
            return new ScanReport
            {
                Scan = ReadScan(),
                Rules = ReadRules(),
                Findings = FindingOrder.Sorted(FindingsOf("")),
                Collection = ReadCollection(),
                History = ReadHistory(),
            };
        }
    }

    /// <summary>The run that <see cref="Save"/> kept.</summary>
    /// <exception cref="InputException">The scan that made the store did not come to its end.</exception>
    public ScanSummary ReadScan()
    {
        lock (_gate)
        {
            Flush();
            var scans = Damaged(() => Sandbox.Read(Connection,
                $"SELECT time, source, version, accounts, regions, resources, api_calls, events, duration_seconds, {(HasColumn("scan", "info") ? "info" : "NULL::VARCHAR")} FROM main.scan",
                row => (TextOf(row, 9) is { } info ? JsonSerializer.Deserialize<ScanSummary>(info, Json)! : new ScanSummary { Time = default, Source = "" }) with
                {
                    Time = TimeOf(row, 0),
                    Source = row.GetString(1),
                    Version = row.GetString(2),
                    Accounts = row.GetFieldValue<List<string>>(3),
                    Regions = row.GetFieldValue<List<string>>(4),
                    Resources = row.GetInt64(5),
                    ApiCalls = row.GetInt64(6),
                    Events = row.GetInt64(7),
                    Duration = TimeSpan.FromSeconds(row.GetDouble(8)),
                }));
            if (scans.Count != 1)
                throw new InputException($"{_path ?? "the store"} holds no finished scan; scan again");
            return scans[0];
        }
    }

    /// <summary>The rules that ran, by id.</summary>
    public IReadOnlyDictionary<string, RuleInfo> ReadRules()
    {
        lock (_gate)
        {
            Flush();
            return Damaged(() => Sandbox.Read(Connection, "SELECT info FROM main.rules ORDER BY id", row => JsonSerializer.Deserialize<RuleInfo>(row.GetString(0), Json)!))
                .ToDictionary(rule => rule.Id, StringComparer.Ordinal);
        }
    }

    /// <summary>The findings of some rules, in no order.</summary>
    /// <param name="rules">Ids of the rules.</param>
    public IReadOnlyList<Finding> ReadFindings(IEnumerable<string> rules)
    {
        lock (_gate)
        {
            Flush();
            return Damaged(() => FindingsOf($"WHERE check_id IN ({string.Join(", ", rules.Append("").Select(SqlText.Literal))})"));
        }
    }

    // A store of an earlier version has no column for what it did not know.
    private List<Finding> FindingsOf(string where) => Sandbox.Read(Connection,
        $"""
        SELECT check_id, kind, status, severity, account_id, region, {(HasColumn("findings", "identity") ? "identity" : "resource_id")},
            message, controls, mitre, causes, muted_reason, event, {(HasColumn("findings", "seen") ? "seen" : "NULL::VARCHAR")},
            {(HasColumn("findings", "began") ? "began" : "NULL::VARCHAR[]")}
        FROM main.findings {where}
        """,
        row => new Finding
        {
            Check = row.GetString(0),
            Kind = row.GetString(1) == Names.Of(FindingKind.Detection) ? FindingKind.Detection : FindingKind.Posture,
            // A word that we do not know is not "pass".
            Status = Names.TryParse(row.GetString(2), out FindingStatus status) ? status : FindingStatus.Unknown,
            Severity = Names.TryParse(row.GetString(3), out Severity severity) ? severity : Severity.High,
            Account = row.GetString(4),
            Region = row.GetString(5),
            Resource = row.GetString(6),
            Message = row.GetString(7),
            Controls = row.GetFieldValue<List<string>>(8),
            Mitre = row.GetFieldValue<List<string>>(9),
            Causes = row.IsDBNull(10) ? [] : JsonSerializer.Deserialize<List<CollectionStatus>>(row.GetString(10), Json)!,
            MutedReason = TextOf(row, 11),
            Event = TextOf(row, 12),
            Seen = TextOf(row, 13) is { } seen ? JsonSerializer.Deserialize<Sighting>(seen, Json) : null,
            Began = row.IsDBNull(14) ? [] : TimesOf(row.GetFieldValue<List<string>>(14)),
        });

    // What was made here has all of them, and DuckDB takes a while to list its columns.
    private bool HasColumn(string table, string column) => _isNew
        || Sandbox.Read(Connection, $"SELECT 1 FROM duckdb_columns() WHERE schema_name = 'main' AND table_name = '{table}' AND column_name = '{column}'", row => row.GetInt32(0)).Count > 0;

    private void WriteScan(ScanSummary scan)
    {
        using var appender = Connection.CreateAppender("scan");
        appender.CreateRow()
            .AppendValue(scan.Time.ToUniversalTime()).AppendValue(scan.Source).AppendValue(scan.Version)
            .AppendValue(scan.Accounts).AppendValue(scan.Regions)
            .AppendValue((long?)scan.Resources).AppendValue((long?)scan.ApiCalls).AppendValue((long?)scan.Events)
            .AppendValue((double?)scan.Duration.TotalSeconds)
            .AppendValue(JsonText.ReplaceLoneSurrogates(JsonSerializer.Serialize(scan, Json)))
            .EndRow();
    }

    private void WriteRules(IEnumerable<RuleInfo> rules)
    {
        using var appender = Connection.CreateAppender("rules");
        foreach (var rule in rules)
        {
            appender.CreateRow()
                .AppendValue(rule.Id).AppendValue(Names.Of(rule.Kind)).AppendValue(rule.Title).AppendValue(Names.Of(rule.Severity))
                .AppendValue(rule.Service).AppendValue(rule.File).AppendValue(JsonText.ReplaceLoneSurrogates(JsonSerializer.Serialize(rule, Json)))
                .EndRow();
        }
    }

    // As many as DuckDB keeps together; whether there are more.
    private bool WriteFindings(IEnumerator<(Finding Finding, Finding Shared)> findings, DateTimeOffset scanned)
    {
        const int RowGroup = 122_880;
        const int Part = RowGroup / 6;
        for (var written = 0; written < RowGroup; written += Part)
        {
            Sandbox.Execute(Connection, """
                CREATE OR REPLACE TEMP TABLE "findings, each" (part INTEGER, account_id VARCHAR, region VARCHAR, resource_id VARCHAR, message VARCHAR, key VARCHAR, identity VARCHAR);
                CREATE OR REPLACE TEMP TABLE "findings, shared" AS SELECT 0 AS part, * EXCLUDE (account_id, region, resource_id, message, key, identity) FROM main.findings LIMIT 0
                """);
            var hasMore = WriteFindings(findings, Part, scanned);
            Sandbox.Execute(Connection, """
                INSERT INTO main.findings BY NAME SELECT * EXCLUDE (part) FROM temp."findings, each" JOIN temp."findings, shared" USING (part);
                DROP TABLE temp."findings, each";
                DROP TABLE temp."findings, shared"
                """);
            if (!hasMore)
                return false;
        }
        return true;
    }

    // Thousands of findings share all but where they are and what is said of it; lists, the dearest to write, once.
    private bool WriteFindings(IEnumerator<(Finding Finding, Finding Shared)> findings, int most, DateTimeOffset scanned)
    {
        using var each = Connection.CreateAppender("temp", "main", "findings, each");
        using var shared = Connection.CreateAppender("temp", "main", "findings, shared");
        var parts = new Dictionary<Finding, int>(ReferenceEqualityComparer.Instance);
        for (var written = 0; written < most; written++)
        {
            if (!findings.MoveNext())
                return false;
            var (finding, common) = findings.Current;
            // The facts of an event hang on the account too.
            var part = finding.Kind == FindingKind.Detection ? finding : common;
            if (parts.TryAdd(part, parts.Count))
                WriteShared(shared.CreateRow().AppendValue((int?)(parts.Count - 1)), part, scanned);
            each.CreateRow().AppendValue((int?)parts[part]).AppendValue(finding.Account).AppendValue(finding.Region)
                .AppendValue(EventFacts.ThingOf(finding)).AppendValue(finding.Message).AppendValue(finding.Key).AppendValue(finding.Resource).EndRow();
        }
        return true;
    }

    private static void WriteShared(IDuckDBAppenderRow row, Finding finding, DateTimeOffset scanned)
    {
        var facts = EventFacts.Of(finding);
        var time = finding.Seen?.Last ?? facts?.Time ?? scanned;
        row.AppendValue(finding.Check).AppendValue(Names.Of(finding.Kind)).AppendValue(Names.Of(finding.Status)).AppendValue(Names.Of(finding.Severity))
            .AppendValue(finding.Controls).AppendValue(finding.Mitre)
            .AppendValue(finding.Causes.Count == 0 ? null : JsonText.ReplaceLoneSurrogates(JsonSerializer.Serialize(finding.Causes, Json)))
            .AppendValue(finding.MutedReason)
            .AppendValue(finding.Event is null ? null : JsonText.ReplaceLoneSurrogates(finding.Event))
            .AppendValue(finding.Seen is null ? null : JsonText.ReplaceLoneSurrogates(JsonSerializer.Serialize(finding.Seen, Json)))
            .AppendValue((finding.Seen?.First ?? facts?.Time ?? time).ToUniversalTime()).AppendValue(time.ToUniversalTime())
            .AppendValue(facts?.Actors ?? []).AppendValue(facts?.Sources ?? []).AppendValue(facts?.Actions ?? []).AppendValue(facts?.AllTouched ?? [])
            .AppendValue(finding.Seen?.EventIds ?? [])
            .AppendValue(finding.Change is { } change ? Names.Of(change) : null)
            .AppendValue(finding.Began.Count > 0 ? finding.Began[^1].ToUniversalTime() : (DateTimeOffset?)null)
            .AppendValue(finding.Began.Select(IsoOf).ToList())
            .EndRow();
    }

    // A store of an earlier version has none.
    private ScanHistory? ReadHistory() => HasColumn("history", "time") && HistoryOf() is { Scans.Count: > 0 } history ? history : null;

    private ScanHistory HistoryOf() => Damaged(() => new ScanHistory(
        Sandbox.Read(Connection,
            "SELECT time, scope, accounts, regions, pass, fail, unknown, muted, critical, high, medium, low, informational, matches, new, fixed, still, fixed_days FROM main.history ORDER BY rowid",
            row => new ScanPoint
            {
                Time = TimeOf(row, 0),
                Scope = row.GetString(1),
                Accounts = NumberOf(row, 2) ?? 0,
                Regions = NumberOf(row, 3) ?? 0,
                Pass = NumberOf(row, 4) ?? 0,
                Fail = NumberOf(row, 5) ?? 0,
                Unknown = NumberOf(row, 6) ?? 0,
                Muted = NumberOf(row, 7) ?? 0,
                Critical = NumberOf(row, 8) ?? 0,
                High = NumberOf(row, 9) ?? 0,
                Medium = NumberOf(row, 10) ?? 0,
                Low = NumberOf(row, 11) ?? 0,
                Informational = NumberOf(row, 12) ?? 0,
                Matches = NumberOf(row, 13) ?? 0,
                New = NumberOf(row, 14),
                Fixed = NumberOf(row, 15),
                Still = NumberOf(row, 16),
                FixedDays = row.GetDouble(17),
            }),
        Sandbox.Read(Connection, "SELECT key, check_id, account_id, region, resource_id, began, last_seen, is_fixed FROM main.finding_history",
            row => new FindingPast(row.GetString(0), row.GetString(1), row.GetString(2), row.GetString(3), row.GetString(4), TimesOf(row.GetFieldValue<List<string>>(5)), TimeOf(row, 6), row.GetBoolean(7))))
    {
        Evidence = !HasColumn("evidence_history", "days") ? [] : [.. Sandbox.Read(Connection, "SELECT check_id, account_id, region, resource_id, strftime(last_day, '%Y-%m-%d'), days FROM main.evidence_history",
            row => EvidenceDays.Read(row.GetString(0), row.GetString(1), row.GetString(2), row.GetString(3), row.GetString(4), row.GetString(5))).OfType<EvidenceDays>()],
    });

    private void WriteHistory(ScanHistory history)
    {
        using (var scans = Connection.CreateAppender("history"))
        {
            foreach (var scan in history.Scans)
            {
                scans.CreateRow()
                    .AppendValue(scan.Time.ToUniversalTime()).AppendValue(scan.Scope).AppendValue((long?)scan.Accounts).AppendValue((long?)scan.Regions)
                    .AppendValue((long?)scan.Pass).AppendValue((long?)scan.Fail).AppendValue((long?)scan.Unknown).AppendValue((long?)scan.Muted)
                    .AppendValue((long?)scan.Critical).AppendValue((long?)scan.High).AppendValue((long?)scan.Medium).AppendValue((long?)scan.Low).AppendValue((long?)scan.Informational)
                    .AppendValue((long?)scan.Matches).AppendValue((long?)scan.New).AppendValue((long?)scan.Fixed).AppendValue((long?)scan.Still).AppendValue((double?)scan.FixedDays)
                    .EndRow();
            }
        }
        using (var evidence = Connection.CreateAppender("evidence_history"))
        {
            foreach (var days in history.Evidence)
            {
                evidence.CreateRow()
                    .AppendValue(days.Check).AppendValue(days.Account).AppendValue(days.Region).AppendValue(days.Resource)
                    .AppendValue((DateOnly?)days.Last).AppendValue(days.Days).AppendValue((long?)days.Alive).AppendValue((long?)days.Of)
                    .EndRow();
            }
        }
        using var pasts = Connection.CreateAppender("finding_history");
        foreach (var past in history.Past)
        {
            pasts.CreateRow()
                .AppendValue(past.Key).AppendValue(past.Check).AppendValue(past.Account).AppendValue(past.Region).AppendValue(past.Resource)
                .AppendValue(past.Began.Select(IsoOf).ToList()).AppendValue(past.At.ToUniversalTime()).AppendValue((bool?)past.IsFixed)
                .EndRow();
        }
    }

    private static int? NumberOf(DuckDBDataReader row, int column) => row.IsDBNull(column) ? null : (int)Math.Clamp(row.GetInt64(column), 0, int.MaxValue);

    private static string IsoOf(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture);

    private static List<DateTimeOffset> TimesOf(IEnumerable<string> texts) =>
        [.. texts.Select(text => DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : (DateTimeOffset?)null).OfType<DateTimeOffset>().Order()];

    private static DateTimeOffset TimeOf(DuckDBDataReader row, int column) =>
        new(DateTime.SpecifyKind(row.GetDateTime(column), DateTimeKind.Utc));
}
