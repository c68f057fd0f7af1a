using System.CommandLine;
using System.Text.Json.Nodes;
using Scanner.Model;
using Scanner.Publish.Actions;
using Scanner.Scan;
using Scanner.Terminal;

namespace Scanner.Commands;

/// <summary><c>scanner shard</c>: the accounts dealt out to the jobs of a matrix.</summary>
internal static class ShardCommand
{
    public static Command Create()
    {
        var organization = new Option<bool>("--organization") { Description = "Every active account of the organization; asks AWS. Or name them:" };
        var accounts = ScanCommand.Many("--accounts", "ids", "Account ids.");
        var file = new Option<string>("--accounts-file") { HelpName = "FILE", Description = "A file with an account id a line; what follows a comma, a blank or # is not read." };
        var includeUnits = ScanCommand.Many("--include-ou", "units", "With --organization: only accounts in these organizational units and below, by id or name.");
        var excludeUnits = ScanCommand.Many("--exclude-ou", "units", "With --organization: no accounts in these organizational units or below.");
        var includeTags = ScanCommand.Many("--include-tag", "KEY=VALUE", "With --organization: only accounts with one of these tags; * stands for any value.");
        var excludeTags = ScanCommand.Many("--exclude-tag", "KEY=VALUE", "With --organization: no accounts with one of these tags.");
        var exclude = ScanCommand.Many("--exclude-accounts", "ids", "No accounts of these ids.");
        var role = new Option<string>("--role-arn") { HelpName = "ARN", Description = "Role to assume first, as scan does." };
        var baseline = new Option<string>("--baseline") { HelpName = "FILE", Description = "Store of the last scan: the jobs are balanced by what it found in each account. A JSON report does too, by its findings." };
        var jobs = new Option<int?>("--jobs") { HelpName = "N", Description = "Most jobs, up to 256. Default: 20, which GitHub's free plan runs at once." };
        var format = ScanCommand.Format("json (default: the matrix, in one line), or a row a job: table, jsonl or csv");
        var command = new Command("shard", """
            Deal the accounts of an organization, or of a list, out to the jobs of a GitHub Actions matrix. In Actions the matrix is
            the output `matrix` of the step too. Each job then scans its accounts and keeps its store:

            scanner shard --organization --exclude-ou Sandbox --jobs 20
            scanner scan --organization --accounts ${{ matrix.accounts }} --role-name NAME --store shard-${{ matrix.shard }}.duckdb
            """)
        {
            organization, accounts, file, includeUnits, excludeUnits, includeTags, excludeTags, exclude, role, baseline, jobs, format,
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            var form = ScanCommand.Text(parsed, format) ?? "json";
            if (!Listing.Is(form))
                throw Listing.Unknown(form, "json, table, jsonl or csv");
            var options = new ShardOptions
            {
                Organization = parsed.GetValue(organization),
                Accounts = ScanCommand.AccountIds(ScanCommand.Items(parsed, accounts), "--accounts"),
                AccountsFile = ScanCommand.Text(parsed, file),
                IncludeUnits = ScanCommand.Items(parsed, includeUnits),
                ExcludeUnits = ScanCommand.Items(parsed, excludeUnits),
                IncludeTags = Tags(ScanCommand.Items(parsed, includeTags), "--include-tag"),
                ExcludeTags = Tags(ScanCommand.Items(parsed, excludeTags), "--exclude-tag"),
                ExcludeAccounts = ScanCommand.AccountIds(ScanCommand.Items(parsed, exclude), "--exclude-accounts"),
                RoleArn = ScanCommand.Text(parsed, role),
                Baseline = ScanCommand.Text(parsed, baseline),
                Jobs = parsed.GetValue(jobs) ?? 20,
            };
            Require(options);
            return await RunAsync(options, form, parsed.InvocationConfiguration.Output, cancellation);
        });
        return command;
    }

    private static async Task<int> RunAsync(ShardOptions options, string form, TextWriter output, CancellationToken cancellation)
    {
        // Before AWS is asked: a wrong file is told at once.
        var sizes = options.Baseline is { } earlier ? BaselineFile.Sizes(earlier) : new Dictionary<string, long>();
        var accounts = await ShardAccounts.ListAsync(options, Consoles.Complain, cancellation);
        var shards = Shard.Deal(accounts, sizes, options.Jobs);
        var rows = shards.Index().Select(one => new JsonObject
        {
            ["shard"] = one.Index.ToString("000", System.Globalization.CultureInfo.InvariantCulture),
            ["accounts"] = string.Join(',', one.Item.Accounts),
            ["number"] = one.Item.Accounts.Count,
            ["resources"] = one.Item.Resources,
        }).ToList();
        var matrix = new JsonObject { ["include"] = new JsonArray([.. rows.Select(row => row.DeepClone())]) }.ToJsonString();
        if (form == "json")
        {
            // In one line, which $GITHUB_OUTPUT takes.
            output.WriteLine(matrix);
        }
        else
        {
            var listing = Listing.Open(form, output);
            listing.Columns(["shard", "accounts", "number", "resources"]);
            foreach (var row in rows)
                listing.Row([.. row.Select(member => member.Value)]);
            listing.End();
        }
        await StepOutputs.WriteAsync(Environment.GetEnvironmentVariable("GITHUB_OUTPUT"), "matrix", matrix, cancellation);
        return ExitCode.Clean;
    }

    private static void Require(ShardOptions options)
    {
        var isNamed = options.Accounts.Count > 0 || options.AccountsFile is not null;
        if (options.Organization == isNamed)
            throw new InputException(isNamed ? "--organization lists every account: leave out --accounts and --accounts-file" : "which accounts? Give --organization, --accounts or --accounts-file");
        if (!options.Organization && (options.RoleArn is not null || options.IncludeUnits.Count + options.ExcludeUnits.Count + options.IncludeTags.Count + options.ExcludeTags.Count > 0))
            throw new InputException("--role-arn, organizational units and tags are asked of AWS: give them with --organization");
        if (options.Jobs is < 1 or > Shard.MostJobs)
            throw new InputException($"--jobs is a number from 1 to {Shard.MostJobs}, the most jobs of a matrix");
    }

    private static IReadOnlyList<KeyValuePair<string, string>> Tags(IReadOnlyList<string> tags, string option) =>
    [
        .. tags.Select(tag => tag.Split('=', 2) is [{ Length: > 0 } key, var value]
            ? KeyValuePair.Create(key, value)
            : throw new InputException($"{option} '{SafeText.Line(tag)}' is not a tag; write KEY=VALUE, or KEY=* for any value")),
    ];
}
