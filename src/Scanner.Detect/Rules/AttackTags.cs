using Scanner.Catalog;
using Scanner.Model;

namespace Scanner.Detect.Rules;

/// <summary>The tags of a Sigma rule in the name space <c>attack</c>, as the tags appendix of the Sigma specification has them.</summary>
internal static class AttackTags
{
    private const string Prefix = "attack.";

    /// <summary>
    /// What the tags say, as written but for case: ids of techniques (<c>T1685.002</c>, revoked ones among them, and ones that
    /// ATT&amp;CK never had) and short names of tactics (<c>defense-impairment</c>). Groups, software and mitigations, which the
    /// specification allows beside them, are left out.
    /// </summary>
    /// <param name="tags">As a rule has them: <c>attack.t1685.002</c>, <c>attack.defense_impairment</c>.</param>
    internal static IReadOnlyList<string> Of(IReadOnlyList<string> tags)
    {
        var result = new List<string>();
        foreach (var tag in tags)
        {
            if (NameOf(tag) is not { } name)
                continue;
            if (AttackMatrix.IsTechniqueId(name.ToUpperInvariant()))
                result.Add(name.ToUpperInvariant());
            else if (AttackMatrix.FindTactic(name) is { } tactic)
                result.Add(tactic.ShortName);
            else if (name.Equals(AttackMatrix.DefenseEvasion, StringComparison.OrdinalIgnoreCase))
                result.Add(AttackMatrix.DefenseEvasion);
        }

        return result;
    }

    /// <summary>
    /// What is wrong with a tag, with the nearest that ATT&amp;CK has; null where nothing is. A tag of another name space, and the id of a
    /// group (G0016), software (S0154), mitigation (M1047) or data source (DS0028), of which no list is kept here, are right.
    /// </summary>
    /// <param name="tag">One tag, as written.</param>
    internal static string? Fault(string tag)
    {
        if (NameOf(tag) is not { } name || AttackMatrix.FindTactic(name) is not null || name.Equals(AttackMatrix.DefenseEvasion, StringComparison.OrdinalIgnoreCase))
            return null;
        var isTechnique = name.StartsWith('t') && name.AsSpan(1).ContainsAnyInRange('0', '9');
        if (isTechnique ? AttackMatrix.Find(name) is not null : IsOtherId(name))
            return null;
        var known = isTechnique ? AttackMatrix.Techniques.Select(technique => technique.Id.ToLowerInvariant()) : AttackMatrix.Tactics.Select(tactic => tactic.ShortName);
        return $"the tag {tag} names no {(isTechnique ? "technique" : "tactic")} of ATT&CK {AttackMatrix.Version}, so it counts for none; {Spelling.Suggest(name, known)}";
    }

    private static string? NameOf(string tag) =>
        tag.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase) ? tag[Prefix.Length..].Replace('_', '-').ToLowerInvariant() : null;

    private static bool IsOtherId(string name) =>
        name.AsSpan().TrimEnd("0123456789") is "g" or "s" or "m" or "ds" && char.IsAsciiDigit(name[^1]);
}
