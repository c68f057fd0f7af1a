using System.Net.Sockets;
using Scanner.Model;

namespace Scanner.Aws.Client;

/// <summary>Tells failures of the connection from answers of AWS.</summary>
internal static class ConnectionFailure
{
    /// <summary>Whether the request got no complete answer: refused, reset, timed out, cut off.</summary>
    public static bool Is(Exception exception)
    {
        for (var e = exception; e is not null; e = e.InnerException)
        {
            // Credentials could not be fetched: that was tried often enough, and says itself what to correct.
            if (e is InputException)
                return false;
            if (e is HttpRequestException or IOException or SocketException or TimeoutException or TaskCanceledException { InnerException: TimeoutException })
                return true;
        }
        return false;
    }

    /// <summary>Whether not one byte came in the time that there is for it.</summary>
    public static bool IsSilence(Exception exception)
    {
        for (var e = exception; e is not null; e = e.InnerException)
        {
            if (e is NoAnswerException)
                return true;
        }
        return false;
    }

    /// <summary>The socket's error, if one is at the root of it.</summary>
    public static SocketError? Socket(Exception exception)
    {
        for (var e = exception; e is not null; e = e.InnerException)
        {
            if (e is InputException)
                return null;
            if (e is SocketException socket)
                return socket.SocketErrorCode;
        }
        return null;
    }

    /// <summary>Whether nothing was sent, because there was no connection at all.</summary>
    public static bool BeforeTheWire(Exception exception)
    {
        for (var e = exception; e is not null; e = e.InnerException)
        {
            if (e is HttpRequestException { HttpRequestError: HttpRequestError.NameResolutionError or HttpRequestError.ConnectionError or HttpRequestError.SecureConnectionError or HttpRequestError.ProxyTunnelError })
                return true;
        }
        return false;
    }
}
