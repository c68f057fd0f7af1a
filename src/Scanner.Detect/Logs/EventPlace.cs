using System.Runtime.InteropServices;

namespace Scanner.Detect.Logs;

/// <summary>Where an event is: number in the file from 1, and byte in the decompressed file.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct EventPlace(long Record, long Offset);
