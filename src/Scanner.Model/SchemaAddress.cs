namespace Scanner.Model;

/// <summary>Where the JSON Schemas of our files are (<c>schemas/</c>), by kind and version of the format. A change that a reader of the old one cannot take is a new version.</summary>
public static class SchemaAddress
{
    /// <summary>The version of all formats.</summary>
    public const int Version = 1;

    private const string Folder = "https://raw.githubusercontent.com/aws-scanner/scanner/main/schemas/";

    /// <summary>The file of a schema.</summary>
    /// <param name="kind">check, table, framework, mutes, owners or report.</param>
    public static string FileOf(string kind) => FormattableString.Invariant($"{kind}.v{Version}.json");

    /// <summary>The address that a file names.</summary>
    /// <param name="kind">check, table, framework, mutes, owners or report.</param>
    public static string Of(string kind) => Folder + FileOf(kind);

    /// <summary>Whether a file that names a schema can be read: ours, wherever it lies.</summary>
    /// <param name="kind">What the file is.</param>
    /// <param name="named">The schema that it names: an address or a path.</param>
    public static bool IsKnown(string kind, string named) => NameIn(named) == FileOf(kind);

    /// <summary>Whether a schema has the name of one of ours, of whatever kind and version.</summary>
    /// <param name="named">An address or a path.</param>
    public static bool IsOurs(string named) =>
        NameIn(named).Split('.') is ["check" or "table" or "framework" or "mutes" or "owners" or "report", ['v', .. { Length: > 0 } version], "json"] && version.All(char.IsAsciiDigit);

    private static string NameIn(string address) => address.Split('?', '#')[0].Split('/', '\\')[^1];
}
