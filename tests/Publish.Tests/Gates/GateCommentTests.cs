using CsCheck;
using Publish.Tests.Text;
using Scanner.Model;
using Scanner.Publish.GitHub;
using Scanner.Publish.Reports;

namespace Publish.Tests.Gates;

/// <summary>What a pull request is told.</summary>
public sealed class GateCommentTests
{
    private static readonly GateContext Context = new()
    {
        Rows = GateComment.Rows,
        Whole = "the summary of the run",
        Blob = "https://github.com/acme/infra/blob/0123456789abcdef0123456789abcdef01234567/",
        Run = "https://github.com/acme/infra/actions/runs/42",
        Commit = "0123456789abcdef0123456789abcdef01234567",
    };

    public static TheoryData<string> Names => [.. SampleGate.All().Select(sample => sample.Name)];

    private static ScanReport Sample(string name) => SampleGate.All().First(sample => sample.Name == name).Report;

    [Theory]
    [MemberData(nameof(Names))]
    public void The_comment_reads_as_kept(string name) =>
        Snapshot.Match($"gate-{name}.md", GateComment.Compose(Sample(name), Context));

    [Theory]
    [InlineData("clean", "✅ **Scanner: this change introduces no problems**")]
    [InlineData("fixed-only", "✅ **Scanner: this change introduces no problems, fixes 1 and removes 1 with its resource**: Database orders is not public")]
    public void When_all_is_well_it_is_one_line_that_says_how_much_was_looked_at(string name, string begins)
    {
        var text = GateComment.Compose(Sample(name), Context);
        Assert.StartsWith(begins, text, StringComparison.Ordinal);
        Assert.Equal(text.Length - 1, text.IndexOf('\n', StringComparison.Ordinal));
        Assert.Contains("14 AWS resources, 63 judgments, 0 unknown", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("clean", false)]
    [InlineData("fixed-only", true)]
    [InlineData("nothing-judged", true)]
    [InlineData("errored", true)]
    [InlineData("targeted", true)]
    [InlineData("opentofu", true)]
    [InlineData("own-rules", true)]
    [InlineData("ignored-only", true)]
    [InlineData("mixed", true)]
    public void A_first_comment_is_written_only_where_there_is_something_to_say(string name, bool written) =>
        Assert.Equal(written, GateComment.IsWorthStarting(Sample(name)));

    [Theory]
    [InlineData("errored", "⚠️")]
    [InlineData("targeted", "⚠️")]
    [InlineData("nothing-judged", "⚠️")]
    [InlineData("opentofu", "❔")]
    [InlineData("mixed", "🔴")]
    public void What_is_not_certainly_clean_has_no_green_mark(string name, string mark)
    {
        var text = GateComment.Compose(Sample(name), Context);
        Assert.StartsWith($"### {mark} ", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_plan_that_does_not_say_whether_it_is_partial_is_not_called_whole()
    {
        var clean = SampleGate.Report().With(gate => gate with { Plans = [SampleGate.Plan with { Complete = null }] });
        Assert.Contains("partial cannot be told", GateComment.Compose(clean, Context), StringComparison.Ordinal);
        Assert.Contains("partial cannot be told", GateComment.Compose(Sample("opentofu"), Context), StringComparison.Ordinal);
        Assert.DoesNotContain("partial", GateComment.Compose(Sample("clean"), Context), StringComparison.Ordinal);
    }

    [Fact]
    public void A_table_has_25_rows_and_says_how_many_more_there_are()
    {
        var page = GitHubLike.Render(GateComment.Compose(Sample("many"), Context));
        Assert.All(page.QuerySelectorAll("table"), table => Assert.InRange(table.QuerySelectorAll("tbody tr").Length, 1, 25));
        Assert.Contains("… and 35 more: in the summary of the run.", page.TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public void Long_texts_do_not_push_the_comment_over_the_limit_or_the_verdict_out_of_it()
    {
        var name = new string('|', 5_000);
        var findings = Enum.GetValues<FindingChange>().Where(change => change < FindingChange.New)
            .SelectMany(change => Enumerable.Range(0, 60).Select(i => SampleGate.Of(SampleGate.Ssh, change, $"aws_vpc.v{i}{name}", $"{i} {name}", SampleGate.At(name, i + 1, i + 1), $"a{i}{name}"))).ToList();
        var report = SampleGate.Report(findings).With(gate => gate with
        {
            Plans = [.. Enumerable.Range(0, 60).Select(i => new GatePlan(i + name, i + name) { Errored = true, Incomplete = [name] })],
            ChangesOwnRules = [.. Enumerable.Range(0, 60).Select(i => i + name)],
            Ignored = [.. Enumerable.Range(0, 60).Select(i => new GateIgnore("c", name, name, name, null, SampleGate.At(name, i + 1, 1)))],
            Notes = [.. Enumerable.Range(0, 60).Select(_ => name)],
            TypesNotJudged = new Dictionary<string, int>(StringComparer.Ordinal) { [name] = 1 },
            Scores = [new GateScore(name, 1, 2, 3)],
        });
        var text = GateComment.Compose(report, Context);
        Assert.InRange(text.Length, 10_000, 65_000);
        Assert.StartsWith("### 🔴 Scanner: this change introduces 60 problems, fixes 60", text, StringComparison.Ordinal);
        Assert.Contains("63 judgments", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Hostile_text_in_a_plan_stays_text() =>
        HostileText.Gen.Sample(text =>
        {
            var body = GitHubLike.Render(GateComment.Compose(Hostile(text), Context));
            string[] ours = ["h3", "p", "code", "a", "blockquote", "strong", "table", "thead", "tbody", "tr", "th", "td", "br", "sub", "details", "summary", "ul", "li", "pre"];
            Assert.All(body.QuerySelectorAll("*"), element => Assert.Contains(element.LocalName, ours));
            Assert.Empty(GitHubLike.Comments(body));
            Assert.All(body.QuerySelectorAll("a"), a => Assert.StartsWith("https://github.com/acme/infra/", a.GetAttribute("href")!, StringComparison.Ordinal));
            Assert.Equal(Shape(Hostile("x")), Shape(body));
        }, iter: 300);

    // Everything that a text could add or break, in order: what it says left out.
    private static string Shape(ScanReport report) => Shape(GitHubLike.Render(GateComment.Compose(report, Context)));

    private static string Shape(AngleSharp.Dom.IElement body) =>
        string.Join(' ', body.QuerySelectorAll("h3, blockquote, table, tr, td, th, details, summary, ul, li, pre").Select(e => e.LocalName));

    private static ScanReport Hostile(string text)
    {
        var at = new SourceLocation(text, 3, 4, text) { Suggestion = "x" + text };
        var findings = Enum.GetValues<FindingChange>().Where(change => change < FindingChange.New).Select(change => SampleGate.Of(SampleGate.Ssh, change, "a" + text, text, at, "b" + text) with
        {
            Plan = text,
            PreviousAddress = text,
            Causes = [new CollectionStatus("t", "a", "r", CollectionOutcome.Planned, "terraform:" + text, "z" + text)],
        });
        return SampleGate.Report([.. findings, SampleGate.OpenSsh with { Status = FindingStatus.Muted, Change = null, MutedReason = text, Address = "c" + text }]).With(gate => gate with
        {
            Plans = [new GatePlan("x" + text, text) { Errored = true, Incomplete = ["y" + text] }],
            ChangesOwnRules = [text],
            Ignored = [new GateIgnore("x" + text, text, text, text, null, at)],
            Notes = [text],
            TypesNotJudged = new Dictionary<string, int>(StringComparer.Ordinal) { [text] = 1 },
            Scores = [new GateScore(text, 1, 2, 3)],
        });
    }

    [Theory]
    [InlineData("""module.net["a.b]\"].c"].aws_vpc.this[0]""", "module.net.aws_vpc.this")]
    [InlineData("aws_vpc.this", "aws_vpc.this")]
    [InlineData("aws_vpc.this[*]", "aws_vpc.this")]
    [InlineData("aws_vpc.this[\"x\"] (deposed 1a2b3c4d)", "aws_vpc.this")]
    [InlineData("aws_vpc.this[\"", "aws_vpc.this")]
    public void An_address_without_keys_is_that_of_its_block(string address, string block) =>
        Assert.Equal(block, Scanner.Publish.Text.TerraformAddress.WithoutKeys(address));

    [Theory]
    [InlineData("module.net.aws_vpc.core[\"a\"]", "resource \"aws_flow_log\" \"main\" {\n  vpc_id = aws_vpc.main.id\n}", "resource \"aws_flow_log\" \"main\" {\n  vpc_id = aws_vpc.core[\"a\"].id\n}")]
    [InlineData("aws_kms_key.k[1]", "resource \"aws_kms_key\" \"main\" {\n  a = aws_kms_key.main.id\n}", "resource \"aws_kms_key\" \"k\" {\n  a = aws_kms_key.k[1].id\n}")]
    // Nothing is put into code that might end the key.
    [InlineData("aws_vpc.core[\"a\\\"]}\"]", "aws_vpc.main.id", "aws_vpc.core.id")]
    [InlineData("aws_db_instance.orders", "resource \"aws_db_instance\" \"main\" {\n  a = aws_db_instance.main.id\n}", "resource \"aws_db_instance\" \"orders\" {\n  a = aws_db_instance.orders.id\n}")]
    // Which of the two buckets is the user's, the text does not tell.
    [InlineData("aws_s3_bucket.data", "bucket = aws_s3_bucket.a.id\ntarget = aws_s3_bucket.b.id", "bucket = aws_s3_bucket.a.id\ntarget = aws_s3_bucket.b.id")]
    [InlineData("aws_vpc.`x`", "aws_vpc.main", "aws_vpc.main")]
    [InlineData(null, "aws_vpc.main", "aws_vpc.main")]
    public void The_fix_names_the_user_s_own_resource(string? address, string snippet, string made) =>
        Assert.Equal(made, FixSnippet.For(snippet, address));
}
