namespace Scanner.Scan;

/// <summary>What a pull request is judged by and may change itself: checks and mutes, the baseline, the workflow.</summary>
internal static class JudgedBy
{
    /// <summary>Their paths as the repository has them. Those of a second checkout (the base branch below <c>.base</c>) are paths of the same repository.</summary>
    /// <param name="options">What the gate was asked.</param>
    /// <param name="environment">Value of an environment variable, or null.</param>
    public static IReadOnlyList<string> Of(GateOptions options, Func<string, string?> environment)
    {
        var paths = options.Checks.Concat(options.Baseline is { } baseline ? [baseline] : []).Select(InRepository).OfType<string>();
        return [.. paths.Concat(Workflow(environment) is { } workflow ? [workflow] : []).Distinct(StringComparer.Ordinal)];
    }

    private static string? InRepository(string path)
    {
        var full = Path.GetFullPath(path);
        var root = Path.GetDirectoryName(full);
        while (root is not null && !Path.Exists(Path.Combine(root, ".git")))
            root = Path.GetDirectoryName(root);
        var relative = Path.GetRelativePath(root ?? GateRun.Checkout, full).Replace('\\', '/');
        return relative == "." || relative.StartsWith("../", StringComparison.Ordinal) || Path.IsPathRooted(relative) ? null : relative;
    }

    /// <summary>The file of the workflow that runs this, as the repository has it; null outside of Actions, and where the workflow is another repository's.</summary>
    /// <param name="environment">Value of an environment variable, or null.</param>
    // GITHUB_WORKFLOW_REF: octocat/hello-world/.github/workflows/gate.yml@refs/pull/1/merge. One of another repository is not this pull request's.
    public static string? Workflow(Func<string, string?> environment)
    {
        if (environment("GITHUB_WORKFLOW_REF") is not { } reference || environment("GITHUB_REPOSITORY") is not { Length: > 0 } repository
            || !reference.StartsWith(repository + "/", StringComparison.OrdinalIgnoreCase))
            return null;
        var path = reference[(repository.Length + 1)..];
        return path.LastIndexOf("@refs/", StringComparison.Ordinal) is > 0 and var at ? path[..at] : path;
    }
}
