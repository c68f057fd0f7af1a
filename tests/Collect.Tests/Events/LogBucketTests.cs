using Amazon.S3.Model;
using Loopback.Aws;
using Scanner.Aws.Session;
using Scanner.Collect.Events;

namespace Collect.Tests.Events;

public sealed class LogBucketTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_official_s3_client_uses_the_same_endpoint_and_credentials()
    {
        await using var server = await AwsServer.StartAsync();
        server.PutObject("logs", "AWSLogs/a b.json.gz", [1, 2, 3]);
        server.PutObject("logs", "other", [4]);
        using var session = await AwsSession.OpenAsync(server.SessionOptions, Cancel);
        server.ClearRequests();
        using var s3 = LogBucket.CreateClient(session, "eu-west-1");
        var reply = await s3.ListObjectsV2Async(new ListObjectsV2Request { BucketName = "logs", Prefix = "AWSLogs/" }, Cancel);
        Assert.Equal("AWSLogs/a b.json.gz", Assert.Single(reply.S3Objects).Key);
        using var content = new MemoryStream();
        using (var found = await s3.GetObjectAsync("logs", "AWSLogs/a b.json.gz", Cancel))
            await found.ResponseStream.CopyToAsync(content, Cancel);
        Assert.Equal([1, 2, 3], content.ToArray());
        Assert.Equal(["ListObjectsV2", "GetObject"], server.Requests.Select(r => r.Operation));
        Assert.All(server.Requests, r => Assert.Equal(("logs", "eu-west-1"), (r["Bucket"], r.Region)));
    }
}
