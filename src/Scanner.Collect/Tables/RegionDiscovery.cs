using System.Text.Json.Nodes;
using Scanner.Aws;
using Scanner.Catalog;
using Scanner.Model;

namespace Scanner.Collect.Tables;

/// <summary>Finds out which regions of an account to scan (EC2 DescribeRegions with AllRegions).</summary>
internal sealed class RegionDiscovery
{
    private const string Operation = "ec2:DescribeRegions";

    private readonly CollectionAccount _account;
    private readonly CollectorOptions _options;
    private readonly AwsPartition _partition;
    private readonly Dictionary<string, JsonObject> _listed = new(StringComparer.Ordinal);
    private AwsApiException? _failure;

    private RegionDiscovery(CollectionAccount account, CollectorOptions options)
    {
        _account = account;
        _options = options;
        _partition = AwsPartition.Named(account.Partition);
    }

    /// <summary>Regions to ask, sorted, with the item of DescribeRegions where there is one.</summary>
    public SortedDictionary<string, JsonObject> Enabled { get; } = new(StringComparer.Ordinal);

    /// <summary>Regions that were named and cannot be asked, with the reason.</summary>
    public SortedDictionary<string, string> Disabled { get; } = new(StringComparer.Ordinal);

    /// <summary>What is to be said where the regions to scan are only a guess; null otherwise.</summary>
    public CollectionStatus? Guess { get; private set; }

    /// <summary>Regions that exist, as far as is known.</summary>
    public IEnumerable<string> Known => _listed.Keys.Concat(_partition.Regions).Concat(_account.RecordedRegions ?? []).Distinct(StringComparer.Ordinal);

    /// <summary>Asks, and decides.</summary>
    public static async Task<RegionDiscovery> FindAsync(CollectionAccount account, CollectorOptions options, CancellationToken cancellation)
    {
        var discovery = new RegionDiscovery(account, options);
        await discovery.AskAsync(cancellation);
        discovery.Decide();
        return discovery;
    }

    private async Task AskAsync(CancellationToken cancellation)
    {
        await AskAsync(_partition.HomeRegion, cancellation);
        // A policy that allows only some regions refuses the home region; the user's own is worth a try.
        if (_failure is not null && AwsPartition.IsRegionCode(_options.DefaultRegion) && _options.DefaultRegion != _partition.HomeRegion)
            await AskAsync(_options.DefaultRegion!, cancellation);
    }

    private async Task AskAsync(string region, CancellationToken cancellation)
    {
        var call = new AwsCall(region, "ec2", "DescribeRegions", new JsonObject { ["AllRegions"] = true });
        try
        {
            var reply = await _account.Api.CallAsync(call, cancellation);
            if (reply["Regions"] is not JsonArray list)
                throw Malformed(call, "the reply has no list 'Regions'");
            foreach (var element in list)
            {
                if (element is not JsonObject item || TextTemplate.ScalarText(item["RegionName"]) is not { } name || !AwsPartition.IsRegionCode(name))
                    throw Malformed(call, "a region has no RegionName that is a region code");
                _listed[name] = item;
            }
            _failure = list.Count > 0 ? null : throw Malformed(call, "the list of regions is empty");
        }
        catch (AwsApiException e)
        {
            _failure ??= e;
        }
        catch (Exception e) when (e is not InputException && !cancellation.IsCancellationRequested)
        {
            _failure ??= new AwsApiException(call, CollectionOutcome.Error, ErrorClassification.InternalError, $"{e.GetType().Name}: {e.Message}", null, e);
        }
    }

    private static AwsApiException Malformed(AwsCall call, string what) =>
        new(call, CollectionOutcome.Error, ErrorClassification.MalformedReply, what);

    private void Decide()
    {
        var wanted = _options.Regions.Count > 0 ? _options.Regions : _account.RecordedRegions;
        if (_failure is not null)
        {
            // A recording without the list is whole: it names its regions itself.
            var replay = _account.RecordedRegions is not null && _failure.Code == ErrorClassification.NotRecorded;
            if (_options.Regions.Count == 0 && !replay)
            {
                Guess = new CollectionStatus(BuiltInTables.Region, _account.Api.Account, CollectionStatus.Global, _failure.Outcome, Operation,
                    $"{_failure.Message} (the regions that are on by default were taken; others were not looked at)");
            }
            IEnumerable<string> guessed = wanted ?? _partition.DefaultRegions;
            if (wanted is null && AwsPartition.IsRegionCode(_options.DefaultRegion))
                guessed = guessed.Append(_options.DefaultRegion!);
            foreach (var region in guessed)
                Enabled[region] = new JsonObject { ["RegionName"] = region };
            return;
        }
        foreach (var region in wanted ?? [.. _listed.Where(pair => IsEnabled(pair.Value)).Select(pair => pair.Key)])
        {
            if (!_listed.TryGetValue(region, out var item))
                Disabled[region] = "the account does not list the region";
            else if (!IsEnabled(item))
                Disabled[region] = $"the region is not enabled for the account ({TextTemplate.ScalarText(item["OptInStatus"])})";
            else
                Enabled[region] = item;
        }
    }

    // Emulators leave OptInStatus out; AWS never does.
    private static bool IsEnabled(JsonObject item) =>
        TextTemplate.ScalarText(item["OptInStatus"]) is null or "opt-in-not-required" or "opted-in";
}
