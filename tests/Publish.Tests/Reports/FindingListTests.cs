using Scanner.Model;

namespace Publish.Tests.Reports;

/// <summary>Findings that are kept once for all accounts that say the same come back as they were.</summary>
public sealed class FindingListTests
{
    [Fact]
    public void What_goes_in_comes_out_each_as_it_was()
    {
        List<Finding> all = [.. Enumerable.Range(0, 40_000).Select(i => Of(i) with { Status = (FindingStatus)(i % 3), MutedReason = i % 7 == 0 ? $"reason {i}" : null })];

        var list = new FindingList(all);

        Assert.Equal(all.Count, list.Count);
        Assert.Equal(all, list);
        Assert.Equal(all[16_384], list[16_384]);
        Assert.Equal(all[^1], list[^1]);
        Assert.Throws<ArgumentOutOfRangeException>(() => list[all.Count]);
    }

    [Fact]
    public void The_order_is_worst_first_then_check_account_region_and_resource_and_what_is_equal_stays()
    {
        List<Finding> all = [.. Enumerable.Range(0, 20_000).Select(i => Of(i * 7919 % 20_000) with { Message = $"said {i}" }), Of(3) with { Message = "again" }];

        var sorted = FindingOrder.Sorted(all);

        Assert.Equal(
            all.OrderByDescending(finding => finding.Severity).ThenBy(finding => finding.Check, StringComparer.Ordinal).ThenBy(finding => finding.Account, StringComparer.Ordinal)
                .ThenBy(finding => finding.Region, StringComparer.Ordinal).ThenBy(finding => finding.Resource, StringComparer.Ordinal),
            sorted);
        Assert.Same(sorted, FindingOrder.Sorted(sorted));
    }

    [Fact]
    public void By_a_number_of_what_they_share_each_stays_among_its_own()
    {
        List<Finding> all = [.. Enumerable.Range(0, 1_000).Select(Of)];

        Assert.Equal(all.OrderBy(finding => (int)finding.Severity), FindingList.OrderBy(all, finding => (int)finding.Severity));
    }

    private static Finding Of(int i) => new()
    {
        Check = $"check-{i % 11}",
        Status = FindingStatus.Fail,
        Severity = (Severity)(i % 11 % 5),
        Account = $"{100000000000 + i % 13}",
        Region = i % 2 == 0 ? "eu-west-1" : "us-east-1",
        Resource = $"arn:aws:s3:::bucket-{i % 5_000}",
        Message = $"Bucket {i} is open",
    };
}
