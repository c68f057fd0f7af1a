namespace Scanner.Collect.Plans;

/// <summary>A managed resource of a Terraform state: what tells it from all others, and nothing else of it.</summary>
/// <param name="Parts">Its address.</param>
/// <param name="Arns">Its ARNs, each once; empty where it has none.</param>
/// <param name="Id">Its id, where that is no ARN; null otherwise.</param>
internal sealed record StateResource(PlanAddress Parts, IReadOnlyList<string> Arns, string? Id)
{
    /// <summary>The address with its key.</summary>
    public string Address => Parts.Resource + Parts.Key;
}
