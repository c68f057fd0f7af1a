using System.Text.Json.Nodes;

namespace Scanner.Catalog;

/// <summary>The tables that are no files, because the collector itself makes their rows: the scope of the scan.</summary>
public static class BuiltInTables
{
    /// <summary>Name of the table with one row for each scanned region of each account.</summary>
    public const string Region = "aws_region";

    /// <summary>Name of the table with one row for each account.</summary>
    public const string Account = "aws_account";

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
        // Made from what is known before the first call. The alias is left out on purpose: nobody's check should become
        // unknown because iam:ListAccountAliases is not allowed.
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
                new("name", Path("Name"), ColumnType.Text, "Name in the organization; null where it is not known"),
                new("arn", Path("Arn"), ColumnType.Text, "ARN of the account's root"),
                new("partition", Path("Partition"), ColumnType.Text, "aws, aws-cn, aws-us-gov ..."),
                new("is_management", Path("IsManagement"), ColumnType.Bool,
                    "Whether it is the organization's management account; null where it is not known"),
            ],
        },
    ];

    /// <summary>Whether the collector itself makes the rows of a table.</summary>
    public static bool IsBuiltIn(string table) => table is Region or Account;

    private static ItemPath Path(string text) =>
        ItemPath.TryParse(text, out var path) ? path : throw new ArgumentException($"'{text}' is no path", nameof(text));
}
