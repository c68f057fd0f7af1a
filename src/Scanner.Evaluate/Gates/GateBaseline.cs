using Scanner.Model;

namespace Scanner.Evaluate.Gates;

/// <summary>
/// Faults that are known and accepted as old: the way in for a stack with many of them and no prior state. One line each,
/// <c>CHECK ADDRESS</c>, sorted, so that it can be read, diffed and shortened by hand; <c>#</c> begins a comment. With several plans the name of the
/// plan stands before the address.
/// </summary>
public sealed class GateBaseline
{
    private const string Head = "# Faults that 'scanner gate' takes as known (--gate-baseline): check and address. Delete a line when its fault is fixed.";

    private readonly HashSet<string> _lines;

    private GateBaseline(HashSet<string> lines) => _lines = lines;

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="InputException">It is not there, or a line is not CHECK ADDRESS.</exception>
    public static GateBaseline Read(string path)
    {
        string[] lines;
        try
        {
            lines = File.ReadAllLines(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"--gate-baseline {path} cannot be read ({e.Message}); make one with --write-baseline {path}", e);
        }
        var found = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < lines.Length; i++)
        {
            var line = lines[i].Trim();
            if (line.Length == 0 || line[0] == '#')
                continue;
            if (!line.Contains(' ', StringComparison.Ordinal))
                throw new InputException(path, i + 1, $"'{SafeText.Line(line)}' is not CHECK ADDRESS; write the file with --write-baseline {path}");
            found.Add(line);
        }
        return new GateBaseline(found);
    }

    /// <summary>The finding, existing where the baseline knows it.</summary>
    /// <param name="finding">A finding of a plan.</param>
    public Finding Apply(Finding finding)
    {
        ArgumentNullException.ThrowIfNull(finding);
        return finding is { Change: FindingChange.Introduced, Status: FindingStatus.Fail } && _lines.Contains(Line(finding)) ? finding with { Change = FindingChange.Existing } : finding;
    }

    /// <summary>Writes the faults of the state afterwards.</summary>
    /// <param name="path">The file.</param>
    /// <param name="findings">Findings of plans.</param>
    /// <exception cref="InputException">It cannot be written.</exception>
    public static void Write(string path, IEnumerable<Finding> findings)
    {
        var lines = findings.Where(finding => finding is { Status: FindingStatus.Fail, Change: FindingChange.Introduced or FindingChange.Existing, Address: not null })
            .Select(Line).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal);
        try
        {
            File.WriteAllText(path, string.Join('\n', lines.Prepend(Head)) + "\n");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"--write-baseline {path} cannot be written ({e.Message})", e);
        }
    }

    private static string Line(Finding finding) =>
        SafeText.Line(finding.Plan is null ? $"{finding.Check} {finding.Address ?? finding.Resource}" : $"{finding.Check} {finding.Plan} {finding.Address ?? finding.Resource}");
}
