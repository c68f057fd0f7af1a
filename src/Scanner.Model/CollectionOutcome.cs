namespace Scanner.Model;

/// <summary>How the collection of one table in one account and region ended.</summary>
public enum CollectionOutcome
{
    /// <summary>Every call answered; what is in the store is all there is.</summary>
    Ok,

    /// <summary>AWS refused a call (AccessDenied, UnauthorizedOperation, an SCP ...).</summary>
    Denied,

    /// <summary>AWS went on throttling a call past the retry budget.</summary>
    Throttled,

    /// <summary>The region is not enabled for the account, or the account has not signed up for the service.</summary>
    Disabled,

    /// <summary>AWS does not have the service in this partition or region: nothing of it can be there, which is as good as having looked.</summary>
    NotOffered,

    /// <summary>Anything else: HTTP 5xx, a broken connection, a reply that could not be read.</summary>
    Error,

    /// <summary>In a plan: known only after apply.</summary>
    Planned,

    /// <summary>The credentials of the scan expired in its midst and could not be renewed; nothing was asked after that.</summary>
    Expired,

    /// <summary>The endpoint sent nothing in the time that there is for the first byte, or was not asked again because of that.</summary>
    Unanswered,

    /// <summary>The scan was stopped, or had reached its time, before this was its turn.</summary>
    Stopped,
}
