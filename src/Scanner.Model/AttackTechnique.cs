namespace Scanner.Model;

/// <summary>A technique or sub-technique of MITRE ATT&amp;CK.</summary>
/// <param name="Id">Such as <c>T1685</c>, or <c>T1685.002</c> for a sub-technique.</param>
/// <param name="Name">As MITRE writes it, a sub-technique's without its technique's: <c>Disable or Modify Cloud Log</c>.</param>
/// <param name="Tactics">The tactics that it serves, in the matrix's order.</param>
public sealed record AttackTechnique(string Id, string Name, IReadOnlyList<AttackTactic> Tactics)
{
    /// <summary>The technique that a sub-technique belongs to; a technique's own id otherwise.</summary>
    public string TechniqueId => Id[..5];

    /// <summary>Whether it is a sub-technique.</summary>
    public bool IsSubTechnique => Id.Length > 5;

    /// <summary>Its page at MITRE.</summary>
    public string Url => "https://attack.mitre.org/techniques/" + Id.Replace('.', '/') + "/";
}

/// <summary>A tactic of MITRE ATT&amp;CK: what an adversary is after.</summary>
/// <param name="Id">Such as <c>TA0112</c>.</param>
/// <param name="ShortName">As Sigma tags and STIX write it: <c>defense-impairment</c>.</param>
/// <param name="Name">As MITRE writes it: <c>Defense Impairment</c>.</param>
public sealed record AttackTactic(string Id, string ShortName, string Name);
