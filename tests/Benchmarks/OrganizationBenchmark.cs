using System.Diagnostics;
using System.Globalization;
using DuckDB.NET.Data;
using Loopback;

namespace Benchmarks;

/// <summary>
/// What <c>scanner merge</c>, its reports and the job's summary cost for organizations of so many accounts, in 20 stores as the jobs of a matrix leave them. The
/// accounts are copies of the sample's two, seen in 17 regions, each with names and ids of its own.
/// </summary>
internal static class OrganizationBenchmark
{
    private const string One = "111122223333";
    private const string Two = "444455556666";
    private const int Shards = 20;

    private static readonly string[] Formats = ["html", "json", "ocsf", "asff", "csv", "sarif", "junit", "markdown"];

    public static async Task RunAsync(string program, IReadOnlyList<int> counts)
    {
        var folder = Directory.CreateTempSubdirectory("benchmark-organization-");
        try
        {
            var recording = Recording(folder.CreateSubdirectory("recording").FullName);
            var seed = Path.Combine(folder.FullName, "seed.duckdb");
            var scan = await MeasureAsync(program, ["scan", "--from", recording, "--store", seed], folder.FullName);
            Print($"scan of 2 accounts: {scan.Wall:0.0} s wall, {scan.Cpu:0.0} s CPU, peak {scan.PeakMebibytes:0} MiB (exit {scan.ExitCode})");
            foreach (var count in counts)
            {
                var shards = folder.CreateSubdirectory($"shards-{count}");
                var resources = Stores(seed, count, shards.FullName);
                var reports = folder.CreateSubdirectory($"reports-{count}").FullName;
                var merged = Path.Combine(reports, "merged.duckdb");
                var summary = Path.Combine(reports, "summary.md");
                var merge = await MeasureAsync(program,
                    ["merge", shards.FullName, "--store", merged, "--publish", "summary", .. Formats.SelectMany(format => new[] { "--report", $"{format}={Path.Combine(reports, "report." + format)}" })], folder.FullName, [new("GITHUB_STEP_SUMMARY", summary)]);
                Print($"{count} accounts, {resources} resources, merge and {Formats.Length} reports: {merge.Wall:0.0} s wall, {merge.Cpu:0.0} s CPU, peak {merge.PeakMebibytes:0} MiB (limit 1024), {merge.Lines} lines (exit {merge.ExitCode})");
                Print($"  {string.Join(", ", new DirectoryInfo(reports).EnumerateFiles().OrderByDescending(file => file.Length).Select(file => string.Create(CultureInfo.InvariantCulture, $"{file.Name} {file.Length / 1048576.0:0.0} MiB")))}");
                Summary(summary);
                shards.Delete(recursive: true);
                Directory.Delete(reports, recursive: true);
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    // What matters is whole in it: a test holds that, here is how much there is.
    private static void Summary(string path)
    {
        var (size, text) = (new FileInfo(path).Length, File.ReadAllText(path));
        var parts = text.Split('\n').Where(line => line.StartsWith("## ", StringComparison.Ordinal)).Select(line => line[3..]);
        Print($"  job summary: {size:N0} bytes of GitHub's 1,048,576 (ratio {size / 1048576.0:0.00}); {string.Join(" · ", parts)}");
    }

    private static void Print(FormattableString text) => Console.WriteLine(text.ToString(CultureInfo.InvariantCulture));

    // The sample has three regions: the others are as its quietest.
    private static string Recording(string folder)
    {
        const string Quiet = "ap-southeast-2";
        var sample = Path.Combine(Tools.Repository, "samples/acme");
        foreach (var file in Directory.EnumerateFiles(sample, "*.json", SearchOption.AllDirectories).Where(file => Path.GetRelativePath(sample, file)[0] is '1' or '4'))
        {
            var relative = Path.GetRelativePath(sample, file);
            var text = File.ReadAllText(file);
            Write(relative, text);
            if (!relative.Contains(Quiet, StringComparison.Ordinal))
                continue;
            foreach (var region in ScanBenchmark.Regions.Where(region => !Directory.Exists(Path.Combine(sample, One, region))))
                Write(relative.Replace(Quiet, region, StringComparison.Ordinal), text.Replace(Quiet, region, StringComparison.Ordinal));
        }
        File.WriteAllText(Path.Combine(folder, "scan.json"), $$"""
            {"recorded_at": "2026-11-20T06:30:00Z", "partition": "aws", "accounts": [{"id": "{{One}}", "name": "acme-prod"}, {"id": "{{Two}}", "name": "acme-dev"}],
             "regions": ["{{string.Join("\", \"", ScanBenchmark.Regions)}}"]}
            """);
        return folder;

        void Write(string relative, string text)
        {
            var path = Path.Combine(folder, relative);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, text);
        }
    }

    /// <summary>Makes the stores of an organization's jobs; the number of resources in them.</summary>
    private static long Stores(string seed, int accounts, string folder)
    {
        var resources = 0L;
        for (var shard = 0; shard < Shards; shard++)
        {
            var own = Enumerable.Range(0, accounts).Where(i => i % Shards == shard).ToList();
            if (own.Count == 0)
                continue;
            var path = Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"{shard:000}.duckdb"));
            File.Copy(seed, path);
            using var connection = new DuckDBConnection($"DataSource={path}");
            connection.Open();
            Execute("CREATE TEMP TABLE copies (i INTEGER, seed VARCHAR, id VARCHAR)");
            Execute("INSERT INTO copies VALUES " + string.Join(", ", own.Select(i => string.Create(CultureInfo.InvariantCulture, $"({i}, '{(i % 2 == 0 ? One : Two)}', '{Id(i)}')"))));
            foreach (var (table, changed) in new[] { ("resources", "resource_id, item"), ("collection", "reason"), ("findings", "resource_id, message, causes, identity") })
            {
                Execute($"CREATE TEMP TABLE old AS SELECT * FROM main.{table}");
                Execute($"DELETE FROM main.{table}");
                // The other account's id too: what one sees of the other is its own pair's.
                var replaced = string.Join(", ", changed.Split(", ").Select(name =>
                    $"replace(replace(replace({name}::VARCHAR, '{One}', chr(1)), '{Two}', chr(2)), 'acme', 'acme' || (i // 2))"
                    + $".replace(chr(1), printf('%012d', 200000000000 + i // 2 * 2)).replace(chr(2), printf('%012d', 200000000000 + i // 2 * 2 + 1)) AS {name}"));
                Execute($"INSERT INTO main.{table} BY NAME SELECT old.* REPLACE (id AS account_id, {replaced}) FROM old JOIN copies ON old.account_id = copies.seed");
                Execute("DROP TABLE old");
            }
            Execute($"UPDATE scan SET accounts = [{string.Join(", ", own.Select(i => $"'{Id(i)}'"))}]");
            Execute("CHECKPOINT");
            using var command = connection.CreateCommand();
            command.CommandText = "SELECT count(*) FROM main.resources";
            resources += (long)command.ExecuteScalar()!;

            void Execute(string sql)
            {
                using var statement = connection.CreateCommand();
                statement.CommandText = sql;
                statement.ExecuteNonQuery();
            }
        }
        return resources;
    }

    private static string Id(int i) => string.Create(CultureInfo.InvariantCulture, $"{200000000000 + i}");

    /// <summary>Runs a program to its end: wall time and processor time in seconds, peak memory, and how many lines it wrote.</summary>
    internal static async Task<(double Wall, double Cpu, double PeakMebibytes, int Lines, int ExitCode)> MeasureAsync(
        string program, string[] arguments, string folder, IEnumerable<KeyValuePair<string, string>>? environment = null)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        foreach (var (name, value) in environment ?? [])
            start.Environment[name] = value;
        var watch = Stopwatch.StartNew();
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEndAsync();
        var (peak, cpu) = (0.0, 0.0);
        while (!process.HasExited)
        {
            try
            {
                // VmHWM is the kernel's own high-water mark: reading it seldom loses nothing but the last moments.
                foreach (var line in await File.ReadAllLinesAsync($"/proc/{process.Id}/status"))
                {
                    if (line.StartsWith("VmHWM:", StringComparison.Ordinal))
                        peak = double.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / 1024;
                }
                cpu = process.TotalProcessorTime.TotalSeconds;
            }
            catch (Exception e) when (e is IOException or InvalidOperationException or System.ComponentModel.Win32Exception)
            {
                // It has ended meanwhile.
            }
            await Task.Delay(50);
        }
        var lines = (await output).Count(c => c == '\n');
        if (process.ExitCode > 1)
            Console.WriteLine(await error);
        return (watch.Elapsed.TotalSeconds, cpu, peak, lines, process.ExitCode);
    }
}
