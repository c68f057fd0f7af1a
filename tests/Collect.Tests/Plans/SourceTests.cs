using Scanner.Collect.Plans;
using Scanner.Model;

namespace Collect.Tests.Plans;

/// <summary>What <c>--source</c> adds: which of the objects that the plan knows a value will be.</summary>
public sealed class SourceTests : IDisposable
{
    private const string Unknown = """{"id":true,"arn":true,"vpc_id":true}""";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("local.id", "aws_vpc.a[0].id")]
    [InlineData("local.id", "try(aws_vpc.none[0].id, aws_vpc.a[0].id, \"\")")]
    [InlineData("local.id", "coalesce(var.given, aws_vpc.a[0].id)")]
    [InlineData("local.id", "concat(aws_vpc.none[*].id, aws_vpc.a[*].id)[0]")]
    [InlineData("local.id", "element(concat(aws_vpc.none.*.id, aws_vpc.a.*.id, [\"\"]), 0)")]
    [InlineData("local.id", "join(\"\", aws_vpc.a.*.id)")]
    [InlineData("local.id", "one(aws_vpc.a[*].id)")]
    [InlineData("local.id", "var.on ? aws_vpc.a[0].id : aws_vpc.b.id")]
    [InlineData("local.id", "length(aws_vpc.none) > 0 ? aws_vpc.b.id : aws_vpc.a[0].id")]
    [InlineData("local.id", "local.other")]
    [InlineData("local.id", "\"${aws_vpc.a[0].id}\"")]
    [InlineData("local.id", "[for v in aws_vpc.a : v.id if v != null][0]")]
    [InlineData("local.id", "{for k in [\"x\", \"y\"] : k => k == \"x\" ? aws_vpc.a[0].id : aws_vpc.b.id}[\"x\"]")]
    [InlineData("local.id", "merge({x = aws_vpc.b.id}, {x = aws_vpc.a[0].id}).x")]
    [InlineData("local.id", "lookup({x = aws_vpc.a[0].id}, \"x\", aws_vpc.b.id)")]
    [InlineData("local.id", "flatten([aws_vpc.none[*].id, [aws_vpc.a[*].id]])[0]")]
    [InlineData("local.id", "values({z = aws_vpc.b, m = aws_vpc.a[0]})[0].id")]
    public void The_text_of_a_local_tells_the_object(string expression, string local)
    {
        Write("main.tf", $$"""
            locals {
              id = {{local}}
              other = aws_vpc.a[0].id
            }
            variable "on" {}
            variable "given" { default = null }
            resource "aws_vpc" "a" { count = 1 }
            resource "aws_vpc" "b" {}
            resource "aws_vpc" "none" { count = 0 }
            resource "aws_flow_log" "main" { vpc_id = {{expression}} }
            """);
        Assert.Equal("aws_vpc.a[0]#id", Found(File("""["local.id"]""")).ToString());
    }

    [Theory]
    [InlineData("var.hidden ? aws_vpc.a[0].id : aws_vpc.b.id", "aws_vpc.a[0], aws_vpc.b")]
    [InlineData("local.id", "id")]
    [InlineData("\"${aws_vpc.a[0].id}-x\"", "aws_vpc.a[0]")]
    [InlineData("md5(aws_vpc.a[0].id)", "aws_vpc.a[0]")]
    [InlineData("what is this", "an expression that is not understood")]
    public void What_the_text_does_not_decide_stays_unknown(string local, string words)
    {
        Write("main.tf", $$"""
            locals { id = {{local}} }
            resource "aws_vpc" "a" { count = 1 }
            resource "aws_vpc" "b" {}
            resource "aws_flow_log" "main" { vpc_id = local.id }
            """);
        Assert.Contains($"({words}", Assert.IsType<PlanUnknown>(Found(File("""["local.id"]"""))).Reason.Replace("local.", "", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Fact]
    public void A_local_that_is_null_means_that_nothing_was_set()
    {
        Write("main.tf", """
            locals { id = try(aws_vpc.none[0].id, null) }
            resource "aws_vpc" "none" { count = 0 }
            resource "aws_vpc" "a" { count = 1 }
            resource "aws_vpc" "b" {}
            resource "aws_flow_log" "main" { vpc_id = local.id }
            """);
        Assert.True(Found(File("""["local.id"]""")) is PlanUnset { IsComputed: true });
    }

    [Fact]
    public void Index_arithmetic_and_each_value_are_worked_out()
    {
        // claims/1 and claims/2
        Write("main.tf", """
            resource "aws_vpc" "a" { count = 2 }
            resource "aws_vpc" "b" {}
            resource "aws_flow_log" "main" {
              for_each = { x = 1 }
              vpc_id   = aws_vpc.a[each.value % 2].id
            }
            """);
        var file = File("""["aws_vpc.a","each.value"]""", flow: "aws_flow_log.main[\"x\"]").Create("aws_vpc.a[1]", "{}");
        Assert.Equal("aws_vpc.a[1]#id", Found(file).ToString());
    }

    [Fact]
    public void Objects_that_a_call_puts_together_are_taken_apart_in_local_modules()
    {
        // claims/4 and claims/8
        Write("main.tf", """
            resource "aws_vpc" "a" { count = 1 }
            resource "aws_vpc" "b" {}
            module "logs" {
              source = "./m"
              vpc    = aws_vpc.a[0].id
              logs   = { one = {}, two = { vpc = aws_vpc.b.id } }
            }
            """);
        Write("m/main.tf", """
            variable "vpc" {}
            variable "logs" {}
            resource "aws_flow_log" "this" {
              for_each = var.logs
              vpc_id   = lookup(each.value, "vpc", var.vpc)
            }
            """);
        var file = new PlanFile().Config("aws_vpc.a", "{}").Config("aws_vpc.b", "{}").Create("aws_vpc.a[0]", "{}").Create("aws_vpc.b", "{}")
            .Config("module.logs.aws_flow_log.this", """{"vpc_id":{"references":["each.value","var.vpc"]}}""", """{"references":["var.logs"]}""")
            .Call("logs", """{"vpc":{"references":["aws_vpc.a[0].id","aws_vpc.a[0]","aws_vpc.a"]},"logs":{"references":["aws_vpc.b.id","aws_vpc.b"]}}""", source: "./m");
        file.Create("module.logs.aws_flow_log.this[\"one\"]", "{}", Unknown).Create("module.logs.aws_flow_log.this[\"two\"]", "{}", Unknown);
        var found = Read(file).After.Where(one => one.Type == "aws_flow_log").Select(one => one.Find("vpc_id").ToString());
        Assert.Equal(["aws_vpc.a[0]#id", "aws_vpc.b#id"], found);
    }

    [Fact]
    public void Downloaded_modules_are_found_through_modules_json()
    {
        Write("main.tf", """
            module "net" { source = "terraform-aws-modules/vpc/aws" }
            resource "aws_vpc" "a" { count = 1 }
            resource "aws_vpc" "b" {}
            resource "aws_flow_log" "main" { vpc_id = module.net.vpc_id }
            """);
        Write(".terraform/modules/net/main.tf", """
            locals { id = try(aws_vpc.this[0].id, "") }
            resource "aws_vpc" "this" { count = 1 }
            output "vpc_id" { value = local.id }
            """);
        Write(".terraform/modules/modules.json", """{"Modules":[{"Key":"","Dir":"."},{"Key":"net","Source":"x","Dir":".terraform/modules/net"}]}""");
        var file = File("""["module.net.vpc_id","module.net"]""").Config("module.net.aws_vpc.this", "{}")
            .Call("net", "{}", """{"vpc_id":{"expression":{"references":["local.id"]}}}""", source: "terraform-aws-modules/vpc/aws").Create("module.net.aws_vpc.this[0]", "{}");
        Assert.Equal("module.net.aws_vpc.this[0]#id", Found(file).ToString());
    }

    /// <summary>Since Terraform 1.15 a module's source may name variables: the plan then has the text as it is written, and modules.json alone knows the folder.</summary>
    [Fact]
    public void A_source_with_a_variable_in_it_is_found_through_modules_json()
    {
        Write("main.tf", """
            variable "flavor" {}
            module "net" { source = "./${var.flavor}" }
            resource "aws_vpc" "a" { count = 1 }
            resource "aws_vpc" "b" {}
            resource "aws_flow_log" "main" { vpc_id = module.net.vpc_id }
            """);
        Write("small/main.tf", """
            locals { id = try(aws_vpc.this[0].id, "") }
            resource "aws_vpc" "this" { count = 1 }
            output "vpc_id" { value = local.id }
            """);
        Write(".terraform/modules/modules.json", """{"Modules":[{"Key":"","Dir":"."},{"Key":"net","Source":"./small","Dir":"small"}]}""");
        var file = File("""["module.net.vpc_id","module.net"]""").Config("module.net.aws_vpc.this", "{}")
            .Call("net", "{}", """{"vpc_id":{"expression":{"references":["local.id"]}}}""", source: "./${var.flavor}").Create("module.net.aws_vpc.this[0]", "{}");
        Assert.Equal("module.net.aws_vpc.this[0]#id", Found(file).ToString());
    }

    [Fact]
    public void A_dynamic_block_is_written_out_where_its_elements_are_known()
    {
        Write("main.tf", """
            variable "on" {}
            resource "aws_vpc" "a" { count = 1 }
            resource "aws_vpc" "b" {}
            resource "aws_flow_log" "main" {
              dynamic "destination_options" {
                for_each = { n = aws_vpc.a[0].id, w = aws_vpc.b.id }
                content {
                  format = destination_options.key
                  vpc_id = destination_options.value
                }
              }
              dynamic "later" {
                for_each = aws_vpc.a[0].tags
                content { vpc_id = later.value }
              }
            }
            """);
        var file = File(null, """{"destination_options":[{"format":"w"},{"format":"n"}]}""", """{"destination_options":[{"vpc_id":true},{"vpc_id":true}],"later":true,"never":true}""");
        var log = Read(file).After.Single(one => one.Type == "aws_flow_log");
        Assert.Equal("aws_vpc.b#id", log.Find("destination_options[0].vpc_id").ToString());
        Assert.Equal("aws_vpc.a[0]#id", log.Find("destination_options[1].vpc_id").ToString());
        Assert.Contains("a dynamic block of later", Assert.IsType<PlanUnknown>(log.Find("later")).Reason, StringComparison.Ordinal);
        // The source shows no dynamic block of that name: nothing sets it.
        Assert.True(log.Find("never") is PlanUnset { IsComputed: true });
    }

    [Fact]
    public void A_dynamic_block_that_the_plan_would_show_was_not_written()
    {
        Write("main.tf", """
            variable "on" {}
            resource "aws_vpc" "a" { count = 1 }
            resource "aws_vpc" "b" {}
            resource "aws_flow_log" "main" {
              dynamic "options" {
                for_each = var.on ? [] : [1]
                content { format = "x" }
              }
            }
            """);
        var log = Read(File(null, "{}", """{"options":true}""")).After.Single(one => one.Type == "aws_flow_log");
        Assert.True(log.Find("options") is PlanUnset { IsComputed: true });
    }

    [Theory]
    [InlineData("compact([data.aws_iam_policy_document.own.json, var.on ? null : \"x\"])", "s3:GetObject")]
    [InlineData("compact(concat([data.aws_iam_policy_document.own.json], [var.given]))", "s3:GetObject s3:PutObject")]
    [InlineData("var.hidden ? [data.aws_iam_policy_document.own.json] : []", null)]
    public void Policies_that_are_put_together_are_read_one_by_one(string documents, string? actions)
    {
        Write("main.tf", $$"""
            variable "on" {}
            variable "given" {}
            data "aws_iam_policy_document" "own" {
              statement { actions = ["s3:GetObject"] }
            }
            data "aws_iam_policy_document" "all" {
              source_policy_documents = {{documents}}
            }
            resource "aws_s3_bucket_policy" "p" {
              bucket = "b"
              policy = data.aws_iam_policy_document.all.json
            }
            """);
        string[] all = ["data.aws_iam_policy_document.own.json", "data.aws_iam_policy_document.own", "var.on", "var.given", "var.hidden"];
        var references = string.Join(',', all.Where(one => documents.Contains(one, StringComparison.Ordinal)).Select(one => $"\"{one}\""));
        var file = new PlanFile()
            .Config("data.aws_iam_policy_document.own", "{}").Config("data.aws_iam_policy_document.all", $$"""{"source_policy_documents":{"references":[{{references}}]} }""")
            .Config("aws_s3_bucket_policy.p", """{"policy":{"references":["data.aws_iam_policy_document.all.json","data.aws_iam_policy_document.all"]}}""")
            .Create("data.aws_iam_policy_document.own", """{"statement":[{"actions":["s3:GetObject"]}]}""", """{"json":true}""")
            .Create("data.aws_iam_policy_document.all", "{}", """{"json":true,"source_policy_documents":true}""")
            .Create("aws_s3_bucket_policy.p", """{"bucket":"b"}""", """{"policy":true}""")
            .With("variables", """{"on":{"value":true},"given":{"value":"{\"Statement\":{\"Effect\":\"Allow\",\"Action\":\"s3:PutObject\"}}"}}""");
        var policy = Assert.IsType<PlanUnknown>(Read(file).After.Single(one => one.Type == "aws_s3_bucket_policy").Find("policy"));
        if (actions is null)
        {
            Assert.True(policy.Choices.Count > 1, "it may allow and refuse anything");
            return;
        }
        var text = Assert.Single(policy.Choices).ToString()!;
        Assert.Equal(actions, string.Join(' ', text.Split('"').Where(one => one.StartsWith("s3:", StringComparison.Ordinal))));
    }

    [Fact]
    public void A_source_of_another_commit_tells_nothing_and_says_so()
    {
        Write("main.tf", """
            resource "aws_vpc" "a" { count = 1 }
            resource "aws_vpc" "b" {}
            resource "aws_flow_log" "main" { vpc_id = aws_vpc.b.id }
            """);
        var plan = Read(File("""["local.id"]"""));
        Assert.IsType<PlanUnknown>(plan.After.Single(one => one.Type == "aws_flow_log").Find("vpc_id"));
        Assert.Contains("another commit?", Assert.Single(plan.Source!.Notes), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("resource \"aws_vpc\" \"a\" {}", "does not fit the plan (aws_vpc.b is not there")]
    [InlineData("resource \"aws_vpc\" \"a\" {", "main.tf:1: has a block that does not end")]
    [InlineData(null, "there is no .tf file in this folder")]
    public void A_source_that_cannot_be_used_is_one_line(string? text, string says)
    {
        if (text is not null)
            Write("main.tf", text);
        var plan = Read(new PlanFile().Config("aws_vpc.b", "{}").Create("aws_vpc.b", "{}"));
        Assert.IsType<PlanSymbol>(plan.After[0].Find("id"));
        Assert.Contains(says, Assert.Single(plan.Source!.Notes), StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_module_is_one_line_and_a_missing_folder_an_error()
    {
        Write("main.tf", "module \"net\" { source = \"terraform-aws-modules/vpc/aws\" }\n");
        var file = new PlanFile().Call("net", "{}", source: "terraform-aws-modules/vpc/aws").Config("module.net.aws_vpc.this", """{"tags":{"references":["local.t"]}}""").Create("module.net.aws_vpc.this", "{}", """{"id":true,"tags":true}""");
        var plan = Read(file);
        _ = plan.After[0].Attributes;
        Assert.Contains("run terraform init", Assert.Single(plan.Source!.Notes), StringComparison.Ordinal);
        Assert.Contains("no such folder", Assert.Throws<InputException>(() => file.Read(new PlanReadOptions { Source = Path.Combine(_folder.Path, "none") })).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Locals_that_ask_each_other_end()
    {
        Write("main.tf", """
            locals {
              id = local.b
              b  = local.id
            }
            resource "aws_vpc" "a" { count = 1 }
            resource "aws_vpc" "b" {}
            resource "aws_flow_log" "main" { vpc_id = local.id }
            """);
        Assert.IsType<PlanUnknown>(Found(File("""["local.id"]""")));
    }

    [Fact]
    public void A_region_that_is_a_local_is_read()
    {
        Write("main.tf", """
            locals { where = "eu-${"south"}-2" }
            provider "aws" { region = local.where }
            resource "aws_vpc" "b" {}
            """);
        var file = new PlanFile().Provider("aws", """{"name":"aws","full_name":"registry.terraform.io/hashicorp/aws","expressions":{"region":{"references":["local.where"]}}}""")
            .Config("aws_vpc.b", "{}").Create("aws_vpc.b", "{}");
        Assert.Equal("eu-south-2", Read(file).After[0].Region);
    }

    private static PlanFile File(string? references, string after = "{}", string unknown = Unknown, string flow = "aws_flow_log.main") =>
        new PlanFile().Config("aws_vpc.a", "{}").Config("aws_vpc.b", "{}").Create("aws_vpc.a[0]", "{}").Create("aws_vpc.b", "{}")
            .Config("aws_flow_log.main", references is null ? "{}" : $$$"""{"vpc_id":{"references":{{{references}}}}}""").Create(flow, after, unknown)
            .With("variables", """{"on":{"value":true}}""");

    private Plan Read(PlanFile file)
    {
        var plan = file.Read(new PlanReadOptions { Source = _folder.Path });
        foreach (var instance in plan.After)
            _ = instance.Attributes;
        return plan;
    }

    private PlanValue Found(PlanFile file) => Read(file).After.Single(one => one.Type == "aws_flow_log").Find("vpc_id");

    private void Write(string name, string text)
    {
        var path = Path.Combine(_folder.Path, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        System.IO.File.WriteAllText(path, text);
    }
}
