namespace Scanner.Collect.Plans.Hcl;

/// <summary>One folder of Terraform files: what they declare, and what of them could not be read.</summary>
internal sealed class ModuleFolder
{
    // A file that people write is smaller by far.
    private const long Largest = 8 << 20;

    private readonly Dictionary<(string Type, string Labels), (HclFile File, HclBlock Block)> _blocks = [];

    private ModuleFolder(string path) => FolderPath = path;

    /// <summary>Full path.</summary>
    public string FolderPath { get; }

    /// <summary>Expressions of its locals.</summary>
    public Dictionary<string, HclAttribute> Locals { get; } = new(StringComparer.Ordinal);

    /// <summary>Its <c>provider</c> blocks; several may have one name.</summary>
    public List<HclBlock> Providers { get; } = [];

    /// <summary>Files that could not be read: path, line and what is wrong.</summary>
    public List<(string Path, int Line, string What)> Broken { get; } = [];

    /// <summary>Reads a folder; null when it is none, or holds no Terraform file.</summary>
    public static ModuleFolder? Read(string path)
    {
        if (!Directory.Exists(path))
            return null;
        var folder = new ModuleFolder(path);
        var files = Files(path);
        foreach (var file in files)
            folder.Add(file);
        return files.Count == 0 ? null : folder;
    }

    /// <summary>A block by its type and labels, such as <c>resource</c>, <c>aws_vpc</c>, <c>main</c>.</summary>
    public (HclFile File, HclBlock Block)? Find(string type, params string[] labels) =>
        _blocks.TryGetValue((type, string.Join('\n', labels)), out var found) ? found : null;

    // .tofu wins over .tf of the same name (OpenTofu 1.8); overrides come last.
    private static List<string> Files(string path)
    {
        var options = new EnumerationOptions { AttributesToSkip = FileAttributes.ReparsePoint | FileAttributes.Hidden, MatchCasing = MatchCasing.CaseSensitive };
        var all = Directory.EnumerateFiles(path, "*", options)
            .Where(file => file.EndsWith(".tf", StringComparison.Ordinal) || file.EndsWith(".tofu", StringComparison.Ordinal)
                || file.EndsWith(".tf.json", StringComparison.Ordinal) || file.EndsWith(".tofu.json", StringComparison.Ordinal))
            .ToHashSet(StringComparer.Ordinal);
        return [.. all.Where(file => !(file.EndsWith(".tf", StringComparison.Ordinal) && all.Contains(file[..^2] + "tofu"))
                && !(file.EndsWith(".tf.json", StringComparison.Ordinal) && all.Contains(file[..^7] + "tofu.json")))
            .OrderBy(IsOverride).ThenBy(file => file, StringComparer.Ordinal)];
    }

    private static bool IsOverride(string file)
    {
        var name = Path.GetFileName(file).Split('.')[0];
        return name == "override" || name.EndsWith("_override", StringComparison.Ordinal);
    }

    private void Add(string path)
    {
        try
        {
            if (new FileInfo(path).Length > Largest)
                throw new HclSyntaxException(1, "is too large to be written by people");
            var text = File.ReadAllText(path);
            var file = path.EndsWith(".json", StringComparison.Ordinal) ? HclJson.Parse(path, text) : HclParser.Parse(path, text);
            foreach (var block in file.Body.Blocks)
                Add(file, block, IsOverride(path));
        }
        catch (HclSyntaxException e)
        {
            Broken.Add((path, e.Line, e.Message));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Broken.Add((path, 0, "cannot be read"));
        }
    }

    private void Add(HclFile file, HclBlock block, bool overrides)
    {
        if (block.Type == "locals")
        {
            foreach (var (name, local) in block.Body.Attributes)
                Locals[name] = local;
            return;
        }
        if (block.Type == "provider")
            Providers.Add(block);
        var key = (block.Type, string.Join('\n', block.Labels));
        // An override replaces single arguments, and all blocks of a name.
        if (overrides && _blocks.TryGetValue(key, out var first))
        {
            foreach (var (name, attribute) in block.Body.Attributes)
                first.Block.Body.Attributes[name] = attribute;
            foreach (var name in block.Body.Blocks.Select(inner => inner.Type).Distinct(StringComparer.Ordinal))
                first.Block.Body.Blocks.RemoveAll(inner => inner.Type == name);
            first.Block.Body.Blocks.AddRange(block.Body.Blocks);
            return;
        }
        _blocks[key] = (file, block);
    }
}
