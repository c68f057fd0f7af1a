namespace Scanner.Model;

/// <summary>A control of a framework that a check answers (in whole or in part).</summary>
/// <param name="Framework">Framework id, such as <c>cis-aws-5.0</c>.</param>
/// <param name="Id">Control id within the framework, such as <c>3.1</c>.</param>
/// <param name="Title">The control's title in our words; may be empty.</param>
public sealed record Control(string Framework, string Id, string Title)
{
    /// <summary><c>cis-aws-5.0/3.1</c>: the form used in reports.</summary>
    public override string ToString() => $"{Framework}/{Id}";
}
