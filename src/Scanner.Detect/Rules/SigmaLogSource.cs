using Scanner.Model;

namespace Scanner.Detect.Rules;

/// <summary>The kind of log that a rule is about (Sigma rules specification, LogSource). Lower case; null where the rule
/// does not say.</summary>
/// <param name="Product">Such as <c>aws</c>.</param>
/// <param name="Service">Such as <c>cloudtrail</c>, <c>vpcflow</c> or <c>s3_access</c>.</param>
/// <param name="Category">Such as <c>process_creation</c>.</param>
public sealed record SigmaLogSource(string? Product, string? Service, string? Category)
{
    /// <summary>
    /// The event source that the rule runs on, or null when it is about logs that this program does not read (another
    /// product, another AWS service's logs). A rule without product and service is about any log and runs on CloudTrail,
    /// which is what a folder of AWS rules means; <c>product: aws</c> alone means CloudTrail too.
    /// </summary>
    public LogSource? Kind
    {
        get
        {
            if (Product is not null && !Product.Equals("aws", StringComparison.OrdinalIgnoreCase))
                return null;
            if (Service is not null)
                return LogSources.TryParse(Service, out var source) ? source : null;
            return Product is null && Category is not null ? null : LogSource.CloudTrail;
        }
    }

    /// <summary><c>aws/cloudtrail</c>, for messages.</summary>
    public override string ToString() =>
        string.Join('/', new[] { Product, Category, Service }.Where(part => !string.IsNullOrEmpty(part)).DefaultIfEmpty("any"));
}
