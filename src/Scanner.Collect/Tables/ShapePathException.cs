namespace Scanner.Collect.Tables;

/// <summary>A path that no value can be at; the message says which part, and what may have been meant.</summary>
internal sealed class ShapePathException(string message) : Exception(message);
