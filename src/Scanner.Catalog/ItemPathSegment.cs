namespace Scanner.Catalog;

/// <summary>One segment of an <see cref="ItemPath"/>.</summary>
/// <param name="Name">Member name.</param>
/// <param name="Flatten">Whether <c>[]</c> follows: the rest of the path is looked up in every element.</param>
public sealed record ItemPathSegment(string Name, bool Flatten);
