namespace Scanner.Aws.Wire;

/// <summary>Parameters that do not fit the operation's input; the call is not sent.</summary>
internal sealed class ParameterException(string message) : Exception(message);
