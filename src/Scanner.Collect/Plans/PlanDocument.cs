using System.Globalization;
using System.Text.Json;
using Scanner.Model;

namespace Scanner.Collect.Plans;

/// <summary>What a plan file holds, sorted but not interpreted. Read once from front to back.</summary>
internal sealed class PlanDocument
{
    // One resource, or the whole configuration.
    private const int Largest = 256 << 20;

    private readonly HashSet<string> _seen = new(StringComparer.Ordinal);

    public string? FormatVersion { get; private set; }

    public string TerraformVersion { get; private set; } = "";

    public bool? Complete { get; private set; }

    public bool Errored { get; private set; }

    public List<RawChange> Changes { get; } = [];

    public List<RawChange> Deferred { get; } = [];

    public List<RawChange> Prior { get; } = [];

    public HashSet<string> Drifted { get; } = new(StringComparer.Ordinal);

    /// <summary>Number of <c>action_invocations</c> and deferred ones.</summary>
    public int ActionInvocations { get; private set; }

    /// <summary>Number of resources in <c>planned_values</c>, which are not read otherwise.</summary>
    public int Planned { get; private set; }

    public JsonElement Configuration { get; private set; }

    public JsonElement Variables { get; private set; }

    /// <summary>Whether the file has a member of this name at its top.</summary>
    public bool Has(string name) => _seen.Contains(name);

    /// <summary>Reads a document.</summary>
    /// <param name="stream">UTF-8 without a byte order mark.</param>
    /// <param name="file">File, for errors.</param>
    /// <exception cref="InputException">It is no plan: says what it is and how to make one.</exception>
    public static PlanDocument Read(Stream stream, string file)
    {
        var document = new PlanDocument();
        var json = new JsonStream(stream, Largest);
        try
        {
            document.ReadAll(ref json, file);
        }
        catch (JsonException e)
        {
            throw WrongFile.Broken(file, document._seen, e);
        }
        WrongFile.Check(document, file);
        return document;
    }

    private void ReadAll(ref JsonStream json, string file)
    {
        if (!json.Read() || json.Type != JsonTokenType.StartObject)
            throw WrongFile.NoObject(file);
        while (json.Read() && json.Type == JsonTokenType.PropertyName)
        {
            var name = json.Text;
            if (!_seen.Add(name))
                throw new InputException($"{file}: '{Shorten(name)}' is there twice, so it is not certain which is meant; {WrongFile.Remedy}");
            // A stream of events or a state tells itself by its first members: no need to read on.
            if (name is "@level")
                throw WrongFile.EventStream(file);
            json.Read();
            ReadMember(ref json, name, file);
        }
        if (json.Read())
            throw WrongFile.Several(file);
    }

    private void ReadMember(ref JsonStream json, string name, string file)
    {
        switch (name)
        {
            case "format_version":
                FormatVersion = json.Type switch
                {
                    JsonTokenType.String => json.Text,
                    JsonTokenType.Number => System.Text.Encoding.UTF8.GetString(json.Capture()),
                    _ => "",
                };
                WrongFile.CheckFormat(FormatVersion, file);
                json.Skip();
                break;
            case "terraform_version" when json.Type == JsonTokenType.String:
                TerraformVersion = Shorten(json.Text);
                break;
            case "complete":
                Complete = json.Type switch { JsonTokenType.True => true, JsonTokenType.False => false, _ => null };
                break;
            case "errored":
                Errored = json.Type == JsonTokenType.True;
                break;
            case "resource_changes":
                Each(ref json, file, name, (bytes) => Changes.Add(RawChange.OfChange(bytes)));
                break;
            case "deferred_changes":
                Each(ref json, file, name, bytes => Deferred.Add(DeferredOf(bytes)));
                break;
            case "resource_drift":
                Each(ref json, file, name, bytes => Drifted.Add(RawChange.OfChange(bytes).Address));
                break;
            case "action_invocations" or "deferred_action_invocations":
                Each(ref json, file, name, _ => ActionInvocations++);
                break;
            case "prior_state":
                ReadState(ref json, file);
                break;
            case "planned_values":
                Planned = CountAddresses(ref json);
                break;
            case "configuration":
                Configuration = Element(json.Capture());
                break;
            case "variables":
                Variables = Element(json.Capture());
                break;
            default:
                json.Skip();
                break;
        }
    }

    private static RawChange DeferredOf(byte[] bytes)
    {
        var members = RawMembers.Of(bytes);
        return RawChange.OfChange(members.Value("resource_change") ?? bytes, members.Text("reason") ?? "deferred");
    }

    private static void Each(ref JsonStream json, string file, string name, Action<byte[]> take)
    {
        if (json.Type == JsonTokenType.Null)
            return;
        if (json.Type != JsonTokenType.StartArray)
            throw new InputException($"{file}: '{name}' is not a list, so this is no plan; {WrongFile.Remedy}");
        for (var i = 0; json.Read() && json.Type != JsonTokenType.EndArray; i++)
        {
            try
            {
                take(json.Capture());
            }
            catch (FormatException e)
            {
                throw new InputException(string.Create(CultureInfo.InvariantCulture, $"{file}: {name}[{i}] {e.Message}; {WrongFile.Remedy}"), e);
            }
        }
    }

    // values.root_module.{resources[], child_modules[].{..}}: only the resources are kept.
    private void ReadState(ref JsonStream json, string file)
    {
        if (json.Type != JsonTokenType.StartObject)
            return;
        var depth = json.Depth;
        while (json.Read() && !(json.Type == JsonTokenType.EndObject && json.Depth == depth))
        {
            if (json.Type != JsonTokenType.PropertyName)
                continue;
            var resources = json.Is("resources"u8);
            var descend = json.Is("values"u8) || json.Is("root_module"u8) || json.Is("child_modules"u8);
            json.Read();
            if (resources)
                Each(ref json, file, "prior_state resources", bytes => Prior.Add(RawChange.OfState(bytes)));
            else if (!descend)
                json.Skip();
        }
    }

    private static int CountAddresses(ref JsonStream json)
    {
        if (json.Type != JsonTokenType.StartObject)
            return 0;
        var depth = json.Depth;
        var count = 0;
        while (json.Read() && !(json.Type == JsonTokenType.EndObject && json.Depth == depth))
        {
            if (json.Type == JsonTokenType.PropertyName && json.Is("mode"u8))
                count++;
        }
        return count;
    }

    private static JsonElement Element(byte[] bytes) =>
        JsonDocument.Parse(bytes, new JsonDocumentOptions { MaxDepth = 512 }).RootElement;

    private static string Shorten(string text) => text.Length > 60 ? text[..60] + "..." : text;
}
