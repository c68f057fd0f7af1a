using System.Text.RegularExpressions;

namespace Scanner.Catalog;

/// <summary>
/// The management events of CloudTrail that tell of every change of a table's rows, in the account and region that is asked. Only a table whose file
/// says it has one: what AWS changes by itself, or lets another account change, no event tells of.
/// </summary>
/// <param name="Sources">Event sources, such as <c>sqs.amazonaws.com</c>.</param>
/// <param name="Except">Names of events of these sources that change no row, such as <c>StartBuild</c>.</param>
public sealed partial record TableChanges(IReadOnlyList<string> Sources, IReadOnlyList<string> Except)
{
    /// <summary>Whether an event may tell of a change.</summary>
    /// <param name="source">Its source.</param>
    /// <param name="name">Its name; empty where it has none.</param>
    public bool Has(string source, string name) => Sources.Contains(source, StringComparer.Ordinal) && !Except.Contains(name, StringComparer.Ordinal);

    /// <summary>Whether a text is an event source as CloudTrail writes one: a service and its domain.</summary>
    public static bool IsEventSource(string text) => EventSource().IsMatch(text);

    [GeneratedRegex(@"^[a-z0-9][a-z0-9.-]*\.amazonaws\.com$", RegexOptions.None, matchTimeoutMilliseconds: -1)]
    private static partial Regex EventSource();
}
