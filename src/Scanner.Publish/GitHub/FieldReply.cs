namespace Scanner.Publish.GitHub;

/// <summary>A field of issues that an organization made.</summary>
internal sealed class FieldReply
{
    /// <summary>Its id.</summary>
    public long Id { get; set; }

    /// <summary>Its name.</summary>
    public string Name { get; set; } = "";

    /// <summary><c>text</c>, <c>date</c>, <c>single_select</c>, <c>multi_select</c> or <c>number</c>.</summary>
    public string DataType { get; set; } = "";

    /// <summary>What can be chosen.</summary>
    public IReadOnlyList<FieldOption> Options { get; set; } = [];

    /// <summary>One that can be chosen.</summary>
    internal sealed class FieldOption
    {
        /// <summary>Its name.</summary>
        public string Name { get; set; } = "";
    }
}
