using System.Text;
using CsCheck;
using Scanner.Collect.Plans;
using Scanner.Model;

namespace Collect.Tests.Plans;

/// <summary>A file that is no plan is never an empty one.</summary>
public sealed class WrongFileTests
{
    private static readonly string PlanText = new PlanFile().Create("aws_vpc.main", "{}").Text();

    public static TheoryData<string, string> Wrong => new()
    {
        { "", "the file is empty" },
        { " \r\n\t ", "the file is empty" },
        { "PK\u0003\u0004binary", "this is the binary plan; make it with: terraform show -json" },
        { "[command]/usr/bin/terraform show -json tfplan\n" + PlanText, "terraform_wrapper: false" },
        { "Terraform used the selected providers to generate the following execution plan.", "prints for people" },
        { "<html></html>", "not JSON: it begins with '<html></html>'" },
        { """{"@level":"info","@message":"Terraform 1.11.4"}""" + "\n" + """{"@level":"info"}""", "events of 'terraform plan -json'" },
        { """{"format_version":"1.0","terraform_version":"1.11.4","values":{"root_module":{}}}""", "this is the state" },
        { """{"version":4,"terraform_version":"1.11.4","serial":7,"lineage":"a","outputs":{},"resources":[]}""", "this is a state file" },
        { """{"format_version":"1.0"}""", "this is an empty state: nothing was applied yet" },
        { """{"format_version":"2.0","resource_changes":[]}""", "format_version '2.0' is not known" },
        { """{"format_version":"","resource_changes":[]}""", "format_version '' is not known" },
        { """{"name":"scanner","version":"1.0.0"}""", "this JSON is no plan" },
        { "[1,2]", "not JSON: it begins with '[1,2]'" },
        { """{"format_version":"1.0","provider_schemas":{}}""", "terraform providers schema" },
        { """{"format_version":"1.2","planned_values":{"root_module":{"resources":[{"mode":"managed"}]}},"prior_state":{"values":{}}}""", "planned values but no resource_changes" },
        { PlanText[..(PlanText.Length / 2)], "ends in the middle" },
        { PlanText + PlanText, "several JSON documents" },
        { PlanText + "\n::debug::terraform exited with code 0", "no JSON stands in or after" },
        { PlanText.Replace("\"create\"", "\"create", StringComparison.Ordinal), "broken" },
        { """{"resource_changes":[],"resource_changes":[]}""", "'resource_changes' is there twice" },
        { """{"resource_changes":{"a":1}}""", "'resource_changes' is not a list" },
        { """{"resource_changes":[{"type":"aws_vpc"}]}""", "resource_changes[0] has no address" },
        { """{"resource_changes":[{"address":"]["}]}""", "resource_changes[0] has an address that is none" },
        { """{"resource_changes":[""" + new string('[', 2000), "nested deeper than any plan" },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public void Each_wrong_file_is_named_with_the_command_that_makes_the_right_one(string text, string says)
    {
        var error = Assert.Throws<InputException>(() => Read(Encoding.UTF8.GetBytes(text)));
        Assert.StartsWith("plan.json: ", error.Message, StringComparison.Ordinal);
        Assert.Contains(says, error.Message, StringComparison.Ordinal);
        Assert.Contains("terraform", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Fact]
    public void A_gzip_file_is_named() =>
        Assert.Contains("gunzip", Assert.Throws<InputException>(() => Read([0x1f, 0x8b, 8, 0])).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("utf-8", true)]
    [InlineData("utf-16", true)]
    [InlineData("utf-16", false)]
    [InlineData("utf-16BE", true)]
    [InlineData("utf-16BE", false)]
    public void Marks_and_the_encoding_of_Windows_PowerShell_are_read(string name, bool mark)
    {
        var encoding = Encoding.GetEncoding(name);
        var plan = Read([.. mark ? encoding.GetPreamble() : [], .. encoding.GetBytes(PlanText)]);
        Assert.Equal("aws_vpc.main", Assert.Single(plan.After).Address);
    }

    [Fact]
    public void Broken_JSON_in_UTF_16_is_told_too() =>
        Assert.Contains("broken", Assert.Throws<InputException>(() => Read([.. Encoding.Unicode.GetPreamble(), .. Encoding.Unicode.GetBytes("""{"format_version":"1.2",,}""")])).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("0.1")]
    [InlineData("0.2")]
    [InlineData("1.0")]
    [InlineData("1.9")]
    public void Formats_0_and_1_are_read(string version) =>
        Assert.Single(Read(Encoding.UTF8.GetBytes(PlanText.Replace("\"1.2\"", $"\"{version}\"", StringComparison.Ordinal))).After);

    [Fact]
    public void Unknown_members_and_odd_values_are_passed_over()
    {
        var plan = Read(Encoding.UTF8.GetBytes("""
            {"new_member":{"a":[1,{"b":null}]},"resource_changes":[{"address":"aws_vpc.main","mode":"managed","change":{"actions":["create"],"before":null,
             "after":{"name":"\ud800","n":1e400},"after_unknown":{"id":true,"list":[true]},"after_sensitive":[[]]}}],"configuration":null,"variables":[],"prior_state":null}
            """));
        Assert.Equal("""{"name":"\uFFFD","n":"1e400","id":"aws_vpc.main","list":[null]}""", Assert.Single(plan.After).Attributes.ToJson(symbol => symbol.Address)!.ToJsonString());
    }

    [Theory]
    [InlineData("""{"\ud800":1,"resource_changes":[{"address":"aws_vpc.main","mode":"managed","change":{"actions":["create"],"after":{"name":"a"}}}]}""", 1)]
    [InlineData("""{"resource_changes":[{"\udc00":{},"addr\u0065ss":"aws_vpc.main","mode":"managed","change":{"\ud800\ud800":1,"actions":["cr\u0065ate"],"after":{"n\u0061me":"a"}}}]}""", 1)]
    [InlineData("""{"planned_values":{"root_module":{"\ud800":[],"resources":[{"\ud800":0,"address":"\ud800"}]}},"resource_changes":[]}""", 0)]
    [InlineData("""{"resource_changes":[],"relevant_attributes":[{"\ud800":1}],"checks":[{"\ud800":1}],"configuration":{"\ud800":{},"root_module":{"\ud800":[]}},"prior_state":{"\ud800":1,"values":{"\ud800":2}}}""", 0)]
    public void A_name_written_with_escapes_is_read_as_the_text_it_stands_for_and_half_a_character_is_no_name_of_ours(string json, int resources)
    {
        var plan = Read(Encoding.UTF8.GetBytes("""{"format_version":"1.2","terraform_version":"1.13.0",""" + json[1..]));
        Assert.Equal(resources, plan.After.Count(instance => instance.Attributes.ToJson(symbol => symbol.Address)!.ToJsonString() == """{"name":"a"}"""));
    }

    [Fact]
    public void No_cut_or_changed_byte_ends_in_anything_but_a_plan_or_an_error()
    {
        var bytes = Encoding.UTF8.GetBytes(new PlanFile().Create("aws_vpc.main", """{"tags":{"a":"b"}}""").Config("aws_vpc.main", """{"tags":{"references":["var.x"]}}""").Prior("aws_vpc.old", "{}").Text());
        Gen.Select(Gen.Int[0, bytes.Length], Gen.Int[0, bytes.Length - 1], Gen.Byte).Sample((cut, at, other) =>
        {
            var changed = bytes[..cut];
            if (at < cut)
                changed[at] = other;
            try
            {
                foreach (var instance in Read(changed).After)
                    _ = instance.Attributes.Unknowns.Count();
            }
            catch (InputException)
            {
            }
        }, iter: 3000);
    }

    [Fact]
    public void A_folder_is_read_whole_and_each_plan_is_named_by_its_path()
    {
        using var folder = new TemporaryFolder();
        Write(folder.Path, "b/tfplan.json", PlanText);
        Write(folder.Path, "a/tfplan.json", PlanText);
        Write(folder.Path, ".terraform/modules/modules.json", "{}");
        Write(folder.Path, "main.tf.json", "{}");
        Assert.Equal(["a/tfplan.json", "b/tfplan.json"], PlanReader.ReadAll(folder.Path, new PlanReadOptions()).Select(plan => plan.Name));
        Write(folder.Path, "c/tfplan.json", "{");
        Assert.Throws<InputException>(() => PlanReader.ReadAll(folder.Path, new PlanReadOptions()));
    }

    [Fact]
    public void An_empty_folder_and_a_missing_file_are_errors()
    {
        using var folder = new TemporaryFolder();
        Assert.Contains("no plan in this folder", Assert.Throws<InputException>(() => PlanReader.ReadAll(folder.Path, new PlanReadOptions())).Message, StringComparison.Ordinal);
        Assert.Contains("no such file", Assert.Throws<InputException>(() => PlanReader.ReadAll(Path.Combine(folder.Path, "x.json"), new PlanReadOptions())).Message, StringComparison.Ordinal);
    }

    private static void Write(string folder, string name, string text)
    {
        var path = Path.Combine(folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }

    private static Plan Read(byte[] bytes) => PlanReader.Read(new MemoryStream(bytes), "plan.json", new PlanReadOptions());
}
