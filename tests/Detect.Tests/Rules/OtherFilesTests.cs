using Scanner.Detect.Rules;

namespace Detect.Tests.Rules;

/// <summary>Rules in the root of a repository, among other YAML, and fields that name the elements of lists as other products do.</summary>
public sealed class OtherFilesTests
{
    private const string Rule = "title: t\nid: t\nlogsource: {product: aws, service: cloudtrail}\ndetection: {s: {eventName: x}, condition: s}\n";

    [Fact]
    public void Of_a_repository_the_rules_are_read_and_what_is_left_out_is_said()
    {
        var folder = Directory.CreateTempSubdirectory("rules");
        foreach (var (path, text) in new[] { ("rules/r.yml", Rule), ("docker-compose.yml", "services: {web: {image: x}}\n"), (".github/workflows/ci.yml", "on: push\n"), (".git/x.yml", "a: [\n"), ("rules/slip.yml", Rule.Replace("detection:", "detections:", StringComparison.Ordinal).Replace("id: t", "id: u", StringComparison.Ordinal)) })
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(folder.FullName, path))!);
            File.WriteAllText(Path.Combine(folder.FullName, path), text);
        }

        var rules = RuleSet.Load(RuleSet.FindFiles([folder.FullName]));
        folder.Delete(recursive: true);

        Assert.Equal("t", Assert.Single(rules.Rules).Id);
        var note = Assert.Single(rules.Notes);
        Assert.StartsWith("1 YAML file is left out, being about something else than Sigma: ", note, StringComparison.Ordinal);
        Assert.EndsWith("/docker-compose.yml", note, StringComparison.Ordinal);
        // A slip in a rule is no other kind of file.
        Assert.Contains("rules/slip.yml:1: no 'detection'", Assert.Single(rules.Errors).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a[0]", "'[0]'")]
    [InlineData("a.items[12].b", "'[12]'")]
    [InlineData("a.0.b", "'.0.'")]
    [InlineData("a.0", "'.0'")]
    public void An_element_by_its_number_is_refused_with_the_mend(string field, string number)
    {
        var error = Assert.Single(RuleSet.Parse("r.yml", $"title: t\nid: t\nlogsource: {{product: aws, service: cloudtrail}}\ndetection:\n  s:\n    '{field}': x\n  condition: s\n").Errors);
        Assert.StartsWith("r.yml:", error.Message, StringComparison.Ordinal);
        Assert.Contains($"names one element of a list by its number ({number}); leave the number out", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_number_within_a_name_is_no_element() =>
        Assert.Empty(RuleSet.Parse("r.yml", Rule.Replace("eventName", "requestParameters.ipv6.x2.v1", StringComparison.Ordinal)).Errors);
}
