using System.Text;
using Scanner.Model;

namespace Scanner.Publish.Text;

/// <summary>
/// Workflow commands (<c>::error title=...::message</c>) as GitHub Actions reads them from standard output. Values
/// are escaped as @actions/core does: <c>% CR LF</c> in data, and <c>: ,</c> too in properties.
/// </summary>
internal static class WorkflowCommand
{
    /// <summary>The command as one line, without a line break at the end.</summary>
    /// <param name="command">Our own word: error, warning, notice ...</param>
    /// <param name="properties">Names are ours, values of unknown origin; empty values are left out.</param>
    /// <param name="message">Text of unknown origin.</param>
    public static string Format(string command, IEnumerable<(string Name, string? Value)> properties, string message)
    {
        var made = new StringBuilder("::").Append(command);
        var separator = ' ';
        foreach (var (name, value) in properties)
        {
            if (string.IsNullOrEmpty(value))
                continue;
            made.Append(separator).Append(name).Append('=').Append(Property(value));
            separator = ',';
        }
        return made.Append("::").Append(Data(message)).ToString();
    }

    /// <summary>The message part. Line breaks stay line breaks (<c>%0A</c>); other control characters are made visible.</summary>
    public static string Data(string text) =>
        SafeText.Lines(text)
            .Replace("%", "%25", StringComparison.Ordinal)
            .Replace("\r", "%0D", StringComparison.Ordinal)
            .Replace("\n", "%0A", StringComparison.Ordinal)
            .Replace('\t', ' ');

    /// <summary>The value of a property.</summary>
    public static string Property(string text) =>
        Data(text)
            .Replace(":", "%3A", StringComparison.Ordinal)
            .Replace(",", "%2C", StringComparison.Ordinal);
}
