namespace Scanner.Store.Functions;

/// <summary>A text that is no policy, or says something that this version does not know: its meaning cannot be told.</summary>
/// <param name="message">What, in a few words, for people.</param>
internal sealed class PolicyFormatException(string message) : Exception(message);
