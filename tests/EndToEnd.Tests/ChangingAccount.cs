using System.Globalization;
using System.Text.Json.Nodes;
using Loopback.Aws;

namespace EndToEnd.Tests;

/// <summary>An account with queues, buckets, functions, users and networks that change, and whose CloudTrail tells of what it tells of in AWS.</summary>
internal sealed class ChangingAccount
{
    /// <summary>A policy that lets everybody in.</summary>
    public const string OpenPolicy = """{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}]}""";

    private static readonly string[] Regions = ["eu-west-1", "us-east-1"];

    private readonly List<(string Source, string Name, string Region, DateTimeOffset At)> _events = [];
    private readonly Dictionary<string, int> _functions = Regions.ToDictionary(region => region, _ => 1, StringComparer.Ordinal);
    private readonly Dictionary<string, int> _networks = Regions.ToDictionary(region => region, _ => 1, StringComparer.Ordinal);
    private readonly List<string> _openBuckets = [];
    private int _passwordLength = 8;
    private int _users = 1;

    /// <summary>Policies of the queue in each region; empty for none.</summary>
    public Dictionary<string, string> QueuePolicy { get; } = Regions.ToDictionary(region => region, _ => "", StringComparer.Ordinal);

    /// <summary>What happened, one line an event.</summary>
    public IEnumerable<string> Told => _events.Select(one => string.Create(CultureInfo.InvariantCulture, $"{one.At:u} {one.Region} {one.Source} {one.Name}"));

    /// <summary>Changes something, of which an event tells.</summary>
    public void Change(string source, string name, string region, Action<ChangingAccount> change, int hoursAgo = 0)
    {
        change(this);
        _events.Add((source, name, region, DateTimeOffset.UtcNow - TimeSpan.FromHours(hoursAgo)));
    }

    /// <summary>Lets CloudTrail know of nothing.</summary>
    public void Forget() => _events.Clear();

    /// <summary>Changes any one thing; of networks no event tells.</summary>
    public void ChangeSomething(Random random)
    {
        var region = Regions[random.Next(Regions.Length)];
        switch (random.Next(6))
        {
            case 0: Change("sqs.amazonaws.com", "SetQueueAttributes", region, account => account.QueuePolicy[region] = account.QueuePolicy[region].Length > 0 ? "" : OpenPolicy); break;
            case 1: Change("s3.amazonaws.com", "PutBucketPolicy", region, account => Toggle(account._openBuckets, $"bucket-{region}")); break;
            case 2: Change("lambda.amazonaws.com", "CreateFunction20150331", region, account => account._functions[region]++); break;
            case 3: Change("iam.amazonaws.com", "UpdateAccountPasswordPolicy", "us-east-1", account => account._passwordLength = 22 - account._passwordLength); break;
            case 4: Change("iam.amazonaws.com", "CreateUser", "us-east-1", account => account._users++); break;
            default: _networks[region]++; break;
        }
    }

    /// <summary>Answers for AWS.</summary>
    public void Answer(AwsServer aws)
    {
        aws.Reply("ec2", "DescribeRegions", _ => Of("Regions", Regions.Select(region => new JsonObject { ["RegionName"] = region, ["OptInStatus"] = "opt-in-not-required" })));
        aws.Reply("iam", "GenerateCredentialReport", """{"State": "COMPLETE"}""");
        aws.Reply("ec2", "DescribeVpcs", request => Of("Vpcs", Enumerable.Range(0, _networks[request.Region]).Select(i => new JsonObject { ["VpcId"] = $"vpc-{i}", ["OwnerId"] = aws.Account, ["IsDefault"] = false })));
        aws.Reply("sqs", "ListQueues", request => new JsonObject { ["QueueUrls"] = new JsonArray($"https://sqs.{request.Region}.amazonaws.com/{aws.Account}/q") });
        aws.Reply("sqs", "GetQueueAttributes", request =>
        {
            var attributes = new JsonObject { ["QueueArn"] = $"arn:aws:sqs:{request.Region}:{aws.Account}:q" };
            if (QueuePolicy[request.Region] is { Length: > 0 } policy)
                attributes["Policy"] = policy;
            return new JsonObject { ["Attributes"] = attributes };
        });
        aws.Reply("lambda", "ListFunctions", request => Of("Functions", Enumerable.Range(0, _functions[request.Region])
            .Select(i => new JsonObject { ["FunctionName"] = $"f{i}", ["FunctionArn"] = $"arn:aws:lambda:{request.Region}:{aws.Account}:function:f{i}" })));
        aws.Reply("s3", "ListBuckets", _ => Of("Buckets", Regions.Select(region => new JsonObject { ["Name"] = $"bucket-{region}", ["BucketRegion"] = region })));
        aws.Reply("s3", "GetBucketPolicy", request => _openBuckets.Contains(request["Bucket"]!) ? new JsonObject { ["Policy"] = OpenPolicy } : throw new AwsError("NoSuchBucketPolicy", 404));
        aws.Reply("iam", "GetAccountPasswordPolicy", _ => new JsonObject { ["PasswordPolicy"] = new JsonObject { ["MinimumPasswordLength"] = _passwordLength, ["RequireSymbols"] = true } });
        aws.Reply("iam", "GetAccountAuthorizationDetails", request => request.Parameters["Filter"]?.ToJsonString().Contains("User", StringComparison.Ordinal) != true ? []
            : Of("UserDetailList", Enumerable.Range(0, _users).Select(i => new JsonObject { ["UserName"] = $"u{i}", ["UserId"] = $"AIDA{i}", ["Arn"] = $"arn:aws:iam::{aws.Account}:user/u{i}", ["Path"] = "/" })));
        aws.Reply("cloudtrail", "LookupEvents", request =>
        {
            var changes = request.Parameters["LookupAttributes"]!.ToJsonString() == """[{"AttributeKey":"ReadOnly","AttributeValue":"false"}]""";
            var since = DateTimeOffset.Parse(request["StartTime"]!, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);
            return Of("Events", _events.Where(one => changes && one.Region == request.Region && one.At >= since).OrderByDescending(one => one.At).Select(one =>
            {
                var entry = new JsonObject { ["EventId"] = Guid.NewGuid().ToString(), ["EventName"] = one.Name, ["EventTime"] = one.At.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture), ["ReadOnly"] = "false" };
                if (one.Source.Length > 0)
                    entry["EventSource"] = one.Source;
                return entry;
            }));
        });
    }

    private static JsonObject Of(string list, IEnumerable<JsonObject> items) => new() { [list] = new JsonArray([.. items]) };

    private static void Toggle(List<string> names, string name)
    {
        if (!names.Remove(name))
            names.Add(name);
    }
}
