using System.Text;
using Scanner.Catalog;
using Scanner.Store.Sql;

namespace Scanner.Evaluate;

/// <summary>
/// Joins the sources that a check's query names with what proves that their logs arrive, and judges them alike: what arrived passes; a target that is
/// gone, or traffic without a log, fails; without traffic there is nothing to judge; what could not be looked at, or is too young, is unknown.
/// A resource with several logs has a row, and a <c>source_id</c>, for each. The query returns <c>account_id, region, resource_id, source_id, source, logs, excuse, target, log_groups</c>; a log group is a name, or an ARN where it may
/// be another account's or region's. Global services (Route 53, CloudFront) log in us-east-1.
/// </summary>
internal static class EvidenceJoin
{
    /// <summary>What the query of such a check returns.</summary>
    public static readonly string[] Columns = ["account_id", "region", "resource_id", "source_id", "source", "logs", "excuse", "target", "log_groups"];

    /// <summary>The check with the join in its query, and the tables of the proof among its own.</summary>
    /// <param name="check">The check; its query is known to be one select.</param>
    public static CheckDefinition Apply(CheckDefinition check) => check.Evidence is not { } evidence ? check : check with
    {
        Evidence = null,
        Tables = [.. check.Tables.Concat(evidence.Tables).Concat(More(evidence)).Distinct(StringComparer.Ordinal)],
        Query = Sql(check.Query, evidence),
        // The query begins one line further down.
        QueryLine = check.QueryLine - (check.Query.Contains('\n', StringComparison.Ordinal) ? 1 : 2),
    };

    // What the join itself asks: whether a place was scanned, and the roles with which sources write.
    private static IEnumerable<string> More(CheckEvidence evidence) =>
    [
        .. evidence.Tables.Contains("aws_cloudwatch_active_log_group", StringComparer.Ordinal) ? [BuiltInTables.Region] : Array.Empty<string>(),
        .. evidence.Service is null ? [] : new[] { "aws_cloudwatch_log_resource_policy" },
        .. Has(evidence, EvidenceStreams.Table) ? EvidenceStreams.Tables : [],
        .. Returns(evidence, "role_arn") ? [BuiltInTables.Account, "aws_iam_role", "aws_iam_policy"] : Array.Empty<string>(),
    ];

    private static bool Returns(CheckEvidence evidence, string column) => evidence.Returns.Contains(column, StringComparer.Ordinal);

    private static bool Has(CheckEvidence evidence, string table) => evidence.Tables.Contains(table, StringComparer.Ordinal);

    private static string Sql(string query, CheckEvidence evidence)
    {
        var (objects, traffic, groups, weeks) = (Has(evidence, "aws_log_object"), Has(evidence, "aws_log_traffic"), Has(evidence, "aws_cloudwatch_active_log_group"), Has(evidence, "aws_cloudwatch_logged_log_group"));
        var sql = new StringBuilder("with \"evidence asked\" as (\n").Append(query).Append("\n)");
        if (objects)
        {
            sql.Append("""
                , "evidence objects" as (
                  select account_id, source_id, min(coalesce(error_code, bucket_error)) as error_code, count(key_count) > 0 as looked, coalesce(sum(key_count), 0) as keys,
                         max(try_cast(objects->>'$[#-1].LastModified' as timestamptz)) as newest, min(cutoff) as cutoff, min(bucket) as bucket
                  from aws_log_object group by account_id, source_id)
                """);
        }
        if (evidence.Writer is { } writer)
            sql.Append(Why(writer));
        if (traffic)
        {
            sql.Append("""
                , "evidence traffic" as (
                  select account_id, source_id, case when count(points) = count(*) then sum(coalesce(case when stat = 'Maximum' then list_max(from_json(points, '["DOUBLE"]')) else list_sum(from_json(points, '["DOUBLE"]')) end, 0)) end as total
                  from aws_log_traffic group by account_id, source_id)
                """);
        }
        if (groups)
        {
            sql.Append(Groups(weeks));
            if (Has(evidence, "aws_log_group"))
                sql.Append(GroupWhy(evidence.Service));
        }
        if (Has(evidence, EvidenceStreams.Table))
            sql.Append(EvidenceStreams.Sql(evidence.Writer == "vended"));
        if (Returns(evidence, "role_arn"))
            sql.Append(RoleWhy);
        sql.Append(Joined(evidence));
        return sql.Append(Verdict(evidence)).ToString();
    }

    private static string Groups(bool weeks) =>
        $"""
            , "evidence groups" as (
              select account_id, region, source_id, split_part(g, ':', 1) = 'arn' as named,
                     case when split_part(g, ':', 1) = 'arn' then split_part(g, ':', 5) else account_id end as owner,
                     case when split_part(g, ':', 1) = 'arn' then split_part(g, ':', 4) when region = 'global' then 'us-east-1' else region end as place,
                     case when split_part(g, ':', 1) = 'arn' then regexp_replace(regexp_replace(g, '^([^:]*:){"{6}"}', ''), ':[*]$', '') else g end as log_group
              from (select account_id, region, source_id, unnest(log_groups) as g from "evidence asked")
            ), "evidence active" as (
              -- One after the other and not side by side: of a source that could not be read every log group may be the one, and of three joins that is the product of
              -- all accounts' log groups.
              select account_id, region, source_id, bool_or(looked) as looked, bool_or(active) as active, bool_or(logged) as logged
              from (
                -- what is of another account or region may lie outside the scan
                select n.account_id, n.region, n.source_id, n.log_group is not null and ((n.owner = n.account_id and n.place = n.region) or r.name is not null) as looked, false as active, false as logged
                from "evidence groups" n
                left join aws_region r on r.account_id = n.owner and r.name = n.place
                union all
                select n.account_id, n.region, n.source_id, false, a.log_group_name is not null, false
                from "evidence groups" n
                left join aws_cloudwatch_active_log_group a on a.account_id = n.owner and a.region = n.place and a.log_group_name = n.log_group
                {(weeks ? """
                union all
                select n.account_id, n.region, n.source_id, false, false, w.log_group_name is not null
                from "evidence groups" n
                left join aws_cloudwatch_logged_log_group w on w.account_id = n.owner and w.region = n.place and w.log_group_name = n.log_group
                """ : "")})
              group by account_id, region, source_id)
            """;

    private static string Joined(CheckEvidence evidence)
    {
        var (objects, traffic, groups, streams) = (Has(evidence, "aws_log_object"), Has(evidence, "aws_log_traffic"), Has(evidence, "aws_cloudwatch_active_log_group"), Has(evidence, EvidenceStreams.Table));
        return $"""
            , "evidence joined" as (
              select q.account_id, q.region, q.resource_id, q.source, q.logs, {(Returns(evidence, "made") ? $"coalesce(q.excuse, case when q.made >= scan_time() - interval {evidence.DelayHours} hours then 'is too young to have logged' end) as excuse" : "q.excuse")}, q.target,
                     {First("varchar", (objects, "o.error_code"), (streams, "d.error_code"))} as error_code,
                     {(objects ? "coalesce(o.keys, 0) > 0" : "false")} as filed, {(objects ? "coalesce(o.looked, false)" : "false")} as filed_looked,
                     {First("timestamptz", (objects, "o.newest"), (streams, "d.newest"))} as newest, {First("timestamptz", (objects, "o.cutoff"), (streams, "d.since"))} as cutoff,
                     {(groups ? "coalesce(g.active, false)" : "false")} as active, {(groups ? "coalesce(g.logged, false)" : "false")} as logged, {(groups ? "coalesce(g.looked, false)" : "false")} as groups_looked,
                     {(traffic ? "t.total" : "cast(null as double)")} as total, {Words("why")} as why, {Words("hint")} as hint,
                     {(streams ? "coalesce(d.looked, false)" : "false")} as streams_looked, {(streams ? "coalesce(d.taken, 0)" : "0")} as taken, {(streams ? "coalesce(d.due, 0)" : "0")} as due, {(streams ? "coalesce(d.delivered, 0)" : "0")} as delivered,
                     {(Returns(evidence, "busy") ? "coalesce(q.busy, false)" : "false")} as busy
              from "evidence asked" q
              {(objects ? $"left join \"evidence {(evidence.Writer is null ? "objects" : "filed")}\" o on o.account_id = q.account_id and o.source_id = q.source_id" : "")}
              {(Has(evidence, "aws_log_group") ? "left join \"evidence group why\" z on z.account_id = q.account_id and z.region = q.region and z.source_id = q.source_id" : "")}
              {(Returns(evidence, "role_arn") ? "left join \"evidence role why\" x on x.account_id = q.account_id and x.region = q.region and x.source_id = q.source_id" : "")}
              {(groups ? "left join \"evidence active\" g on g.account_id = q.account_id and g.region = q.region and g.source_id = q.source_id" : "")}
              {(streams ? "left join \"evidence streams\" d on d.account_id = q.account_id and d.region = q.region and d.source_id = q.source_id" : "")}
              {(traffic ? "left join \"evidence traffic\" t on t.account_id = q.account_id and t.source_id = q.source_id" : "")})
            """;

        static string First(string type, params ReadOnlySpan<(bool Has, string Column)> of)
        {
            List<string> columns = [];
            foreach (var (has, column) in of)
            {
                if (has)
                    columns.Add(column);
            }
            return columns.Count == 0 ? $"cast(null as {type})" : $"coalesce({string.Join(", ", columns)})";
        }

        // A source that writes into buckets, log groups or streams may have a reason of each kind.
        string Words(string column)
        {
            List<string> from = [];
            if (evidence.Writer is not null)
                from.Add($"o.{column}");
            if (Has(evidence, "aws_log_group"))
                from.Add($"z.{column}");
            if (streams)
                from.Add($"d.{column}");
            if (Returns(evidence, "role_arn"))
                from.Add($"x.{column}");
            return from.Count == 0 ? "cast(null as varchar)" : $"nullif(concat_ws('; ', {string.Join(", ", from)}), '')";
        }
    }

    /// <summary>
    /// What keeps a service out of a log group: no resource policy, of the account or of the group itself, that lets it put events (CloudWatch Logs user guide, "Enable
    /// logging from AWS services"; Route 53, "Configuring logging for DNS queries"); a KMS key that is off, or that does not let CloudWatch Logs in, is a hint.
    /// </summary>
    private static string GroupWhy(string? service)
    {
        // A resource policy names the log group with or without its streams.
        var decision = (string policy) => $$"""coalesce(policy_decision({{policy}}, {'principal': {{SqlText.Literal(service ?? "")}}, 'action': 'logs:PutLogEvents', 'resource': l.arn || ':*'}), 'depends')""";
        var why = service is null ? "cast(null as varchar)" : $"""
            max(case when not exists (select 1 from aws_cloudwatch_log_resource_policy p where p.account_id = l.account_id and p.region = l.region and {decision("p.policy")} not in ('none', 'deny'))
                          and len(list_filter(l.own_policies->>'$[*].policyDocument', lambda d: {decision("d")} not in ('none', 'deny'))) = 0
                     then 'no resource policy lets ' || {SqlText.Literal(service)} || ' put events into ' || n.log_group end)
            """;
        return $$"""
            , "evidence group why" as (
              select n.account_id, n.region, n.source_id, {{why}} as why,
                     max(case when l.key_state in ('Disabled', 'PendingDeletion', 'PendingReplicaDeletion', 'Unavailable') then 'the KMS key that encrypts log group ' || n.log_group || ' is ' || l.key_state
                              when policy_decision(l.key_policy, {'principal': 'logs.' || n.place || '.amazonaws.com', 'action': 'kms:GenerateDataKey'}) in ('none', 'deny')
                                then 'the policy of the KMS key of log group ' || n.log_group || ' does not let CloudWatch Logs use it' end) as hint
              from "evidence groups" n
              join aws_log_group l on l.account_id = n.owner and l.region = n.place and l.name = n.log_group
              group by n.account_id, n.region, n.source_id)
            """;
    }

    /// <summary>
    /// Roles with which sources write: one that is not there, or of which no policy lets it put events. Only what is certain: a managed policy of AWS, or one that was not
    /// read, may allow it.
    /// </summary>
    private const string RoleWhy = """
        , "evidence role policies" as (
          select account_id, arn, policy_decision(document, {'action': 'logs:PutLogEvents'}) as decision
          from (select account_id, arn, unnest(json_extract(inline_policies, '$[*].PolicyDocument')) as document from aws_iam_role)
          union all
          select a.account_id, a.arn, policy_decision(json_extract(list_filter(json_extract(p.versions, '$[*]'), lambda v: (v->>'$.IsDefaultVersion') = 'true')[1], '$.Document'), {'action': 'logs:PutLogEvents'})
          from (select account_id, arn, unnest(attached_policies->>'$[*].PolicyArn') as policy_arn from aws_iam_role) a
          left join aws_iam_policy p on p.account_id = a.account_id and p.arn = a.policy_arn
        ), "evidence role why" as (
          select q.account_id, q.region, q.source_id,
                 max(case when r.arn is null and o.account_id is not null then 'its role ' || q.role_arn || ' does not exist' end) as why,
                 -- a policy of the log group may let it in all the same
                 max(case when r.arn is not null and not exists (select 1 from "evidence role policies" p where p.account_id = r.account_id and p.arn = r.arn and p.decision is distinct from 'none' and p.decision is distinct from 'deny')
                            then 'no policy of its role ' || r.name || ' lets it put events (logs:PutLogEvents)' end) as hint
          from "evidence asked" q
          -- A service takes roles of its own account. With it in the join a role that is not known may be one of an account's, and not of all of them.
          left join aws_account o on o.account_id = q.account_id and o.account_id = split_part(q.role_arn, ':', 5)
          left join aws_iam_role r on r.account_id = q.account_id and r.arn = q.role_arn
          where q.role_arn <> ''
          group by q.account_id, q.region, q.source_id)
        """;

    /// <summary>
    /// What in the settings of a bucket keeps a writer out of it. Only what is certain: a setting that could not be read gives no reason.
    /// ELB user guide, "Access logs: bucket requirements" (SSE-S3 alone for ALB and classic; a customer managed key for NLB); S3 user guide, "Enabling server access logging" (no SSE-KMS,
    /// no default retention, no Requester Pays; policy or LogDelivery group); CloudFront developer guide, "Standard logs (legacy)" (ACLs on); CloudWatch Logs user guide,
    /// "Enable logging from AWS services" (delivery.logs.amazonaws.com; the AWS managed key is not supported).
    /// </summary>
    private static string Why(string writer)
    {
        const string Algorithm = "(b.encryption->>'$.Rules[0].ApplyServerSideEncryptionByDefault.SSEAlgorithm')";
        const string Key = "(b.encryption->>'$.Rules[0].ApplyServerSideEncryptionByDefault.KMSMasterKeyID')";
        const string Network = "o.source_id like '%:loadbalancer/net/%'";
        const string AwsKey = $"{Algorithm} like 'aws:kms%' and ({Key} is null or {Key} like '%alias/aws/s3')";
        const string Enforced = "(b.ownership->>'$.Rules[0].ObjectOwnership') = 'BucketOwnerEnforced'";
        const string Puts = """regexp_matches(b.policy, '"(s3:Put[A-Za-z]*|s3:[*]|[*])[*]?"')""";
        // Statements of other kinds may let a service in without naming it.
        const string Plain = """not regexp_matches(b.policy, '"NotAction"|"NotPrincipal"|"(Principal|AWS|Service)"[ ]*:[ ]*([\[][ ]*)?"[*]"')""";
        // Who asks KMS for the key of each file; with S3's own role for server access logs and legacy CloudFront it does not come to that.
        var service = writer switch { "vended" or "elb" => "delivery.logs.amazonaws.com", "cloudtrail" or "config" or "redshift" => $"{writer}.amazonaws.com", _ => null };
        var key = service is null ? "cast(null as varchar)" : $$"""case when policy_decision(b.key_policy, {'principal': '{{service}}', 'action': 'kms:GenerateDataKey'}) in ('none', 'deny') then 'the policy of its KMS key does not let {{service}} use it' end""";
        string[] reasons =
        [
            "case when b.key_state in ('Disabled', 'PendingDeletion', 'PendingReplicaDeletion', 'Unavailable') then 'the KMS key that encrypts it is ' || b.key_state end",
            .. writer switch
            {
                "elb" => (string[])[
                    $"case when {Algorithm} like 'aws:kms%' and not ({Network}) then 'its default encryption is SSE-KMS, and load balancers write with SSE-S3 alone' end",
                    $"case when {AwsKey} and {Network} then 'it is encrypted with the AWS managed key, which network load balancers cannot use' end",
                    $"case when b.policy_error = 'NoSuchBucketPolicy' then 'it has no bucket policy that lets load balancers write' when {Plain} and not {Puts} then 'its bucket policy lets nobody put objects' end",
                ],
                "s3" => [
                    $"case when {Algorithm} like 'aws:kms%' then 'its default encryption is SSE-KMS, with which server access logs are not delivered' end",
                    "case when (b.lock->'$.Rule.DefaultRetention') is not null then 'its Object Lock has a default retention, with which server access logs are not delivered' end",
                    "case when b.payer = 'Requester' then 'it is Requester Pays, into which server access logs are not delivered' end",
                    $"case when {Enforced} and b.policy_error = 'NoSuchBucketPolicy' then 'its ACLs are off, and it has no bucket policy that lets logging.s3.amazonaws.com write' when {Enforced} and {Plain} and not contains(b.policy, 'logging.s3.amazonaws.com') then 'its ACLs are off, and its bucket policy does not name logging.s3.amazonaws.com' end",
                ],
                "cloudtrail" or "config" or "redshift" => [
                    $"case when b.policy_error = 'NoSuchBucketPolicy' then 'it has no bucket policy that lets {service} write' when {Plain} and not {Puts} then 'its bucket policy lets nobody put objects' end",
                ],
                "cloudfront" => [$"case when {Enforced} then 'its ACLs are off (BucketOwnerEnforced), and standard logs of CloudFront need them' end"],
                _ => [
                    $"case when {AwsKey} then 'it is encrypted with the AWS managed key, which log delivery cannot use' end",
                    $"case when b.policy_error = 'NoSuchBucketPolicy' then 'it has no bucket policy that lets delivery.logs.amazonaws.com write' when {Plain} and not contains(b.policy, 'delivery.logs.amazonaws.com') then 'its bucket policy does not name delivery.logs.amazonaws.com' end",
                ],
            },
        ];
        return $"""
            , "evidence why" as (
              select o.account_id, o.source_id, nullif(array_to_string(list_filter([
                {string.Join(",\n    ", reasons)}], lambda r: r is not null), '; '), '') as why,
                     -- whom such a statement is about is not read here; and a role may have the rights that the key's policy does not give
                     nullif(concat_ws('; ', {key}, case when contains(b.policy, '"Deny"') and contains(b.policy, 's3:x-amz-server-side-encryption') then 'its bucket policy denies objects by their encryption header, which log delivery may not send' end), '') as hint
              from "evidence objects" o join aws_log_bucket b on b.name = o.bucket
              -- where others of its kind put files into the bucket, nothing in it keeps them out
              where not exists (select 1 from "evidence objects" p join "evidence asked" s on s.account_id = p.account_id and s.source_id = p.source_id where p.bucket = o.bucket and p.keys > 0)
            ), "evidence filed" as (
              -- By keys that are known: a source that could not be read may be each of these, and of two joins that is the product.
              select o.account_id, o.source_id, o.error_code, o.looked, o.keys, o.newest, o.cutoff, y.why, y.hint
              from "evidence objects" o left join "evidence why" y on y.account_id = o.account_id and y.source_id = o.source_id)
            """;
    }

    private static string Verdict(CheckEvidence evidence)
    {
        var patient = evidence.IsPatient ? "or logged" : "";
        // Silence is a fault by itself where the source is never quiet.
        var never = evidence.IsNeverQuiet ? "true" : "busy";
        var word = SqlText.Literal(evidence.Traffic);
        var seldom = evidence.IsSeldom ? "true" : "false";
        var since = $"coalesce(' since ' || strftime(cutoff at time zone 'UTC', '%Y-%m-%d %H:%M UTC'), {(evidence.IsPatient ? "' for two weeks'" : "' for three hours'")})";
        const string Age = """
            coalesce(strftime(newest at time zone 'UTC', '%Y-%m-%d %H:%M UTC') || ', ' || case
              when date_diff('minute', newest, scan_time()) < 120 then date_diff('minute', newest, scan_time()) || ' minutes' else date_diff('hour', newest, scan_time()) || ' hours' end || ' before the scan', 'the last hours')
            """;
        const string Reasons = "coalesce(': ' || nullif(concat_ws('; ', why, hint), ''), '')";
        // A stream that is judged by itself has no target.
        var nothing = Has(evidence, EvidenceStreams.Table) ? "coalesce(' put nothing into ' || target, ' took in nothing')" : "' put nothing into ' || target";
        return $"""

            select account_id, region, resource_id,
                   case when logs is null then 'unknown'
                        when not logs then 'not applicable'
                        when error_code is not null then 'fail'
                        when filed or active {patient} or delivered > 0 then 'pass'
                        when due > 0 then 'fail'
                        when not filed_looked and not groups_looked and not streams_looked then 'unknown'
                        when excuse is not null then 'unknown'
                        when ({never} or total > 0) and taken = 0 then 'fail'
                        when total = 0 then 'not applicable'
                        -- no file, and no way for one to come
                        when why is not null then 'fail'
                        when {seldom} and taken = 0 then 'not applicable'
                        else 'unknown' end as status,
                   source ||
                   case when logs is null then ' does not say whether it logs'
                        when not logs then ' has no log that this check looks for'
                        when error_code is not null then ' logs to ' || target || ', which does not exist: nothing arrives'
                        when filed then ' puts files into ' || target || ': the last that was seen is of ' || {Age}
                        when active then ' logs into ' || target || ', which took in events within the three hours before the scan'
                        when logged and {(evidence.IsPatient ? "true" : "false")} then ' logs into ' || target || ', which took in events within the two weeks before the scan'
                        when delivered > 0 then coalesce(' logs into ' || target || ', which', '') || ' delivers: the last delivery that was seen is of ' || {Age}
                        when due > 0 then coalesce(' logs into ' || target || ', which', '') || ' took in ' || cast(cast(due as bigint) as varchar) || ' records and delivered none' || {since} || {Reasons}
                        when not filed_looked and not groups_looked and not streams_looked then coalesce(' logs to ' || target || ', into which this scan did not look', ' was not looked at')
                        when excuse is not null then ' ' || excuse
                        when ({never} or total > 0) and taken = 0 then coalesce(' had ' || cast(cast(total as bigint) as varchar) || ' ' || {word} || ', but', '') || {nothing}
                             || {since} || {Reasons}
                        when total = 0 then ' had no ' || {word} || ', so that there was nothing to log'
                        when why is not null then {nothing} || ' of late: ' || why
                        when {seldom} and taken = 0 then {nothing} || {since} || '; there may have been nothing to log'
                        when taken > 0 then coalesce(' logs into ' || target || ', which', '') || ' took in its first records within the hour before the scan, and they need not be delivered yet'
                        else {nothing} || ' of late, and whether it had ' || {word} || ' is not known' end as message
            from "evidence joined"
            """;
    }
}
