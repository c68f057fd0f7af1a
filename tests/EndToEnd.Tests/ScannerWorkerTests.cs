using System.Reflection;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Loopback;
using Loopback.Aws;
using Scanner.Aws;
using Scanner.Catalog;
using Scanner.Collect.Tables;
using Scanner.Detect.Rules;
using Scanner.Evaluate;
using Scanner.Model;
using Scanner.Publish.Reports;
using Scanner.Store;

namespace EndToEnd.Tests;

/// <summary>That a run in a process that has run the program before is the run of a fresh process, and that one which dies is noticed.</summary>
public sealed partial class ScannerWorkerTests : IDisposable
{
    private static readonly string Plan = Path.Combine(Tools.Repository, "samples/plans/shop/plan.json");

    // What changes in the life of a process, or is made when it is first asked for, and why the next run does not see the last one's.
    private static readonly Dictionary<string, string> Reviewed = new(StringComparer.Ordinal)
    {
        ["Scanner.Aws.Models.EndpointTable.Loaded"] = "a file of the program's",
        ["Scanner.Aws.Models.ServiceModel.Models"] = "files of the program's",
        ["Scanner.Aws.Client.UnofferedServices.Loaded"] = "a file of the program's",
        ["Scanner.Collect.Plans.PlanPath.Parsed"] = "a parsed path by its text",
        ["Scanner.Collect.Policy.IamActions.Loaded"] = "a file of the program's",
        ["Scanner.Detect.Correlation.ShownFacts.Names"] = "names that nothing changes",
        ["Scanner.Detect.Logs.EventReader.LargeBuffer"] = "one at a time; given back however a read ends",
        ["Scanner.Detect.Logs.EventReader.Spare"] = "memory; what is in it is written before it is read",
        ["Scanner.Detect.RuleFindings.Techniques"] = "by the rule itself, which each run reads anew; goes with it",
        ["Scanner.Evaluate.CompiledFacts.Found"] = "by the check and its tables themselves, which nothing changes; goes with them",
        ["Scanner.Model.CallNames.Kept"] = "what the program's own table and the name of a call say; no more than 4,096",
        ["Scanner.Model.FileOutput.Unfinished"] = "names with a random part; taken out when the file is closed",
        ["Scanner.Model.NextSteps.Known"] = "by the steps of a rule themselves, which nothing changes; goes with them",
        ["Scanner.Model.ScanReport.Cells"] = "by the report itself, which nothing changes; goes with it",
        ["Scanner.Model.SourceNetwork.Amazon"] = "a list of the program's",
        ["Scanner.Publish.Reports.FirstScreen.Known"] = "by the report itself, which nothing changes; goes with it",
        ["Scanner.Scan.CatalogFolders.ShippedAlone"] = "files of the program's, which nothing changes",
        ["Scanner.Scan.CatalogFolders.ShippedDetections"] = "as above",
        ["Scanner.Store.Sql.EngineFaults.IsFatal"] = "set in the process of the engine alone",
        ["Scanner.Store.Sql.EngineFaults.Users"] = "as above",
        ["Scanner.Store.Sql.NativeMemoryLimit.Users"] = "zero between queries",
        ["Scanner.Store.Sql.NativeMemoryLimit.Before"] = "the limit that is put back after the last query",
        ["Scanner.Terminal.StandardStreams.Lost"] = "cleared when a run begins",
        ["Scanner.Terminal.StopSignal.Asked"] = "set by a signal, which ends the process",
        ["Scanner.Terminal.StopSignal.Late"] = "as above",
        ["Scanner.Terminal.StopSignal.Registrations"] = "made once",
        ["Scanner.Terminal.StopSignal.Signals"] = "as above",
        ["Scanner.Terminal.StopSignal.Watchdog"] = "as above",
        ["Scanner.Terminal.StopSignal.Name"] = "as above",
        ["Scanner.Terminal.StopSignal.ExitCode"] = "as above",
    };

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("worker");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Runs_of_one_process_say_and_write_what_a_fresh_process_does_whatever_ran_before()
    {
        var (first, second) = (_folder.CreateSubdirectory("first").FullName, _folder.CreateSubdirectory("second").FullName);
        foreach (var folder in new[] { first, second })
        {
            Directory.CreateDirectory(Path.Combine(folder, "infra"));
            await File.WriteAllTextAsync(Path.Combine(folder, "infra", "main.tf"), "\n\nresource \"aws_vpc\" \"shop\" {\n}\n", TestContext.Current.CancellationToken);
        }
        (string, string)[] actions = [("GITHUB_ACTIONS", "true"), ("GITHUB_WORKSPACE", first), ("FORCE_COLOR", "3")];
        string[] gate = ["gate", Plan, "--source", "infra", "--only", "vpc-*", "--report", "sarif=r.sarif"];
        (string Folder, string[] Arguments, (string, string)[] Environment)[] runs =
        [
            (first, gate, actions),
            (second, gate, []),
            (Path.Combine(first, "infra"), ["gate", Plan, "--source", ".", "--report", "csv=r.csv"], [.. actions, ("INPUT_ONLY", "kms-*")]),
            (second, ["scan", "--nope"], [("GITHUB_ACTIONS", "true")]),
            (first, ["scan", "--nope"], []),
            (second, ["rules", "--help"], []),
            (second, ["scan", "--from", Path.Combine(Tools.Repository, "samples/acme"), "--only", "iam-root-mfa", "--report", "csv=r.csv"], []),
            (first, gate, actions),
        ];

        using var worker = new ScannerWorker();
        foreach (var (folder, arguments, environment) in runs)
        {
            var served = await worker.ServeAsync(folder, arguments, ScannerProgram.Whole(folder, environment), TestContext.Current.CancellationToken);
            var written = Reports(folder);
            var (exitCode, output, error) = await ScannerProgram.StartSplitAsync(folder, arguments, environment);
            Assert.Equal((exitCode, WithoutTime(output), error), (served.ExitCode, WithoutTime(served.Output), served.Error));
            Assert.Equal(Reports(folder), written);
        }
    }

    [Fact]
    public async Task A_process_that_has_asked_one_AWS_asks_the_next_as_a_fresh_process_does()
    {
        var cancellation = TestContext.Current.CancellationToken;
        await using var one = await AwsServer.StartAsync();
        await using var other = await AwsServer.StartAsync();
        other.Account = "999999999999";
        foreach (var aws in new[] { one, other })
            aws.Reply("iam", "GetAccountSummary", new JsonObject { ["SummaryMap"] = new JsonObject { ["AccountMFAEnabled"] = aws == one ? 1 : 0 } });
        string[] scan = ["scan", "--only", "iam-root-mfa", "--regions", "us-east-1", "--report", "csv=r.csv"];
        var fresh = await ScannerProgram.StartSplitAsync(_folder.FullName, scan, Settings(one));
        var written = Reports(_folder.FullName);

        using var worker = new ScannerWorker();
        foreach (var aws in new[] { other, one, other })
        {
            var asked = other.RequestCount;
            var served = await worker.ServeAsync(_folder.FullName, scan, ScannerProgram.Whole(_folder.FullName, Settings(aws)), cancellation);
            Assert.True(served.ExitCode == 0, served.Output + served.Error);
            Assert.Equal(aws == other, other.RequestCount > asked);
            if (aws == one)
            {
                Assert.Equal((fresh.ExitCode, WithoutTime(fresh.Output), fresh.Error), (served.ExitCode, WithoutTime(served.Output), served.Error));
                Assert.Equal(written, Reports(_folder.FullName));
            }
            else
            {
                Assert.Contains(other.Account, Assert.Single(Reports(_folder.FullName)).Value, StringComparison.Ordinal);
            }
        }

        static (string, string)[] Settings(AwsServer aws) => [.. aws.EnvironmentVariables.Select(pair => (pair.Key, pair.Value))];
    }

    [Fact]
    public async Task A_process_that_dies_fails_its_run_with_what_it_said_and_one_that_hangs_ends_with_its_test()
    {
        using var dead = new ScannerWorker();
        Assert.Equal(0, (await VersionAsync(dead, TestContext.Current.CancellationToken)).ExitCode);
        var death = await Assert.ThrowsAsync<InvalidOperationException>(() =>
            dead.ServeAsync(Path.Combine(_folder.FullName, "missing"), ["--version"], new Dictionary<string, string>(), TestContext.Current.CancellationToken));
        Assert.Contains("the process that ran 'scanner --version' died (exit code 2): scanner: the system refused: Could not find a part of the path", death.Message, StringComparison.Ordinal);

        using var hanging = new ScannerWorker();
        // Served once: a process that is not yet there would be stopped in its start.
        Assert.Equal(0, (await VersionAsync(hanging, TestContext.Current.CancellationToken)).ExitCode);
        var (code, output) = await Tools.RunAsync("bash", ["-c", $"kill -STOP {hanging.ProcessId}"], cancellation: TestContext.Current.CancellationToken);
        Assert.True(code == 0, output);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var run = VersionAsync(hanging, stop.Token);
        Assert.False(run.IsCompleted);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);

        using var next = new ScannerWorker();
        Assert.Equal(0, (await VersionAsync(next, TestContext.Current.CancellationToken)).ExitCode);
    }

    /// <summary>New state that outlives a run fails here until somebody has looked whether the next run would see it.</summary>
    [Fact]
    public void What_the_program_keeps_for_the_life_of_a_process_was_looked_at()
    {
        Assembly[] assemblies =
        [
            typeof(AwsCall).Assembly, typeof(CheckCatalog).Assembly, typeof(Collector).Assembly, typeof(RuleSet).Assembly, typeof(CheckEvaluator).Assembly,
            typeof(Finding).Assembly, typeof(ReportWriter).Assembly, typeof(ScanStore).Assembly, typeof(Scanner.ExitCode).Assembly,
        ];
        var kept = assemblies.SelectMany(assembly => assembly.GetTypes())
            .Where(type => type.Namespace?.StartsWith("Scanner", StringComparison.Ordinal) == true && !type.FullName!.Contains('<', StringComparison.Ordinal))
            .SelectMany(type => type.GetFields(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
            .Where(field => !field.IsLiteral && (!field.IsInitOnly || Changes(field.FieldType)))
            .Select(field => $"{field.DeclaringType!.FullName}.{field.Name.Replace("<", "", StringComparison.Ordinal).Replace(">k__BackingField", "", StringComparison.Ordinal)}");
        Assert.Equal(Reviewed.Keys.Order(StringComparer.Ordinal), kept.Order(StringComparer.Ordinal));
    }

    private static string WithoutTime(string text) => Time().Replace(text, "");

    // When it ran, for how long, and how far it had come when.
    [GeneratedRegex(@"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[.\d]*Z|\d+\.\d s\b|^(Collecting|Detections:|Evaluating) .*\n", RegexOptions.Multiline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex Time();

    private static bool Changes(Type type) =>
        type.Namespace is "System.Collections.Concurrent" or "System.Threading" or "System.Runtime.CompilerServices" && type != typeof(Lock)
        || type.IsGenericType && (type.GetGenericTypeDefinition() == typeof(List<>) || type.GetGenericTypeDefinition() == typeof(Lazy<>) || type.GetGenericTypeDefinition() == typeof(WeakReference<>));

    private static Dictionary<string, string> Reports(string folder) =>
        Directory.EnumerateFiles(folder, "r.*").ToDictionary(file => Path.GetFileName(file), file => WithoutTime(File.ReadAllText(file)), StringComparer.Ordinal);

    private static Task<(int ExitCode, string Output, string Error, long Bytes)> VersionAsync(ScannerWorker worker, CancellationToken cancellation) =>
        worker.ServeAsync(Tools.Repository, ["--version"], ScannerProgram.Whole(Tools.Repository, []), cancellation);
}
