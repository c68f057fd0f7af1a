using Loopback;
using Scanner.Catalog;
using Scanner.Collect.Tables;
using Scanner.Model;

namespace Collect.Tests.Tables;

/// <summary>A table that names what AWS does not have is refused by file, line and nearest name.</summary>
public sealed class TableValidatorTests
{
    [Fact]
    public void Every_shipped_table_names_only_what_the_service_models_have()
    {
        var tables = CatalogLoader.Load([Path.Combine(Tools.Repository, "checks", "tables")], []).Tables.Values;

        Assert.NotEmpty(tables);
        Assert.Equal("", string.Join('\n', tables.Select(Complaint).Where(complaint => complaint is not null)));
    }

    [Theory]
    [InlineData("0.yml:3: there is no service 'clodtrail' in the service models; did you mean 'cloudtrail'?", "service: cloudtrail", "service: clodtrail")]
    [InlineData("0.yml:6: cloudtrail has no operation 'DescribeTrailz' that reads; did you mean 'DescribeTrails'?", "DescribeTrails", "DescribeTrailz")]
    [InlineData("0.yml:6: cloudtrail has no operation 'DeleteTrail' that reads", "DescribeTrails", "DeleteTrail")]
    [InlineData("0.yml:8: DescribeTrails has no parameter 'includeShadowTrail'; did you mean 'includeShadowTrails'?", "includeShadowTrails", "includeShadowTrail")]
    [InlineData("0.yml:9: 'items': 'trailLists' in the reply of DescribeTrails: there is no 'trailLists'; did you mean 'trailList'?", "trailList", "trailLists")]
    [InlineData("0.yml:12: cloudtrail has no operation 'GetTrailsStatus' that reads; did you mean 'GetTrailStatus'?", "GetTrailStatus", "GetTrailsStatus")]
    [InlineData("0.yml:13: 'Name': 'TrailArn': there is no 'TrailArn'; did you mean 'TrailARN'?", "\"{TrailARN}\"", "\"{TrailArn}\"")]
    [InlineData("0.yml:13: GetTrailStatus needs the parameter 'Name'; add it", "parameters: {Name: \"{TrailARN}\"}", "parameters: {}")]
    [InlineData("0.yml:14: 'when': 'IsMultiRegionTrial': there is no 'IsMultiRegionTrial'; did you mean 'IsMultiRegionTrail'?", "when: {IsMultiRegionTrail: true}", "when: {IsMultiRegionTrial: true}")]
    [InlineData("0.yml:15: 'region': 'HomeRegionn': there is no 'HomeRegionn'; did you mean 'HomeRegion'?", "region: \"{HomeRegion}\"", "region: \"{HomeRegionn}\"")]
    [InlineData("0.yml:19: 'take': 'EventSelector' in the reply of GetEventSelectors: there is no 'EventSelector'; did you mean 'EventSelectors'?", "take: EventSelectors", "take: EventSelector")]
    [InlineData("0.yml:20: 'id': 'TrailArn': there is no 'TrailArn'; did you mean 'TrailARN'?", "id: TrailARN", "id: TrailArn")]
    [InlineData("0.yml:20: 'id': 'Status' is an object and no text", "id: TrailARN", "id: Status")]
    [InlineData("0.yml:22: column 'arn': 'TrailArn': there is no 'TrailArn'; did you mean 'TrailARN'?", "arn: TrailARN", "arn: TrailArn")]
    [InlineData("0.yml:23: column 'is_logging': 'Statuss.IsLogging': there is no 'Statuss'; did you mean 'Status'?", "Status.IsLogging", "Statuss.IsLogging")]
    [InlineData("0.yml:23: column 'is_logging': 'Status.IsLoging': there is no 'IsLoging' in 'Status'; did you mean 'IsLogging'?", "Status.IsLogging", "Status.IsLoging")]
    [InlineData("0.yml:23: column 'is_logging': 'Name.IsLogging': 'Name' is a text, nothing is in it", "Status.IsLogging", "Name.IsLogging")]
    [InlineData("0.yml:24: column 'read_write': 'Selectors.ReadWriteType': 'Selectors' is a list; write 'Selectors[]'", "Selectors[].ReadWriteType", "Selectors.ReadWriteType")]
    [InlineData("0.yml:24: column 'read_write': 'Name[].ReadWriteType': 'Name' is a text and no list; leave its [] out", "Selectors[].ReadWriteType", "Name[].ReadWriteType")]
    [InlineData("0.yml:24: column 'read_write': 'account': there is no 'account'", "Selectors[].ReadWriteType", "account")]
    public void What_does_not_exist_is_refused_with_its_line_and_the_nearest_name(string message, string right, string wrong)
    {
        const string Table = """
            table: my_trails
            title: Trails
            service: cloudtrail
            scope: region
            list:
              operation: DescribeTrails
              parameters:
                includeShadowTrails: true
              items: trailList
            each:
              - as: Status
                operation: GetTrailStatus
                parameters: {Name: "{TrailARN}"}
                when: {IsMultiRegionTrail: true}
                region: "{HomeRegion}"
              - as: Selectors
                operation: GetEventSelectors
                parameters: {TrailName: "{TrailARN}"}
                take: EventSelectors
            id: TrailARN
            columns:
              arn: TrailARN
              is_logging: {path: Status.IsLogging, type: bool}
              read_write: {path: "Selectors[].ReadWriteType", type: "text[]"}
            """;
        Assert.Contains(right, Table, StringComparison.Ordinal);

        Assert.Contains("/" + message, Complaint(Assert.Single(Collected.Tables(Table.Replace(right, wrong, StringComparison.Ordinal)))), StringComparison.Ordinal);
    }

    /// <summary>Every name of every shipped table, with a letter too many: what is not refused is what the models leave open.</summary>
    [Fact]
    public void A_letter_too_many_in_any_name_of_any_shipped_table_is_refused()
    {
        var open = new List<string>();
        foreach (var table in CatalogLoader.Load([Path.Combine(Tools.Repository, "checks", "tables")], []).Tables.Values)
        {
            Try("service", table with { List = table.List with { Service = table.List.Service + "z" } });
            Try("list", table with { List = table.List with { Operation = table.List.Operation + "z" } });
            if (table.List.Items is { } items)
                Try("items", table with { List = table.List with { Items = Longer(items) } });
            foreach (var (parameter, value) in table.List.Parameters)
                Try("parameter " + parameter, table with { List = table.List with { Parameters = new() { [parameter + "z"] = value?.DeepClone() } } });
            foreach (var (i, parent) in table.ForEach.Index())
            {
                Try("parent " + parent.As, table with { ForEach = Swap(table.ForEach, i, parent with { Operation = parent.Operation + "z" }) });
                Try("parent " + parent.As, table with { ForEach = Swap(table.ForEach, i, parent with { Items = Longer(parent.Items!) }) });
            }
            foreach (var (i, detail) in table.Each.Index())
            {
                Try("detail " + detail.As, table with { Each = Swap(table.Each, i, detail with { Operation = detail.Operation + "z" }) });
                if (detail.Take is { } take)
                    Try("take " + detail.As, table with { Each = Swap(table.Each, i, detail with { Take = Longer(take) }) });
                foreach (var (parameter, value) in detail.Parameters)
                    Try("parameter " + parameter, table with { Each = Swap(table.Each, i, detail with { Parameters = new() { [parameter + "z"] = value?.DeepClone() } }) });
            }
            foreach (var (i, column) in table.Columns.Index())
                Try(column.Name, table with { Columns = Swap(table.Columns, i, column with { Path = Longer(column.Path) }) });

            void Try(string what, TableDefinition wrong)
            {
                if (Complaint(wrong) is null)
                    open.Add($"{table.Name} {what}");
            }
        }
        // Load balancer attributes are pairs, IAM's summary and the attributes of topics and queues are maps, its credential report is CSV; rows of SQL are what their select makes. A new table in which the
        // models leave names open belongs here with its reason; a column that is only misspelt does not.
        Assert.Equal("aws_ec2_load_balancer aws_firehose_delivery aws_iam_account_summary aws_iam_credential_report aws_log_bucket aws_log_group aws_log_object aws_log_traffic aws_organization_delegation aws_rds_log_parameter aws_sns_topic aws_sqs_queue aws_unlisted_bucket", string.Join(' ', open.Select(name => name.Split(' ')[0]).Distinct(StringComparer.Ordinal)));

        static ItemPath Longer(ItemPath path) => ItemPath.TryParse(path.Text.EndsWith("[]", StringComparison.Ordinal) ? path.Text[..^2] + "z[]" : path.Text.TrimEnd('"') + "z" + (path.Text.EndsWith('"') ? "\"" : ""), out var longer) ? longer : throw new FormatException(path.Text);

        static IReadOnlyList<T> Swap<T>(IReadOnlyList<T> list, int at, T with) => [.. list.Take(at), with, .. list.Skip(at + 1)];
    }

    private static string? Complaint(TableDefinition table)
    {
        try
        {
            TableValidator.Check(table);
            return null;
        }
        catch (InputException e)
        {
            return e.Message;
        }
    }
}
