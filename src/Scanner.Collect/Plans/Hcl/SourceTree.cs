using System.Text.Json;
using Scanner.Model;

namespace Scanner.Collect.Plans.Hcl;

/// <summary>
/// The Terraform files behind a plan or a state: the root module's folder (<c>--source</c>), and the folders of the modules that it calls, local ones by their
/// path, downloaded ones by <c>.terraform/modules/modules.json</c>, which <c>terraform init</c> writes in the same job.
/// </summary>
internal sealed class SourceTree
{
    private readonly string _root;
    private readonly PlanConfiguration? _configuration;
    private readonly Dictionary<string, string> _downloaded = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ModuleFolder?> _modules = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ModuleFolder?> _folders = new(StringComparer.Ordinal);
    private readonly List<string> _notes = [];

    /// <summary>Opens a source.</summary>
    /// <param name="root">Folder of the root module.</param>
    /// <param name="configuration">The plan's configuration; null for a state, which has none: the files alone tell what a module calls.</param>
    /// <exception cref="Scanner.Model.InputException">There is no such folder.</exception>
    public SourceTree(string root, PlanConfiguration? configuration)
    {
        if (!Directory.Exists(root))
            throw new Scanner.Model.InputException($"--source {root}: there is no such folder; name the folder with the .tf files of the root module");
        _root = Path.GetFullPath(root);
        _configuration = configuration;
        ReadModules(Path.Combine(_root, ".terraform", "modules", "modules.json"));
        if (Read(_root) is null)
            _notes.Add($"--source {root}: there is no .tf file in this folder, so nothing was read from it");
        _ = Module([]);
    }

    /// <summary>What could not be read and why, one sentence each.</summary>
    public IReadOnlyList<string> Notes => _notes;

    /// <summary>Folder of the root module, in full.</summary>
    public string Root => _root;

    /// <summary>The files of a module; null when they are not there or do not fit.</summary>
    public ModuleFolder? Module(IReadOnlyList<PlanStep> steps)
    {
        var key = string.Join('.', steps.Select(step => step.Name));
        if (_modules.TryGetValue(key, out var known))
            return known;
        _modules[key] = null;
        var path = PathOf(steps, key);
        var folder = path is null ? null : Read(path);
        if (folder is null && steps.Count > 0 && Parent(steps) is not null)
        {
            var source = SourceOf(steps) ?? "";
            Note($"module.{key.Replace(".", ".module.", StringComparison.Ordinal)} ({Short(source)}) is not beside the {(_configuration is null ? "files of --source" : "plan")}: "
                + (IsLocal(source) ? "there is no such folder" : "run terraform init in the folder of --source")
                + (_configuration is null ? ", so what is in it stands at its call" : ", so what it hides stays unknown"));
        }
        if (folder is not null && Misfit(steps, folder) is { } misfit)
        {
            Note($"{Show(folder.FolderPath)} does not fit the plan ({misfit} is not there: another commit?), so nothing was read from it");
            folder = null;
        }
        return _modules[key] = folder;
    }

    /// <summary>Where a module comes from, as its call says: <c>./m</c>, <c>terraform-aws-modules/vpc/aws</c>; null where nobody says.</summary>
    public string? SourceOf(IReadOnlyList<PlanStep> steps) =>
        _configuration is not null ? _configuration.Call(steps)?.Source
        : steps.Count > 0 && Parent(steps)?.Find("module", steps[^1].Name) is { Block.Body.Attributes: var attributes } && attributes.TryGetValue("source", out var source)
            && source.Expression is HclLiteral { Value: PlanScalar { Text: { } text } } ? text : null;

    /// <summary>
    /// Whether a resource has a block: in its module's files, or, where that module is not there or a file of it cannot be read, presumably in what is called.
    /// </summary>
    public bool IsWritten(PlanAddress address)
    {
        for (var depth = 0; depth < address.Steps.Count; depth++)
        {
            if (Module([.. address.Steps.Take(depth)]) is not { } caller)
                return depth > 0;
            if (caller.Find("module", address.Steps[depth].Name) is null)
                return false;
        }
        return Module(address.Steps) is not { } folder
            ? address.Steps.Count > 0
            : folder.Find("resource", address.Type, address.Name) is not null || (folder.Broken.Count > 0 && address.Steps.Count > 0);
    }

    /// <summary>Says something about the source once.</summary>
    public void Note(string sentence)
    {
        if (_notes.Count < 20 && !_notes.Contains(sentence, StringComparer.Ordinal))
            _notes.Add(sentence);
    }

    /// <summary>A path as people know it: below the folder that the run was started in.</summary>
    public static string Show(string path)
    {
        var relative = Path.GetRelativePath(Directory.GetCurrentDirectory(), path).Replace('\\', '/');
        return relative.StartsWith("../../", StringComparison.Ordinal) ? path : relative;
    }

    private ModuleFolder? Parent(IReadOnlyList<PlanStep> steps) => Module([.. steps.Take(steps.Count - 1)]);

    private string? PathOf(IReadOnlyList<PlanStep> steps, string key)
    {
        if (steps.Count == 0)
            return _root;
        if (_downloaded.TryGetValue(key, out var listed) && Directory.Exists(listed))
            return listed;
        var source = SourceOf(steps);
        return source is not null && IsLocal(source) && Parent(steps) is { } parent ? Path.GetFullPath(Path.Combine(parent.FolderPath, source)) : null;
    }

    private ModuleFolder? Read(string path)
    {
        if (_folders.TryGetValue(path, out var known))
            return known;
        var folder = ModuleFolder.Read(path);
        foreach (var (file, line, what) in folder?.Broken ?? [])
            Note($"{Show(file)}{(line > 0 ? $":{line}" : "")}: {what}, so what it says stays unknown");
        return _folders[path] = folder;
    }

    // Every block that the plan was made of must be there, unless its file could not be read.
    private string? Misfit(IReadOnlyList<PlanStep> steps, ModuleFolder folder)
    {
        if (folder.Broken.Count > 0 || _configuration?.Module(steps) is not { } module)
            return null;
        foreach (var (data, resource) in module.Resources)
        {
            if (folder.Find(data ? "data" : "resource", resource.Type, resource.Name) is null)
                return $"{(data ? "data." : "")}{resource.Type}.{resource.Name}";
        }
        return module.Calls.Keys.Where(call => folder.Find("module", call) is null).Select(call => "module." + call).FirstOrDefault();
    }

    private void ReadModules(string path)
    {
        try
        {
            if (!File.Exists(path) || new FileInfo(path).Length > 8 << 20)
                return;
            using var json = JsonDocument.Parse(JsonText.Readable(File.ReadAllBytes(path)));
            foreach (var module in ConfigModule.Items(json.RootElement, "Modules"))
            {
                if (JsonTexts.Of(ConfigModule.Member(module, "Key")) is { Length: > 0 } key && JsonTexts.Of(ConfigModule.Member(module, "Dir")) is { } dir)
                    _downloaded[key] = Path.GetFullPath(Path.Combine(_root, dir));
            }
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException or ArgumentException)
        {
            Note($"{Show(path)}: cannot be read, so downloaded modules stay unknown; run terraform init again");
        }
    }

    private static bool IsLocal(string source) => source.StartsWith("./", StringComparison.Ordinal) || source.StartsWith("../", StringComparison.Ordinal) || source is "." or "..";

    private static string Short(string source) => source.Length > 80 ? source[..80] + "..." : source;
}
