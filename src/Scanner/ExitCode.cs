namespace Scanner;

/// <summary>What the program ends with; part of the contract.</summary>
internal static class ExitCode
{
    /// <summary>Looked at everything that was asked, nothing at or above <c>--fail-on</c>.</summary>
    public const int Clean = 0;

    /// <summary>Findings at or above <c>--fail-on</c> (also: a failing test of <c>checks test</c>).</summary>
    public const int Findings = 1;

    /// <summary>Bad input or configuration, or something could not be written or published; one line says what.</summary>
    public const int BadInput = 2;

    // After a signal: 128 plus its number (130 Ctrl-C, 143 SIGTERM), see StopSignal.

    /// <summary>Something could not be looked at, and <c>--fail-on-unknown</c> is set (always so for <c>detect</c>).</summary>
    public const int Incomplete = 3;
}
