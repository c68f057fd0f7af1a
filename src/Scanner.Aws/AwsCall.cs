using System.Text.Json.Nodes;

namespace Scanner.Aws;

/// <summary>One question to AWS, in the terms of the AWS CLI and boto3.</summary>
/// <param name="Region">Region whose endpoint is asked; for global services the partition's home region.</param>
/// <param name="Service">Service id as the AWS CLI spells it: <c>cloudtrail</c>, <c>elbv2</c>, <c>s3</c> ...</param>
/// <param name="Operation">Operation name of the service model, such as <c>DescribeTrails</c>.</param>
/// <param name="Parameters">Input members by their model names; empty when there are none.</param>
public sealed record AwsCall(string Region, string Service, string Operation, JsonObject Parameters)
{
    /// <summary>
    /// Whether a further page without the operation's list is a fault. In general it is an empty list, which AWS may leave
    /// out; an operation that writes its list always, and has no count to hold it against, may say otherwise.
    /// </summary>
    public bool RequiresLists { get; init; }

    /// <summary>Whether the first page is enough, however many there are: a bucket of ten million keys costs one call.</summary>
    public bool FirstPageOnly { get; init; }

    /// <summary>
    /// Most pages that are worth their time; null: as many as there are. Where there are more, the call fails with <see cref="ErrorClassification.TooManyPages"/>: of a part nobody
    /// must think that it is all.
    /// </summary>
    public int? MostPages { get; init; }
}
