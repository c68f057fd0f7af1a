namespace Scanner.Catalog;

/// <summary>A call that is repeated until AWS has made ready what the list reads (the IAM credential report).</summary>
/// <param name="Operation">Operation name, of the list's service.</param>
/// <param name="Until">Members of the reply and the value that each must have.</param>
public sealed record TablePrepare(string Operation, IReadOnlyDictionary<string, string> Until);
