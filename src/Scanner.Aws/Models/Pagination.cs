using System.Text.Json;

namespace Scanner.Aws.Models;

/// <summary>How an operation's pages are followed and joined; botocore's paginator data.</summary>
internal sealed class Pagination
{
    public Pagination(JsonElement json)
    {
        InputTokens = Texts(json.GetProperty("input_token"));
        OutputTokens = [.. Texts(json.GetProperty("output_token")).Select(t => new TokenExpression(t))];
        Results = [.. Texts(json.GetProperty("result_key")).Select(t => new TokenExpression(t))];
        if (json.TryGetProperty("more_results", out var more))
            MoreResults = new TokenExpression(more.GetString()!);
    }

    /// <summary>Input members that take the tokens.</summary>
    public IReadOnlyList<string> InputTokens { get; }

    /// <summary>Where the reply says the tokens, in the order of <see cref="InputTokens"/>.</summary>
    public IReadOnlyList<TokenExpression> OutputTokens { get; }

    /// <summary>Where the reply says whether there is more; null: a token means more.</summary>
    public TokenExpression? MoreResults { get; }

    /// <summary>What the pages bring and is joined.</summary>
    public IReadOnlyList<TokenExpression> Results { get; }

    private static string[] Texts(JsonElement json) =>
        json.ValueKind == JsonValueKind.Array ? [.. json.EnumerateArray().Select(e => e.GetString()!)] : [json.GetString()!];
}
