namespace Scanner.Model;

/// <summary>One command that cuts somebody off or takes back what they did. Commands hold nothing that a shell or a terminal would take for more than a name.</summary>
/// <param name="Account">Account in which to give it.</param>
/// <param name="Command">The command, one line.</param>
/// <param name="Undo">The command that takes it back, one line.</param>
public sealed record ContainmentStep(string Account, string Command, string Undo);
