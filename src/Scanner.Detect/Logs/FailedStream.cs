using System.Runtime.ExceptionServices;

namespace Scanner.Detect.Logs;

/// <summary>Where a stream could not be read on.</summary>
/// <param name="why">What happened there.</param>
internal sealed class FailedStream(Exception why) : ForwardStream
{
    public override int Read(Span<byte> buffer)
    {
        ExceptionDispatchInfo.Throw(why);
        return 0;
    }
}
