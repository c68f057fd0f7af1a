namespace Scanner.Evaluate.Isolation;

/// <summary>How to start the program that serves as engine: this one again, as <see cref="EngineServer.Command"/>.</summary>
/// <param name="File">Executable.</param>
/// <param name="Arguments">Its arguments.</param>
public sealed record EngineProgram(string File, IReadOnlyList<string> Arguments);
