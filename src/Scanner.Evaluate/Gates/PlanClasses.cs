using System.Diagnostics.CodeAnalysis;
using Scanner.Catalog;
using Scanner.Catalog.Terraform;

namespace Scanner.Evaluate.Gates;

/// <summary>Tells what plans can say of a check, from what the tables' files say of the tables and columns that it reads.</summary>
internal static class PlanClasses
{
    /// <summary>Finds the class of a check.</summary>
    /// <param name="check">The check.</param>
    /// <param name="found">Its class; <see cref="PlanClass.Never"/> where it cannot be told.</param>
    /// <param name="problem">Why it cannot be told, with what to write in which file; null when it can.</param>
    public static bool TryClassify(CompiledCheck check, out PlanClass found, [NotNullWhen(false)] out string? problem)
    {
        problem = null;
        found = PlanClass.Never;
        if (check.Definition.NeverInTerraform)
            return true;
        var tables = check.Tables.Where(table => !BuiltInTables.IsBuiltIn(table.Name)).ToList();
        if (tables.Find(table => table.Terraform.Count == 0 && !table.NeverInTerraform) is { } silent)
        {
            problem = $"{silent.File} does not say what a Terraform plan knows of {silent.Name}: write a 'terraform:' section that maps every column, "
                + "or 'terraform: never' with the reason behind it (checks/README.md, \"Tables in Terraform plans\")";
            return false;
        }
        // Rows that no plan has can still excuse what a plan shows, where that is all that they can do.
        bool OnlyHelps(TableDefinition table) => table.Name != check.FirstTable && check.Definition.Helps.Contains(table.Name, StringComparer.Ordinal);
        if (tables.Count == 0 || tables.Exists(table => table.NeverInTerraform && !OnlyHelps(table)) || tables.Exists(table => ReadsWhatNoPlanHas(check, table) && !OnlyHelps(table)))
            return true;
        found = check.Definition.Scope != CheckScope.Resource && (BuiltInTables.IsBuiltIn(check.FirstTable) || tables[0].AccountFact) ? PlanClass.Presence
            : tables.Exists(table => table.Name != check.FirstTable && (table.AccountFact || table.MadeByAws || table.NeverInTerraform)) ? PlanClass.Excusable
            : PlanClass.Plan;
        return true;
    }

    private static bool ReadsWhatNoPlanHas(CompiledCheck check, TableDefinition table) =>
        // What the query uses is asked last: to know it costs parsing it.
        table.Terraform.Count > 0 && table.Columns.Any(column =>
            table.Terraform.All(mapping => mapping.Columns.First(one => one.Name == column.Name).Kind == TerraformColumnKind.Never)
            && check.UsesColumn(table, column.Name));
}
