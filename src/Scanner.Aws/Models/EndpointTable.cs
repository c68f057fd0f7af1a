using System.Text.Json;
using Scanner.Model;

namespace Scanner.Aws.Models;

/// <summary>Where services are: the host names that follow no pattern (data of botocore's endpoint rules, embedded).</summary>
internal sealed class EndpointTable
{
    private static readonly Lazy<EndpointTable> Loaded = new(Load);

    private const string RegionMark = "{region}";

    // Partition, endpoint prefix, region or * -> host and signing region, where they do not follow prefix.region.suffix.
    private readonly Dictionary<string, Dictionary<string, Dictionary<string, (string Host, string SigningRegion)>>> _hosts = new(StringComparer.Ordinal);

    /// <summary>The embedded table.</summary>
    public static EndpointTable Default => Loaded.Value;

    /// <summary>Host name and signing region of a service, asked in a region.</summary>
    public (string Host, string SigningRegion) Resolve(string endpointPrefix, string region)
    {
        var partition = AwsPartition.OfRegion(region);
        if (_hosts.TryGetValue(partition.Name, out var services)
            && services.TryGetValue(endpointPrefix, out var hosts)
            && (hosts.TryGetValue("*", out var host) || hosts.TryGetValue(region, out host)))
        {
            return (host.Host.Replace(RegionMark, region, StringComparison.Ordinal), host.SigningRegion.Replace(RegionMark, region, StringComparison.Ordinal));
        }
        return ($"{endpointPrefix}.{region}.{partition.Suffix}", region);
    }

    private static EndpointTable Load()
    {
        using var stream = ServiceModel.Open("endpoints.json")!;
        using var document = JsonDocument.Parse(stream);
        var table = new EndpointTable();
        foreach (var json in document.RootElement.GetProperty("partitions").EnumerateArray())
        {
            var services = new Dictionary<string, Dictionary<string, (string, string)>>(StringComparer.Ordinal);
            foreach (var service in json.GetProperty("hosts").EnumerateObject())
            {
                services[service.Name] = service.Value.EnumerateObject()
                    .ToDictionary(e => e.Name, e => (e.Value[0].GetString()!, e.Value[1].GetString()!), StringComparer.Ordinal);
            }
            table._hosts[json.GetProperty("id").GetString()!] = services;
        }
        return table;
    }
}
