using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Polly;
using Polly.Retry;
using Scanner.Model;

namespace Scanner.Aws.Session;

/// <summary>
/// The identity token of a GitHub Actions job (needs <c>permissions: id-token: write</c>). GitHub's interface:
/// GET <c>ACTIONS_ID_TOKEN_REQUEST_URL&amp;audience=...</c> with a bearer token, answer <c>{"value": "jwt"}</c>.
/// </summary>
internal sealed class GitHubOidc
{
    private readonly HttpClient _http;
    private readonly Uri _url;
    private readonly string _token;
    private readonly ResiliencePipeline<HttpResponseMessage> _retries;

    private GitHubOidc(HttpClient http, Uri url, string token, TimeSpan maxBackoff)
    {
        _http = http;
        _url = url;
        _token = token;
        _retries = new ResiliencePipelineBuilder<HttpResponseMessage>()
            .AddRetry(new RetryStrategyOptions<HttpResponseMessage>
            {
                MaxRetryAttempts = 4,
                Delay = TimeSpan.FromSeconds(1) < maxBackoff ? TimeSpan.FromSeconds(1) : maxBackoff,
                MaxDelay = maxBackoff,
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                ShouldHandle = new PredicateBuilder<HttpResponseMessage>()
                    .Handle<HttpRequestException>()
                    .HandleResult(r => r.StatusCode >= HttpStatusCode.InternalServerError || r.StatusCode == HttpStatusCode.TooManyRequests),
            })
            .Build();
    }

    /// <summary>The source of tokens of this job, or null outside GitHub Actions and without the permission.</summary>
    public static GitHubOidc? Find(AwsSessionOptions options, HttpClient http)
    {
        var url = options.Environment("ACTIONS_ID_TOKEN_REQUEST_URL");
        var token = options.Environment("ACTIONS_ID_TOKEN_REQUEST_TOKEN");
        if (string.IsNullOrEmpty(url) || string.IsNullOrEmpty(token))
            return null;
        if (!Uri.TryCreate(url, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https"))
            throw new InputException("ACTIONS_ID_TOKEN_REQUEST_URL is not a URL; leave it as GitHub sets it.");
        return new GitHubOidc(http, uri, token, options.Limits.MaxBackoff);
    }

    /// <summary>Asks for a token for AWS STS.</summary>
    /// <exception cref="InputException">GitHub gave none.</exception>
    public async Task<string> TokenAsync(CancellationToken cancellation)
    {
        var separator = _url.Query.Length > 1 ? "&" : "?";
        var address = new Uri(_url + separator + "audience=sts.amazonaws.com");
        HttpResponseMessage response;
        try
        {
            response = await _retries.ExecuteAsync(
                async token =>
                {
                    using var request = new HttpRequestMessage(HttpMethod.Get, address);
                    request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", _token);
                    request.Headers.Accept.ParseAdd("application/json");
                    return await _http.SendAsync(request, token);
                },
                cancellation);
        }
        catch (HttpRequestException e)
        {
            throw new InputException($"GitHub's identity token could not be fetched ({e.Message}); run the job again.", e);
        }
        using (response)
        {
            if (!response.IsSuccessStatusCode)
            {
                var remedy = response.StatusCode >= HttpStatusCode.InternalServerError || response.StatusCode == HttpStatusCode.TooManyRequests
                    ? "run the job again later."
                    : "give the job `permissions: id-token: write`.";
                throw new InputException($"GitHub gave no identity token (HTTP {(int)response.StatusCode}); {remedy}");
            }
            try
            {
                using var json = JsonDocument.Parse(JsonText.Readable(await response.Content.ReadAsByteArrayAsync(cancellation)));
                if (json.RootElement.ValueKind == JsonValueKind.Object
                    && json.RootElement.TryGetProperty("value", out var value)
                    && value.ValueKind == JsonValueKind.String
                    && value.GetString() is { Length: > 0 } jwt)
                {
                    return jwt;
                }
            }
            catch (JsonException)
            {
                // Said below.
            }
            throw new InputException("GitHub's answer to the request for an identity token holds none; run the job again.");
        }
    }
}
