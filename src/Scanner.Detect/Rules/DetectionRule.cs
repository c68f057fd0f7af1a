using System.Text.Json.Nodes;
using Scanner.Model;

namespace Scanner.Detect.Rules;

/// <summary>A Sigma rule or a Sigma correlation, parsed (Sigma specification 2.1).</summary>
public sealed record DetectionRule
{
    /// <summary>The rule's <c>id</c>; its <c>name</c>, or else its title, where it has none (Sigma does not require an id).</summary>
    public required string Id { get; init; }

    /// <summary>The rule's <c>name</c>, by which correlations may refer to it; or null.</summary>
    public string? Name { get; init; }

    /// <summary>One line.</summary>
    public required string Title { get; init; }

    /// <summary>Stable, test, experimental, deprecated, unsupported; or null.</summary>
    public string? Status { get; init; }

    /// <summary>What it finds and why that matters.</summary>
    public string Description { get; init; } = "";

    /// <summary>Who wrote it; may be empty.</summary>
    public string Author { get; init; } = "";

    /// <summary>From <c>level</c>; medium where the rule does not say.</summary>
    public Severity Level { get; init; } = Severity.Medium;

    /// <summary>Whether the rule says a level itself.</summary>
    public bool HasLevel { get; init; }

    /// <summary>As written, such as <c>attack.t1078.004</c>.</summary>
    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>Links for further reading.</summary>
    public IReadOnlyList<string> References { get; init; } = [];

    /// <summary>What can set it off legitimately.</summary>
    public IReadOnlyList<string> FalsePositives { get; init; } = [];

    /// <summary>Fields worth showing to a reader.</summary>
    public IReadOnlyList<string> Fields { get; init; } = [];

    /// <summary>What to do when it fires, in order (our custom field <c>response</c>).</summary>
    public IReadOnlyList<string> Response { get; init; } = [];

    /// <summary>Unit tests in the file (our custom field <c>tests</c>).</summary>
    public IReadOnlyList<DetectionTest> Tests { get; init; } = [];

    /// <summary>The logs it is about. A correlation has that of the rules that it refers to.</summary>
    public SigmaLogSource LogSource { get; init; } = new(null, null, null);

    /// <summary>The logs that it needs: of a correlation, those of all rules that it refers to, through others too.</summary>
    public IEnumerable<SigmaLogSource> LogSources => Correlation is null ? [LogSource] : Correlation.Rules.SelectMany(rule => rule.LogSources).Distinct();

    /// <summary>File that declares it, as messages name it.</summary>
    public required string File { get; init; }

    /// <summary>Line in the file at which its document starts, from 1.</summary>
    public int Line { get; init; }

    /// <summary>Whether it is a correlation.</summary>
    public bool IsCorrelation => Correlation is not null;

    /// <summary>
    /// Whether it reports matches of its own. A rule that a correlation refers to does so only where the correlation
    /// says <c>generate: true</c> (Sigma correlation rules specification, Generate).
    /// </summary>
    public bool Reports { get; internal init; } = true;

    /// <summary>What an event must be; null for a correlation. Filters have been applied.</summary>
    internal Expression? Expression { get; init; }

    /// <summary>What a correlation counts; null for a rule.</summary>
    internal RuleCorrelation? Correlation { get; init; }

    /// <summary>For a rule that is a part of an old-style aggregation: the rule that the reader knows.</summary>
    internal string? PartOf { get; init; }

    /// <summary>Names and ids for messages.</summary>
    internal bool IsCalled(string reference) =>
        string.Equals(Id, reference, StringComparison.OrdinalIgnoreCase) || string.Equals(Name, reference, StringComparison.Ordinal);
}

/// <summary>A unit test of a rule, from the <c>tests</c> of its file.</summary>
/// <param name="Name">What it shows, as a sentence.</param>
/// <param name="Line">Line in the file.</param>
/// <param name="Events">The events, in the order of the file; at least one.</param>
/// <param name="Matches">How many matches there must be; null: at least one.</param>
public sealed record DetectionTest(string Name, int Line, IReadOnlyList<JsonObject> Events, int? Matches);
