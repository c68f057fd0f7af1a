namespace Scanner.Store.Functions;

/// <summary>A filter pattern that is not understood; the message says why, without the pattern's text before the fault.</summary>
internal sealed class LogPatternFormatException(string message) : Exception(message);
