using System.Text.Json.Nodes;

namespace Scanner.Catalog;

/// <summary>The tables that are no files, because the program itself makes their rows: the scope of the scan, and its detections.</summary>
public static class BuiltInTables
{
    /// <summary>Name of the table with one row for each scanned region of each account.</summary>
    public const string Region = "aws_region";

    /// <summary>Name of the table with one row for each account.</summary>
    public const string Account = "aws_account";

    /// <summary>Name of the table with one row for each detection that this scan ran over an account's recent events.</summary>
    public const string Detection = "scanner_detection";

    /// <summary>Their definitions, for the store's views, the documentation and the policy.</summary>
    public static IReadOnlyList<TableDefinition> All { get; } =
    [
        new()
        {
            Name = Region,
            Title = "Regions of the scan, one row for each account and region",
            File = "built in",
            Service = "ec2",
            Scope = TableScope.Region,
            List = new()
            {
                Service = "ec2",
                Operation = "DescribeRegions",
                Parameters = new JsonObject { ["AllRegions"] = true },
                Items = Path("Regions"),
            },
            Id = "RegionName",
            Columns =
            [
                new("name", Path("RegionName"), ColumnType.Text, "Region code"),
                new("opt_in_status", Path("OptInStatus"), ColumnType.Text,
                    "opt-in-not-required or opted-in; null where the account's list of regions could not be read"),
            ],
        },
        // Made from what is known before the tables: that iam:ListAccountAliases is not allowed makes nobody's check unknown.
        new()
        {
            Name = Account,
            Title = "Accounts of the scan",
            File = "built in",
            Service = "sts",
            Scope = TableScope.Account,
            List = new() { Service = "sts", Operation = "GetCallerIdentity" },
            Id = "Account",
            Columns =
            [
                new("id", Path("Account"), ColumnType.Text, "Twelve-digit account id"),
                new("name", Path("Name"), ColumnType.Text, "Name in the organization, or the alias; null where neither is known"),
                new("arn", Path("Arn"), ColumnType.Text, "ARN of the account's root"),
                new("partition", Path("Partition"), ColumnType.Text, "aws, aws-cn, aws-us-gov ..."),
                new("is_management", Path("IsManagement"), ColumnType.Bool,
                    "Whether it is the organization's management account; null where it is not known"),
            ],
        },
        new()
        {
            Name = Detection,
            Title = "Detections that this scan ran over events of the account; no row where it read none",
            File = "built in",
            Service = "scanner",
            Scope = TableScope.Account,
            List = new() { Service = "scanner", Operation = "detect" },
            IsMadeByScan = true,
            Id = "RuleId",
            Columns =
            [
                new("rule_id", Path("RuleId"), ColumnType.Text, "Id of the Sigma rule"),
                new("title", Path("Title"), ColumnType.Text, ""),
                new("level", Path("Level"), ColumnType.Text, "informational, low, medium, high or critical"),
                new("events_read_until", Path("EventsReadUntil"), ColumnType.Timestamp, "Newest event of the account that was read; the scan's time where AWS was asked for the events until then"),
            ],
        },
    ];

    /// <summary>Whether the program itself makes the rows of a table.</summary>
    public static bool IsBuiltIn(string table) => table is Region or Account or Detection;

    private static ItemPath Path(string text) =>
        ItemPath.TryParse(text, out var path) ? path : throw new ArgumentException($"'{text}' is no path", nameof(text));
}
