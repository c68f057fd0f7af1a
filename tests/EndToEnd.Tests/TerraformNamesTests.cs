using System.Text.Json;
using Loopback;
using Scanner.Catalog;
using Scanner.Catalog.Terraform;

namespace EndToEnd.Tests;

/// <summary>What the tables' <c>terraform:</c> sections name is in Terraform's AWS provider, version 5 or 6, by the typings that are made of its schema.</summary>
public sealed class TerraformNamesTests
{
    [Fact]
    public async Task Every_resource_type_and_argument_of_the_tables_is_in_the_provider()
    {
        var tables = CatalogLoader.Load([Path.Combine(Tools.Repository, "checks", "tables")], []).Tables.Values;

        var (code, output) = await CheckAsync(tables);

        Assert.True(code == 0, output);
        Assert.Matches("^[1-9][0-9]{2,} names checked, 0 problems", output);
    }

    [Fact]
    public async Task A_name_that_the_provider_does_not_have_is_found_with_its_line()
    {
        var folder = Directory.CreateTempSubdirectory("tables");
        try
        {
            await File.WriteAllTextAsync(Path.Combine(folder.FullName, "t.yml"), """
                table: t
                title: T
                service: ec2
                scope: region
                list: {operation: DescribeVpcs, items: Vpcs}
                id: Id
                columns: {id: Id, a: {path: A, type: json}, b: B}
                terraform:
                  - resources: [aws_lb]
                    names: [arn, ids]
                    with: {Parts: {resource: aws_lb_listner, by: load_balancer_arn, many: true}}
                    columns:
                      id: "access_logs[0].enable"
                      a: {json: {concat: [{each: "access_logs[]", as: log, item: {X: buket, Y: "@log.prefix", Z: "@log.prefx"}}, {each: "Parts[]", item: protocol}]}}
                      b: tags.Whatever
                """, TestContext.Current.CancellationToken);

            var (code, output) = await CheckAsync(CatalogLoader.Load([folder.FullName], []).Tables.Values);

            Assert.Equal(1, code);
            foreach (var name in new[] { "'ids' of aws_lb", "no resource aws_lb_listner", "'access_logs.enable' of aws_lb", "'access_logs.buket' of aws_lb", "'access_logs.prefx' of aws_lb" })
                Assert.Contains(name, output, StringComparison.Ordinal);
            Assert.Contains("t.yml:13: the provider knows no 'access_logs.enable'", output, StringComparison.Ordinal);
            Assert.DoesNotContain("Whatever", output, StringComparison.Ordinal);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task<(int Code, string Output)> CheckAsync(IEnumerable<TableDefinition> tables)
    {
        var node = NeededTools.Node();
        NeededTools.ProviderFive();
        var file = Path.GetTempFileName();
        try
        {
            var names = tables.SelectMany(table => table.Terraform.SelectMany(mapping => new Names(table.File, mapping).All()));
            await File.WriteAllTextAsync(file, JsonSerializer.Serialize(names.Select(name => new { where = name.Where, types = name.Types, path = name.Path })), TestContext.Current.CancellationToken);
            return await Tools.RunAsync(node, ["tests/node/check-tables.mjs", Tools.NodeModules!, file], cancellation: TestContext.Current.CancellationToken);
        }
        finally
        {
            File.Delete(file);
        }
    }

    /// <summary>All that an entry of a section names, each with where it is looked for: resource types, and the attributes on the way.</summary>
    private sealed class Names(string file, TerraformMapping mapping)
    {
        private sealed record Place(IReadOnlyList<string> Types, IReadOnlyList<string> Path);

        public IEnumerable<(string Where, IReadOnlyList<string> Types, IReadOnlyList<string> Path)> All()
        {
            var own = new Place(mapping.Resources, []);
            var found = new List<(int Line, Place? Place)> { (mapping.Line, own) };
            foreach (var (type, names) in mapping.Referents.Append(new(mapping.Resources[0], mapping.Names)))
            {
                foreach (var name in names)
                {
                    var place = type == mapping.Resources[0] ? own : new Place([type], []);
                    found.Add((mapping.Line, place with { Path = [name.Attribute] }));
                    found.AddRange(name.Text?.Paths.Select(path => (mapping.Line, Find(path, place, []))) ?? []);
                }
            }
            found.AddRange(mapping.When.Select(condition => (mapping.Line, Find(condition.Path, own, []))));
            found.AddRange(new[] { mapping.Rows, mapping.Account }.OfType<TerraformPath>().Select(path => (mapping.Line, Find(path, own, []))));
            found.AddRange(mapping.Id?.Paths.Select(path => (mapping.Line, Find(path, own, []))) ?? []);
            foreach (var part in mapping.ImpliedUnless is { } unless ? mapping.Parts.Append(unless) : mapping.Parts)
            {
                var theirs = new Place(part.Resources, []);
                found.Add((mapping.Line, theirs));
                found.AddRange(part.When.Select(condition => (mapping.Line, Find(condition.Path, theirs, []))));
                found.AddRange(part.By.SelectMany(pair => new[] { Find(pair.Theirs, theirs, []), pair.Ours is null ? null : Find(pair.Ours, own, []) }).Select(place => (mapping.Line, place)));
                if (part.To is { } to)
                    found.Add((mapping.Line, Find(to, own, [])));
            }
            foreach (var column in mapping.Columns.Where(column => column.Value is not null))
                Walk(column.Value!, own, [], found);
            return found.Where(one => one.Place is not null).Select(one => ($"{file}:{one.Line}", one.Place!.Types, one.Place.Path));
        }

        private void Walk(TerraformExpression expression, Place here, Dictionary<string, Place> named, List<(int, Place?)> found)
        {
            if (expression is TerraformEach each)
            {
                found.Add((each.Line, Find(each.Of, here, named)));
                here = Find(each.Of, here, named) ?? here;
                if (each.As is { } name)
                    named = new Dictionary<string, Place>(named) { [name] = here };
                found.AddRange(each.When.Select(condition => (each.Line, Find(condition.Path, here, named))));
            }
            else
            {
                found.AddRange(expression.Paths.Select(path => (expression.Line, Find(path, here, named))));
            }
            foreach (var child in expression.Children)
                Walk(child, here, named, found);
        }

        private Place? Find(TerraformPath path, Place here, Dictionary<string, Place> named)
        {
            var start = path.Root switch
            {
                TerraformPathRoot.Current or TerraformPathRoot.Element => here,
                TerraformPathRoot.Instance => new Place(mapping.Resources, []),
                TerraformPathRoot.Row => Find(mapping.Rows!, new Place(mapping.Resources, []), []),
                TerraformPathRoot.Part => new Place(mapping.Parts.First(part => part.Name == path.Name).Resources, []),
                TerraformPathRoot.Named => named[path.Name],
                _ => null,
            };
            var names = path.Rest.Split(['.', '[', ']'], StringSplitOptions.RemoveEmptyEntries).Where(name => !char.IsAsciiDigit(name[0]));
            return start is null ? null : start with { Path = [.. start.Path, .. names] };
        }
    }
}
