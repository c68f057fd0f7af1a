namespace Scanner.Collect.Plans;

/// <summary>Something that may be a part of a row.</summary>
/// <param name="Why">Why that is not known.</param>
/// <param name="Part">The instance that may be the part; null where the row refers to it, so that it may be any.</param>
internal sealed record PlanDoubt(PlanUnknown Why, PlanInstance? Part);
