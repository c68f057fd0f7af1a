namespace Scanner.Detect.Rules;

/// <summary>Tells a slip in a rule's log source from a log that is not read here.</summary>
internal static class SourceNames
{
    private static readonly string[] Known = ["aws/cloudtrail", "aws/vpcflow", "aws/s3_access"];

    /// <summary>The log that was meant, where the source is a slip of the pen away from one; null otherwise.</summary>
    internal static string? Nearest(SigmaLogSource source)
    {
        var name = source.Category is null ? $"{source.Product ?? "aws"}/{source.Service ?? "cloudtrail"}" : source.ToString();
        return Known.Select(known => (known, Distance: Distance(name, known))).Where(one => one.Distance is > 0 and <= 3)
            .OrderBy(one => one.Distance).Select(one => one.known).FirstOrDefault();
    }

    /// <summary>How many letters must be put in, taken out, changed or swapped with the next (Damerau and Levenshtein).</summary>
    private static int Distance(string left, string right)
    {
        var rows = new int[left.Length + 1, right.Length + 1];
        for (var i = 0; i <= left.Length; i++)
            rows[i, 0] = i;
        for (var j = 0; j <= right.Length; j++)
            rows[0, j] = j;
        for (var i = 1; i <= left.Length; i++)
        {
            for (var j = 1; j <= right.Length; j++)
            {
                rows[i, j] = Math.Min(Math.Min(rows[i - 1, j], rows[i, j - 1]) + 1, rows[i - 1, j - 1] + (left[i - 1] == right[j - 1] ? 0 : 1));
                if (i > 1 && j > 1 && left[i - 1] == right[j - 2] && left[i - 2] == right[j - 1])
                    rows[i, j] = Math.Min(rows[i, j], rows[i - 2, j - 2] + 1);
            }
        }

        return rows[left.Length, right.Length];
    }
}
