namespace Scanner.Detect.Sql;

/// <summary>A column of a statement that holds what is needed of an event besides <see cref="EventColumns"/>.</summary>
/// <param name="Name">Its name in the rows.</param>
/// <param name="Field">The field of the event that it holds.</param>
/// <param name="Form">How the field is written there.</param>
/// <param name="Sql">The expression of type text.</param>
internal sealed record KeptColumn(string Name, string Field, KeptForm Form, string Sql);

/// <summary>How a column holds a field.</summary>
internal enum KeptForm
{
    /// <summary>One text; null where the event has none.</summary>
    Text,

    /// <summary>Texts with <see cref="Correlation.CorrelationPlan.Separator"/> between them.</summary>
    List,

    /// <summary>JSON.</summary>
    Document,

    /// <summary>JSON whose members are texts, which may be JSON themselves: a map of CloudTrail Lake.</summary>
    Texts,

    /// <summary>The event itself as JSON.</summary>
    Event,
}
