using System.CommandLine;
using System.Text;
using System.Text.RegularExpressions;
using Scanner.Aws.Models;
using Scanner.Catalog;
using Scanner.Model;
using Scanner.Scan;

namespace Scanner.Commands;

/// <summary><c>scanner checks new</c>: writes the file that a table, a check or a detection begins with.</summary>
internal static partial class NewCommand
{
    private static readonly string[] Kinds = ["table", "check", "detection"];

    public static Command Create()
    {
        var kind = new Argument<string>("KIND") { Description = "table, check or detection." };
        var name = new Argument<string>("NAME") { Description = "Name of the table (aws_sqs_queue), id of the check (sqs-queue-encrypted) or name of the detection's file (queue-made-public)." };
        var service = new Option<string>("--service") { HelpName = "SERVICE", Description = "AWS service, as the AWS CLI spells it. Default: the one that NAME begins with." };
        var folder = new Option<string>("--folder") { HelpName = "DIR", Description = "Folder of checks to write into, as scan --checks takes it. Default: checks." };
        var command = new Command("new", """
            Write a new table, check or detection that passes its tests, to be changed from there. Nothing is overwritten.

            scanner checks new table aws_sqs_queue
            scanner checks new check kms-key-enabled --folder my-checks
            scanner checks new detection trail-renamed --service cloudtrail
            """)
        {
            kind, name, service, folder,
        };
        command.SetAction(parsed => Run(
            parsed.GetValue(kind)!, parsed.GetValue(name)!, ScanCommand.Text(parsed, service), ScanCommand.Text(parsed, folder) ?? "checks"));
        return command;
    }

    private static int Run(string kind, string name, string? service, string folder)
    {
        if (!Kinds.Contains(kind, StringComparer.Ordinal))
            throw new InputException($"'{SafeText.Line(kind)}' is not a kind of file; it is {string.Join(", ", Kinds)}");
        if (name.AsSpan().IndexOfAny('/', '\\') >= 0 || name is "." or "..")
            throw new InputException($"'{SafeText.Line(name)}' is a path, which may lead outside {SafeText.Line(folder)}; give the name alone, and the folder with --folder");
        if (!(kind == "table" ? TableName() : FileName()).IsMatch(name))
        {
            throw new InputException($"'{SafeText.Line(name)}' is not a name for a {kind}: lower-case letters, digits and {(kind == "table" ? "_" : "-")}, beginning with a letter, at most 63");
        }
        if (service is not null && ServiceModel.Find(service) is null)
            throw new InputException($"--service '{SafeText.Line(service)}' is not a service that Scanner can read; {Spelling.Suggest(service, ServiceModel.Services)}");

        var path = PathOf(kind, name, folder);
        var catalog = new CatalogFolders(Directory.Exists(folder) ? [folder] : []).Catalog;
        var text = kind switch
        {
            "table" => catalog.Tables.TryGetValue(name, out var table)
                ? throw Exists($"a table '{name}'", table.File)
                : NewTable.Text(name, service ?? ServiceOf(kind, name, '_'), catalog),
            "check" => catalog.Checks.TryGetValue(name, out var check)
                ? throw Exists($"a check '{name}'", check.Info.File)
                : NewCheck.Text(name, service ?? ServiceOf(kind, name, '-'), catalog),
            _ => catalog.Detections.FirstOrDefault(file => Path.GetFileNameWithoutExtension(file.File) == name) is { } rule
                ? throw Exists($"a detection '{name}'", rule.File)
                : NewDetection.Text(name, service),
        };
        Write(path, text);
        Console.Out.WriteLine($"Wrote {SafeText.Line(path)}. Change it, then: scanner checks test {SafeText.Line(kind == "check" ? folder : path)}");
        return ExitCode.Clean;
    }

    /// <summary>Tables and detections have a folder of their own, as in <c>checks/</c>; a check stands where the user wants it.</summary>
    private static string PathOf(string kind, string name, string folder)
    {
        var parent = kind switch { "table" => Path.Combine(folder, "tables"), "detection" => Path.Combine(folder, "detections"), _ => folder };
        // A link in the user's folder may lead to anywhere, and the folder itself is his own choice.
        if (parent != folder && new DirectoryInfo(parent) is { Exists: true, LinkTarget: { } target })
            throw new InputException($"{SafeText.Line(parent)} is a link to {SafeText.Line(target)}, which may be outside {SafeText.Line(folder)}; give that folder with --folder");
        var path = Path.Combine(parent, name + ".yml");
        return Path.Exists(path) ? throw new InputException($"{SafeText.Line(path)} exists; give another name") : path;
    }

    private static string ServiceOf(string kind, string name, char separator)
    {
        var words = name.Split(separator);
        var start = kind == "table" && words[0] == "aws" ? 1 : 0;
        // The longest that fits: wafv2, sso-admin, network-firewall.
        for (var count = Math.Min(2, words.Length - start); count > 0; count--)
        {
            var service = string.Join('-', words.Skip(start).Take(count));
            if (ServiceModel.Find(service) is not null)
                return service;
        }
        var first = words.Length > start ? words[start] : name;
        throw new InputException($"'{first}' of '{name}' is not a service that Scanner can read; name one with --service ({Spelling.Suggest(first, ServiceModel.Services)})");
    }

    private static InputException Exists(string what, string file) =>
        new($"there is {what} already ({SafeText.Line(file)}); give another name, or copy that file to change it");

    private static void Write(string path, string text)
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
            // Never over a file that appeared in the meantime.
            using var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write);
            file.Write(Encoding.UTF8.GetBytes(text));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"{SafeText.Line(path)}: cannot be written ({e.Message}); check path and permissions", e);
        }
    }

    [GeneratedRegex("^[a-z][a-z0-9_]{0,62}$", RegexOptions.None, matchTimeoutMilliseconds: -1)]
    private static partial Regex TableName();

    [GeneratedRegex("^[a-z][a-z0-9-]{0,62}$", RegexOptions.None, matchTimeoutMilliseconds: -1)]
    private static partial Regex FileName();
}
