using CsCheck;
using Loopback;
using Publish.Tests.Text;
using Scanner.Model;
using Scanner.Publish.Reports;

namespace Publish.Tests.Reports;

public sealed class RemediationScriptTests
{
    private static readonly RuleInfo Rule = SampleReport.Trail with
    {
        Fix = new Remediation(null, "# in the home region\naws cloudtrail start-logging --name TRAIL\naws iam list-roles\naws logs describe-log-groups --region eu-north-1\naws ec2 wait bundle-task-complete --x \"$(aws sts get-caller-identity)\" \\\n  --account ACCOUNT_ID\n", null)
        {
            Resource = ["*:trail/{TRAIL}"],
        },
    };

    private static string Script(RuleInfo rule, params Finding[] fails) =>
        RemediationScript.Of(rule, fails, SampleReport.Report(fails).Scan)!.Split("```sh\n")[1].Split("\n```")[0];

    [Fact]
    public void Commands_have_the_names_the_region_and_the_account_and_what_is_the_same_stands_once()
    {
        var other = SampleReport.TrailFails("b");
        Assert.Equal("""
            # 111111111111, us-east-1
            # in the home region
            aws cloudtrail start-logging --region us-east-1 --name a
            aws iam list-roles
            aws logs describe-log-groups --region eu-north-1
            aws ec2 wait bundle-task-complete --region us-east-1 --x "$(aws sts get-caller-identity --region us-east-1)" \
              --account 111111111111
            # in the home region
            aws cloudtrail start-logging --region us-east-1 --name b
            """, Script(Rule, SampleReport.TrailFails("a"), other));
    }

    [Fact]
    public void A_resource_of_another_form_leaves_the_placeholder_and_an_account_wide_finding_has_no_region()
    {
        var script = Script(Rule, SampleReport.TrailFails("a") with { Resource = "arn:aws:s3:::a", Region = CollectionStatus.Global });
        Assert.StartsWith("# 111111111111\n# in the home region\naws cloudtrail start-logging --name TRAIL\n", script, StringComparison.Ordinal);
    }

    [Fact]
    public void Commands_for_another_kind_of_resource_are_left_out()
    {
        var rule = Rule with { Fix = new Remediation(null, "aws iam get-user --user-name USER\naws iam get-role --role-name ROLE\naws iam list-users\n", null) { Resource = ["*:user/*{USER}", "*:role/*{ROLE}"] } };
        Assert.EndsWith("\naws iam get-role --role-name r\naws iam list-users", Script(rule, SampleReport.TrailFails() with { Resource = "arn:aws:iam::1:role/r", Region = CollectionStatus.Global }), StringComparison.Ordinal);
        Assert.EndsWith("\naws iam get-user --user-name USER\naws iam get-role --role-name ROLE\naws iam list-users", Script(rule, SampleReport.TrailFails() with { Region = CollectionStatus.Global }), StringComparison.Ordinal);
    }

    [Fact]
    public void Of_hundreds_an_issue_shows_some_and_says_how_many_more()
    {
        var fails = Enumerable.Range(0, 500).Select(i => SampleReport.TrailFails($"trail-{i}")).ToArray();
        var text = RemediationScript.Of(Rule, fails, SampleReport.Report(fails).Scan)!;
        Assert.InRange(text.Length, 1_000, 6_000);
        var shown = text.Split("start-logging").Length - 1;
        Assert.Contains($"For {500 - shown} more resources the same, with their names.", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{A}", "x", "A=x")]
    [InlineData("{A}", "x/y", "")]
    [InlineData("{A*}", "x/y:z", "A=x/y:z")]
    [InlineData("*:user/*{USER}", "arn:aws:iam::1:user/team/one/ana", "USER=ana")]
    [InlineData("*:user/*{USER}/{KEY}", "arn:aws:iam::1:user/team/ana/K1", "USER=ana KEY=K1")]
    [InlineData("*:log-group:{GROUP*}:*", "arn:aws:logs:us-east-1:1:log-group:/aws/x:*", "GROUP=/aws/x")]
    [InlineData("a.b/{A}", "aXb/x", "")]
    [InlineData("{A}", "x\n", "")]
    public void A_pattern_reads_names_out_of_a_resource(string pattern, string resource, string expected) =>
        Assert.Equal(expected, string.Join(' ', ResourcePattern.Parse(pattern).Match(resource).Select(one => $"{one.Key}={one.Value}")));

    [Theory]
    [InlineData("*:trail/*")]
    [InlineData("{a}")]
    [InlineData("{A}/{A}")]
    [InlineData("{A}}")]
    public void A_pattern_that_names_nothing_or_holds_another_brace_is_refused(string pattern) =>
        Assert.Throws<FormatException>(() => ResourcePattern.Parse(pattern));

    /// <summary>A real shell gets each name as it is, as one word, or the placeholder; nothing else happens, whatever the name.</summary>
    [Fact]
    public async Task Whatever_a_resource_is_called_a_shell_gets_its_name_or_the_placeholder()
    {
        string[] known = ["$(touch gone)", "`touch gone`", "a'b", "a\"b", "'; touch gone; '", "--profile", "-x", "file:///etc/passwd", "fileb://x", "a b", "$HOME", "*", "~", "a,b=c", "a\\", "!x", "a\nb", "#x", "ok-1", "/aws/x", "{a,b}", "\u202ex", "", "é"];
        var values = known.Concat(HostileText.Gen.Array[300].Single().Where(text => !text.Contains('\0', StringComparison.Ordinal))).ToList();
        const string Template = "aws a b --one NAME --two=NAME 'x NAME y' \"x NAME y\" \\\n  cf-NAME # NAME it's\n";
        var script = "aws() { for word in \"$@\"; do printf '%s\\0' \"$word\"; done; }\n" + string.Concat(values.Select(value => ShellText.Fill(Template, new Dictionary<string, string> { ["NAME"] = value })));
        var folder = Directory.CreateTempSubdirectory("shell");
        try
        {
            await File.WriteAllTextAsync(Path.Combine(folder.FullName, "script"), script, TestContext.Current.CancellationToken);
            var (code, output, error) = await Tools.RunSplitAsync("bash", ["script"], folder.FullName, cancellation: TestContext.Current.CancellationToken);
            Assert.Equal((0, ""), (code, error));
            Assert.Equal(["script"], folder.GetFileSystemInfos().Select(file => file.Name));
            var words = output.Split('\0')[..^1].Chunk(8).ToList();
            Assert.Equal(values.Count, words.Count);
            foreach (var (value, said) in values.Zip(words))
            {
                Assert.Contains(said[3], new[] { value, "NAME" });
                var within = said[4]["--two=".Length..];
                Assert.Contains(within, new[] { value, "NAME" });
                Assert.Equal(["a", "b", "--one", said[3], $"--two={within}", $"x {within} y", $"x {within} y"], said[..7]);
                Assert.Equal($"cf-{within}", said[7]);
            }
            Assert.Equal(["ok-1", "ok-1", "$HOME", "NAME"], [words[values.IndexOf("ok-1")][3], words[values.IndexOf("ok-1")][4]["--two=".Length..], words[values.IndexOf("$HOME")][3], words[values.IndexOf("--profile")][3]]);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
