using Scanner.Catalog;
using Scanner.Catalog.Terraform;
using Scanner.Model;

namespace Catalog.Tests.Terraform;

public sealed class TerraformSectionTests
{
    private const string Table = """
        table: thing
        title: Things
        service: ec2
        scope: region
        list: {operation: DescribeVpcs, items: Vpcs}
        id: Id
        columns:
          id: Id
          setting: {path: Setting, type: json}
        terraform:

        """;

    [Fact]
    public void Everything_that_the_documentation_names_is_read()
    {
        var mapping = Assert.Single(Read("""
              - resources: [aws_thing, aws_other]
                names: {id: , arn: "arn:{partition}:x:{region}:{account}:thing/{name}"}
                referents: {aws_far: [arn]}
                computed: [block]
                with:
                  Part: {resource: aws_thing_part, by: thing_id, many: true, when: {kind: [a, null]}, computed: [inner]}
                  Pair: {resource: [aws_pair], by: {thing_id: id, stage: stage_name}}
                  Far: {resource: aws_far, to: "far[0].arn"}
                rows: "list[]"
                when: {scope: REGIONAL, name: set}
                account: account_id
                id: "{name}-{@index}"
                columns:
                  id: {path: [id, "block[0].id", Far.arn], unset: {provider: {5: a, 6: "{account}"}}, none: {created: true, removed: false}, map: {a: b}, composed: true, if: name, unless: {kind: x}}
                  setting:
                    json:
                      merge:
                        own: {each: "block[]", as: rule, flat: true, when: {type: x}, unset: [], incomplete: {key: X, either: [{X: a}], or: []}, item: ["@rule.x", {shape: s}]}
                        parts: {concat: [{each: tags, key: "@key", item: "@"}, {first: [$id, ^name, "@row", {count: ["Part[]", "Pair[]"], base: number}]}]}
                shapes:
                  s: {A: {value: {x: [1, true, null, "{scan_time}"]}}, B: {text: "{name}:{region}"}, C: {object: {value: name}}, D: {by_type: {aws_other: a, other: b}}}
            """).Terraform);

        Assert.Equal(["aws_thing", "aws_other"], mapping.Resources);
        Assert.Equal(["id", "arn"], mapping.Names.Select(name => name.Attribute));
        Assert.Equal(["Part", "Pair", "Far"], mapping.Parts.Select(part => part.Name));
        Assert.Equal(["id", "setting"], mapping.Columns.Select(column => column.Name));
        var read = Assert.IsType<TerraformRead>(mapping.Columns[0].Value);
        Assert.Equal([5, 6], read.Unset!.ByProvider.Select(pair => pair.Key));
        Assert.True(read.None!.Created!.Value!.GetValue<bool>());
        Assert.Null(read.None.Unseen);
        Assert.IsType<TerraformMerge>(mapping.Columns[1].Value);
    }

    [Theory]
    [InlineData("  []", "'terraform' is empty")]
    [InlineData("  - {resources: [thing], columns: {id: id, setting: a}}", "'thing' is not a Terraform resource type of AWS")]
    [InlineData("  - {resources: [aws_a], column: {id: id}}", "unknown key 'column'; did you mean 'columns'?")]
    [InlineData("  - {resources: [aws_a], nmaes: [id], columns: {id: id, setting: a}}", "unknown key 'nmaes'; did you mean 'names'?")]
    [InlineData("  - {resources: [aws_a], columns: {id: id}}", "'setting' is not mapped; write where a Terraform plan has it, such as 'setting: argument'")]
    [InlineData("  - {resources: [aws_a], columns: {id: id, setting: a, seting: b}}", "the table has no column 'seting'; did you mean 'setting'?")]
    [InlineData("  - {resources: [aws_a], columns: {id: id, setting: 'a..b'}}", "'a..b' is not a path")]
    [InlineData("  - {resources: [aws_a], columns: {id: id, setting: 'a[x]'}}", "'a[x]' is not a path")]
    [InlineData("  - {resources: [aws_a], columns: {id: id, setting: {by_type: }}}", "'by_type' is missing; it must be a mapping")]
    [InlineData("  - {resources: [aws_a], columns: {id: id, setting: {object: }}}", "'object' is missing; it must be a mapping")]
    [InlineData("  - {resources: [aws_a], columns: {id: id, setting: {pth: a}}}", "column 'setting' has none of path,")]
    [InlineData("  - {resources: [aws_a], columns: {id: id, setting: {path: a, unst: b}}}", "unknown key 'unst'; did you mean 'unset'?")]
    [InlineData("  - {resources: [aws_a], columns: {id: id, setting: {path: a, value: b}}}", "'path' and 'value' do not go together")]
    [InlineData("  - {resources: [aws_a], columns: {id: id, setting: {path: a, none: b}}}", "'none' is for paths through a part")]
    [InlineData("  - {resources: [aws_a], columns: {id: id, setting: Part.a}}", "'Part.a' names a part that 'with' does not")]
    [InlineData("  - {resources: [aws_a], with: {Log: {resource: aws_b, by: a}}, columns: {id: id, setting: Lag.a}}", "no column reads")]
    [InlineData("  - {resources: [aws_a], with: {log: {resource: aws_b, by: a}}, columns: {id: id, setting: log.a}}", "'log' is no name of a part")]
    [InlineData("  - {resources: [aws_a], with: {Log: {resource: aws_b}}, columns: {id: id, setting: Log.a}}", "a part has either 'by'")]
    [InlineData("  - {resources: [aws_a], with: {Log: {resource: aws_b, by: a, to: b}}, columns: {id: id, setting: Log.a}}", "a part has either 'by'")]
    [InlineData("  - {resources: [aws_a], columns: {id: id, setting: $idd}}", "'$idd' names no column; did you mean 'id'?")]
    [InlineData("  - {resources: [aws_a], columns: {id: $setting, setting: $id}}", "is made of itself")]
    [InlineData("  - {resources: [aws_a], columns: {id: id, setting: {value: '{acount}'}}}", "'{acount}' has braces")]
    [InlineData("  - {resources: [aws_a], columns: {id: id, setting: {text: '{a'}}}", "has a brace that holds no path")]
    [InlineData("  - {resources: [aws_a], columns: {id: id, setting: {json: {shape: s}}}}", "there is no shape 's'")]
    [InlineData("  - {resources: [aws_a], shapes: {s: a}, columns: {id: id, setting: a}}", "the shape 's' is not used")]
    [InlineData("  - {resources: [aws_a], shapes: {s: {shape: s}}, columns: {id: id, setting: {json: {shape: s}}}}", "a shape that holds itself")]
    [InlineData("  - {resources: [aws_a], columns: {id: id, setting: {each: 'a[]'}}}", "'item' is missing")]
    [InlineData("  - {resources: [aws_a], columns: {id: id, setting: {each: 'a[]', item: '@rule.x'}}}", "nothing around '@rule.x' is called rule")]
    [InlineData("  - {resources: [aws_a], columns: {id: id, setting: {path: a, unset: {provider: {six: b}}}}}", "'six' is not a major version")]
    [InlineData("  - {resources: [aws_a], when: {Part.x: a}, columns: {id: id, setting: a}}", "is no attribute of the resource")]
    [InlineData("  - {resources: [aws_a], implies: {}, columns: {id: id, setting: a}}", "'unless' is missing; name the resource by which a plan manages the object itself")]
    [InlineData("  - {resources: [aws_a], implies: {unless: {resource: aws_b}}, columns: {id: id, setting: a}}", "a part has either 'by'")]
    [InlineData("  - {resources: [aws_a], implies: {unless: {resource: aws_b, by: {name: $settng}}}, columns: {id: id, setting: a}}", "'$settng' names no column; did you mean 'setting'?")]
    [InlineData("  - {resources: [aws_a], with: {Pair: {resource: aws_b, by: {name: $setting}}}, columns: {id: id, setting: Pair.a}}", "is no attribute of the resource")]
    [InlineData("  - {resources: [aws_a], names: [a.b], columns: {id: id, setting: a}}", "'a.b' is not the name of an attribute")]
    public void A_mistake_is_named_with_its_line(string section, string message)
    {
        var error = Assert.Throws<InputException>(() => Read(section));

        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        Assert.Matches("^tables/t.yml:1[0-9]:", error.Message);
    }

    [Fact]
    public void Two_tables_agree_on_the_names_of_a_type()
    {
        var one = Read("  - {resources: [aws_a], names: [id], columns: {id: id, setting: a}}");
        var other = Read("  - {resources: [aws_b], referents: {aws_a: [arn]}, columns: {id: id, setting: a}}");

        Assert.Contains("the names of aws_a are not those", Assert.Throws<InputException>(() => TerraformNames.Of([one, other])).Message, StringComparison.Ordinal);
        Assert.Equal(["id"], TerraformNames.Of([one]).Attributes["aws_a"]);
    }

    private static TableDefinition Read(string section)
    {
        var folder = Directory.CreateTempSubdirectory("tables");
        try
        {
            var tables = Directory.CreateDirectory(Path.Combine(folder.FullName, "tables"));
            File.WriteAllText(Path.Combine(tables.FullName, "t.yml"), Table + section);
            return CatalogLoader.Load([tables.FullName], []).Tables["thing"];
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
