using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Loopback;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace EndToEnd.Tests;

/// <summary>
/// What terraform/github-trust lets in: Terraform renders the trust policies, a token service on 127.0.0.1 checks each token as AWS
/// STS does (AssumeRoleWithWebIdentity: signature, time, issuer, then the role's trust policy) and answers. The evaluator is
/// written from IAM's documentation and knows nothing of the module.
/// </summary>
public sealed class TrustPolicyTests(TrustPolicyTests.Policies policies) : IClassFixture<TrustPolicyTests.Policies>
{
    private const string Issuer = "token.actions.githubusercontent.com";

    // Roles, by name, with what they trust.
    private const string Roles = """
        {
          "both":     [{"repository": "acme/security", "owner_id": "11", "repository_id": "22", "refs": ["refs/heads/main"], "environments": ["aws-read-only", "prod:eu"]}],
          "ids":      [{"repository": "acme@11/security@22", "subject_forms": ["ids"], "refs": ["refs/heads/main"]}],
          "names":    [{"repository": "acme/security", "subject_forms": ["names"], "environments": ["aws-read-only"]}],
          "two":      [{"repository": "acme/security", "owner_id": "11", "repository_id": "22", "environments": ["aws-read-only"]},
                       {"repository": "acme/infra", "owner_id": "11", "repository_id": "33", "environments": ["terraform-plan"]}],
          "workflow": [{"repository": "acme/security", "owner_id": "11", "repository_id": "22", "refs": ["refs/heads/main"], "workflows": ["acme/security/.github/workflows/scan.yml@refs/heads/main"]}],
          "requests": [{"repository": "acme/security", "owner_id": "11", "repository_id": "22", "pull_request": true, "pull_request_reason": "the account holds nothing but samples"}],
          "custom":   [{"repository": "acme/security", "owner_id": "11", "repository_id": "22", "subjects": ["repository_id:22:environment:aws-read-only"]}]
        }
        """;

    private const string New = "repo:acme@11/security@22";
    private const string Old = "repo:acme/security";

    /// <summary>Role, subject, the token's other claims, and whether the role may be had.</summary>
    public static TheoryData<string, string, string, bool> Tokens => new()
    {
        // A repository before, while and after it moves to the form with ids.
        { "both", $"{New}:ref:refs/heads/main", "", true },
        { "both", $"{Old}:ref:refs/heads/main", "", true },
        { "both", $"{New}:environment:aws-read-only", "", true },
        { "both", $"{Old}:environment:aws-read-only", "", true },
        { "both", $"{New}:environment:prod%3Aeu", "", true },
        { "ids", $"{New}:ref:refs/heads/main", "", true },
        { "names", $"{Old}:environment:aws-read-only", "repository_id=77", true },
        { "custom", "repository_id:22:environment:aws-read-only", "", true },
        // Only what was named.
        { "ids", $"{Old}:ref:refs/heads/main", "", false },
        { "names", $"{New}:environment:aws-read-only", "", false },
        { "both", $"{New}:ref:refs/heads/feature", "", false },
        { "both", $"{New}:ref:refs/heads/main2", "", false },
        { "both", $"{New}:ref:refs/tags/main", "", false },
        { "both", $"{New}:environment:prod:eu", "", false },
        { "both", $"{New}:environment:AWS-READ-ONLY", "", false },
        { "both", $"{New}:pull_request", "", false },
        { "requests", $"{New}:pull_request", "", true },
        { "requests", $"{New}:ref:refs/heads/main", "", false },
        // Somebody else: the name taken again, a fork, a transfer, a look-alike, ids as names.
        { "both", "repo:acme@11/security@99:ref:refs/heads/main", "repository_id=99", false },
        { "both", "repo:acme@99/security@88:ref:refs/heads/main", "repository_id=88", false },
        { "both", $"{Old}:ref:refs/heads/main", "repository_id=99", false },
        { "both", "repo:mallory@66/security@67:environment:aws-read-only", "repository_id=67", false },
        { "both", "repo:acme/security-tools:ref:refs/heads/main", "repository_id=23", false },
        { "both", "repo:Acme@11/security@22:ref:refs/heads/main", "", false },
        { "both", "repo:acme@11/security@22x:ref:refs/heads/main", "", false },
        { "both", "repo:*:*", "", false },
        { "both", "", "", false },
        // Statements are not mixed.
        { "two", "repo:acme@11/infra@33:environment:terraform-plan", "repository_id=33", true },
        { "two", "repo:acme@11/infra@33:environment:aws-read-only", "repository_id=33", false },
        { "two", "repo:acme@11/infra@33:environment:terraform-plan", "repository_id=22", false },
        // The workflow's file.
        { "workflow", $"{New}:ref:refs/heads/main", "job_workflow_ref=acme/security/.github/workflows/scan.yml@refs/heads/main", true },
        { "workflow", $"{New}:ref:refs/heads/main", "job_workflow_ref=acme/security/.github/workflows/other.yml@refs/heads/main", false },
        { "workflow", $"{New}:ref:refs/heads/main", "job_workflow_ref=acme/security/.github/workflows/scan.yml@refs/heads/feature", false },
        { "workflow", $"{New}:ref:refs/heads/main", "job_workflow_ref=", false },
        // The token itself.
        { "both", $"{New}:ref:refs/heads/main", "aud=https://github.com/acme", false },
        { "both", $"{New}:ref:refs/heads/main", "iss=https://token.actions.evil.example", false },
        { "both", $"{New}:ref:refs/heads/main", "iss=https://token.actions.githubusercontent.com/acme", false },
        { "both", $"{New}:ref:refs/heads/main", "exp=past", false },
        { "both", $"{New}:ref:refs/heads/main", "key=other", false },
    };

    [Theory]
    [MemberData(nameof(Tokens))]
    public async Task A_token_gets_the_role_where_the_policy_names_it(string role, string subject, string claims, bool expected)
    {
        var sts = await policies.ServiceAsync();

        var (status, reply) = await sts.AssumeAsync(role, sts.Token(subject, claims));

        Assert.True(expected == (status == HttpStatusCode.OK), $"{(int)status} {reply}");
        Assert.Contains(expected ? "<AccessKeyId>" : "<Code>", reply, StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_policy_has_a_wildcard_or_leaves_the_subject_out()
    {
        foreach (var (role, policy) in await policies.GetAsync())
        {
            Assert.DoesNotMatch("[*?]|\\$\\{", policy.ToJsonString());
            foreach (var statement in policy["Statement"]!.AsArray())
            {
                var (test, keys) = Assert.Single(statement!["Condition"]!.AsObject());
                Assert.Equal("StringEquals", test);
                Assert.True(keys![$"{Issuer}:sub"]!.AsArray().Count > 0 && keys[$"{Issuer}:aud"] is not null, role);
            }
        }
    }

    /// <summary>The trust policies of <see cref="Roles"/>, as Terraform renders them; once for the class.</summary>
    public sealed class Policies : IAsyncDisposable
    {
        private readonly Lazy<Task<Dictionary<string, JsonObject>>> _policies = new(RenderAsync);
        private TokenService? _service;

        internal Task<Dictionary<string, JsonObject>> GetAsync() => _policies.Value;

        internal async Task<TokenService> ServiceAsync() => _service ??= await TokenService.StartAsync(await GetAsync());

        public async ValueTask DisposeAsync()
        {
            if (_service is not null)
                await _service.DisposeAsync();
        }

        private static async Task<Dictionary<string, JsonObject>> RenderAsync()
        {
            var terraform = NeededTools.Terraform();
            var folder = Directory.CreateTempSubdirectory("trust");
            try
            {
                var modules = JsonNode.Parse(Roles)!.AsObject().ToDictionary(role => role.Key, JsonNode (role) => new JsonObject
                {
                    ["source"] = Path.Combine(Tools.Repository, "terraform/github-trust"),
                    ["provider_arn"] = $"arn:aws:iam::123456789012:oidc-provider/{Issuer}",
                    ["trusted"] = role.Value!.DeepClone(),
                }, StringComparer.Ordinal);
                var outputs = modules.Keys.ToDictionary(role => role, JsonNode (role) => new JsonObject { ["value"] = $"${{module.{role}.policy}}" }, StringComparer.Ordinal);
                await File.WriteAllTextAsync(Path.Combine(folder.FullName, "main.tf.json"), new JsonObject { ["module"] = new JsonObject(modules!), ["output"] = new JsonObject(outputs!) }.ToJsonString());
                foreach (string[] arguments in (string[][])[["init", "-no-color"], ["apply", "-auto-approve", "-no-color"]])
                {
                    var (code, said) = await Tools.RunAsync(terraform, arguments, folder.FullName, new Dictionary<string, string?>(StringComparer.Ordinal) { ["CHECKPOINT_DISABLE"] = "1" });
                    Assert.True(code == 0, said);
                }
                var (_, output, _) = await Tools.RunSplitAsync(terraform, ["output", "-json"], folder.FullName);
                return JsonNode.Parse(output)!.AsObject().ToDictionary(role => role.Key, role => JsonNode.Parse(role.Value!["value"]!.GetValue<string>())!.AsObject(), StringComparer.Ordinal);
            }
            finally
            {
                folder.Delete(recursive: true);
            }
        }
    }

    /// <summary>AWS STS as far as AssumeRoleWithWebIdentity goes, on 127.0.0.1, and GitHub's key for its tokens.</summary>
    internal sealed class TokenService : IAsyncDisposable
    {
        /// <summary>
        /// Claims of GitHub's tokens that AWS offers as condition keys (aws.amazonaws.com/about-aws/whats-new/2026/01: AWS STS supports validation of
        /// identity provider claims), beside aud and sub. Other claims are no keys.
        /// </summary>
        private static readonly HashSet<string> Offered = new(StringComparer.Ordinal)
        {
            "aud", "sub", "actor", "actor_id", "job_workflow_ref", "repository", "repository_id", "workflow", "ref", "environment", "enterprise_id",
        };

        private readonly WebApplication _app;
        private readonly Dictionary<string, JsonObject> _policies;
        private readonly RSA _github = RSA.Create(2048);
        private readonly Lazy<RSA> _other = new(() => RSA.Create(2048));
        private readonly HttpClient _http = new();

        private TokenService(WebApplication app, Dictionary<string, JsonObject> policies)
        {
            _app = app;
            _policies = policies;
        }

        public static async Task<TokenService> StartAsync(Dictionary<string, JsonObject> policies)
        {
            var builder = WebApplication.CreateSlimBuilder();
            builder.Logging.ClearProviders();
            builder.WebHost.UseUrls("http://127.0.0.1:0");
            var app = builder.Build();
            var service = new TokenService(app, policies);
            app.MapPost("/", service.AnswerAsync);
            await app.StartAsync();
            return service;
        }

        public async ValueTask DisposeAsync()
        {
            _http.Dispose();
            await _app.DisposeAsync();
            _github.Dispose();
            if (_other.IsValueCreated)
                _other.Value.Dispose();
        }

        /// <summary>A token as GitHub writes it, with some claims changed: <c>name=value</c>, <c>exp=past</c>, <c>key=other</c>.</summary>
        public string Token(string subject, string changes)
        {
            var now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
            var claims = new JsonObject
            {
                ["iss"] = $"https://{Issuer}",
                ["aud"] = "sts.amazonaws.com",
                ["sub"] = subject,
                ["iat"] = now,
                ["nbf"] = now - 60,
                ["exp"] = now + 300,
                ["repository"] = "acme/security",
                ["repository_id"] = "22",
                ["repository_owner"] = "acme",
                ["repository_owner_id"] = "11",
                ["job_workflow_ref"] = "acme/security/.github/workflows/scan.yml@refs/heads/main",
                ["runner_environment"] = "github-hosted",
            };
            var signer = _github;
            foreach (var change in changes.Split('\n', StringSplitOptions.RemoveEmptyEntries))
            {
                var (name, value) = (change[..change.IndexOf('=', StringComparison.Ordinal)], change[(change.IndexOf('=', StringComparison.Ordinal) + 1)..]);
                if (name == "key")
                    signer = _other.Value;
                else
                    claims[name] = value == "past" ? now - 10 : value;
            }
            var text = Encode("""{"alg":"RS256","typ":"JWT"}"""u8) + "." + Encode(Encoding.UTF8.GetBytes(claims.ToJsonString()));
            return text + "." + Encode(signer.SignData(Encoding.ASCII.GetBytes(text), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));
        }

        public async Task<(HttpStatusCode Status, string Reply)> AssumeAsync(string role, string token)
        {
            using var form = new FormUrlEncodedContent(new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["Action"] = "AssumeRoleWithWebIdentity",
                ["Version"] = "2011-06-15",
                ["RoleArn"] = "arn:aws:iam::123456789012:role/" + role,
                ["RoleSessionName"] = "scanner",
                ["WebIdentityToken"] = token,
            });
            using var response = await _http.PostAsync(_app.Urls.First(), form, TestContext.Current.CancellationToken);
            return (response.StatusCode, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        }

        private async Task<IResult> AnswerAsync(HttpRequest request)
        {
            var form = await request.ReadFormAsync();
            var policy = _policies[form["RoleArn"].ToString().Split('/')[^1]];
            return Read(form["WebIdentityToken"].ToString()) is not { } claims ? Refuse("InvalidIdentityToken")
                : claims["exp"]!.GetValue<long>() < DateTimeOffset.UtcNow.ToUnixTimeSeconds() ? Refuse("ExpiredTokenException")
                : policy["Statement"]!.AsArray().Any(statement => Allows(statement!.AsObject(), claims)) ? Results.Text("<AssumeRoleWithWebIdentityResponse><Credentials><AccessKeyId>ASIALOOPBACK</AccessKeyId></Credentials></AssumeRoleWithWebIdentityResponse>")
                : Refuse("AccessDenied");

            static IResult Refuse(string code) => Results.Text($"<ErrorResponse><Error><Code>{code}</Code></Error></ErrorResponse>", statusCode: 403);
        }

        /// <summary>The claims of a token that GitHub signed; null for another.</summary>
        private JsonObject? Read(string token)
        {
            var parts = token.Split('.');
            return parts.Length == 3 && _github.VerifyData(Encoding.ASCII.GetBytes(parts[0] + "." + parts[1]), Decode(parts[2]), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
                ? JsonNode.Parse(Decode(parts[1]))!.AsObject()
                : null;
        }

        /// <summary>
        /// Whether a statement of a trust policy allows it. IAM: the provider is the one of the token's issuer; every condition must hold; a
        /// key that the request lacks makes StringEquals false; one of several values suffices; upper and lower case differ.
        /// </summary>
        private static bool Allows(JsonObject statement, JsonObject claims)
        {
            var issuer = claims["iss"]!.GetValue<string>();
            if (!issuer.StartsWith("https://", StringComparison.Ordinal)
                || statement["Effect"]!.GetValue<string>() != "Allow"
                || statement["Action"]!.GetValue<string>() != "sts:AssumeRoleWithWebIdentity"
                || statement["Principal"]!["Federated"]!.GetValue<string>() != "arn:aws:iam::123456789012:oidc-provider/" + issuer["https://".Length..])
            {
                return false;
            }
            foreach (var (test, keys) in statement["Condition"]!.AsObject())
            {
                if (test != "StringEquals")
                    throw new NotSupportedException(test);
                foreach (var (key, values) in keys!.AsObject())
                {
                    var colon = key.LastIndexOf(':');
                    var claim = key[..colon] == issuer["https://".Length..] && Offered.Contains(key[(colon + 1)..]) ? claims[key[(colon + 1)..]]?.GetValue<string>() : null;
                    var accepted = values is JsonArray list ? list.Select(value => value!.GetValue<string>()) : [values!.GetValue<string>()];
                    if (claim is null || !accepted.Contains(claim, StringComparer.Ordinal))
                        return false;
                }
            }
            return true;
        }

        private static string Encode(ReadOnlySpan<byte> bytes) => Convert.ToBase64String(bytes).TrimEnd('=').Replace('+', '-').Replace('/', '_');

        private static byte[] Decode(string text) => Convert.FromBase64String(text.Replace('-', '+').Replace('_', '/').PadRight((text.Length + 3) / 4 * 4, '='));
    }
}
