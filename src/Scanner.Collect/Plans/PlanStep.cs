namespace Scanner.Collect.Plans;

/// <summary>One module call on the way to a resource.</summary>
/// <param name="Name">Name of the call.</param>
/// <param name="Key">Key in Terraform's spelling, <c>[0]</c> or <c>["a"]</c>; empty without.</param>
internal readonly record struct PlanStep(string Name, string Key);
