namespace Evaluate.Tests.Store;

/// <summary>
/// Tests that run the process out of the memory that a query may use: the limit is the process's own, so that no other test may
/// run meanwhile.
/// </summary>
[CollectionDefinition(nameof(MemoryLimited), DisableParallelization = true)]
public sealed class MemoryLimited;
