using System.CommandLine;
using System.Text.Json.Nodes;
using Scanner.Collect.Events;
using Scanner.Collect.Policy;
using Scanner.Evaluate;
using Scanner.Model;
using Scanner.Scan;
using Scanner.Terminal;

namespace Scanner.Commands;

/// <summary><c>scanner policy</c>: the least-privilege IAM policy of the chosen checks.</summary>
internal static class PolicyCommand
{
    public static Command Create()
    {
        var format = ScanCommand.Format("json (default: the policy), terraform, or a row an action: table, jsonl or csv");
        var overlay = ScanCommand.Many("--checks", "DIR", "Folders laid over the shipped checks.");
        var framework = new Option<string>("--framework") { HelpName = "ID", Description = "Only what the checks of a framework read." };
        var only = ScanCommand.Many("--only", "ids", "Only what these checks read; * stands for anything.");
        var events = ScanCommand.Many("--events", "SOURCE", "What detections read too: lookup, s3://bucket, logs:GROUP, athena, lake. Default: lookup. none leaves it out.");
        var buckets = ScanCommand.Many("--evidence-buckets", "names", "Buckets that logs are delivered into: their keys may be listed, so that a scan sees whether files arrive. Default: none may.");
        var organization = new Option<bool>("--organization") { Description = "Add what scan and shard --organization ask of the management account." };
        var securityHub = new Option<bool>("--security-hub") { Description = "Print the policy of scan --send-security-hub alone: the one right to write, which is in no other." };
        var command = new Command("policy", """
            Print the least-privilege IAM policy of the chosen checks: exactly the operations that their tables use, every action
            by name, none that changes anything. terraform/policy/scanner-policy.json is this output.
            """)
        {
            format, overlay, framework, only, events, buckets, organization, securityHub,
        };
        command.SetAction(parsed =>
        {
            var form = ScanCommand.Text(parsed, format) ?? "json";
            if (form != "terraform" && !Listing.Is(form))
                throw Listing.Unknown(form, "json, terraform, table, jsonl or csv");
            if (parsed.GetValue(securityHub))
            {
                Write(PolicyGenerator.SecurityHub, form, parsed.InvocationConfiguration.Output);
                return ExitCode.Clean;
            }
            var folders = new CatalogFolders(ScanCommand.Items(parsed, overlay));
            // Without a choice every table counts, whole, those too that no check reads yet: a kept store collects them all.
            var chosen = (Framework: ScanCommand.Text(parsed, framework), Only: ScanCommand.Items(parsed, only));
            using var evaluator = new CheckEvaluator(folders.Catalog, proven: folders.IsShipped, engine: OwnProgram.Engine);
            evaluator.ValidateTables(folders.Catalog.Tables.Values);
            var tables = chosen.Framework is null && chosen.Only.Count == 0 ? folders.Catalog.Tables.Values
                : evaluator.TablesOf(new RuleSelection(folders.Catalog, chosen.Framework, null, chosen.Only).Checks(folders.Catalog));
            var (inputs, logs, groups) = Sources(ScanCommand.Items(parsed, events));
            if (parsed.GetValue(organization))
                inputs |= PolicyInputs.Organization;
            var policy = PolicyGenerator.Generate(tables, inputs, logs, groups, ScanCommand.Items(parsed, buckets));
            Write(policy, form, parsed.InvocationConfiguration.Output);
            return ExitCode.Clean;
        });
        return command;
    }

    private static void Write(AccessPolicy policy, string form, TextWriter output)
    {
        if (form is "json" or "terraform")
        {
            output.WriteLine((form == "json" ? policy.ToJson() : policy.ToTerraform()).TrimEnd());
            return;
        }
        var listing = Listing.Open(form, output, Listing.Words);
        listing.Columns(["service", "action", "resources", "sid"]);
        foreach (var statement in policy.Statements)
        {
            foreach (var action in statement.Actions)
                listing.Row([action.Split(':')[0], action, new JsonArray([.. statement.Resources.Select(resource => (JsonNode)resource)]), statement.Sid]);
        }
        listing.End();
    }

    /// <summary>What the sources of events need, and the buckets and log groups that they name; none: every one.</summary>
    private static (PolicyInputs Inputs, IReadOnlyList<string> Buckets, IReadOnlyList<string> Groups) Sources(IReadOnlyList<string> sources)
    {
        var inputs = PolicyInputs.None;
        var logs = new List<string>();
        var results = new List<string>();
        var groups = new List<string>();
        foreach (var source in sources.Count == 0 ? ["lookup"] : sources)
        {
            // As scan takes them, so that one value does for both.
            var place = source is "none" or "athena" or "lake" or "logs" ? null : EventLocation.Parse(source);
            inputs |= source switch
            {
                "none" => PolicyInputs.None,
                "lookup" => PolicyInputs.LookupEvents,
                "athena" => PolicyInputs.Athena,
                "lake" => PolicyInputs.CloudTrailLake,
                "logs" => PolicyInputs.LogGroups,
                _ when place is { IsEngine: true } => place.Athena is null ? PolicyInputs.CloudTrailLake : PolicyInputs.Athena,
                _ when place?.Bucket is not null => PolicyInputs.LogBuckets,
                _ when place?.Group is not null => PolicyInputs.LogGroups,
                _ => throw new InputException($"--events '{SafeText.Line(source)}' is not known; it is lookup, s3://bucket, logs:GROUP, athena, lake or none"),
            };
            if (place?.Bucket is { } log)
                logs.Add(log.Bucket);
            if (place?.Group is { } group)
                groups.Add(group.Name);
            if (place?.Athena?.Output is { } output)
                results.Add(output["s3://".Length..].Split('/')[0]);
        }

        // A results bucket alone would shut the logs out, which Athena reads with the same rights.
        if (logs.Count == 0 && (inputs & (PolicyInputs.LogBuckets | PolicyInputs.Athena)) != PolicyInputs.None)
            Consoles.Complain("the bucket of the logs is not known, so the policy lets every bucket be read; name it with --events s3://BUCKET too");
        else if (logs.Count > 0 && results.Count == 0 && inputs.HasFlag(PolicyInputs.Athena))
            Consoles.Complain("the bucket of Athena's results is not known, so the policy lets the named buckets alone be read; unless results are managed, name it with ?output=s3://BUCKET or --events s3://BUCKET");
        return (inputs, logs.Count == 0 ? [] : [.. logs, .. results], groups);
    }
}
