using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using DuckDB.NET.Data;
using Scanner.Detect.Matching;
using Scanner.Detect.Rules;
using Scanner.Detect.Sql;
using Scanner.Model;

namespace Benchmarks;

/// <summary>
/// How fast detections run against inflating the same files with the runtime's own zlib, that and parsing, and zcat, in the same run, on one core and
/// on two, with 10 to 5,000 rules, and against DuckDB. Each measurement is a process of its own, tied to its cores: its memory peak is its own too.
/// </summary>
internal static class DetectBenchmark
{
    internal static async Task<int> RunAsync(string[] args)
    {
        var megabytes = int.Parse(Option(args, "--mb") ?? "300", CultureInfo.InvariantCulture);
        var isHot = args.Contains("--hot");
        var folder = Option(args, "--folder") ?? Path.Combine(Path.GetTempPath(), $"scanner-benchmark-{(isHot ? "hot-" : "")}{megabytes}");
        var files = CloudTrailGenerator.Write(folder, megabytes * 1_000_000L, isHot);
        Console.WriteLine($"{files.Count} files, {files.Sum(file => new FileInfo(file).Length) / 1e6:0} MB of gz");
        await File.WriteAllLinesAsync(Path.Combine(folder, "files.txt"), files);

        var limits = new Limits(Self("0", "detect-inflate", folder), Self("0", "detect-parse", folder), Zcat(files, "0"));
        Report("inflate alone, the runtime's own zlib, one core", limits.Inflate, limits);
        Report("inflate and parse, the runtime's own reader, one core", limits.Parse, limits);
        Report("zcat | wc -c, one core", limits.Zcat, limits);
        foreach (var rules in new[] { "10", "60", "100", "500", "1000", "5000" })
            Report($"compiled, {rules} rules, one core", Self("0", "detect-once", folder, rules, "1"), limits);
        if (Option(args, "--rules") is { } own)
            Report("compiled, the rules given, one core", Self("0", "detect-once", folder, own, "1"), limits);
        Report("inflate alone, one core, again", Self("0", "detect-inflate", folder), limits);
        var single = Self("0", "detect-once", folder, "60", "1");
        Report("compiled, 60 rules, one core, again", single, limits);
        var two = Self("0,1", "detect-once", folder, "60", "2");
        Report("compiled, 60 rules, two cores", two, limits);
        Console.WriteLine($"two cores against one: {single.Seconds / two.Seconds:0.00} times as fast");
        if (Option(args, "--program") is { } program)
            ReportProgram(program, folder, files, limits);
        if (args.Contains("--duckdb"))
            Report("DuckDB, 60 rules, one core, every tenth file", Self("0", "detect-duckdb", folder, "60", "1"), limits, 0.1);
        return 0;
    }

    /// <summary>What people run: the published program with the shipped detections, its start and the writing of all matches included.</summary>
    private static void ReportProgram(string program, string folder, IReadOnlyList<string> files, Limits limits)
    {
        var none = Path.Combine(folder, "none.json");
        File.WriteAllText(none, "{\"Records\":[]}");
        Report("scanner detect, an empty log, one core", Run(program, "0", 1, [none]), limits);
        Report("scanner detect, one core", Run(program, "0", 1, files), limits);
        Report("scanner detect, two cores", Run(program, "0,1", 2, files), limits);
        var lines = WriteLines(folder, files);
        var one = Run(program, "0", 1, [lines]);
        var two = Run(program, "0,1", 2, [lines]);
        Report("scanner detect, one file of JSON lines, one core", one, limits);
        Report("scanner detect, one file of JSON lines, two cores", two, limits);
        Console.WriteLine($"one file of JSON lines, two cores against one: {one.Seconds / two.Seconds:0.00} times as fast");
    }

    /// <summary>The same events as one file of JSON lines.</summary>
    private static string WriteLines(string folder, IReadOnlyList<string> files)
    {
        var path = Path.Combine(folder, "lines.jsonl");
        using var lines = new StreamWriter(path);
        foreach (var file in files)
        {
            using var reader = new StreamReader(new System.IO.Compression.GZipStream(File.OpenRead(file), System.IO.Compression.CompressionMode.Decompress));
            lines.WriteLine(reader.ReadToEnd()["{\"Records\":[".Length..^"]}".Length].Replace("},{\"eventVersion\"", "}\n{\"eventVersion\"", StringComparison.Ordinal));
        }

        return path;
    }

    /// <summary>The limit: inflating the same bytes with the runtime's own zlib, and nothing else.</summary>
    internal static int RunInflate(string[] args)
    {
        var buffer = new byte[1 << 18];
        var bytes = 0L;
        var watch = Stopwatch.StartNew();
        foreach (var file in File.ReadAllLines(Path.Combine(args[0], "files.txt")))
        {
            using var gz = new System.IO.Compression.GZipStream(File.OpenRead(file), System.IO.Compression.CompressionMode.Decompress);
            int read;
            while ((read = gz.Read(buffer)) > 0)
                bytes += read;
        }

        Finish(watch, bytes, $"{bytes / 1e6:0} MB of JSON");
        return 0;
    }

    /// <summary>Inflating, and looking at every token with the runtime's own JSON reader: what any program does that parses the logs.</summary>
    internal static int RunParse(string[] args)
    {
        var (bytes, tokens) = (0L, 0L);
        var watch = Stopwatch.StartNew();
        foreach (var file in File.ReadAllLines(Path.Combine(args[0], "files.txt")))
        {
            using var gz = new System.IO.Compression.GZipStream(File.OpenRead(file), System.IO.Compression.CompressionMode.Decompress);
            var buffer = new byte[1 << 18];
            var (length, state) = (0, default(JsonReaderState));
            for (var isLast = false; !isLast;)
            {
                if (length == buffer.Length)
                    Array.Resize(ref buffer, length * 2);
                var read = gz.Read(buffer, length, buffer.Length - length);
                isLast = read == 0;
                length += read;
                bytes += read;
                var reader = new Utf8JsonReader(buffer.AsSpan(0, length), isLast, state);
                while (reader.Read())
                    tokens++;
                state = reader.CurrentState;
                var consumed = (int)reader.BytesConsumed;
                buffer.AsSpan(consumed, length - consumed).CopyTo(buffer);
                length -= consumed;
            }
        }

        Finish(watch, bytes, string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e6:0} MB of JSON, {tokens / 1e6:0} million tokens"));
        return 0;
    }

    /// <summary>One run of the compiled matcher; prints its measurement as JSON.</summary>
    internal static async Task<int> RunOnceAsync(string[] args)
    {
        var rules = Rules(args[1]);
        var files = LogFiles.Find(await File.ReadAllLinesAsync(Path.Combine(args[0], "files.txt"))).Files;
        var watch = Stopwatch.StartNew();
        var matches = 0L;
        var result = await new Detector(rules, new DetectorOptions { Parallelism = int.Parse(args[2], CultureInfo.InvariantCulture) }).RunAsync(files, _ => matches++);
        Finish(watch, result.Bytes, $"{result.Events} events, {result.Bytes / 1e6:0} MB of JSON, {rules.Rules.Count} rules, {matches} matches, complete: {result.IsComplete}");
        return result.IsComplete ? 0 : 1;
    }

    /// <summary>Where the time goes: decompression alone, and with rules that look at nothing, in CPU seconds.</summary>
    internal static async Task<int> RunPhasesAsync(string[] args)
    {
        var files = await File.ReadAllLinesAsync(Path.Combine(args[0], "files.txt"));
        using var process = Process.GetCurrentProcess();
        var buffer = new byte[1 << 18];
        for (var round = 0; round < 2; round++)
        {
            var before = Cpu();
            var bytes = 0L;
            foreach (var file in files)
            {
                await using var gz = new System.IO.Compression.GZipStream(File.OpenRead(file), System.IO.Compression.CompressionMode.Decompress);
                int read;
                while ((read = gz.Read(buffer)) > 0)
                    bytes += read;
            }

            Console.WriteLine($"decompression: {Cpu() - before:0.00} s for {bytes / 1e6:0} MB");
            foreach (var what in new[] { "0", "1", "10", "60", "500" }.Concat(args.Skip(1)))
            {
                var rules = Rules(what);
                before = Cpu();
                var result = await new Detector(rules, new DetectorOptions { Parallelism = 1 }).RunAsync(LogFiles.Find(files).Files, _ => { });
                var cpu = Cpu() - before;
                Console.WriteLine($"{what} rules: {cpu:0.00} s, {cpu / result.Events * 1e9:0} ns an event, {result.Bytes / result.Events} bytes an event");
            }
        }

        return 0;

        double Cpu()
        {
            process.Refresh();
            return process.TotalProcessorTime.TotalSeconds;
        }
    }

    /// <summary>The same rules as SQL over read_json, all of them in one scan.</summary>
    internal static int RunDuckDb(string[] args)
    {
        var rules = Rules(args[1]);
        var files = File.ReadAllLines(Path.Combine(args[0], "files.txt")).Where((_, i) => i % 10 == 0);
        var conditions = rules.Rules.Where(rule => rule.Expression is not null).Select(rule =>
            new SqlWriter(new DuckDbFields(LogSource.CloudTrail), "events", null).Condition(rule.Expression!));
        var sql = $"select count(*), {string.Join(", ", conditions.Select(condition => $"count(*) filter (where {condition})"))} from "
            + $"(select unnest(\"Records\") as event from read_json([{string.Join(", ", files.Select(file => $"'{file}'"))}], columns = {{Records: 'JSON[]'}}, maximum_object_size = 200000000))";
        using var connection = new DuckDBConnection("DataSource=:memory:");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = $"set threads = {args[2]}; {sql}";
        var watch = Stopwatch.StartNew();
        using var reader = command.ExecuteReader();
        reader.Read();
        var matches = Enumerable.Range(1, reader.FieldCount - 1).Sum(reader.GetInt64);
        Finish(watch, 0, $"{reader.GetInt64(0)} events, {matches} matches");
        return 0;
    }

    private static void Finish(Stopwatch watch, long bytes, string note)
    {
        var seconds = watch.Elapsed.TotalSeconds;
        using var process = Process.GetCurrentProcess();
        var peak = File.Exists("/proc/self/status")
            ? File.ReadLines("/proc/self/status").First(line => line.StartsWith("VmHWM", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1]
            : "0";
        Console.WriteLine(JsonSerializer.Serialize(new Measurement(seconds, process.TotalProcessorTime.TotalSeconds, long.Parse(peak, CultureInfo.InvariantCulture) / 1024, note + (bytes > 0 ? $", {bytes / 1e6 / seconds:0} MB/s" : ""))));
    }

    private static RuleSet Rules(string what)
    {
        var rules = int.TryParse(what, NumberStyles.None, CultureInfo.InvariantCulture, out var count)
            ? RuleSet.Parse("generated.yml", Synthetic(count))
            : RuleSet.Load(RuleSet.FindFiles([what]));
        return rules.Errors.Count == 0 || !int.TryParse(what, NumberStyles.None, CultureInfo.InvariantCulture, out _) ? rules : what == "0" ? rules : throw new InvalidOperationException(rules.Errors[0].Message);
    }

    /// <summary>Rules as detections of AWS are: most name an event, some only look at who, where and whether it failed.</summary>
    private static string Synthetic(int count)
    {
        var text = new StringBuilder();
        string[] services = ["iam", "ec2", "s3", "cloudtrail", "kms", "guardduty", "config", "rds", "lambda", "ssm", "secretsmanager", "sts"];
        string[] verbs = ["Create", "Delete", "Put", "Update", "Attach", "Detach", "Modify", "Disable", "Stop", "Get"];
        for (var i = 0; i < count; i++)
        {
            var service = services[i % services.Length];
            var verb = verbs[i / services.Length % verbs.Length];
            text.Append(CultureInfo.InvariantCulture, $"title: rule {i}\nid: rule-{i}\nlogsource: {{product: aws, service: cloudtrail}}\ndetection:\n");
            text.Append(CultureInfo.InvariantCulture, $"{(i % 10) switch
            {
                0 => $"  s: {{eventSource: {service}.amazonaws.com, eventName: [{verb}Thing{i}, {verb}Policy{i}, CreateAccessKey]}}\n  f: {{userIdentity.arn|contains: ':role/admin-{i}'}}\n  condition: s and not f",
                1 => $"  s: {{eventName|startswith: {verb}X{i}}}\n  condition: s",
                2 => $"  s: {{userIdentity.type: Root}}\n  f: {{eventType: AwsServiceEvent}}\n  g: {{eventName: Thing{i}}}\n  condition: s and not f and not g",
                3 => $"  s: {{eventSource: ec2.amazonaws.com, eventName: AuthorizeSecurityGroupIngress, requestParameters.ipPermissions.items.ipRanges.items.cidrIp: ['0.0.0.0/0', '192.0.2.{i % 250}/32'], requestParameters.ipPermissions.items.toPort: {i}}}\n  condition: s",
                4 => $"  s: {{eventSource: iam.amazonaws.com, eventName: [PutRolePolicy, PutUserPolicy], requestParameters.policyDocument|contains: 'iam:Pass{i}'}}\n  condition: s",
                5 => $"  s: {{userAgent|contains: 'tool-{i}'}}\n  condition: s",
                6 => $"  s: {{eventName: {verb}Thing{i}, errorCode: null}}\n  condition: s",
                7 => $"  s: {{eventName: {verb}Thing{i}, sourceIPAddress|cidr: 203.0.{i % 250}.0/24}}\n  condition: s",
                8 => $"  s: {{eventSource: {service}.amazonaws.com, errorCode|contains: [Denied, Unauthorized], eventName|re: '^{verb}Y{i}.*$'}}\n  condition: s",
                _ => $"  s: {{eventName: ConsoleLogin, responseElements.ConsoleLogin: Success, additionalEventData.MFAUsed: 'No'}}\n  t: {{awsRegion: region-{i}}}\n  condition: s or (t and not s)",
            }}");
            text.Append("\n---\n");
        }

        return text.ToString();
    }

    private static Measurement Run(string program, string cores, int threads, IReadOnlyList<string> files)
    {
        var script = $"TIMEFORMAT='%R %U %S'; time taskset -c {cores} '{program}' detect --threads {threads} {string.Join(' ', files.Select(file => $"'{file}'"))} 2>/dev/null | wc -l";
        using var process = Process.Start(new ProcessStartInfo("bash", ["-c", script]) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false })!;
        var error = process.StandardError.ReadToEndAsync();
        var matches = process.StandardOutput.ReadToEnd().Trim();
        process.WaitForExit();
        var times = error.GetAwaiter().GetResult().Trim().Split(' ').Select(text => double.Parse(text, CultureInfo.InvariantCulture)).ToArray();
        return new Measurement(times[0], times[1] + times[2], 0, $"{matches} matches");
    }

    private static Measurement Zcat(IReadOnlyList<string> files, string cores)
    {
        var script = $"TIMEFORMAT='%R %U %S'; time (taskset -c {cores} zcat {string.Join(' ', files.Select(file => $"'{file}'"))} | taskset -c {cores} wc -c)";
        using var process = Process.Start(new ProcessStartInfo("bash", ["-c", script]) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false })!;
        var error = process.StandardError.ReadToEndAsync();
        var bytes = process.StandardOutput.ReadToEnd().Trim();
        process.WaitForExit();
        var times = error.GetAwaiter().GetResult().Trim().Split(' ').Select(text => double.Parse(text, CultureInfo.InvariantCulture)).ToArray();
        return new Measurement(times[0], times[1] + times[2], 0, $"{long.Parse(bytes, CultureInfo.InvariantCulture) / 1e6:0} MB of JSON, {long.Parse(bytes, CultureInfo.InvariantCulture) / 1e6 / times[0]:0} MB/s");
    }

    private static Measurement Self(string cores, params string[] args)
    {
        using var process = Process.Start(new ProcessStartInfo("taskset", ["-c", cores, Environment.ProcessPath!, .. args]) { RedirectStandardOutput = true, UseShellExecute = false })!;
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0
            ? JsonSerializer.Deserialize<Measurement>(output.Trim().Split('\n')[^1])!
            : throw new InvalidOperationException($"{string.Join(' ', args)} ended with {process.ExitCode}: {output}");
    }

    private static void Report(string what, Measurement measurement, Limits limits, double part = 1) =>
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{what,-48} {measurement.Seconds,7:0.00} s  cpu {measurement.Cpu,7:0.00} s  {measurement.Cpu / limits.Inflate.Cpu / part,5:0.00} x inflate, {measurement.Cpu / limits.Parse.Cpu / part:0.00} x inflate and parse, {measurement.Cpu / limits.Zcat.Cpu / part:0.00} x zcat by cpu  peak {measurement.PeakMegabytes,4} MB  {measurement.Note}"));

    private static string? Option(string[] args, string name)
    {
        var at = Array.IndexOf(args, name);
        return at >= 0 && at + 1 < args.Length ? args[at + 1] : null;
    }

    /// <summary>What the others are measured against, of the same run.</summary>
    private sealed record Limits(Measurement Inflate, Measurement Parse, Measurement Zcat);

    private sealed record Measurement(double Seconds, double Cpu, long PeakMegabytes, string Note);
}
