namespace Scanner.Evaluate.Checks;

/// <summary>Names of the tables that say what was scanned; the collector makes their rows (checks/README.md).</summary>
internal static class ScopeTables
{
    /// <summary>One row for each scanned region of each account.</summary>
    public const string Region = "aws_region";

    /// <summary>One row for each account.</summary>
    public const string Account = "aws_account";
}
