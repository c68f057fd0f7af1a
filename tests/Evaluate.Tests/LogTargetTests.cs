using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Loopback;
using Scanner.Catalog;
using Scanner.Evaluate;
using Scanner.Model;

namespace Evaluate.Tests;

/// <summary>That every shipped check which reads where a log goes looks whether that place is there, and that each place is asked for.</summary>
public sealed partial class LogTargetTests
{
    private static readonly Lazy<CheckCatalog> Shipped = new(() => CatalogLoader.Load([Path.Combine(Tools.Repository, "checks")], BuiltInTables.All));
    private static readonly Lazy<CheckTester> Tester = new(() => new CheckTester(Shipped.Value));

    // A check of a logging source that reads a bucket, log group or stream and joins none, with the reason.
    private static readonly Dictionary<string, string> Unjoined = new(StringComparer.Ordinal)
    {
        ["apigateway-cloudwatch-role"] = "about the role; the stages' own checks join what they log to",
        ["cloudtrail-agentcore-data-events"] = "about what a trail records; cloudtrail-delivery joins its bucket",
        ["cloudtrail-bucket-access-logging"] = "about the bucket itself, which the query joins",
        ["cloudtrail-bucket-not-public"] = "about the bucket itself, which the query joins",
        ["cloudtrail-lambda-data-events"] = "about what a trail records; cloudtrail-delivery joins its bucket",
        ["cloudtrail-management-events"] = "about what a trail records; cloudtrail-delivery joins its bucket",
        ["cloudtrail-management-events-complete"] = "about what a trail records; cloudtrail-delivery joins its bucket",
        ["cloudtrail-s3-data-events"] = "about what a trail records; cloudtrail-delivery joins its bucket",
        ["cloudtrail-s3-read-events"] = "about what a trail records; cloudtrail-delivery joins its bucket",
        ["cloudtrail-s3-write-events"] = "about what a trail records; cloudtrail-delivery joins its bucket",
        ["cloudwatch-audit-log-group-deletion-protection"] = "about the log group itself",
        ["cloudwatch-audit-log-group-retention"] = "about the log group itself",
        ["cloudwatch-insights-query-logs"] = "cloudwatch-log-delivery-source-delivers joins where its delivery goes",
        ["cloudwatch-log-group-kms"] = "about the log group itself",
        ["cloudwatch-log-group-retention"] = "about the log group itself",
        ["guardduty-findings-exported"] = "guardduty-export-delivering joins the bucket",
        ["lambda-log-group"] = "the query joins the log group, which may be in another region",
        ["s3-access-logging"] = "the query joins the bucket, which must be in the same account and region",
        ["sns-topic-delivery-logging"] = "Amazon SNS makes its log groups by itself; Firehose is a protocol here",
    };

    [Fact]
    public void A_check_of_a_source_that_reads_where_its_log_goes_joins_that_place_or_says_why_not()
    {
        var reads = Shipped.Value.Checks.Values.Where(check => check.Info.Source is not null && Place().IsMatch(Comment().Replace(check.Query, ""))).ToList();
        Assert.True(reads.Count >= 50, $"{reads.Count}");

        Assert.Equal(Unjoined.Keys.Order(StringComparer.Ordinal), reads.Where(check => check.Target is null && check.Evidence is null).Select(check => check.Id).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_check_of_arrival_looks_at_the_places_of_every_source_that_it_names()
    {
        foreach (var check in Shipped.Value.Checks.Values.Where(check => check.Evidence is not null))
        {
            var tables = check.Evidence!.Tables;
            // What the words of the target can be is looked at: a file, a log group, a stream.
            Assert.True(!check.Query.Contains("'bucket '", StringComparison.Ordinal) || tables.Contains("aws_log_object"), $"{check.Id} names buckets and looks into none");
            Assert.True(!check.Query.Contains("'log group '", StringComparison.Ordinal) || tables.Contains("aws_cloudwatch_active_log_group"), $"{check.Id} names log groups and looks at none");
            Assert.True(!check.Query.Contains("'Firehose stream '", StringComparison.Ordinal) || tables.Contains("aws_firehose_delivery"), $"{check.Id} names Firehose streams and looks at none");
            Assert.True(!check.Query.Contains("firehose", StringComparison.OrdinalIgnoreCase) || tables.Contains("aws_firehose_delivery"), $"{check.Id} leaves streams out");
        }
    }

    [Fact]
    public void Each_bucket_that_a_check_joins_is_asked_for_by_name_where_no_account_of_the_scan_has_it()
    {
        var unlisted = Shipped.Value.Tables["aws_unlisted_bucket"];
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var check in Shipped.Value.Checks.Values.Where(check => check.Target is { SameAccount: false } target && target.Tables.Contains("aws_s3_bucket", StringComparer.Ordinal) && check.Tables[0] != "aws_s3_bucket"))
        {
            var compiled = Tester.Value.Compile(check);
            // The select of the table, as a check: one row for each bucket that is asked for.
            var asks = Tester.Value.Compile(check with
            {
                Target = null,
                Tables = unlisted.From!.Tables,
                Scope = CheckScope.Account,
                Query = $"select account_id, region, name as resource_id, 'pass' as status, name as message from ({unlisted.From.Query}) as asked",
                QueryLine = 0,
            });
            foreach (var test in check.Tests.Where(test => test.Collection.Count == 0 && test.Given.GetValueOrDefault("aws_s3_bucket", []).Count > 0))
            {
                var without = test with { Given = test.Given.Where(pair => pair.Key != "aws_s3_bucket").ToDictionary() };
                var asked = Tester.Value.Judge(asks, without with { Given = without.Given.Where(pair => unlisted.From.Tables.Contains(pair.Key, StringComparer.Ordinal)).ToDictionary() }, [], [])
                    .Select(finding => finding.Resource).ToHashSet(StringComparer.Ordinal);
                foreach (var bucket in test.Given["aws_s3_bucket"].Select(row => (string)row["name"]!))
                {
                    // Whether this bucket is the target of anything: without it a pass is no longer one, where S3 says that there is none.
                    var gone = without with { Given = new Dictionary<string, IReadOnlyList<JsonObject>>(without.Given) { ["aws_unlisted_bucket"] = [new JsonObject { ["name"] = bucket, ["error_code"] = "NoSuchBucket" }] } };
                    if (!Tester.Value.Judge(compiled, gone, [], []).Any(finding => finding.Status == FindingStatus.Fail && finding.Message.Contains($"bucket {bucket} does not exist", StringComparison.Ordinal)))
                        continue;
                    Assert.True(asked.Contains(bucket), $"{check.Id}: {test.Name}: nobody is asked whether bucket {bucket} exists: aws_unlisted_bucket lacks the column; it asks for {string.Join(", ", asked)}");
                    seen.Add(check.Id);
                }
            }
        }

        var untested = Shipped.Value.Checks.Values.Where(check => check.Target is { SameAccount: false } target && target.Tables.Contains("aws_s3_bucket", StringComparer.Ordinal) && check.Tables[0] != "aws_s3_bucket")
            .Select(check => check.Id).Except(seen, StringComparer.Ordinal).ToList();
        Assert.True(untested.Count == 0, $"no test of these passes by a bucket: {string.Join(", ", untested)}");
    }

    [GeneratedRegex("log_?group|bucket|stream|firehose|destination|logconfiguration|logoptions|log_?subscription", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Place();

    [GeneratedRegex("--[^\n]*", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Comment();
}
