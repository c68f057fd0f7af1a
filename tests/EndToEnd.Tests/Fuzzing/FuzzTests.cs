using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.RegularExpressions;
using Loopback;
using Scanner.Model;

namespace EndToEnd.Tests.Fuzzing;

/// <summary>
/// Damaged and hostile files: each is read, or refused in one line; none ends the program or keeps it busy. CI tries the same few each time; at
/// night (<c>.ci/fuzz</c>) it goes on for SCANNER_FUZZ_SECONDS from all that was found interesting before: what gave another answer than any file
/// before it is kept in the corpus and changed in its turn.
/// </summary>
public sealed partial class FuzzTests : IDisposable
{
    private const int Few = 40;
    private const int MostKept = 3000;

    // A file that takes longer stalls the run it belongs to.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static readonly double? Seconds = Environment.GetEnvironmentVariable("SCANNER_FUZZ_SECONDS") is { Length: > 0 } given ? double.Parse(given, CultureInfo.InvariantCulture) : null;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("fuzz");

    public void Dispose() => _folder.Delete(recursive: true);

    public static TheoryData<string> Targets => ["rules", "checks", "plans", "sources", "recordings", "logs"];

    [Theory]
    [MemberData(nameof(Targets))]
    public async Task Whatever_a_file_holds_it_is_read_or_refused_in_one_line(string name)
    {
        var target = FuzzTarget.Of(name);
        var kept = Path.Combine(Tools.Repository, "artifacts/nightly/fuzz", name);
        var seed = Seconds is null ? 1 : Environment.TickCount;
        var random = new Random(seed);
        var mutator = new Mutator(random);
        var corpus = target.Seeds.ToList();
        if (Seconds is not null)
        {
            Directory.CreateDirectory(kept);
            corpus.AddRange(Directory.GetFiles(kept, "*.kept").Select(File.ReadAllBytes));
        }
        var known = new HashSet<string>(StringComparer.Ordinal);
        var faults = new Dictionary<string, string>(StringComparer.Ordinal);
        // Whole files first: what they give is nothing new, and they must be read at all.
        foreach (var whole in corpus)
            known.Add(await TryAsync(target, whole, kept, faults));
        Assert.Contains(known, answer => !answer.StartsWith(Refused, StringComparison.Ordinal));
        var clock = Stopwatch.StartNew();
        var tried = 0;
        for (; Seconds is { } seconds ? clock.Elapsed.TotalSeconds < seconds / Targets.Count() : tried < Few; tried++)
        {
            var mutant = mutator.Change(corpus[random.Next(corpus.Count)], corpus[random.Next(corpus.Count)]);
            if (!known.Add(await TryAsync(target, mutant, kept, faults)) || Seconds is null || corpus.Count >= MostKept)
                continue;
            corpus.Add(mutant);
            await File.WriteAllBytesAsync(Path.Combine(kept, NameOf(mutant) + ".kept"), mutant, TestContext.Current.CancellationToken);
        }
        TestContext.Current.SendDiagnosticMessage(string.Create(CultureInfo.InvariantCulture, $"{name}: {tried} files (seed {seed}), {known.Count} answers, corpus of {corpus.Count}, {faults.Count} faults"));
        Assert.True(faults.Count == 0, string.Join("\n\n", faults.Values));
    }

    private const string Refused = "refused ";

    // What came of it, without what differs from file to file.
    private async Task<string> TryAsync(FuzzTarget target, byte[] content, string kept, Dictionary<string, string> faults)
    {
        var folder = Directory.CreateDirectory(Path.Combine(_folder.FullName, target.Name)).FullName;
        // Where the process itself ends, the file is what is left.
        if (Seconds is not null)
            await File.WriteAllBytesAsync(Path.Combine(kept, "current"), content, TestContext.Current.CancellationToken);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        try
        {
            var reading = Task.Run(() => target.ReadAsync(folder, content, stop.Token), stop.Token);
            if (await Task.WhenAny(reading, Task.Delay(Patience, stop.Token)) != reading)
                throw new TimeoutException($"it is not read after {Patience.TotalSeconds} s");
            return Plain(await reading);
        }
        catch (InputException e)
        {
            Assert.DoesNotContain('\n', e.Message);
            return Refused + Plain(e.Message);
        }
#pragma warning disable CA1031 // Whatever it is, it is what we look for.
        catch (Exception e) when (e is not OperationCanceledException)
#pragma warning restore CA1031
        {
            var where = string.Join('\n', e.ToString().Split('\n').Take(12));
            var path = Path.Combine(kept, NameOf(content) + ".fault");
            // One of a kind: what was thrown, and the place of ours that let it through.
            var kind = $"{e.GetType().Name} {Plain(e.Message)}{where.Split('\n').FirstOrDefault(line => line.Contains("at Scanner.", StringComparison.Ordinal))}";
            if (faults.TryAdd(kind, $"{path}\n{where}") && Seconds is not null)
                await File.WriteAllBytesAsync(path, content, TestContext.Current.CancellationToken);
            return Plain(e.GetType().Name);
        }
        finally
        {
            await stop.CancelAsync();
        }
    }

    private static string NameOf(byte[] content) => Convert.ToHexStringLower(SHA256.HashData(content).AsSpan(0, 8));

    private static string Plain(string text)
    {
        var plain = Digits().Replace(Quoted().Replace(text, "'…'"), "0");
        return plain.Length <= 1500 ? plain : plain[..1500];
    }

    [GeneratedRegex("'[^']*'|\"[^\"]*\"", RegexOptions.NonBacktracking)]
    private static partial Regex Quoted();

    [GeneratedRegex("[0-9]+", RegexOptions.NonBacktracking)]
    private static partial Regex Digits();
}
