using System.Text.Json.Nodes;

namespace Scanner.Aws;

/// <summary>
/// Reads AWS in one account. Two implementations: live over HTTP, and a recorded account in a folder. The official
/// service packages could stand behind it, service by service, without a change above.
/// </summary>
public interface IAwsApi
{
    /// <summary>Twelve-digit id of the account that answers.</summary>
    string Account { get; }

    /// <summary>
    /// Asks, follows the pagination to its end, and returns one reply in the shape that the AWS CLI prints: member
    /// names of the service model, timestamps as ISO 8601 text in UTC, blobs as base64, lists of all pages joined.
    /// </summary>
    /// <exception cref="AwsApiException">AWS could not be read; it says why, and holds the pages read before.</exception>
    Task<JsonObject> CallAsync(AwsCall call, CancellationToken cancellation);

    /// <summary>Attempts that reached the wire so far; retries and further pages count.</summary>
    long CallCount { get; }
}
