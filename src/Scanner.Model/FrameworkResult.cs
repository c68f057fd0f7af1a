namespace Scanner.Model;

/// <summary>Every control of a framework, as a scan answers it: none is left out.</summary>
/// <param name="Id">Framework id, such as <c>cis-aws-5.0</c>.</param>
/// <param name="Title">Full name.</param>
/// <param name="Controls">Its controls, in the framework's order.</param>
public sealed record FrameworkResult(string Id, string Title, IReadOnlyList<ControlResult> Controls)
{
    /// <summary>Number of controls with a status.</summary>
    /// <param name="status">The status.</param>
    public int this[ControlStatus status] => Controls.Count(control => control.Status == status);
}
