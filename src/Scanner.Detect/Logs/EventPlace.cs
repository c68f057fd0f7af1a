using System.Runtime.InteropServices;

namespace Scanner.Detect.Logs;

/// <summary>Where an event is: number in the file from 1, byte in the decompressed file, and place in the reader's buffer.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct EventPlace(long Record, long Offset, int Start, int Length);
