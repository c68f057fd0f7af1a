using System.Text;

namespace Scanner.Collect.Plans;

/// <summary>
/// An address of a resource instance, taken apart. Never split at dots: keys are quoted texts that may hold any character.
/// Source: https://developer.hashicorp.com/terraform/cli/state/resource-addressing.
/// </summary>
/// <param name="Steps">Module calls from the root, each with its key in Terraform's spelling: <c>("net", "[\"a.b\"]")</c>; the key is empty without.</param>
/// <param name="IsData">Whether it is a data source, or an ephemeral resource: nothing that the plan manages.</param>
/// <param name="Type">Resource type.</param>
/// <param name="Name">Name in the configuration.</param>
/// <param name="Key">Key of the instance in Terraform's spelling, <c>[0]</c> or <c>["a"]</c>; empty without.</param>
internal sealed record PlanAddress(IReadOnlyList<PlanStep> Steps, bool IsData, string Type, string Name, string Key)
{
    private const int MostSteps = 128;

    /// <summary>The module's address with its keys; empty for the root.</summary>
    public string Module { get; } = ModuleOf(Steps);

    /// <summary>The address without the instance's own key.</summary>
    public string Resource => ResourceOf(Module, IsData, Type, Name);

    /// <summary>Address of a module.</summary>
    public static string ModuleOf(IReadOnlyList<PlanStep> steps) =>
        steps.Count == 0 ? "" : string.Join('.', steps.Select(step => $"module.{step.Name}{step.Key}"));

    /// <summary>Address of a resource without its key.</summary>
    public static string ResourceOf(string module, bool data, string type, string name) =>
        (module.Length == 0 ? "" : module + ".") + (data ? "data." : "") + type + "." + name;

    /// <summary>The key without brackets, quotes and escapes; null for none.</summary>
    public static string? Plain(string key)
    {
        if (key.Length < 2)
            return null;
        var inside = key[1..^1];
        return inside.Length >= 2 && inside[0] == '"' ? Unescape(inside[1..^1]) : inside;
    }

    /// <summary>The key of a for_each text as Terraform spells it.</summary>
    public static string Quote(string key)
    {
        var text = new StringBuilder("[\"");
        foreach (var c in key)
        {
            _ = c switch
            {
                '"' => text.Append("\\\""),
                '\\' => text.Append("\\\\"),
                '\n' => text.Append("\\n"),
                '\r' => text.Append("\\r"),
                '\t' => text.Append("\\t"),
                _ => text.Append(c),
            };
        }
        return text.Append("\"]").ToString();
    }

    /// <summary>Reads an address; null when it is none.</summary>
    public static PlanAddress? Parse(string text)
    {
        var at = 0;
        var steps = new List<PlanStep>();
        while (Word(text, ref at, "module."))
        {
            var name = ReadName(text, ref at);
            if (name is null || steps.Count == MostSteps || ReadKey(text, ref at) is not { } key || at >= text.Length || text[at++] != '.')
                return null;
            steps.Add(new PlanStep(name, key));
        }
        // OpenTofu lists ephemeral resources among the changes: like data, they are no resources of the account.
        var data = Word(text, ref at, "data.") || Word(text, ref at, "ephemeral.");
        var type = ReadName(text, ref at);
        if (type is null || at >= text.Length || text[at++] != '.')
            return null;
        var own = ReadName(text, ref at);
        return own is null || ReadKey(text, ref at) is not { } index || at != text.Length ? null : new PlanAddress(steps, data, type, own, index);
    }

    /// <summary>Reads a key at a place: its spelling, empty when there is none, null when it does not end.</summary>
    internal static string? ReadKey(string text, ref int at)
    {
        if (at >= text.Length || text[at] != '[')
            return "";
        var start = at++;
        if (at < text.Length && text[at] == '"')
        {
            for (at++; at < text.Length && text[at] != '"'; at++)
            {
                if (text[at] == '\\')
                    at++;
            }
            at++;
        }
        while (at < text.Length && text[at] != ']')
            at++;
        return at < text.Length ? text[start..++at] : null;
    }

    /// <summary>Reads a name at a place; null when there is none.</summary>
    internal static string? ReadName(string text, ref int at)
    {
        var start = at;
        while (at < text.Length && text[at] is not ('.' or '[' or ']' or '"'))
            at++;
        return at > start ? text[start..at] : null;
    }

    private static bool Word(string text, ref int at, string word)
    {
        if (!text.AsSpan(at).StartsWith(word, StringComparison.Ordinal))
            return false;
        at += word.Length;
        return true;
    }

    private static string Unescape(string text)
    {
        if (!text.Contains('\\', StringComparison.Ordinal))
            return text;
        var plain = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != '\\' || i == text.Length - 1)
            {
                plain.Append(text[i]);
                continue;
            }
            plain.Append(text[++i] switch { 'n' => '\n', 'r' => '\r', 't' => '\t', var other => other });
        }
        return plain.ToString();
    }
}
