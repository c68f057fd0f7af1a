using CsCheck;
using Scanner.Catalog;
using Scanner.Model;

namespace Catalog.Tests;

public sealed class CatalogLoaderTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("catalog");

    private const string Table = """
        table: aws_thing
        title: Things
        service: things
        scope: region
        list: {operation: ListThings, items: "Pages[].Things", parameters: {Max: 5, Names: ["{account}"]}}
        each:
          - {as: Status, operation: GetThing, parameters: {Name: "{Name}"}, absent_on: [NoSuchThing], when: {Kind: [a, b]}}
        id: Name
        columns:
          name: Name
          on: {path: Status.On, type: bool, about: Whether it is on}
        """;

    private const string Check = """
        id: thing-on
        title: Things are on
        severity: high
        tables: [aws_thing]
        source: {default: off, cost: none, use: see}
        query: select account_id, region, name as resource_id, 'pass' as status, '' as message from aws_thing
        tests:
          - name: it passes
            given: {aws_thing: [{name: "007", on: true}, {name: 7, on: null}]}
            collection: {aws_thing: denied}
            expect: [{status: unknown, resource_id: "007"}]
        """;

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void A_check_names_techniques_of_todays_attack_or_revoked_ones_and_none_that_never_existed()
    {
        Write("tables/thing.yml", Table);
        Write("any/thing-on.yml", Check.Replace("severity: high", "severity: high\nmitre: [T1562.008, T1078]", StringComparison.Ordinal));
        Assert.Equal(["T1685.002", "T1078"], Load().Checks["thing-on"].Info.Mitre);

        Write("any/thing-on.yml", Check.Replace("severity: high", "severity: high\nmitre: [T1685.022]", StringComparison.Ordinal));
        var error = Assert.Throws<InputException>(Load);
        Assert.EndsWith("thing-on.yml:4: ATT&CK 19.1 has no technique T1685.022; did you mean 'T1685.002'?", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Owners_are_read_in_order_with_the_days_until_their_findings_are_due()
    {
        Write("owners.yml", "owners:\n  - {account: \"012345678901\", assignee: \"@ana\"}\n  - {tag: team=net*, resource: arn:*, team: acme/network}\ndue: {critical: 3}\n");

        var catalog = Load();

        Assert.Equal(
            [
                new OwnerRule("012345678901", "*", "*", null, new Owner("ana", null)),
                new OwnerRule("*", "arn:*", "*", KeyValuePair.Create("team", "net*"), new Owner(null, "acme/network")),
            ], catalog.Owners);
        Assert.Equal([KeyValuePair.Create(Severity.Critical, 3)], catalog.DueDays);
    }

    [Theory]
    [InlineData("owners: [{acount: \"1\", assignee: ana}]", "unknown key 'acount'; did you mean 'account'?")]
    [InlineData("owners: [{assignee: ana}]", "it says of nothing whose it is")]
    [InlineData("owners: [{account: \"*\"}]", "it names nobody")]
    [InlineData("owners: [{account: prod, assignee: ana}]", "'account' is twelve digits in quotes")]
    [InlineData("owners: [{account: \"*\", assignee: acme/network}]", "a team goes under 'team'")]
    [InlineData("owners: [{account: \"*\", team: network}]", "such as acme/network")]
    [InlineData("owners: [{tag: team, assignee: ana}]", "such as team=network")]
    [InlineData("owners: []\ndue: {critcal: 3}", "unknown key 'critcal'; did you mean 'critical'?")]
    [InlineData("owners: []\ndue: {high: soon}", "'high' must be a whole number from 1 to 3650")]
    [InlineData("owners: []\nowner: []", "unknown key 'owner'; did you mean 'owners'?")]
    public void A_mistake_in_owners_is_said_with_its_line(string text, string expected)
    {
        Write("owners.yml", text);

        var error = Assert.Throws<InputException>(Load);

        Assert.Matches(@"owners\.yml:\d+: ", error.Message);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_table_and_a_check_are_read_whole()
    {
        Write("tables/thing.yml", Table);
        Write("any/thing-on.yml", Check);

        var catalog = Load();

        var table = catalog.Tables["aws_thing"];
        Assert.Equal(TableScope.Region, table.Scope);
        Assert.Equal([("things", "ListThings"), ("things", "GetThing")], table.Operations);
        Assert.Equal("""{"Max":5,"Names":["{account}"]}""", table.List.Parameters.ToJsonString());
        Assert.Equal(["NoSuchThing"], table.Each[0].EmptyOn);
        Assert.Equal(["a", "b"], table.Each[0].When[0].Value);
        Assert.Equal(ColumnType.Bool, table.Columns[1].Type);
        var check = catalog.Checks["thing-on"];
        Assert.Equal("off", check.Info.Source!.Default);
        Assert.Equal("""{"name":"007","on":true}""", check.Tests[0].Given["aws_thing"][0].ToJsonString());
        Assert.Equal(CollectionOutcome.Denied, check.Tests[0].Collection["aws_thing"]);
    }

    [Theory]
    [InlineData("severity: high", "severity: awful", 3, "'severity' is one of")]
    [InlineData("severity: high", "severty: high", 3, "unknown key 'severty'; did you mean 'severity'?")]
    [InlineData("title: Things are on", "title: Things are on\nnonsense: 1", 3, "unknown key 'nonsense'")]
    [InlineData("tables: [aws_thing]", "tables: [aws_thin]", 1, "did you mean 'aws_thing'?")]
    [InlineData("tables: [aws_thing]", "tables: [aws_thing]\nhelps: [aws_thin]", 5, "which the check does not read; did you mean 'aws_thing'?")]
    [InlineData("tables: [aws_thing]", "tables: [aws_thing]\nfor_plans: [aws_thin]", 5, "'for_plans' names aws_thin, which the check does not read; did you mean 'aws_thing'?")]
    [InlineData("tables: [aws_thing]", "tables: [aws_thing]\nfor_plans: [aws_thing]", 5, "the first of 'tables': then nothing in an account would be judged")]
    [InlineData("tables: [aws_thing]", "tables: [aws_thing]\nwithin: thing-of", 1, "'within' of check 'thing-on' names 'thing-of', which does not exist; did you mean 'thing-on'?")]
    [InlineData("tables: [aws_thing]", "tables: [aws_thing]\nwithin: thing-on", 1, "which is within thing-on itself; name a check that stands alone")]
    [InlineData("collection: {aws_thing: denied}", "collection: {aws_thing: refused}", 10, "is one of ok, denied")]
    [InlineData("expect: [{status: unknown", "expect: [{status: unknwn", 11, "'status' is one of")]
    [InlineData("id: thing-on", "id: 'Thing On'", 1, "is not a check id")]
    [InlineData("title: Things are on", "title: [", 2, "not valid YAML")]
    [InlineData("title: Things are on", "title: *a", 2, "aliases")]
    public void A_broken_check_is_one_line_with_file_and_line(string right, string wrong, int line, string message)
    {
        Write("tables/thing.yml", Table);
        Write("x/thing-on.yml", Check.Replace(right, wrong, StringComparison.Ordinal));

        var error = Assert.Throws<InputException>(() => Load());

        Assert.Matches($@"^{_folder.Name}/x/thing-on.yml:{line}: ", error.Message);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Theory]
    [InlineData("scope: region", "scope: planet", "'scope' is one of region, account")]
    [InlineData("id: Name", "", "'id' is missing")]
    [InlineData("name: Name", "Name: Name", "is not a column name")]
    [InlineData("name: Name", "item: Name", "is there already")]
    [InlineData("path: Status.On", "path: Status..On", "is not a path")]
    [InlineData("type: bool", "type: boolean", "is one of text, bool")]
    [InlineData("id: Name", "id: Name\nchanges: {except: [A]}", "'sources' is missing")]
    [InlineData("id: Name", "id: Name\nchanges: {sources: [sqs]}", "'sqs' is not an event source of CloudTrail")]
    [InlineData("id: Name", "id: Name\nevidence: true\nchanges: {sources: [sqs.amazonaws.com]}", "'changes' is for tables that list what is configured")]
    [InlineData("id: Name", "id: Name\nchanges: {source: [sqs.amazonaws.com]}", "did you mean 'sources'?")]
    public void A_broken_table_is_one_line_with_the_mend(string right, string wrong, string message)
    {
        Write("tables/thing.yml", Table.Replace(right, wrong, StringComparison.Ordinal));

        Assert.Contains(message, Assert.Throws<InputException>(() => Load()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_laid_over_replaces_by_id_and_adds()
    {
        Write("tables/thing.yml", Table);
        Write("x/thing-on.yml", Check);
        var over = Directory.CreateTempSubdirectory("over");
        try
        {
            File.WriteAllText(Path.Combine(over.FullName, "mine.yml"), Check.Replace("high", "low", StringComparison.Ordinal));
            File.WriteAllText(Path.Combine(over.FullName, "more.yml"), Check.Replace("thing-on", "thing-more", StringComparison.Ordinal));

            var catalog = CatalogLoader.Load([_folder.FullName, over.FullName], []);

            Assert.Equal(Severity.Low, catalog.Checks["thing-on"].Info.Severity);
            Assert.Equal(["thing-more", "thing-on"], catalog.Checks.Keys);
        }
        finally
        {
            over.Delete(recursive: true);
        }
    }

    [Fact]
    public void The_same_id_twice_in_one_folder_is_an_error()
    {
        Write("tables/thing.yml", Table);
        Write("x/a.yml", Check);
        Write("x/b.yml", Check);

        Assert.Contains("declared in", Assert.Throws<InputException>(() => Load()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_framework_maps_checks_to_controls_and_names_detections_and_what_a_person_has_to_look_at()
    {
        Write("tables/thing.yml", Table);
        Write("x/thing-on.yml", Check);
        Write("d/root.yml", "title: Root\nid: 0d8b5a2c-1111-4222-8333-444455556666\ndetection: {}\n");
        Write("f/cis.yml", """
            framework: cis-aws-5.0
            title: CIS
            controls:
              - {id: "3.1", title: Things, level: 2, checks: [thing-on], detections: [0d8b5a2c-1111-4222-8333-444455556666]}
              - {id: "3.2", title: Later, manual: Look at it}
            """);

        var catalog = Load();

        Assert.Equal("cis-aws-5.0/3.1", catalog.Checks["thing-on"].Info.Controls.Single().ToString());
        Assert.Empty(catalog.ControlsOf("0d8b5a2c-1111-4222-8333-444455556666"));
        var controls = catalog.Frameworks["cis-aws-5.0"].Controls;
        Assert.Equal((2, "0d8b5a2c-1111-4222-8333-444455556666"), (controls[0].Level, controls[0].Detections.Single()));
        Assert.Equal("Look at it", controls[1].Manual);
    }

    [Theory]
    [InlineData("checks: [thing-of]", "f names the check 'thing-of'")]
    [InlineData("checks: []", "control '1' names no check")]
    [InlineData("manual: ' '", "control '1' names no check")]
    [InlineData("checks: [thing-on], level: 3", "'level' is 1 or 2")]
    [InlineData("checks: [0d8b5a2c-1111-4222-8333-444455556666]", "put it under 'detections'")]
    [InlineData("checks: [thing-on], detections: [thing-on]", "f names the detection 'thing-on', which does not exist")]
    public void A_control_that_is_wrong_is_one_clear_line(string control, string says)
    {
        Write("tables/thing.yml", Table);
        Write("x/thing-on.yml", Check);
        Write("d/root.yml", "title: Root\nid: 0d8b5a2c-1111-4222-8333-444455556666\ndetection: {}\n");
        Write("f/cis.yml", $"framework: f\ntitle: t\ncontrols:\n  - {{id: '1', title: x, {control}}}\n");

        var error = Assert.Throws<InputException>(() => Load()).Message;

        Assert.Contains("f/cis.yml:4: ", error, StringComparison.Ordinal);
        Assert.Contains(says, error, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error);
    }

    [Fact]
    public void A_mute_needs_a_reason_and_an_expiry()
    {
        Write("m.yml", "mutes:\n  - {check: a, expires: 2027-03-31}\n");
        Assert.Contains("'reason' is missing", Assert.Throws<InputException>(() => Load()).Message, StringComparison.Ordinal);
        Write("m.yml", "mutes:\n  - {check: a, reason: b}\n");
        Assert.Contains("'expires' is missing", Assert.Throws<InputException>(() => Load()).Message, StringComparison.Ordinal);
        Write("m.yml", "mutes:\n  - {check: a, reason: b, expires: 31.03.2027}\n");
        Assert.Contains("m.yml:2: 'expires' must be a day", Assert.Throws<InputException>(() => Load()).Message, StringComparison.Ordinal);
        Write("m.yml", "mutes:\n  - {check: a, reason: b, expires: 2027-03-31}\n");
        Assert.Equal(new DateOnly(2027, 3, 31), Load().Mutes.Single().Expires);
    }

    [Fact]
    public void A_missing_folder_is_one_clear_line() =>
        Assert.Contains("no such folder of checks", Assert.Throws<InputException>(() => CatalogLoader.Load(["/no/such"], [])).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("a: 1\n? [b]\n: c\n", 2)]
    [InlineData("a: 1\nb:\n  - {c: {? {d: e} : f}}\n", 3)]
    [InlineData("a: 1\n? ? b\n  : c\n: d\n", 2)]
    [InlineData("? {a: b}\n", 1)]
    public void A_key_that_is_no_text_is_refused_at_any_depth(string yaml, int line) =>
        Assert.Equal($"f.yml:{line}: a key must be plain text, not a list or a mapping", Assert.Throws<InputException>(() => YamlFile.Parse(yaml, "f.yml")).Message);

    [Fact]
    public void Lists_and_mappings_are_values_wherever_a_value_stands() =>
        Assert.Equal("""{"b":[{"c":[[],{}]},1],"d":{},"e":null,"f":[{"g":null}]}""", YamlFile.ToJson(YamlFile.Parse("a: {b: [{c: [[], {}]}, 1], d: {}, e: , f: [{g: }]}\n", "f.yml").Root.Node("a")!)!.ToJsonString());

    [Fact]
    public void Any_text_is_read_or_refused_in_one_line()
    {
        // Bytes around YAML's own signs, so that the parser is reached.
        Gen.String[Gen.OneOf(Gen.Char[" \n:-{}[]'\"#&*!|>%@`,?ab1"], Gen.Char)].Sample(text =>
        {
            try
            {
                YamlFile.Parse("id: a\n" + text, "f.yml").Root.Done();
            }
            catch (InputException e)
            {
                Assert.StartsWith("f.yml:", e.Message, StringComparison.Ordinal);
            }
        });
    }

    private CheckCatalog Load() => CatalogLoader.Load([_folder.FullName], []);

    private void Write(string name, string text)
    {
        var path = Path.Combine(_folder.FullName, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }
}
