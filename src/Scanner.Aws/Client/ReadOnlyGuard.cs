using System.Collections.Frozen;
using Scanner.Aws.Models;

namespace Scanner.Aws.Client;

/// <summary>
/// The last line before the wire: what is not known to read is not sent. The models hold reading operations only;
/// this is the second, independent test.
/// </summary>
public static class ReadOnlyGuard
{
    private static readonly string[] Prefixes = ["Get", "List", "Describe", "Lookup", "BatchGet", "Head", "Search"];

    /// <summary>Operations without a reading name that change nothing of what is scanned: a report made ready, a query begun or ended, a search of log events.</summary>
    private static readonly FrozenSet<string> Also = new[]
    {
        "iam:GenerateCredentialReport", "iam:SimulatePrincipalPolicy", "cloudtrail:StartQuery", "cloudtrail:CancelQuery", "athena:StartQueryExecution",
        "athena:StopQueryExecution", "logs:StartQuery", "logs:StopQuery", "logs:FilterLogEvents",
    }.ToFrozenSet(StringComparer.Ordinal);

    /// <summary>Finds the operation, or refuses.</summary>
    /// <exception cref="InvalidOperationException">There is no such operation among those that read.</exception>
    internal static OperationModel Find(string service, string operation)
    {
        if (!IsReading(service, operation))
            throw new InvalidOperationException($"{service}:{operation} is refused: it is not an operation that reads.");
        return FindUnguarded(service, operation);
    }

    /// <summary>For opening sessions: sts AssumeRole and AssumeRoleWithWebIdentity.</summary>
    internal static OperationModel FindUnguarded(string service, string operation) =>
        ServiceModel.Find(service)?.FindOperation(operation)
            ?? throw new InvalidOperationException($"{service}:{operation} is refused: it is not in the service models.");

    /// <summary>The one operation that writes: what Scanner found, into Security Hub, where the user asks for it. Nothing that names operations (tables, calls of
    /// checks, <see cref="Find"/>) comes to it.</summary>
    internal static OperationModel Import => FindUnguarded("securityhub", "BatchImportFindings");

    /// <summary>Whether the operation may be asked.</summary>
    public static bool IsReading(string service, string operation)
    {
        foreach (var prefix in Prefixes)
        {
            if (operation.StartsWith(prefix, StringComparison.Ordinal) && operation.Length > prefix.Length && char.IsAsciiLetterUpper(operation[prefix.Length]))
                return true;
        }
        return Also.Contains($"{service}:{operation}");
    }
}
