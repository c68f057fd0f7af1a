using CsCheck;
using Scanner.Model;

namespace Catalog.Tests;

public sealed class AttackMatrixTests
{
    // Counts, names and revocations as MITRE's notes on version 19 tell them: attack.mitre.org/resources/updates/updates-april-2026.
    [Fact]
    public void The_matrix_has_as_many_tactics_techniques_and_sub_techniques_as_Mitre_says()
    {
        Assert.Equal(15, AttackMatrix.Tactics.Count);
        Assert.Equal(222, AttackMatrix.Techniques.Count(technique => !technique.IsSubTechnique));
        Assert.Equal(475, AttackMatrix.Techniques.Count(technique => technique.IsSubTechnique));
        Assert.All(AttackMatrix.Techniques, technique =>
        {
            Assert.True(AttackMatrix.IsTechniqueId(technique.Id), technique.Id);
            Assert.NotEmpty(technique.Name);
            Assert.NotEmpty(technique.Tactics);
            Assert.False(AttackMatrix.Find(technique.TechniqueId)!.IsSubTechnique, technique.Id);
        });
    }

    [Theory]
    [InlineData("T1562", "T1685", "Disable or Modify Tools", "defense-impairment")]
    [InlineData("T1562.001", "T1685", "Disable or Modify Tools", "defense-impairment")]
    [InlineData("T1562.007", "T1686.001", "Cloud Firewall", "defense-impairment")]
    [InlineData("T1562.008", "T1685.002", "Disable or Modify Cloud Log", "defense-impairment")]
    [InlineData("T1070.001", "T1685.005", "Clear Windows Event Logs", "defense-impairment")]
    [InlineData("t1656", "T1684.001", "Impersonation", "stealth")]
    // Revoked in 2020 in favor of an id that was revoked in 2026.
    [InlineData("T1089", "T1685", "Disable or Modify Tools", "defense-impairment")]
    [InlineData("T1685.002", "T1685.002", "Disable or Modify Cloud Log", "defense-impairment")]
    [InlineData("T1078.004", "T1078.004", "Cloud Accounts", "initial-access persistence privilege-escalation stealth")]
    public void A_revoked_id_finds_what_stands_for_it_now(string id, string now, string name, string tactics)
    {
        var technique = AttackMatrix.Find(id)!;
        Assert.Equal(now, technique.Id);
        Assert.Equal(name, technique.Name);
        Assert.Equal(tactics, string.Join(' ', technique.Tactics.Select(tactic => tactic.ShortName)));
    }

    [Fact]
    public void Stealth_kept_the_id_of_defense_evasion_and_defense_impairment_is_new()
    {
        Assert.Equal(new AttackTactic("TA0005", "stealth", "Stealth"), AttackMatrix.FindTactic("stealth"));
        Assert.Equal(new AttackTactic("TA0112", "defense-impairment", "Defense Impairment"), AttackMatrix.FindTactic("defense_impairment"));
        Assert.Null(AttackMatrix.FindTactic("defense-evasion"));
    }

    [Theory]
    [InlineData("defense-evasion T1562.008", "defense-impairment T1685.002")]
    [InlineData("defense_evasion T1070", "stealth T1070")]
    [InlineData("T1562.001 T1685 defense-evasion", "T1685 defense-impairment")]
    [InlineData("defense-evasion T1490", "stealth T1490")]
    [InlineData("defense-evasion T1070 T1578", "stealth defense-impairment T1070 T1578")]
    [InlineData("command_and_control T9999", "command-and-control T9999")]
    public void Names_of_older_versions_are_counted_with_todays(string names, string today) =>
        Assert.Equal(today, string.Join(' ', AttackMatrix.Today(names.Split(' '))));

    [Fact]
    public void What_is_of_today_stays() =>
        Gen.Select(Gen.OneOf(AttackMatrix.Techniques.Select(technique => technique.Id).ToArray()).Array[0, 6],
                Gen.OneOf(AttackMatrix.Tactics.Select(tactic => tactic.ShortName).ToArray()).Array[0, 4])
            .Sample((techniques, tactics) =>
            {
                string[] names = [.. tactics.Concat(techniques).Distinct()];
                return AttackMatrix.Today(names).SequenceEqual(names, StringComparer.Ordinal);
            }, iter: 200);
}
