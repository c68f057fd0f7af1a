using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Text.Json.Nodes;
using System.Xml.Linq;
using Amazon.Runtime;
using Loopback;
using Scanner.Aws.Client;
using Scanner.Aws.Models;
using Scanner.Aws.Wire;

namespace Aws.Tests.Wire;

/// <summary>
/// Every operation of the shipped models against AWS's own client for Python, with parameters and replies made at random: botocore is the
/// witness of what a request looks like and of what a reply says (Vectors/botocore_vectors.py).
/// </summary>
public sealed class BotocoreTests
{
    [Fact]
    public async Task Every_operation_is_written_and_read_as_botocore_does()
    {
        if (await CompareAsync(Path.Combine(Tools.Repository, "src", "Scanner.Aws", "ServiceModels"), []) is not var (left, compared))
            return;
        // A botocore that is older than the models cannot speak for what came after it. Of that age there is little else, and nothing of the pinned one.
        var newer = left.Where(IsNewer).ToList();
        var pinned = (await File.ReadAllTextAsync(Path.Combine(Tools.Repository, "tests", "python", "requirements.txt"), TestContext.Current.CancellationToken))
            .Split('\n').First(line => line.StartsWith("botocore==", StringComparison.Ordinal))["botocore==".Length..];
        var ofDocumentation = newer.Where(one => one.StartsWith("s3tables:GetTableBucketLogging ", StringComparison.Ordinal));
        Assert.True(
            newer.Count < 100 && (!newer.Except(ofDocumentation, StringComparer.Ordinal).Any() || Version.Parse(newer[0].Split(' ')[^1]) < Version.Parse(pinned)), string.Join('\n', newer));
        Assert.Equal(["s3:GetBucketNotification: botocore leaves XML in what it reads"], left.Except(newer, StringComparer.Ordinal));
        Assert.Equal(ServiceModel.ReadByTables.Sum(service => ServiceModel.Find(service)!.OperationNames.Count()) - left.Count, compared);
    }

    // A filter of two of them is made of shapes of which replies leave members out; the path of the third is not that of older versions of botocore.
    private static readonly string[] OtherwiseByIntent = ["clouddirectory:ListIndex", "verifiedpermissions:ListPolicies", "route53globalresolver:ListHostedZoneAssociations"];

    // Every tenth of them, beginning with the first of each service; at night all.
    [Fact]
    public async Task Operations_of_the_other_services_are_written_and_read_as_botocore_does()
    {
        var every = Environment.GetEnvironmentVariable("SCANNER_GAPS") == "all" ? 1 : 10;
        var operations = ServiceModel.Others
            .SelectMany(service => ServiceModel.Find(service)!.OperationNames.Order(StringComparer.Ordinal).Where((_, i) => i % every == 0).Select(name => $"{service}:{name}"))
            .Except(OtherwiseByIntent, StringComparer.Ordinal).ToList();
        var folder = Directory.CreateTempSubdirectory("scanner-models-");
        try
        {
            foreach (var service in ServiceModel.Others)
            {
                await using var plain = File.Create(Path.Combine(folder.FullName, service + ".json"));
                await using var packed = new BrotliStream(ServiceModel.Open($"Others/{service}.json.br")!, CompressionMode.Decompress);
                await packed.CopyToAsync(plain, TestContext.Current.CancellationToken);
            }
            if (await CompareAsync(folder.FullName, operations) is not var (left, compared))
                return;
            var newer = left.Where(one => IsNewer(one) || one.Contains("Unknown service", StringComparison.Ordinal)).ToList();
            Assert.Empty(left.Except(newer, StringComparer.Ordinal));
            Assert.True(compared > operations.Count * 0.8, $"{compared} of {operations.Count} operations were compared");
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static bool IsNewer(string left) => left.Contains(" is not in botocore ", StringComparison.Ordinal);

    // What botocore cannot speak for, and how many operations are alike; null where there is no botocore.
    private static async Task<(List<string> Left, int Compared)?> CompareAsync(string models, IReadOnlyList<string> operations)
    {
        var made = Path.Combine(Path.GetTempPath(), $"scanner-botocore-{Guid.NewGuid():N}.json");
        try
        {
            if (Tools.Find("python3") is not { } python)
            {
                Missing("there is no python3 here");
                return null;
            }
            var folder = Path.Combine(Tools.Repository, "tests", "Aws.Tests", "Wire", "Vectors");
            var (code, output) = await Tools.RunAsync(
                python, [Path.Combine(folder, "botocore_vectors.py"), models, made, .. operations], cancellation: TestContext.Current.CancellationToken);
            if (output.Contains("ModuleNotFoundError", StringComparison.Ordinal))
            {
                Missing("python3 has no botocore here");
                return null;
            }
            Assert.True(code == 0, output);
            var all = JsonNode.Parse(await File.ReadAllTextAsync(made, TestContext.Current.CancellationToken))!;
            var left = all["left"]!.AsArray().Select(one => one!.GetValue<string>()).ToList();
            var vectors = all["vectors"]!.AsArray().Select(vector => vector!.AsObject()).ToList();
            var differences = vectors.AsParallel().AsOrdered().SelectMany(Differences).ToList();
            Assert.True(differences.Count == 0, $"{differences.Count}\n{string.Join('\n', differences.Take(20))}");
            return (left, vectors.Count);
        }
        finally
        {
            File.Delete(made);
        }
    }

    private static void Missing(string reason)
    {
        if (Tools.InContinuousIntegration)
            Assert.Fail(reason);
        Assert.Skip(reason);
    }

    private static IEnumerable<string> Differences(JsonObject vector)
    {
        var service = vector["service"]!.GetValue<string>();
        var operation = ServiceModel.Find(service)!.FindOperation(vector["operation"]!.GetValue<string>())!;
        var name = $"{service}:{operation.Name}";
        string ours;
        try
        {
            ours = Request(operation, vector["parameters"]!.AsObject());
        }
        catch (ParameterException e)
        {
            ours = e.Message;
        }
        if (Request(operation, vector["request"]!.AsObject(), vector) is var theirs && theirs != ours)
            yield return $"{name} of {vector["parameters"]!.ToJsonString()}\n  theirs {theirs}\n  ours   {ours}";

        var reply = vector["reply"]!.AsObject();
        var body = reply["base64"] is { } base64 ? Convert.FromBase64String(base64.GetValue<string>()) : Encoding.UTF8.GetBytes(reply["body"]!.GetValue<string>());
        var headers = reply["headers"]!.AsObject().ToDictionary(h => h.Key, h => h.Value!.ToString(), StringComparer.OrdinalIgnoreCase);
        string read;
        try
        {
            read = Text(ReplyReader.Read(operation, reply["status"]!.GetValue<int>(), header => headers.GetValueOrDefault(header), headers.Keys, body));
        }
        catch (MalformedReplyException) when (body.Length == 0 || IsNewOnly(operation, body))
        {
            // We are stricter: a reply that is empty, or holds nothing that we know, may be cut off or another one's.
            yield break;
        }
        catch (MalformedReplyException e)
        {
            read = e.Message;
        }
        if (Text(Known(vector["read"], operation.Output?.Shape)) is var expected && expected != read)
            yield return $"{name} of the reply {reply.ToJsonString()}\n  theirs {expected}\n  ours   {read}";
    }

    // Without the members that our models leave out because secrets stand in them; ServiceModelTests hold that nothing else is left out.
    private static JsonNode? Known(JsonNode? read, Shape? shape) => read switch
    {
        JsonObject structure when shape is { Kind: ShapeKind.Structure } => new JsonObject(structure
            .Where(member => shape.FindMember(member.Key) is not null)
            .Select(member => KeyValuePair.Create(member.Key, Known(member.Value, shape.FindMember(member.Key)!.Shape)))),
        JsonObject map when shape?.Value is { } value => new JsonObject(map.Select(pair => KeyValuePair.Create(pair.Key, Known(pair.Value, value.Shape)))),
        JsonArray list when shape?.Member is { } member => new JsonArray([.. list.Select(item => Known(item, member.Shape))]),
        _ => read?.DeepClone(),
    };

    private static bool IsNewOnly(OperationModel operation, byte[] body) => operation.Service.Protocol == Protocol.RestXml
        && XElement.Parse(Encoding.UTF8.GetString(body)).Elements().All(element => element.Name.LocalName == "SomethingNew");

    private static string Request(OperationModel operation, JsonObject parameters)
    {
        var wire = RequestWriter.Write(operation, parameters);
        var request = SdkMarshaller.Instance.Marshall(new SdkRequest(operation, wire, null));
        request.Endpoint = new Uri("https://example.com");
        var uri = AmazonServiceClient.ComposeUrl(request);
        return Request(
            request.HttpMethod, uri.AbsolutePath.Split('/').Select(Uri.UnescapeDataString), Pairs(uri.Query.TrimStart('?')),
            request.Headers.Where(h => h.Key is not ("Content-Type" or "Content-Length" or "Accept" or "Content-MD5")).Select(h => $"{h.Key.ToLowerInvariant()}: {h.Value.Replace(", ", ",", StringComparison.Ordinal)}"),
            Body(operation, Encoding.UTF8.GetString(request.Content ?? [])));
    }

    private static string Request(OperationModel operation, JsonObject request, JsonObject vector) => Request(
        request["method"]!.GetValue<string>(), request["path"]!.AsArray().Select(part => part!.GetValue<string>()),
        request["query"]!.AsArray().Select(pair => $"{pair![0]}={pair[1]}"),
        request["headers"]!.AsObject().Where(h => h.Key is not ("content-type" or "accept")).Select(h => $"{h.Key}: {h.Value}"),
        request["form"] is JsonArray form
            ? string.Join('\n', form.Select(pair => $"{pair![0]}={pair[1]}").Order(StringComparer.Ordinal))
            : Body(operation, request["text"]?.GetValue<string>() ?? ""));

    private static string Request(string method, IEnumerable<string> path, IEnumerable<string> query, IEnumerable<string> headers, string body) =>
        $"{method} {string.Join('/', path)} ?{string.Join('&', query.Order(StringComparer.Ordinal))} [{string.Join(", ", headers.Order(StringComparer.Ordinal))}] {body}";

    private static IEnumerable<string> Pairs(string text) => text.Split('&', StringSplitOptions.RemoveEmptyEntries)
        .Select(pair => string.Join('=', pair.Split('=', 2).Append("").Take(2).Select(part => Uri.UnescapeDataString(part.Replace('+', ' ')))));

    private static string Body(OperationModel operation, string body)
    {
        if (operation.Service.Protocol is Protocol.Query or Protocol.Ec2)
            return string.Join('\n', Pairs(body).Order(StringComparer.Ordinal));
        if (body.TrimStart().StartsWith('<'))
            return XElement.Parse(body).ToString();
        return body.TrimStart().StartsWith('{') ? Text(JsonNode.Parse(body)) : body;
    }

    // Members in one order, times and numbers in one form.
    private static string Text(JsonNode? node) => Sorted(node)?.ToJsonString() ?? "null";

    private static JsonNode? Sorted(JsonNode? node) => node switch
    {
        JsonObject { Count: 1 } map when map["$millis"] is { } millis => JsonValue.Create(Timestamps.Iso(DateTime.UnixEpoch.AddMilliseconds(millis.GetValue<long>()))),
        JsonObject map => new JsonObject(map.Where(p => p.Value is not null).OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => KeyValuePair.Create(p.Key, Sorted(p.Value)))),
        JsonArray list => new JsonArray([.. list.Select(Sorted)]),
        JsonValue value when value.GetValueKind() == System.Text.Json.JsonValueKind.Number => JsonValue.Create(decimal.Parse(value.ToJsonString(), NumberStyles.Float, CultureInfo.InvariantCulture)),
        _ => node?.DeepClone(),
    };
}
