using System.Globalization;
using System.Text.Json.Nodes;
using CsCheck;
using Loopback.Aws;
using Scanner.Aws;
using Scanner.Aws.Client;
using Scanner.Aws.Models;
using Scanner.Aws.Session;
using Scanner.Aws.Wire;

namespace Aws.Tests.Wire;

public sealed class LiveProtocolTests : IAsyncLifetime
{
    private AwsServer _server = null!;
    private AwsSession _session = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await AwsServer.StartAsync();
        _session = await LiveServer.OpenAsync(_server);
    }

    public async ValueTask DisposeAsync()
    {
        _session.Dispose();
        await _server.DisposeAsync();
    }

    public static TheoryData<string, string, string, string> RoundTrips => new()
    {
        // json 1.1: timestamps as numbers
        { "cloudtrail", "GetTrailStatus", """{"Name":"arn:aws:cloudtrail:eu-west-1:111111111111:trail/t ü"}""",
          """{"IsLogging":true,"LatestDeliveryTime":"2026-01-31T12:00:00.5Z","StartLoggingTime":"2026-01-31T12:00:00Z"}""" },
        { "cloudtrail", "LookupEvents", """{"LookupAttributes":[{"AttributeKey":"EventName","AttributeValue":"a&b=c"}],"StartTime":"2026-01-31T12:00:00Z","MaxResults":50}""",
          """{"Events":[{"EventId":"e","CloudTrailEvent":"{\"a\":1}"}]}""" },
        { "dynamodb", "DescribeTable", """{"TableName":"t"}""", """{"Table":{"TableName":"t","ItemCount":5,"SSEDescription":{"Status":"ENABLED"}}}""" },
        // rest-json: labels, query lists, headers, maps
        { "lambda", "GetPolicy", """{"FunctionName":"arn:aws:lambda:eu-west-1:111111111111:function:f","Qualifier":"1"}""", """{"Policy":"{}","RevisionId":"r"}""" },
        { "eks", "DescribeCluster", """{"name":"c/d e"}""", """{"cluster":{"name":"c/d e","createdAt":"2026-01-31T12:00:00Z","logging":{"clusterLogging":[{"types":["api"],"enabled":true}]}}}""" },
        { "guardduty", "GetFindings", """{"DetectorId":"d","FindingIds":["a","b"],"SortCriteria":{"OrderBy":"DESC"}}""", """{"Findings":[{"Id":"a","Severity":5.5}]}""" },
        { "apigateway", "GetStages", """{"restApiId":"a"}""", """{"item":[{"stageName":"prod","tracingEnabled":false,"variables":{"a":"b"}}]}""" },
        { "backup", "ListTags", """{"ResourceArn":"arn:aws:backup:eu-west-1:111111111111:backup-vault:v"}""", """{"Tags":{"a":"b"}}""" },
        // query: lists with and without member, flattened, maps, wrapper
        { "iam", "GetAccountSummary", "{}", """{"SummaryMap":{"Users":3,"AccountMFAEnabled":1}}""" },
        { "iam", "GetAccountAuthorizationDetails", """{"Filter":["User","Role"]}""",
          """{"RoleDetailList":[{"RoleName":"r","AssumeRolePolicyDocument":{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"AWS":"*"}}]}}]}""" },
        { "elbv2", "DescribeLoadBalancerAttributes", """{"LoadBalancerArn":"arn"}""", """{"Attributes":[{"Key":"access_logs.s3.enabled","Value":"true"}]}""" },
        { "rds", "DescribeDBInstances", """{"Filters":[{"Name":"engine","Values":["mysql","aurora"]}]}""",
          """{"DBInstances":[{"DBInstanceIdentifier":"d","EnabledCloudwatchLogsExports":["audit"],"MultiAZ":false,"AllocatedStorage":20}]}""" },
        { "sns", "GetTopicAttributes", """{"TopicArn":"arn"}""", """{"Attributes":{"Policy":"{\"a\":\"<&>\"}"}}""" },
        // ec2
        { "ec2", "DescribeFlowLogs", """{"Filter":[{"Name":"resource-id","Values":["vpc-1"]}]}""", """{"FlowLogs":[{"FlowLogId":"fl-1","CreationTime":"2026-01-31T12:00:00Z","Tags":[{"Key":"a","Value":" b "}]}]}""" },
        { "ec2", "GetEbsEncryptionByDefault", "{}", """{"EbsEncryptionByDefault":true}""" },
        // rest-xml: payloads, attributes, flattened lists, text replies, headers
        { "s3", "GetBucketAcl", """{"Bucket":"my-bucket"}""",
          """{"Owner":{"ID":"o"},"Grants":[{"Grantee":{"Type":"Group","URI":"http://acs.amazonaws.com/groups/global/AllUsers"},"Permission":"READ"}]}""" },
        { "s3", "GetBucketPolicy", """{"Bucket":"my-bucket"}""", """{"Policy":"{\"Version\":\"2012-10-17\"}"}""" },
        { "s3", "GetBucketLocation", """{"Bucket":"my-bucket"}""", """{"LocationConstraint":"eu-west-1"}""" },
        { "s3", "HeadBucket", """{"Bucket":"my-bucket"}""", """{"BucketRegion":"eu-west-1","AccessPointAlias":false}""" },
        { "s3", "GetPublicAccessBlock", """{"Bucket":"my-bucket"}""", """{"PublicAccessBlockConfiguration":{"BlockPublicAcls":true,"IgnorePublicAcls":true,"BlockPublicPolicy":false,"RestrictPublicBuckets":true}}""" },
        { "s3", "GetBucketCors", """{"Bucket":"my-bucket"}""", """{"CORSRules":[{"AllowedMethods":["GET","PUT"],"AllowedOrigins":["*"]},{"AllowedMethods":["HEAD"],"AllowedOrigins":["a"]}]}""" },
        { "s3control", "GetPublicAccessBlock", """{"AccountId":"111111111111"}""", """{"PublicAccessBlockConfiguration":{"BlockPublicAcls":true}}""" },
        { "cloudfront", "GetDistributionConfig", """{"Id":"E1"}""", """{"ETag":"x","DistributionConfig":{"Comment":"c","Logging":{"Enabled":true,"IncludeCookies":false,"Bucket":"b","Prefix":""}}}""" },
        { "route53", "ListQueryLoggingConfigs", "{}", """{"QueryLoggingConfigs":[{"Id":"i","HostedZoneId":"z","CloudWatchLogsLogGroupArn":"arn"}]}""" },
        { "cloudwatch", "DescribeAlarms", """{"AlarmTypes":["MetricAlarm"]}""", """{"MetricAlarms":[{"AlarmName":"a","Threshold":1.5,"ActionsEnabled":true}]}""" },
    };

    [Theory]
    [MemberData(nameof(RoundTrips))]
    public async Task Parameters_arrive_and_the_reply_comes_back_as_the_cli_prints_it(string service, string operation, string parameters, string reply)
    {
        _server.Reply(service, operation, reply);

        var actual = await _session.AskAsync(service, operation, parameters);

        LiveServer.Same(reply, actual);
        var request = Assert.Single(_server.Requests);
        LiveServer.Same(parameters, request.Parameters);
        Assert.Equal((service, operation), (request.Service, request.Operation));
    }

    [Fact]
    public async Task The_location_of_a_bucket_in_us_east_1_is_null_as_the_cli_prints_it()
    {
        _server.Reply("s3", "GetBucketLocation", "{}");
        LiveServer.Same("""{"LocationConstraint":null}""", await _session.AskAsync("s3", "GetBucketLocation", """{"Bucket":"b-1"}"""));
    }

    [Fact]
    public async Task A_signature_with_the_wrong_secret_is_refused_by_the_server()
    {
        var refused = await Assert.ThrowsAsync<Scanner.Model.InputException>(() => AwsSession.OpenAsync(
            _server.SessionOptions with { Credentials = new Amazon.Runtime.BasicAWSCredentials(AwsServer.AccessKeyId, "another") },
            TestContext.Current.CancellationToken));
        Assert.Contains("SignatureDoesNotMatch", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Hostile_parameters_stay_values()
    {
        await Gen.String[1, 40].Where(s => !s.Contains('\0') && s.All(c => !char.IsSurrogate(c))).SampleAsync(
            async text =>
            {
                var name = new JsonObject { ["name"] = text }.ToJsonString();
                await _session.AskAsync("eks", "DescribeCluster", name);
                await _session.AskAsync("iam", "GetUser", new JsonObject { ["UserName"] = text }.ToJsonString());
                await _session.AskAsync("cloudtrail", "GetTrail", new JsonObject { ["Name"] = text }.ToJsonString());
                await _session.AskAsync("guardduty", "ListTagsForResource", new JsonObject { ["ResourceArn"] = text }.ToJsonString());
                var values = _server.Requests.Select(r => r["name"] ?? r["UserName"] ?? r["Name"] ?? r["ResourceArn"]).ToArray();
                _server.ClearRequests();
                Assert.All(values, v => Assert.Equal(text, v));
            },
            iter: 60,
            threads: 1);
    }

    [Fact]
    public void Any_time_survives_each_format()
    {
        Gen.Long[0, 4_000_000_000_000].Sample(milliseconds =>
        {
            var utc = DateTime.UnixEpoch.AddMilliseconds(milliseconds);
            Assert.True(Timestamps.TryParse(Timestamps.Write(utc, "iso8601"), out var iso));
            Assert.True(Timestamps.TryParse(Timestamps.Write(utc, "unixTimestamp"), out var unix));
            Assert.True(Timestamps.TryParse(Timestamps.Write(utc, "rfc822"), out var rfc));
            Assert.Equal(utc, iso);
            Assert.Equal(utc, unix);
            Assert.Equal(utc.AddTicks(-(utc.Ticks % TimeSpan.TicksPerSecond)), rfc);
        });
    }

    [Theory]
    [InlineData("cloudtrail", "DeleteTrail")]
    [InlineData("sts", "AssumeRole")]
    [InlineData("securityhub", "BatchImportFindings")]
    [InlineData("secretsmanager", "GetSecretValue")]
    [InlineData("s3", "GetObject")]
    [InlineData("iam", "NoSuchOperation")]
    [InlineData("nosuchservice", "ListThings")]
    [InlineData("ec2", "Getaway")]
    public async Task What_does_not_read_is_refused_before_the_wire(string service, string operation)
    {
        await Assert.ThrowsAsync<InvalidOperationException>(() => _session.AskAsync(service, operation));
        Assert.Empty(_server.Requests);
    }

    [Fact]
    public void Every_operation_of_every_model_is_one_that_reads_or_opens_a_session_but_for_the_import_that_a_user_asks_for()
    {
        var others = ServiceModel.Services
            .SelectMany(s => ServiceModel.Find(s)!.OperationNames.Where(o => !ReadOnlyGuard.IsReading(s, o)).Select(o => $"{s}:{o}"))
            .Order(StringComparer.Ordinal);
        Assert.Equal(["securityhub:BatchImportFindings", "sts:AssumeRole", "sts:AssumeRoleWithWebIdentity"], others);
    }

    [Theory]
    [InlineData("""{"NoSuch":1}""")]
    [InlineData("""{"trailNameList":"a"}""")]
    [InlineData("""{"includeShadowTrails":"maybe"}""")]
    public async Task Parameters_that_do_not_fit_are_an_error_and_not_sent(string parameters)
    {
        var error = await Assert.ThrowsAsync<AwsApiException>(() => _session.AskAsync("cloudtrail", "DescribeTrails", parameters));
        Assert.Equal("ParameterValidation", error.Code);
        Assert.Empty(_server.Requests);
    }

    [Theory]
    [InlineData("iam", "ListUsers", "ap-southeast-2", "us-east-1")]
    [InlineData("ec2", "DescribeVpcs", "ap-southeast-2", "ap-southeast-2")]
    [InlineData("cloudfront", "ListDistributions", "eu-west-1", "us-east-1")]
    [InlineData("organizations", "ListAccounts", "cn-north-1", "cn-northwest-1")]
    [InlineData("iam", "ListUsers", "us-gov-east-1", "us-gov-west-1")]
    [InlineData("s3", "ListBuckets", "eu-west-1", "eu-west-1")]
    public async Task Requests_are_signed_for_the_region_that_answers(string service, string operation, string asked, string signed)
    {
        await _session.AskAsync(service, operation, region: asked);
        Assert.Equal(signed, Assert.Single(_server.Requests).Region);
        Assert.Equal(1, _session.Api.CallCount);
    }

    [Theory]
    [InlineData("ec2", "eu-west-1", "ec2.eu-west-1.amazonaws.com", "eu-west-1")]
    [InlineData("ec2", "cn-north-1", "ec2.cn-north-1.amazonaws.com.cn", "cn-north-1")]
    [InlineData("iam", "eu-west-1", "iam.amazonaws.com", "us-east-1")]
    [InlineData("iam", "cn-northwest-1", "iam.cn-north-1.amazonaws.com.cn", "cn-north-1")]
    [InlineData("route53", "us-gov-west-1", "route53.us-gov.amazonaws.com", "us-gov-west-1")]
    [InlineData("sts", "ap-south-1", "sts.ap-south-1.amazonaws.com", "ap-south-1")]
    [InlineData("api.ecr", "us-east-1", "api.ecr.us-east-1.amazonaws.com", "us-east-1")]
    [InlineData("waf", "us-east-1", "waf.amazonaws.com", "us-east-1")]
    [InlineData("ec2", "us-east-9", "ec2.us-east-9.amazonaws.com", "us-east-9")]
    public void Hosts_are_those_of_the_partition(string prefix, string region, string host, string signing) =>
        Assert.Equal((host, signing), EndpointTable.Default.Resolve(prefix, region));

    [Fact]
    public async Task An_endpoint_of_one_service_in_the_environment_is_used()
    {
        // No other test asks this service without an endpoint of its own.
        await using var other = await AwsServer.StartAsync();
        Environment.SetEnvironmentVariable("AWS_ENDPOINT_URL_ROUTE53RESOLVER", other.Url.ToString().TrimEnd('/'));
        try
        {
            using var transport = new AwsTransport(_server.SessionOptions.Limits);
            using var api = new LiveAwsApi("111111111111", _server.SessionOptions.Credentials!, transport);
            await api.CallAsync(new AwsCall("eu-west-1", "route53resolver", "ListResolverQueryLogConfigs", []), TestContext.Current.CancellationToken);
            Assert.Equal("ListResolverQueryLogConfigs", Assert.Single(other.Requests).Operation);
        }
        finally
        {
            Environment.SetEnvironmentVariable("AWS_ENDPOINT_URL_ROUTE53RESOLVER", null);
        }
    }

    [Fact]
    public void Retries_are_adaptive_unless_the_environment_says_otherwise()
    {
        Assert.SkipWhen(Environment.GetEnvironmentVariable("AWS_RETRY_MODE") is not null, "AWS_RETRY_MODE is set.");
        using var transport = new AwsTransport(new LiveAwsOptions());
        Assert.Equal(Amazon.Runtime.RequestRetryMode.Adaptive, new SdkClientConfig(ServiceModel.Find("ec2")!, transport).RetryMode);
    }

    [Fact]
    public async Task The_bucket_is_asked_in_the_region_that_s3_names()
    {
        _server.Reply("s3", "GetBucketVersioning", request => request.Region == "eu-central-1"
            ? new JsonObject { ["Status"] = "Enabled" }
            : throw new AwsError("PermanentRedirect", 301, "elsewhere"));
        _server.Headers["x-amz-bucket-region"] = "eu-central-1";

        var reply = await _session.AskAsync("s3", "GetBucketVersioning", """{"Bucket":"b-1"}""");
        await _session.AskAsync("s3", "GetBucketVersioning", """{"Bucket":"b-1"}""");

        LiveServer.Same("""{"Status":"Enabled"}""", reply);
        Assert.Equal(["eu-west-1", "eu-central-1", "eu-central-1"], _server.Requests.Select(r => r.Region));
    }

    [Fact]
    public async Task Two_lookups_of_events_a_second_and_no_more()
    {
        var pages = Enumerable.Range(0, 4).Select(i => new JsonObject { ["Events"] = new JsonArray(new JsonObject { ["EventId"] = i.ToString(CultureInfo.InvariantCulture) }) }).ToArray();
        _server.Pages("cloudtrail", "LookupEvents", pages);

        var reply = await _session.AskAsync("cloudtrail", "LookupEvents");

        Assert.Equal(4, reply["Events"]!.AsArray().Count);
        var times = _server.Requests.Select(r => r.At).ToArray();
        // Spacing is the subject; a slow machine only makes it longer.
        for (var i = 1; i < times.Length; i++)
            Assert.True(times[i] - times[i - 1] > TimeSpan.FromMilliseconds(400), $"{times[i] - times[i - 1]}");
    }
}
