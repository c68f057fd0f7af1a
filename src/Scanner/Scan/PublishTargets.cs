namespace Scanner.Scan;

/// <summary>Where results go (<c>--publish</c>).</summary>
[Flags]
internal enum PublishTargets
{
    None = 0,
    Issues = 1,
    Summary = 2,
    PrComment = 4,
    Sarif = 8,
    Annotations = 16,
    Dashboard = 32,
    Webhook = 64,
}
