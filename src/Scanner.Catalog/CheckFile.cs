using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Scanner.Catalog.Terraform;
using Scanner.Model;

namespace Scanner.Catalog;

/// <summary>Reads a check file (checks/README.md, "Checks").</summary>
internal static partial class CheckFile
{
    private static readonly string[] ExpectFields = ["resource_id", "status", "region", "account_id", "message"];

    public static CheckDefinition Read(YamlFile file, string path)
    {
        var root = file.Root;
        root.Schema("check");
        var id = root.RequiredText("id");
        if (!CheckId().IsMatch(id))
            throw root.Error($"'{id}' is not a check id: lower-case letters, digits, . and -, at most 100", root.Node("id"));
        if (!Names.TryParse(root.RequiredText("severity"), out Severity severity))
            throw root.Error("'severity' is one of informational, low, medium, high, critical", root.Node("severity"));
        var tables = root.Texts("tables");
        if (tables.Count == 0)
            throw root.Missing("tables", "name every table that the query reads");
        var fix = root.Map("fix");
        var source = root.Map("source");
        var check = new CheckDefinition
        {
            Info = new RuleInfo
            {
                Id = id,
                Title = root.RequiredText("title"),
                Fails = Fails(root),
                Severity = severity,
                Urgency = root.OneOf("urgency", source is null ? Urgency.None : Urgency.Logging,
                    ("logging", Urgency.Logging), ("exposure", Urgency.Exposure), ("attack", Urgency.Attack)),
                Service = root.Text("service") ?? "aws",
                Why = root.Text("why") ?? "",
                Fix = fix is null ? new Remediation(null, null, null) : Fix(fix),
                Source = source is null ? null : new LoggingSource(source.Text("default") ?? "", source.Text("cost") ?? "", source.Text("use") ?? ""),
                IsEvidence = root.Node("evidence") is not null | root.Flag("arrival"),
                Mitre = AttackMatrix.Today(Attack(root)),
                References = root.Texts("references"),
                File = file.Name,
                Path = path,
            },
            Scope = root.OneOf("scope", CheckScope.Resource,
                ("resource", CheckScope.Resource), ("region", CheckScope.Region), ("account", CheckScope.Account)),
            Tables = tables,
            Helps = SomeOf(root, "helps", tables),
            ForPlans = ForPlans(root, tables),
            Within = root.Text("within"),
            OnePassIsEnough = root.Flag("one_pass_is_enough"),
            NeverInTerraform = root.Node("terraform") is not { } terraform ? root.Node("evidence") is not null
                : TerraformSection.IsNever(root) ? true
                : throw root.Error("'terraform' of a check can be never only: no plan can answer it", terraform),
            Target = Target(root),
            Evidence = Evidence(root),
            Query = root.RequiredText("query"),
            QueryLine = root.LineOf("query"),
            Tests = [.. root.Maps("tests").Select(Test)],
        };
        fix?.Done();
        source?.Done();
        root.Done();
        return check;
    }

    private static string Fails(YamlMap root)
    {
        var fails = root.Text("fails") ?? "";
        return fails != root.RequiredText("title")
            ? fails
            : throw root.Error("'fails' says the same as 'title': it is the line that stands over what is wrong, such as: Root user has no MFA", root.Node("fails"));
    }

    private static Remediation Fix(YamlMap fix)
    {
        var made = new Remediation(fix.Text("console"), fix.Text("cli"), fix.Text("terraform")) { Resource = fix.Texts("resource") };
        foreach (var text in made.Resource)
        {
            try
            {
                if (ResourcePattern.Parse(text).Names.FirstOrDefault(name => !ShellText.Holds(made.Cli ?? "", name)) is { } strange)
                    throw fix.Error($"'resource' names {strange}, which is no word of 'cli'", fix.Node("resource"));
            }
            catch (FormatException e)
            {
                throw fix.Error($"'{text}' in 'resource' {e.Message}", fix.Node("resource"));
            }
        }
        return made;
    }

    private static IReadOnlyList<string> Attack(YamlMap root)
    {
        var ids = root.Texts("mitre");
        foreach (var id in ids)
        {
            if (!AttackMatrix.IsTechniqueId(id))
                throw root.Error($"'{id}' is not a MITRE ATT&CK technique id such as T1685.002", root.Node("mitre"));
            if (AttackMatrix.Find(id) is null)
                throw root.Error($"ATT&CK {AttackMatrix.Version} has no technique {id}; {Spelling.Suggest(id, AttackMatrix.Techniques.Select(known => known.Id))}", root.Node("mitre"));
        }
        return ids;
    }

    private static IReadOnlyList<string> SomeOf(YamlMap root, string key, IReadOnlyList<string> tables)
    {
        var some = root.Texts(key);
        foreach (var table in some)
        {
            if (!tables.Contains(table, StringComparer.Ordinal))
                throw root.Error($"'{key}' names {table}, which the check does not read; {Spelling.Suggest(table, tables)}", root.Node(key));
        }
        return some;
    }

    private static IReadOnlyList<string> ForPlans(YamlMap root, IReadOnlyList<string> tables)
    {
        var some = SomeOf(root, "for_plans", tables);
        return !some.Contains(tables[0], StringComparer.Ordinal) ? some
            : throw root.Error($"'for_plans' names {tables[0]}, the first of 'tables': then nothing in an account would be judged", root.Node("for_plans"));
    }

    private static CheckTarget? Target(YamlMap root)
    {
        if (root.Map("target") is not { } map)
            return null;
        var target = new CheckTarget
        {
            Tables = map.Texts("tables"),
            SameRegion = map.Flag("same_region"),
            SameAccount = map.Flag("same_account"),
            OneIsEnough = map.Flag("one_is_enough"),
            PassUnseen = map.OneOf("unseen", false, ("unknown", false), ("pass", true)),
        };
        if (target.Tables.Count == 0 || target.Tables.Any(table => !CheckTarget.Kinds.Contains(table, StringComparer.Ordinal)))
            throw map.Error($"'tables' of a target names those in which it is looked for: {string.Join(", ", CheckTarget.Kinds)}", map.Node("tables"));
        map.Done();
        return target;
    }

    private static CheckEvidence? Evidence(YamlMap root)
    {
        if (root.Map("evidence") is not { } map)
            return null;
        var delay = map.Map("delay");
        var evidence = new CheckEvidence
        {
            Tables = map.Texts("tables"),
            Traffic = map.Text("traffic") ?? "traffic",
            IsNeverQuiet = map.Flag("never_quiet"),
            IsPatient = map.Flag("patient"),
            IsSeldom = map.Flag("seldom"),
            Writer = map.Text("writer"),
            Service = map.Text("service"),
            Returns = map.Texts("returns"),
            DelayHours = delay?.Number("hours", 1, 24 * 14) ?? 0,
            DelayDocumentation = delay?.RequiredText("documentation"),
            Feeds = map.Text("feeds") is not { } feeds ? null
                : LogSources.TryParse(feeds, out var log) ? log : throw map.Error($"'feeds' names an event log that detections read: cloudtrail, vpcflow or s3_access, not '{feeds}'", map.Node("feeds")),
        };
        delay?.Done();
        if (evidence.DelayDocumentation is { } documentation && !documentation.StartsWith("https://", StringComparison.Ordinal))
            throw delay!.Error("'documentation' is the address of AWS's page on the delivery of the log: https://...", delay.Node("documentation"));
        if (evidence.Returns.Contains("made", StringComparer.Ordinal) && delay is null)
            throw map.Error("a source is too young for so long as 'delay' says: add 'delay: {hours: 3, documentation: https://...}'", map.Node("returns"));
        if (evidence.Writer is { } writer && !CheckEvidence.Writers.Contains(writer, StringComparer.Ordinal))
            throw map.Error($"'writer' is one of {string.Join(", ", CheckEvidence.Writers)}", map.Node("writer"));
        if (evidence.Tables.Contains("aws_log_bucket", StringComparer.Ordinal) != (evidence.Writer is not null) || (evidence.Writer is not null && !evidence.Tables.Contains("aws_log_object", StringComparer.Ordinal)))
            throw map.Error("aws_log_bucket tells why a 'writer' cannot put files into a bucket, beside aws_log_object", map.Node("tables"));
        if (evidence.Service is not null && !evidence.Tables.Contains("aws_log_group", StringComparer.Ordinal))
            throw map.Error("aws_log_group tells whether a 'service' is let into a log group: name it in 'tables'", map.Node("service"));
        if (evidence.Tables.Contains("aws_firehose_delivery", StringComparer.Ordinal) != evidence.Returns.Contains("streams", StringComparer.Ordinal))
            throw map.Error("aws_firehose_delivery tells what became of the records in 'streams': name it in 'tables', and streams in 'returns'", map.Node("tables"));
        if (evidence.Returns.FirstOrDefault(name => !CheckEvidence.Optional.Contains(name, StringComparer.Ordinal)) is { } returned)
            throw map.Error($"'returns' names {returned}; a query may return {string.Join(", ", CheckEvidence.Optional)} besides the usual columns", map.Node("returns"));
        if (evidence.Tables.Count == 0 || evidence.Tables.Any(table => !CheckEvidence.Kinds.Contains(table, StringComparer.Ordinal)))
            throw map.Error($"'tables' of evidence names those that hold the proof: {string.Join(", ", CheckEvidence.Kinds)}", map.Node("tables"));
        if (root.Node("target") is not null)
            throw map.Error("a check has 'target' or 'evidence', not both", root.Node("target"));
        map.Done();
        return evidence;
    }

    private static CheckTest Test(YamlMap map)
    {
        var given = new Dictionary<string, IReadOnlyList<JsonObject>>(StringComparer.Ordinal);
        if (map.Map("given") is { } tables)
        {
            foreach (var (table, _) in tables.Entries)
            {
                given[table] = [.. tables.Maps(table).Select(row =>
                {
                    var o = new JsonObject();
                    foreach (var (column, value) in row.Entries)
                        o[column] = YamlFile.ToJson(value);
                    return o;
                })];
            }
        }
        var collection = new Dictionary<string, CollectionOutcome>(StringComparer.Ordinal);
        if (map.Map("collection") is { } outcomes)
        {
            foreach (var (table, _) in outcomes.Entries)
            {
                var word = outcomes.RequiredText(table);
                collection[table] = Names.TryParse(word, out CollectionOutcome outcome) && outcome != CollectionOutcome.Planned
                    ? outcome
                    : throw outcomes.Error($"'{table}' is one of ok, denied, throttled, disabled, not offered, expired, unanswered, stopped, error, not '{word}'", outcomes.Node(table));
            }
        }
        if (map.Node("expect") is null)
            throw map.Missing("expect", "list the findings that the test wants");
        var test = new CheckTest
        {
            Name = map.RequiredText("name"),
            Line = map.Line,
            Now = Now(map),
            Given = given,
            Collection = collection,
            Expect = [.. map.Maps("expect").Select(Expected)],
        };
        map.Done();
        return test;
    }

    private static Dictionary<string, string?> Expected(YamlMap map)
    {
        var fields = new Dictionary<string, string?>(StringComparer.Ordinal);
        foreach (var (key, value) in map.Entries)
        {
            if (!ExpectFields.Contains(key, StringComparer.Ordinal))
                throw map.Error($"'expect' knows {string.Join(", ", ExpectFields)}, not '{key}'", value);
            fields[key] = map.Text(key);
        }
        if (fields.TryGetValue("status", out var status) && !Names.TryParse(status, out FindingStatus _))
            throw map.Error("'status' is one of pass, fail, unknown, not applicable, muted", map.Node("status"));
        return fields;
    }

    private static DateTimeOffset Now(YamlMap map)
    {
        var text = map.Text("now");
        if (text is null)
            return new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
        return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var now)
            ? now
            : throw map.Error($"'now' must be a time such as 2026-01-31T12:00:00Z, not '{text}'", map.Node("now"));
    }

    [GeneratedRegex("^[a-z0-9][a-z0-9.-]{0,99}$", RegexOptions.None, matchTimeoutMilliseconds: -1)]
    private static partial Regex CheckId();
}
