using System.Collections.Frozen;
using Scanner.Model;

namespace Scanner.Detect.Sql;

/// <summary>
/// The columns of VPC flow logs and S3 server access logs in Athena, as its user guide creates the tables ("Create a table for Amazon VPC flow
/// logs and query it"; "Query Amazon S3 server access logs" of the S3 user guide), for the fields of the records' text forms.
/// </summary>
internal static class LogColumns
{
    // Fields of versions 2 to 5; numbers in the table are texts here, since a rule may compare either way.
    private static readonly FrozenDictionary<string, string> Flow = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["version"] = "cast(version as varchar)",
        ["account_id"] = Text("account_id"),
        ["interface_id"] = Text("interface_id"),
        ["srcaddr"] = Text("srcaddr"),
        ["dstaddr"] = Text("dstaddr"),
        ["srcport"] = "cast(srcport as varchar)",
        ["dstport"] = "cast(dstport as varchar)",
        ["protocol"] = "cast(protocol as varchar)",
        ["packets"] = "cast(packets as varchar)",
        ["bytes"] = "cast(bytes as varchar)",
        ["start"] = "cast(\"start\" as varchar)",
        ["end"] = "cast(\"end\" as varchar)",
        ["action"] = Text("action"),
        ["log_status"] = Text("log_status"),
        ["vpc_id"] = Text("vpc_id"),
        ["subnet_id"] = Text("subnet_id"),
        ["instance_id"] = Text("instance_id"),
        ["tcp_flags"] = "cast(tcp_flags as varchar)",
        ["type"] = Text("type"),
        ["pkt_srcaddr"] = Text("pkt_srcaddr"),
        ["pkt_dstaddr"] = Text("pkt_dstaddr"),
        ["region"] = Text("region"),
        ["az_id"] = Text("az_id"),
        ["sublocation_type"] = Text("sublocation_type"),
        ["sublocation_id"] = Text("sublocation_id"),
        ["pkt_src_aws_service"] = Text("pkt_src_aws_service"),
        ["pkt_dst_aws_service"] = Text("pkt_dst_aws_service"),
        ["flow_direction"] = Text("flow_direction"),
        ["traffic_path"] = "cast(traffic_path as varchar)",
    }.ToFrozenDictionary(StringComparer.Ordinal);

    private static readonly FrozenDictionary<string, string> S3 = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["bucket_owner"] = Text("bucketowner"),
        ["bucket"] = Text("bucket_name"),
        ["time"] = "date_format(try(parse_datetime(requestdatetime, 'dd/MMM/yyyy:HH:mm:ss Z')) at time zone 'UTC', '%Y-%m-%dT%H:%i:%sZ')",
        ["remote_ip"] = Text("remoteip"),
        ["requester"] = Text("requester"),
        ["request_id"] = Text("requestid"),
        ["operation"] = Text("operation"),
        // S3 percent-encodes a key; a plus sign in it is a plus sign.
        ["key"] = "coalesce(try(url_decode(replace(nullif(key, '-'), '+', '%2B'))), nullif(key, '-'))",
        ["request_uri"] = Quoted("request_uri"),
        ["http_status"] = Text("httpstatus"),
        ["error_code"] = Text("errorcode"),
        ["bytes_sent"] = "cast(bytessent as varchar)",
        ["object_size"] = "cast(objectsize as varchar)",
        ["total_time"] = Text("totaltime"),
        ["turn_around_time"] = Text("turnaroundtime"),
        ["referer"] = Quoted("referrer"),
        ["user_agent"] = Quoted("useragent"),
        ["version_id"] = Text("versionid"),
        ["host_id"] = Text("hostid"),
        ["signature_version"] = Text("sigv"),
        ["cipher_suite"] = Text("ciphersuite"),
        ["authentication_type"] = Text("authtype"),
        ["host_header"] = Text("endpoint"),
        ["tls_version"] = Text("tlsversion"),
        ["access_point_arn"] = Text("accesspointarn"),
        ["acl_required"] = Text("aclrequired"),
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>The field as a text; null where the table has no column for it.</summary>
    /// <param name="source">Flow logs or access logs.</param>
    /// <param name="field">A field of the record, or what CloudTrail calls the account and the region of an event.</param>
    internal static string? Of(LogSource source, string field) => (source, field) switch
    {
        (LogSource.VpcFlow, Correlation.CorrelationPlan.Account) => Flow["account_id"],
        // The older of AWS's two tables has no region: its files are those of one.
        (_, Correlation.CorrelationPlan.Account or Correlation.CorrelationPlan.Region) => "cast(null as varchar)",
        (LogSource.VpcFlow, _) => Flow.GetValueOrDefault(field.Replace('-', '_')),
        _ => S3.GetValueOrDefault(field),
    };

    /// <summary>Seconds since 1970 of a record.</summary>
    internal static string Seconds(LogSource source) => source == LogSource.VpcFlow
        ? "coalesce(cast(\"start\" as double), 0)"
        : "coalesce(to_unixtime(try(parse_datetime(requestdatetime, 'dd/MMM/yyyy:HH:mm:ss Z'))), 0)";

    /// <summary>A hyphen stands for nothing in both logs.</summary>
    private static string Text(string column) => $"nullif(\"{column}\", '-')";

    /// <summary>The table's regular expression keeps the quotes of these.</summary>
    private static string Quoted(string column) => $"nullif(regexp_replace(\"{column}\", '^\"|\"$', ''), '-')";
}
