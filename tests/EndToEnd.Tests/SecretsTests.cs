using System.Text;
using System.Text.Json.Nodes;
using Loopback;
using Loopback.Aws;

namespace EndToEnd.Tests;

/// <summary>What AWS says is secret is replaced when it is collected: no output holds it, whichever reply, error or event it came in.</summary>
public sealed class SecretsTests : LoopbackTests
{
    private const string KeyId = "AKIAQ3EGSPLANTED2222";

    // Each is planted in one place; those in the form of well-known tokens are random.
    private static readonly Dictionary<string, string> Secrets = new(StringComparer.Ordinal)
    {
        ["environment"] = "plain-words-of-a-password-1",
        ["environment url"] = "plain-words-of-a-password-2",
        ["environment of an error page"] = "plain-words-of-a-password-3",
        ["stage variable"] = "plain-words-of-a-password-4",
        ["stage variable v2"] = "plain-words-of-a-password-5",
        ["custom header"] = "plain-words-of-a-password-6",
        ["custom header of the configuration"] = "plain-words-of-a-password-7",
        ["gitlab token"] = "glpat-PLANTED0123456789abcd",
        ["signature of a shared address"] = "PLANTED0123456789abcdefghij%3D",
        ["connection string in a description"] = "plain-words-of-a-password-10",
        ["password in an address"] = "plainwordsofapassword11",
        ["aws secret key in a tag"] = "wJalrXUtnFEMIK7MDENGbPxRfiCYzPLANTEDkey1",
        ["aws key id in a tag"] = KeyId,
        // Since 2026 a job's token is a JSON web token of some 520 characters, with dots.
        ["github token"] = "ghs_eyJhbGciOiJSUzI1NiJ9.eyJPLANTED" + new string('a', 300) + "." + new string('B', 180) + "-_PLANTED",
        ["slack token"] = "xoxb-PLANTED-123456789012-abcdefghij",
        ["slack address"] = "T00000000/B00000000/PLANTEDXXXXXXXXXXXXXXXX",
        ["json web token"] = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJQTEFOVEVEIn0" + new string('x', 300) + ".PLANTEDsignature" + new string('y', 150),
        ["private key"] = "MIIEvQPLANTEDIBADANBgkqhkiG9w0BAQEFAASC",
        ["error message"] = "github_pat_PLANTED0123456789abcdefABCDEF",
        ["event"] = "sk_live_PLANTED0123456789abcdef",
    };

    [Fact]
    public async Task Twenty_secrets_in_twenty_places_are_in_no_output()
    {
        Plant();
        await File.WriteAllTextAsync(Path.Combine(Folder.FullName, "events.json"), $$"""
            {"Records":[{"eventVersion":"1.08","userIdentity":{"type":"Root","arn":"arn:aws:iam::111111111111:root","accountId":"111111111111","accessKeyId":"AKIAQ3EGSACTED222222"},
            "eventTime":"2026-01-01T00:00:00Z","eventSource":"signin.amazonaws.com","eventName":"ConsoleLogin","awsRegion":"us-east-1","sourceIPAddress":"192.0.2.4",
            "requestParameters":{"note":"{{Secrets["event"]}}"},"responseElements":{"ConsoleLogin":"Success"},"additionalEventData":{"MFAUsed":"No"},"eventID":"1","eventType":"AwsConsoleSignIn"}]}
            """, TestContext.Current.CancellationToken);
        string[] formats = ["json", "markdown", "html", "sarif", "asff", "ocsf", "csv", "junit"];

        var (code, output) = await ScannerProgram.RunAsync(
            Folder.FullName,
            [
                "scan", "--regions", "us-east-1", "--events", "events.json", "--store", "s.duckdb", "--record", "rec", "--publish", "issues,summary", "--max-issues", "2",
                .. formats.SelectMany(format => new[] { "--report", $"{format}=r.{format}" }),
            ],
            [
                .. Aws.EnvironmentVariables.Select(pair => (pair.Key, pair.Value)),
                ("AWS_MAX_ATTEMPTS", "1"),
                ("GITHUB_TOKEN", GitHubServer.Token),
                ("GITHUB_REPOSITORY", $"{GitHubServer.Owner}/{GitHubServer.Name}"),
                ("GITHUB_API_URL", GitHub.ApiUrl.ToString().TrimEnd('/')),
                ("GITHUB_STEP_SUMMARY", Path.Combine(Folder.FullName, "summary.md")),
                ("GITHUB_OUTPUT", Path.Combine(Folder.FullName, "outputs")),
            ]);

        Assert.True(code == 0, output);
        Assert.NotEmpty(GitHub.Issues);
        var files = Folder.EnumerateFiles("*", SearchOption.AllDirectories).Where(file => file.Name != "events.json").ToDictionary(file => Path.GetRelativePath(Folder.FullName, file.FullName), file => File.ReadAllBytes(file.FullName), StringComparer.Ordinal);
        files["terminal"] = Encoding.UTF8.GetBytes(output);
        files["issues"] = Encoding.UTF8.GetBytes(GitHub.Picture());
        Assert.All(formats, format => Assert.Contains("r." + format, files.Keys));
        // What is not secret is there, so the secrets were looked for in the right places.
        Assert.Contains(files, file => file.Key == "s.duckdb" && Holds(file.Value, "DB_PASSWORD"));
        Assert.Contains(files, file => file.Key.StartsWith("rec", StringComparison.Ordinal) && Holds(file.Value, "DB_PASSWORD"));
        Assert.True(Holds(files["r.json"], "AKIAQ3EGSACTED222222"), "who acted is not told");
        Assert.True(Holds(files["r.json"], "ConsoleLogin"));
        foreach (var (place, secret) in Secrets)
            Assert.All(files, file => Assert.False(Holds(file.Value, secret), $"{file.Key} holds the secret of '{place}'"));
        if (OperatingSystem.IsLinux())
        {
            Assert.All(files.Keys.Where(name => name == "s.duckdb" || name.StartsWith("rec", StringComparison.Ordinal)),
                name => Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, new FileInfo(Path.Combine(Folder.FullName, name)).UnixFileMode));
            Assert.All(new DirectoryInfo(Path.Combine(Folder.FullName, "rec")).EnumerateDirectories("*", SearchOption.AllDirectories).Append(new DirectoryInfo(Path.Combine(Folder.FullName, "rec"))),
                folder => Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, folder.UnixFileMode));
        }
    }

    private static bool Holds(byte[] content, string text) => content.AsSpan().IndexOf(Encoding.UTF8.GetBytes(text)) >= 0;

    private void Plant()
    {
        Aws.Reply("lambda", "ListFunctions", new JsonObject
        {
            ["Functions"] = new JsonArray(new JsonObject
            {
                ["FunctionName"] = "f",
                ["FunctionArn"] = "arn:aws:lambda:us-east-1:111111111111:function:f",
                ["Description"] = $"Server=db;User=u;Password={Secrets["connection string in a description"]};Ssl=on",
                ["Environment"] = new JsonObject
                {
                    ["Variables"] = new JsonObject { ["DB_PASSWORD"] = Secrets["environment"], ["URL"] = $"https://hook.example/{Secrets["environment url"]}" },
                    ["Error"] = new JsonObject { ["ErrorCode"] = "KMSAccessDenied", ["Message"] = Secrets["environment of an error page"] },
                },
            }),
        });
        Aws.Reply("apigateway", "GetRestApis", """{"items": [{"id": "a1", "name": "api"}]}""");
        Aws.Reply("apigateway", "GetStages", new JsonObject { ["item"] = new JsonArray(new JsonObject { ["stageName"] = "prod", ["variables"] = new JsonObject { ["key"] = Secrets["stage variable"] } }) });
        Aws.Reply("apigatewayv2", "GetApis", """{"Items": [{"ApiId": "b1", "Name": "api", "ProtocolType": "HTTP", "RouteSelectionExpression": "x"}]}""");
        Aws.Reply("apigatewayv2", "GetStages", new JsonObject { ["Items"] = new JsonArray(new JsonObject { ["StageName"] = "prod", ["StageVariables"] = new JsonObject { ["key"] = Secrets["stage variable v2"] } }) });
        Aws.Reply("cloudfront", "ListDistributions", new JsonObject { ["DistributionList"] = new JsonObject { ["Items"] = new JsonArray(Distribution("custom header")), ["Quantity"] = 1, ["IsTruncated"] = false, ["MaxItems"] = 100, ["Marker"] = "" } });
        Aws.Reply("cloudfront", "GetDistributionConfig", new JsonObject { ["DistributionConfig"] = Distribution("custom header of the configuration") });
        Aws.Reply("ec2", "DescribeVpcs", new JsonObject
        {
            ["Vpcs"] = new JsonArray(new JsonObject
            {
                ["VpcId"] = "vpc-1",
                ["OwnerId"] = "111111111111",
                ["Tags"] = new JsonArray([.. Tags().Select((tag, i) => new JsonObject { ["Key"] = $"t{i}", ["Value"] = tag })]),
            }),
        });
        Aws.Reply("ecs", "ListClusters", _ => throw new AwsError("ServerException", 500, $"the proxy said {Secrets["error message"]}"));
    }

    private static IEnumerable<string> Tags() =>
    [
        $"postgres://app:{Secrets["password in an address"]}@db.example:5432/app",
        $"aws_secret_access_key={Secrets["aws secret key in a tag"]}",
        Secrets["aws key id in a tag"],
        Secrets["github token"],
        Secrets["gitlab token"],
        $"https://store.example/c?sv=1&sig={Secrets["signature of a shared address"]}",
        Secrets["slack token"],
        $"https://hooks.slack.com/services/{Secrets["slack address"]}",
        Secrets["json web token"],
        $"-----BEGIN RSA PRIVATE KEY-----\n{Secrets["private key"]}\n-----END RSA PRIVATE KEY-----",
    ];

    private static JsonObject Distribution(string place)
    {
        var distribution = new JsonObject
        {
            ["Enabled"] = true,
            ["Comment"] = "",
            ["Origins"] = new JsonObject
            {
                ["Quantity"] = 1,
                ["Items"] = new JsonArray(new JsonObject
                {
                    ["Id"] = "o",
                    ["DomainName"] = "o.example",
                    ["CustomHeaders"] = new JsonObject { ["Quantity"] = 1, ["Items"] = new JsonArray(new JsonObject { ["HeaderName"] = "x-origin-secret", ["HeaderValue"] = Secrets[place] }) },
                }),
            },
        };
        if (place == "custom header")
            (distribution["Id"], distribution["ARN"], distribution["Status"], distribution["DomainName"]) = ("E1", "arn:aws:cloudfront::111111111111:distribution/E1", "Deployed", "d.example");
        else
            distribution["CallerReference"] = "1";
        return distribution;
    }
}
