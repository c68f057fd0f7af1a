using System.Globalization;
using System.IO.Compression;
using System.Text;

namespace Benchmarks;

/// <summary>
/// Writes CloudTrail logs as they are delivered: gz files of one <c>{"Records":[...]}</c> each, a busy account's mix of
/// events, identifiers that do not repeat (they are most of what gz cannot shrink).
/// </summary>
internal static class CloudTrailGenerator
{
    private static readonly (string Source, string Name, string Request, string Response, int Weight)[] Shapes =
    [
        ("s3.amazonaws.com", "GetObject", """{"bucketName":"acme-data-%n","Host":"acme-data-%n.s3.eu-west-1.amazonaws.com","key":"exports/2026/11/%h/part-%n.parquet"}""", "null", 14),
        ("s3.amazonaws.com", "PutObject", """{"bucketName":"acme-data-%n","Host":"acme-data-%n.s3.eu-west-1.amazonaws.com","key":"in/%u.json","x-amz-acl":"bucket-owner-full-control"}""", """{"x-amz-server-side-encryption":"aws:kms","x-amz-server-side-encryption-aws-kms-key-id":"arn:aws:kms:eu-west-1:111122223333:key/%u"}""", 6),
        ("kms.amazonaws.com", "Decrypt", """{"encryptionContext":{"aws:s3:arn":"arn:aws:s3:::acme-data-%n"},"encryptionAlgorithm":"SYMMETRIC_DEFAULT"}""", "null", 12),
        ("sts.amazonaws.com", "AssumeRole", """{"roleArn":"arn:aws:iam::111122223333:role/service-%n","roleSessionName":"%h","durationSeconds":3600}""", """{"credentials":{"accessKeyId":"ASIA%k","sessionToken":"%t","expiration":"Nov 24, 2026, 7:10:00 AM"},"assumedRoleUser":{"assumedRoleId":"AROA%k:%h","arn":"arn:aws:sts::111122223333:assumed-role/service-%n/%h"}}""", 10),
        ("ec2.amazonaws.com", "DescribeInstances", """{"maxResults":1000,"instancesSet":{},"filterSet":{"items":[{"name":"tag:Name","valueSet":{"items":[{"value":"web-%n"}]}}]}}""", "null", 10),
        ("ec2.amazonaws.com", "DescribeVolumes", """{"volumeSet":{},"filterSet":{"items":[{"name":"attachment.instance-id","valueSet":{"items":[{"value":"i-%i"}]}}]}}""", "null", 5),
        ("ec2.amazonaws.com", "RunInstances", """{"instancesSet":{"items":[{"imageId":"ami-%i","minCount":1,"maxCount":1}]},"userData":"<sensitiveDataRemoved>","instanceType":"m7g.large","subnetId":"subnet-%h","tagSpecificationSet":{"items":[{"resourceType":"instance","tags":[{"key":"Name","value":"web-%n"}]}]}}""", """{"requestId":"%u","reservationId":"r-%h","instancesSet":{"items":[{"instanceId":"i-%i","imageId":"ami-%i","instanceState":{"code":0,"name":"pending"},"privateDnsName":"ip-10-0-1-%n.eu-west-1.compute.internal","keyName":"ops"}]}}""", 1),
        ("ec2.amazonaws.com", "AuthorizeSecurityGroupIngress", """{"groupId":"sg-%h","ipPermissions":{"items":[{"ipProtocol":"tcp","fromPort":443,"toPort":443,"groups":{},"ipRanges":{"items":[{"cidrIp":"10.0.%n.0/24"}]},"ipv6Ranges":{},"prefixListIds":{}}]}}""", """{"requestId":"%u","_return":true}""", 1),
        ("logs.amazonaws.com", "CreateLogStream", """{"logGroupName":"/aws/lambda/fn-%n","logStreamName":"2026/11/24/[$LATEST]%h"}""", "null", 8),
        ("lambda.amazonaws.com", "Invoke", """{"functionName":"arn:aws:lambda:eu-west-1:111122223333:function:fn-%n","invocationType":"RequestResponse"}""", "null", 6),
        ("dynamodb.amazonaws.com", "GetItem", """{"tableName":"orders-%n","key":{"id":"HIDDEN_DUE_TO_SECURITY_REASONS"},"consistentRead":false}""", "null", 8),
        ("secretsmanager.amazonaws.com", "GetSecretValue", """{"secretId":"arn:aws:secretsmanager:eu-west-1:111122223333:secret:app-%n"}""", "null", 3),
        ("ssm.amazonaws.com", "UpdateInstanceInformation", """{"instanceId":"i-%i","agentVersion":"3.3.40.0","agentStatus":"Active","platformType":"Linux","platformName":"Amazon Linux","platformVersion":"2023","iPAddress":"10.0.1.%n","computerName":"ip-10-0-1-%n"}""", "null", 8),
        ("iam.amazonaws.com", "GetRole", """{"roleName":"service-%n"}""", "null", 3),
        ("iam.amazonaws.com", "CreateAccessKey", """{"userName":"user-%n"}""", """{"accessKey":{"userName":"user-%n","accessKeyId":"AKIA%k","status":"Active","createDate":"Nov 24, 2026, 6:10:00 AM"}}""", 0),
        ("iam.amazonaws.com", "PutRolePolicy", """{"roleName":"service-%n","policyName":"inline","policyDocument":"{\n  \"Version\": \"2012-10-17\",\n  \"Statement\": [{\"Effect\": \"Allow\", \"Action\": \"s3:*\", \"Resource\": \"arn:aws:s3:::acme-data-%n/*\"}]\n}"}""", "null", 0),
        ("cloudtrail.amazonaws.com", "LookupEvents", """{"maxResults":50,"lookupAttributes":[{"attributeKey":"EventName","attributeValue":"ConsoleLogin"}]}""", "null", 2),
        ("ecr.amazonaws.com", "BatchGetImage", """{"repositoryName":"web","imageIds":[{"imageTag":"%h"}],"acceptedMediaTypes":["application/vnd.docker.distribution.manifest.v2+json"]}""", "null", 3),
    ];

    private static readonly string[] Hot =
    [
        .. new[] { "one", "two", "three" }.Select(name => $$"""{"type":"IAMUser","principalId":"AIDACKCEVSQ6C2EXAMPLE","arn":"arn:aws:iam::111122223333:user/{{name}}","accountId":"111122223333","accessKeyId":"AKIA{{name.ToUpperInvariant()}}","userName":"{{name}}"}"""),
    ];

    /// <summary>Writes files until they are as large together as asked for; does nothing where they are there already.</summary>
    /// <param name="folder">Where to.</param>
    /// <param name="bytes">Of gz.</param>
    /// <param name="isHot">Three keys make all calls, and 28 % of the calls are refused: each of those is a hit, and all hits are of three groups.</param>
    internal static IReadOnlyList<string> Write(string folder, long bytes, bool isHot = false)
    {
        var done = Path.Combine(folder, "complete");
        if (!File.Exists(done))
        {
            Directory.CreateDirectory(folder);
            var written = 0L;
            var next = 0;
            Parallel.For(0, Environment.ProcessorCount, _ =>
            {
                while (Interlocked.Read(ref written) < bytes)
                {
                    var number = Interlocked.Increment(ref next);
                    var path = Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"111122223333_CloudTrail_eu-west-1_{number:0000}.json.gz"));
                    WriteFile(path, number, isHot);
                    Interlocked.Add(ref written, new FileInfo(path).Length);
                }
            });
            File.WriteAllText(done, "");
        }

        return [.. Directory.GetFiles(folder, "*.gz").Order(StringComparer.Ordinal)];
    }

    private static void WriteFile(string path, int seed, bool isHot)
    {
        var random = new Random(seed);
        var wheel = Shapes.SelectMany(shape => Enumerable.Repeat(shape, shape.Weight * 10)).ToArray();
        using var gz = new GZipStream(File.Create(path), CompressionLevel.Optimal);
        using var writer = new StreamWriter(gz, new UTF8Encoding(false), 1 << 16);
        writer.Write("{\"Records\":[");
        var time = new DateTime(2026, 11, 24, 0, 0, 0, DateTimeKind.Utc).AddMinutes(seed * 5);
        for (var i = 0; i < 12_000; i++)
        {
            if (i > 0)
                writer.Write(',');
            var shape = random.Next(2_000) == 0 ? Shapes[random.Next(Shapes.Length)] : wheel[random.Next(wheel.Length)];
            writer.Write("""{"eventVersion":"1.11","userIdentity":""");
            Fill(writer, random, isHot ? Hot[random.Next(Hot.Length)] : random.Next(10) switch
            {
                0 => """{"type":"AWSService","invokedBy":"autoscaling.amazonaws.com"}""",
                1 => """{"type":"IAMUser","principalId":"AIDA%k","arn":"arn:aws:iam::111122223333:user/user-%n","accountId":"111122223333","accessKeyId":"AKIA%k","userName":"user-%n"}""",
                _ => """{"type":"AssumedRole","principalId":"AROA%k:i-%i","arn":"arn:aws:sts::111122223333:assumed-role/service-%n/i-%i","accountId":"111122223333","accessKeyId":"ASIA%k","sessionContext":{"sessionIssuer":{"type":"Role","principalId":"AROA%k","arn":"arn:aws:iam::111122223333:role/service-%n","accountId":"111122223333","userName":"service-%n"},"attributes":{"creationDate":"2026-11-24T05:12:01Z","mfaAuthenticated":"false"},"ec2RoleDelivery":"2.0"}}""",
            });
            writer.Write(time.AddSeconds(i / 40).ToString("""',"eventTime":"'yyyy-MM-dd'T'HH:mm:ss'Z"'""", CultureInfo.InvariantCulture));
            writer.Write($",\"eventSource\":\"{shape.Source}\",\"eventName\":\"{shape.Name}\",\"awsRegion\":\"eu-west-1\"");
            Fill(writer, random, ",\"sourceIPAddress\":\"10.%n.%n.%n\",\"userAgent\":\"aws-sdk-java/2.29.%n Linux/6.1.112 OpenJDK_64-Bit_Server_VM/21.0.5 Java/21.0.5 exec-env/AWS_ECS_FARGATE cfg/retry-mode/standard\"");
            if (isHot ? random.Next(100) < 28 : random.Next(40) == 0)
                Fill(writer, random, ",\"errorCode\":\"AccessDenied\",\"errorMessage\":\"User: arn:aws:sts::111122223333:assumed-role/service-%n/i-%i is not authorized to perform this action\"");
            writer.Write(",\"requestParameters\":");
            Fill(writer, random, shape.Request);
            writer.Write(",\"responseElements\":");
            Fill(writer, random, shape.Response);
            Fill(writer, random, ",\"additionalEventData\":{\"SignatureVersion\":\"SigV4\",\"CipherSuite\":\"TLS_AES_128_GCM_SHA256\",\"bytesTransferredIn\":%n,\"bytesTransferredOut\":%n},\"requestID\":\"%u\",\"eventID\":\"%u\",\"readOnly\":true,\"resources\":[{\"accountId\":\"111122223333\",\"type\":\"AWS::S3::Object\",\"ARN\":\"arn:aws:s3:::acme-data-%n/%h\"}],\"eventType\":\"AwsApiCall\",\"managementEvent\":true,\"recipientAccountId\":\"111122223333\",\"sharedEventID\":\"%u\",\"eventCategory\":\"Management\",\"tlsDetails\":{\"tlsVersion\":\"TLSv1.3\",\"cipherSuite\":\"TLS_AES_128_GCM_SHA256\",\"clientProvidedHostHeader\":\"service.eu-west-1.amazonaws.com\"}}");
        }

        writer.Write("]}");
    }

    private static void Fill(TextWriter writer, Random random, string template)
    {
        const string Hex = "0123456789abcdef";
        const string Base32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
        var at = 0;
        while (true)
        {
            var next = template.IndexOf('%', at);
            if (next < 0)
            {
                writer.Write(template.AsSpan(at));
                return;
            }

            writer.Write(template.AsSpan(at, next - at));
            switch (template[next + 1])
            {
                case 'n':
                    writer.Write(random.Next(256));
                    break;
                case 'h':
                    Text(17, Hex);
                    break;
                case 'i':
                    // An account has some thousand instances, which come again and again.
                    writer.Write(((ulong)random.Next(2_000) * 0x9E3779B97F4A7C15UL >> 4).ToString("x15", CultureInfo.InvariantCulture));
                    writer.Write("0a");
                    break;
                case 'k':
                    Text(16, Base32);
                    break;
                case 't':
                    Text(60, Base32);
                    break;
                default:
                    Text(8, Hex);
                    writer.Write('-');
                    Text(4, Hex);
                    writer.Write("-4");
                    Text(3, Hex);
                    writer.Write("-a");
                    Text(3, Hex);
                    writer.Write('-');
                    Text(12, Hex);
                    break;
            }

            at = next + 2;
        }

        void Text(int length, string alphabet)
        {
            Span<char> text = stackalloc char[64];
            random.GetItems(alphabet, text[..length]);
            writer.Write(text[..length]);
        }
    }
}
