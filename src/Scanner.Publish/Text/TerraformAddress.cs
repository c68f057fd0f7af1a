namespace Scanner.Publish.Text;

/// <summary>Takes the address of a Terraform instance apart, such as <c>module.net["a.b"].aws_vpc.this[0]</c>. Never fails: the text may be hostile.</summary>
internal static class TerraformAddress
{
    /// <summary>The address without keys and without the mark of a deposed object: the same for all instances of one block.</summary>
    public static string WithoutKeys(string address) => string.Join('.', Segments(address));

    /// <summary>Type and name of the resource: <c>aws_vpc</c> and <c>this</c>; null where the address has no two parts.</summary>
    public static (string Type, string Name)? Resource(string? address)
    {
        if (address is null)
            return null;
        var segments = Segments(address);
        return segments.Count < 2 ? null : (segments[^2], segments[^1]);
    }

    /// <summary>Parts between dots outside of keys; a key is a number, <c>*</c>, or a quoted text that may hold dots and brackets.</summary>
    private static List<string> Segments(string address)
    {
        var deposed = address.IndexOf(" (deposed ", StringComparison.Ordinal);
        var text = deposed < 0 ? address.AsSpan() : address.AsSpan(0, deposed);
        var segments = new List<string>();
        var made = new System.Text.StringBuilder();
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '[')
            {
                i = EndOfKey(text, i);
                continue;
            }
            if (text[i] != '.')
            {
                made.Append(text[i]);
                continue;
            }
            segments.Add(made.ToString());
            made.Clear();
        }
        segments.Add(made.ToString());
        return segments;
    }

    private static int EndOfKey(ReadOnlySpan<char> text, int start)
    {
        var quoted = false;
        for (var i = start + 1; i < text.Length; i++)
        {
            if (quoted && text[i] == '\\')
                i++;
            else if (text[i] == '"')
                quoted = !quoted;
            else if (text[i] == ']' && !quoted)
                return i;
        }
        return text.Length;
    }
}
