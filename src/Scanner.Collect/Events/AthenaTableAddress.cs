using System.Text.RegularExpressions;
using Scanner.Model;

namespace Scanner.Collect.Events;

/// <summary>
/// A table of CloudTrail logs in Athena: <c>athena:catalog.database.table?workgroup=scanner&amp;region=eu-west-1&amp;output=s3://bucket/prefix</c>.
/// </summary>
/// <param name="Catalog">Data catalog; <c>AwsDataCatalog</c> where none is written.</param>
/// <param name="Database">Database; <c>default</c> where none is written.</param>
/// <param name="Table">Table.</param>
/// <param name="WorkGroup">Workgroup that the queries run in; null: the account's primary one.</param>
/// <param name="Region">Region of the table; null: the session's.</param>
/// <param name="Output">Where Athena writes results, <c>s3://bucket/prefix</c>; null: where the workgroup says.</param>
public sealed partial record AthenaTableAddress(string Catalog, string Database, string Table, string? WorkGroup, string? Region, string? Output)
{
    /// <summary>How an address begins.</summary>
    public const string Scheme = "athena:";

    private const string GlueCatalog = "AwsDataCatalog";

    /// <summary>Reads an address.</summary>
    /// <exception cref="InputException">It is not one.</exception>
    public static AthenaTableAddress Parse(string text)
    {
        var (name, options) = EngineOptions.Split(text, Scheme, ["workgroup", "region", "output"]);
        if (!Name().IsMatch(name))
            throw new InputException($"'{text}' names no table in Athena; write athena:TABLE, athena:database.table or athena:catalog.database.table, of letters, digits, _ and -");
        var parts = name.Split('.');
        var workgroup = options.GetValueOrDefault("workgroup");
        if (workgroup is not null && !WorkGroupName().IsMatch(workgroup))
            throw new InputException($"'{text}': '{workgroup}' is not the name of a workgroup; it has letters, digits, '.', '_' and '-' only");
        var output = options.GetValueOrDefault("output");
        if (output is not null && !OutputPlace().IsMatch(output))
            throw new InputException($"'{text}': '{output}' is not a place for results; write output=s3://bucket/prefix");
        return new AthenaTableAddress(
            parts.Length == 3 ? parts[0] : GlueCatalog, parts.Length >= 2 ? parts[^2] : "default", parts[^1], workgroup, EngineOptions.Region(text, options), output);
    }

    /// <summary>The address as it is written, without options.</summary>
    public override string ToString() => Scheme + string.Join('.', Parts());

    /// <summary>The table's name in SQL, quoted.</summary>
    public string ToSql() => string.Join('.', Parts().Select(part => $"\"{part}\""));

    private string[] Parts() => Catalog == GlueCatalog ? [Database, Table] : [Catalog, Database, Table];

    [GeneratedRegex(@"\A[A-Za-z0-9_\-]{1,128}(\.[A-Za-z0-9_\-]{1,128}){0,2}\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Name();

    [GeneratedRegex(@"\A[a-zA-Z0-9._\-]{1,128}\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex WorkGroupName();

    [GeneratedRegex(@"\As3://[a-z0-9][a-z0-9.\-]{1,61}[a-z0-9](/[A-Za-z0-9!_.*'()/=+@:\-]{0,900})?\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex OutputPlace();
}
