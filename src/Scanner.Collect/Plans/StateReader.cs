using System.Globalization;
using System.Text;
using System.Text.Json;
using Scanner.Model;

namespace Scanner.Collect.Plans;

/// <summary>
/// Reads which resources a Terraform state manages: of what <c>terraform show -json</c> writes of a state
/// (https://developer.hashicorp.com/terraform/internals/json-format, "State Representation"), or of the state file itself, version 4
/// (Terraform 0.12 and newer; hashicorp/terraform, internal/states/statefile/version4.go). A state holds secrets: only addresses, ARNs and ids are kept.
/// </summary>
internal sealed class StateReader
{
    private const string Remedy = "make it with: terraform show -json > state.json";
    private const long MostBytes = 1L << 30;

    // All instances of one resource.
    private const int Largest = 64 << 20;

    private readonly string _file;
    private readonly IReadOnlyDictionary<string, IReadOnlySet<string>> _names;
    private readonly HashSet<string> _seen = new(StringComparer.Ordinal);
    private readonly List<StateResource> _found = [];
    private string _format = "";

    private StateReader(string file, IReadOnlyDictionary<string, IReadOnlySet<string>> names)
    {
        _file = file;
        _names = names;
    }

    /// <summary>Reads a state.</summary>
    /// <param name="file">The file.</param>
    /// <param name="names">By resource type, the attributes that are an identity of it; resources of other types are left out.</param>
    /// <exception cref="InputException">There is no such file, or it is no state; the message names the file and what to do.</exception>
    public static IReadOnlyList<StateResource> Read(string file, IReadOnlyDictionary<string, IReadOnlySet<string>> names)
    {
        if (!File.Exists(file))
            throw Wrong(file, "there is no such file");
        try
        {
            using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16, FileOptions.SequentialScan);
            if (stream.CanSeek && stream.Length > MostBytes)
                throw Wrong(file, $"is larger than {MostBytes >> 30} GiB; is it a state?");
            using var text = PlanReader.Utf8(stream, out _);
            var reader = new StateReader(file, names);
            reader.ReadAll(text);
            return reader._found;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Wrong(file, $"cannot be read ({e.Message})", e);
        }
        catch (FormatException e)
        {
            throw Wrong(file, e.Message, e);
        }
        catch (JsonException e)
        {
            // The parser's own words may hold some of the file.
            var place = e.LineNumber is { } line ? string.Create(CultureInfo.InvariantCulture, $" (line {line + 1}, byte {(e.BytePositionInLine ?? 0) + 1})") : "";
            throw Wrong(file, $"is no JSON, is cut off, or holds more than one document{place}", e);
        }
    }

    private void ReadAll(Stream text)
    {
        var json = new JsonStream(text, Largest);
        if (!json.Read() || json.Type != JsonTokenType.StartObject)
            throw new FormatException("is no Terraform state");
        while (json.Read() && json.Type == JsonTokenType.PropertyName)
        {
            var name = json.Text;
            if (!_seen.Add(name))
                throw new FormatException($"'{SafeText.Cut(SafeText.Line(name), 60)}' is there twice, so it is not certain which is meant");
            json.Read();
            if (name is "format_version" or "version" && json.Type is JsonTokenType.String or JsonTokenType.Number)
                _format = json.Type == JsonTokenType.String ? json.Text : Encoding.UTF8.GetString(json.Capture());
            else if (name == "values" && json.Type == JsonTokenType.StartObject)
                ReadModules(ref json);
            else if (name == "resources" && json.Type == JsonTokenType.StartArray)
                Each(ref json, AddOfFile);
            else
                json.Skip();
        }
        if (json.Read())
            throw new FormatException("holds several JSON documents");
        Check();
    }

    private void Check()
    {
        if (_seen.Overlaps(["resource_changes", "planned_values", "prior_state", "configuration"]))
            throw new FormatException("this is a plan, not a state");
        if (_seen.Contains("encrypted_data"))
            throw new FormatException("this state is encrypted");
        var isShown = _seen.Contains("format_version");
        if (!isShown && !_seen.Contains("version"))
            throw new FormatException("is no Terraform state (it has neither format_version nor version)");
        if (isShown ? _format.Split('.')[0] is not ("0" or "1") : _format != "4")
            throw new FormatException($"{(isShown ? "format_version" : "version")} '{SafeText.Cut(SafeText.Line(_format), 40)}' is not known ({(isShown ? "0.x and 1.x are" : "4 is")})");
    }

    // values.root_module.{resources[], child_modules[].{...}}
    private void ReadModules(ref JsonStream json)
    {
        var depth = json.Depth;
        while (json.Read() && !(json.Type == JsonTokenType.EndObject && json.Depth == depth))
        {
            if (json.Type != JsonTokenType.PropertyName)
                continue;
            var resources = json.Is("resources"u8);
            var descend = json.Is("root_module"u8) || json.Is("child_modules"u8);
            json.Read();
            if (resources && json.Type == JsonTokenType.StartArray)
                Each(ref json, AddShown);
            else if (!descend)
                json.Skip();
        }
    }

    private static void Each(ref JsonStream json, Action<RawMembers> take)
    {
        while (json.Read() && json.Type != JsonTokenType.EndArray)
            take(RawMembers.Of(json.Capture()));
    }

    private void AddShown(RawMembers resource)
    {
        // What is deposed is to go, and no longer what the block says.
        if (resource.Text("mode") == "managed" && resource.Text("deposed_key") is null)
            Add(resource.Text("address"), resource.Value("values"));
    }

    private void AddOfFile(RawMembers resource)
    {
        if (resource.Text("mode") != "managed" || resource.Value("instances") is not { } instances)
            return;
        var module = resource.Text("module") is { Length: > 0 } path ? path + "." : "";
        foreach (var instance in RawMembers.ListOf(instances).Where(one => one.Text("deposed") is null))
        {
            var key = instance.Text("index_key") is { } text ? PlanAddress.Quote(text) : instance.Scalar("index_key") is { } number ? $"[{number}]" : "";
            Add($"{module}{resource.Text("type")}.{resource.Text("name")}{key}", instance.Value("attributes"));
        }
    }

    private void Add(string? address, byte[]? values)
    {
        if (address is null || PlanAddress.Parse(address) is not { IsData: false } parts)
            throw new FormatException($"a resource has {(address is null ? "no address" : $"the address '{SafeText.Cut(SafeText.Line(address), 100)}', which is none")}");
        if (values is null || !_names.TryGetValue(parts.Type, out var names))
            return;
        var members = RawMembers.Of(values);
        var said = names.Where(name => name is "arn" or "id" || name.EndsWith("_arn", StringComparison.Ordinal))
            .Select(members.Text).OfType<string>().Where(text => text.Length > 0).ToHashSet(StringComparer.Ordinal);
        List<string> arns = [.. said.Where(IsArn)];
        var id = names.Contains("id") && members.Text("id") is { Length: > 0 } own && !IsArn(own) ? own : null;
        if (arns.Count > 0 || id is not null)
            _found.Add(new StateResource(parts, arns, id));
    }

    internal static bool IsArn(string text) => text.StartsWith("arn:", StringComparison.Ordinal);

    private static InputException Wrong(string file, string what, Exception? inner = null)
    {
        var text = $"--terraform-state {SafeText.Line(file)}: {SafeText.Line(what)}; {Remedy}";
        return inner is null ? new InputException(text) : new InputException(text, inner);
    }
}
