using System.Runtime.InteropServices;

namespace Scanner.Detect.Correlation;

/// <summary>
/// A hit in a block: this, the hash of correlation and group for each <see cref="HitCount"/> of the rule (8 bytes each), and
/// the place of the text of each field that the plan keeps (4 bytes each; -1: it has none).
/// </summary>
/// <param name="Ticks">UTC ticks of the event's time; 0 where it has none.</param>
/// <param name="Record">As <see cref="Hit.Record"/>.</param>
/// <param name="Offset">As <see cref="Hit.Offset"/>.</param>
/// <param name="File">As <see cref="Hit.File"/>.</param>
/// <param name="Rule">As <see cref="Hit.Rule"/>.</param>
/// <param name="Id">Place of the text of the event's id.</param>
/// <param name="Time">Place of the text of the event's time.</param>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct HitHead(long Ticks, long Record, long Offset, int File, int Rule, int Id, int Time);
