using System.IO.Compression;
using System.Text;
using Loopback;
using Scanner.Catalog;
using Scanner.Collect.Plans;
using Scanner.Collect.Recording;
using Scanner.Collect.Tables;
using Scanner.Detect.Matching;
using Scanner.Detect.Rules;
using Scanner.Detect.Sql;
using Scanner.Model;
using Scanner.Scan;
using Scanner.Store;

namespace EndToEnd.Tests.Fuzzing;

/// <summary>What is given to the program from outside, by kind: seeds, and how it is read.</summary>
/// <param name="name">Its name.</param>
/// <param name="seeds">Whole files of the kind.</param>
/// <param name="read">Reads one, in a folder of its own; gives what came of it in few words, so that what is new is noticed.</param>
internal sealed class FuzzTarget(string name, IReadOnlyList<byte[]> seeds, Func<string, byte[], CancellationToken, Task<string>> read)
{
    private static readonly Lazy<CheckCatalog> Catalog = new(() => new CatalogFolders([]).Catalog);

    public string Name => name;

    public IReadOnlyList<byte[]> Seeds => seeds;

    /// <summary>Reads a file.</summary>
    /// <exception cref="Exception">Anything but an <see cref="InputException"/> is a fault of ours.</exception>
    public Task<string> ReadAsync(string folder, byte[] content, CancellationToken cancellation) => read(folder, content, cancellation);

    /// <summary>The target of a name.</summary>
    public static FuzzTarget Of(string name) => name switch
    {
        "rules" => new FuzzTarget(name, Files("checks/detections", "*.yml", 30), (_, content, _) => Task.FromResult(Rules(content))),
        "checks" => new FuzzTarget(name, [.. Files("checks", "*.yml", 40)], Checks),
        "plans" => new FuzzTarget(name, [.. Files("samples/plans", "*.json", 10)], Plans),
        "sources" => new FuzzTarget(name, [.. Files("terraform", "*.tf", 20), .. Files("samples/plans", "*.tf", 10)], Sources),
        "recordings" => new FuzzTarget(name, [.. Recorded.Select(reply => File.ReadAllBytes(Path.Combine(Account, reply)))], RecordingsAsync),
        "logs" => new FuzzTarget(name, Logs(), LogsAsync),
        _ => throw new ArgumentException(name, nameof(name)),
    };

    private static string Account => Path.Combine(Tools.Repository, "samples/acme/111122223333/us-east-1");

    private static readonly string[] Recorded = ["cloudtrail.DescribeTrails.json", "cloudtrail.GetTrailStatus.json", "cloudtrail.GetEventSelectors.json", "ec2.DescribeVpcs.json", "ec2.DescribeFlowLogs.json", "ec2.DescribeRegions.json", "iam.GetCredentialReport.json"];

    private static IReadOnlyList<byte[]> Files(string folder, string pattern, int most)
    {
        var all = Directory.GetFiles(Path.Combine(Tools.Repository, folder), pattern, SearchOption.AllDirectories).Where(path => new FileInfo(path).Length < 60_000).Order(StringComparer.Ordinal).ToList();
        return [.. all.Where((_, i) => i % Math.Max(1, all.Count / most) == 0).Select(File.ReadAllBytes)];
    }

    private static string Rules(byte[] content)
    {
        var rules = RuleSet.Parse("f.yml", Encoding.UTF8.GetString(content));
        foreach (var rule in rules.Rules)
        {
            foreach (var dialect in Enum.GetValues<SqlDialect>())
            {
                try
                {
                    _ = RuleConverter.Convert(rule, dialect).Sql;
                }
                catch (InputException)
                {
                    // Rules that a dialect cannot say.
                }
            }
        }
        _ = new Detector(rules).Match("""{"eventID":"1","eventTime":"2026-11-20T06:30:00Z","eventSource":"iam.amazonaws.com","eventName":"CreateUser","userIdentity":{"type":"Root"}}"""u8);
        return rules.Errors.Count > 0 ? rules.Errors[0].Message : $"{rules.Rules.Count} {rules.Notes.Count > 0}";
    }

    private static Task<string> Checks(string folder, byte[] content, CancellationToken cancellation)
    {
        File.WriteAllBytes(Path.Combine(folder, "f.yml"), content);
        var catalog = CatalogLoader.Load([folder], Catalog.Value.Tables.Values);
        foreach (var table in catalog.Tables.Values.Where(table => table.Path.StartsWith(folder, StringComparison.Ordinal)))
            TableValidator.Check(table);
        return Task.FromResult($"{catalog.Checks.Count} {catalog.Frameworks.Count} {catalog.Mutes.Count} {catalog.Detections.Count}");
    }

    private static Task<string> Plans(string folder, byte[] content, CancellationToken cancellation)
    {
        var path = Path.Combine(folder, "plan.json");
        File.WriteAllBytes(path, content);
        var tables = new PlanTables(Catalog.Value.Tables.Values, DateTimeOffset.UnixEpoch);
        var plan = PlanReader.Read(path, new PlanReadOptions { Names = tables.Names, Owners = tables.Owners });
        var rows = tables.Of(plan);
        return Task.FromResult($"{plan.Incomplete.Count > 0} {plan.Notes.Count > 0} {rows.After.Count > 0}");
    }

    private static Task<string> Sources(string folder, byte[] content, CancellationToken cancellation)
    {
        File.WriteAllBytes(Path.Combine(folder, "main.tf"), content);
        var tables = new PlanTables(Catalog.Value.Tables.Values, DateTimeOffset.UnixEpoch);
        var plan = PlanReader.Read(PlanFile, new PlanReadOptions { Names = tables.Names, Owners = tables.Owners, Source = folder });
        return Task.FromResult($"{plan.Source?.Notes.FirstOrDefault()} {tables.Of(plan).After.Count}");
    }

    private static string PlanFile { get; } = Directory.GetFiles(Path.Combine(Tools.Repository, "samples/plans"), "*.json", SearchOption.AllDirectories).Order(StringComparer.Ordinal).First();

    private static async Task<string> RecordingsAsync(string folder, byte[] content, CancellationToken cancellation)
    {
        var region = Directory.CreateDirectory(Path.Combine(folder, "111122223333", "us-east-1")).FullName;
        await File.WriteAllTextAsync(Path.Combine(folder, "scan.json"), """{"recorded_at":"2026-11-20T06:30:00Z","partition":"aws","accounts":[{"id":"111122223333","name":"a"}],"regions":["us-east-1"]}""", cancellation);
        // A mutant stands where its own kind would: chosen by its content, so that it is the same each time.
        var place = Recorded[content.Aggregate(17, (hash, one) => unchecked(hash * 31 + one)) is var h && h < 0 ? -(h % Recorded.Length) : h % Recorded.Length];
        foreach (var reply in Recorded)
            File.Copy(Path.Combine(Account, reply), Path.Combine(region, reply), overwrite: true);
        await File.WriteAllBytesAsync(Path.Combine(region, place), content, cancellation);
        var tables = new[] { "aws_cloudtrail_trail", "aws_vpc", "aws_vpc_flow_log", "aws_iam_credential_report" }.Select(Catalog.Value.Tables.GetValueOrDefault).OfType<TableDefinition>();
        var recording = RecordedScan.Open(folder);
        using var store = ScanStore.InMemory([]);
        await new Collector(tables, new CollectorOptions(), null).CollectAsync(recording.Accounts, store, cancellation);
        return string.Join(' ', store.ReadCollection().Select(status => $"{status.Outcome} {status.Reason}"));
    }

    private static async Task<string> LogsAsync(string folder, byte[] content, CancellationToken cancellation)
    {
        var name = content switch
        {
            [0x1f, 0x8b, ..] => "f.json.gz",
            [0x50, 0x4b, ..] => "f.zip",
            [(byte)'{' or (byte)'[', ..] => "f.json",
            _ => "f.log",
        };
        var path = Path.Combine(folder, name);
        await File.WriteAllBytesAsync(path, content, cancellation);
        var said = new StringBuilder();
        foreach (var source in (LogSource[])[LogSource.CloudTrail, LogSource.VpcFlow, LogSource.S3Access])
        {
            var files = LogFiles.Find([path], source);
            var result = await new Detector(FewRules.Value, new DetectorOptions { Parallelism = 1, IncludeEvents = true }).RunAsync(files.Files, match => _ = Scanner.Detect.RuleFindings.ToFinding(match), cancellation);
            said.Append(result.FileErrors.FirstOrDefault()).Append(result.RuleErrors.FirstOrDefault()).Append(result.Events > 0);
        }
        return said.ToString();
    }

    private static readonly Lazy<RuleSet> FewRules = new(() => RuleSet.Load([.. RuleSet.FindFiles([Path.Combine(Tools.Repository, "checks/detections")]).Where((_, i) => i % 20 == 0)], new RuleSetOptions { Placeholders = Catalog.Value.Placeholders }));

    private static IReadOnlyList<byte[]> Logs()
    {
        var events = Encoding.UTF8.GetBytes(File.ReadAllText(Path.Combine(Tools.Repository, "samples/acme/events/cloudtrail.json"))[..20_000]);
        byte[] one = """{"Records":[{"eventVersion":"1.11","userIdentity":{"type":"Root","arn":"arn:aws:iam::111122223333:root","accountId":"111122223333"},"eventTime":"2026-11-20T03:26:11Z","eventSource":"signin.amazonaws.com","eventName":"ConsoleLogin","awsRegion":"us-east-1","sourceIPAddress":"198.51.100.201","userAgent":"a","requestParameters":null,"responseElements":{"ConsoleLogin":"Success"},"additionalEventData":{"MFAUsed":"No"},"eventID":"1","eventType":"AwsConsoleSignIn","recipientAccountId":"111122223333"}]}"""u8.ToArray();
        byte[] flow = "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status\n2 111122223333 eni-1 198.51.100.1 10.0.0.1 40000 22 6 10 840 1763600000 1763600060 ACCEPT OK\n2 111122223333 eni-1 - - - - - - - 1763600000 1763600060 - NODATA\n"u8.ToArray();
        byte[] access = "79a59df9 acme-logs [20/Nov/2026:03:26:11 +0000] 198.51.100.201 arn:aws:iam::111122223333:user/a REQ1 REST.GET.OBJECT k \"GET /k HTTP/1.1\" 200 - 11 11 10 9 \"-\" \"aws-cli/2\" - HostId SigV4 TLS_AES_128_GCM_SHA256 AuthHeader acme.s3.amazonaws.com TLSv1.3 - -\n"u8.ToArray();
        return [events, one, [.. one[12..^2], (byte)'\n', .. one[12..^2]], flow, access, Zipped(one), Zipped(flow), InZip(one)];
    }

    private static byte[] Zipped(byte[] content)
    {
        using var written = new MemoryStream();
        using (var gzip = new GZipStream(written, CompressionLevel.Fastest))
            gzip.Write(content);
        return written.ToArray();
    }

    private static byte[] InZip(byte[] content)
    {
        using var written = new MemoryStream();
        using (var zip = new ZipArchive(written, ZipArchiveMode.Create))
        {
            using var entry = zip.CreateEntry("a.json").Open();
            entry.Write(content);
        }
        return written.ToArray();
    }
}
