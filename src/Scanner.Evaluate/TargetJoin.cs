using System.Text;
using Scanner.Catalog;

namespace Scanner.Evaluate;

/// <summary>
/// Joins what a check's query names as <c>target</c> with what the same scan found: one that is not there takes a pass away, and one that
/// cannot be seen leaves it unknown. Targets are ARNs of buckets, log groups and Firehose streams; ARNs of anything else say nothing.
/// It is SQL around the query, so that what could not be read is followed through it as through the query itself.
/// </summary>
internal static class TargetJoin
{
    private const string Buckets = "aws_s3_bucket";
    private const string Unlisted = "aws_unlisted_bucket";
    private const string LogGroups = "aws_cloudwatch_log_group";
    private const string Streams = "aws_firehose_delivery_stream";

    /// <summary>The check with the join in its query, and the joined tables among its own.</summary>
    /// <param name="check">The check; its query is known to be one select.</param>
    public static CheckDefinition Apply(CheckDefinition check)
    {
        if (check.Target is not { } target)
            return check;
        var tables = check.Tables.Concat(target.Tables).Append(BuiltInTables.Account).Append(BuiltInTables.Region)
            .Concat(IsProven(target) ? [Unlisted] : []).Distinct(StringComparer.Ordinal).ToList();
        return check with
        {
            Target = null,
            Tables = tables,
            // A target that could not be listed can only be one that is there.
            Helps = [.. check.Helps.Concat(target.Tables).Where(table => table != check.Tables[0]).Distinct(StringComparer.Ordinal)],
            Query = Sql(check.Query, target),
            // The query begins one line further down.
            QueryLine = check.QueryLine - (check.Query.Contains('\n', StringComparison.Ordinal) ? 1 : 2),
        };
    }

    // A bucket's name tells no owner: that no account of the scan has it is no proof, but S3's own word is.
    private static bool IsProven(CheckTarget target) => !target.IsUnproven && !target.SameAccount && target.Tables.Contains(Buckets, StringComparer.Ordinal);

    private static string Sql(string query, CheckTarget target)
    {
        var sql = new StringBuilder();
        sql.Append("with \"target asked\" as (\n").Append(query).Append('\n').Append("""
            ), "target aims" as (
              select distinct account_id, region, resource_id, unnest(target) as target from "target asked" where status = 'pass'
            ), "target names" as (
              select account_id, region, resource_id, split_part(target, ':', 3) as kind, split_part(target, ':', 4) as place, split_part(target, ':', 5) as owner,
                     case split_part(target, ':', 3)
                       when 's3' then split_part(split_part(target, ':', 6), '/', 1)
                       when 'logs' then regexp_replace(regexp_replace(target, '^([^:]*:){6}', ''), ':[*]$', '')
                       when 'firehose' then split_part(target, '/', 2) end as name
              from "target aims" where target is not null
            ), "target faults" as (
              select n.account_id, n.region, n.resource_id,
                     case
            """);
        Faults(sql, target);
        sql.Append("""
             end as fault,
                     case
            """);
        Doubts(sql, target);
        sql.Append("""
             end as doubt
              from "target names" n
              left join aws_account o on o.account_id = n.owner
              left join aws_region r on r.account_id = n.owner and r.name = n.place

            """);
        if (target.Tables.Contains(Buckets, StringComparer.Ordinal))
            sql.Append("  left join aws_s3_bucket b on n.kind = 's3' and b.name = n.name\n");
        if (IsProven(target))
            sql.Append("  left join aws_unlisted_bucket u on n.kind = 's3' and u.account_id = n.account_id and u.name = n.name\n");
        if (target.Tables.Contains(LogGroups, StringComparer.Ordinal))
            sql.Append("  left join aws_cloudwatch_log_group g on n.kind = 'logs' and g.account_id = n.owner and g.region = n.place and g.name = n.name\n");
        if (target.Tables.Contains(Streams, StringComparer.Ordinal))
            sql.Append("  left join aws_firehose_delivery_stream s on n.kind = 'firehose' and s.account_id = n.owner and s.region = n.place and s.name = n.name\n");
        // Where one is enough, one that may be there is no proof that nothing arrives.
        var (proven, unless, end) = target.OneIsEnough
            ? ("case when bool_and(fault is not null) then ", "case when not coalesce(bool_or(fault is null and doubt is null), false) then ", " end")
            : ("", "", "");
        sql.Append($"""
            ), "target verdicts" as (
              select account_id, region, resource_id, {proven}string_agg(distinct fault, '; ' order by fault){end} as fault, {unless}string_agg(distinct doubt, '; ' order by doubt){end} as doubt
              from "target faults" group by account_id, region, resource_id
            )
            select q.account_id, q.region, q.resource_id,
                   case when q.status = 'pass' and v.fault is not null then 'fail'
                        when q.status = 'pass' and v.doubt is not null then '{(target.PassUnseen ? "pass" : "unknown")}'
                        else q.status end as status,
                   case when q.status = 'pass' and v.fault is not null then q.message || ': ' || v.fault
                        when q.status = 'pass' and v.doubt is not null then q.message || {(target.PassUnseen ? "''" : "': ' || v.doubt")}
                        else q.message end as message
            from "target asked" q
            left join "target verdicts" v on v.account_id = q.account_id and v.region = q.region and v.resource_id = q.resource_id
            """);
        return sql.ToString();
    }

    private static void Faults(StringBuilder sql, CheckTarget target)
    {
        if (target.Tables.Contains(Buckets, StringComparer.Ordinal))
        {
            if (target.SameAccount)
                sql.Append("\n           when n.kind = 's3' and b.name is null then 'the account has no bucket ' || n.name || ', and nothing arrives'");
            if (IsProven(target))
                sql.Append("\n           when n.kind = 's3' and b.name is null and u.error_code = 'NoSuchBucket' then 'bucket ' || n.name || ' does not exist, and nothing arrives'");
            // 'global': what lists the buckets did not say where this one is.
            if (target.SameRegion)
                sql.Append("\n           when n.kind = 's3' and b.region not in (n.region, 'global') then 'bucket ' || n.name || ' is in ' || b.region || ' and takes only what is logged there'");
        }
        if (target.Tables.Contains(LogGroups, StringComparer.Ordinal))
            sql.Append("\n           when n.kind = 'logs' and g.name is null and o.account_id is not null and r.name is not null then 'log group ' || n.name || ' does not exist, and nothing arrives'");
        if (target.Tables.Contains(Streams, StringComparer.Ordinal))
            sql.Append("\n           when n.kind = 'firehose' and s.name is null and o.account_id is not null and r.name is not null then 'Firehose stream ' || n.name || ' does not exist, and nothing arrives'");
        // So that there is a branch whatever the tables are.
        sql.Append("\n           when n.kind is null then null");
    }

    private static void Doubts(StringBuilder sql, CheckTarget target)
    {
        if (target.Tables.Contains(Buckets, StringComparer.Ordinal) && !target.SameAccount)
            sql.Append("\n           when n.kind = 's3' and b.name is null then 'bucket ' || n.name || ' is in no account of this scan, so that whether it exists is not known'");
        Regional(LogGroups, "logs", "g", "log group ");
        Regional(Streams, "firehose", "s", "Firehose stream ");
        sql.Append("\n           when n.kind is null then null");

        void Regional(string table, string kind, string alias, string words)
        {
            if (!target.Tables.Contains(table, StringComparer.Ordinal))
                return;
            sql.Append($"\n           when n.kind = '{kind}' and {alias}.name is null and o.account_id is null then '{words}' || n.name || ' is in account ' || n.owner || ', which is not part of this scan, so that whether it exists is not known'");
            sql.Append($"\n           when n.kind = '{kind}' and {alias}.name is null and r.name is null then '{words}' || n.name || ' is in ' || n.place || ', which was not scanned, so that whether it exists is not known'");
        }
    }
}
