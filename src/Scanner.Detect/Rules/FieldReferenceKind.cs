namespace Scanner.Detect.Rules;

/// <summary>How a field is compared with another one.</summary>
internal enum FieldReferenceKind
{
    Equal,
    StartsWith,
    EndsWith,
    Contains,
}
