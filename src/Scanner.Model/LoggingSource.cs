namespace Scanner.Model;

/// <summary>What a reader should know of a logging source before switching it on.</summary>
/// <param name="Default">State in a new account (<c>off</c>, <c>on</c> ...).</param>
/// <param name="Cost">Character of the cost: what it is charged by.</param>
/// <param name="Use">What an investigator does with it.</param>
public sealed record LoggingSource(string Default, string Cost, string Use);
