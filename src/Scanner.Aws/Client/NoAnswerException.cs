namespace Scanner.Aws.Client;

/// <summary>An endpoint sent not one byte in the time that one attempt has for it.</summary>
internal sealed class NoAnswerException(string message, Exception? inner = null) : TimeoutException(message, inner);
