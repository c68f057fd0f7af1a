using System.Text.Json;
using Scanner.Aws.Models;
using Scanner.Model;

namespace Scanner.Aws.Client;

/// <summary>
/// Where AWS does not offer which service, as far as botocore's endpoints.json tells (<c>ServiceModels/unoffered.mjs</c>). The list lags behind
/// what AWS opens: it can contradict a name that does not resolve, and proves nothing alone.
/// </summary>
internal sealed class UnofferedServices
{
    private static readonly Lazy<UnofferedServices> Loaded = new(Load);

    private readonly HashSet<string> _listed = new(StringComparer.Ordinal);

    // Partition, endpoint prefix -> regions; null for all of the partition. Services that are everywhere in it are not in it.
    private readonly Dictionary<(string Partition, string Prefix), HashSet<string>?> _missing = [];

    /// <summary>Whether it may be that a region does not have a service: the list says so, or does not know the service or the region.</summary>
    /// <param name="endpointPrefix">Endpoint prefix of the service, such as <c>guardduty</c>.</param>
    /// <param name="region">Region code.</param>
    public static bool MayLack(string endpointPrefix, string region)
    {
        var partition = AwsPartition.OfRegion(region);
        if (!Loaded.Value._listed.Contains(endpointPrefix) || !partition.Regions.Contains(region, StringComparer.Ordinal))
            return true;
        return Loaded.Value._missing.TryGetValue((partition.Name, endpointPrefix), out var regions) && (regions is null || regions.Contains(region));
    }

    private static UnofferedServices Load()
    {
        using var stream = ServiceModel.Open("unoffered.json")!;
        using var document = JsonDocument.Parse(stream);
        var loaded = new UnofferedServices();
        foreach (var prefix in document.RootElement.GetProperty("listed").EnumerateArray())
            loaded._listed.Add(prefix.GetString()!);
        foreach (var partition in document.RootElement.GetProperty("partitions").EnumerateObject())
        {
            foreach (var service in partition.Value.EnumerateObject())
            {
                loaded._missing[(partition.Name, service.Name)] = service.Value.ValueKind == JsonValueKind.Array
                    ? service.Value.EnumerateArray().Select(region => region.GetString()!).ToHashSet(StringComparer.Ordinal) : null;
            }
        }
        return loaded;
    }
}
