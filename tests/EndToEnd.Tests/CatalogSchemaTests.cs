using System.Text.Json;
using Loopback;
using Scanner.Commands;
using Scanner.Model;
using Scanner.Scan;

namespace EndToEnd.Tests;

/// <summary>The JSON Schemas of the catalog's files say of a file what the program says of it: an editor shows a mistake before anything is run.</summary>
public sealed class CatalogSchemaTests
{
    private const string Check = "id: a\ntitle: A holds\nseverity: high\ntables: [aws_vpc]\nquery: select 1\n";
    private const string Table = "table: t\ntitle: T\nservice: ec2\nscope: region\nlist: {operation: DescribeVpcs, items: Vpcs}\nid: VpcId\ncolumns: {id: VpcId}\n";
    private const string Mutes = "mutes:\n  - {check: a, reason: b, expires: 2027-01-31}\n";
    private const string Owners = "owners:\n  - {account: \"111122223333\", tag: team=*, assignee: ana, team: acme/network}\n  - {resource: \"arn:aws:s3:::*\", team: acme/data}\ndue: {critical: 3, high: 14}\n";
    private const string Framework = "framework: f\ntitle: F\ncontrols: [{id: \"1.1\", title: T, checks: [a]}]\n";

    [Fact]
    public async Task Every_shipped_file_and_every_new_one_is_valid_and_mistakes_are_not()
    {
        var catalog = new CatalogFolders([]).Catalog;
        List<(string Schema, string Name, string Text)> good =
        [
            .. catalog.Checks.Values.Select(check => ("check", check.Info.File, File.ReadAllText(check.Info.Path))),
            .. catalog.Tables.Values.Where(table => table.Path.Length > 0).Select(table => ("table", table.File, File.ReadAllText(table.Path))),
            .. Directory.GetFiles(Path.Combine(CatalogFolders.Shipped, "frameworks")).Select(path => ("framework", Path.GetFileName(path), File.ReadAllText(path))),
            ("check", "new check", NewCheck.Text("sqs-queue-encrypted", "sqs", catalog)), ("table", "new table", NewTable.Text("aws_sqs_dead_letter_queue", "sqs", catalog)),
            ("check", "check", Check), ("table", "table", Table), ("mutes", "mutes", Mutes), ("owners", "owners", Owners), ("framework", "framework", Framework),
            ("check", "named", Check + "$schema: ../schemas/check.v1.json\n"),
        ];
        (string Schema, string Name, string Text)[] bad =
        [
            ("check", "a key of no kind", Check + "severty: low\n"),
            ("check", "a severity of no kind", Check.Replace("high", "hihg", StringComparison.Ordinal)),
            ("check", "a check that asks nothing", Check.Replace("query: select 1\n", "", StringComparison.Ordinal)),
            ("check", "a test that expects nothing", Check + "tests: [{name: n}]\n"),
            ("check", "a resource that names nothing", Check + "fix: {cli: aws NAME, resource: [\"*:trail/*\"]}\n"),
            ("table", "a name of no kind", Table.Replace("table: t", "table: T-1", StringComparison.Ordinal)),
            ("table", "a column that is there already", Table.Replace("{id: VpcId}", "{region: VpcId}", StringComparison.Ordinal)),
            ("table", "a type of no kind", Table.Replace("{id: VpcId}", "{id: {path: VpcId, type: string}}", StringComparison.Ordinal)),
            ("table", "neither list nor from", Table.Replace("list: {operation: DescribeVpcs, items: Vpcs}\n", "", StringComparison.Ordinal)),
            ("mutes", "a mute without a reason", Mutes.Replace("reason: b, ", "", StringComparison.Ordinal)),
            ("mutes", "a day of no kind", Mutes.Replace("2027-01-31", "soon", StringComparison.Ordinal)),
            ("owners", "an owner of nothing", "owners: [{assignee: ana}]\n"),
            ("owners", "a rule that names nobody", "owners: [{account: \"111122223333\"}]\n"),
            ("owners", "a key of no owner", Owners.Replace("assignee", "asignee", StringComparison.Ordinal)),
            ("owners", "a severity without days", Owners.Replace("critical", "urgent", StringComparison.Ordinal)),
            ("owners", "a team without an organization", Owners.Replace("acme/data", "data", StringComparison.Ordinal)),
            ("framework", "a control that nothing answers", Framework.Replace(", checks: [a]", "", StringComparison.Ordinal)),
        ];

        var said = await ShippedSchemas.FaultsAsync(NeededTools.Node(), [.. good, .. bad], TestContext.Current.CancellationToken);

        Assert.True(good.Count > 300, $"{good.Count} files");
        Assert.StartsWith($"{good.Count + bad.Length} files checked", said[^1], StringComparison.Ordinal);
        // Each of the bad ones, and none of the good ones.
        Assert.Equal(bad.Select(file => file.Name), said.SkipLast(1).Select(line => line[..line.IndexOf(": ", StringComparison.Ordinal)]).Distinct(StringComparer.Ordinal));
    }

    [Fact]
    public void The_first_line_of_a_shipped_file_leads_to_its_schema()
    {
        const string Line = "# yaml-language-server: $schema=";
        var checks = Path.Combine(Tools.Repository, "checks");
        var named = 0;
        foreach (var path in Directory.GetFiles(checks, "*.yml", SearchOption.AllDirectories))
        {
            var text = File.ReadAllText(path);
            if (!text.StartsWith(Line, StringComparison.Ordinal))
                continue;
            named++;
            var kind = text.Contains("\ntable:", StringComparison.Ordinal) ? "table" : text.Contains("\nframework:", StringComparison.Ordinal) ? "framework" : "check";
            var schema = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(path)!, text[Line.Length..text.IndexOf('\n', StringComparison.Ordinal)]));
            Assert.Equal((path, Path.Combine(Tools.Repository, "schemas", SchemaAddress.FileOf(kind))), (path, schema));
        }
        Assert.True(named > 300, $"{named} files name their schema");
    }

    [Theory]
    [InlineData("check")]
    [InlineData("table")]
    [InlineData("mutes")]
    [InlineData("owners")]
    [InlineData("framework")]
    public void A_key_that_an_editor_proposes_is_one_that_the_program_takes_and_another_version_is_refused(string kind)
    {
        var text = kind switch { "check" => Check, "table" => Table, "mutes" => Mutes, "owners" => Owners, _ => Framework };
        using var schema = JsonDocument.Parse(File.ReadAllText(Path.Combine(Tools.Repository, "schemas", SchemaAddress.FileOf(kind))));
        Assert.Equal(SchemaAddress.Of(kind), schema.RootElement.GetProperty("$id").GetString());

        foreach (var key in schema.RootElement.GetProperty("properties").EnumerateObject().Select(property => property.Name).Where(key => !text.StartsWith(key + ":", StringComparison.Ordinal) && !text.Contains("\n" + key + ":", StringComparison.Ordinal)))
            Assert.DoesNotContain($"unknown key '{key}'", Complaint(text + $"{key}: x\n"), StringComparison.Ordinal);

        Assert.Contains("unknown key 'zzz'", Complaint(text + "zzz: x\n"), StringComparison.Ordinal);
        Assert.Contains($"'$schema' is not known; this version of Scanner reads {kind}.v1.json", Complaint(text + $"$schema: {SchemaAddress.Of(kind).Replace(".v1.", ".v9.", StringComparison.Ordinal)}\n"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("check", "# yaml-language-server: $schema=../schemas/check.v9.json\n", 1)]
    [InlineData("check", "# Ours.\n\n#yaml-language-server:  $schema=https://example.com/table.v1.json?raw=1\n---\n", 3)]
    [InlineData("table", "# yaml-language-server: $schema=table.v2.json\n", 1)]
    [InlineData("mutes", "# yaml-language-server: $schema=mutes.v10.json\n", 1)]
    [InlineData("owners", "# yaml-language-server: $schema=owners.v0.json\n", 1)]
    [InlineData("framework", "# yaml-language-server: $schema=framework.v9.json\n", 1)]
    [InlineData("check", "# yaml-language-server: $schema=../schemas/check.v1.json\n", null)]
    [InlineData("check", "# yaml-language-server: $schema=https://example.com/theirs.json\n", null)]
    [InlineData("check", "# See check.v9.json, which a yaml-language-server would take for $schema.\n", null)]
    public void A_comment_for_editors_that_names_another_version_is_refused_too(string kind, string comment, int? line)
    {
        var text = comment + kind switch { "check" => Check, "table" => Table, "mutes" => Mutes, "owners" => Owners, _ => Framework };

        var complaint = Complaint(text);

        if (line is null)
            Assert.DoesNotContain("$schema", complaint, StringComparison.Ordinal);
        else
            Assert.EndsWith(FormattableString.Invariant($"a.yml:{line}: '$schema' is not known; this version of Scanner reads {kind}.v1.json"), complaint, StringComparison.Ordinal);
    }

    private static string Complaint(string text)
    {
        var folder = Directory.CreateTempSubdirectory("schema");
        try
        {
            File.WriteAllText(Path.Combine(folder.FullName, "a.yml"), text);
            _ = new CatalogFolders([folder.FullName]);
            return "";
        }
        catch (InputException e)
        {
            return e.Message;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
