namespace Scanner.Detect.Sql;

/// <summary>What a query says of an event besides its identity, so that a finding can name who did what from where.</summary>
internal static class EventColumns
{
    /// <summary>Column and the field of a CloudTrail event that it holds.</summary>
    internal static IReadOnlyList<(string Name, string Field)> CloudTrail { get; } =
    [
        ("event_source", "eventSource"),
        ("event_name", "eventName"),
        ("source_ip", "sourceIPAddress"),
        ("error_code", "errorCode"),
        ("actor_type", "userIdentity.type"),
        ("actor_arn", "userIdentity.arn"),
        ("actor_name", "userIdentity.userName"),
        ("actor_id", "userIdentity.principalId"),
        ("actor_service", "userIdentity.invokedBy"),
        ("actor_account", "userIdentity.accountId"),
        // What signed the call: commands that cut it off name it, and matches belong together by it.
        ("actor_key", "userIdentity.accessKeyId"),
        ("actor_mfa", "userIdentity.sessionContext.attributes.mfaAuthenticated"),
        // Whose session it was: matches are grouped by it.
        ("actor_issuer", "userIdentity.sessionContext.sessionIssuer.arn"),
    ];

    /// <summary>What was touched, with what, and what came of it: of a match of one event, from an engine whose columns hold that.</summary>
    internal static IReadOnlyList<(string Name, string Field)> Touched { get; } =
    [
        ("resource_arn", "resources.ARN"),
        ("request_parameters", "requestParameters"),
        ("response_elements", "responseElements"),
        ("mfa_used", "additionalEventData.MFAUsed"),
        ("user_agent", "userAgent"),
    ];

    /// <summary>The same of the records of a log.</summary>
    internal static IReadOnlyList<(string Name, string Field)> Of(Model.LogSource source) => source switch
    {
        Model.LogSource.VpcFlow =>
        [
            ("srcaddr", "srcaddr"), ("dstaddr", "dstaddr"), ("dstport", "dstport"), ("protocol", "protocol"), ("flow_bytes", "bytes"),
            ("action", "action"), ("interface_id", "interface_id"), ("account_id", "account_id"), ("flow_start", "start"),
        ],
        Model.LogSource.S3Access =>
        [
            ("request_time", "time"), ("remote_ip", "remote_ip"), ("requester", "requester"), ("operation", "operation"), ("bucket", "bucket"), ("object_key", "key"),
            ("http_status", "http_status"), ("error_code", "error_code"), ("user_agent", "user_agent"), ("request_id", "request_id"),
        ],
        _ => CloudTrail,
    };
}
