using System.Collections.Frozen;

namespace Scanner.Model;

/// <summary>
/// MITRE ATT&amp;CK's Enterprise matrix, as of <see cref="Version"/>: every technique with its name and tactics, and every id that
/// MITRE has revoked with the one that stands for it now. The data lies in <c>Attack/*.tsv</c>, one line an id.
/// </summary>
public static class AttackMatrix
{
    /// <summary>The version of ATT&amp;CK that all ids, names and tactics here are of.</summary>
    public const string Version = "19.1";

    /// <summary>
    /// Name until version 18 of what is now Stealth (which kept its id, TA0005) and Defense Impairment. Rules of others still say it.
    /// </summary>
    public const string DefenseEvasion = "defense-evasion";

    /// <summary>All tactics, in the matrix's order.</summary>
    public static IReadOnlyList<AttackTactic> Tactics { get; } =
        [.. Lines("tactics").Select(cells => new AttackTactic(cells[0], cells[1], cells[2]))];

    private static readonly FrozenDictionary<string, AttackTactic> TacticsByName =
        Tactics.ToFrozenDictionary(tactic => tactic.ShortName, StringComparer.OrdinalIgnoreCase);

    private static readonly FrozenDictionary<string, AttackTechnique> TechniquesById = Lines("techniques")
        .Select(cells => new AttackTechnique(cells[0], cells[1], [.. cells[2].Split(',').Select(name => TacticsByName[name])]))
        .ToFrozenDictionary(technique => technique.Id, StringComparer.OrdinalIgnoreCase);

    private static readonly FrozenDictionary<string, string> Revoked =
        Lines("revoked").ToFrozenDictionary(cells => cells[0], cells => cells[1], StringComparer.OrdinalIgnoreCase);

    /// <summary>All techniques and sub-techniques, by id.</summary>
    public static IEnumerable<AttackTechnique> Techniques => TechniquesById.Values.OrderBy(technique => technique.Id, StringComparer.Ordinal);

    /// <summary>Whether a text has the form of a technique's id, such as <c>T1685</c>, or a sub-technique's, such as <c>T1685.002</c>.</summary>
    /// <param name="text">Any text; a lower-case <c>t</c>, as Sigma's tags have it, is not the form.</param>
    public static bool IsTechniqueId(ReadOnlySpan<char> text) =>
        text.Length is 5 or 9 && text[0] == 'T' && AreDigits(text[1..5]) && (text.Length == 5 || (text[5] == '.' && AreDigits(text[6..])));

    /// <summary>
    /// The technique of an id, in upper or lower case; of a revoked id, the one that stands for it now. Null where ATT&amp;CK has none.
    /// </summary>
    /// <param name="id">Such as <c>T1562.008</c>, which finds T1685.002.</param>
    public static AttackTechnique? Find(string id) => TechniquesById.GetValueOrDefault(Revoked.GetValueOrDefault(id, id));

    /// <summary>The tactic of a name, with hyphens or underscores, in upper or lower case; null where ATT&amp;CK has none.</summary>
    /// <param name="name">Such as <c>defense-impairment</c> or <c>command_and_control</c>.</param>
    public static AttackTactic? FindTactic(string name) => TacticsByName.GetValueOrDefault(name.Replace('_', '-'));

    /// <summary>
    /// Techniques and tactics as today's ATT&amp;CK names them, each once, in the order given: revoked ids become what stands for them, and
    /// <see cref="DefenseEvasion"/> becomes Stealth or Defense Impairment, whichever the techniques beside it serve; Stealth, which kept
    /// its id, where they serve neither. What ATT&amp;CK does not know stays as it is.
    /// </summary>
    /// <param name="names">Ids of techniques and short names of tactics.</param>
    public static IReadOnlyList<string> Today(IReadOnlyCollection<string> names)
    {
        var served = names.SelectMany(name => Find(name)?.Tactics ?? []).Select(tactic => tactic.ShortName).ToHashSet(StringComparer.Ordinal);
        string[] heirs = [.. new[] { "stealth", "defense-impairment" }.Where(served.Contains)];
        return
        [
            .. names.SelectMany(name =>
                    name.Replace('_', '-').Equals(DefenseEvasion, StringComparison.OrdinalIgnoreCase) ? heirs.DefaultIfEmpty("stealth")
                    : [Find(name)?.Id ?? FindTactic(name)?.ShortName ?? name])
                .Distinct(StringComparer.Ordinal),
        ];
    }

    /// <summary>The cells of the matrix that a rule is about: its techniques in the tactics that it names, in all of theirs where it names none.</summary>
    /// <param name="names">Ids of techniques and short names of tactics, as <see cref="RuleInfo.Mitre"/>.</param>
    public static IEnumerable<(AttackTechnique Technique, AttackTactic Tactic)> Cells(IReadOnlyCollection<string> names)
    {
        var named = names.Select(FindTactic).OfType<AttackTactic>().ToHashSet();
        foreach (var technique in names.Select(Find).OfType<AttackTechnique>())
        {
            var meant = technique.Tactics.Where(named.Contains).ToList();
            foreach (var tactic in meant.Count > 0 ? meant : technique.Tactics)
                yield return (technique, tactic);
        }
    }

    /// <summary>What a reader is shown: a technique's id with its name, a tactic's name; anything else as it is.</summary>
    /// <param name="name">Id of a technique, or short name of a tactic.</param>
    public static string Label(string name) =>
        Find(name) is { } technique ? $"{technique.Id} {technique.Name}" : FindTactic(name)?.Name ?? name;

    private static bool AreDigits(ReadOnlySpan<char> text) => !text.ContainsAnyExceptInRange('0', '9');

    private static IEnumerable<string[]> Lines(string file)
    {
        using var stream = typeof(AttackMatrix).Assembly.GetManifestResourceStream($"Attack/{file}.tsv")!;
        using var reader = new StreamReader(stream);
        while (reader.ReadLine() is { } line)
            yield return line.Split('\t');
    }
}
