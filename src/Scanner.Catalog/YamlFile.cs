using System.Globalization;
using System.Text.Json.Nodes;
using Scanner.Model;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Scanner.Catalog;

/// <summary>One YAML document with its file name, read strictly: every complaint names file and line.</summary>
internal sealed class YamlFile
{
    // A check file may come from a pull request: neither its size nor its nesting may hurt the reader.
    private const int MaxBytes = 4 * 1024 * 1024;

    private YamlFile(string name, YamlMappingNode root, string text)
    {
        Name = name;
        Root = new YamlMap(name, root) { ForEditors = SchemaForEditors(text) };
    }

    public string Name { get; }

    public YamlMap Root { get; }

    /// <summary>Reads a file that holds exactly one document, a mapping.</summary>
    /// <param name="path">Where it is.</param>
    /// <param name="name">How messages call it.</param>
    public static YamlFile Read(string path, string name) => Parse(ReadText(path, name), name);

    public static string ReadText(string path, string name)
    {
        try
        {
            RequireFile(path, name);
            if (new FileInfo(path).Length > MaxBytes)
                throw new InputException(name, 0, $"larger than {MaxBytes / 1024 / 1024} MiB; split the file");
            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"{name}: cannot be read ({e.Message}); check path and permissions", e);
        }
    }

    /// <summary>Refuses a pipe or device, which may never end, or never begin.</summary>
    /// <exception cref="InputException">It is one.</exception>
    public static void RequireFile(string path, string name)
    {
        if (FileEntry.Look(path).Kind == FileKind.Special)
            throw new InputException(name, 0, "is a pipe or device, and no file; take it out of the folder");
    }

    public static YamlFile Parse(string text, string name)
    {
        var stream = new YamlStream();
        BoundedParser.Load(stream, text, name);
        if (stream.Documents.Count != 1)
            throw new InputException(name, 1, $"holds {stream.Documents.Count.ToString(CultureInfo.InvariantCulture)} YAML documents; one is expected");
        if (stream.Documents[0].RootNode is not YamlMappingNode root)
            throw new InputException(name, stream.Documents[0].RootNode.Start.Line, "the document must be a mapping (key: value)");
        return new YamlFile(name, root, text);
    }

    // In a comment above the first key, as the YAML language server reads it: # yaml-language-server: $schema=ADDRESS
    private static (string, int)? SchemaForEditors(string text)
    {
        var number = 0;
        foreach (var line in text.AsSpan().EnumerateLines())
        {
            number++;
            var comment = line.Trim().TrimStart('\ufeff');
            if (!comment.IsEmpty && comment[0] != '#' && !comment.SequenceEqual("---"))
                return null;
            const string Server = "yaml-language-server:";
            const string Schema = "$schema=";
            comment = comment.TrimStart("# ");
            if (comment.StartsWith(Server, StringComparison.Ordinal) && comment[Server.Length..].Trim() is var named && named.StartsWith(Schema, StringComparison.Ordinal))
                return (named[Schema.Length..].Trim().ToString(), number);
        }
        return null;
    }

    /// <summary>Turns a node into JSON by YAML 1.2's core schema: plain true, 12, 1.5 and null are typed, all else is text.</summary>
    public static JsonNode? ToJson(YamlNode node)
    {
        switch (node)
        {
            case YamlMappingNode map:
                var o = new JsonObject();
                foreach (var (key, value) in map.Children)
                    o[((YamlScalarNode)key).Value ?? ""] = ToJson(value);
                return o;
            case YamlSequenceNode list:
                return new JsonArray([.. list.Children.Select(ToJson)]);
            case YamlScalarNode scalar:
                return Scalar(scalar);
            default:
                return null;
        }
    }

    private static JsonValue? Scalar(YamlScalarNode scalar)
    {
        var text = scalar.Value ?? "";
        if (scalar.Style != ScalarStyle.Plain)
            return JsonValue.Create(text);
        if (IsNull(scalar))
            return null;
        if (text is "true" or "True" or "TRUE")
            return JsonValue.Create(true);
        if (text is "false" or "False" or "FALSE")
            return JsonValue.Create(false);
        // A leading zero is an account id or a code, not a number.
        if (!(text.Length > 1 && text[0] == '0' && char.IsAsciiDigit(text[1])))
        {
            if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole))
                return JsonValue.Create(whole);
            if (text.Length > 0 && (char.IsAsciiDigit(text[0]) || text[0] is '-' or '.')
                && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var real) && double.IsFinite(real))
                return JsonValue.Create(real);
        }
        return JsonValue.Create(text);
    }

    public static bool IsNull(YamlNode node) =>
        node is YamlScalarNode { Style: ScalarStyle.Plain, Value: null or "" or "~" or "null" or "Null" or "NULL" };
}
