using System.Globalization;
using System.Text;
using Scanner.Catalog;
using Scanner.Model;

namespace Scanner.Detect.Rules;

/// <summary>Sigma rules, correlations and filters, read and bound to each other. Immutable; used by many threads.</summary>
public sealed class RuleSet
{
    private RuleSet(IReadOnlyList<DetectionRule> all, IReadOnlyList<InputException> errors, IReadOnlyList<string> notes)
    {
        All = all;
        Errors = errors;
        Notes = notes;
        Rules = [.. all.Where(rule => rule.PartOf is null)];
    }

    /// <summary>The rules that are right, in the order of the files, those for logs of other products included.</summary>
    public IReadOnlyList<DetectionRule> Rules { get; }

    /// <summary>What is wrong, one error a rule, with file and line; the rules concerned are not among <see cref="Rules"/>.</summary>
    public IReadOnlyList<InputException> Errors { get; }

    /// <summary>What is not wrong, and worth saying: how many rules are about logs that this program does not read,
    /// a filter for a rule that is not there, a tag that names nothing of ATT&amp;CK.</summary>
    public IReadOnlyList<string> Notes { get; }

    /// <summary><see cref="Rules"/>, and the parts into which old-style aggregations are taken.</summary>
    internal IReadOnlyList<DetectionRule> All { get; }

    /// <summary>Reads rule files as one layer: two rules with the same id are an error.</summary>
    /// <param name="files">In the order in which rules are reported.</param>
    /// <param name="options">Null: without placeholders.</param>
    public static RuleSet Load(IEnumerable<RuleFile> files, RuleSetOptions? options = null) => Load([[.. files]], options);

    /// <summary>Reads rule files in layers: a rule of a later layer replaces one of an earlier layer with the same id.</summary>
    /// <param name="layers">Our own rules first, then the user's.</param>
    /// <param name="options">Null: without placeholders.</param>
    public static RuleSet Load(IReadOnlyList<IReadOnlyList<RuleFile>> layers, RuleSetOptions? options = null)
    {
        var texts = new List<IReadOnlyList<RuleText>>();
        var errors = new List<InputException>();
        foreach (var layer in layers)
        {
            var read = new List<RuleText>();
            foreach (var file in layer)
            {
                try
                {
                    if (FileEntry.Look(file.Path).Kind == FileKind.Special)
                        throw new InputException(file.File, 0, "is a pipe or device, and no file; take it out of the folder");
                    var info = new FileInfo(file.Path);
                    if (info.Exists && info.Length > 16 << 20)
                        throw new InputException(file.File, 0, "is larger than 16 MiB: that is no rule file");
                    var text = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(File.ReadAllBytes(file.Path)).TrimStart('\ufeff');
                    read.Add(new RuleText(file.File, file.LeavesTests ? TestSection.CutFrom(text) : text));
                }
                catch (Exception e) when (e is IOException or UnauthorizedAccessException)
                {
                    errors.Add(new InputException(file.File, 0, $"cannot be read: {e.Message}"));
                }
                catch (ArgumentException)
                {
                    errors.Add(new InputException(file.File, 0, "is not UTF-8 text; save it as UTF-8"));
                }
                catch (InputException e)
                {
                    errors.Add(e);
                }
            }

            texts.Add(read);
        }

        return Bind(texts, options ?? new RuleSetOptions(), errors);
    }

    /// <summary>Reads rules from texts, for tests and tools.</summary>
    /// <param name="file">Name for messages.</param>
    /// <param name="yaml">One or several YAML documents.</param>
    /// <param name="options">Null: without placeholders.</param>
    public static RuleSet Parse(string file, string yaml, RuleSetOptions? options = null) =>
        Bind([[new RuleText(file, yaml)]], options ?? new RuleSetOptions(), []);

    /// <summary>Rules that are made here, and not read from files.</summary>
    internal static RuleSet Of(IReadOnlyList<DetectionRule> rules) => new(rules, [], []);

    /// <summary>The rule files under paths (files, or folders with all below them): <c>*.yml</c> and <c>*.yaml</c>, sorted; not those below hidden folders (<c>.git</c>, <c>.github</c>).</summary>
    /// <exception cref="InputException">A path does not exist.</exception>
    public static IReadOnlyList<RuleFile> FindFiles(IEnumerable<string> paths)
    {
        var files = new List<RuleFile>();
        foreach (var path in paths)
        {
            if (File.Exists(path))
            {
                files.Add(new RuleFile(path.Replace('\\', '/'), path));
                continue;
            }

            if (!Directory.Exists(path))
                throw new InputException(path, 0, "there is no such file or folder of rules");
            files.AddRange(Directory.EnumerateFiles(path, "*", SearchOption.AllDirectories)
                .Where(file => file.EndsWith(".yml", StringComparison.OrdinalIgnoreCase) || file.EndsWith(".yaml", StringComparison.OrdinalIgnoreCase))
                .Where(file => !Path.GetRelativePath(path, file).Split(Path.DirectorySeparatorChar).SkipLast(1).Any(folder => folder.StartsWith('.') || folder == "node_modules"))
                .Order(StringComparer.Ordinal)
                .Select(file => new RuleFile(file.Replace('\\', '/'), file)));
        }

        return files;
    }

    private sealed record RuleText(string File, string Text);

    /// <summary>Rules that would stay silent for ever: a slip in a name is told from a log of another product.</summary>
    private static IEnumerable<string> NotRead(IReadOnlyList<DetectionRule> rules)
    {
        var slips = rules.Where(rule => SourceNames.Nearest(rule.LogSource) is not null).ToList();
        foreach (var group in slips.GroupBy(rule => rule.LogSource.ToString(), StringComparer.Ordinal))
        {
            var first = group.First();
            yield return $"{first.File}:{first.Line}: the rule is about '{group.Key}', which is no log that is read here, so it never matches; did you mean '{SourceNames.Nearest(first.LogSource)}'?{Likewise(group.Count())}";
        }

        var others = rules.Count - slips.Count;
        if (others > 0)
        {
            var kinds = rules.Except(slips).GroupBy(rule => rule.LogSource.ToString(), StringComparer.Ordinal).OrderByDescending(group => group.Count()).Select(group => group.Key).ToList();
            yield return $"{others} rule{(others == 1 ? " is" : "s are")} about logs that are not read here (product aws with service cloudtrail, vpcflow or s3_access is): {string.Join(", ", kinds.Take(5))}{(kinds.Count > 5 ? ", ..." : "")}";
        }
    }

    private static string Likewise(int count) => count switch
    {
        1 => "",
        2 => " (1 more rule likewise)",
        _ => string.Create(CultureInfo.InvariantCulture, $" ({count - 1} more rules likewise)"),
    };

    private static RuleSet Bind(IReadOnlyList<IReadOnlyList<RuleText>> layers, RuleSetOptions options, List<InputException> errors)
    {
        var rules = new List<DetectionRule>();
        var filters = new List<DetectionFilter>();
        var tags = new List<(string Tag, string Place)>();
        var others = new List<string>();
        foreach (var layer in layers)
        {
            var own = new List<DetectionRule>();
            var ids = new Dictionary<string, DetectionRule>(StringComparer.OrdinalIgnoreCase);
            var names = new Dictionary<string, DetectionRule>(StringComparer.Ordinal);
            foreach (var (file, text) in layer)
            {
                var parsed = RuleFileParser.Parse(file, text, options);
                errors.AddRange(parsed.Errors);
                if (parsed.LeftOut)
                    others.Add(file);
                filters.AddRange(parsed.Filters);
                tags.AddRange(parsed.UnknownTags.Select(one => (one.Tag, string.Create(CultureInfo.InvariantCulture, $"{file}:{one.Line}"))));
                foreach (var rule in parsed.Rules)
                {
                    if (ids.TryGetValue(rule.Id, out var other))
                    {
                        if (rule.PartOf is null)
                            errors.Add(new InputException(rule.File, rule.Line, $"the id '{rule.Id}' is already that of {other.File}:{other.Line}; give one of them a new UUID"));
                    }
                    else if (rule.Name is not null && names.TryGetValue(rule.Name, out other))
                    {
                        errors.Add(new InputException(rule.File, rule.Line, $"the name '{rule.Name}' is already that of {other.File}:{other.Line}; names must be unique"));
                    }
                    else
                    {
                        ids.Add(rule.Id, rule);
                        if (rule.Name is not null)
                            names.Add(rule.Name, rule);
                        own.Add(rule);
                    }
                }
            }

            rules.RemoveAll(rule => ids.ContainsKey(rule.Id) || (rule.PartOf is not null && ids.ContainsKey(rule.PartOf)));
            rules.AddRange(own);
        }

        var binder = new RuleBinder(rules, errors);
        var notes = new List<string>();
        foreach (var filter in filters)
            notes.AddRange(binder.Apply(filter));
        var bound = binder.Bind();
        notes.AddRange(NotRead([.. bound.Where(rule => rule.PartOf is null && rule.LogSource.Kind is null)]));
        if (others.Count > 0)
            notes.Add(string.Create(CultureInfo.InvariantCulture, $"{others.Count} YAML file{(others.Count == 1 ? " is" : "s are")} left out, being about something else than Sigma: {string.Join(", ", others.Take(5))}{(others.Count > 5 ? ", ..." : "")}"));
        foreach (var group in tags.GroupBy(one => one.Tag, StringComparer.OrdinalIgnoreCase))
            notes.Add($"{group.First().Place}: {AttackTags.Fault(group.Key)}{Likewise(group.Count())}");
        return new RuleSet(bound, errors, notes);
    }
}

/// <summary>Something to say of a rule.</summary>
/// <param name="Rule">The rule.</param>
/// <param name="Text">One line.</param>
public sealed record RuleNote(DetectionRule Rule, string Text);

/// <summary>What rules are read with.</summary>
public sealed record RuleSetOptions
{
    /// <summary>
    /// Values for placeholders (Sigma modifier <c>expand</c>): name without percent signs to one or several values, which
    /// may have wildcards. This is how allow lists are kept as data.
    /// </summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Placeholders { get; init; } =
        new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);
}
