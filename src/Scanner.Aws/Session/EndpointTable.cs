using System.Text.Json;
using System.Text.RegularExpressions;
using Scanner.Aws.Models;

namespace Scanner.Aws.Session;

/// <summary>Where services are: partitions and host names (data of botocore's endpoint rules, embedded).</summary>
internal sealed class EndpointTable
{
    private static readonly Lazy<EndpointTable> s_default = new(Load);

    private readonly List<Partition> _partitions = [];

    /// <summary>The embedded table.</summary>
    public static EndpointTable Default => s_default.Value;

    /// <summary>Id of the partition of a region: aws, aws-cn, aws-us-gov ...; aws for a region that is not known.</summary>
    public string PartitionOf(string region) => Find(region).Id;

    /// <summary>Home region of a partition, where global services are signed for.</summary>
    public string HomeRegion(string partitionId) => (_partitions.Find(p => p.Id == partitionId) ?? _partitions[0]).Home;

    /// <summary>Regions of a partition that the data knows.</summary>
    public IReadOnlyList<string> Regions(string partitionId) => (_partitions.Find(p => p.Id == partitionId) ?? _partitions[0]).Regions;

    /// <summary>Host name and signing region of a service, asked in a region.</summary>
    public (string Host, string SigningRegion) Resolve(string endpointPrefix, string region)
    {
        var partition = Find(region);
        if (partition.Hosts.TryGetValue(endpointPrefix, out var hosts)
            && (hosts.TryGetValue("*", out var host) || hosts.TryGetValue(region, out host)))
        {
            return host;
        }
        return ($"{endpointPrefix}.{region}.{partition.Suffix}", region);
    }

    private Partition Find(string region)
    {
        foreach (var partition in _partitions)
        {
            if (partition.Regions.Contains(region, StringComparer.Ordinal))
                return partition;
        }
        // A region newer than the data still follows its partition's pattern.
        foreach (var partition in _partitions)
        {
            if (Regex.IsMatch(region, partition.Pattern, RegexOptions.NonBacktracking))
                return partition;
        }
        return _partitions[0];
    }

    private static EndpointTable Load()
    {
        using var stream = ServiceModel.Open("endpoints.json")!;
        using var document = JsonDocument.Parse(stream);
        var table = new EndpointTable();
        foreach (var json in document.RootElement.GetProperty("partitions").EnumerateArray())
        {
            var hosts = new Dictionary<string, Dictionary<string, (string, string)>>(StringComparer.Ordinal);
            foreach (var service in json.GetProperty("hosts").EnumerateObject())
            {
                hosts[service.Name] = service.Value.EnumerateObject()
                    .ToDictionary(e => e.Name, e => (e.Value[0].GetString()!, e.Value[1].GetString()!), StringComparer.Ordinal);
            }
            table._partitions.Add(new Partition(
                json.GetProperty("id").GetString()!,
                json.GetProperty("suffix").GetString()!,
                json.GetProperty("home").GetString()!,
                json.GetProperty("regex").GetString()!,
                [.. json.GetProperty("regions").EnumerateArray().Select(r => r.GetString()!)],
                hosts));
        }
        return table;
    }

    private sealed record Partition(
        string Id,
        string Suffix,
        string Home,
        string Pattern,
        string[] Regions,
        Dictionary<string, Dictionary<string, (string Host, string SigningRegion)>> Hosts);
}
