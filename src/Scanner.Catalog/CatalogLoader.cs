using System.Globalization;
using System.Text.RegularExpressions;
using Scanner.Model;

namespace Scanner.Catalog;

/// <summary>Reads the <c>checks/</c> folder and the folders laid over it.</summary>
public static partial class CatalogLoader
{
    /// <summary>Reads all folders in order; what a later one declares replaces the same id of an earlier one.</summary>
    /// <param name="roots">Folders (or single files): the shipped <c>checks/</c> first, then each <c>--checks</c>.</param>
    /// <param name="builtIn">Tables that are not files.</param>
    /// <param name="leavesTestsOf">The folder whose checks have no <see cref="CheckDefinition.Tests"/>, since nobody runs them; null for none.
    /// Not one of others, whose broken tests are to be told at once.</param>
    /// <exception cref="InputException">A file is broken (with file and line), a folder is missing, a name does not exist.</exception>
    public static CheckCatalog Load(IReadOnlyList<string> roots, IEnumerable<TableDefinition> builtIn, string? leavesTestsOf = null)
    {
        var read = new Contents(builtIn);
        foreach (var root in roots)
        {
            var seen = new Dictionary<string, string>(StringComparer.Ordinal);
            foreach (var (path, name) in Files(root))
                read.Add(path, name, seen, leavesTests: root == leavesTestsOf);
        }
        CheckSources(read.Tables);
        CheckReferences(read.Tables, read.Checks, read.Frameworks.Values, read.Detections.Values);
        var catalog = new CheckCatalog
        {
            Tables = read.Tables.OrderBy(pair => pair.Key, StringComparer.Ordinal).ToDictionary(StringComparer.Ordinal),
            Checks = read.Checks,
            Frameworks = read.Frameworks.Values.Select(pair => pair.Framework).OrderBy(f => f.Id, StringComparer.Ordinal).ToDictionary(f => f.Id, StringComparer.Ordinal),
            Detections = [.. read.Detections.Values.OrderBy(rule => rule.File, StringComparer.Ordinal)],
            Mutes = read.Mutes,
            Owners = read.Owners,
            DueDays = read.DueDays,
            Overrides =
            [
                .. read.Overrides,
                .. read.Mutes.Where(mute => mute.Check.Trim('*').Length == 0)
                    .Select(mute => $"{mute.File}:{mute.Line.ToString(CultureInfo.InvariantCulture)} mutes every check until {mute.Expires.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)}"),
            ],
            Equivalents = [.. read.Equivalents.SelectMany(file => ReadEquivalents(file, read.Checks.Keys))],
            Placeholders = read.Placeholders,
        };
        return catalog with
        {
            Checks = read.Checks.Values
                .OrderBy(check => check.Id, StringComparer.Ordinal)
                .Select(check => check with { Info = check.Info with { Controls = catalog.ControlsOf(check.Id), Coverage = catalog.CoverageOf(check.Id) } })
                .ToDictionary(check => check.Id, StringComparer.Ordinal),
        };
    }

    /// <summary>Reads a file of lists that Sigma rules name as <c>%list%</c>; null when the file is of another kind.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="InputException">It cannot be read, or a list is empty or no list of texts.</exception>
    public static IReadOnlyDictionary<string, IReadOnlyList<string>>? TryReadPlaceholders(string path)
    {
        var name = Clean(path);
        var text = YamlFile.ReadText(path, name);
        return KindOf(text) == "placeholders" ? ReadPlaceholders(YamlFile.Parse(text, name)) : null;
    }

    private static Dictionary<string, IReadOnlyList<string>> ReadPlaceholders(YamlFile file)
    {
        var lists = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);
        var map = file.Root.Map("placeholders") ?? throw file.Root.Error("'placeholders' is empty; name a list and its values");
        foreach (var (name, node) in map.Entries)
        {
            lists[name] = map.Texts(name);
            if (lists[name].Count == 0)
                throw map.Error($"the list '{name}' is empty; give it at least one value", node);
        }
        file.Root.Done();
        return lists;
    }

    private static IEnumerable<(string Path, string Name)> Files(string root)
    {
        if (File.Exists(root))
            return [(root, Clean(root))];
        if (!Directory.Exists(root))
            throw new InputException($"{Clean(root)}: no such folder of checks; check the path");
        var options = new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint | FileAttributes.Hidden };
        return Directory.EnumerateFiles(root, "*", options)
            .Where(path => path.EndsWith(".yml", StringComparison.OrdinalIgnoreCase) || path.EndsWith(".yaml", StringComparison.OrdinalIgnoreCase))
            .Order(StringComparer.Ordinal)
            .Select(path => (path, Clean(Path.Combine(Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(root))), Path.GetRelativePath(root, path)))));
    }

    // "placeholders"
    private const int LongestKey = 12;

    private static string Clean(string path) => path.Replace('\\', '/');

    // The kind is told by a key at the start of a line, before any YAML is parsed: Sigma files, the most of them, are
    // parsed by Evaluate, and start-up time is felt in every pull request.
    private static string? KindOf(string text)
    {
        string? kind = null;
        for (var rest = text.AsSpan(); !rest.IsEmpty;)
        {
            // Nearly all lines are indented or have another key.
            var colon = char.IsAsciiLetterLower(rest[0]) ? rest[..Math.Min(rest.Length, LongestKey + 1)].IndexOf(':') : -1;
            switch (colon < 0 ? "" : rest[..colon])
            {
                case "table" or "framework" or "mutes" or "owners" or "equivalents" or "placeholders":
                    return rest[..colon].ToString();
                case "query":
                    kind = "query";
                    break;
                case "detection" or "correlation" or "filter":
                    kind ??= "detection";
                    break;
            }
            var line = rest.IndexOf('\n');
            rest = line < 0 ? default : rest[(line + 1)..];
        }
        return kind;
    }

    private static List<string> RuleIds(string text) =>
        [.. RuleId().Matches(text).Select(match => match.Groups["id"].Value)];

    private static void Once(Dictionary<string, string> seen, string what, string file)
    {
        if (!seen.TryAdd(what, file))
            throw new InputException(file, 1, $"{what} is declared in {seen[what]} too; give one of them another name");
    }

    private static FrameworkDefinition ReadFramework(YamlFile file)
    {
        var root = file.Root;
        root.Schema("framework");
        var controls = new List<FrameworkControl>();
        var ids = new HashSet<string>(StringComparer.Ordinal);
        foreach (var map in root.Maps("controls"))
        {
            var control = new FrameworkControl(map.RequiredText("id"), map.RequiredText("title"), map.Texts("checks"))
            {
                Detections = map.Texts("detections"),
                On = map.Texts("on"),
                Arrives = map.Texts("arrives"),
                Manual = map.Text("manual"),
                Level = Level(map),
            };
            if (!ids.Add(control.Id))
                throw map.Error($"control '{control.Id}' is declared twice");
            if (control.Checks.Count == 0 && string.IsNullOrWhiteSpace(control.Manual))
                throw map.Error($"control '{control.Id}' names no check; name one under 'checks', or say under 'manual' what a person has to look at");
            if (control.On.Count == 0 && control.Arrives.Count > 0)
                throw map.Error($"control '{control.Id}' says under 'arrives' which checks see its log arrive, but not under 'on' which tell that it logs at all");
            map.Done();
            controls.Add(control);
        }
        var framework = new FrameworkDefinition(root.RequiredText("framework"), root.RequiredText("title"), file.Name, controls);
        root.Done();
        return framework;
    }

    private static int? Level(YamlMap map) => map.Text("level") switch
    {
        null => null,
        "1" => 1,
        "2" => 2,
        var other => throw map.Error($"'level' is 1 or 2, not '{other}'", map.Node("level")),
    };

    private static List<Mute> ReadMutes(YamlFile file)
    {
        var mutes = new List<Mute>();
        file.Root.Schema("mutes");
        foreach (var map in file.Root.Maps("mutes"))
        {
            var expires = map.RequiredText("expires");
            if (!DateOnly.TryParseExact(expires, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day))
                throw map.Error($"'expires' must be a day such as 2027-03-31, not '{expires}'", map.Node("expires"));
            mutes.Add(new Mute(
                map.RequiredText("check"), map.Text("account") ?? "*", map.Text("region") ?? "*", map.Text("resource") ?? "*",
                map.RequiredText("reason"), day, file.Name, map.Line));
            map.Done();
        }
        file.Root.Done();
        return mutes;
    }

    private static IEnumerable<Equivalent> ReadEquivalents(YamlFile file, ICollection<string> checks)
    {
        var found = new List<Equivalent>();
        foreach (var map in file.Root.Maps("equivalents"))
        {
            var check = map.RequiredText("check");
            if (!checks.Contains(check))
                throw map.Error($"there is no check '{check}'; {Spelling.Suggest(check, checks)}", map.Node("check"));
            foreach (var tool in new[] { "checkov", "trivy" })
                found.AddRange(map.Texts(tool).Select(id => new Equivalent(tool, id, check)));
            map.Done();
        }
        file.Root.Done();
        return found;
    }

    /// <summary>The tables that <c>from</c> reads are there, and none hangs on itself.</summary>
    private static void CheckSources(Dictionary<string, TableDefinition> tables)
    {
        foreach (var table in tables.Values.Where(table => table.From is not null))
        {
            foreach (var name in table.From!.Tables.Where(name => !tables.ContainsKey(name)))
                throw new InputException(table.File, table.From.Line, $"'from' of {table.Name} reads {name}, which is no table; {Spelling.Suggest(name, tables.Keys)}");
            var way = new List<string> { table.Name };
            if (LeadsBack(table, way))
                throw new InputException(table.File, table.From.Line, $"'from' of {table.Name} hangs on itself: {string.Join(", ", way)}");
        }

        bool LeadsBack(TableDefinition table, List<string> way)
        {
            foreach (var name in table.From?.Tables ?? [])
            {
                if (name == way[0])
                {
                    way.Add(name);
                    return true;
                }
                // A circle that does not come back here is another table's mistake.
                if (way.Contains(name, StringComparer.Ordinal))
                    continue;
                way.Add(name);
                if (LeadsBack(tables[name], way))
                    return true;
                way.RemoveAt(way.Count - 1);
            }
            return false;
        }
    }

    private static void CheckReferences(
        Dictionary<string, TableDefinition> tables,
        Dictionary<string, CheckDefinition> checks,
        IEnumerable<(FrameworkDefinition Framework, YamlFile File)> frameworks,
        IEnumerable<RuleFile> detections)
    {
        foreach (var check in checks.Values)
        {
            foreach (var table in check.Tables.Concat(check.Tests.SelectMany(test => test.Given.Keys.Concat(test.Collection.Keys))))
            {
                if (!tables.ContainsKey(table))
                    throw new InputException(check.Info.File, 1, $"check '{check.Id}' names the table '{table}', which does not exist; {Spelling.Suggest(table, tables.Keys)}");
            }
            if (check.Within is not { } wider)
                continue;
            if (!checks.TryGetValue(wider, out var other))
                throw new InputException(check.Info.File, 1, $"'within' of check '{check.Id}' names '{wider}', which does not exist; {Spelling.Suggest(wider, checks.Keys)}");
            if (other.Within is not null)
                throw new InputException(check.Info.File, 1, $"'within' of check '{check.Id}' names '{wider}', which is within {other.Within} itself; name a check that stands alone");
        }
        var rules = detections.SelectMany(rule => rule.Ids).ToHashSet(StringComparer.Ordinal);
        foreach (var (framework, file) in frameworks)
        {
            foreach (var map in file.Root.Maps("controls"))
            {
                if (map.Texts("checks").FirstOrDefault(id => !checks.ContainsKey(id)) is { } check)
                {
                    throw map.Error(rules.Contains(check)
                        ? $"{framework.Id} names '{check}' among the checks, which is a detection; put it under 'detections': that it fires is no answer to a control"
                        : $"{framework.Id} names the check '{check}', which does not exist; {Spelling.Suggest(check, checks.Keys)}", map.Node("checks"));
                }
                foreach (var word in (ReadOnlySpan<string>)["on", "arrives"])
                {
                    if (map.Texts(word).FirstOrDefault(id => !checks.ContainsKey(id)) is { } role)
                        throw map.Error($"{framework.Id} names the check '{role}' under '{word}', which does not exist; {Spelling.Suggest(role, checks.Keys)}", map.Node(word));
                }
                if (map.Texts("detections").FirstOrDefault(id => !rules.Contains(id)) is { } rule)
                    throw map.Error($"{framework.Id} names the detection '{rule}', which does not exist; {Spelling.Suggest(rule, rules)}", map.Node("detections"));
            }
        }
    }

    /// <summary>What the folders declare, by id, as it is read.</summary>
    private sealed class Contents(IEnumerable<TableDefinition> builtIn)
    {
        public Dictionary<string, TableDefinition> Tables { get; } = builtIn.ToDictionary(table => table.Name, StringComparer.Ordinal);

        public Dictionary<string, CheckDefinition> Checks { get; } = new(StringComparer.Ordinal);

        public Dictionary<string, (FrameworkDefinition Framework, YamlFile File)> Frameworks { get; } = new(StringComparer.Ordinal);

        public Dictionary<string, RuleFile> Detections { get; } = new(StringComparer.Ordinal);

        public List<Mute> Mutes { get; } = [];

        public List<OwnerRule> Owners { get; } = [];

        public Dictionary<Severity, int> DueDays { get; } = [];

        public List<string> Overrides { get; } = [];

        public List<YamlFile> Equivalents { get; } = [];

        public Dictionary<string, IReadOnlyList<string>> Placeholders { get; } = new(StringComparer.Ordinal);

        private void Replaces(bool isThere, string what, string id, string file)
        {
            if (isThere)
                Overrides.Add($"{file} replaces the {what} {id}");
        }

        /// <summary>Reads a file.</summary>
        /// <param name="path">Where it is.</param>
        /// <param name="name">How messages call it.</param>
        /// <param name="seen">What the files of the same folder declare, which may declare it once.</param>
        /// <param name="leavesTests">Whether the tests of a check are left out.</param>
        public void Add(string path, string name, Dictionary<string, string> seen, bool leavesTests)
        {
            var text = YamlFile.ReadText(path, name);
            switch (KindOf(text))
            {
                case "table":
                    var table = TableFile.Read(YamlFile.Parse(text, name), Path.GetFullPath(path));
                    Once(seen, "table " + table.Name, name);
                    Replaces(Tables.ContainsKey(table.Name), "table", table.Name, name);
                    Tables[table.Name] = table;
                    break;
                case "query":
                    var check = CheckFile.Read(YamlFile.Parse(leavesTests ? TestSection.CutFrom(text) : text, name), Path.GetFullPath(path));
                    Once(seen, "check " + check.Id, name);
                    Replaces(Checks.ContainsKey(check.Id), "check", check.Id, name);
                    Checks[check.Id] = check;
                    break;
                case "framework":
                    var file = YamlFile.Parse(text, name);
                    var framework = ReadFramework(file);
                    Once(seen, "framework " + framework.Id, name);
                    Frameworks[framework.Id] = (framework, file);
                    break;
                case "mutes":
                    Mutes.AddRange(ReadMutes(YamlFile.Parse(text, name)));
                    break;
                case "owners":
                    var (owners, days) = OwnersFile.Read(YamlFile.Parse(text, name));
                    Owners.AddRange(owners);
                    foreach (var (severity, due) in days)
                        DueDays[severity] = due;
                    break;
                case "equivalents":
                    Equivalents.Add(YamlFile.Parse(text, name));
                    break;
                case "placeholders":
                    foreach (var (list, values) in ReadPlaceholders(YamlFile.Parse(text, name)))
                        Placeholders[list] = values;
                    break;
                case "detection":
                    // A folder that is laid over may hold a changed copy of one of ours: the file's first rule id tells.
                    var ids = RuleIds(text);
                    Replaces(ids.Count > 0 && Detections.ContainsKey(ids[0]), "detection", ids.Count > 0 ? ids[0] : name, name);
                    Detections[ids.Count > 0 ? ids[0] : name] = new RuleFile(name, Path.GetFullPath(path)) { Ids = ids };
                    break;
                default:
                    throw new InputException(name, 1,
                        "not a file of the catalog; it needs 'table', 'query' (a check), 'framework', 'mutes', 'owners' or 'detection' (see checks/README.md)");
            }
        }
    }

    [GeneratedRegex(@"^id:[ \t]*['""]?(?<id>[^'""\s#]+)", RegexOptions.Multiline | RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex RuleId();
}
