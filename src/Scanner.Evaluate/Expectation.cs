using Scanner.Model;

namespace Scanner.Evaluate;

/// <summary>Compares the findings of a test with what it expects: all findings, in any order, each by the fields it names.</summary>
internal static class Expectation
{
    private static readonly string[] Fields = ["account_id", "region", "resource_id", "status", "message"];

    /// <summary>Null when both agree; otherwise what is missing and what is too much.</summary>
    public static IReadOnlyList<string>? Difference(IReadOnlyList<IReadOnlyDictionary<string, string?>> expected, IReadOnlyList<Finding> findings)
    {
        // One expectation may fit several findings, and the first that fits may be needed by another: a matching is
        // looked for, not just a first fit.
        var takenBy = new int[findings.Count];
        Array.Fill(takenBy, -1);
        var unmet = new List<int>();
        for (var e = 0; e < expected.Count; e++)
        {
            if (!Place(e, expected, findings, takenBy, new bool[findings.Count]))
                unmet.Add(e);
        }
        if (unmet.Count == 0 && !takenBy.Contains(-1))
            return null;
        var lines = unmet.Select(e => "- " + Text(expected[e])).ToList();
        // What came is shown in full: the reader wants to see what the check said.
        lines.AddRange(findings.Where((_, f) => takenBy[f] < 0)
            .Select(finding => "+ " + Text(Fields.ToDictionary(field => field, field => (string?)Value(finding, field), StringComparer.Ordinal))));
        return lines;
    }

    private static bool Place(
        int e, IReadOnlyList<IReadOnlyDictionary<string, string?>> expected, IReadOnlyList<Finding> findings, int[] takenBy, bool[] tried)
    {
        for (var f = 0; f < findings.Count; f++)
        {
            if (tried[f] || !Fits(expected[e], findings[f]))
                continue;
            tried[f] = true;
            if (takenBy[f] < 0 || Place(takenBy[f], expected, findings, takenBy, tried))
            {
                takenBy[f] = e;
                return true;
            }
        }
        return false;
    }

    private static bool Fits(IReadOnlyDictionary<string, string?> expected, Finding finding) =>
        expected.All(field => (field.Value ?? "") == Value(finding, field.Key));

    private static string Value(Finding finding, string field) => field switch
    {
        "account_id" => finding.Account,
        "region" => finding.Region,
        "resource_id" => finding.Resource,
        "status" => Names.Of(finding.Status),
        "message" => finding.Message,
        _ => throw new ArgumentOutOfRangeException(nameof(field), field, "no field of a finding"),
    };

    private static string Text(IReadOnlyDictionary<string, string?> fields) =>
        "{" + string.Join(", ", Fields.Where(fields.ContainsKey).Select(field => $"{field}: {fields[field]}")) + "}";
}
