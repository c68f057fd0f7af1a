namespace Scanner.Store.Functions;

/// <summary>A function that the queries of checks can call, besides DuckDB's own.</summary>
/// <param name="Name">Name in SQL.</param>
/// <param name="Parameters">Parameters as the documentation writes them, those in brackets may be left out.</param>
/// <param name="Returns">DuckDB type of the answer.</param>
/// <param name="About">One line for the documentation.</param>
internal sealed record SqlFunction(string Name, string Parameters, string Returns, string About)
{
    /// <summary>How it is called, such as <c>world_open(cidrs)</c>.</summary>
    public string Signature => $"{Name}({Parameters})";
}
