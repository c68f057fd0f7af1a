namespace Loopback;

/// <summary>An alert that code scanning made of a result.</summary>
public sealed class GitHubAlert(string category, string rule, string print, string text)
{
    public string Category => category;

    public string Rule => rule;

    public string Print => print;

    public string Text => text;

    public bool IsOpen { get; set; } = true;
}
