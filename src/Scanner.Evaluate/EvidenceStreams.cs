using Scanner.Catalog;

namespace Scanner.Evaluate;

/// <summary>
/// The part of <see cref="EvidenceJoin"/> about Firehose streams: whether the stream that a source logs into is there, took in records and delivered any, from
/// <c>aws_firehose_delivery</c>, and what is wrong with it. What it took in within the hour before the scan need not be delivered yet: it is buffered for at most 15 minutes
/// (Firehose API reference, "BufferingHints": IntervalInSeconds 0 to 900).
/// </summary>
internal static class EvidenceStreams
{
    /// <summary>The table with a stream's metrics.</summary>
    public const string Table = "aws_firehose_delivery";

    /// <summary>Tables that the join reads besides.</summary>
    public static IReadOnlyList<string> Tables { get; } = [BuiltInTables.Account, BuiltInTables.Region, "aws_firehose_delivery_stream", "aws_iam_role"];

    /// <summary>
    /// The common tables, of which <c>"evidence streams"</c> has a row for each source with <c>error_code</c> (it does not exist), <c>looked</c>, <c>due</c> (records that must have been
    /// delivered by now), <c>taken</c> (all), <c>delivered</c> (successful puts), <c>newest</c>, <c>since</c>, <c>why</c> and <c>hint</c>.
    /// </summary>
    /// <param name="isVended">Whether CloudWatch's log delivery writes, which may only into streams with the tag LogDeliveryEnabled (CloudWatch Logs user guide, "Logs sent to Firehose");
    /// WAF writes with a role of its own into those whose name begins with aws-waf-logs- (AWS managed policy WAFLoggingServiceRolePolicy).</param>
    public static string Sql(bool isVended)
    {
        var tag = isVended
            ? "case when s.name not like 'aws-waf-logs-%' and not list_contains(s.tags->>'$[*].Key', 'LogDeliveryEnabled') then 'it has no tag LogDeliveryEnabled, without which log delivery puts nothing into it' end"
            : "cast(null as varchar)";
        return $"""
            , "evidence stream names" as (
              select account_id, region, source_id,
                     case when split_part(s, ':', 1) = 'arn' then split_part(s, ':', 5) else account_id end as owner,
                     case when split_part(s, ':', 1) = 'arn' then split_part(s, ':', 4) when region = 'global' then 'us-east-1' else region end as place,
                     case when split_part(s, ':', 1) = 'arn' then split_part(s, '/', 2) else s end as stream
              from (select account_id, region, source_id, unnest(streams) as s from "evidence asked")
            ), "evidence flow points" as (
              select account_id, region, stream_name, kind, key_state, start_time, end_time, points is not null as looked,
                     list_zip(from_json(points, '["DOUBLE"]'), from_json(times, '["VARCHAR"]')) as points
              from {Table}
            ), "evidence flow" as (
              select account_id, region, stream_name, bool_and(looked) as looked, min(start_time) as since, max(key_state) as key_state,
                     sum(case when kind = 'taken' then coalesce(list_sum([p[1] for p in points]), 0) end) as taken,
                     sum(case when kind = 'taken' then coalesce(list_sum([p[1] for p in points if try_cast(p[2] as timestamptz) < end_time - interval 1 hour]), 0) end) as due,
                     sum(case when kind = 'delivered' then coalesce(list_sum([p[1] for p in points]), 0) end) as delivered,
                     max(case when kind = 'delivered' then list_max([try_cast(p[2] as timestamptz) for p in points if p[1] > 0]) end) as newest,
                     max(case when kind = 'waiting' then list_max([p[1] for p in points]) end) as waiting
              from "evidence flow points" group by account_id, region, stream_name
            ), "evidence stream roles" as (
              select p.account_id, p.region, p.name, max(case when w.arn is null and a.account_id is not null then p.role_arn end) as gone
              from (select account_id, region, name, unnest(s.destinations->>'$[0].*.RoleARN') as role_arn from aws_firehose_delivery_stream s) p
              -- A stream takes a role of its own account.
              left join aws_account a on a.account_id = p.account_id and a.account_id = split_part(p.role_arn, ':', 5)
              left join aws_iam_role w on w.account_id = p.account_id and w.arn = p.role_arn
              group by p.account_id, p.region, p.name
            ), "evidence streams" as (
              select n.account_id, n.region, n.source_id,
                     max(case when s.name is null and o.account_id is not null and r.name is not null then 'NoSuchStream' end) as error_code,
                     coalesce(bool_and(f.looked), false) as looked, sum(f.taken) as taken, sum(f.due) as due, sum(f.delivered) as delivered, max(f.newest) as newest, min(f.since) as since,
                     nullif(concat_ws('; ', max(case when s.status in ('CREATING_FAILED', 'DELETING', 'DELETING_FAILED', 'SUSPENDED') or s.failure_type is not null then 'the stream is ' || s.status || coalesce(': ' || s.failure_type, '') end),
                       max(case when s.encryption_status in ('ENABLING_FAILED', 'DISABLING_FAILED') then 'its encryption is ' || s.encryption_status end),
                       max(case when f.key_state in ('Disabled', 'PendingDeletion', 'PendingReplicaDeletion', 'Unavailable') then 'the KMS key that encrypts it is ' || f.key_state end),
                       max('its role ' || p.gone || ' does not exist'),
                       max({tag})), '') as why,
                     max(case when f.waiting > 3600 then 'a record waited in it for ' || cast(floor(f.waiting / 3600) as bigint) || ' hours' end) as hint
              from "evidence stream names" n
              left join aws_account o on o.account_id = n.owner
              left join aws_region r on r.account_id = n.owner and r.name = n.place
              left join aws_firehose_delivery_stream s on s.account_id = n.owner and s.region = n.place and s.name = n.stream
              left join "evidence flow" f on f.account_id = n.owner and f.region = n.place and f.stream_name = n.stream
              left join "evidence stream roles" p on p.account_id = s.account_id and p.region = s.region and p.name = s.name
              group by n.account_id, n.region, n.source_id)
            """;
    }
}
