namespace Scanner.Catalog.Terraform;

/// <summary>Where a <see cref="TerraformPath"/> starts.</summary>
public enum TerraformPathRoot
{
    /// <summary>An attribute of the instance, or within <c>each</c> of the current element.</summary>
    Current,

    /// <summary>A part of <c>with:</c>: <c>Logging.target_bucket</c>.</summary>
    Part,

    /// <summary>The current element itself: <c>@</c>.</summary>
    Element,

    /// <summary>An element further out, by the name that <c>as:</c> gave it: <c>@rule.protocol</c>.</summary>
    Named,

    /// <summary>Key of the current element where a map is walked through: <c>@key</c>.</summary>
    Key,

    /// <summary>Element of <c>rows:</c>, at any depth: <c>@row</c>.</summary>
    Row,

    /// <summary>Number of the element of <c>rows:</c>, from 0: <c>@index</c>.</summary>
    Index,

    /// <summary>The row's instance, at any depth: <c>^name</c>.</summary>
    Instance,

    /// <summary>Another column of the row: <c>$name</c>.</summary>
    Column,
}
