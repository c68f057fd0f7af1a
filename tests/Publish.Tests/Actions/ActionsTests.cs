using System.Text;
using CsCheck;
using Loopback;
using Publish.Tests.Text;
using Scanner.Model;
using Scanner.Publish;
using Scanner.Publish.Actions;

namespace Publish.Tests.Actions;

public sealed class ActionsTests : IDisposable
{
    private readonly string _file = Path.GetTempFileName();

    public void Dispose() => File.Delete(_file);

    private static ScanReport Many(int checks, int resources)
    {
        var rules = Enumerable.Range(0, checks).Select(i => SampleReport.Trail with { Id = "check-" + i, Title = "Check " + i + " 界" }).ToList();
        return SampleReport.Report(rules.SelectMany(r => Enumerable.Range(0, resources).Select(i => SampleReport.Of(r, FindingStatus.Fail, $"arn:aws:s3:::bucket-界-{i:D6}", "us-east-1", "It is public 😀")))) with
        {
            Rules = rules.ToDictionary(r => r.Id, StringComparer.Ordinal),
        };
    }

    [Fact]
    public async Task The_summary_is_appended_to_what_is_there()
    {
        await File.WriteAllTextAsync(_file, "before\n", TestContext.Current.CancellationToken);
        await StepSummary.WriteAsync(_file, SampleReport.Whole(), ["out/report.json"], new PublishResult { Created = 2, Notes = ["5 failing checks have no issue yet: @org"] }, TestContext.Current.CancellationToken);
        var text = await File.ReadAllTextAsync(_file, TestContext.Current.CancellationToken);
        Assert.StartsWith("before\n# 🚨 1 incident, 2 settings fail", text, StringComparison.Ordinal);
        Assert.Contains("Issues: 2 opened, 0 updated, 0 reopened, 0 closed.", text, StringComparison.Ordinal);
        Assert.Contains("no issue yet: `@org`", text, StringComparison.Ordinal);
        Assert.DoesNotContain("not everything", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(600_000)]
    [InlineData(1_040_000)]
    [InlineData(1_048_000)]
    [InlineData(2_000_000)]
    public async Task The_summary_stays_under_one_mebibyte_whatever_is_there(int there)
    {
        await File.WriteAllBytesAsync(_file, new byte[there], TestContext.Current.CancellationToken);
        await StepSummary.WriteAsync(_file, Many(200, 120), ["out/report.json"], null, TestContext.Current.CancellationToken);
        var bytes = await File.ReadAllBytesAsync(_file, TestContext.Current.CancellationToken);
        Assert.True(bytes.Length <= Math.Max(there, 1_048_576));
        var text = new UTF8Encoding(false, true).GetString(bytes.AsSpan(there));
        if (text.Length == 0)
            return;
        var page = GitHubLike.Render(text);
        Assert.Contains("This is not everything", page.TextContent, StringComparison.Ordinal);
        Assert.Contains("out/report.json", page.TextContent, StringComparison.Ordinal);
        Assert.All(page.QuerySelectorAll("tbody tr"), r => Assert.Equal(r.Closest("table")!.QuerySelectorAll("th").Length, r.Children.Length));
        Assert.Equal(page.QuerySelectorAll("details").Length, page.QuerySelectorAll("summary").Length);
    }

    [Fact]
    public async Task A_long_table_of_the_summary_says_how_many_more_there_are()
    {
        await StepSummary.WriteAsync(_file, Many(1, 5_000), ["out/report.json"], null, TestContext.Current.CancellationToken);
        Assert.Contains("… and 4,800 more: in `out/report.json`.", await File.ReadAllTextAsync(_file, TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Outside_of_actions_nothing_is_written()
    {
        var before = Directory.EnumerateFileSystemEntries(Environment.CurrentDirectory).Order(StringComparer.Ordinal).ToList();

        await StepSummary.WriteAsync(null, SampleReport.Whole(), [], null, TestContext.Current.CancellationToken);
        await StepOutputs.WriteAsync("", SampleReport.Whole(), [], null, 0, TestContext.Current.CancellationToken);

        Assert.Equal(before, Directory.EnumerateFileSystemEntries(Environment.CurrentDirectory).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_summary_that_cannot_be_written_is_one_clear_line()
    {
        var refused = await Assert.ThrowsAsync<InputException>(() => StepSummary.WriteAsync("/proc/nowhere", SampleReport.Whole(), [], null, TestContext.Current.CancellationToken));
        Assert.StartsWith("GITHUB_STEP_SUMMARY", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Outputs_say_what_action_yml_promises()
    {
        await StepOutputs.WriteAsync(_file, SampleReport.Whole(), ["a.json", "b.html"], new PublishResult { Created = 1, Updated = 2, Reopened = 3, Closed = 4 }, 1, TestContext.Current.CancellationToken);
        var outputs = Read(await File.ReadAllTextAsync(_file, TestContext.Current.CancellationToken));
        var action = await File.ReadAllLinesAsync(Path.Combine(Tools.Repository, "action.yml"), TestContext.Current.CancellationToken);
        var promised = action.SkipWhile(l => l != "outputs:").Skip(1).TakeWhile(l => l.Length == 0 || l[0] == ' ')
            .Where(l => l.StartsWith("  ", StringComparison.Ordinal) && l[2] != ' ').Select(l => l.Trim().TrimEnd(':')).ToList();
        Assert.NotEmpty(promised);
        // The matrix is that of scanner shard, whose tests hold it.
        Assert.Equal(["matrix"], promised.Except(outputs.Keys, StringComparer.Ordinal));
        Assert.Equal("findings", outputs["status"]);
        Assert.Equal("1", outputs["exit-code"]);
        Assert.Equal(["3", "1", "1", "1", "2", "0", "0"], new[] { "fail-count", "unknown-count", "pass-count", "critical-count", "high-count", "medium-count", "low-count" }.Select(n => outputs[n]));
        Assert.Equal(["1", "5", "4"], new[] { "issues-created", "issues-updated", "issues-closed" }.Select(n => outputs[n]));
        Assert.Equal("a.json\nb.html", outputs["report-paths"]);
    }

    [Fact]
    public void An_output_cannot_be_broken_out_of() =>
        HostileText.Gen.Sample(value =>
        {
            var made = new StringBuilder();
            StepOutputs.Append(made, "name", value + "\nname2<<x\nforged\nx\n");
            StepOutputs.Append(made, "after", "1");
            Assert.Equal(["name", "after"], Read(made.ToString()).Keys);
        }, iter: 400);

    [Fact]
    public void Annotations_are_at_most_ten_of_a_level_and_say_what_is_more()
    {
        var lines = Annotations.Of(Many(25, 2)).ToList();
        Assert.Equal(10, lines.Count);
        Assert.All(lines, l => Assert.StartsWith("::error title=", l, StringComparison.Ordinal));
        Assert.Contains("16 more checks fail", lines[^1], StringComparison.Ordinal);
        Assert.Contains("(and 1 more)", lines[0], StringComparison.Ordinal);
    }

    [Fact]
    public void Annotations_have_a_level_for_each_severity()
    {
        var lines = Annotations.Of(SampleReport.Whole()).ToList();
        Assert.Equal(
            "::error title=critical%3A Root user has no MFA (account 111111111111),file=cis/iam-root-mfa.yml::The root user has no MFA device: 111111111111, global",
            lines[0]);
        Assert.StartsWith("::notice title=Not everything could be assessed::1 findings are unknown", lines[^1], StringComparison.Ordinal);
    }

    [Fact]
    public void Annotations_of_hostile_names_are_one_command_each() =>
        HostileText.Gen.Sample(text =>
        {
            var lines = Annotations.Of(SampleReport.Report(SampleReport.TrailFails() with { Resource = text, Message = text })).ToList();
            Assert.StartsWith("::error title=", Assert.Single(lines), StringComparison.Ordinal);
            Assert.DoesNotContain('\n', lines[0]);
            Assert.DoesNotContain('\r', lines[0]);
        }, iter: 400);

    // As the runner reads the file.
    private static Dictionary<string, string> Read(string text)
    {
        var lines = text.Split('\n');
        var outputs = new Dictionary<string, string>(StringComparer.Ordinal);
        for (var i = 0; i < lines.Length - 1; i++)
        {
            var at = lines[i].IndexOf("<<", StringComparison.Ordinal);
            var (name, delimiter) = (lines[i][..at], lines[i][(at + 2)..]);
            var value = lines.Skip(i + 1).TakeWhile(l => l != delimiter).ToList();
            outputs.Add(name, string.Join('\n', value));
            i += value.Count + 1;
        }
        return outputs;
    }
}
