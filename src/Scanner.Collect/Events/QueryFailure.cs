using Scanner.Model;

namespace Scanner.Collect.Events;

/// <summary>Why an engine did not answer, or not whole.</summary>
/// <param name="Outcome">Never <see cref="CollectionOutcome.Ok"/>.</param>
/// <param name="Operation">As reports name it, such as <c>athena:GetQueryExecution</c>.</param>
/// <param name="Reason">As AWS gave it (hostile text), or our own words.</param>
/// <param name="IsOfStatement">Whether it may be this statement alone that the engine cannot run, and not the table, the
/// rights or the service.</param>
public sealed record QueryFailure(CollectionOutcome Outcome, string Operation, string Reason, bool IsOfStatement);
