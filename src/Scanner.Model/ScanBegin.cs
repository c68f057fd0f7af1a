namespace Scanner.Model;

/// <summary>How a scan began whose store is kept: what a later one must be alike in to go on with it.</summary>
/// <param name="Time">When the accounts were looked at.</param>
/// <param name="Version">Version of the program.</param>
/// <param name="Asked">What was asked, as options of the command line.</param>
/// <param name="Tables">Fingerprint of the tables and details that are collected.</param>
public sealed record ScanBegin(DateTimeOffset Time, string Version, string Asked, string Tables);
