using Scanner.Model;
using Scanner.Scan;

namespace EndToEnd.Tests;

/// <summary>The one line that mends a finding, where one line does.</summary>
public sealed class SuggestedFixTests
{
    private const string Public = "resource \"aws_db_instance\" \"main\" {\n  # ...\n  publicly_accessible = false\n}\n";

    [Fact]
    public void An_argument_that_is_written_is_replaced_with_its_indentation_and_comment_kept()
    {
        var found = Suggest(Public, "aws_db_instance", ["publicly_accessible", "identifier"], """
            # the shop's
            resource "aws_db_instance" "orders" {
              identifier           = "orders"
              tags                 = { Name = "a { b" }
              publicly_accessible  = true # for the migration
              vpc_security_group_ids = [
                aws_security_group.db.id, # }
              ]
            }
            """);

        Assert.Equal((5, 5, "  publicly_accessible  = false # for the migration"), (found!.Line, found.EndLine, found.Suggestion));
    }

    [Fact]
    public void An_argument_that_is_missing_is_put_at_the_top_of_the_block()
    {
        var found = Suggest("resource \"aws_kms_key\" \"main\" {\n  # ...\n  enable_key_rotation = true\n}\n", "aws_kms_key", ["enable_key_rotation"], """
            resource "aws_kms_key" "db" {
              description = "orders"
            }
            """, block: 1);

        Assert.Equal((1, 1, "resource \"aws_kms_key\" \"db\" {\n  enable_key_rotation = true"), (found!.Line, found.EndLine, found.Suggestion));
    }

    [Fact]
    public void An_argument_of_an_inner_block_is_found_on_its_own_line()
    {
        var found = Suggest("resource \"aws_lb\" \"main\" {\n  access_logs {\n    bucket  = aws_s3_bucket.logs.id\n    enabled = true\n  }\n}\n", "aws_lb", ["access_logs"], """
            # two lines
            resource "aws_lb" "web" {
              access_logs {
                bucket  = "acme-logs"
                enabled = false
              }
            }
            """);

        Assert.Equal((5, "    enabled = true"), (found!.Line, found.Suggestion));
    }

    [Theory]
    // The bucket has to be named by whoever knows it.
    [InlineData("  access_logs {\n    bucket  = aws_s3_bucket.logs.id\n    enabled = true\n  }", "aws_lb", "access_logs", "  name = \"web\"")]
    // An example is no value.
    [InlineData("  cidr_ipv4 = \"203.0.113.0/24\" # your own network\n  from_port = 22", "aws_vpc_security_group_ingress_rule", "cidr_ipv4,from_port", "  cidr_ipv4 = \"0.0.0.0/0\"\n  from_port = 0")]
    [InlineData("  cidr_ipv4 = \"10.0.0.0/8\"\n  from_port = 445", "aws_vpc_security_group_ingress_rule", "cidr_ipv4,from_port", "  cidr_ipv4 = \"0.0.0.0/0\"\n  from_port = 0")]
    // Two lines are not one.
    [InlineData("  a = true\n  b = true", "aws_x", "a,b", "  a = false\n  b = false")]
    // Whoever passes a variable means something by it.
    [InlineData("  a = true", "aws_x", "a", "  a = var.public")]
    [InlineData("  a = true", "aws_x", "a", "  a = false ? true : false")]
    // The check does not read it.
    [InlineData("  a = true", "aws_x", "b", "  a = false")]
    // What somebody calls it is his own business.
    [InlineData("  name = \"security\"", "aws_x", "name", "  name = \"audit\"")]
    [InlineData("  a = true", "aws_x", "a", "  policy = <<EOT\n  a = false\nEOT")]
    [InlineData("  a = true", "aws_x", "a", "  /* a = false */")]
    [InlineData("  a = true", "aws_x", "a", "  a = false }")]
    [InlineData("  a = true", "aws_x", "a", "  a = true")]
    [InlineData("  x {\n    a = true\n  }", "aws_x", "x", "  x {\n    a = false\n  }\n  x {\n    a = false\n  }")]
    public void Where_one_line_does_not_do_or_nobody_can_be_sure_nothing_is_suggested(string fix, string type, string arguments, string body)
    {
        var source = $"# one\nresource \"{type}\" \"it\" {{\n{body}\n}}\n";

        Assert.Null(Suggest($"resource \"{type}\" \"main\" {{\n{fix}\n}}\n", type, arguments.Split(','), source)?.Suggestion);
    }

    [Fact]
    public void A_source_of_another_commit_gives_no_suggestion()
    {
        Assert.Null(Suggest(Public, "aws_db_instance", ["publicly_accessible"], "# x\nresource \"aws_vpc\" \"main\" {\n  publicly_accessible = true\n}\n")!.Suggestion);
        Assert.Null(Suggest(Public, "aws_db_instance", ["publicly_accessible"], "# x\n")!.Suggestion);
    }

    [Fact]
    public void What_is_in_a_module_of_others_or_was_there_before_gets_none()
    {
        const string source = "# x\nresource \"aws_db_instance\" \"orders\" {\n  publicly_accessible = true\n}\n";
        var finding = Finding(2, 4);
        var lines = source.Split('\n');

        Assert.NotNull(SuggestedFix.Add(finding, "aws_db_instance", Public, ["publicly_accessible"], lines).Location!.Suggestion);
        Assert.Null(SuggestedFix.Add(finding with { Change = FindingChange.Existing }, "aws_db_instance", Public, ["publicly_accessible"], lines).Location!.Suggestion);
        Assert.Null(SuggestedFix.Add(finding with { Location = finding.Location! with { Module = "in module.x" } }, "aws_db_instance", Public, ["publicly_accessible"], lines).Location!.Suggestion);
        Assert.Null(SuggestedFix.Add(finding with { Location = null }, "aws_db_instance", Public, ["publicly_accessible"], lines).Location);
        Assert.Null(SuggestedFix.Add(finding, "aws_db_instance", null, ["publicly_accessible"], lines).Location!.Suggestion);
    }

    private static SourceLocation? Suggest(string fix, string type, IReadOnlyList<string> arguments, string source, int block = 2)
    {
        var lines = source.Split('\n');
        var end = Array.FindLastIndex(lines, line => line == "}") + 1;
        return SuggestedFix.Add(Finding(block, Math.Max(end, block + 1)), type, fix, arguments, lines).Location;
    }

    private static Finding Finding(int block, int end) => new()
    {
        Check = "c",
        Severity = Severity.High,
        Account = "a",
        Region = "r",
        Resource = "x",
        Status = FindingStatus.Fail,
        Change = FindingChange.Introduced,
        Address = "aws_x.it",
        Location = new SourceLocation("main.tf", block, end) { BlockLine = block, BlockEndLine = end },
    };
}
