namespace Loopback.Aws;

/// <summary>Ways in which AWS, or the network before it, can fail.</summary>
public enum AwsFault
{
    /// <summary>The code and status with which the service's protocol says: not allowed.</summary>
    AccessDenied,

    /// <summary>The code and status with which the service's protocol says: too fast.</summary>
    Throttling,

    /// <summary>HTTP 500 with an error in the protocol's shape.</summary>
    InternalError,

    /// <summary>HTTP 500 with a body that is no error of the protocol.</summary>
    BareInternalError,

    /// <summary>The connection is closed without an answer.</summary>
    ConnectionReset,

    /// <summary>Half the body arrives, then the connection is closed.</summary>
    TruncatedBody,

    /// <summary>Half the body arrives, and the length says that this is all.</summary>
    CutOffBody,

    /// <summary>HTTP 200 with a page of HTML.</summary>
    NotTheProtocol,

    /// <summary>HTTP 200 with another root: a JSON list, or another XML element.</summary>
    WrongRoot,

    /// <summary>HTTP 200 in the right shape, but a list, structure, flag or number is a text.</summary>
    WrongKind,

    /// <summary>HTTP 200 and nothing.</summary>
    EmptyBody,

    /// <summary>The first page says that there is more, and the second is denied. Needs an operation with pages.</summary>
    FailedSecondPage,

    /// <summary>Every page says that there is more, always with the same token.</summary>
    EndlessPages,

    /// <summary>The credentials have expired.</summary>
    ExpiredToken,

    /// <summary>The account has not signed up for the service, or has not enabled the region.</summary>
    NotEnabled,

    /// <summary>The request is taken, and nothing ever comes.</summary>
    Silence,

    /// <summary>The region does not know the caller, as opt-in regions do that are not enabled.</summary>
    UnknownCaller,
}
