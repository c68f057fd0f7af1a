namespace Scanner.Model;

/// <summary>How many controls of a framework hold before and after a change.</summary>
/// <param name="Framework">Framework id, such as <c>cis-aws-5.0</c>.</param>
/// <param name="Before">Controls without a failing check before.</param>
/// <param name="After">Controls without a failing check afterwards.</param>
/// <param name="Judged">Controls of which something was judged.</param>
public sealed record GateScore(string Framework, int Before, int After, int Judged);
