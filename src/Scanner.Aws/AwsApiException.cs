using System.Text.Json.Nodes;
using Scanner.Model;

namespace Scanner.Aws;

/// <summary>A call that AWS did not answer as asked, classified into the outcomes that a collection can have.</summary>
public sealed class AwsApiException : Exception
{
    /// <summary>Makes the error.</summary>
    /// <param name="call">What was asked.</param>
    /// <param name="outcome">Never <see cref="CollectionOutcome.Ok"/>.</param>
    /// <param name="code">AWS error code (<c>AccessDeniedException</c>), or one of ours (<c>MalformedReply</c>, <c>ConnectionFailed</c>).</param>
    /// <param name="message">Message as AWS gave it (hostile), or our own words.</param>
    /// <param name="partial">Pages that were read before the failure, joined; null when there were none.</param>
    /// <param name="cause">The technical cause.</param>
    public AwsApiException(AwsCall call, CollectionOutcome outcome, string code, string message, JsonObject? partial = null, Exception? cause = null)
        : base($"{code}: {message}", cause)
    {
        Call = call;
        Outcome = outcome;
        Code = code;
        Detail = message;
        Partial = partial;
    }

    /// <summary>What was asked.</summary>
    public AwsCall Call { get; }

    /// <summary>How the collection ended because of this; never <see cref="CollectionOutcome.Ok"/>.</summary>
    public CollectionOutcome Outcome { get; }

    /// <summary>AWS error code, without a namespace prefix or URL suffix.</summary>
    public string Code { get; }

    /// <summary>The message without the code, as AWS gave it (hostile), or our own words.</summary>
    public string Detail { get; }

    /// <summary>Pages that were read before the failure, joined; null when there were none.</summary>
    public JsonObject? Partial { get; }

    /// <summary><c>service:Operation</c>, as reports name it.</summary>
    public string Operation => $"{Call.Service}:{Call.Operation}";
}
