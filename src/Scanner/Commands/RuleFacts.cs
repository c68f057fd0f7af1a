using System.Globalization;
using System.Text.Json.Nodes;
using Scanner.Model;
using Scanner.Scan;

namespace Scanner.Commands;

/// <summary>Everything about one check or detection, for <c>scanner checks show</c>.</summary>
internal static class RuleFacts
{
    /// <summary>The facts, in the order in which they are read.</summary>
    /// <param name="rule">The check or detection.</param>
    /// <param name="folders">Where it was read from.</param>
    public static IReadOnlyList<RuleFact> Of(RuleInfo rule, CatalogFolders folders)
    {
        var facts = new List<RuleFact>
        {
            Text("id", "", rule.Id), Text("title", "", rule.Title), Text("fails", "", rule.Fails.Length > 0 ? rule.Fails : null), Text("severity", "", Names.Of(rule.Severity)),
            Text("kind", "", Names.Of(rule.Kind)), Text("service", "", rule.Service), Text("file", "", rule.File),
            Text("why", "Why", rule.Why),
            Text("default", "Default", rule.Source?.Default), Text("cost", "Cost", rule.Source?.Cost), Text("use", "Use", rule.Source?.Use),
            Text("fix_console", "Remediation in the console", rule.Fix.Console),
            Text("fix_cli", "Remediation with the AWS CLI", rule.Fix.Cli),
            Text("fix_terraform", "Remediation in Terraform", rule.Fix.Terraform),
            List("false_positives", "False positives", rule.FalsePositives, "\n"),
            ListAs("response", "Response", rule.Response, string.Join('\n', rule.Response.Select((step, i) => string.Create(CultureInfo.InvariantCulture, $"{i + 1}. {step}")))),
            List("controls", "Controls", [.. rule.Controls.Select(control => control.ToString())], ", "),
            ListAs("mitre", "MITRE ATT&CK", rule.Mitre, string.Join(", ", rule.Mitre.Select(AttackMatrix.Label))),
        };
        if (folders.Catalog.Checks.TryGetValue(rule.Id, out var check))
        {
            facts.Add(List("tables", "Tables", check.Tables, ", "));
            facts.Add(List("calls", "Calls", [.. check.Tables.SelectMany(table => folders.Catalog.Tables[table].Operations).Distinct().Select(call => $"{call.Service}:{call.Operation}")], ", "));
            facts.Add(Text("query", "Query", check.Query));
        }
        else if (folders.Catalog.Detections.FirstOrDefault(file => file.Ids.Contains(rule.Id, StringComparer.Ordinal)) is { } file)
        {
            facts.Add(Text("rule", "Rule", File.ReadAllText(file.Path)));
        }
        facts.Add(List("references", "References", rule.References, "\n"));
        return facts;
    }

    private static RuleFact Text(string name, string heading, string? text) => new(name, text, heading, text);

    private static RuleFact List(string name, string heading, IReadOnlyList<string> items, string between) => ListAs(name, heading, items, string.Join(between, items));

    private static RuleFact ListAs(string name, string heading, IReadOnlyList<string> items, string read) =>
        new(name, new JsonArray([.. items.Select(item => (JsonNode)item)]), heading, read);
}
