namespace Scanner.Evaluate.Detections;

/// <summary>The kind of log that a rule is about (Sigma rules specification, LogSource). Lower case; null where the rule
/// does not say.</summary>
/// <param name="Product">Such as <c>aws</c>.</param>
/// <param name="Service">Such as <c>cloudtrail</c>, <c>vpcflow</c> or <c>s3_access</c>.</param>
/// <param name="Category">Such as <c>process_creation</c>.</param>
public sealed record SigmaLogSource(string? Product, string? Service, string? Category)
{
    /// <summary>The service names that this program reads, with the other spellings in use for them.</summary>
    private static readonly Dictionary<string, Detections.EventSource> Services = new(StringComparer.OrdinalIgnoreCase)
    {
        ["cloudtrail"] = Detections.EventSource.CloudTrail,
        ["aws.cloudtrail"] = Detections.EventSource.CloudTrail,
        ["vpcflow"] = Detections.EventSource.VpcFlow,
        ["vpc_flow"] = Detections.EventSource.VpcFlow,
        ["vpc-flow"] = Detections.EventSource.VpcFlow,
        ["vpcflowlogs"] = Detections.EventSource.VpcFlow,
        ["vpc_flow_logs"] = Detections.EventSource.VpcFlow,
        ["flowlogs"] = Detections.EventSource.VpcFlow,
        ["flow_logs"] = Detections.EventSource.VpcFlow,
        ["s3_access"] = Detections.EventSource.S3Access,
        ["s3access"] = Detections.EventSource.S3Access,
        ["s3-access"] = Detections.EventSource.S3Access,
        ["s3_access_logs"] = Detections.EventSource.S3Access,
        ["s3_server_access"] = Detections.EventSource.S3Access,
    };

    /// <summary>
    /// The event source that the rule runs on, or null when it is about logs that this program does not read (another
    /// product, another AWS service's logs). A rule without product and service is about any log and runs on CloudTrail,
    /// which is what a folder of AWS rules means; <c>product: aws</c> alone means CloudTrail too.
    /// </summary>
    public EventSource? EventSource
    {
        get
        {
            if (Product is not null && !Product.Equals("aws", StringComparison.OrdinalIgnoreCase))
                return null;
            if (Service is not null)
                return Services.TryGetValue(Service, out var source) ? source : null;
            return Product is null && Category is not null ? null : Detections.EventSource.CloudTrail;
        }
    }

    /// <summary><c>aws/cloudtrail</c>, for messages.</summary>
    public override string ToString() =>
        string.Join('/', new[] { Product, Category, Service }.Where(part => !string.IsNullOrEmpty(part)).DefaultIfEmpty("any"));
}
