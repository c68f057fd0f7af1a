using Scanner.Collect.Plans.Hcl;
using Scanner.Model;

namespace Scanner.Collect.Plans;

/// <summary>Where the resources of a plan or a state are written: lines, and the comments that stand at them.</summary>
public sealed class PlanSource
{
    private readonly SourceTree _tree;

    internal PlanSource(SourceTree tree) => _tree = tree;

    /// <summary>What could not be read and why, one sentence each. Grows while attributes are read.</summary>
    public IReadOnlyList<string> Notes => _tree.Notes;

    /// <summary>
    /// The deepest place that is a file of the repository: the resource's block, or where that is in a downloaded module, the
    /// call that leads there. Null for what is no longer written, and where no file of the way is in the repository.
    /// </summary>
    /// <param name="address">Address of the instance.</param>
    /// <param name="attributes">Arguments and blocks that a finding is about: the first that is written gives the line.</param>
    /// <param name="repository">Folder of the repository; paths are relative to it.</param>
    public SourceLocation? Locate(string address, IReadOnlyList<string> attributes, string repository)
    {
        ArgumentNullException.ThrowIfNull(attributes);
        var frames = FramesOf(address);
        foreach (var (file, block, module) in frames)
        {
            if (Below(repository, file.Path) is not { } path)
                continue;
            var (line, end) = module is null ? LineOf(block, attributes) ?? (block.Line, block.EndLine) : (block.Line, block.EndLine);
            return new SourceLocation(path, line, end, module) { BlockLine = block.Line, BlockEndLine = block.EndLine };
        }
        return null;
    }

    /// <summary>Comments in the resource's block, directly above it, and at the calls of the modules that it is in.</summary>
    /// <param name="address">Address of the instance.</param>
    /// <param name="repository">Folder of the repository; only its files count: nobody of the team wrote what is in the others.</param>
    public IEnumerable<(string Text, SourceLocation At)> CommentsOf(string address, string repository)
    {
        foreach (var (file, block, _) in FramesOf(address))
        {
            if (Below(repository, file.Path) is not { } path)
                continue;
            foreach (var comment in At(file, block))
                yield return (comment.Text, new SourceLocation(path, comment.Line, comment.Line));
        }
    }

    // The resource's block first, then the call of its module, the call of that, up to the root.
    private List<(HclFile File, HclBlock Block, string? Module)> FramesOf(string address)
    {
        var frames = new List<(HclFile, HclBlock, string?)>();
        var deposed = address.IndexOf(" (deposed ", StringComparison.Ordinal);
        if (PlanAddress.Parse((deposed < 0 ? address : address[..deposed]).Replace("[*]", "", StringComparison.Ordinal)) is not { } parts)
            return frames;
        if (_tree.Module(parts.Steps)?.Find(parts.IsData ? "data" : "resource", parts.Type, parts.Name) is { } own)
            frames.Add((own.File, own.Block, null));
        for (var depth = parts.Steps.Count; depth > 0; depth--)
        {
            IReadOnlyList<PlanStep> steps = [.. parts.Steps.Take(depth)];
            if (_tree.Module([.. steps.SkipLast(1)])?.Find("module", steps[^1].Name) is not { } call)
                continue;
            var source = _tree.SourceOf(steps);
            var module = string.Join('.', steps.Select(step => "module." + step.Name));
            frames.Add((call.File, call.Block, source is null ? $"in {module}" : $"in {module} ({source})"));
        }
        return frames;
    }

    private static (int Line, int EndLine)? LineOf(HclBlock block, IReadOnlyList<string> attributes)
    {
        foreach (var name in attributes)
        {
            if (block.Body.Attributes.TryGetValue(name, out var attribute))
                return (attribute.Line, attribute.EndLine);
            if (block.Body.Blocks.Find(inner => inner.Type == name || (inner.Type == "dynamic" && inner.Labels is [var label] && label == name)) is { } nested)
                return (nested.Line, nested.EndLine);
        }
        return null;
    }

    private static IEnumerable<HclComment> At(HclFile file, HclBlock block)
    {
        var first = block.Line;
        foreach (var comment in file.Comments.Where(comment => comment.IsAlone && comment.Line < block.Line).Reverse())
        {
            if (comment.Line != first - 1)
                break;
            first = comment.Line;
        }
        return file.Comments.Where(comment => comment.Line >= first && comment.Line <= block.EndLine);
    }

    // What terraform init downloaded is in the folder, and not in the repository.
    private static string? Below(string repository, string path)
    {
        var relative = Path.GetRelativePath(repository, path).Replace('\\', '/');
        return relative.StartsWith("../", StringComparison.Ordinal) || Path.IsPathRooted(relative) || relative.Split('/').Contains(".terraform", StringComparer.Ordinal) || relative.Split('/').Contains(".terragrunt-cache", StringComparer.Ordinal)
            ? null
            : relative;
    }
}
