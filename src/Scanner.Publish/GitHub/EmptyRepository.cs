using System.Net;
using System.Text;

namespace Scanner.Publish.GitHub;

/// <summary>
/// Answers as GitHub does of a repository with issues switched on and none there, without a network: what a dry run without a token is compared
/// with. Changes are refused; a dry run sends none.
/// </summary>
internal sealed class EmptyRepository : HttpMessageHandler
{
    /// <inheritdoc />
    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var path = request.RequestUri!.AbsolutePath.TrimEnd('/');
        var parts = path[(path.IndexOf("/repos/", StringComparison.Ordinal) + 1)..].Split('/');
        var (status, body) = (request.Method == HttpMethod.Get, path, parts) switch
        {
            (false, _, _) => (HttpStatusCode.Forbidden, """{"message":"there is no token"}"""),
            (_, _, ["repos", var owner, var name]) => (HttpStatusCode.OK, $$$"""{"id":1,"name":"{{{name}}}","has_issues":true,"owner":{"login":"{{{owner}}}","type":"User"}}"""),
            (_, _, ["repos", _, _, "assignees", _]) => (HttpStatusCode.NoContent, ""),
            (_, _, ["repos", _, _, "issues" or "pulls", _]) => (HttpStatusCode.NotFound, """{"message":"Not Found"}"""),
            (_, _, ["repos", ..]) => (HttpStatusCode.OK, "[]"),
            (_, var other, _) when other.EndsWith("/search/issues", StringComparison.Ordinal) => (HttpStatusCode.OK, """{"total_count":0,"items":[]}"""),
            _ => (HttpStatusCode.NotFound, """{"message":"Not Found"}"""),
        };
        return Task.FromResult(new HttpResponseMessage(status) { RequestMessage = request, Content = new StringContent(body, Encoding.UTF8, "application/json") });
    }
}
