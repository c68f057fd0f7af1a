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

    /// <summary>Texts of every kind come back to the letter, and stand in the order of their UTF-16 units, as everywhere else.</summary>
    [Fact]
    public void Texts_of_any_letters_come_back_as_they_went_in_and_in_their_order()
    {
        string[] texts = ["", "a", "z", "\u00e9", "\ue000", "\ufffd", "\U0001F600", "\ud800", "x\udc00y", "\0", new string('a', 3_000_000), new string('\u4e2d', 700_000), "a"];
        List<Finding> all = [.. texts.Select((text, i) => Of(0) with { Resource = text, Message = texts[(i + 5) % texts.Length], Account = i % 2 == 0 ? "\ud800" : "1" })];

        var list = new FindingList(all);

        Assert.Equal(all, list);
        Assert.Equal(all, Enumerable.Range(0, all.Count).Select(i => list[i]));
        Assert.Equal(all.OrderBy(finding => finding.Account, StringComparer.Ordinal).ThenBy(finding => finding.Resource, StringComparer.Ordinal), FindingOrder.Sorted(list));
    }

    [Fact]
    public void What_they_share_is_changed_counted_and_placed_without_making_each()
    {
        List<Finding> all = [.. Enumerable.Range(0, 20_000).Select(Of)];
        var list = new FindingList(all);

        var changed = FindingList.Changed(list, finding => finding.Severity == Severity.High ? finding with { Status = FindingStatus.Muted, MutedReason = "known" } : finding);

        Assert.Equal(all.Select(finding => finding.Severity == Severity.High ? finding with { Status = FindingStatus.Muted, MutedReason = "known" } : finding), changed);
        Assert.Equal(all, list);
        changed.Add(Of(1));
        Assert.Equal((20_000, 20_001), (list.Count, changed.Count));
        foreach (var some in new IEnumerable<Finding>[] { list, all })
        {
            Assert.Equal(
                all.CountBy(finding => finding.Check).OrderBy(pair => pair.Key, StringComparer.Ordinal),
                FindingList.Tally(some).GroupBy(one => one.Shared.Check, StringComparer.Ordinal).Select(group => KeyValuePair.Create(group.Key, group.Sum(one => one.Count))).OrderBy(pair => pair.Key, StringComparer.Ordinal));
            Assert.Equal(all.Select(finding => (finding.Check, finding.Account, finding.Region)), FindingList.Places(some).Select(place => (place.Shared.Check, place.Account, place.Region)));
        }
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
