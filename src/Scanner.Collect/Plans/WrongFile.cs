using System.Globalization;
using System.Text.Json;
using Scanner.Model;

namespace Scanner.Collect.Plans;

/// <summary>What a file is that is no plan, and the one command that makes the right one. A file that was not understood must never end as "nothing found".</summary>
internal static class WrongFile
{
    /// <summary>The command that makes the right file.</summary>
    public const string Command = "terraform show -json tfplan > plan.json";

    /// <summary>End of a sentence that tells the command.</summary>
    public const string Remedy = "make it with: " + Command;

    /// <summary>Looks at the first bytes; null when they may begin a plan.</summary>
    /// <param name="file">File, for the error.</param>
    /// <param name="start">Its first bytes, after a byte order mark and decoded to UTF-8.</param>
    public static InputException? Sniff(string file, ReadOnlySpan<byte> start)
    {
        if (start.StartsWith("PK\u0003\u0004"u8))
            return new InputException($"{file}: this is the binary plan; {Remedy.Replace("tfplan", Path.GetFileName(file), StringComparison.Ordinal)}");
        if (start.StartsWith("\u001f\u008b"u8[..1]) && start.Length > 1 && start[1] == 0x8b)
            return new InputException($"{file}: this is a gzip file; unpack it with: gunzip -c {Path.GetFileName(file)} > plan.json");
        var first = start.IndexOfAnyExcept(" \t\r\n"u8);
        if (first < 0)
            return new InputException($"{file}: the file is empty, so nothing was planned; {Remedy}");
        if (start[first] == '{')
            return null;
        var text = System.Text.Encoding.UTF8.GetString(start[first..Math.Min(start.Length, first + 200)]);
        if (text.StartsWith("[command]", StringComparison.Ordinal) || text.StartsWith("::debug::", StringComparison.Ordinal))
            return new InputException($"{file}: begins with what setup-terraform's wrapper prints; set 'terraform_wrapper: false' and {Remedy}");
        if (Array.Exists(PlanTexts, one => text.Contains(one, StringComparison.OrdinalIgnoreCase)))
            return new InputException($"{file}: this is what 'terraform plan' prints for people; terraform plan -out=tfplan, then {Command}");
        return new InputException($"{file}: this is not JSON: it begins with '{Visible(text)}'; {Remedy}");
    }

    /// <summary>Judges what was read whole.</summary>
    /// <exception cref="InputException">It is no plan.</exception>
    public static void Check(PlanDocument document, string file)
    {
        if (document.Has("lineage") || (document.Has("serial") && document.Has("version")))
            throw new InputException($"{file}: this is a state file (terraform.tfstate), not a plan; terraform plan -out=tfplan, then {Command}");
        if (document.Has("values") && !document.Has("resource_changes") && !document.Has("configuration"))
            throw new InputException($"{file}: this is the state ('terraform show -json' without a plan file); terraform plan -out=tfplan, then {Command}");
        if (document.Has("provider_schemas"))
            throw new InputException($"{file}: this is what 'terraform providers schema' prints, not a plan; {Remedy}");
        if (!document.Has("resource_changes") && !document.Has("planned_values") && !document.Has("prior_state"))
        {
            throw new InputException(document.FormatVersion is null
                ? $"{file}: this JSON is no plan (it has neither resource_changes nor prior_state); {Remedy}"
                : $"{file}: this is an empty state: nothing was applied yet, and no plan file was named; terraform plan -out=tfplan, then {Command}");
        }
        // A -refresh-only plan has no resource_changes, and no planned values either.
        if (!document.Has("resource_changes") && document.Planned > 0)
        {
            throw new InputException($"{file}: has planned values but no resource_changes, so what changes cannot be told (another tool wrote or cut it); {Remedy}");
        }
    }

    /// <summary>Judges <c>format_version</c>.</summary>
    /// <exception cref="InputException">Its major version is not 0 or 1 ("Reject any input which reports an unsupported major version").</exception>
    public static void CheckFormat(string version, string file)
    {
        var major = version.Split('.')[0];
        if (major is not ("0" or "1"))
        {
            throw new InputException(
                $"{file}: format_version '{Visible(version)}' is not known (0.x and 1.x are); update Scanner, or {Remedy} with a Terraform that writes 1.x");
        }
    }

    /// <summary>Two or more JSON documents.</summary>
    public static InputException Several(string file) =>
        new($"{file}: holds several JSON documents; write each plan to a file of its own (scanner gate FOLDER reads them all): {Command}");

    /// <summary>Not an object.</summary>
    public static InputException NoObject(string file) => new($"{file}: this JSON is no plan; {Remedy}");

    /// <summary><c>terraform plan -json</c>.</summary>
    public static InputException EventStream(string file) =>
        new($"{file}: these are the events of 'terraform plan -json', not the plan; terraform plan -out=tfplan, then {Command}");

    /// <summary>JSON that does not parse.</summary>
    public static InputException Broken(string file, IReadOnlySet<string> seen, JsonException error)
    {
        var place = error.LineNumber is { } line
            ? string.Create(CultureInfo.InvariantCulture, $" (line {line + 1}, byte {(error.BytePositionInLine ?? 0) + 1})")
            : "";
        if (error.Message.Contains("is larger than", StringComparison.Ordinal))
            return new InputException($"{file}: {error.Message}; is it a plan? {Remedy}", error);
        if (error.Message.Contains("maximum", StringComparison.OrdinalIgnoreCase) && error.Message.Contains("depth", StringComparison.OrdinalIgnoreCase))
            return new InputException($"{file}: the JSON is nested deeper than any plan{place}; {Remedy}", error);
        // What follows the document is no JSON: words of the shell or of a wrapper.
        if (seen.Count > 0 && error.Message.Contains("is an invalid start of a value", StringComparison.Ordinal) && seen.Contains("configuration"))
            return new InputException($"{file}: something that is no JSON stands in or after the plan{place}; {Remedy}", error);
        return error.Message.Contains("Expected depth to be zero", StringComparison.Ordinal) || error.Message.Contains("end of data", StringComparison.OrdinalIgnoreCase)
            || error.Message.Contains("reached end", StringComparison.OrdinalIgnoreCase) || error.Message.Contains("end of string", StringComparison.OrdinalIgnoreCase)
            ? new InputException($"{file}: the JSON ends in the middle{place}: the file is cut off; {Remedy}", error)
            : new InputException($"{file}: the JSON is broken{place}; {Remedy}", error);
    }

    private static readonly string[] PlanTexts = ["Terraform will perform", "Terraform used the selected", "No changes.", "OpenTofu will perform", "OpenTofu used the selected", "Refreshing state", "Error:"];

    private static string Visible(string text)
    {
        var line = text.AsSpan();
        var end = line.IndexOfAny('\r', '\n');
        line = end >= 0 ? line[..end] : line;
        return string.Concat(line[..Math.Min(line.Length, 40)].ToString().Select(c => char.IsControl(c) || c is '\'' ? '?' : c));
    }
}
