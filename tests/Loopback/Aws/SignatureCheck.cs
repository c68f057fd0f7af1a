using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace Loopback.Aws;

/// <summary>AWS Signature Version 4, worked out anew from the request as it arrived (AWS IAM guide, "Create a signed request").</summary>
internal static class SignatureCheck
{
    public sealed record Scope(string AccessKeyId, string Date, string Region, string Service, string[] SignedHeaders, string Signature);

    public static Scope? Parse(string? authorization)
    {
        const string algorithm = "AWS4-HMAC-SHA256 ";
        if (authorization is null || !authorization.StartsWith(algorithm, StringComparison.Ordinal))
            return null;
        string? credential = null, headers = null, signature = null;
        foreach (var part in authorization[algorithm.Length..].Split(',', StringSplitOptions.TrimEntries))
        {
            var equals = part.IndexOf('=', StringComparison.Ordinal);
            switch (equals < 0 ? part : part[..equals])
            {
                case "Credential": credential = part[(equals + 1)..]; break;
                case "SignedHeaders": headers = part[(equals + 1)..]; break;
                case "Signature": signature = part[(equals + 1)..]; break;
                default: break;
            }
        }
        var scope = credential?.Split('/');
        return scope is { Length: 5 } && scope[4] == "aws4_request" && headers is not null && signature is not null
            ? new Scope(scope[0], scope[1], scope[2], scope[3], headers.Split(';'), signature)
            : null;
    }

    public static bool IsRight(Scope scope, string secret, HttpRequest request, string rawTarget, byte[] body)
    {
        var mark = rawTarget.IndexOf('?', StringComparison.Ordinal);
        var path = mark < 0 ? rawTarget : rawTarget[..mark];
        if (scope.Service != "s3")
            path = string.Join('/', path.Split('/').Select(Uri.EscapeDataString));
        var query = mark < 0
            ? ""
            : string.Join('&', rawTarget[(mark + 1)..]
                .Split('&', StringSplitOptions.RemoveEmptyEntries)
                .Select(p => p.Contains('=', StringComparison.Ordinal) ? p : p + "=")
                .Order(StringComparer.Ordinal));
        var canonical = new StringBuilder()
            .Append(request.Method).Append('\n')
            .Append(path).Append('\n')
            .Append(query).Append('\n');
        foreach (var name in scope.SignedHeaders)
            canonical.Append(name).Append(':').Append(string.Join(',', request.Headers[name].Select(v => v?.Trim()))).Append('\n');
        canonical.Append('\n').AppendJoin(';', scope.SignedHeaders).Append('\n');
        var hash = request.Headers.TryGetValue("x-amz-content-sha256", out var given) ? given.ToString() : Convert.ToHexStringLower(SHA256.HashData(body));
        if (hash != "UNSIGNED-PAYLOAD" && hash != Convert.ToHexStringLower(SHA256.HashData(body)))
            return false;
        canonical.Append(hash);

        var date = request.Headers["x-amz-date"].ToString();
        var toSign = string.Create(
            CultureInfo.InvariantCulture,
            $"AWS4-HMAC-SHA256\n{date}\n{scope.Date}/{scope.Region}/{scope.Service}/aws4_request\n{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(canonical.ToString())))}");
        var key = Hmac(Hmac(Hmac(Hmac(Encoding.UTF8.GetBytes("AWS4" + secret), scope.Date), scope.Region), scope.Service), "aws4_request");
        return date.StartsWith(scope.Date, StringComparison.Ordinal) && Convert.ToHexStringLower(Hmac(key, toSign)) == scope.Signature;
    }

    private static byte[] Hmac(byte[] key, string text) => HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(text));
}
