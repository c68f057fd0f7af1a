namespace Scanner.Catalog;

/// <summary>What another tool calls what one of our checks covers, so that a skip comment that people wrote for it counts here too.</summary>
/// <param name="Tool"><c>checkov</c> or <c>trivy</c>.</param>
/// <param name="Id">Its id, such as <c>CKV_AWS_18</c> or <c>AVD-AWS-0089</c>.</param>
/// <param name="Check">Our check.</param>
public sealed record Equivalent(string Tool, string Id, string Check);
