using CsCheck;
using Scanner.Collect.Plans;
using Scanner.Collect.Plans.Hcl;

namespace Collect.Tests.Plans;

public sealed class HclParserTests
{
    [Fact]
    public void Blocks_arguments_and_comments_know_their_lines()
    {
        var file = HclParser.Parse("main.tf", """
            # over it
            resource "aws_vpc" "main" { // beside it
              cidr_block = "10.0.0.0/16" # checkov:skip=X:why
              tags = {
                Name = "a"
              }
              /* two
                 lines */
              ingress {
                port = 22
              }
            }
            """);
        var block = Assert.Single(file.Body.Blocks);
        Assert.Equal(("resource", 2, 12), (block.Type, block.Line, block.EndLine));
        Assert.Equal(["aws_vpc", "main"], block.Labels);
        Assert.Equal((3, 3), (block.Body.Attributes["cidr_block"].Line, block.Body.Attributes["cidr_block"].EndLine));
        Assert.Equal((4, 6), (block.Body.Attributes["tags"].Line, block.Body.Attributes["tags"].EndLine));
        Assert.Equal((9, 11), (block.Body.Blocks[0].Line, block.Body.Blocks[0].EndLine));
        Assert.Equal([("over it", 1, true), ("beside it", 2, false), ("checkov:skip=X:why", 3, false)],
            file.Comments.Take(3).Select(comment => (comment.Text, comment.Line, comment.IsAlone)));
        Assert.Equal((7, true), (file.Comments[3].Line, file.Comments[3].IsAlone));
    }

    [Theory]
    [InlineData("aws_vpc.a[0].id", "a.b[0].id")]
    [InlineData("aws_vpc.a.0.id", "a.b[0].id")]
    [InlineData("aws_vpc.a[\"k.1\"].id", "a.b[k.1].id")]
    [InlineData("aws_vpc.a[count.index + 1].id", "a.b[(+ count.index 1)].id")]
    [InlineData("aws_vpc.a[*].id", "splat(a.b, *.id)")]
    [InlineData("aws_vpc.a.*.id[0]", "splat(a.b, *.id)[0]")]
    [InlineData("a ? b : c ? d : e", "(? a b (? c d e))")]
    [InlineData("!a && b || c == 1", "(|| (&& (! a) b) (== c 1))")]
    [InlineData("1 + 2 * -3", "(+ 1 (* 2 (- 3)))")]
    [InlineData("f(a, b...)", "f(a, b...)")]
    [InlineData("provider::aws::arn_parse(x)", "provider::aws::arn_parse(x)")]
    [InlineData("[for k, v in x : v.id if v != null]", "for(k v x v.id (!= v null))")]
    [InlineData("{for s in x : s => s.id...}", "for( s x s=>s.id...)")]
    [InlineData("{a = 1, \"b\" : 2, (c) = 3}", "{a=1 b=2 c=3}")]
    [InlineData("\"one-${a.b}-$${c}\"", "\"one- a.b -${c}\"")]
    [InlineData("\"${a}\"", "\"a\"")]
    [InlineData("\"${~ a ~}\"", "\"a\"")]
    [InlineData("\"x${\"y${z}\"}\"", "\"x \"y z\"\"")]
    [InlineData("\"\\u00e9\\n\\\"\"", "\u00e9\n\"")]
    [InlineData("(\n a\n || b\n)", "(|| a b)")]
    [InlineData("data.t.n.attr", "data.t.n.attr")]
    [InlineData("1.5e3", "1.5e3")]
    [InlineData("%{ if a }x%{ endif }", "opaque")]
    [InlineData("a b", "opaque")]
    [InlineData("[1, 2", null)]
    public void Expressions_are_read_as_Terraform_reads_them(string text, string? shape)
    {
        var source = $"x = {text}\n";
        if (shape is null)
            Assert.Throws<HclSyntaxException>(() => HclParser.Parse("f", "b {\n" + source + "}\n"));
        else
            Assert.Equal(shape, Shape(HclParser.Parse("f", source).Body.Attributes["x"].Expression).Replace("aws_vpc.a", "a.b", StringComparison.Ordinal));
    }

    [Fact]
    public void Heredocs_end_at_their_mark_whatever_is_in_them()
    {
        var body = HclParser.Parse("f", "a = <<-EOT\n  { \" # not a comment\n  ${b}\n  EOTX\n  EOT\nc = 1\n").Body;
        Assert.Equal("\"  { \" # not a comment\n   b \n  EOTX\n\"", Shape(body.Attributes["a"].Expression));
        Assert.Equal((1, 5), (body.Attributes["a"].Line, body.Attributes["a"].EndLine));
        Assert.Equal(6, body.Attributes["c"].Line);
    }

    [Fact]
    public void What_is_not_understood_hides_one_argument_and_not_the_file()
    {
        var body = HclParser.Parse("f", "a = ? what ( is\n this ) ever\nb = 1\n").Body;
        Assert.IsType<HclOpaque>(body.Attributes["a"].Expression);
        Assert.Equal("1", Shape(body.Attributes["b"].Expression));
    }

    [Theory]
    [InlineData("a = \"x\n", 2, "text that does not end")]
    [InlineData("a {\n b = 1\n", 3, "block that does not end")]
    [InlineData("\n}\n", 2, "closes nothing")]
    [InlineData("/* never", 1, "comment that does not end")]
    [InlineData("a = \u0001", 1, "U+0001")]
    public void A_file_that_cannot_be_read_says_where(string text, int line, string what)
    {
        var error = Assert.Throws<HclSyntaxException>(() => HclParser.Parse("f", text));
        Assert.Equal(line, error.Line);
        Assert.Contains(what, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Any_text_ends_with_a_file_or_an_error()
    {
        var pieces = new[] { "a", "\"", "${", "}", "{", "[", "]", "(", ")", "\n", " = ", "<<EOT\n", "EOT\n", "\\", "#", "/*", "*/", ".", "*", "for ", " in ", ":", "?", "1", "-", "...", "=>", "\u00fc", "\ud800" };
        Gen.Int[0, pieces.Length - 1].Array[0, 25].Sample(chosen =>
        {
            try
            {
                _ = HclParser.Parse("f", string.Concat(chosen.Select(i => pieces[i])));
            }
            catch (HclSyntaxException)
            {
            }
        }, iter: 20_000);
    }

    [Fact]
    public void Depth_that_no_person_writes_is_an_error_and_no_crash()
    {
        var deep = string.Concat(Enumerable.Repeat("[", 100_000));
        Assert.Throws<HclSyntaxException>(() => HclParser.Parse("f", "a = " + deep));
        Assert.Throws<HclSyntaxException>(() => HclParser.Parse("f", string.Concat(Enumerable.Repeat("a {\n", 10_000))));
        Assert.Throws<HclSyntaxException>(() => HclParser.Parse("f", "a = " + string.Concat(Enumerable.Repeat("\"${", 10_000))));
        Assert.IsType<HclOpaque>(HclParser.Parse("f", "a = " + deep + new string(']', 100_000) + "\n").Body.Attributes["a"].Expression);
        Assert.IsType<HclOpaque>(HclParser.Parse("f", "a = " + new string('!', 100_000) + "b\n").Body.Attributes["a"].Expression);
    }

    [Fact]
    public void Json_syntax_gives_the_same_bodies_with_lines()
    {
        var file = HclJson.Parse("cdk.tf.json", """
            {
              "resource": {
                "aws_flow_log": {
                  "main": {
                    "vpc_id": "${aws_vpc.main.id}",
                    "dynamic": {"rule": {"for_each": "${var.x}", "content": {"a": 1}}}
                  }
                }
              },
              "locals": [{"a": "${b.c}"}]
            }
            """);
        var block = file.Body.Blocks[0];
        Assert.Equal(("resource", "aws_flow_log main", 4, 7), (block.Type, string.Join(' ', block.Labels), block.Line, block.EndLine));
        Assert.Equal("\"aws_vpc.main.id\"", Shape(block.Body.Attributes["vpc_id"].Expression));
        Assert.Equal(5, block.Body.Attributes["vpc_id"].Line);
        Assert.Equal("content", Assert.Single(Assert.Single(block.Body.Blocks).Body.Blocks).Type);
        Assert.Equal("locals", file.Body.Blocks[1].Type);
    }

    private static string Shape(HclExpression? expression) => expression switch
    {
        null => "",
        HclLiteral { Value: PlanUnset } => "null",
        HclLiteral literal => literal.Value.ToString()!,
        HclTemplate template => $"\"{string.Join(' ', template.Parts.Select(Shape))}\"",
        HclName name => name.Name,
        HclMember member => $"{Shape(member.Of)}.{member.Name}",
        HclIndex index => $"{Shape(index.Of)}[{Shape(index.Key)}]",
        HclSplat splat => $"splat({Shape(splat.Of)}, {Shape(splat.Each)})",
        HclSplatItem => "*",
        HclCall call => $"{call.Name}({string.Join(", ", call.Arguments.Select(Shape))}{(call.Spread ? "..." : "")})",
        HclConditional c => $"(? {Shape(c.If)} {Shape(c.Then)} {Shape(c.Else)})",
        HclBinary binary => $"({binary.Operator} {Shape(binary.Left)} {Shape(binary.Right)})",
        HclUnary unary => $"({unary.Operator} {Shape(unary.Operand)})",
        HclTuple tuple => $"[{string.Join(' ', tuple.Items.Select(Shape))}]",
        HclObject o => $"{{{string.Join(' ', o.Members.Select(member => $"{Shape(member.Key)}={Shape(member.Value)}"))}}}",
        HclFor loop => $"for({loop.KeyName} {loop.ValueName} {Shape(loop.Collection)} {(loop.Key is null ? "" : Shape(loop.Key) + "=>")}{Shape(loop.Value)}{(loop.Grouped ? "..." : "")}{(loop.If is null ? "" : " " + Shape(loop.If))})",
        _ => "opaque",
    };
}
