namespace Scanner.Publish.GitHub;

/// <summary>What a field of an issue holds.</summary>
internal sealed class FieldValueReply
{
    /// <summary>Id of the field.</summary>
    public long IssueFieldId { get; set; }

    /// <summary>Name of the field.</summary>
    public string IssueFieldName { get; set; } = "";

    /// <summary>Text, number or date (yyyy-MM-dd).</summary>
    public object? Value { get; set; }

    /// <summary>What was chosen.</summary>
    public FieldReply.FieldOption? SingleSelectOption { get; set; }

    /// <summary>The value as text.</summary>
    public string? Text => Value as string;
}
