namespace Scanner.Publish.Reports;

/// <summary>A piece of a markdown document that stands by itself: leaving one out breaks no table and no list.</summary>
/// <param name="Name">What to call it when it had to be left out; safe markdown.</param>
/// <param name="Text">Safe markdown, ending with a line break.</param>
/// <param name="Chapter">Heading under which it stands, or null: written once before the first of its sections.</param>
internal sealed record MarkdownSection(string Name, string Text, string? Chapter = null);
