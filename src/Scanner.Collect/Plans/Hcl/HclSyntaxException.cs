namespace Scanner.Collect.Plans.Hcl;

/// <summary>A file is not Terraform's language.</summary>
/// <param name="line">Where, from 1.</param>
/// <param name="what">What is wrong, to follow the file's name: <c>has a text that does not end</c>.</param>
internal sealed class HclSyntaxException(int line, string what) : Exception(what)
{
    /// <summary>Where, from 1.</summary>
    public int Line { get; } = line;
}
