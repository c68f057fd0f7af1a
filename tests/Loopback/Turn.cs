using System.Globalization;

namespace Loopback;

/// <summary>
/// The part of a long list of cases that is this run's turn: <c>SCANNER_TURN</c>, a number that <c>.ci/run</c> draws and prints (0 where it is not set),
/// says which, so that one run after the other comes by all of them. <c>SCANNER_GAPS=all</c>, as at night, takes them all.
/// </summary>
public static class Turn
{
    private static readonly bool All = Environment.GetEnvironmentVariable("SCANNER_GAPS") == "all";

    private static readonly int Number = int.TryParse(Environment.GetEnvironmentVariable("SCANNER_TURN"), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;

    /// <summary>Every so many of them, from a place that the turn tells.</summary>
    /// <param name="cases">All cases, in an order that stays.</param>
    /// <param name="parts">In how many turns all of them are taken.</param>
    public static IEnumerable<T> Of<T>(IEnumerable<T> cases, int parts) => All ? cases : cases.Where((_, i) => i % parts == Number % parts);
}
