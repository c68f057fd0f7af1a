using System.Globalization;
using System.Text;
using Scanner.Aws.Client;
using Scanner.Aws.Models;
using Scanner.Catalog;
using Scanner.Model;

namespace Scanner.Scan;

/// <summary>The catalog as markdown: docs/checks.md is this text, and a test fails when they differ.</summary>
internal static class CatalogDocs
{
    public static string Write(CatalogFolders folders)
    {
        var catalog = folders.Catalog;
        var rules = folders.Rules().ToList();
        var text = new StringBuilder();
        text.Append("# Checks, detections and tables\n\nMade by `scanner checks docs`; do not edit.\n\n");
        text.Append(CultureInfo.InvariantCulture, $"{catalog.Checks.Count} checks, {rules.Count(rule => rule.Kind == FindingKind.Detection)} detections, {catalog.Tables.Count} tables.\n\n");

        text.Append("## Checks\n");
        foreach (var group in catalog.Checks.Values.GroupBy(check => check.Info.Service, StringComparer.Ordinal).OrderBy(group => group.Key, StringComparer.Ordinal))
        {
            text.Append(CultureInfo.InvariantCulture, $"\n### {group.Key}\n\n| Check | Severity | What must hold | Controls |\n|---|---|---|---|\n");
            foreach (var check in group)
                text.Append(CultureInfo.InvariantCulture, $"| `{check.Id}` | {Names.Of(check.Info.Severity)} | {Cell(check.Info.Title)} | {string.Join(", ", check.Info.Controls)} |\n");
        }

        text.Append("\n## How long logs may take\n\nA source that is younger is not judged by its silence; what a check looks back over is in the tables `aws_log_object` and `aws_log_traffic`.\n\n| Check | Hours | AWS |\n|---|--:|---|\n");
        foreach (var check in catalog.Checks.Values.Where(check => check.Evidence?.DelayDocumentation is not null).OrderBy(check => check.Id, StringComparer.Ordinal))
            text.Append(CultureInfo.InvariantCulture, $"| `{check.Id}` | {check.Evidence!.DelayHours} | <{check.Evidence.DelayDocumentation}> |\n");
        text.Append("\n## Detections\n\nTechniques and tactics are those of MITRE ATT&CK " + AttackMatrix.Version + ".\n\n| Detection | Level | MITRE ATT&CK | File |\n|---|---|---|---|\n");
        foreach (var rule in rules.Where(rule => rule.Kind == FindingKind.Detection).OrderBy(rule => rule.File, StringComparer.Ordinal))
            text.Append(CultureInfo.InvariantCulture, $"| {Cell(rule.Title)} | {Names.Of(rule.Severity)} | {string.Join(", ", rule.Mitre.Select(AttackMatrix.Label))} | `{Path.GetFileName(rule.File)}` |\n");

        text.Append("\n## Frameworks\n\n| Framework | Title | Controls | With checks | For a person alone |\n|---|---|--:|--:|--:|\n");
        foreach (var framework in catalog.Frameworks.Values)
            text.Append(CultureInfo.InvariantCulture, $"| `{framework.Id}` | {Cell(framework.Title)} | {framework.Controls.Count} | {framework.Controls.Count(control => control.Checks.Count > 0)} | {framework.Controls.Count(control => control.Checks.Count == 0)} |\n");

        text.Append("\n## Services\n\nA table of yours can read every operation of these services that reads and changes nothing, under the names of the AWS CLI and botocore; it needs no new release.\n\n| Service | Read operations | Tables |\n|---|--:|---|\n");
        foreach (var service in ServiceModel.ReadByTables)
        {
            var tables = catalog.Tables.Values.Where(table => table.Operations.Any(call => call.Service == service)).Select(table => $"`{table.Name}`");
            text.Append(CultureInfo.InvariantCulture, $"| `{service}` | {ServiceModel.Find(service)!.OperationNames.Count(name => ReadOnlyGuard.IsReading(service, name))} | {string.Join(", ", tables)} |\n");
        }

        var others = ServiceModel.Others.Select(service => (Service: service, Operations: ServiceModel.Find(service)!.OperationNames.Count())).ToList();
        text.Append(CultureInfo.InvariantCulture, $"\n### Other services\n\nOf {others.Count} more services, which no shipped table reads, a table of yours can read what lists and describes, and what gets settings or one of the things that can be listed: {others.Sum(other => other.Operations)} operations. ");
        text.Append("They have no members that AWS's own model calls sensitive or that could hold a secret by their name. The number is that of the operations.\n\n");
        text.Append(CultureInfo.InvariantCulture, $"{string.Join(", ", others.Select(other => $"`{other.Service}` {other.Operations}"))}.\n");
        text.Append("\n## Tables\n\nEvery table also has `account_id`, `region`, `resource_id` and `item` (the whole JSON).\n");
        foreach (var table in catalog.Tables.Values)
            text.Append(Of(table));
        return text.ToString();
    }

    /// <summary>One table: what it holds, what is asked for it, its columns.</summary>
    public static string Of(TableDefinition table)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"\n### {table.Name}\n\n{Cell(table.Title)}. ");
        text.Append(table.Scope == TableScope.Account ? "Once per account. " : "In each region. ");
        text.Append(table.IsMadeByScan
            ? "No call.\n\n"
            : $"Calls: {string.Join(", ", table.Operations.Distinct().Select(call => $"`{call.Service}:{call.Operation}`"))}.\n\n");
        text.Append("| Column | Type | About |\n|---|---|---|\n");
        foreach (var column in table.Columns)
            text.Append(CultureInfo.InvariantCulture, $"| `{column.Name}` | {TypeName(column.Type)} | {Cell(column.About)} |\n");
        return text.ToString();
    }

    private static string Cell(string text) => text.ReplaceLineEndings(" ").Replace("|", "\\|", StringComparison.Ordinal);

    /// <summary>A column's type, as a table's file spells it.</summary>
    /// <param name="type">The type.</param>
    public static string TypeName(ColumnType type) => type == ColumnType.TextList ? "text[]" : type.ToString().ToLowerInvariant();
}
