using System.Text.Json;
using System.Text.RegularExpressions;
using Loopback;
using Scanner.Aws.Models;

namespace Aws.Tests.Models;

/// <summary>
/// The committed models against AWS's own: botocore's data folder (<c>BOTOCORE_DATA</c>, or asked of python3) and npm
/// <c>aws-sdk</c> of tests/node.
/// </summary>
public sealed class ServiceModelTests
{
    /// <summary>Where AWS itself has corrected its models after aws-sdk version 2 ended; botocore has the newer fact.</summary>
    private static readonly HashSet<string> ChangedByAws = new(StringComparer.Ordinal)
    {
        "InferenceAcceleratorInfo.Accelerators has locationName accelerators, there item",
        "DescribeDomainAutoTunesRequest.MaxResults has location querystring, there ",
        "DescribeDomainAutoTunesRequest.MaxResults has locationName maxResults, there ",
        "DescribeDomainAutoTunesRequest.NextToken has location querystring, there ",
        "DescribeDomainAutoTunesRequest.NextToken has locationName nextToken, there ",
        "KubernetesApiCallAction.SourceIps has locationName sourceIPs, there sourceIps",
        "s3:GetObjectAttributes: SSECustomerKey is string, there blob",
        "s3:ListParts: SSECustomerKey is string, there blob",
        "ListStorageLensConfigurationsResult.StorageLensConfigurationList has locationName StorageLensConfiguration, there ",
        "ListStorageLensGroupsResult.StorageLensGroupList has locationName StorageLensGroup, there ",
    };

    [Fact]
    public void Every_model_loads_and_every_shape_in_it_is_whole()
    {
        var files = Directory.GetFiles(Path.Combine(Tools.Repository, "src", "Scanner.Aws", "ServiceModels"), "*.json").Select(file => Path.GetFileNameWithoutExtension(file)!).Where(name => name is not ("endpoints" or "unoffered"));
        Assert.Equal(files.Order(StringComparer.Ordinal), ServiceModel.ReadByTables);
        Assert.True(ServiceModel.Others.Count > 250, $"{ServiceModel.Others.Count} other services");
        Assert.Empty(ServiceModel.Others.Intersect(ServiceModel.ReadByTables, StringComparer.Ordinal));
        Assert.Equal(ServiceModel.ReadByTables.Count + ServiceModel.Others.Count, ServiceModel.Services.Count);
        foreach (var service in ServiceModel.Services)
        {
            var model = ServiceModel.Find(service)!;
            foreach (var name in model.OperationNames)
            {
                var operation = model.FindOperation(name)!;
                var seen = new HashSet<Shape>();
                foreach (var root in new[] { operation.Input, operation.Output })
                {
                    if (root is not null)
                        Walk(root.Shape, seen);
                }
                foreach (var token in operation.Pagination?.InputTokens ?? [])
                    Assert.True(operation.Input!.Shape.FindMember(token) is not null, $"{service}:{name} takes no {token}");
                foreach (var result in operation.Pagination?.Results ?? [])
                {
                    var at = operation.Output!.Shape;
                    foreach (var part in result.Path)
                        at = at.FindMember(part)?.Shape ?? throw new InvalidOperationException($"{service}:{name} returns no {result.Text}");
                }
            }
        }
    }

    [Theory]
    // What hands out secrets, credentials, or the customer's own data ...
    [InlineData("cognito-identity", null, null)]
    [InlineData("dynamodbstreams", null, null)]
    [InlineData("sdb", null, null)]
    [InlineData("lightsail", "GetRelationalDatabaseMasterUserPassword", null)]
    [InlineData("lightsail", "GetInstanceAccessDetails", null)]
    [InlineData("codecommit", "GetBlob", null)]
    [InlineData("workspaces-web", "GetSession", null)]
    [InlineData("kinesisvideo", "GetDataEndpoint", null)]
    [InlineData("managedblockchain-query", null, null)]
    [InlineData("codeartifact", "GetAuthorizationToken", null)]
    // ... and members in which they stand.
    [InlineData("amplify", "GetApp", "environmentVariables")]
    [InlineData("apprunner", "DescribeService", "RuntimeEnvironmentVariables")]
    [InlineData("batch", "DescribeJobDefinitions", "environment")]
    [InlineData("cognito-idp", "DescribeUserPoolClient", "ClientSecret")]
    [InlineData("directconnect", "DescribeVirtualInterfaces", "authKey")]
    [InlineData("iot", "GetTopicRule", "token")]
    [InlineData("iotwireless", "GetWirelessDevice", "AppKey")]
    [InlineData("ivs", "GetStreamKey", "value")]
    [InlineData("codepipeline", "ListWebhooks", "SecretToken")]
    [InlineData("mwaa", "GetEnvironment", "AirflowConfigurationOptions")]
    [InlineData("grafana", "DescribeWorkspace", "grafanaToken")]
    public void What_no_shipped_table_reads_hands_out_no_secret(string service, string? operation, string? member)
    {
        var model = ServiceModel.Find(service);
        if (operation is null)
        {
            Assert.Null(model);
            return;
        }
        Assert.NotNull(model);
        var found = model.FindOperation(operation);
        if (member is null)
        {
            Assert.Null(found);
            return;
        }
        var seen = new HashSet<Shape>();
        if (found?.Output is { } output)
            Walk(output.Shape, seen);
        Assert.DoesNotContain(member, seen.SelectMany(shape => shape.Members).Select(one => one.Name));
    }

    [Theory]
    [InlineData("vpc-lattice", "ListAccessLogSubscriptions", "eu-west-1", "vpc-lattice.eu-west-1.amazonaws.com", "eu-west-1")]
    [InlineData("scheduler", "GetSchedule", "cn-north-1", "scheduler.cn-north-1.amazonaws.com.cn", "cn-north-1")]
    [InlineData("osis", "GetPipeline", "us-east-1", "osis.us-east-1.amazonaws.com", "us-east-1")]
    [InlineData("dsql", "ListClusters", "eu-west-1", "dsql.eu-west-1.api.aws", "eu-west-1")]
    [InlineData("billing", "GetBillingPreferences", "eu-west-1", "billing.us-east-1.api.aws", "us-east-1")]
    [InlineData("ram", "GetResourceShares", "us-gov-west-1", "ram.us-gov-west-1.amazonaws.com", "us-gov-west-1")]
    public void Every_service_can_be_asked_where_it_is(string service, string operation, string region, string host, string signingRegion)
    {
        var model = ServiceModel.Find(service)!;
        Assert.NotNull(model.FindOperation(operation));
        Assert.Equal((host, signingRegion), EndpointTable.Default.Resolve(model.EndpointPrefix, region));
    }

    [Fact]
    public async Task The_models_are_those_of_aws()
    {
        var source = AwsSdkApis() ?? await BotocoreDataAsync();
        var node = Tools.Find("node");
        if (source is null || node is null)
        {
            Assert.False(Tools.InContinuousIntegration, "CI must provide node and the service models: npm ci in tests/node (package aws-sdk), or BOTOCORE_DATA.");
            Assert.Skip("Neither npm aws-sdk nor botocore is on this machine, or no node.");
        }

        var folder = Directory.CreateTempSubdirectory("models-");
        try
        {
            var generator = Path.Combine(Tools.Repository, "src", "Scanner.Aws", "ServiceModels", "generate.mjs");
            var (code, output) = await Tools.RunAsync(node, [generator, source, folder.FullName], cancellation: TestContext.Current.CancellationToken);
            Assert.True(code == 0, output);
            var compared = 0;
            var differences = new List<string>();
            foreach (var service in ServiceModel.ReadByTables)
            {
                var path = Path.Combine(folder.FullName, service + ".json");
                if (!File.Exists(path))
                    continue;
                using var theirs = JsonDocument.Parse(File.ReadAllBytes(path));
                using var ours = JsonDocument.Parse(ServiceModel.Open(service + ".json")!);
                compared += Compare(service, ours.RootElement, theirs.RootElement, differences);
            }
            // Of Glue's maps, in which people keep passwords, our models know the harmless keys alone.
            var unknown = differences.Except(ChangedByAws, StringComparer.Ordinal)
                .Where(difference => !(difference.StartsWith("glue:", StringComparison.Ordinal) && difference.EndsWith(" is structure, there map", StringComparison.Ordinal)))
                .ToArray();
            Assert.True(unknown.Length == 0, string.Join(Environment.NewLine, unknown));
            // Both sources know more operations than this; fewer would mean that hardly anything was compared.
            Assert.True(compared > 1200, $"only {compared} operations were compared");
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static void Walk(Shape shape, HashSet<Shape> seen)
    {
        if (!seen.Add(shape))
            return;
        foreach (var member in shape.Members)
            Walk(member.Shape, seen);
        foreach (var part in new[] { shape.Member, shape.Key, shape.Value })
        {
            if (part is not null)
                Walk(part.Shape, seen);
        }
    }

    /// <summary>
    /// What goes over the wire is the same: the sources differ in age, so each may know members and operations that the
    /// other does not, but what both know must be sent and read alike.
    /// </summary>
    private static int Compare(string service, JsonElement ours, JsonElement theirs, List<string> differences)
    {
        if (ours.GetProperty("metadata").GetProperty("apiVersion").GetString() != theirs.GetProperty("metadata").GetProperty("apiVersion").GetString())
            return 0;
        // A service may have learned a second protocol between the two sources (sqs, cloudwatch).
        if (ours.GetProperty("metadata").GetProperty("protocol").GetString() != theirs.GetProperty("metadata").GetProperty("protocol").GetString())
            return 0;
        var isJson = Text(ours.GetProperty("metadata"), "protocol") == "json";
        foreach (var name in isJson ? (string[])["targetPrefix", "endpointPrefix", "jsonVersion"] : ["endpointPrefix"])
            Check(Text(theirs.GetProperty("metadata"), name) == Text(ours.GetProperty("metadata"), name), $"{service}: {name}", differences);
        var ourShapes = Shapes(ours);
        var theirShapes = Shapes(theirs);
        var count = 0;
        foreach (var operation in ours.GetProperty("operations").EnumerateObject())
        {
            if (!theirs.GetProperty("operations").TryGetProperty(operation.Name, out var other))
                continue;
            count++;
            var where = $"{service}:{operation.Name}";
            Check(Request(other) == Request(operation.Value), $"{where}: {Request(operation.Value)}, there {Request(other)}", differences);
            Check(Text(other, "resultWrapper") == Text(operation.Value, "resultWrapper"), $"{where}: resultWrapper", differences);
            foreach (var side in (string[])["input", "output"])
            {
                if (operation.Value.TryGetProperty(side, out var mine) && other.TryGetProperty(side, out var that))
                    CompareShapes(where, ourShapes, theirShapes, mine, that, [], differences);
            }
        }
        return count;
    }

    private static void CompareShapes(string where, Dictionary<string, JsonElement> ours, Dictionary<string, JsonElement> theirs, JsonElement mine, JsonElement that, HashSet<string> seen, List<string> differences)
    {
        var name = mine.GetProperty("shape").GetString()!;
        if (!seen.Add(name + "/" + that.GetProperty("shape").GetString()))
            return;
        var a = ours[name];
        var b = theirs[that.GetProperty("shape").GetString()!];
        Check(Kind(a) == Kind(b), $"{where}: {name} is {Kind(a)}, there {Kind(b)}", differences);
        Check(Text(a, "payload") == Text(b, "payload"), $"{where}: {name}'s payload differs", differences);
        foreach (var part in (string[])["member", "key", "value"])
        {
            if (a.TryGetProperty(part, out var x) && b.TryGetProperty(part, out var y))
            {
                Check(Text(x, "locationName") == Text(y, "locationName"), $"{where}: {name}'s {part} is named otherwise", differences);
                CompareShapes(where, ours, theirs, x, y, seen, differences);
            }
        }
        if (!a.TryGetProperty("members", out var members) || !b.TryGetProperty("members", out var others))
            return;
        foreach (var member in members.EnumerateObject())
        {
            if (!others.TryGetProperty(member.Name, out var other))
                continue;
            foreach (var fact in (string[])["location", "locationName", "queryName"])
                Check(Text(member.Value, fact) == Text(other, fact) || (fact == "locationName" && Text(other, "location") == "uri"), $"{name}.{member.Name} has {fact} {Text(member.Value, fact)}, there {Text(other, fact)}", differences);
            CompareShapes(where, ours, theirs, member.Value, other, seen, differences);
        }
    }

    private static string? AwsSdkApis() =>
        Tools.NodeModules is { } modules && Path.Combine(modules, "aws-sdk", "apis") is var apis && Directory.Exists(apis) ? apis : null;

    private static async Task<string?> BotocoreDataAsync()
    {
        if (Environment.GetEnvironmentVariable("BOTOCORE_DATA") is { } given)
            return given;
        if (Tools.Find("python3") is not { } python)
            return null;
        var (code, output) = await Tools.RunAsync(python, ["-c", "import botocore, os; print(os.path.join(os.path.dirname(botocore.__file__), 'data'))"]);
        return code == 0 && Directory.Exists(output.Trim()) ? output.Trim() : null;
    }

    private static string? Text(JsonElement json, string name) => json.TryGetProperty(name, out var value) ? value.ToString() : null;

    private static string Kind(JsonElement shape) => Text(shape, "type") switch
    {
        "integer" or "long" => "whole",
        "float" or "double" => "number",
        var other => other!,
    };

    private static Dictionary<string, JsonElement> Shapes(JsonElement model) =>
        model.GetProperty("shapes").EnumerateObject().ToDictionary(s => s.Name, s => s.Value, StringComparer.Ordinal);

    /// <summary>Verb and path. What labels are called does not go over the wire; a slash at the end AWS takes or leaves.</summary>
    private static string Request(JsonElement operation)
    {
        var http = operation.GetProperty("http");
        return Text(http, "method") + " " + Regex.Replace((Text(http, "requestUri") ?? "/").TrimEnd('/'), @"\{[^+}]*(?<greedy>\+?)\}", "{${greedy}}", RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(1));
    }

    private static void Check(bool same, string difference, List<string> differences)
    {
        if (!same)
            differences.Add(difference);
    }
}
