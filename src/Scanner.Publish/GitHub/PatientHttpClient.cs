using Octokit;
using Octokit.Internal;

namespace Scanner.Publish.GitHub;

/// <summary>
/// Takes Octokit's own time limit away: each of its requests ends after 100 seconds, waits for a rate limit included.
/// <see cref="GitHubHandler"/> limits what is sent, and what is waited.
/// </summary>
/// <param name="inner">Who sends.</param>
internal sealed class PatientHttpClient(IHttpClient inner) : IHttpClient
{
    /// <summary>Longer than any wait that a run can have.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromHours(12);

    /// <inheritdoc />
    public Task<IResponse> Send(IRequest request, CancellationToken cancellationToken, Func<object, object>? preprocessResponseBody = null)
    {
        if (request is Request changeable)
            changeable.Timeout = Longest;
        return inner.Send(request, cancellationToken, preprocessResponseBody);
    }

    /// <inheritdoc />
    public void SetRequestTimeout(TimeSpan timeout) => inner.SetRequestTimeout(timeout);

    /// <inheritdoc />
    public void Dispose() => inner.Dispose();
}
